//! Drawings of tables.
//!
//! Each is made twice, for a phone and for a wide window, of which a page shows one: what is scaled
//! down to a phone cannot be read there.

mod axis;
mod bars;
mod canvas;
mod lines;

use results::{Chart, Results, Row, Table};

use crate::html;
use bars::Bars;
pub(crate) use canvas::style;
use canvas::{Canvas, Ink, Side, Type};

/// Of a window in which text and margins leave as much.
const WIDE: f64 = 832.0;
/// Of a phone with 360 pixels.
const NARROW: f64 = 328.0;
/// In the names of what is ours.
const PIPKIN: &str = "pipkin";
/// Between two drawings side by side.
const GUTTER: f64 = 24.0;

/// Where something is drawn.
#[derive(Clone, Copy)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
}

impl Area {
    fn is_narrow(self) -> bool {
        self.width < 500.0
    }
}

/// The drawings of a table as HTML; empty where it has none.
pub(crate) fn chart(table: &Table) -> String {
    let drawn: String = [("wide", WIDE), ("narrow", NARROW)]
        .into_iter()
        .map(|(class, width)| (class, drawings(table, width)))
        .filter(|(_, drawings)| !drawings.is_empty())
        .map(|(class, drawings)| {
            let svg: String = drawings.iter().map(Canvas::svg).collect();
            format!("<div class=\"{class}\">{svg}</div>\n")
        })
        .collect();
    if drawn.is_empty() {
        return drawn;
    }
    let (title, axis) = (html::escaped(&table.title), html::escaped(&axis(table)));
    format!(
        "<figure>\n<figcaption>{axis}</figcaption>\n\
         <div class=\"chart\" role=\"img\" aria-label=\"{title}\">\n{drawn}</div>\n</figure>\n"
    )
}

fn drawings(table: &Table, width: f64) -> Vec<Canvas> {
    match &table.chart {
        None => Vec::new(),
        Some(Chart::Bars { column, is_log }) => {
            let bars = Bars::new(table, *column, *is_log);
            bars.iter().map(|bars| draw_bars(bars, width)).collect()
        }
        Some(Chart::Lines { x, ys }) => {
            let panels = lines::panels(table, *x, ys);
            let is_pair = width == WIDE && panels.len() > 1;
            let width = if is_pair { (width - GUTTER) / 2.0 } else { width };
            panels.iter().map(|panel| panel.draw(width)).collect()
        }
    }
}

fn draw_bars(bars: &Bars, width: f64) -> Canvas {
    let area = Area { x: 0.0, y: 0.0, width };
    let mut canvas = Canvas::new(width, bars.height(area));
    bars.draw(&mut canvas, area);
    canvas
}

/// What is drawn, and how the axis is read.
fn axis(table: &Table) -> String {
    const LOG: &str = "logarithmic: each line is ten times the one before";
    match &table.chart {
        Some(Chart::Bars { column, is_log }) => {
            let name = table.columns.get(*column).map_or("", |column| &column.name);
            if *is_log { format!("{name} ({LOG})") } else { name.into() }
        }
        Some(Chart::Lines { .. }) => "Both axes are logarithmic.".into(),
        None => String::new(),
    }
}

/// The table of sizes of one page, drawn to be shown alone.
pub(crate) fn ladder(results: &Results) -> Option<Canvas> {
    const MARGIN: f64 = 32.0;
    let (section, table) = crate::page::ladder(results)?;
    let Some(Chart::Bars { column, is_log }) = table.chart else { return None };
    let bars = Bars::new(table, column, is_log)?;
    let area = Area { x: MARGIN, y: 100.0, width: WIDE };
    let height = area.y + bars.height(area);
    let mut canvas = Canvas::new(WIDE + 2.0 * MARGIN, height + 52.0).on_paper();
    let title = Type { size: 22, is_bold: true, ink: Ink::Text };
    let quiet = Type { size: 12, is_bold: false, ink: Ink::Soft };
    canvas.text(
        (MARGIN, 48.0),
        Side::Right,
        &title.fitted(&html::capital(&table.title), WIDE),
        title,
    );
    canvas.text((MARGIN, 72.0), Side::Right, &quiet.fitted(&axis(table), WIDE), quiet);
    bars.draw(&mut canvas, area);
    let source = format!("{}, {}", section.command, results.machine.date);
    canvas.text((MARGIN, height + 28.0), Side::Right, &source, quiet);
    Some(canvas)
}

/// How a row is written.
fn look(is_ours: bool) -> Type {
    Type { size: 13, is_bold: is_ours, ink: Ink::Text }
}

/// Whether a row is set off as ours: there are others.
pub(crate) fn is_marked(table: &Table, row: &Row) -> bool {
    row.is_ours && !table.rows.iter().all(|row| row.is_ours)
}

/// A row's name; of ours among others it says so.
pub(crate) fn name(table: &Table, row: &Row) -> String {
    if is_marked(table, row) && !row.name.contains(PIPKIN) {
        format!("{} ({PIPKIN})", row.name)
    } else {
        row.name.clone()
    }
}

/// A figure that there is.
pub(crate) fn cell(row: &Row, column: usize) -> Option<f64> {
    row.cells.get(column).copied().flatten().filter(|figure| figure.is_finite())
}

/// That a figure is missing; why, where the row's note can only say that.
pub(crate) fn why(row: &Row) -> String {
    let is_empty = (0..row.cells.len()).all(|column| cell(row, column).is_none());
    match row.note.as_deref().filter(|_| is_empty) {
        None => "missing".into(),
        Some(note) if note.starts_with("missing") => note.into(),
        Some(note) => format!("missing: {note}"),
    }
}
