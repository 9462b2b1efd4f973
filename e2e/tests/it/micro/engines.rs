//! Where it runs: in engines, under emulators, for a browser.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::{Browser, EMULATED, Pipkin, ready, run_any, write};
use serde_json::json;

use super::{Exe, METHOD, MISSING, PAGE, alone, check_answer, check_page, exe_for, head, start};
use crate::docker::{self, Container};
use crate::{inside, podman};

const DOCKER: &[&str] = &["docker", "docker daemon", "curl"];
const PODMAN: &[&str] = &["podman", "runc", "nsenter", "curl", "root"];

/// Docker kills after ten seconds who does not end.
const STOP_MAX: Duration = Duration::from_secs(5);

/// All that an engine may take from a process.
const SEALED: &[&str] =
    &["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

/// One of each answer.
#[track_caller]
fn check_answers(address: SocketAddr) {
    check_page(address);
    check_answer(address, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", head());
    check_answer(address, b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", MISSING);
    check_answer(address, b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n", METHOD);
}

#[test]
fn under_emulators() {
    let platforms = [&[("linux/amd64", "qemu-x86_64-static")], &EMULATED[..]].concat();
    let emulators: Vec<&str> = platforms.iter().map(|(_, emulator)| *emulator).collect();
    let Some(pipkin) = alone(&emulators) else { return };
    for (platform, emulator) in platforms {
        let folder = tempfile::tempdir().unwrap();
        let exe = exe_for(&pipkin, folder.path(), platform, "page.html", PAGE);
        check_answers(start(Command::new(emulator).arg(&exe)).address);
        let refused = run_any(Command::new(emulator).arg(exe).arg("tea"));
        assert_eq!(refused.status.code(), Some(1), "{platform}");
    }
}

#[test]
fn readelf_has_nothing_to_say() {
    if ready(&["readelf"]).is_none() {
        return;
    }
    let Some(exe) = Exe::of("page.html", PAGE) else { return };
    let done = run_any(Command::new("readelf").env("LC_ALL", "C").arg("-hlW").arg(&exe.path));
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    assert_eq!(said.matches(" LOAD ").count(), 1, "{said}");
}

/// The folder with the page in `folder`.
fn public(folder: &Path) -> PathBuf {
    write(folder, "public/index.html", PAGE);
    folder.join("public")
}

/// Runs the image, built with `flags`, with `options` and `args`, and stops it.
fn check_docker(tag: &str, flags: &[&str], port: &str, options: &[&str], args: &[&str]) {
    let Some(pipkin) = ready(DOCKER) else { return };
    let folder = tempfile::tempdir().unwrap();
    let flags = [&["--server", "micro"], flags].concat();
    let image = docker::load_site(&pipkin, &public(folder.path()), tag, &flags);
    let publish = format!("127.0.0.1::{port}");
    let start = [&["run", "-d", "-p", &publish], SEALED, options, &[&image.0], args].concat();
    let container = Container(docker::docker(&start));
    check_answers(docker::address(&container, port));
    assert_eq!(docker::docker(&["inspect", "-f", "{{.Size}}", &image.0]), "512");
    check_stop(&container);
}

/// At once, by the signal that nothing can ignore.
fn check_stop(container: &Container) {
    let start = Instant::now();
    docker::docker(&["stop", &container.0]);
    assert!(start.elapsed() < STOP_MAX, "docker stop took {:?}", start.elapsed());
    assert_eq!(docker::docker(&["inspect", "-f", "{{.State.ExitCode}}", &container.0]), "137");
}

#[test]
fn in_docker() {
    check_docker("pipkin-e2e/micro:1", &[], "8080", &[], &[]);
}

#[test]
fn in_docker_as_somebody() {
    check_docker("pipkin-e2e/micro-user:1", &[], "8080", &["--user", "12345:12345"], &[]);
}

#[test]
fn in_docker_at_a_port_of_the_image() {
    check_docker("pipkin-e2e/micro-port:1", &["-p", "80"], "80", &[], &[]);
    check_docker("pipkin-e2e/micro-args:1", &[], "9000", &[], &["9000"]);
}

#[test]
fn in_docker_golfed() {
    check_docker("pipkin-e2e/micro-golf:1", &["--golf"], "8080", &[], &[]);
    // Then what stands behind the image takes the place of the program, too.
    check_docker("pipkin-e2e/micro-golf-args:1", &["--golf"], "9000", &[], &["/a", "9000"]);
}

/// The archive of an image of the page as `tag`, in `folder`.
fn archive(pipkin: &Pipkin, folder: &Path, tag: &str) -> String {
    let label = format!("test={tag}");
    // Labelled, so that no test removes the image of another.
    let args = ["--server", "micro", "-t", tag, "-l", &label, "-o", "site.tar"];
    let _ = pipkin.build(folder, &public(folder), &args);
    folder.join("site.tar").display().to_string()
}

#[test]
fn in_podman() {
    let Some(pipkin) = ready(PODMAN) else { return };
    let folder = tempfile::tempdir().unwrap();
    let tag = "localhost/pipkin-e2e/micro:1";
    let _image = podman::Remove("rmi", tag.to_string());
    podman::podman(&["load", "-i", &archive(&pipkin, folder.path(), tag)]);
    let container = podman::podman(&[&["run", "-d"], podman::FRUGAL, SEALED, &[tag]].concat());
    let container = podman::Remove("rm", container);
    let process = podman::podman(&["inspect", "-f", "{{.State.Pid}}", &container.1]);
    let process = process.parse().unwrap();
    inside::wait_for(process);
    assert_eq!(inside::curl(process, "/").stdout, PAGE);
    assert!(!inside::curl(process, "/a").status.success());
    let start = Instant::now();
    podman::podman(&["stop", &container.1]);
    assert!(start.elapsed() < STOP_MAX, "podman stop took {:?}", start.elapsed());
}

/// A page that is no ASCII, and has an icon of its own.
const SHOWN: &str = r#"<!doctype html>
<title>Grüße</title>
<link rel="icon" href="data:,">
<p>Grüße</p>
"#;

#[test]
fn in_a_browser() {
    if ready(&["chromium", "chromedriver"]).is_none() {
        return;
    }
    let Some(exe) = Exe::of("page.html", SHOWN.as_bytes()) else { return };
    let (server, browser) = (exe.serve(), Browser::start());
    // It opens more connections than it has requests for.
    for path in ["/", "/?again", "/"] {
        browser.go(&format!("http://{}{path}", server.address));
        let shown = browser.eval("return [document.title, document.body.innerText.trim()]");
        assert_eq!(shown, json!(["Grüße", "Grüße"]), "{path}");
    }
    let statuses =
        "return [(await fetch('/a')).status, (await fetch('/', {method: 'PUT'})).status]";
    assert_eq!(browser.eval(statuses), json!([404, 405]));
}
