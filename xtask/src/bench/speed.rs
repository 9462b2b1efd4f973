//! `bench speed`: the server of an image next to others, under the same load in the same
//! minutes.

mod case;
mod idle;
mod place;
mod rival;

use std::process::Command;

use results::Section;

use super::load::{self, Case, Options};
use super::section;
use crate::debian::{self, Need};
use crate::shell::{Outcome, has, output, succeeds};
use crate::skip::skip;
use case::CASES;
use place::Place;
use rival::{NGINX, NULL, RIVALS};

pub(super) const HELP: &str =
    "the server against nginx and others [--seconds N] [--rounds N] [CASE...]";

const NEEDS: &[Need] = &[
    ("/usr/sbin/nginx", "nginx-light"),
    ("/usr/sbin/lighttpd", "lighttpd"),
    ("busybox", "busybox"),
    ("prlimit", "util-linux"),
];

/// For 10,000 connections and what a process has open besides.
const DESCRIPTORS: u64 = 16_384;

pub(super) fn run(args: &[String]) -> Outcome<Section> {
    print(args)?;
    Ok(section("speed", "The server under load"))
}

fn print(args: &[String]) -> Outcome {
    let names: Vec<_> = CASES.iter().map(|case| case.name).chain([idle::NAME]).collect();
    let options = Options::parse(args, &names)?;
    debian::provide(&[load::NEEDS, NEEDS].concat(), "a rival of bench speed")?;
    let place = Place::new()?;
    let many = raise_descriptors()?;
    load::explain();
    for case in CASES.iter().filter(|case| options.wants(case.name)) {
        if !has("wrk") {
            skip(case.name, "wrk is missing")?;
        } else if case.connections >= 10_000 && !many {
            skip(case.name, "a process may not have as many descriptors (ulimit -n)")?;
        } else {
            compare(&place, case, &options)?;
        }
    }
    if !options.wants(idle::NAME) {
        return Ok(());
    }
    if many {
        idle::compare(&place, &options)
    } else {
        skip(idle::NAME, "a process may not have as many descriptors (ulimit -n)")
    }
}

/// Lets this process and those that it starts have [`DESCRIPTORS`]; false when it must not.
fn raise_descriptors() -> Outcome<bool> {
    let id = std::process::id().to_string();
    let limit = |column: &str| -> Outcome<u64> {
        let args = ["--pid", &id, "--nofile", "--raw", "--noheadings", "--output", column];
        let text = output(Command::new("prlimit").args(args))?;
        Ok(text.trim().parse().unwrap_or(u64::MAX))
    };
    if !has("prlimit") {
        return Ok(false);
    }
    if limit("SOFT")? >= DESCRIPTORS {
        return Ok(true);
    }
    let nofile = match limit("HARD")? {
        hard if hard >= DESCRIPTORS => format!("--nofile={DESCRIPTORS}:"),
        _ => format!("--nofile={DESCRIPTORS}:{DESCRIPTORS}"),
    };
    Ok(succeeds(Command::new("prlimit").args(["--pid", &id, &nofile])))
}

/// Measures every rival that can take part in `case`, and prints the table.
fn compare(place: &Place, case: &Case, options: &Options) -> Outcome {
    place.record(case)?;
    let rivals = RIVALS.iter().filter(|rival| rival.can(case) && rival.is_here());
    let field = rivals.map(|rival| Ok((rival.name, rival.start(place, Some(case))?)));
    let field = field.collect::<Outcome<_>>()?;
    let samples = load::compare(field, case, options, place.folder())?;
    samples.print(case, options, &[NULL, NGINX]);
    for rival in RIVALS.iter().filter(|rival| samples.of(rival.name).is_some()) {
        rival.note.iter().for_each(|note| println!("  {}: {note}", rival.name));
    }
    samples.print_goals(case);
    println!();
    Ok(())
}
