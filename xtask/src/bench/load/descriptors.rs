//! How many connections a process may have.

use std::process::Command;

use crate::shell::{Outcome, has, output, succeeds};

/// Why a load of many connections is left out.
pub(crate) const FEW_DESCRIPTORS: &str =
    "a process may not have as many descriptors here (ulimit -n)";

/// Lets this process and those that it starts have so many; false when it must not.
pub(crate) fn raise_descriptors(count: u64) -> Outcome<bool> {
    let id = std::process::id().to_string();
    let limit = |column: &str| -> Outcome<u64> {
        let args = ["--pid", &id, "--nofile", "--raw", "--noheadings", "--output", column];
        let text = output(Command::new("prlimit").args(args))?;
        Ok(text.trim().parse().unwrap_or(u64::MAX))
    };
    if !has("prlimit") {
        return Ok(false);
    }
    if limit("SOFT")? >= count {
        return Ok(true);
    }
    let nofile = match limit("HARD")? {
        hard if hard >= count => format!("--nofile={count}:"),
        _ => format!("--nofile={count}:{count}"),
    };
    Ok(succeeds(Command::new("prlimit").args(["--pid", &id, &nofile])))
}
