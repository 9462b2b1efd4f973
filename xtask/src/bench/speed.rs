//! `bench speed`: the server of an image next to others, under the same load in the same
//! minutes.
//!
//! A round measures every rival once, each round in another order, so that what the machine does
//! besides hits all of them alike. Printed are medians over the rounds, and ratios are medians of
//! the ratios within a round. Client and server share the CPUs: the figure that carries over to
//! other machines is CPU time per request, not requests per second.

mod case;
mod idle;
mod options;
mod place;
mod rival;
mod sample;
mod server;
mod wrk;

use std::process::Command;

use crate::debian::{self, Need};
use crate::shell::{Outcome, has, output, succeeds};
use crate::skip::skip;
use case::{CASES, Case};
use options::Options;
use place::Place;
use rival::{RIVALS, Rival};
use sample::{Sample, Samples};
use server::Server;

pub(super) const HELP: &str =
    "the server against nginx and others [--seconds N] [--rounds N] [CASE...]";

const NEEDS: &[Need] = &[
    ("wrk", "wrk"),
    ("/usr/sbin/nginx", "nginx-light"),
    ("/usr/sbin/lighttpd", "lighttpd"),
    ("busybox", "busybox"),
    ("kill", "procps"),
    ("prlimit", "util-linux"),
];

/// For 10,000 connections and what a process has open besides.
const DESCRIPTORS: u64 = 16_384;

/// Seconds under load before the first round, in which servers fill their caches.
const WARM_SECONDS: u64 = 1;

/// What is called memory here: what belongs to no file.
const MEMORY: &str = "Pss_Anon + Pss_Shmem of smaps_rollup";

pub(super) fn run(args: &[String]) -> Outcome {
    let options = Options::parse(args)?;
    debian::provide(NEEDS, "a rival of bench speed")?;
    let place = Place::new()?;
    let many = raise_descriptors()?;
    println!("CPU time in user and kernel mode; memory: {MEMORY}; both of all processes.\n");
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
    let mut field: Vec<(&Rival, Server)> =
        rivals.map(|rival| Ok((rival, rival.start(place, Some(case))?))).collect::<Outcome<_>>()?;
    for (rival, server) in &field {
        server.check(case).map_err(|failure| format!("{}: {failure}", rival.name))?;
        measure(place, case, server, WARM_SECONDS)?;
    }
    let mut samples = Samples::default();
    for _ in 0..options.rounds {
        for (rival, server) in &field {
            let sample = measure(place, case, server, options.seconds + case.more_seconds)?;
            samples.add(rival.name, sample);
        }
        field.rotate_left(1);
    }
    samples.print(case, options);
    Ok(())
}

/// One server under the load of `case`.
fn measure(place: &Place, case: &Case, server: &Server, seconds: u64) -> Outcome<Sample> {
    let before_us = server.cpu_us()?;
    let load = wrk::run(place, case, server.address, seconds)?;
    let cpu_us = server.cpu_us()? - before_us;
    Ok(Sample {
        cpu_us_per_request: cpu_us as f64 / load.requests as f64,
        requests_per_s: load.requests_per_s,
        p50_us: load.p50_us,
        p99_us: load.p99_us,
        memory_kib: server.memory_kib()? as f64,
        errors: load.errors,
    })
}
