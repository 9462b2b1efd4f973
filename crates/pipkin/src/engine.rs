//! Handing an image to an engine, through its own command: so contexts, remote engines and
//! permissions work as the user has set them up.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use crate::failure::Failure;

/// The engines in the order in which they are tried, and how to ask each whether it answers.
const ENGINES: [(&str, &[&str]); 2] =
    [("docker", &["version", "--format={{.Server.Version}}"]), ("podman", &["version"])];

/// Loads the archive that `write` writes into the first engine that answers.
pub(crate) fn load<T>(write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> Result<T, Failure> {
    let Some((engine, _)) = ENGINES.iter().find(|(engine, question)| answers(engine, question))
    else {
        return Err(Failure::new("cannot load the image: neither docker nor podman answers")
            .help("start the Docker daemon, or install podman; -o NAME.tar needs neither"));
    };
    let (written, output) =
        pipe_to(engine, write).map_err(|error| Failure::io(Path::new(engine), error))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("{engine} cannot load the image: {}", reason.trim()))
            .help(format!("-o NAME.tar writes what `{engine} load` was given")));
    }
    written.map_err(|error| Failure::io(Path::new(engine), error))
}

fn answers(engine: &str, question: &[&str]) -> bool {
    let status = Command::new(engine)
        .args(question)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// Writes to `engine load`, and returns what came of the writing and of the engine.
fn pipe_to<T>(
    engine: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> io::Result<(io::Result<T>, Output)> {
    let mut child = Command::new(engine)
        .arg("load")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // An engine that complains at length must not wait for us while we wait for it.
    thread::scope(|scope| {
        let output = scope.spawn(move || child.wait_with_output());
        let written = write(&mut stdin);
        drop(stdin);
        Ok((written, output.join().expect("waiting does not panic")?))
    })
}
