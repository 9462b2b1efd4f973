//! The loads that are compared, and what pipkin is to reach under each.

use super::rival::{NGINX, NULL};
use crate::bench::load::{Bound, Case, Goal};

const PLAIN: Case = Case {
    name: "",
    title: "",
    path: "/1000.txt",
    files: 0,
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

pub(crate) const CASES: &[Case] = &[
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
        path: "/100000.txt",
        body_bytes: 100_000,
        ..PLAIN
    },
    Case {
        name: "10m",
        title: "10 MB, keep-alive, 16 connections",
        path: "/10000000.txt",
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
