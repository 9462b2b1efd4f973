//! What benches have measured: tables that are printed, kept as JSON and CSV, and drawn.
//!
//! `xtask` makes them, `report` draws them; neither knows the other.

mod print;

use serde::{Deserialize, Serialize};

/// Everything of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Where it was measured.
    pub machine: Machine,
    /// One for each bench.
    pub sections: Vec<Section>,
}

/// A machine, and how busy it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Of the run, as `2026-11-21`.
    pub date: String,
    /// The processor's name.
    pub cpu: String,
    /// How many of them.
    pub cpus: usize,
    /// All of its memory.
    pub memory_bytes: u64,
    /// The kernel's release.
    pub kernel: String,
    /// What others did meanwhile, in CPUs that they kept busy: the most that was seen in a pause before
    /// a bench.
    pub load: f64,
    /// Above this the figures of time are not to be trusted.
    pub load_max: f64,
    /// What was measured, and its version.
    pub versions: Vec<(String, String)>,
}

impl Machine {
    /// Whether others kept it so busy that the figures of time are not to be trusted.
    pub fn is_busy(&self) -> bool {
        self.load > self.load_max
    }
}

/// What one bench has measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// As it is asked for: `sizes`.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// What makes it: `cargo xtask bench sizes`.
    pub command: String,
    /// What is to be known of all tables.
    pub notes: Vec<String>,
    /// In the order in which they are read.
    pub tables: Vec<Table>,
}

/// Figures of one class: rows are rivals or steps, columns are what was measured of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Within its section, as a file is named: `one-page`.
    pub name: String,
    /// What is compared: class and unit of work.
    pub title: String,
    /// How fair it is: what the rivals do that pipkin does not, how it was measured.
    pub notes: Vec<String>,
    /// At least one.
    pub columns: Vec<Column>,
    /// Each with as many cells as there are columns.
    pub rows: Vec<Row>,
    /// How it is drawn, if it is.
    pub chart: Option<Chart>,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// A few words: `files`.
    pub name: String,
    /// Of its figures: `B`, `us`, `KiB`; empty for a mere number.
    pub unit: String,
    /// Digits behind the point.
    pub digits: usize,
}

/// What was measured of one rival, or at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The rival's name, or the step.
    pub name: String,
    /// Whether it is pipkin's.
    pub is_ours: bool,
    /// Nothing where there is none: never zero instead.
    pub cells: Vec<Option<f64>>,
    /// What it does that others do not, or why a cell is empty.
    pub note: Option<String>,
}

/// How a table is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Chart {
    /// A bar for each row, as long as the figure in the column, on a logarithmic axis or on one from
    /// zero.
    Bars {
        /// The column.
        column: usize,
        /// Whether the axis is logarithmic.
        is_log: bool,
    },
    /// A line for each of the columns `ys` over the column `x`, a point for each row, on logarithmic
    /// axes.
    Lines {
        /// The column of steps.
        x: usize,
        /// Those of figures.
        ys: Vec<usize>,
    },
}

impl Table {
    /// A table without rows.
    ///
    /// `columns` are name, unit and digits behind the point.
    pub fn new(name: &str, title: &str, columns: &[(&str, &str, usize)]) -> Self {
        let column = |&(name, unit, digits): &(&str, &str, usize)| Column {
            name: name.into(),
            unit: unit.into(),
            digits,
        };
        Self {
            name: name.into(),
            title: title.into(),
            notes: Vec::new(),
            columns: columns.iter().map(column).collect(),
            rows: Vec::new(),
            chart: None,
        }
    }

    /// Adds a row.
    pub fn push(&mut self, name: &str, is_ours: bool, cells: &[Option<f64>]) -> &mut Row {
        assert_eq!(cells.len(), self.columns.len(), "{}: {name}", self.name);
        let row = Row { name: name.into(), is_ours, cells: cells.into(), note: None };
        self.rows.push(row);
        self.rows.last_mut().expect("it was pushed")
    }

    /// Adds the row of what could not be measured, for the reason `why`.
    pub fn push_missing(&mut self, name: &str, why: &str) {
        let cells = vec![None; self.columns.len()];
        self.push(name, false, &cells).note = Some(format!("missing: {why}"));
    }
}
