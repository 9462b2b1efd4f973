//! `bench closure`: how long it takes to find what a program needs, nothing run and nothing written.

use std::process::Command;
use std::time::{Duration, Instant};

use super::median;
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

pub(super) fn run(_: &[String]) -> Outcome {
    let packages: Vec<_> = PROGRAMS.iter().map(|(path, package, _)| (*path, *package)).collect();
    debian::provide(&packages, "the closures of some programs")?;
    let pipkin = pipkin()?;
    println!("closure: wall time of `pipkin why PROGRAM PROGRAM`, median of {RUNS}");
    for (path, _, goal) in PROGRAMS {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let start = Instant::now();
            output(Command::new(&pipkin).args(["why", path, path]))?;
            times.push(start.elapsed());
        }
        let millis = median(times.into_iter()).as_millis();
        let goal = goal.map(|goal| format!("  goal {} ms", goal.as_millis())).unwrap_or_default();
        println!("  {path:<18}{millis:>6} ms{goal}");
    }
    Ok(())
}
