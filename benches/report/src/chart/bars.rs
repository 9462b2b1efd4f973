//! A bar for each row, the shortest first, with its name and its figure beside it.

use results::{Column, Row, Table};

use super::axis::Axis;
use super::canvas::{Canvas, Ink, Side, Type};
use super::{Area, cell, is_marked, look, name, why};
use crate::figure::{self, short};

/// Above the rows: the axis.
const HEAD: f64 = 26.0;
/// Between a bar and what is said of it.
const GAP: f64 = 8.0;
/// A share of the width that no name exceeds.
const NAME_MAX: f64 = 0.4;

/// About as many lines has an axis from zero.
const TICKS: usize = 5;

/// Figures of an axis.
const TICK: Type = Type { size: 11, is_bold: false, ink: Ink::Soft };

/// A table's bars.
pub(super) struct Bars<'a> {
    column: &'a Column,
    bars: Vec<Bar>,
    axis: Axis,
}

struct Bar {
    name: String,
    is_ours: bool,
    /// Or why there is none.
    figure: Result<f64, String>,
}

/// How rows are arranged.
#[derive(Clone, Copy)]
struct Rows {
    /// From one to the next.
    step: f64,
    /// From the top of a row to that of its bar.
    bar_top: f64,
    bar_height: f64,
    /// From the top of a row to the base line of its text.
    base: f64,
    /// Whether names and figures are above their bars.
    is_narrow: bool,
}

const WIDE: Rows =
    Rows { step: 27.0, bar_top: 4.0, bar_height: 18.0, base: 17.5, is_narrow: false };
const NARROW: Rows =
    Rows { step: 39.0, bar_top: 18.0, bar_height: 11.0, base: 13.0, is_narrow: true };

impl Rows {
    fn of(area: Area) -> Self {
        if area.is_narrow() { NARROW } else { WIDE }
    }
}

impl<'a> Bars<'a> {
    /// Those of `column`; none where there is no figure to draw.
    pub(super) fn new(table: &'a Table, column: usize, is_log: bool) -> Option<Self> {
        let bar = |row: &Row| Bar {
            name: name(table, row),
            is_ours: is_marked(table, row),
            figure: cell(row, column).ok_or_else(|| why(row)),
        };
        let mut bars: Vec<Bar> = table.rows.iter().map(bar).collect();
        let key = |bar: &Bar| bar.figure.clone().unwrap_or(f64::INFINITY);
        bars.sort_by(|a, b| key(a).total_cmp(&key(b)));
        let figures: Vec<f64> = bars.iter().filter_map(|bar| bar.figure.clone().ok()).collect();
        let axis = Axis::of_bars(&figures, is_log)?;
        Some(Self { column: table.columns.get(column)?, bars, axis })
    }

    /// How high the drawing is in a place of this width.
    pub(super) fn height(&self, area: Area) -> f64 {
        HEAD + self.bars.len() as f64 * Rows::of(area).step
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, area: Area) {
        let rows = Rows::of(area);
        let (from, to) = self.span(area, rows);
        self.draw_axis(canvas, area, (from, to));
        for (at, bar) in self.bars.iter().enumerate() {
            let top = area.y + HEAD + at as f64 * rows.step;
            let end = from + self.share(bar) * (to - from);
            // A bar that is there is seen, however short.
            let end = if self.share(bar) > 0.0 { end.max(from + 1.0) } else { end };
            let ink = if bar.is_ours { Ink::Ours } else { Ink::Others };
            if end > from {
                canvas.rect((from, top + rows.bar_top), (end - from, rows.bar_height), ink);
            }
            self.label(canvas, bar, (from, end), Area { y: top, ..area });
        }
    }

    /// Of the bars: from where to where.
    fn span(&self, area: Area, rows: Rows) -> (f64, f64) {
        let right = area.x + area.width;
        if rows.is_narrow {
            return (area.x, right);
        }
        let names = self.bars.iter().map(|bar| look(bar.is_ours).width(&bar.name));
        let names = names.fold(0.0, f64::max).min(area.width * NAME_MAX);
        let there = self.bars.iter().filter(|bar| bar.figure.is_ok());
        let figures = there.map(|bar| look(bar.is_ours).width(&self.figure(bar, right)));
        (area.x + names + GAP, right - figures.fold(0.0, f64::max) - GAP)
    }

    /// How much of the axis a bar takes.
    fn share(&self, bar: &Bar) -> f64 {
        bar.figure.as_ref().map_or(0.0, |figure| self.axis.at(*figure))
    }

    /// The figure, or as much as fits of why there is none.
    fn figure(&self, bar: &Bar, width: f64) -> String {
        match &bar.figure {
            Ok(figure) => short(*figure, self.column),
            Err(why) => look(false).fitted(why, width),
        }
    }

    /// A line for each round figure, and the figure where there is place for it.
    fn draw_axis(&self, canvas: &mut Canvas, area: Area, (from, to): (f64, f64)) {
        let ticks = self.axis.ticks(TICKS);
        let texts: Vec<_> =
            ticks.iter().map(|tick| figure::tick(*tick, &self.column.unit)).collect();
        let widest = texts.iter().map(|text| TICK.width(text)).fold(0.0, f64::max);
        let every = (ticks.len() as f64 * widest / (to - from)).ceil().max(1.0) as usize;
        let mut free = area.x;
        for (at, (tick, text)) in ticks.iter().zip(&texts).enumerate() {
            let x = from + self.axis.at(*tick) * (to - from);
            canvas.line((x, area.y + 18.0), (x, area.y + self.height(area)), Ink::Line);
            let (side, left, right) = around(x, text, area);
            if at % every == 0 && left >= free {
                canvas.text((x, area.y + 11.0), side, text, TICK);
                free = right;
            }
        }
    }

    /// Writes the name and the figure.
    fn label(&self, canvas: &mut Canvas, bar: &Bar, (from, end): (f64, f64), area: Area) {
        let rows = Rows::of(area);
        let (base, right) = (area.y + rows.base, area.x + area.width);
        let quiet = Type { ink: Ink::Soft, ..look(false) };
        let look = if bar.figure.is_ok() { look(bar.is_ours) } else { quiet };
        if rows.is_narrow {
            let figure = self.figure(bar, area.width * (1.0 - NAME_MAX));
            let name = look.fitted(&bar.name, area.width - look.width(&figure) - GAP);
            canvas.text_on_paper((area.x, base), Side::Right, &name, look);
            canvas.text_on_paper((right, base), Side::Left, &figure, look);
        } else {
            let name = look.fitted(&bar.name, area.width * NAME_MAX);
            canvas.text((from - GAP, base), Side::Left, &name, look);
            let figure = self.figure(bar, right - end - GAP);
            canvas.text_on_paper((end + GAP, base), Side::Right, &figure, look);
        }
    }
}

/// Where a figure at `x` stands, from where to where: at the edges of a drawing there is no place for
/// the half of it.
fn around(x: f64, text: &str, area: Area) -> (Side, f64, f64) {
    let width = TICK.width(text);
    let half = width / 2.0;
    match (x - half < area.x, x + half > area.x + area.width) {
        (true, _) => (Side::Right, x, x + width),
        (_, true) => (Side::Left, x - width, x),
        _ => (Side::Middle, x - half, x + half),
    }
}
