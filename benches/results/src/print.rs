//! Sections as text on a terminal, and tables as CSV.

use std::fmt::{self, Display, Formatter};

use crate::{Column, Section, Table};

impl Display for Section {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))?;
        self.tables.iter().try_for_each(|table| write!(f, "\n{table}"))
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let name_chars = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        let columns: Vec<Vec<String>> = (0..self.columns.len()).map(|at| self.column(at)).collect();
        let widths: Vec<usize> = columns.iter().map(|column| width(column)).collect();
        for line in 0..=self.rows.len() {
            let name = line.checked_sub(1).map_or("", |row| &self.rows[row].name);
            write!(f, "  {name:<name_chars$}")?;
            for (column, width) in columns.iter().zip(&widths) {
                write!(f, "  {:>width$}", column[line])?;
            }
            writeln!(f)?;
        }
        let noted = self.rows.iter().filter_map(|row| Some((&row.name, row.note.as_ref()?)));
        noted.into_iter().try_for_each(|(name, note)| writeln!(f, "  {name}: {note}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))
    }
}

impl Table {
    /// The table as CSV: a line of column names, then one for each row, its note at the end.
    ///
    /// Source: RFC 4180.
    pub fn csv(&self) -> String {
        let heads = self.columns.iter().map(Column::head);
        let mut lines =
            vec![std::iter::once("name".into()).chain(heads).chain(["note".into()]).collect()];
        for row in &self.rows {
            let cells =
                self.columns.iter().zip(&row.cells).map(|(column, cell)| column.cell(*cell));
            let note = row.note.clone().unwrap_or_default();
            lines.push(std::iter::once(row.name.clone()).chain(cells).chain([note]).collect());
        }
        let line = |fields: Vec<String>| {
            fields.iter().map(|field| quoted(field)).collect::<Vec<_>>().join(",") + "\r\n"
        };
        lines.into_iter().map(line).collect()
    }

    /// The head and the cells of a column, as text.
    fn column(&self, at: usize) -> Vec<String> {
        let column = &self.columns[at];
        let cells = self.rows.iter().map(|row| match row.cells[at] {
            None => "-".into(),
            cell => column.cell(cell),
        });
        std::iter::once(column.head()).chain(cells).collect()
    }
}

impl Column {
    /// The name, with its unit.
    pub fn head(&self) -> String {
        if self.unit.is_empty() {
            self.name.clone()
        } else {
            format!("{} {}", self.name, self.unit)
        }
    }

    /// A figure of it as text; none is empty.
    pub fn cell(&self, figure: Option<f64>) -> String {
        figure.map_or(String::new(), |figure| format!("{figure:.*}", self.digits))
    }
}

fn width(column: &[String]) -> usize {
    column.iter().map(|text| text.chars().count()).max().unwrap_or(0)
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.into()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Section, Table};

    fn table() -> Table {
        let columns = [("files", "B", 0), ("times", "", 1)];
        let mut table = Table::new("sizes", "one page", &columns);
        table.push("pipkin", true, &[Some(512.0), Some(1.0)]);
        table.push("nginx", false, &[Some(5_120_000.0), None]).note = Some("it logs, too".into());
        table.push_missing("caddy", "no package \"caddy\"");
        table.notes.push("The page has 12 bytes.".into());
        table
    }

    #[test]
    fn a_section_is_printed() {
        let section = Section {
            name: "sizes".into(),
            title: "Sizes".into(),
            command: "cargo xtask bench sizes".into(),
            notes: vec!["All by the same packer.".into()],
            tables: vec![table()],
        };
        let expected = "\
Sizes
  All by the same packer.

one page
          files B  times
  pipkin      512    1.0
  nginx   5120000      -
  caddy         -      -
  nginx: it logs, too
  caddy: missing: no package \"caddy\"
  The page has 12 bytes.
";
        assert_eq!(section.to_string(), expected);
    }

    #[test]
    fn a_table_is_csv() {
        let expected = "name,files B,times,note\r\n\
                        pipkin,512,1.0,\r\n\
                        nginx,5120000,,\"it logs, too\"\r\n\
                        caddy,,,\"missing: no package \"\"caddy\"\"\"\r\n";
        assert_eq!(table().csv(), expected);
    }
}
