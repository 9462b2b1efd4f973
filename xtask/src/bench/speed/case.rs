//! The loads that are compared, and what pipkin is to reach under each.

use super::rival::{NGINX, NULL};
use super::sample::Sample;

/// One load.
pub(super) struct Case {
    /// As it is asked for.
    pub(super) name: &'static str,
    /// As it is printed.
    pub(super) title: &'static str,
    /// Of the one file that is requested.
    pub(super) body_bytes: usize,
    pub(super) connections: usize,
    /// Requests that are sent at once on a connection.
    pub(super) pipelined: usize,
    /// One request per connection.
    pub(super) closes: bool,
    /// Time to connect in before the load is what it should be.
    pub(super) more_seconds: u64,
    pub(super) goals: &'static [Goal],
}

/// A figure of pipkin, as a multiple of the same figure of a rival.
pub(super) struct Goal {
    pub(super) figure_name: &'static str,
    pub(super) figure: fn(&Sample) -> f64,
    pub(super) rival: &'static str,
    pub(super) bound: Bound,
}

/// Where the multiple may lie.
pub(super) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

const PLAIN: Case = Case {
    name: "",
    title: "",
    body_bytes: 1000,
    connections: 64,
    pipelined: 1,
    closes: false,
    more_seconds: 0,
    goals: &[],
};

const CPU_LIKE_NULL: Goal = Goal {
    figure_name: "CPU per request",
    figure: |sample| sample.cpu_us_per_request,
    rival: NULL,
    bound: Bound::AtMost(1.05),
};

const CPU_HALF_OF_NGINX: Goal = Goal { rival: NGINX, bound: Bound::AtMost(0.5), ..CPU_LIKE_NULL };

const AS_FAST_AS_NGINX: Goal = Goal {
    figure_name: "requests/s",
    figure: |sample| sample.requests_per_s,
    rival: NGINX,
    bound: Bound::AtLeast(1.0),
};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "keep-alive",
        title: "1 kB, keep-alive, 64 connections",
        goals: &[CPU_LIKE_NULL, CPU_HALF_OF_NGINX],
        ..PLAIN
    },
    Case {
        name: "pipelined",
        title: "1 kB, 16 requests at once, 64 connections",
        pipelined: 16,
        ..PLAIN
    },
    Case {
        name: "close",
        title: "1 kB, one request per connection, 64 connections",
        closes: true,
        ..PLAIN
    },
    Case {
        name: "100k",
        title: "100 kB, keep-alive, 64 connections",
        body_bytes: 100_000,
        ..PLAIN
    },
    Case {
        name: "10m",
        title: "10 MB, keep-alive, 16 connections",
        body_bytes: 10_000_000,
        connections: 16,
        goals: &[AS_FAST_AS_NGINX],
        ..PLAIN
    },
    Case {
        name: "10000",
        title: "1 kB, keep-alive, 10,000 connections",
        connections: 10_000,
        more_seconds: 2,
        ..PLAIN
    },
];

impl Case {
    /// The request-target.
    pub(super) fn path(&self) -> String {
        format!("/{}.txt", self.body_bytes)
    }
}

impl Bound {
    pub(super) fn holds(&self, ratio: f64) -> bool {
        match *self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
        }
    }

    /// `at most 1.05`.
    pub(super) fn words(&self) -> String {
        match self {
            Self::AtMost(most) => format!("at most {most:.2}"),
            Self::AtLeast(least) => format!("at least {least:.2}"),
        }
    }
}
