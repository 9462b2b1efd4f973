//! Large bodies: the kernel takes them from the executable's file, and where there is no `/proc` to find
//! that by, from memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Client, Pipkin, Server, children, free_port, ready, seeded, write};

const BYTES: usize = 3 << 20;

/// What a worker may have mapped of the file in KiB, when it has sent the body without reading it.
const MAPPED_KIB_MAX: u64 = 512;

/// A root filesystem with the server alone, the path of the server in it, and the body that it has.
fn build(pipkin: &Pipkin, folder: &Path, flags: &[&str]) -> (PathBuf, PathBuf, Vec<u8>) {
    let (site, root) = (folder.join("site"), folder.join("root"));
    let body: Vec<u8> = seeded(1).flat_map(u64::to_le_bytes).take(BYTES).collect();
    write(&site, "large.bin", &body);
    let output = format!("type=dir,dest={}", root.display());
    let args = ["--platform", "linux/amd64", "-o", &output];
    let _ = pipkin.build(folder, &site, &[flags, &args].concat());
    let server = fs::read_dir(&root).unwrap().next().unwrap().unwrap().path();
    (root, server, body)
}

/// That the body comes, whole and in parts; how much of the file is mapped then, in KiB.
#[track_caller]
fn check_body(server: &Server, body: &[u8]) -> u64 {
    let mut client = Client::connect(server.address);
    assert!(client.get("/large.bin").body == body, "it differs");
    for (first, last) in [(0, 0), (4095, 8192), (1, BYTES - 1), (BYTES - 70_000, BYTES - 1)] {
        let range = format!("Range: bytes={first}-{last}\r\n");
        let answer = client.get_with("/large.bin", &range);
        assert!(answer.body == body[first..=last], "{range} differs");
    }
    let [worker] = children(server.id())[..] else { panic!("it has one worker") };
    let status = fs::read_to_string(format!("/proc/{worker}/status")).unwrap();
    let mapped = status.lines().find_map(|line| line.strip_prefix("RssFile:")?.strip_suffix("kB"));
    mapped.unwrap().trim().parse().unwrap()
}

#[track_caller]
fn check_file(flags: &[&str]) {
    let Some(pipkin) = ready(&[]) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let (_, exe, body) = build(&pipkin, folder.path(), flags);
    let mut command = Command::new(exe);
    command.env("WORKERS", "1").arg(format!("127.0.0.1:{port}"));
    let server = Server::start(&mut command, port);
    let mapped = check_body(&server, &body);
    assert!(mapped < MAPPED_KIB_MAX, "{mapped} KiB are mapped");
    assert_eq!(server.stop("TERM").code(), Some(0));
}

#[test]
fn a_large_body_is_sent_from_the_file() {
    check_file(&[]);
    check_file(&["--access-log"]);
}

#[test]
fn a_packed_server_finds_its_file() {
    check_file(&["--golf"]);
}

#[test]
fn without_a_file_a_large_body_is_sent_from_memory() {
    let Some(pipkin) = ready(&["chroot", "root"]) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let (root, exe, body) = build(&pipkin, folder.path(), &[]);
    let mut command = Command::new("chroot");
    command.arg(root).arg(Path::new("/").join(exe.file_name().unwrap()));
    command.env("WORKERS", "1").arg(format!("127.0.0.1:{port}"));
    let server = Server::start(&mut command, port);
    let mapped = check_body(&server, &body);
    assert!(mapped > BYTES as u64 / 1024 / 2, "{mapped} KiB are mapped");
    assert_eq!(server.stop("TERM").code(), Some(0));
}
