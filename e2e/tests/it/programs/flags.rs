//! What flags do to the image of a program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Pipkin, ready, run, run_any};

use super::places::outcome;

const NEEDS: [&str; 3] = ["gcc", "chroot", "root"];

/// A program that prints a file of this machine, and puts its path together when it runs: no
/// reading finds that.
fn program(folder: &Path) -> PathBuf {
    fs::write(folder.join("data"), "found\n").unwrap();
    let text = r#"
#include <stdio.h>
#include <string.h>
int main(int n, char **v) {
    char path[4096], line[100];
    snprintf(path, sizeof path, "%.*s%s", (int)(strrchr(v[0], '/') - v[0]), v[0], "/data");
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file)) { puts("nothing"); return 1; }
    fputs(line, stdout);
}
"#;
    fs::write(folder.join("program.c"), text).unwrap();
    run(Command::new("gcc").args(["-g", "-o", "program", "program.c"]).current_dir(folder));
    folder.join("program")
}

/// What the program in `root` says, and how it ends.
fn said(root: &Path, program: &Path) -> (Option<i32>, String) {
    let mut chroot = Command::new("chroot");
    chroot.arg("--userspec=65532:65532").arg(root).arg(program);
    let (code, stdout, _) = outcome(&mut chroot, "");
    (code, stdout)
}

/// Builds the program with `flags` into a folder, and returns what it says there.
fn built(pipkin: &Pipkin, folder: &Path, program: &Path, flags: &[&str]) -> (Option<i32>, String) {
    let _ = pipkin.build(folder, program, &[&["-o", "type=dir,dest=root"], flags].concat());
    said(&folder.join("root"), program)
}

#[test]
fn what_is_missed_is_added() {
    let Some(pipkin) = ready(&NEEDS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let program = program(at);
    let found = (Some(0), "found\n".to_owned());
    assert_eq!(built(&pipkin, at, &program, &[]), (Some(1), "nothing\n".into()));
    assert_eq!(built(&pipkin, at, &program, &["--verify"]), found);
    assert_eq!(built(&pipkin, at, &program, &["--trace"]), found);
    let data = at.join("data").display().to_string();
    assert_eq!(built(&pipkin, at, &program, &["--include", &data]), found);
    fs::write(at.join("list"), &data).unwrap();
    assert_eq!(built(&pipkin, at, &program, &["--keep-list", "list"]), found);
    let traced_and_left = ["--trace", "--exclude", "data"];
    assert_eq!(built(&pipkin, at, &program, &traced_and_left).0, Some(1));
}

#[test]
fn what_is_missed_is_told() {
    let Some(pipkin) = ready(&NEEDS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path()).display().to_string();
    let flags = ["build", &program, "--verify", "--no-repair", "-o", "image.tar"];
    let output = run_any(&mut pipkin.command(folder.path(), flags));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let data = folder.path().join("data").display().to_string();
    let expected = "error: the program does something else in its image\n   \
                    end: exit status 0 on the host, exit status 1 in the image\n   \
                    stdout, line 1: \"found\\n\" on the host, \"nothing\\n\" in the image\n \
                    help: it misses some files: --include ";
    assert_eq!(said, format!("{expected}{data}\n"));
    assert!(!folder.path().join("image.tar").exists());
}

/// Without what only people who look for faults need, it does the same.
#[test]
fn a_program_is_stripped() {
    let Some(pipkin) = ready(&NEEDS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path());
    let found = built(&pipkin, folder.path(), &program, &["--trace", "--strip"]);
    assert_eq!(found, (Some(0), "found\n".into()));
    let length = |path: &Path| fs::metadata(path).unwrap().len();
    let stripped = folder.path().join("root").join(program.strip_prefix("/").unwrap());
    assert!(length(&stripped) < length(&program));
}

#[test]
fn a_root_filesystem_in_an_archive() {
    let Some(pipkin) = ready(&[&NEEDS[..], &["tar", "xz"]].concat()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path());
    let flags = ["--trace", "-o", "type=rootfs.tar.xz,dest=root.tar.xz"];
    let _ = pipkin.build(folder.path(), &program, &flags);
    fs::create_dir(folder.path().join("root")).unwrap();
    let mut tar = Command::new("tar");
    run(tar.args(["-xJf", "root.tar.xz", "-C", "root"]).current_dir(folder.path()));
    assert_eq!(said(&folder.path().join("root"), &program), (Some(0), "found\n".into()));
}

/// One that is static can be had alone; one that is not says what to type.
#[test]
fn a_program_alone() {
    let Some(pipkin) = ready(&["/bin/busybox"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let _ = pipkin.build(folder.path(), "/bin/busybox".as_ref(), &["-o", "type=exe,dest=busybox"]);
    let mut alone = Command::new(folder.path().join("busybox"));
    assert_eq!(run(alone.args(["echo", "x"])), b"x\n");
    let flags = ["build", "/bin/true", "-o", "type=exe,dest=true"];
    let output = run_any(&mut pipkin.command(folder.path(), flags));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("type=bundle"));
}
