//! podman loads the archive and runs it.

use std::path::Path;
use std::process::Command;

use e2e::{Pipkin, example, ready, run, run_any};

use crate::inside;

const NEEDS: &[&str] = &["podman", "runc", "nsenter", "curl", "root"];

/// Options with which podman runs where it may neither make networks nor raise limits, as
/// inside a container; nothing that the image is responsible for.
pub(crate) const FRUGAL: &[&str] = &[
    "--runtime",
    "runc",
    "--network",
    "none",
    "--ulimit",
    "nofile=1024:1024",
    "--ulimit",
    "nproc=1024:1024",
];

/// The health check as engines tell it.
const SITE_HEALTH: &str = r#"{"Test":["CMD","/site","health"]}"#;

pub(crate) fn podman(args: &[&str]) -> String {
    let stdout = run(Command::new("podman").args(args));
    String::from_utf8(stdout).unwrap().trim().to_string()
}

/// What to remove at the end: container, then image.
pub(crate) struct Remove(pub(crate) &'static str, pub(crate) String);

impl Drop for Remove {
    fn drop(&mut self) {
        run_any(Command::new("podman").args([self.0, "-f", &self.1]));
    }
}

/// The archive of `examples/site` in `folder`, labelled, so that no test removes the image of
/// another, which would be the same but for names.
fn archive(pipkin: &Pipkin, folder: &Path, tag: &str, flags: &[&str]) -> String {
    let label = format!("test={tag}");
    let args = ["-t", tag, "-l", &label, "-o", "site.tar"];
    let _ = pipkin.build(folder, &example(), &[&args, flags].concat());
    folder.join("site.tar").display().to_string()
}

/// Loads the image, built with `flags`, runs it with `options`, asks for every page, does `more` with its
/// first process, and stops it.
fn check_run(tag: &str, flags: &[&str], options: &[&str], more: fn(u32)) {
    let Some(pipkin) = ready(NEEDS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let _image = Remove("rmi", tag.to_string());
    podman(&["load", "-i", &archive(&pipkin, folder.path(), tag, flags)]);
    let container = podman(&[&["run", "-d"], FRUGAL, options, &[tag]].concat());
    let container = Remove("rm", container);
    let process = podman(&["inspect", "-f", "{{.State.Pid}}", &container.1]).parse().unwrap();
    inside::check_site(process);
    more(process);
    podman(&["stop", &container.1]);
    assert_eq!(podman(&["inspect", "-f", "{{.State.ExitCode}}", &container.1]), "0");
}

#[test]
fn the_archive_loads_and_runs() {
    check_run("localhost/pipkin-e2e/podman:1", &[], &[], |_| ());
}

const HARDENED: &[&str] = &[
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
];

#[test]
fn hardened() {
    check_run("localhost/pipkin-e2e/podman-hardened:1", &[], HARDENED, inside::check_powerless);
}

/// A golfed image says no user.
#[test]
fn golfed() {
    let options = [HARDENED, &["--user", "65532:65532"]].concat();
    check_run(
        "localhost/pipkin-e2e/podman-golfed:1",
        &["--golf"],
        &options,
        inside::check_powerless,
    );
}

/// OCI knows no health check: podman keeps it when it reads the archive as Docker's alone.
#[test]
fn the_health_check_is_in_the_image() {
    let Some(pipkin) = ready(&["podman", "root"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let tag = "localhost/pipkin-e2e/podman-checked:1";
    let _image = Remove("rmi", tag.to_string());
    let archive = archive(&pipkin, folder.path(), tag, &[]);
    for (args, expected) in [
        (["pull", &format!("docker-archive:{archive}")].as_slice(), SITE_HEALTH),
        (&["load", "-i", &archive], "null"),
    ] {
        podman(args);
        let said = podman(&["image", "inspect", "-f", "{{json .HealthCheck}}", tag]);
        assert_eq!(said, expected, "podman {args:?}");
    }
}
