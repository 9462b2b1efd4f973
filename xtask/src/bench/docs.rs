//! `bench docs`: time and memory of the image of the Rust documentation, about 52,000 files.

use std::path::Path;

use results::{Section, Table};

use super::build::Build;
use super::{median, section};
use crate::shell::{Outcome, command, output, pipkin};

/// Runs of which the median is printed.
const RUNS: usize = 5;

pub(super) const HELP: &str = "time and memory of a build of 52,000 files";

pub(super) fn run(_: &[String]) -> Outcome<Section> {
    let sysroot = output(&mut command("rustc", &["--print", "sysroot"]))?;
    let input = Path::new(sysroot.trim()).join("share/doc/rust/html");
    let pipkin = pipkin()?;
    let runs: Vec<Build> = (0..RUNS).map(|_| build(&pipkin, &input)).collect::<Outcome<_>>()?;
    let wall = median(runs.iter().map(|run| run.wall)).as_secs_f64();
    let peak_kib = median(runs.iter().map(|run| run.peak_kib)) as f64;
    // The same each time.
    let archive_bytes = runs[0].archive_bytes()? as f64;
    let columns = [("time", "s", 2), ("peak resident", "KiB", 0), ("archive", "B", 0)];
    let title = format!("the image of 52,000 files, median of {RUNS}");
    let mut table = Table::new("docs", &title, &columns);
    table.push("the Rust documentation", true, &[wall, peak_kib, archive_bytes].map(Some));
    Ok(Section { tables: vec![table], ..section("docs", "A large site") })
}

fn build(pipkin: &Path, input: &Path) -> Outcome<Build> {
    let folder = tempfile::tempdir()?;
    Build::new(pipkin, input, &folder.path().join("docs.tar").to_string_lossy())
}
