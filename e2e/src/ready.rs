//! Which tests can run here.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Pipkin;

/// The program under test; none, with the reason on stderr, when this test cannot run.
///
/// `needs` are programs, paths, `root`, or `docker daemon`.
///
/// # Panics
///
/// When something is missing and `CI` is set, since there nothing may be left out.
#[must_use]
pub fn ready(needs: &[&str]) -> Option<Pipkin> {
    if std::env::var_os("PIPKIN_E2E").is_none() {
        return skip("run by `cargo xtask e2e`");
    }
    if let Some(missing) = needs.iter().find(|need| !has(need)) {
        assert!(std::env::var_os("CI").is_none(), "{missing} is missing, and CI skips nothing");
        return skip(&format!("{missing} is missing"));
    }
    let path = std::env::var_os("PIPKIN").expect("PIPKIN is the path of the program under test");
    Some(Pipkin::new(path.into()))
}

/// Past the capture of the test harness, which shows what a passing test says to nobody.
fn skip(why: &str) -> Option<Pipkin> {
    let thread = std::thread::current();
    let line = format!("skipped: {}: {why}\n", thread.name().unwrap_or("a test"));
    // Nobody to tell when stderr is closed.
    std::io::stderr().write_all(line.as_bytes()).ok();
    None
}

/// True when `need`, as [`ready`] takes it, is there.
#[must_use]
pub fn has(need: &str) -> bool {
    match need {
        "root" => is_root(),
        "docker daemon" => succeeds("docker", &["version"]),
        path if path.contains('/') => Path::new(path).exists(),
        program => in_path(program),
    }
}

/// True when this process may do anything.
pub(crate) fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}

fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn succeeds(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
