//! What a ladder comes to, in a sentence, whoever is first.

use results::{Chart, Row, Table};

use crate::chart::{cell, name};
use crate::figure::{exact, short};
use crate::html::escaped;

/// The least of ours beside the least of the others; none where one of them is missing.
pub(crate) fn lead(table: &Table) -> Option<String> {
    let Some(Chart::Bars { column, .. }) = table.chart else { return None };
    let least = |is_ours: bool| -> Option<(f64, &Row)> {
        let rows = table.rows.iter().filter(|row| row.is_ours == is_ours);
        let figures = rows.filter_map(|row| Some((cell(row, column)?, row)));
        figures.filter(|(figure, _)| *figure > 0.0).min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let (ours, theirs) = (least(true)?, least(false)?);
    let column = table.columns.get(column)?;
    let (first, second) = if ours.0 <= theirs.0 { (ours, theirs) } else { (theirs, ours) };
    let times = second.0 / first.0;
    Some(format!(
        "{}: <strong>{}</strong>. {}: {}, {} times as much.",
        escaped(&name(table, first.1)),
        short(first.0, column),
        escaped(&name(table, second.1)),
        short(second.0, column),
        exact(times, usize::from(times < 10.0))
    ))
}
