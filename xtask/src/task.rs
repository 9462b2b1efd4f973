//! The table of tasks.

use crate::shell::Outcome;
use crate::{bench, check, ci, e2e, fuzz, size, tidy};

/// One `cargo xtask NAME`.
pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&[String]) -> Outcome,
    pub(crate) help: &'static str,
}

/// Every task; those of [`ci::STEPS`] run in CI.
pub(crate) const TASKS: &[Task] = &[
    Task { name: "ci", run: ci::run, help: "everything that has to hold before a commit" },
    Task { name: "check", run: check::run, help: "formatting and clippy, warnings denied" },
    Task { name: "tidy", run: tidy::run, help: "the invariants of ARCHITECTURE.md" },
    Task { name: "test", run: check::test, help: "unit and integration tests" },
    Task { name: "size", run: size::run, help: "byte budgets against sizes.toml [--write]" },
    Task {
        name: "fuzz",
        run: fuzz::run,
        help: "each fuzz target [TARGET...] [SECONDS|INPUT|--keep]",
    },
    Task { name: "e2e", run: e2e::run, help: "end to end with real engines [TEST FILTER...]" },
    Task { name: "bench", run: bench::run, help: "time and memory, printed [NAME]" },
];

/// Runs the task that `args` starts with, or lists all of them.
pub(crate) fn run(args: &[String]) -> Outcome {
    match args.split_first() {
        Some((name, rest)) => (find(name)?.run)(rest),
        None => Err(usage().into()),
    }
}

/// The task called `name`.
pub(crate) fn find(name: &str) -> Result<&'static Task, String> {
    let found = TASKS.iter().find(|task| task.name == name);
    found.ok_or_else(|| format!("no task {name:?}\n{}", usage()))
}

fn usage() -> String {
    let lines: Vec<_> = TASKS.iter().map(|t| format!("  {:<6} {}", t.name, t.help)).collect();
    format!("cargo xtask TASK\n{}", lines.join("\n"))
}
