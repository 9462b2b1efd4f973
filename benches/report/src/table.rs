//! A table as HTML, which scrolls in its own box where a window is narrow.

use results::{Column, Row, Table};

use crate::chart::{cell, is_marked, name, why};
use crate::figure::{exact, unit};
use crate::html::escaped;

/// All rows in their order; empty where there is none.
pub(crate) fn table(table: &Table) -> String {
    if table.rows.is_empty() {
        return "<p class=\"note\">Nothing was measured.</p>\n".into();
    }
    let heads: String = table.columns.iter().map(head).collect();
    let is_noted = table.rows.iter().any(|row| row.note.is_some());
    let rows: String = table.rows.iter().map(|row| self::row(table, row, is_noted)).collect();
    let note = if is_noted { "<td></td>" } else { "" };
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n\
         <thead><tr><td></td>{heads}{note}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n",
        escaped(&table.title)
    )
}

fn head(column: &Column) -> String {
    let unit = match unit(&column.unit) {
        "" => String::new(),
        unit => format!(" <span class=\"soft\">{}</span>", escaped(unit)),
    };
    format!("<th scope=\"col\">{}{unit}</th>", escaped(&column.name))
}

fn row(table: &Table, row: &Row, is_noted: bool) -> String {
    let class = if is_marked(table, row) { " class=\"ours\"" } else { "" };
    let figures: Vec<Option<f64>> = (0..table.columns.len()).map(|at| cell(row, at)).collect();
    let cells = if figures.iter().all(Option::is_none) {
        missing(&why(row), figures.len() + usize::from(is_noted))
    } else {
        let cells = table.columns.iter().zip(figures).map(|(column, figure)| match figure {
            Some(figure) => format!("<td>{}</td>", exact(figure, column.digits)),
            // The note says why; it may also be that there cannot be one.
            None => "<td class=\"soft\">–</td>".into(),
        });
        cells.collect::<String>() + &note(row, is_noted)
    };
    format!("<tr{class}><th scope=\"row\">{}</th>{cells}</tr>\n", escaped(&name(table, row)))
}

fn missing(why: &str, columns: usize) -> String {
    format!("<td class=\"missing soft\" colspan=\"{columns}\"><p>{}</p></td>", escaped(why))
}

fn note(row: &Row, is_noted: bool) -> String {
    let note = row.note.as_deref().unwrap_or_default();
    if is_noted { format!("<td class=\"text soft\">{}</td>", escaped(note)) } else { String::new() }
}
