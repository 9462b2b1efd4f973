//! A table of rivals that all do the same, by the bytes of their images.

use results::{Chart, Table};

use super::rival::{Class, Measured, Place, Rival};
use super::{Bytes, Wanted, reason};

/// Rivals of one class.
pub(super) struct Ladder {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) notes: &'static [&'static str],
    pub(super) rivals: &'static [Rival],
    /// The rival whose multiples the last column has.
    pub(super) unit: &'static str,
    pub(super) class: Class,
}

const IMAGE: &[(&str, &str, usize)] =
    &[("files", "B", 0), ("archive", "B", 0), ("registry", "B", 0)];
const BASE: &[(&str, &str, usize)] = &[("base files", "B", 0), ("base registry", "B", 0)];

impl Ladder {
    /// The table of those that are wanted, and of the unit; nothing when none is.
    pub(super) fn measure(&self, place: &Place, wanted: &Wanted) -> Option<Table> {
        let is_wanted = |rival: &&Rival| wanted.wants(self.name, rival.name);
        self.rivals.iter().find(is_wanted)?;
        let times = [(&*format!("x {}", self.unit), "", 2)];
        let base = if self.class.has_base { BASE } else { &[] };
        let mut table = Table::new(self.name, self.title, &[IMAGE, base, &times].concat());
        table.notes.extend(self.notes.iter().map(ToString::to_string));
        table.chart = Some(Chart::Bars { column: 0, is_log: true });
        let mut versions = Vec::new();
        for rival in self.rivals.iter().filter(|r| is_wanted(r) || r.name == self.unit) {
            eprintln!("{}: {}", self.name, rival.name);
            versions.extend(self.add(rival, place, &mut table));
        }
        compare(&mut table, self.unit);
        sort(&mut table);
        table.notes.extend(listed(versions));
        Some(table)
    }

    /// Adds the row of `rival`; the versions of what is in it.
    fn add(&self, rival: &Rival, place: &Place, table: &mut Table) -> Vec<(String, String)> {
        match rival.measure(place, &self.class) {
            Ok(Measured { image, base, versions }) => {
                let row = table.push(rival.name, rival.is_ours(), &self.cells(image, base));
                row.note = (!rival.note.is_empty()).then(|| rival.note.into());
                versions
            }
            Err(why) => {
                table.push_missing(rival.name, &reason(&why.to_string()));
                if let Some(row) = table.rows.last_mut() {
                    row.is_ours = rival.is_ours();
                }
                Vec::new()
            }
        }
    }

    /// All but the multiple, which is known in the end.
    fn cells(&self, image: Bytes, base: Option<Bytes>) -> Vec<Option<f64>> {
        let number = |bytes: u64| Some(bytes as f64);
        let mut cells =
            vec![number(image.files), image.archive.and_then(number), number(image.registry)];
        if self.class.has_base {
            cells.push(base.and_then(|base| number(base.files)));
            cells.push(base.and_then(|base| number(base.registry)));
        }
        cells.push(None);
        cells
    }
}

/// Fills the last column: the first one as a multiple of that of `unit`.
fn compare(table: &mut Table, unit: &str) {
    let unit = table.rows.iter().find(|row| row.name == unit).and_then(|row| row.cells[0]);
    for row in &mut table.rows {
        let times = row.cells[0].zip(unit).map(|(files, unit)| files / unit);
        if let Some(last) = row.cells.last_mut() {
            *last = times;
        }
    }
}

/// The smallest first, what is missing last.
fn sort(table: &mut Table) {
    table.rows.sort_by_key(|row| row.cells[0].map_or(u64::MAX, |files| files as u64));
}

/// The versions as a note, each once.
fn listed(mut versions: Vec<(String, String)>) -> Option<String> {
    versions.sort();
    versions.dedup();
    let words: Vec<_> =
        versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    (!words.is_empty()).then(|| format!("Versions: {}.", words.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_are_of_the_unit_and_the_smallest_comes_first() {
        let mut table = Table::new("t", "t", &[("files", "B", 0), ("x site", "", 2)]);
        table.push("nginx", false, &[Some(500.0), None]);
        table.push_missing("caddy", "it is not there");
        table.push("site", true, &[Some(200.0), None]);
        compare(&mut table, "site");
        let times: Vec<_> = table.rows.iter().map(|row| row.cells[1]).collect();
        assert_eq!(times, [Some(2.5), None, Some(1.0)]);
        sort(&mut table);
        let names: Vec<_> = table.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["site", "nginx", "caddy"]);
        compare(&mut table, "caddy");
        assert!(table.rows.iter().all(|row| row.cells[1].is_none()));
    }

    #[test]
    fn versions_are_listed_once() {
        let version = |name: &str, version: &str| (name.to_string(), version.to_string());
        let versions = vec![version("gcc", "12"), version("caddy", "2.6"), version("gcc", "12")];
        assert_eq!(listed(versions).as_deref(), Some("Versions: caddy 2.6, gcc 12."));
        assert_eq!(listed(Vec::new()), None);
    }
}
