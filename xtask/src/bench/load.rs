//! Servers side by side under the same load, in the same minutes.
//!
//! A round measures every server once, each round in another order, so that what the machine does
//! besides hits all of them alike. Figures are medians over the rounds, and ratios are medians of
//! the ratios within a round. Client and server share the CPUs: the figure that carries over to
//! other machines is CPU time per request, not requests per second.

mod case;
mod descriptors;
mod options;
mod sample;
mod server;
mod wrk;

use std::path::Path;

pub(super) use case::{Bound, Case, FILES_PER_FOLDER, Goal};
pub(super) use descriptors::{FEW_DESCRIPTORS, raise_descriptors};
pub(super) use options::Options;
use sample::Sample;
pub(super) use sample::Samples;
pub(super) use server::{Server, free_port};

use crate::debian::Need;
use crate::shell::Outcome;

/// What pipkin's server is called in the tables.
pub(super) const PIPKIN: &str = "pipkin";

/// What loads a server, what ends it, and what lets it have many connections.
pub(super) const NEEDS: &[Need] = &[("wrk", "wrk"), ("kill", "procps"), ("prlimit", "util-linux")];

/// What is called memory here: what belongs to no file.
const MEMORY: &str = "Pss_Anon + Pss_Shmem of smaps_rollup";

/// Seconds under load before the first round, in which servers fill their caches.
const WARM_SECONDS: u64 = 1;

/// What the columns of the tables are.
pub(super) fn notes() -> Vec<String> {
    vec![
        "CPU is time in user and kernel mode; x NAME is the median of the multiples within a round."
            .into(),
        format!("Memory is {MEMORY}, of all processes; Pss has what is resident of files, too."),
    ]
}

/// Measures every server of `field`, which goes by its name there, under the load of `case`; a
/// script that the load needs goes into `folder`.
pub(super) fn compare(
    mut field: Vec<(&'static str, Server)>,
    case: &Case,
    options: &Options,
    folder: &Path,
) -> Outcome<Samples> {
    for (name, server) in &field {
        server.check(case).map_err(|failure| format!("{name}: {failure}"))?;
        measure(folder, case, server, WARM_SECONDS + case.more_seconds)?;
    }
    let mut samples = Samples::default();
    for round in 1..=options.rounds {
        eprintln!("{}: round {round} of {}", case.title, options.rounds);
        for (name, server) in &field {
            let sample = measure(folder, case, server, options.seconds + case.more_seconds)?;
            samples.add(name, sample);
        }
        field.rotate_left(1);
    }
    Ok(samples)
}

/// One server under the load of `case`.
fn measure(folder: &Path, case: &Case, server: &Server, seconds: u64) -> Outcome<Sample> {
    let before_us = server.cpu_us()?;
    let load = wrk::run(folder, case, server.address, seconds)?;
    let cpu_us = server.cpu_us()? - before_us;
    let memory = server.memory();
    Ok(Sample {
        cpu_us_per_request: cpu_us as f64 / load.requests as f64,
        requests_per_s: load.requests_per_s,
        p50_us: load.p50_us,
        p99_us: load.p99_us,
        memory_kib: memory.no_file_kib as f64,
        resident_kib: memory.resident_kib as f64,
        errors: load.errors,
    })
}
