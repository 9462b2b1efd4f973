//! Measurements: printed, never tested, since they depend on the machine.

mod all;
mod build;
mod closure;
mod contained;
mod density;
mod docs;
mod handlers;
mod load;
mod machine;
mod scale;
mod sizes;
mod speed;
mod start;
mod versions;

use std::cmp::Ordering;

pub(crate) use handlers::{RIVALS, package};

use results::Section;

use crate::shell::Outcome;
use crate::skip::skip;

/// One `cargo xtask bench NAME`.
struct Bench {
    name: &'static str,
    run: fn(&[String]) -> Outcome<Section>,
    help: &'static str,
    /// Whether it is told `--seconds` and `--rounds`.
    takes_load: bool,
}

/// In the order in which they are read.
const BENCHES: &[Bench] = &[
    Bench { name: "sizes", run: sizes::run, help: sizes::HELP, takes_load: false },
    Bench { name: "speed", run: speed::run, help: speed::HELP, takes_load: true },
    Bench { name: "handlers", run: handlers::run, help: handlers::HELP, takes_load: true },
    Bench { name: "start", run: start::run, help: start::HELP, takes_load: false },
    Bench { name: "density", run: density::run, help: density::HELP, takes_load: false },
    Bench { name: "scale", run: scale::run, help: scale::HELP, takes_load: true },
    Bench { name: "closure", run: closure::run, help: closure::HELP, takes_load: false },
    Bench { name: "docs", run: docs::run, help: docs::HELP, takes_load: false },
];

/// Runs the bench that `args` starts with, or lists all of them.
pub(crate) fn run(args: &[String]) -> Outcome {
    let Some((name, rest)) = args.split_first() else {
        println!("{}", usage());
        return Ok(());
    };
    if name == all::NAME {
        return all::run(rest);
    }
    println!("{}", (find(name)?.run)(rest)?);
    Ok(())
}

/// The bench called `name`.
fn find(name: &str) -> Outcome<&'static Bench> {
    let bench = BENCHES.iter().find(|bench| bench.name == name);
    Ok(bench.ok_or_else(|| format!("no bench {name:?}\n{}", usage()))?)
}

fn usage() -> String {
    let lines = BENCHES.iter().map(|bench| (bench.name, bench.help));
    let lines = lines.chain([(all::NAME, all::HELP)]);
    let lines: Vec<_> = lines.map(|(name, help)| format!("  {name:<8} {help}")).collect();
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

/// Says that `what` is left out and why, in the section, too; an error when `CI` is set.
fn leave_out(section: &mut Section, what: &str, why: &str) -> Outcome {
    section.notes.push(format!("{what} is left out: {why}"));
    skip(what, why)
}

/// The upper median; values without an order, of which there are none here, count as equal.
fn median<T: PartialOrd>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    values.swap_remove(values.len() / 2)
}

/// The line of `failure` that says most: the first that a compiler or pipkin calls an error.
fn reason(failure: &dyn std::error::Error) -> String {
    let text = failure.to_string();
    let line = text.lines().find(|line| line.starts_with("error"));
    line.or(text.lines().next()).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn the_error_is_the_reason() {
        let check = |text: &str, expected: &str| {
            assert_eq!(reason(&*Box::<dyn std::error::Error>::from(text)), expected);
        };
        check(
            "cargo build: exit status: 101\n   Compiling a\nerror: no linker\n",
            "error: no linker",
        );
        check("cargo: not found", "cargo: not found");
    }
}
