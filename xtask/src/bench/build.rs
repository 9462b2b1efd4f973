//! One build, watched from outside.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::machine;
use crate::shell::Outcome;

/// Between two looks at the memory of the builder.
const PAUSE: Duration = Duration::from_millis(1);

/// A build that is done.
pub(super) struct Build {
    pub(super) wall: Duration,
    pub(super) peak_kib: u64,
    /// Of `--json`.
    report: Value,
}

impl Build {
    /// Has `pipkin` build `input`, with `output` behind `-o`.
    pub(super) fn new(pipkin: &Path, input: &Path, output: &str) -> Outcome<Self> {
        let mut build = Command::new(pipkin);
        build.args(["build", "--json", "--quiet"]).arg(input).args(["-o", output]);
        let start = Instant::now();
        let mut child = build.stdout(Stdio::piped()).spawn()?;
        let mut peak_kib = 0;
        while child.try_wait()?.is_none() {
            peak_kib = peak_kib.max(high_water_kib(child.id()).unwrap_or(0));
            std::thread::sleep(PAUSE);
        }
        let wall = start.elapsed();
        let done = child.wait_with_output()?;
        if !done.status.success() {
            return Err(format!("pipkin build {}: {}", input.display(), done.status).into());
        }
        let report = serde_json::from_slice(&done.stdout)?;
        Ok(Self { wall, peak_kib, report })
    }

    /// Of the archive, when that is what was asked for.
    pub(super) fn archive_bytes(&self) -> Outcome<u64> {
        number(&self.report, "archive_bytes")
    }

    /// Of the files in the image.
    pub(super) fn files_bytes(&self) -> Outcome<u64> {
        number(&self.report["platforms"][0], "files_bytes")
    }

    /// Of layer, config and manifest.
    pub(super) fn registry_bytes(&self) -> Outcome<u64> {
        let blobs = ["layer_bytes", "config_bytes", "manifest_bytes"];
        blobs.iter().map(|field| number(&self.report["platforms"][0], field)).sum()
    }
}

fn number(report: &Value, field: &str) -> Outcome<u64> {
    Ok(report[field].as_u64().ok_or_else(|| format!("--json: no {field}"))?)
}

/// The most resident memory that the process has had so far, from proc(5): `VmHWM` only
/// rises, so that looking once a millisecond misses no peak but the very last.
fn high_water_kib(process: u32) -> Option<u64> {
    machine::kib(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?, "VmHWM")
}
