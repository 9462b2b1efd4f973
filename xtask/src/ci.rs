//! Everything that has to hold, in the order in which a failure is cheapest to find.

use std::time::Instant;

use crate::shell::Outcome;
use crate::{check, e2e, fuzz, size, tidy};

/// A task, as the table of tasks has it.
type Step = (&'static str, fn(&[String]) -> Outcome);

/// The tasks that CI consists of.
const STEPS: &[Step] = &[
    ("tidy", tidy::run),
    ("check", check::run),
    ("test", check::test),
    ("size", size::run),
    ("fuzz", fuzz::run),
    ("e2e", e2e::run),
];

/// Runs each step; stops at the first that fails.
pub(crate) fn run(_: &[String]) -> Outcome {
    STEPS.iter().try_for_each(|(name, task)| step(name, *task))
}

fn step(name: &str, task: fn(&[String]) -> Outcome) -> Outcome {
    let start = Instant::now();
    eprintln!("== {name}");
    let outcome = task(&[]);
    eprintln!("== {name}: {:.0} s", start.elapsed().as_secs_f64());
    outcome.map_err(|failure| format!("{name}: {failure}").into())
}
