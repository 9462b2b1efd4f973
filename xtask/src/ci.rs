//! Everything that has to hold, in the order in which a failure is cheapest to find.

use std::time::Instant;

use crate::shell::Outcome;
use crate::task;

/// The names of the tasks that CI consists of.
const STEPS: &[&str] = &["tidy", "check", "test", "size", "fuzz", "e2e"];

/// Runs each step; stops at the first that fails.
pub(crate) fn run(_: &[String]) -> Outcome {
    STEPS.iter().try_for_each(|name| step(name))
}

fn step(name: &str) -> Outcome {
    let start = Instant::now();
    eprintln!("== {name}");
    let outcome = (task::find(name)?.run)(&[]);
    eprintln!("== {name}: {:.0} s", start.elapsed().as_secs_f64());
    outcome.map_err(|failure| format!("{name}: {failure}").into())
}
