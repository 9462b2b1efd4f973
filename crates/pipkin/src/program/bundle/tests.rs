//! Bundles of programs of this machine, unpacked and run, here and where there is nothing else.

mod loaders;
mod variables;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use pipkin_closure::{Include, Kind, Settings};
use tempfile::TempDir;

use super::*;
use crate::flags::Story;
use crate::progress::Progress;
use crate::root;

/// A folder with the bundle of a program.
struct Unpacked {
    folder: TempDir,
    name: String,
}

impl Unpacked {
    /// That of the program at `path`.
    fn new(path: &str, settings: &Settings) -> Self {
        let (folder, name) = (tempfile::tempdir().unwrap(), path.rsplit('/').next().unwrap());
        let closure = pipkin_closure::find(path, settings).unwrap();
        let tree = tree(&closure, &crate::program::platform(&closure, &[]).unwrap()).unwrap();
        let progress = Progress::start(Story { quiet: true, verbose: false });
        root::write(&tree, &progress, folder.path()).unwrap();
        Self { folder, name: name.into() }
    }

    /// That of a shell, which can tell a lot about itself.
    fn shell() -> Self {
        Self::new("/bin/sh", &Settings::default())
    }

    /// A path in the folder with that of the bundle.
    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// What is started.
    fn program(&self) -> PathBuf {
        self.at(&self.name).join(&self.name)
    }

    /// A command that sees the bundle alone: no `/proc`, no `/dev`.
    fn alone(&self, path: &str) -> Command {
        let mut command = if rustix::process::geteuid().is_root() {
            let places = ["/usr/sbin/chroot", "/usr/bin/chroot"];
            let chroot = places.into_iter().find(|path| Path::new(path).exists()).unwrap();
            let mut command = Command::new(chroot);
            command.arg(self.folder.path());
            command
        } else {
            let mut command = Command::new("/usr/bin/unshare");
            command.args(["--user", "--map-root-user", "--root"]).arg(self.folder.path());
            command
        };
        command.arg(path).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }
}

fn output(command: &mut Command, stdin: &[u8]) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may not want to know.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

#[track_caller]
fn check(command: &mut Command, expected: &str) {
    let Output { status, stdout, stderr } = output(command, b"");
    let said = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!((status.code(), said), (Some(0), [expected.into(), String::new()]), "{command:?}");
}

const ECHO: [&str; 4] = ["-c", r#"echo "$0 $# $1$2""#, "a b", "c"];

#[test]
fn it_starts_from_anywhere() {
    let unpacked = Unpacked::shell();
    let (top, folder) = (unpacked.at("sh"), unpacked.folder.path());
    let here = |path: &str| Command::new(path);
    check(Command::new(unpacked.program()).args(ECHO), "a b 1 c\n");
    check(here("./sh").current_dir(&top).args(ECHO), "a b 1 c\n");
    check(here("../../sh").current_dir(top.join("rootfs/usr")).args(ECHO), "a b 1 c\n");
    check(here("./sh").current_dir(top.join("rootfs/bin")).args(ECHO), "a b 1 c\n");
    check(here("sh").env("PATH", &top).args(ECHO), "a b 1 c\n");
    symlink("sh/sh", folder.join("link")).unwrap();
    check(Command::new(folder.join("link")).args(ECHO), "a b 1 c\n");
    fs::rename(&top, folder.join("moved")).unwrap();
    fs::rename(folder.join("moved/sh"), folder.join("moved/other")).unwrap();
    check(Command::new(folder.join("moved/other")).args(ECHO), "a b 1 c\n");
}

/// There the place is found without `/proc`.
#[test]
fn it_starts_where_there_is_nothing_else() {
    let unpacked = Unpacked::shell();
    let nested = "cd sh/rootfs/bin; ./sh -c 'echo $0' x; ../bin/../bin/sh -c 'cd /; pwd'; \
                  PATH=/sh; cd ..; sh -c pwd";
    symlink("/second", unpacked.at("first")).unwrap();
    symlink("sh/sh", unpacked.at("second")).unwrap();
    check(unpacked.alone("/sh/sh").args(ECHO), "a b 1 c\n");
    check(unpacked.alone("/first").args(ECHO), "a b 1 c\n");
    check(unpacked.alone("/sh/sh").args(["-c", nested]), "x\n/\n/sh/rootfs\n");
    // At the top of the root, its folder has no name.
    fs::rename(unpacked.at("sh/rootfs"), unpacked.at("rootfs")).unwrap();
    fs::rename(unpacked.at("sh/sh"), unpacked.at("third")).unwrap();
    check(unpacked.alone("/third").args(ECHO), "a b 1 c\n");
}

#[test]
fn it_ends_as_the_program_does() {
    let unpacked = Unpacked::shell();
    let run = |line: &str| output(Command::new(unpacked.program()).args(["-c", line]), b"").status;
    assert_eq!(run("exit 7").code(), Some(7));
    assert_eq!(run("kill -TERM $$").signal(), Some(15));
}

/// One process, with the name by which it was started, and nothing that it was not given.
#[test]
fn the_process_is_that_of_the_program() {
    let unpacked = Unpacked::shell();
    symlink("sh/sh", unpacked.at("link")).unwrap();
    let mut command = Command::new(unpacked.at("link"));
    let command = command.args(["-s", "x"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"echo $$\n").unwrap();
    let mut line = [0; 16];
    let bytes = rustix::io::read(child.stdout.as_ref().unwrap(), &mut line).unwrap();
    assert_eq!(String::from_utf8_lossy(&line[..bytes]), format!("{}\n", child.id()));
    let proc = PathBuf::from(format!("/proc/{}", child.id()));
    assert_eq!(fs::read(proc.join("comm")).unwrap(), b"link\n");
    let link = unpacked.at("link").display().to_string();
    assert_eq!(fs::read(proc.join("cmdline")).unwrap(), format!("{link}\0-s\0x\0").into_bytes());
    let launcher = unpacked.at("sh/sh").canonicalize().unwrap();
    assert_eq!(fs::read_link(proc.join("exe")).unwrap(), launcher);
    let maps = fs::read_to_string(proc.join("maps")).unwrap();
    let stack = maps.lines().find(|line| line.ends_with("[stack]")).unwrap();
    assert_eq!(stack.split_whitespace().nth(1), Some("rw-p"));
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_child_inherits_what_it_would_without_a_bundle() {
    let unpacked = Unpacked::shell();
    let children = "export -p; for fd in 3 4 5 6 7 8 9; do { : >&$fd; } 2>&- && echo $fd; done; :";
    let run = |program: &Path| {
        let mut command = Command::new(program);
        command.env_clear().env("A", "1").env("LD_BIND_NOW", "1").current_dir("/");
        let output = output(command.args(["-c", children]), b"");
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let there = run(&unpacked.program());
    assert!(there.1.contains("LD_BIND_NOW"));
    assert_eq!(there, run(Path::new("/bin/sh")));
}

#[test]
fn as_many_arguments_as_the_kernel_takes() {
    let unpacked = Unpacked::shell();
    let line = ["-c", "echo $#"];
    let run = |args: &[String]| {
        let mut command = Command::new(unpacked.program());
        check(command.env_clear().args(line).args(args), &format!("{}\n", args.len() - 1));
    };
    run(&vec!["x".repeat(100_000); 15]);
    run(&vec![String::new(); 100_000]);
    let mut named = Command::new(unpacked.program());
    check(named.arg0("").args(["-c", "echo $#", "x"]), "0\n");
}

/// Modules for character sets are found below the name that the bundle's libc has for them.
#[test]
fn modules_of_libc() {
    let settings = Settings { gconv: vec!["UTF-16".into()], ..Settings::default() };
    let unpacked = Unpacked::new("/usr/bin/iconv", &settings);
    for variables in [&[][..], &[("PIPK_GCONV", "/nowhere"), ("GCONV_PATH", "/nowhere")]] {
        let mut command = unpacked.alone("/iconv/iconv");
        command.args(["-f", "UTF-16LE", "-t", "UTF-8"]).envs(variables.iter().copied());
        let Output { status, stdout, stderr } = output(&mut command, b"a\0b\0");
        assert_eq!((status.code(), &stdout[..]), (Some(0), &b"ab"[..]), "{stderr:?}");
    }
}

/// What it runs by name is in the bundle, too.
#[test]
fn a_script() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app");
    fs::write(&path, "#!/bin/sh -e\necho \"$-\" \"$@\" | cat\nfalse\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let path = path.canonicalize().unwrap();
    let path = path.to_str().unwrap();
    let cat = Include {
        path: "/bin/cat".into(),
        dest: None,
        kind: Kind::Included,
        detail: String::new(),
    };
    let unpacked = Unpacked::new(path, &Settings { include: vec![cat], ..Settings::default() });
    let run = |command: &mut Command| {
        let Output { status, stdout, stderr } = output(command.args(["a b", "c"]), b"");
        assert_eq!(String::from_utf8(stderr).unwrap(), "");
        assert_eq!((status.code(), &stdout[..]), (Some(1), &b"e a b c\n"[..]), "{command:?}");
    };
    run(&mut unpacked.alone("/app/app"));
    run(unpacked.alone("/app/app").env_clear());
    run(&mut Command::new(unpacked.program()));
}

#[test]
fn a_static_program_is_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("static");
    let program =
        launcher(&pipkin_closure::find("/bin/sh", &Settings::default()).unwrap(), vec![0]);
    let program = program.unwrap();
    fs::write(&path, &program).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let unpacked = Unpacked::new(path.to_str().unwrap(), &Settings::default());
    assert_eq!(fs::read(unpacked.program()).unwrap(), program);
}
