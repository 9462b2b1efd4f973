//! Places that the result cannot go to, and a build that is stopped.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use e2e::{ready, run, run_any, seeded, signal, wait, write};
use expect_test::{Expect, expect};

use crate::place::{FAILED, Place, check_flags, check_in, check_said};

#[test]
fn missing_output_folder() {
    check_flags(
        &["-o", "gone/site.tar"],
        FAILED,
        expect![[r#"
        error: cannot write gone/site.tar: there is no folder gone
         help: mkdir -p gone
    "#]],
    );
    check_flags(
        &["-o", "type=oci,dest=gone/site"],
        FAILED,
        expect![[r#"
        error: cannot write gone/site: there is no folder gone
         help: mkdir -p gone
    "#]],
    );
    check_flags(
        &["-o", "type=dir,dest=gone/site"],
        FAILED,
        expect![[r#"
        error: cannot write gone/site: there is no folder gone
         help: mkdir -p gone
    "#]],
    );
    check_flags(
        &["-o", "type=exe,dest=gone/site"],
        FAILED,
        expect![[r#"
        error: cannot write gone/site: there is no folder gone
         help: mkdir -p gone
    "#]],
    );
}

#[test]
fn something_else_is_there() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    let args = ["build", "site", "-o", "type=oci,dest=site"];
    check_in(
        &pipkin,
        &place,
        &args,
        FAILED,
        expect![[r#"
        error: cannot write site: it holds something else
         help: give another path, or remove it first
    "#]],
    );
    assert!(place.path("site/index.html").exists(), "it is still there");
}

/// A small file system of its own, gone at the end.
struct Small(PathBuf);

impl Small {
    fn mount(path: &Path) -> Self {
        let mut mount = Command::new("mount");
        run(mount.args(["-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs"]).arg(path));
        Self(path.to_path_buf())
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        run_any(Command::new("umount").arg(&self.0));
    }
}

/// A site of 800 kB that compression does not help goes to `output` on a disk of 64 kB.
#[track_caller]
fn check_full(output: &str, expected: Expect) {
    let Some(pipkin) = ready(&["root", "mount"]) else { return };
    let place = Place::with_page();
    let noise: Vec<u8> = seeded(7).take(100_000).flat_map(u64::to_le_bytes).collect();
    write(&place.path("site"), "noise.bin", noise);
    let _small = Small::mount(&place.path("out"));
    check_in(&pipkin, &place, &["build", "site", "-o", output], FAILED, expected);
}

#[test]
fn disk_full() {
    check_full(
        "out/site.tar",
        expect![[r#"
        error: cannot write out/site.tar: No space left on device (os error 28)
         help: free some space there, or give another place with -o
    "#]],
    );
    check_full(
        "type=oci,dest=out/site",
        expect![[r#"
        error: cannot write out/site: No space left on device (os error 28)
         help: free some space there, or give another place with -o
    "#]],
    );
    check_full(
        "type=dir,dest=out/site",
        expect![[r#"
        error: cannot write out/site: No space left on device (os error 28)
         help: free some space there, or give another place with -o
    "#]],
    );
    check_full(
        "type=exe,dest=out/site",
        expect![[r#"
        error: cannot write out/site: No space left on device (os error 28)
         help: free some space there, or give another place with -o
    "#]],
    );
}

#[test]
fn the_reader_of_stdout_goes_away() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    let mut command = pipkin.command(place.folder.path(), ["build", "site", "-o", "-"]);
    place.prepare(&mut command).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut build = command.spawn().unwrap();
    drop(build.stdout.take());
    wait(&mut build);
    let broken = expect!["error: cannot write stdout: Broken pipe (os error 32)\n"];
    check_said(&build.wait_with_output().unwrap(), FAILED, broken);
    place.check_clean();
}

/// Starts to build the Rust documentation, and sends SIGINT after a while.
#[track_caller]
fn check_interrupt(output: &str, pause_ms: u64) {
    let docs = crate::docs::folder();
    let Some(pipkin) = ready(&["rustc", &docs.to_string_lossy()]) else { return };
    let place = Place::new();
    let mut command = pipkin.command(place.folder.path(), ["build", "-o", output]);
    place.prepare(command.arg(&docs)).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut build = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(pause_ms));
    assert!(build.try_wait().unwrap().is_none(), "it ended too early to interrupt it");
    signal(build.id(), "INT");
    wait(&mut build);
    let done = build.wait_with_output().unwrap();
    check_said(&done, FAILED, expect!["error: interrupted\n"]);
    place.check_clean();
}

#[test]
fn interrupt_in_the_middle() {
    check_interrupt("out/docs.tar", 100);
    check_interrupt("out/docs.tar", 1500);
    check_interrupt("type=oci,dest=out/docs", 1500);
}
