//! podman loads the archive and runs it.

use std::fs;
use std::process::Command;
use std::time::Duration;

use e2e::{example, pages, ready, run, run_any};

const NEEDS: &[&str] = &["podman", "runc", "nsenter", "curl", "root"];

/// Options with which podman runs where it may neither make networks nor raise limits, as
/// inside a container; nothing that the image is responsible for.
const FRUGAL: &[&str] = &[
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

fn podman(args: &[&str]) -> String {
    let stdout = run(Command::new("podman").args(args));
    String::from_utf8(stdout).unwrap().trim().to_string()
}

/// What to remove at the end: container, then image.
struct Remove(&'static str, String);

impl Drop for Remove {
    fn drop(&mut self) {
        run_any(Command::new("podman").args([self.0, "-f", &self.1]));
    }
}

/// curl inside the network of the container.
fn curl(process: &str, path: &str) -> std::process::Output {
    let mut curl = Command::new("nsenter");
    curl.args(["-t", process, "-n", "curl", "-fsS"]);
    run_any(curl.arg(format!("http://127.0.0.1:8080{path}")))
}

fn wait_for(process: &str) {
    let answers = || {
        std::thread::sleep(Duration::from_millis(50));
        curl(process, "/").status.success()
    };
    assert!((0..100).any(|_| answers()), "nobody answers in the container");
}

#[test]
fn the_archive_loads_and_runs() {
    let Some(pipkin) = ready(NEEDS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let tag = "localhost/pipkin-e2e/podman:1";
    let _ = pipkin.build(folder.path(), &example(), &["-t", tag, "-o", "site.tar"]);
    let _image = Remove("rmi", tag.to_string());
    podman(&["load", "-i", &folder.path().join("site.tar").to_string_lossy()]);
    let container = Remove("rm", podman(&[&["run", "-d"], FRUGAL, &[tag]].concat()));
    let process = podman(&["inspect", "-f", "{{.State.Pid}}", &container.1]);
    wait_for(&process);
    for page in pages(&example()) {
        let got = curl(&process, &page.path);
        assert!(got.stdout == fs::read(&page.file).unwrap(), "{} has other bytes", page.path);
    }
    podman(&["stop", &container.1]);
    assert_eq!(podman(&["inspect", "-f", "{{.State.ExitCode}}", &container.1]), "0");
}

/// OCI knows no health check: podman keeps it when it reads the archive as Docker's alone.
#[test]
fn the_health_check_is_in_the_image() {
    let Some(pipkin) = ready(&["podman", "root"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let tag = "localhost/pipkin-e2e/podman-checked:1";
    let _ = pipkin.build(folder.path(), &example(), &["-t", tag, "-o", "site.tar"]);
    let _image = Remove("rmi", tag.to_string());
    let archive = folder.path().join("site.tar").display().to_string();
    for (args, expected) in [
        (["pull", &format!("docker-archive:{archive}")].as_slice(), SITE_HEALTH),
        (&["load", "-i", &archive], "null"),
    ] {
        podman(args);
        let said = podman(&["image", "inspect", "-f", "{{json .HealthCheck}}", tag]);
        assert_eq!(said, expected, "podman {args:?}");
    }
}
