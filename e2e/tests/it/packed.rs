//! Servers built with `--golf`, which unpack themselves: they do what they would do anyway, and their
//! memory is as if they had never been packed.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use e2e::{Pipkin, Server, example, free_port, ready, run_any};

/// What the supervisor of a server may hold, which unpacking exceeds eight times.
const KIB_MAX: u64 = 512;

/// Below `examples`: what is served, with which flags, and what it is asked: method, target, and body if
/// it has one.
type Case =
    (&'static str, &'static [&'static str], &'static [(&'static str, &'static str, &'static str)]);

const SITE: &[(&str, &str, &str)] = &[
    ("GET", "/", ""),
    ("HEAD", "/about", ""),
    ("GET", "/app.js", ""),
    ("GET", "/fonts/pipkin.woff2", ""),
    ("GET", "/no/such/page", ""),
    ("POST", "/", ""),
    ("GET", "/%", ""),
];

const CASES: &[Case] = &[
    ("site", &[], SITE),
    ("site", &["--access-log"], SITE),
    ("hello.rs", &[], &[("GET", "/", ""), ("HEAD", "/a", ""), ("POST", "/", "body")]),
    (
        "todo",
        &[],
        &[
            ("GET", "/todos", ""),
            ("POST", "/todos", r#"{"title":"milk"}"#),
            ("POST", "/todos", r#"{"name":"milk"}"#),
            ("GET", "/todos/1", ""),
            ("DELETE", "/todos/1", ""),
            ("GET", "/todos/1", ""),
        ],
    ),
    (
        "api.rs",
        &[],
        &[
            ("GET", "/", ""),
            ("GET", "/style.css", ""),
            ("GET", "/api/add?a=1&b=41", ""),
            ("GET", "/api/add?a=1", ""),
            ("DELETE", "/api/add", ""),
        ],
    ),
];

fn examples(name: &str) -> PathBuf {
    example().with_file_name(name)
}

/// The executable that serves `name` of the examples, as `file` in `folder`.
fn exe(pipkin: &Pipkin, folder: &Path, name: &str, flags: &[&str], file: &str) -> PathBuf {
    let path = folder.join(file);
    let output = format!("type=exe,dest={}", path.display());
    let args = ["--platform", "linux/amd64", "-o", &output];
    let _ = pipkin.build(folder, &examples(name), &[flags, &args].concat());
    path
}

/// Runs `exe` with one worker, since each has a state of its own.
fn start(exe: &Path) -> (Command, Server) {
    let port = free_port();
    let mut command = Command::new(exe);
    command.env("HOST", "127.0.0.1").env("PORT", port.to_string()).env("WORKERS", "1");
    let server = Server::start(&mut command, port);
    (command, server)
}

/// All that comes for a request, less the line with the date.
fn answer(address: SocketAddr, (method, target, body): (&str, &str, &str)) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let length =
        if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let head =
        format!("{method} {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{length}\r\n");
    stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).unwrap();
    let mut received = Vec::new();
    stream.read_to_end(&mut received).unwrap();
    let lines = received.split_inclusive(|byte| *byte == b'\n');
    lines.filter(|line| !line.starts_with(b"Date: ")).flatten().copied().collect()
}

#[test]
fn they_answer_as_without_packing() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    for (name, flags, requests) in CASES {
        let folder = tempfile::tempdir().unwrap();
        let build =
            |file, more: &[&str]| exe(&pipkin, folder.path(), name, &[*flags, more].concat(), file);
        let [plain, golfed, again] =
            [build("plain", &[]), build("golfed", &["--golf"]), build("again", &["--golf"])];
        let bytes = fs::read(&golfed).unwrap();
        assert!(bytes == fs::read(again).unwrap(), "{name} is the same each time");
        assert!(bytes.len() < fs::read(&plain).unwrap().len(), "{name} is packed");
        let ((_, plain), (mut command, golfed)) = (start(&plain), start(&golfed));
        for request in *requests {
            let [expected, found] =
                [&plain, &golfed].map(|server| answer(server.address, *request));
            assert!(expected.starts_with(b"HTTP/1.1 "), "{name}: {request:?}");
            assert_eq!(found.escape_ascii().to_string(), expected.escape_ascii().to_string());
        }
        check_memory(golfed.id());
        assert_eq!(run_any(command.arg("health")).status.code(), Some(0), "{name}");
        assert_eq!(golfed.stop("TERM").code(), Some(0), "{name}");
        assert_eq!(run_any(&mut command).status.code(), Some(1), "{name} listens no more");
    }
}

/// Code is unpacked, nothing is both code and writable, and what unpacking took is given back.
#[track_caller]
fn check_memory(process: u32) {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let rights = |line: &str| line.split(' ').nth(1).unwrap_or_default().to_owned();
    assert!(
        !maps.lines().any(|line| rights(line).contains('w') && rights(line).contains('x')),
        "{maps}"
    );
    let is_unpacked = |line: &str| rights(line) == "r-xp" && line.trim_end().ends_with(" 00:00 0");
    assert_eq!(maps.lines().filter(|line| is_unpacked(line)).count(), 1, "{maps}");
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap();
    let held = rollup.lines().find_map(|line| line.strip_prefix("Rss:")?.strip_suffix("kB"));
    let held: u64 = held.unwrap().trim().parse().unwrap();
    assert!(held < KIB_MAX, "{held} KiB\n{maps}");
}

/// An argument comes before a variable, and what is no address is refused as ever.
#[test]
fn they_see_arguments_and_variables() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["site", "hello.rs"] {
        let exe = exe(&pipkin, folder.path(), name, &["--golf"], "exe");
        let (port, other) = (free_port(), free_port());
        let mut command = Command::new(&exe);
        command.arg(format!("127.0.0.1:{port}")).env("PORT", other.to_string());
        let server = Server::start(&mut command, port);
        assert!(TcpStream::connect(("127.0.0.1", other)).is_err());
        assert_eq!(server.stop("TERM").code(), Some(0));
        let refused = run_any(Command::new(&exe).arg("tea"));
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.starts_with("pipkin: "), "{said}");
    }
}

/// prctl(2), `PR_SET_MDWE`, and then the program; 9 when the kernel does not know it.
const FORBIDDEN: &str = "
import ctypes, os, sys
sys.exit(9) if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) else os.execv(sys.argv[1], sys.argv[1:])";

/// As the guide has it: where memory that was written may not become code, they end with SIGSEGV and say
/// nothing. Others run.
#[test]
fn where_it_is_forbidden() {
    let Some(pipkin) = ready(&["/usr/bin/python3"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    for (flags, ends_with) in [(&[][..], (Some(1), None)), (&["--golf"], (None, Some(11)))] {
        let exe = exe(&pipkin, folder.path(), "site", flags, "exe");
        let mut python = Command::new("/usr/bin/python3");
        let done = run_any(
            python
                .args(["-c", FORBIDDEN])
                .arg(exe)
                .arg("health")
                .env("PORT", free_port().to_string()),
        );
        if done.status.code() == Some(9) {
            return eprintln!("skipped: Linux before 6.3 has no PR_SET_MDWE");
        }
        assert_eq!((done.status.code(), done.status.signal()), ends_with, "{done:?}");
    }
}
