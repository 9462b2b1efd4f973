//! Lines over steps on logarithmic axes, those of one unit in one drawing.

use results::{Column, Table};

use super::axis::Axis;
use super::canvas::{Canvas, Ink, Side, Type};
use super::{PIPKIN, cell, look};
use crate::figure::{short, tick, unit};

const HEIGHT: f64 = 230.0;
/// Above the axis: what is measured.
const HEAD: f64 = 40.0;
/// Below it: the steps.
const FOOT: f64 = 38.0;
const GAP: f64 = 8.0;
/// Between names beside lines that end at almost the same height.
const NAME_STEP: f64 = 15.0;
/// A share of the width that no name exceeds.
const NAME_MAX: f64 = 0.5;

/// As many figures have place at the axis.
const TICKS: usize = 6;

const TICK: Type = Type { size: 11, is_bold: false, ink: Ink::Soft };

/// The lines of columns with the same unit.
pub(super) struct Panel<'a> {
    step: &'a Column,
    lines: Vec<Line<'a>>,
    x: Axis,
    y: Axis,
}

struct Line<'a> {
    column: &'a Column,
    is_ours: bool,
    points: Vec<(f64, f64)>,
}

/// Pixels of both axes.
struct Plane {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    /// For names at the ends of lines.
    names: f64,
}

/// The panels of a table, in the order of its columns; without those that have no figures.
pub(super) fn panels<'a>(table: &'a Table, x: usize, ys: &[usize]) -> Vec<Panel<'a>> {
    let Some(step) = table.columns.get(x) else { return Vec::new() };
    let lines: Vec<Line> = ys.iter().filter_map(|&y| Line::new(table, x, y)).collect();
    let mut groups: Vec<Vec<Line>> = Vec::new();
    for line in lines {
        match groups.iter_mut().find(|group| group[0].column.unit == line.column.unit) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    groups.into_iter().filter_map(|lines| Panel::new(step, lines)).collect()
}

impl<'a> Line<'a> {
    /// None without a point.
    fn new(table: &'a Table, x: usize, y: usize) -> Option<Self> {
        let column = table.columns.get(y)?;
        let point = |row| Some((cell(row, x)?, cell(row, y)?));
        let mut points: Vec<_> =
            table.rows.iter().filter_map(point).filter(|&(x, y)| x > 0.0 && y > 0.0).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let is_ours = is_ours(table, column);
        (!points.is_empty()).then_some(Self { column, is_ours, points })
    }

    fn ink(&self) -> Ink {
        if self.is_ours { Ink::Ours } else { Ink::Others }
    }

    fn last(&self) -> (f64, f64) {
        self.points.last().copied().unwrap_or_default()
    }
}

/// Where columns are rivals, ours is among them by name; otherwise they are what was measured of us.
fn is_ours(table: &Table, column: &Column) -> bool {
    let is_named = |column: &Column| column.name.contains(PIPKIN);
    is_named(column)
        || (!table.columns.iter().any(is_named) && table.rows.iter().all(|row| row.is_ours))
}

impl<'a> Panel<'a> {
    fn new(step: &'a Column, mut lines: Vec<Line<'a>>) -> Option<Self> {
        // Ours is drawn over the others.
        lines.sort_by_key(|line| line.is_ours);
        let points = || lines.iter().flat_map(|line| line.points.iter().copied());
        let x = Axis::of_steps(&points().map(|point| point.0).collect::<Vec<_>>())?;
        let y = Axis::of_powers(&points().map(|point| point.1).collect::<Vec<_>>())?;
        Some(Self { step, lines, x, y })
    }

    pub(super) fn draw(&self, width: f64) -> Canvas {
        let mut canvas = Canvas::new(width, HEIGHT);
        let plane = self.plane(width);
        canvas.text((0.0, 13.0), Side::Right, &self.title(), look(true));
        self.draw_axes(&mut canvas, &plane);
        for line in &self.lines {
            let points: Vec<_> = line.points.iter().map(|p| self.place(&plane, *p)).collect();
            canvas.path(&points, line.ink());
        }
        self.draw_names(&mut canvas, &plane);
        canvas
    }

    /// What is measured: the column's name, or only the unit where lines have names.
    fn title(&self) -> String {
        let column = self.lines[0].column;
        match (self.lines.len(), unit(&column.unit)) {
            (1, "") => column.name.clone(),
            (1, unit) => format!("{}, {unit}", column.name),
            (_, unit) => unit.to_owned(),
        }
    }

    /// What stands beside the end of a line.
    fn end(&self, line: &Line) -> String {
        let figure = short(line.last().1, line.column);
        if self.lines.len() == 1 { figure } else { format!("{} {figure}", line.column.name) }
    }

    fn plane(&self, width: f64) -> Plane {
        let ticks = self.y.ticks(TICKS);
        let ticks = ticks.iter().map(|figure| TICK.width(&tick(*figure, self.unit())));
        let names = self.lines.iter().map(|line| look(line.is_ours).width(&self.end(line)));
        let names = names.fold(0.0, f64::max).min(width * NAME_MAX);
        Plane {
            left: ticks.fold(0.0, f64::max) + GAP,
            right: width - names - GAP,
            top: HEAD,
            bottom: HEIGHT - FOOT,
            names,
        }
    }

    fn unit(&self) -> &str {
        &self.lines[0].column.unit
    }

    fn place(&self, plane: &Plane, (x, y): (f64, f64)) -> (f64, f64) {
        (
            plane.left + self.x.at(x) * (plane.right - plane.left),
            plane.bottom - self.y.at(y) * (plane.bottom - plane.top),
        )
    }

    fn draw_axes(&self, canvas: &mut Canvas, plane: &Plane) {
        let ticks = self.y.ticks(TICKS);
        let every = ticks.len().div_ceil(TICKS);
        for (at, figure) in ticks.into_iter().enumerate() {
            let (_, y) = self.place(plane, (1.0, figure));
            canvas.line((plane.left, y), (plane.right, y), Ink::Line);
            if at % every == 0 {
                let text = tick(figure, self.unit());
                canvas.text((plane.left - GAP, y + 4.0), Side::Left, &text, TICK);
            }
        }
        // From the last, whose figures stand beside the lines.
        let mut free = f64::INFINITY;
        for figure in self.steps().into_iter().rev() {
            let (x, _) = self.place(plane, (figure, 1.0));
            let text = tick(figure, "");
            let half = TICK.width(&text) / 2.0;
            if x + half <= free {
                canvas.text((x, plane.bottom + 18.0), Side::Middle, &text, TICK);
                free = x - half;
            }
        }
        let steps = [&self.step.name, unit(&self.step.unit)].map(str::trim).join(" ");
        let middle = f64::midpoint(plane.left, plane.right);
        canvas.text((middle, plane.bottom + 34.0), Side::Middle, steps.trim(), TICK);
    }

    /// All steps that were measured.
    fn steps(&self) -> Vec<f64> {
        let points = self.lines.iter().flat_map(|line| &line.points);
        let mut steps: Vec<f64> = points.map(|point| point.0).collect();
        steps.sort_by(f64::total_cmp);
        steps.dedup();
        steps
    }

    /// Names at the ends of lines, apart from each other.
    fn draw_names(&self, canvas: &mut Canvas, plane: &Plane) {
        let mut ends: Vec<_> =
            self.lines.iter().map(|line| (self.place(plane, line.last()), line)).collect();
        ends.sort_by(|a, b| a.0.1.total_cmp(&b.0.1));
        let mut free = 0.0;
        for ((_, y), line) in ends {
            let (y, look) = (f64::max(y, free), look(line.is_ours));
            let text = look.fitted(&self.end(line), plane.names);
            canvas.text((plane.right + GAP, y + 4.5), Side::Right, &text, look);
            free = y + NAME_STEP;
        }
    }
}
