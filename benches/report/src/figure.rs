//! Figures as people read them: `8,846 B`, `4.0 MB`.

use results::Column;

/// Up to here a figure is exact, since so are the records; above, it has the next unit.
const EXACT_MAX: f64 = 10_000.0;

/// Units with what the next one has of them.
const UNITS: &[(f64, &[&str])] = &[
    (1000.0, &["B", "kB", "MB", "GB", "TB"]),
    (1024.0, &["KiB", "MiB", "GiB", "TiB"]),
    (1000.0, &["ns", "µs", "ms", "s"]),
];

/// The unit as it is written: `µs` for `us`.
pub(crate) fn unit(name: &str) -> &str {
    if name == "us" { "µs" } else { name }
}

/// All digits, thousands apart: `1,234,567.8`.
pub(crate) fn exact(figure: f64, digits: usize) -> String {
    let text = format!("{figure:.digits$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, whole) = whole.split_at(whole.len() - whole.trim_start_matches('-').len());
    let mut apart = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart + fraction
}

/// A figure of `column` in a few characters, with its unit.
pub(crate) fn short(figure: f64, column: &Column) -> String {
    let name = unit(&column.unit);
    if figure < EXACT_MAX {
        return with_unit(&exact(figure, column.digits), name);
    }
    match climb(figure, name, 999.5) {
        (figure, same) if same == name => with_unit(&exact(figure, column.digits), name),
        (figure, name) => with_unit(&exact(figure, usize::from(figure < 99.95)), name),
    }
}

/// A round figure beside an axis: `10 kB`.
pub(crate) fn tick(figure: f64, name: &str) -> String {
    let name = unit(name);
    let (larger, next) = climb(figure, name, 1000.0);
    // 50,000 KiB are no round number of MiB.
    let (figure, name) = if digits(larger) > 1 { (figure, name) } else { (larger, next) };
    with_unit(&exact(figure, digits(figure)), name)
}

/// How many digits behind the point a round figure has.
fn digits(figure: f64) -> usize {
    let is_whole = |digits: &i32| is_whole(figure * 10_f64.powi(*digits));
    (0..9).find(is_whole).unwrap_or(9).unsigned_abs() as usize
}

/// The figure in the unit in which it is below `max`, if there is one.
fn climb(mut figure: f64, name: &str, max: f64) -> (f64, &str) {
    let found = UNITS.iter().find_map(|(step, names)| {
        let at = names.iter().position(|unit| *unit == name)?;
        Some((step, &names[at..]))
    });
    let Some((step, names)) = found else { return (figure, name) };
    let mut names = names.iter().copied().peekable();
    let mut name = names.next().unwrap_or(name);
    while figure >= max {
        let Some(next) = names.next() else { break };
        (figure, name) = (figure / step, next);
    }
    (figure, name)
}

/// Up to what is lost in computing it.
fn is_whole(figure: f64) -> bool {
    (figure - figure.round()).abs() <= figure.abs() * 1e-9
}

fn with_unit(figure: &str, name: &str) -> String {
    // A line may not break between them.
    if name.is_empty() { figure.to_owned() } else { format!("{figure}\u{a0}{name}") }
}

#[cfg(test)]
mod tests {
    use results::Column;

    use super::{exact, short, tick};

    #[track_caller]
    fn check_exact(figure: f64, digits: usize, expected: &str) {
        assert_eq!(exact(figure, digits), expected);
    }

    #[test]
    fn thousands_are_apart() {
        check_exact(0.0, 0, "0");
        check_exact(999.0, 0, "999");
        check_exact(1000.0, 0, "1,000");
        check_exact(1_234_567.891, 2, "1,234,567.89");
        check_exact(-12_345.0, 1, "-12,345.0");
        check_exact(-123.0, 0, "-123");
        check_exact(0.05, 1, "0.1");
    }

    #[track_caller]
    fn check_short(figure: f64, unit: &str, digits: usize, expected: &str) {
        let column = Column { name: String::new(), unit: unit.into(), digits };
        assert_eq!(short(figure, &column).replace('\u{a0}', " "), expected);
    }

    #[test]
    fn at_bars() {
        check_short(8846.0, "B", 0, "8,846 B");
        check_short(9999.0, "B", 0, "9,999 B");
        check_short(10_000.0, "B", 0, "10.0 kB");
        check_short(99_960.0, "B", 0, "100 kB");
        check_short(999_600.0, "B", 0, "1.0 MB");
        check_short(4_012_345.0, "B", 0, "4.0 MB");
        check_short(112_900_000.0, "B", 0, "113 MB");
        check_short(1e9, "B", 0, "1.0 GB");
        check_short(5e15, "B", 0, "5,000 TB");
        check_short(20_480.0, "KiB", 0, "20.0 MiB");
        check_short(6.75, "us", 2, "6.75 µs");
        check_short(12_345.6, "us", 1, "12.3 ms");
        check_short(86_400.0, "s", 1, "86,400.0 s");
        check_short(123_456.0, "req/s", 0, "123,456 req/s");
        check_short(123_456.0, "", 0, "123,456");
    }

    #[track_caller]
    fn check_tick(figure: f64, unit: &str, expected: &str) {
        assert_eq!(tick(figure, unit).replace('\u{a0}', " "), expected);
    }

    #[test]
    fn at_axes() {
        check_tick(0.0, "B", "0 B");
        check_tick(1.0, "B", "1 B");
        check_tick(1000.0, "B", "1 kB");
        check_tick(1500.0, "B", "1.5 kB");
        check_tick(10_f64.powi(7), "B", "10 MB");
        check_tick(0.001, "us", "0.001 µs");
        check_tick(50_000.0, "KiB", "50,000 KiB");
        check_tick(50_000.0, "req/s", "50,000 req/s");
        check_tick(0.1 + 0.2, "", "0.3");
    }
}
