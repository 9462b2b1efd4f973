//! `bench closure`: how long it takes to find what a program needs, nothing run and nothing written.

use std::process::Command;
use std::time::{Duration, Instant};

use results::{Section, Table};

use super::{median, section};
use crate::debian;
use crate::shell::{Outcome, output, pipkin};

/// Runs of which the median is printed.
const RUNS: usize = 7;

/// A program, its package, and what its closure may take.
const PROGRAMS: &[(&str, &str, Option<Duration>)] = &[
    ("/usr/bin/jq", "jq", None),
    ("/usr/bin/curl", "curl", None),
    ("/usr/bin/perl", "perl", None),
    ("/usr/bin/python3", "python3", Some(Duration::from_millis(300))),
];

pub(super) const HELP: &str = "time to find what programs need";

pub(super) fn run(_: &[String]) -> Outcome<Section> {
    let packages: Vec<_> = PROGRAMS.iter().map(|(path, package, _)| (*path, *package)).collect();
    debian::provide(&packages, "the closures of some programs")?;
    let pipkin = pipkin()?;
    let title = format!("wall time of `pipkin why PROGRAM PROGRAM`, median of {RUNS}");
    let mut table = Table::new("programs", &title, &[("time", "ms", 0), ("goal", "ms", 0)]);
    for (path, _, goal) in PROGRAMS {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let start = Instant::now();
            output(Command::new(&pipkin).args(["why", path, path]))?;
            times.push(start.elapsed());
        }
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        let cells = [Some(millis(median(times.into_iter()))), goal.map(millis)];
        table.push(path, true, &cells);
    }
    Ok(Section { tables: vec![table], ..section("closure", "To find what a program needs") })
}
