//! How a figure grows: with which power of what it depends on.

use results::Table;

/// For each column of `table` but the first, which has the steps, a line that says so.
pub(super) fn notes(table: &Table) -> Vec<String> {
    let lines = (1..table.columns.len()).filter_map(|column| {
        let points = points(table, column);
        let all = exponent(&points)?;
        let last = exponent(&points[points.len().saturating_sub(2)..])?;
        let (name, steps) = (&table.columns[column].name, &table.columns[0].name);
        Some(format!(
            "{name} grows with {steps} to the power of {all:.2}, in the last step of {last:.2}"
        ))
    });
    lines.collect()
}

/// Steps and figures of a column, without those that were not measured.
fn points(table: &Table, column: usize) -> Vec<(f64, f64)> {
    table.rows.iter().filter_map(|row| Some((row.cells[0]?, row.cells[column]?))).collect()
}

/// The slope of the line through the logarithms of `points` that has the least squares; none for
/// fewer than two points, or where there is no logarithm.
fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x_mean, y_mean) = (mean(|log| log.0), mean(|log| log.1));
    let products: f64 = logs.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    let squares: f64 = logs.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    Some(products / squares).filter(|slope| slope.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(points: &[(f64, f64)], expected: Option<f64>) {
        let found = exponent(points);
        let is_near = |(found, expected): (f64, f64)| (found - expected).abs() < 1e-9;
        assert!(found.zip(expected).map_or(found == expected, is_near), "{points:?}: {found:?}");
    }

    #[test]
    fn slopes() {
        check(&[(10.0, 3.0), (1000.0, 300.0)], Some(1.0));
        check(&[(1.0, 5.0), (10.0, 5.0), (100.0, 5.0)], Some(0.0));
        check(&[(1.0, 1.0), (2.0, 4.0), (4.0, 16.0), (8.0, 64.0)], Some(2.0));
        // Of slopes 0 and 1.
        check(&[(1.0, 1.0), (10.0, 1.0), (100.0, 10.0)], Some(0.5));
    }

    #[test]
    fn no_slope() {
        check(&[], None);
        check(&[(10.0, 1.0)], None);
        check(&[(10.0, 1.0), (10.0, 2.0)], None);
        check(&[(10.0, 0.0), (100.0, 1.0)], None);
    }

    #[test]
    fn a_line_for_each_column() {
        let mut table =
            Table::new("tea", "tea", &[("cups", "", 0), ("water", "l", 1), ("milk", "l", 1)]);
        table.push("1", true, &[Some(1.0), Some(1.0), None]);
        table.push("10", true, &[Some(10.0), Some(1.0), None]);
        table.push("100", true, &[Some(100.0), Some(10.0), Some(1.0)]);
        let line = "water grows with cups to the power of 0.50, in the last step of 1.00";
        assert_eq!(notes(&table), [line]);
    }
}
