use std::collections::BTreeSet;
use std::ffi::{CStr, OsStr};
use std::fs;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use tempfile::TempDir;

use super::repair::{Verified, verify};
use super::*;
use crate::program::run::samples::{argv, find, run};
use crate::program::run::{Answer, Response, Status};
use crate::program::trace::{environment, trace};

const USER: (u32, u32) = (65532, 65533);

/// A root with a static program that is many.
#[derive(Debug)]
struct Root(TempDir);

impl Root {
    fn new() -> Option<Self> {
        let root = Self::empty();
        root.put(&find("busybox")?);
        Some(root)
    }

    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Copies a file or an empty folder of the host.
    fn put(&self, path: &str) {
        let to = self.0.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if fs::metadata(path).unwrap().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(path, to).unwrap();
        }
    }

    fn run(&self, words: &[&str], user: (u32, u32)) -> Outcome {
        let argv = argv(words);
        trial(self.0.path(), user, &run(&argv, &environment(&[]))).unwrap()
    }

    fn shell(&self, script: &str) -> Outcome {
        self.run(&["/usr/bin/busybox", "sh", "-c", script], USER)
    }
}

#[track_caller]
fn check(script: &str, stdout: &str) {
    let Some(root) = Root::new() else { return };
    fs::create_dir(root.0.path().join("tmp")).unwrap();
    fs::set_permissions(root.0.path().join("tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
    fs::write(root.0.path().join("tmp/own"), "own").unwrap();
    let before = names(root.0.path());
    let outcome = root.shell(script);
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    assert_eq!(String::from_utf8_lossy(&outcome.stdout), stdout, "{script}: {stderr}");
    assert_eq!(outcome.status, Status::Exited(0), "{script}: {stderr}");
    assert_eq!(names(root.0.path()), before);
}

fn names(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_program_is_who_it_is_in_a_container() {
    check("id -u; id -g; id -G", "65532\n65533\n65533\n");
    check("echo $$; cd /proc; echo [0-9]*", "1\n1\n");
    check(
        "pwd; env | sort",
        "/\nHOME=/\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/\nSHLVL=1\n",
    );
    check("umask; grep NoNewPrivs /proc/self/status", "0022\nNoNewPrivs:\t1\n");
    check("grep -c 'Cap[IPEBA].*:.*[^04\\t]$' /proc/self/status || true", "0\n");
}

#[test]
fn a_program_has_what_engines_give_it() {
    check("ls /", "dev\netc\nproc\nsys\ntmp\nusr\n");
    let devices = "fd full null random shm stderr stdin stdout tty urandom zero";
    check("echo $(ls /dev)", &format!("{devices}\n"));
    check("echo x > /dev/null; head -c 3 /dev/zero | wc -c; echo x > /dev/stdout", "3\nx\n");
    check("head -c 3 /dev/urandom | wc -c; echo x > /dev/shm/x; cat /dev/shm/x", "3\nx\n");
    check("test -d /sys/class && cat /proc/self/comm", "cat\n");
    check("cat /etc/hosts", &fs::read_to_string("/etc/hosts").unwrap_or_default());
    check("cat /etc/resolv.conf", &fs::read_to_string("/etc/resolv.conf").unwrap_or_default());
}

#[test]
fn a_program_writes_only_where_everyone_may() {
    check("cat /tmp/own && echo x > /tmp/x && cat /tmp/x", "ownx\n");
    let refused = "2>/dev/null || echo no";
    check(
        &format!(
            "(echo x > /x) {refused}; (mkdir /usr/x) {refused}; mount -t tmpfs x /tmp {refused}"
        ),
        "no\nno\nno\n",
    );
    check(
        &format!("(echo x > /etc/hosts) {refused}; (echo x > /proc/sys/kernel/hostname) {refused}"),
        "no\nno\n",
    );
}

#[test]
fn what_is_met_is_noted() {
    let Some(root) = Root::new() else { return };
    let outcome = root.shell("cd /etc; cat hosts ../usr/gone; exec /usr/bin/none");
    assert_eq!(outcome.status, Status::Exited(127));
    let missing: Vec<_> = outcome.files.missing.iter().map(String::as_str).collect();
    assert_eq!(missing, ["/etc/busybox.conf", "/usr/bin/none", "/usr/gone"]);
    assert!(outcome.files.opened.contains("/etc/hosts"), "{:?}", outcome.files.opened);
    assert!(outcome.files.opened.contains("/usr/bin/busybox"), "{:?}", outcome.files.opened);
    assert_eq!(outcome.files.folders, ["/etc".to_string()].into());
}

#[track_caller]
fn check_not_started(root: &Root, program: &str, missing: &[&str]) {
    let outcome = root.run(&[program], USER);
    let reason = "No such file or directory (os error 2)".into();
    assert_eq!(outcome.status, Status::NotStarted(reason));
    assert_eq!(outcome.files.missing, missing.iter().map(ToString::to_string).collect());
}

#[test]
fn what_is_not_there_is_not_started() {
    let root = Root::empty();
    check_not_started(&root, "/usr/bin/busybox", &["/usr/bin/busybox"]);
    fs::write(root.0.path().join("script"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(root.0.path().join("script"), fs::Permissions::from_mode(0o755)).unwrap();
    check_not_started(&root, "/script", &["/bin/sh"]);
}

#[test]
fn the_name_of_the_folder_may_be_no_text() {
    let Some(root) = Root::new() else { return };
    let folder = root.0.path().join(OsStr::from_bytes(b"\xff"));
    fs::create_dir(&folder).unwrap();
    fs::rename(root.0.path().join("usr"), folder.join("usr")).unwrap();
    let argv = argv(&["/usr/bin/busybox", "echo", "x"]);
    let outcome = trial(&folder, USER, &run(&argv, &environment(&[]))).unwrap();
    assert_eq!(outcome.stdout, b"x\n");
}

#[test]
fn programs_run_where_the_host_has_none_run() {
    let Some(root) = Root::new().filter(|_| geteuid().is_root()) else { return };
    let folder = tempfile::tempdir().unwrap();
    mount("none", folder.path(), "tmpfs", MountFlags::NOEXEC, None::<&CStr>).unwrap();
    fs::create_dir_all(folder.path().join("usr/bin")).unwrap();
    let busybox = Path::new("usr/bin/busybox");
    fs::copy(root.0.path().join(busybox), folder.path().join(busybox)).unwrap();
    let argv = argv(&["/usr/bin/busybox", "echo", "x"]);
    let outcome = trial(folder.path(), USER, &run(&argv, &environment(&[])));
    unmount(folder.path(), UnmountFlags::DETACH).unwrap();
    assert_eq!(outcome.unwrap().stdout, b"x\n");
}

#[test]
fn root_is_no_more_than_root_of_a_container() {
    let Some(root) = Root::new() else { return };
    let script = "id -u; mount -t tmpfs x /usr 2>/dev/null || echo no";
    let outcome = root.run(&["/usr/bin/busybox", "sh", "-c", script], (0, 0));
    assert_eq!(String::from_utf8_lossy(&outcome.stdout), "0\nno\n");
}

#[test]
fn a_server_is_asked_inside() {
    let Some(root) = Root::new() else { return };
    fs::create_dir(root.0.path().join("www")).unwrap();
    fs::write(root.0.path().join("www/a"), "inside").unwrap();
    // Free when this test began; nobody else asks for this one.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let argv = argv(&["/usr/bin/busybox", "httpd", "-f", "-p", &address, "-h", "/www"]);
    let http = self::argv(&["/a", "/gone"]);
    let run = Run { http: &http, ..run(&argv, &[]) };
    // Twice, since a port is to be free again.
    for _ in 0..2 {
        let outcome = trial(root.0.path(), USER, &run).unwrap();
        let [a, gone] = &*outcome.answers else { panic!("{:?}", outcome.answers) };
        let response = Ok(Response { status: 200, body: b"inside".to_vec() });
        assert_eq!(*a, Answer { path: "/a".into(), response });
        assert_eq!(gone.to_string(), "404");
        assert!(outcome.files.missing.contains("/www/gone"));
    }
}

/// The files that a program opened on the host but for one, in a root where it is tried.
fn try_copy(words: &[&str], left: &str, may_repair: bool) -> Result<Verified<Root>, Failure> {
    let argv = argv(words);
    let variables = environment(&[]);
    let run = run(&argv, &variables);
    let files = trace(&run)?.files;
    let build = |added: &BTreeSet<String>| {
        let root = Root::empty();
        let kept = files.opened.iter().chain(&files.folders).filter(|path| *path != left);
        kept.chain(added).for_each(|path| root.put(path));
        Ok(root)
    };
    verify(may_repair, build, || trace(&run), |root| trial(root.0.path(), USER, &run))
}

#[track_caller]
fn check_added(words: &[&str], left: &str, added: &[&str]) {
    let verified = try_copy(words, left, true).unwrap();
    assert_eq!(verified.added, added.iter().map(ToString::to_string).collect());
    assert_eq!(verified.warnings, [""; 0]);
    assert!(added.iter().all(|path| verified.root.0.path().join(&path[1..]).exists()));
}

#[test]
fn what_was_traced_is_enough() {
    check_added(&["/bin/cat", "/etc/passwd"], "", &[]);
    check_added(&["/bin/sh", "-c", "sort /etc/passwd"], "", &[]);
}

#[test]
fn what_is_missed_comes_back() {
    check_added(&["/bin/cat", "/etc/passwd"], "/etc/passwd", &["/etc/passwd"]);
    // What it only asks about was not traced.
    check_added(&["/bin/sh", "-c", "test -e /etc/passwd && echo yes"], "", &["/etc/passwd"]);
    let failure = try_copy(&["/bin/cat", "/etc/passwd"], "/etc/passwd", false).unwrap_err();
    let said = "/bin/cat: /etc/passwd: No such file or directory";
    let help = " help: it misses some files: --include /etc/passwd";
    assert!(
        failure.to_string().ends_with(&format!("in the image:\n   {said}\n{help}")),
        "{failure}"
    );
}

/// All of this once more as a user who is not root: by a user namespace.
#[test]
fn nobody_can_try_too() {
    let tests = std::env::current_exe().unwrap();
    let is_root = rustix::process::geteuid().is_root();
    let is_open = |path: &Path| fs::metadata(path).is_ok_and(|it| it.mode() & 0o005 == 0o005);
    if !is_root || !tests.ancestors().all(is_open) {
        eprintln!("skipped: another user cannot run {}", tests.display());
        return;
    }
    let mut again = Command::new(tests);
    again
        .args(["program::trial::tests", "--skip", "nobody"])
        .uid(65534)
        .gid(65534)
        .current_dir("/");
    let output = again.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(!text.contains(" 0 passed"), "{text}");
}
