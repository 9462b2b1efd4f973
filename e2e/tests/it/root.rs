//! The executable where there is nothing else: no /proc, no /dev, no /tmp, no standard input or
//! output.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Pipkin, Server, check_site, children, example, free_port, ready, signal};

/// A root filesystem with the executable alone, and its path there.
fn root(pipkin: &Pipkin, folder: &Path) -> PathBuf {
    let root = folder.join("root");
    let output = format!("type=dir,dest={}", root.display());
    let _ = pipkin.build(folder, &example(), &["-o", &output]);
    root
}

#[test]
fn an_empty_root() {
    let Some(pipkin) = ready(&["chroot", "root"]) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let root = root(&pipkin, folder.path());
    let mut command = Command::new("chroot");
    command.arg("--userspec=65532:65532").arg(&root).arg("/site");
    let server = Server::start(command.arg(format!("127.0.0.1:{port}")), port);
    let seen = fs::read_dir(format!("/proc/{}/root", server.id())).unwrap();
    let seen: Vec<_> = seen.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(seen, ["site"]);
    check_site(server.address);
    assert_eq!(server.stop("TERM").code(), Some(0));
}

/// Descriptors 0 to 2 are then sockets, to which nothing may be said but answers.
#[test]
fn closed_standard_descriptors() {
    let Some(pipkin) = ready(&["sh"]) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let exe = pipkin.exe(folder.path(), &example(), "linux/amd64");
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"exec "$0" "$1" <&- >&- 2>&-"#]).arg(exe);
    let server = Server::start(shell.arg(format!("127.0.0.1:{port}")), port);
    check_site(server.address);
    for worker in children(server.id()) {
        signal(worker, "KILL");
        check_site(server.address);
    }
    assert_eq!(server.stop("TERM").code(), Some(0));
}

/// What can be written cannot be run, in every process.
#[test]
fn no_memory_is_both_writable_and_executable() {
    let Some(pipkin) = ready(&[]) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let exe = pipkin.exe(folder.path(), &example(), "linux/amd64");
    let server = Server::start(Command::new(exe).arg(format!("127.0.0.1:{port}")), port);
    check_site(server.address);
    let workers = children(server.id());
    assert!(!workers.is_empty(), "the server has workers");
    for process in workers.into_iter().chain([server.id()]) {
        let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
        let access = |line: &str| line.split(' ').nth(1).unwrap_or_default().to_string();
        let both = |line: &&str| access(line).contains('w') && access(line).contains('x');
        assert_eq!(maps.lines().find(both), None, "process {process}:\n{maps}");
        assert!(maps.lines().any(|line| access(line).contains('x')), "{maps}");
    }
}
