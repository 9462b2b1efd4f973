//! Why a file is in an image: `pipkin why`, and the ledger.

use std::fs;
use std::path::Path;

use e2e::{Pipkin, ready, run, run_any};
use serde_json::Value;

const JQ: &str = "/usr/bin/jq";

fn why(pipkin: &Pipkin, folder: &Path, args: &[&str]) -> String {
    let mut why = pipkin.command(folder, ["why"]);
    String::from_utf8(run(why.args(args))).unwrap()
}

/// Of a program, and of an image that names none of its reasons.
#[test]
fn a_chain_from_the_program() {
    let Some(pipkin) = ready(&[JQ]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let _ = pipkin.build(at, JQ.as_ref(), &["-o", "image.tar", "-o", "type=oci,dest=layout"]);
    let of_program = why(&pipkin, at, &[JQ, "libonig.so.5"]);
    let lines: Vec<&str> = of_program.lines().collect();
    assert!(lines[0].contains("/usr/bin/jq"), "{of_program}");
    assert!(lines.iter().any(|line| line.contains("libjq.so.1")), "{of_program}");
    assert!(lines.last().unwrap().contains("libonig.so.5"), "{of_program}");
    let _ = pipkin.build(at, JQ.as_ref(), &["--golf", "-o", "golfed.tar"]);
    for image in ["image.tar", "layout", "golfed.tar"] {
        assert_eq!(why(&pipkin, at, &[image, "libonig.so.5"]), of_program, "{image}");
    }
}

#[test]
fn what_is_not_there() {
    let Some(pipkin) = ready(&[JQ]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut nobody = pipkin.command(folder.path(), ["why", JQ, "/etc/fstab"]);
    assert_eq!(run_any(&mut nobody).status.code(), Some(1));
    let mut left = pipkin.command(folder.path(), ["why", JQ, "libnss_files.so.2"]);
    let left = run_any(&mut left);
    let said = String::from_utf8_lossy(&left.stderr);
    assert_eq!(left.status.code(), Some(1));
    assert!(said.contains("libc has it within"), "{said}");
}

/// Each file of the image has a line in the ledger, and each line that is kept is in the image.
#[test]
fn the_ledger_is_complete() {
    let Some(pipkin) = ready(&[JQ]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let flags = ["-o", "type=dir,dest=root", "--ledger", "ledger.json"];
    let report = pipkin.build(at, JQ.as_ref(), &flags);
    let ledger: Value = serde_json::from_slice(&fs::read(at.join("ledger.json")).unwrap()).unwrap();
    assert_eq!(ledger["program"], JQ);
    let kept = ledger["kept"].as_array().unwrap();
    let path = |entry: &Value| entry["path"].as_str().unwrap().to_owned();
    let mut expected: Vec<String> = kept.iter().map(path).collect();
    expected.sort();
    let mut found = Vec::new();
    walk(&at.join("root"), "", &mut found);
    found.sort();
    assert_eq!(found, expected);
    let bytes: u64 = kept.iter().filter_map(|entry| entry["bytes"].as_u64()).sum();
    assert_eq!(report["platforms"][0]["files_bytes"], bytes);
    assert!(kept.iter().all(|entry| entry["reason"]["kind"].is_string()));
    assert!(!ledger["left"].as_array().unwrap().is_empty());
}

/// The files and links below `folder`.
fn walk(folder: &Path, above: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{above}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &path, found);
        } else {
            found.push(path);
        }
    }
}

/// The same program twice, in another folder and another time zone.
#[test]
fn the_same_program_gives_the_same_image() {
    let Some(pipkin) = ready(&["/usr/bin/python3"]) else { return };
    let build = |zone: &str| {
        let folder = tempfile::tempdir().unwrap();
        let args = ["build", "/usr/bin/python3", "-o", "image.tar", "-o", "type=bundle,dest=b.tar"];
        run(pipkin.command(folder.path(), args).env("TZ", zone).env("LANG", zone));
        ["image.tar", "b.tar"].map(|name| fs::read(folder.path().join(name)).unwrap())
    };
    assert!(build("Asia/Tokyo") == build("C"), "two builds differ");
}
