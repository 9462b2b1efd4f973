//! `bench docs`: time and memory of the image of the Rust documentation, about 52,000 files.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use results::{Section, Table};
use serde_json::Value;

use super::{median, section};
use crate::shell::{Outcome, command, output, pipkin};

/// Runs of which the median is printed.
const RUNS: usize = 5;

/// Between two looks at the memory of the builder.
const PAUSE: Duration = Duration::from_millis(5);

/// One run.
struct Run {
    wall: Duration,
    peak_kib: u64,
    archive_bytes: u64,
}

pub(super) const HELP: &str = "time and memory of a build of 52,000 files";

pub(super) fn run(_: &[String]) -> Outcome<Section> {
    let sysroot = output(&mut command("rustc", &["--print", "sysroot"]))?;
    let input = Path::new(sysroot.trim()).join("share/doc/rust/html");
    let pipkin = pipkin()?;
    let runs: Vec<Run> = (0..RUNS).map(|_| build(&pipkin, &input)).collect::<Outcome<_>>()?;
    let wall = median(runs.iter().map(|run| run.wall)).as_secs_f64();
    let peak_kib = median(runs.iter().map(|run| run.peak_kib)) as f64;
    let archive_bytes = median(runs.iter().map(|run| run.archive_bytes)) as f64;
    let columns = [("time", "s", 2), ("peak resident", "KiB", 0), ("archive", "B", 0)];
    let title = format!("the image of 52,000 files, median of {RUNS}");
    let mut table = Table::new("docs", &title, &columns);
    table.push("the Rust documentation", true, &[wall, peak_kib, archive_bytes].map(Some));
    Ok(Section { tables: vec![table], ..section("docs", "A large site") })
}

fn build(pipkin: &Path, input: &Path) -> Outcome<Run> {
    let folder = tempfile::tempdir()?;
    let archive = folder.path().join("docs.tar");
    let mut build = Command::new(pipkin);
    build.args(["build", "--json", "--quiet"]).arg(input).arg("-o").arg(&archive);
    let start = Instant::now();
    let mut child = build.stdout(Stdio::piped()).spawn()?;
    let mut peak_kib = 0;
    while child.try_wait()?.is_none() {
        peak_kib = peak_kib.max(high_water_kib(child.id()).unwrap_or(0));
        std::thread::sleep(PAUSE);
    }
    let wall = start.elapsed();
    let done = child.wait_with_output()?;
    let report: Value = serde_json::from_slice(&done.stdout)?;
    let archive_bytes = report["archive_bytes"].as_u64().ok_or("--json: no archive_bytes")?;
    Ok(Run { wall, peak_kib, archive_bytes })
}

/// The most resident memory that the process has had so far, from proc(5): `VmHWM` only
/// rises, so that looking once every few milliseconds misses no peak but the very last.
fn high_water_kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
