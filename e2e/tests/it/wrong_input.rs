//! What goes wrong is said in full, with the right exit code, and leaves nothing behind.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use e2e::{Pipkin, is_root, ready, run, run_any, seeded, signal, wait, write};

const FAILED: i32 = 1;
const USAGE: i32 = 2;

/// A place to build in: `site` to build from, `out` to build to, `tmp` for temporary files.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["site", "out", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        // Anybody may read and write here, for the tests that give up being root.
        let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777));
        ["", "site", "out", "tmp"]
            .iter()
            .try_for_each(|name| open(&folder.path().join(name)))
            .unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A site with one page, to which a test adds what is wrong.
    fn with_page() -> Self {
        let place = Self::new();
        write(&place.path("site"), "index.html", "hello world\n");
        place
    }

    /// `command` in this place, its temporary files in `tmp`.
    fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.current_dir(self.folder.path()).env("TMPDIR", self.path("tmp")).env("LC_ALL", "C")
    }

    /// Nothing half-written lies where files were to appear.
    #[track_caller]
    fn check_clean(&self) {
        for name in ["out", "tmp"] {
            let left: Vec<_> =
                self.path(name).read_dir().unwrap().map(|e| e.unwrap().path()).collect();
            assert!(left.is_empty(), "left behind: {left:?}");
        }
    }
}

/// How `done` ended, and that its story is exactly `expected`.
#[track_caller]
fn check_said(done: &Output, code: i32, expected: &[&str]) {
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(code), "{said}");
    assert!(done.stdout.is_empty(), "stdout is the result, and there is none");
    for part in expected {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
}

/// `pipkin ARGS` in `place` fails with `code`, says every one of `expected`, leaves nothing.
#[track_caller]
fn check_in(pipkin: &Pipkin, place: &Place, args: &[&str], code: i32, expected: &[&str]) {
    let mut command = pipkin.command(place.folder.path(), args);
    check_said(&run_any(place.prepare(&mut command)), code, expected);
    place.check_clean();
}

/// A site that `spoil` has made impossible to build.
#[track_caller]
fn check_site(spoil: impl Fn(&Path), expected: &[&str]) {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    spoil(&place.path("site"));
    check_in(&pipkin, &place, &["build", "site", "-o", "out/site.tar"], FAILED, expected);
}

/// Arguments that say what cannot be.
#[track_caller]
fn check_usage(args: &[&str], expected: &[&str]) {
    let Some(pipkin) = ready(&[]) else { return };
    let args = [&["build", "site"], args].concat();
    check_in(&pipkin, &Place::with_page(), &args, USAGE, expected);
}

#[test]
fn missing_folder() {
    let Some(pipkin) = ready(&[]) else { return };
    let expected = ["cannot read folder nowhere: there is no such folder", "check the spelling"];
    check_in(&pipkin, &Place::new(), &["build", "nowhere", "-o", "out/a.tar"], FAILED, &expected);
    check_in(&pipkin, &Place::new(), &["run", "nowhere"], FAILED, &expected);
}

#[test]
fn empty_folder() {
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::new();
    write(&place.path("site"), ".hidden", "not served");
    let expected =
        ["nothing to serve in folder site: it holds no file", "add a file such as index.html"];
    check_in(&pipkin, &place, &["build", "site", "-o", "out/a.tar"], FAILED, &expected);
}

#[test]
fn unreadable_file() {
    let Some(pipkin) = ready(&["setpriv"]) else { return };
    let place = Place::with_page();
    let page = place.path("site/index.html");
    fs::set_permissions(&page, fs::Permissions::from_mode(0o000)).unwrap();
    let copy = place.path("pipkin");
    fs::copy(pipkin.path(), &copy).unwrap();
    let mut command = unprivileged(&copy);
    command.args(["build", "site", "-o", "out/site.tar"]);
    let expected =
        ["cannot read site/index.html: Permission denied", "chmod -R u+rX site/index.html"];
    check_said(&run_any(place.prepare(&mut command)), FAILED, &expected);
    place.check_clean();
}

/// `program` as somebody who may not read everything.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(program);
    command
}

#[test]
fn name_that_is_not_utf8() {
    let spoil = |site: &Path| fs::write(site.join(OsStr::from_bytes(b"caf\xe9.html")), "").unwrap();
    check_site(spoil, &["cannot serve site/caf\u{fffd}.html: its name is not UTF-8", "rename it"]);
}

#[test]
fn link_out_of_the_folder() {
    let expected = ["cannot follow link site/hosts: it leads out of the folder, to /dev/null"];
    check_site(|site| symlink("/dev/null", site.join("hosts")).unwrap(), &expected);
}

#[test]
fn link_loop() {
    let expected = ["cannot follow link site/a: it leads back to itself", "remove the link"];
    let spoil = |site: &Path| {
        symlink("b", site.join("a")).unwrap();
        symlink("a", site.join("b")).unwrap();
    };
    check_site(spoil, &expected);
}

#[test]
fn link_to_nothing() {
    let expected = ["cannot follow link site/a: there is no gone.txt", "remove the link"];
    check_site(|site| symlink("gone.txt", site.join("a")).unwrap(), &expected);
}

#[test]
fn fifo() {
    let spoil = |site: &Path| drop(run(Command::new("mkfifo").arg(site.join("pipe"))));
    check_site(spoil, &["cannot serve site/pipe: it is a ", "move it out of the folder"]);
}

#[test]
fn socket() {
    let spoil = |site: &Path| drop(UnixListener::bind(site.join("run")).unwrap());
    check_site(spoil, &["cannot serve site/run: it is a socket", "move it out of the folder"]);
}

#[test]
fn device() {
    if ready(&["root", "mknod"]).is_none() {
        return;
    }
    let spoil =
        |site: &Path| drop(run(Command::new("mknod").arg(site.join("null")).args(["c", "1", "3"])));
    check_site(spoil, &["cannot serve site/null: it is a ", "device", "move it out of the folder"]);
}

#[test]
fn bad_tag() {
    check_usage(&["-t", "Site", "-o", "out/a.tar"], &["Site", "lowercase"]);
    check_usage(&["-t", "site:", "-o", "out/a.tar"], &["site:"]);
    check_usage(&["-t", "", "-o", "out/a.tar"], &["--tag"]);
}

#[test]
fn bad_port() {
    for port in ["0", "65536", "http", "-1"] {
        check_usage(&["--port", port, "-o", "out/a.tar"], &["--port", port]);
    }
}

#[test]
fn unknown_platform() {
    check_usage(&["--platform", "linux/vax", "-o", "out/a.tar"], &["linux/vax", "linux/amd64"]);
    check_usage(&["--platform", "windows/amd64", "-o", "out/a.tar"], &["windows/amd64"]);
}

#[test]
fn unknown_output_type() {
    check_usage(&["-o", "type=zip,dest=out/a.zip"], &["zip", "docker", "oci", "dir", "exe"]);
    check_usage(&["-o", "type=dir"], &["dest="]);
}

#[test]
fn unknown_flag() {
    check_usage(&["--tga", "site", "-o", "out/a.tar"], &["--tga", "--tag"]);
}

#[test]
fn missing_output_folder() {
    let Some(pipkin) = ready(&[]) else { return };
    for output in ["gone/site.tar", "type=oci,dest=gone/site", "type=exe,dest=gone/site"] {
        let place = Place::with_page();
        let expected = ["gone", "mkdir -p gone"];
        check_in(&pipkin, &place, &["build", "site", "-o", output], FAILED, &expected);
        assert!(!place.path("gone").exists(), "{output} made a folder");
    }
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

#[test]
fn disk_full() {
    let Some(pipkin) = ready(&["root", "mount"]) else { return };
    let outputs = [
        "out/site.tar",
        "type=exe,dest=out/site",
        "type=oci,dest=out/site",
        "type=dir,dest=out/site",
    ];
    for output in outputs {
        let place = Place::with_page();
        let noise: Vec<u8> = seeded(7).take(100_000).flat_map(u64::to_le_bytes).collect();
        write(&place.path("site"), "noise.bin", noise);
        let _small = Small::mount(&place.path("out"));
        let expected = ["out/site", "No space left on device"];
        check_in(&pipkin, &place, &["build", "site", "-o", output], FAILED, &expected);
    }
}

#[test]
fn interrupt_in_the_middle() {
    let docs = crate::docs::folder();
    let Some(pipkin) = ready(&[&docs.to_string_lossy()]) else { return };
    for (output, pause_ms) in
        [("out/docs.tar", 200), ("out/docs.tar", 4000), ("type=oci,dest=out/docs", 4000)]
    {
        let place = Place::new();
        let mut command = pipkin.command(place.folder.path(), ["build", "-o", output]);
        place.prepare(command.arg(&docs)).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(pause_ms) {
            std::thread::sleep(Duration::from_millis(50));
            assert!(child.try_wait().unwrap().is_none(), "it ended too early to interrupt it");
        }
        signal(child.id(), "INT");
        let status = wait(&mut child);
        assert!(!status.success(), "SIGINT is no success: {status}");
        place.check_clean();
    }
}

#[test]
fn two_sources_for_one_route() {
    // Names on disk cannot collide: /docs/ comes from docs/index.html alone. What two names
    // can do is differ in case, and then both are served.
    let Some(pipkin) = ready(&[]) else { return };
    let place = Place::with_page();
    write(&place.path("site"), "INDEX.HTML", "other");
    let _ = pipkin.build(&place.path("out"), &place.path("site"), &["-o", "a.tar"]);
}
