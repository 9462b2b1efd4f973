//! `examples/hello-world`, a program that prints a line: the smallest image that there is, as every
//! loader takes it, and as few take it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Pipkin, ready, run, run_any};

use crate::docker::{self, Image};
use crate::podman;

const HELLO: &[u8] = b"Hello, world!\n";

/// What images of it are for, and the program of qemu that runs them.
const PLATFORMS: &[(&str, &str)] =
    &[("linux/amd64", "qemu-x86_64-static"), ("linux/arm64", "qemu-aarch64-static")];

/// Flags of an image, and how large the file in it may be for amd64.
const RECORDS: &[(&[&str], usize)] = &[(&[], 160), (&["--golf"], 120)];

fn hello() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/hello-world")
}

/// The executable alone, built with `flags` into `folder`.
fn exe(pipkin: &Pipkin, folder: &Path, flags: &[&str]) -> PathBuf {
    let output = ["-o", "type=exe,dest=hello"];
    let _ = pipkin.build(folder, &hello(), &[flags, &output].concat());
    folder.join("hello")
}

#[test]
fn it_says_hello_in_few_bytes() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    for (flags, bytes_max) in RECORDS {
        let exe = exe(&pipkin, folder.path(), &[*flags, &["--platform", "linux/amd64"]].concat());
        let bytes = fs::read(&exe).unwrap().len();
        assert!(bytes <= *bytes_max, "{bytes} bytes with {flags:?}");
        if cfg!(target_arch = "x86_64") {
            assert_eq!(run(&mut Command::new(exe)), HELLO, "{flags:?}");
        }
    }
}

#[test]
fn it_says_hello_under_emulators() {
    let runners: Vec<_> = PLATFORMS.iter().map(|(_, runner)| *runner).collect();
    let Some(pipkin) = ready(&[&["cargo"], &runners[..]].concat()) else { return };
    let folder = tempfile::tempdir().unwrap();
    for (platform, runner) in PLATFORMS {
        let exe = exe(&pipkin, folder.path(), &["--platform", platform]);
        assert_eq!(run(Command::new(runner).arg(exe)), HELLO, "{platform}");
    }
}

/// As the guide has it.
#[test]
fn an_emulator_refuses_what_only_linux_takes() {
    let Some(pipkin) = ready(&["cargo", "qemu-x86_64-static"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let exe = exe(&pipkin, folder.path(), &["--platform", "linux/amd64", "--golf"]);
    let done = run_any(Command::new("qemu-x86_64-static").arg(exe));
    assert!(!done.status.success());
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("Invalid ELF image for this architecture"), "{said}");
}

#[test]
fn readelf_has_nothing_to_say() {
    let Some(pipkin) = ready(&["cargo", "readelf"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    for (platform, _) in PLATFORMS {
        let exe = exe(&pipkin, folder.path(), &["--platform", platform]);
        let done = run_any(Command::new("readelf").env("LC_ALL", "C").args(["-hlW"]).arg(exe));
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
        let loads: Vec<_> = said.lines().filter(|line| line.contains(" LOAD ")).collect();
        assert!(matches!(loads[..], [load] if load.contains(" R E ")), "{said}");
    }
}

/// The image, built with `flags` as `tag`, as an archive and as a layout in `folder`.
fn build(pipkin: &Pipkin, folder: &Path, tag: &str, flags: &[&str]) -> String {
    let outputs = ["-t", tag, "-o", "hello.tar", "-o", "type=oci,dest=layout"];
    let label = format!("test={tag}");
    // Labelled, so that no test removes the image of another.
    let label = ["-l", &label];
    let _ = pipkin.build(folder, &hello(), &[&outputs[..], &label, flags].concat());
    folder.join("hello.tar").display().to_string()
}

const SEALED: &[&str] = &[
    "--network",
    "none",
    "--read-only",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
];

#[test]
fn docker_runs_it() {
    let Some(pipkin) = ready(&["cargo", "docker", "docker daemon"]) else { return };
    for (tag, (flags, bytes_max)) in ["pipkin-e2e/hello:1", "pipkin-e2e/golf:1"].iter().zip(RECORDS)
    {
        let folder = tempfile::tempdir().unwrap();
        let archive = build(&pipkin, folder.path(), tag, flags);
        let image = Image((*tag).into());
        run(Command::new("docker").args(["load", "-i", &archive]));
        let run_in = |options: &[&str]| {
            run(Command::new("docker").args(["run", "--rm"]).args(options).arg(tag))
        };
        assert_eq!(run_in(&["--network", "none"]), HELLO);
        assert_eq!(run_in(SEALED), HELLO);
        assert_eq!(run_in(&[SEALED, &["--user", "12345"]].concat()), HELLO);
        let size = docker::docker(&["inspect", "-f", "{{.Size}}", &image.0]);
        assert!(size.parse::<usize>().unwrap() <= *bytes_max, "{size}");
    }
}

#[test]
fn podman_runs_it() {
    let Some(pipkin) = ready(&["cargo", "podman", "runc", "root"]) else { return };
    let tags = ["localhost/pipkin-e2e/hello:1", "localhost/pipkin-e2e/golf:1"];
    for (tag, (flags, _)) in tags.iter().zip(RECORDS) {
        let folder = tempfile::tempdir().unwrap();
        let archive = build(&pipkin, folder.path(), tag, flags);
        let _image = podman::Remove("rmi", (*tag).into());
        podman::podman(&["load", "-i", &archive]);
        let mut podman = Command::new("podman");
        podman.args(["run", "--rm"]).args(podman::FRUGAL).arg(tag);
        assert_eq!(run(&mut podman), HELLO);
    }
}

#[test]
fn others_read_the_least_that_an_image_can_be() {
    let Some(pipkin) = ready(&["cargo", "skopeo", "umoci", "root"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let archive = build(&pipkin, folder.path(), "localhost/pipkin-e2e/golf:1", &["--golf"]);
    run(Command::new("umoci")
        .args(["unpack", "--image", &format!("{}:1", path("layout"))])
        .arg(path("bundle")));
    let unpacked = Path::new(&path("bundle")).join("rootfs/a");
    let exe = exe(&pipkin, folder.path(), &["--golf"]);
    assert!(fs::read(unpacked).unwrap() == fs::read(exe).unwrap());
    for (from, to) in [
        (format!("oci:{}:1", path("layout")), format!("docker-archive:{}:golf:1", path("a.tar"))),
        (format!("oci-archive:{archive}"), format!("oci:{}:1", path("b"))),
        (format!("docker-archive:{archive}"), format!("oci:{}:1", path("c"))),
    ] {
        run(Command::new("skopeo").args(["copy", "--quiet", &from, &to]));
    }
}

#[test]
fn pipkin_runs_it() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = pipkin.command(folder.path(), ["run".as_ref(), hello().as_os_str()]);
    let done = run_any(&mut command);
    assert_eq!((done.stdout.as_slice(), done.status.code()), (HELLO, Some(0)));
    assert!(done.stderr.is_empty(), "{done:?}");
}
