//! A program of another architecture, traced in a root filesystem of that architecture and run by an
//! emulator.

use std::path::PathBuf;
use std::process::Command;

use e2e::{ready, run};
use serde_json::json;

use super::places::outcome;

/// The root filesystem with jq and its libraries for arm64, which `cargo xtask e2e` makes.
fn root() -> Option<PathBuf> {
    let root = std::env::var_os("PIPKIN_ARM64_ROOT").map(PathBuf::from);
    assert!(root.is_some() || std::env::var_os("CI").is_none(), "CI has a root for arm64");
    root
}

#[test]
fn jq_for_arm64() {
    let Some(pipkin) = ready(&["qemu-aarch64-static", "tar", "/usr/bin/jq"]) else { return };
    let Some(root) = root() else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = root.display().to_string();
    let flags = ["--root", &root, "-o", "type=dir,dest=made", "-o", "type=bundle,dest=jq.tar"];
    let flags = [&flags[..], &["-o", "image.tar"]].concat();
    let report = pipkin.build(folder.path(), "/usr/bin/jq".as_ref(), &flags);
    assert_eq!(report["platforms"][0]["platform"], json!("linux/arm64"));
    let check = |qemu: &mut Command| {
        let (code, found, said) = outcome(qemu.args(["-c", ".a | add"]), r#"{"a":[1,2.5,3]}"#);
        assert_eq!((code, found.as_str()), (Some(0), "6.5\n"), "{said}");
    };
    let made = folder.path().join("made");
    // Nothing of the host: a library that is missing there is missing here.
    let qemu = || Command::new("qemu-aarch64-static");
    check(qemu().arg("-L").arg(&made).arg(made.join("usr/bin/jq")));
    run(Command::new("tar").current_dir(folder.path()).args(["-xf", "jq.tar"]));
    check(qemu().arg(folder.path().join("jq/jq")));
}
