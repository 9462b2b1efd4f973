//! The kinds of output, and the report.

use std::fs;
use std::path::Path;
use std::process::Command;

use e2e::{example, ready, run, run_any};

use crate::place::Place;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries.map(|e| name(e).into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_archive_goes_to_stdout() {
    let Some(pipkin) = ready(&["tar"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let _ = pipkin.build(folder.path(), &example(), &["-t", "site", "-o", "site.tar"]);
    let mut build = pipkin.command(folder.path(), ["build", "-t", "site", "-o", "-"]);
    let stdout = run(build.arg(example()));
    assert!(stdout == fs::read(folder.path().join("site.tar")).unwrap(), "other bytes");
    assert_eq!(names(folder.path()), ["site.tar"]);
}

#[test]
fn a_tag_alone_names_the_archive() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let _ = pipkin.build(folder.path(), &example(), &["-t", "registry.example/shop/site:2"]);
    assert_eq!(names(folder.path()), ["site.tar"]);
}

#[test]
fn stdout_is_the_digest() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let report = pipkin.build(folder.path(), &example(), &["-o", "a.tar"]);
    let mut build = pipkin.command(folder.path(), ["build", "-o", "b.tar"]);
    let stdout = run(build.arg(example()));
    let expected = format!("{}\n", report["digest"].as_str().unwrap());
    assert_eq!(String::from_utf8(stdout).unwrap(), expected);
}

#[test]
fn quiet_says_nothing_on_stderr() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut build = pipkin.command(folder.path(), ["build", "--quiet", "-o", "a.tar"]);
    let done = run_any(build.arg(example()));
    assert_eq!((done.status.code(), done.stderr.as_slice()), (Some(0), b"".as_slice()));
}

/// The fields of a platform that count bytes.
const BYTES: &[&str] = &[
    "files_bytes",
    "server_bytes",
    "content_bytes",
    "layer_bytes",
    "config_bytes",
    "manifest_bytes",
];

#[test]
fn the_report_has_every_field() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let args =
        ["-t", "site:1", "--platform", "linux/amd64,linux/arm64", "-o", "type=oci,dest=site"];
    let report = pipkin.build(folder.path(), &example(), &args);
    assert!(report["archive_bytes"].is_null(), "{report}");
    assert!(report["reference"].as_str().unwrap().contains("site:1"), "{report}");
    assert!(report["digest"].as_str().unwrap().starts_with("sha256:"), "{report}");
    assert_eq!(report["outputs"], serde_json::json!(["site"]));
    let platforms = report["platforms"].as_array().unwrap();
    let names: Vec<_> = platforms.iter().map(|p| p["platform"].as_str().unwrap()).collect();
    assert_eq!(names, ["linux/amd64", "linux/arm64"]);
    for platform in platforms {
        let missing = BYTES.iter().find(|field| !platform[**field].is_u64());
        assert_eq!(missing, None, "{platform}");
        assert!(platform["digest"].as_str().unwrap().starts_with("sha256:"), "{platform}");
    }
}

#[test]
fn the_report_counts_the_archive() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let report = pipkin.build(folder.path(), &example(), &["-o", "site.tar"]);
    let archive = folder.path().join("site.tar").metadata().unwrap().len();
    assert_eq!(report["archive_bytes"], archive);
    assert_eq!(report["outputs"], serde_json::json!(["site.tar"]));
}

#[test]
fn files_are_server_and_content() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let report = pipkin.build(folder.path(), &example(), &["-o", "type=exe,dest=site"]);
    assert!(report["archive_bytes"].is_null(), "{report}");
    let platform = &report["platforms"][0];
    let files = folder.path().join("site").metadata().unwrap().len();
    assert_eq!(platform["files_bytes"], files);
    let sum =
        platform["server_bytes"].as_u64().unwrap() + platform["content_bytes"].as_u64().unwrap();
    assert_eq!(sum, files, "{platform}");
}

#[test]
fn over_budget() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let build = |budget| {
        let args = ["build", "--budget", budget, "-o", "site.tar"];
        run_any(pipkin.command(folder.path(), args).arg(example()))
    };
    let done = build("1kB");
    assert_eq!(done.status.code(), Some(3), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(names(folder.path()), [""; 0], "an image over budget was written");
    assert_eq!(build("1MB").status.code(), Some(0));
}

#[test]
fn help_and_version() {
    let Some(pipkin) = ready(&[]) else { return };
    let says = |args: &[&str]| run(Command::new(pipkin.path()).args(args));
    let help = String::from_utf8(says(&["build", "--help"])).unwrap();
    for flag in ["--tag", "--output", "--load", "--platform", "--json"] {
        assert!(help.contains(flag), "--help lacks {flag}:\n{help}");
    }
    let version = String::from_utf8(says(&["--version"])).unwrap();
    assert!(version.starts_with("pipkin "), "{version}");
}

#[test]
fn a_budget_is_kept_before_anything_is_written() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    let build = |budget: &str| {
        let args = ["build", "site", "-o", "out/site.tar", "--budget", budget];
        run_any(place.prepare(&mut pipkin.command(place.folder.path(), args)))
    };
    let done = build("1kB");
    assert_eq!(done.status.code(), Some(3));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.starts_with("error: the image for linux/"), "{said}");
    assert!(said.contains(" over the budget of 1000\n help: leave something out"), "{said}");
    place.check_clean();
    assert_eq!(build("1MiB").status.code(), Some(0));
}

#[test]
fn what_is_no_folder_has_nothing_to_leave_out() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    let args = ["build", "site", "--server", "micro", "-o", "out/a.tar", "--budget", "1"];
    let done = run_any(place.prepare(&mut pipkin.command(place.folder.path(), args)));
    assert_eq!(done.status.code(), Some(3));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(
        said.ends_with(" over the budget of 1\n help: make it shorter, or raise --budget\n"),
        "{said}"
    );
}
