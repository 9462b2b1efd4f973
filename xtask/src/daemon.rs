//! A Docker daemon of our own, when none answers.

use std::fs::File;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::debian::is_root;
use crate::shell::{Outcome, command, has, succeeds, target};
use crate::skip::skip;

/// How long a daemon may take to answer for the first time, or to end.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// The daemon, which ends with this value.
pub(crate) struct Daemon(Child);

/// The daemon that this call started: none when one answers already or cannot run here.
pub(crate) fn start() -> Outcome<Option<Daemon>> {
    if answers() {
        return Ok(None);
    }
    if !is_root() || !has("dockerd") {
        skip(
            "tests that need Docker",
            "no daemon answers, and starting one takes root and dockerd",
        )?;
        return Ok(None);
    }
    let daemon = spawn()?;
    daemon.wait_for_answer().map(|()| Some(daemon))
}

fn answers() -> bool {
    has("docker") && succeeds(&mut command("docker", &["version"]))
}

fn spawn() -> Outcome<Daemon> {
    let path = target()?.join("dockerd.log");
    let log = File::create(&path)?;
    eprintln!("no Docker daemon answers: starting one, log in {}", path.display());
    let mut dockerd = command("dockerd", &["--log-level", "warn"]);
    dockerd.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(Daemon(dockerd.spawn()?))
}

impl Daemon {
    fn wait_for_answer(&self) -> Outcome {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if answers() {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        Err("dockerd does not answer; its log is target/dockerd.log".into())
    }
}

impl Drop for Daemon {
    /// Ends it as an operator would; it takes its containerd along, which a kill would orphan.
    fn drop(&mut self) {
        let start = Instant::now();
        succeeds(&mut command("kill", &["-TERM", &self.0.id().to_string()]));
        while start.elapsed() < PATIENCE && matches!(self.0.try_wait(), Ok(None)) {
            std::thread::sleep(PAUSE);
        }
    }
}
