//! A load, and what pipkin is to reach under it.

use super::sample::Sample;

/// One load.
pub(crate) struct Case {
    /// As it is asked for.
    pub(crate) name: &'static str,
    /// As it is printed.
    pub(crate) title: &'static str,
    /// The request-target.
    pub(crate) path: &'static str,
    /// With other than 0 the first of so many files, of which each request is for one at random.
    pub(crate) files: usize,
    /// Of the answer.
    pub(crate) body_bytes: usize,
    pub(crate) connections: usize,
    /// Requests that are sent at once on a connection.
    pub(crate) pipelined: usize,
    /// One request per connection.
    pub(crate) closes: bool,
    /// Time to connect in before the load is what it should be.
    pub(crate) more_seconds: u64,
    pub(crate) goals: &'static [Goal],
}

/// Files of a folder in which there are as many as one likes; more would be slow to open.
pub(crate) const FILES_PER_FOLDER: usize = 1000;

/// A figure of pipkin, as a multiple of the same figure of a rival.
pub(crate) struct Goal {
    pub(crate) figure_name: &'static str,
    pub(crate) figure: fn(&Sample) -> f64,
    pub(crate) rival: &'static str,
    pub(crate) bound: Bound,
}

/// Where the multiple may lie.
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    pub(crate) fn holds(&self, ratio: f64) -> bool {
        match *self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
        }
    }

    /// `at most 1.05`.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::AtMost(most) => format!("at most {most:.2}"),
            Self::AtLeast(least) => format!("at least {least:.2}"),
        }
    }
}
