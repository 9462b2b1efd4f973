//! Measurements: printed, never tested, since they depend on the machine.

mod closure;
mod docs;
mod handlers;
mod load;
mod sizes;
mod speed;
mod versions;

use std::cmp::Ordering;

pub(crate) use handlers::{RIVALS, package};

use results::Section;

use crate::shell::Outcome;

/// One `cargo xtask bench NAME`.
struct Bench {
    name: &'static str,
    run: fn(&[String]) -> Outcome<Section>,
    help: &'static str,
}

const BENCHES: &[Bench] = &[
    Bench { name: "closure", run: closure::run, help: "time to find what programs need" },
    Bench { name: "docs", run: docs::run, help: "time and memory of a build of 52,000 files" },
    Bench { name: "handlers", run: handlers::run, help: handlers::HELP },
    Bench { name: "sizes", run: sizes::run, help: sizes::HELP },
    Bench { name: "speed", run: speed::run, help: speed::HELP },
];

/// Runs the bench that `args` starts with, or lists all of them.
pub(crate) fn run(args: &[String]) -> Outcome {
    let Some((name, rest)) = args.split_first() else {
        println!("{}", usage());
        return Ok(());
    };
    let bench = BENCHES.iter().find(|bench| bench.name == name);
    let bench = bench.ok_or_else(|| format!("no bench {name:?}\n{}", usage()))?;
    println!("{}", (bench.run)(rest)?);
    Ok(())
}

fn usage() -> String {
    let lines: Vec<_> = BENCHES.iter().map(|b| format!("  {:<8} {}", b.name, b.help)).collect();
    format!("cargo xtask bench NAME\n{}", lines.join("\n"))
}

/// A section without tables, made by `cargo xtask bench NAME`.
fn section(name: &str, title: &str) -> Section {
    Section {
        name: name.into(),
        title: title.into(),
        command: format!("cargo xtask bench {name}"),
        notes: Vec::new(),
        tables: Vec::new(),
    }
}

/// The upper median; values without an order, of which there are none here, count as equal.
fn median<T: PartialOrd>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    values.swap_remove(values.len() / 2)
}
