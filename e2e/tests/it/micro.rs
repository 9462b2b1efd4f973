//! `--server micro`: one document, and what its few bytes do with clients, engines and wrong input.

mod answers;
mod clients;
mod engines;
mod mutated;
mod port;
mod wrong;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use e2e::{Pipkin, Server, free_port, ready, write};
use nix::sched::{CloneFlags, unshare};

/// What an image of 512 bytes serves.
const PAGE: &[u8] = b"hello world\n";
const OK: &[u8] =
    b"HTTP/1.0 200 \r\nContent-Type:text/html\r\nContent-Length:12\r\n\r\nhello world\n";
const MISSING: &[u8] = b"HTTP/1.0 404 \r\n\r\n";
const METHOD: &[u8] = b"HTTP/1.0 405 \r\nAllow:GET,HEAD\r\n\r\n";

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// How long it waits for a client that sends nothing.
const LIMIT: Duration = Duration::from_secs(2);
/// What a test may take in which nobody is waited for.
const AT_ONCE: Duration = Duration::from_secs(1);
/// The limit, and as long as a busy machine may take.
const LATE: Duration = Duration::from_secs(10);

/// The answer to HEAD: that to GET without its document.
fn head() -> &'static [u8] {
    &OK[..OK.len() - PAGE.len()]
}

/// As [`ready`], with a network of its own for this test and all that it starts, for a micro server
/// listens on every address.
fn alone(needs: &[&str]) -> Option<Pipkin> {
    let pipkin = ready(&[needs, &["root", "ip"]].concat())?;
    unshare(CloneFlags::CLONE_NEWNET).unwrap();
    let done = Command::new("ip").args(["link", "set", "lo", "up"]).status().unwrap();
    assert!(done.success(), "{done}");
    Some(pipkin)
}

/// The executable for `platform` that serves `document` as `name`, in `folder`.
fn exe_for(pipkin: &Pipkin, folder: &Path, platform: &str, name: &str, document: &[u8]) -> PathBuf {
    write(folder, name, document);
    let args = ["--server", "micro", "--platform", platform, "-o", "type=exe,dest=exe"];
    let _ = pipkin.build(folder, &folder.join(name), &args);
    folder.join("exe")
}

/// The same for this machine, in a folder of its own.
struct Exe {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Exe {
    fn of(name: &str, document: &[u8]) -> Option<Self> {
        let pipkin = alone(&[])?;
        let folder = tempfile::tempdir().unwrap();
        let path = exe_for(&pipkin, folder.path(), "linux/amd64", name, document);
        Some(Self { path, _folder: folder })
    }

    /// Serves until it is dropped.
    fn serve(&self) -> Server {
        start(&mut Command::new(&self.path))
    }
}

/// Starts `command` on a free port.
fn start(command: &mut Command) -> Server {
    let port = free_port();
    Server::start(command.arg(port.to_string()), port)
}

/// Runs `test` against a server of the page, which serves it afterwards, too.
fn check(test: impl FnOnce(SocketAddr)) {
    let Some(exe) = Exe::of("page.html", PAGE) else { return };
    let server = exe.serve();
    test(server.address);
    check_page(server.address);
}

/// It serves the page.
#[track_caller]
fn check_page(address: SocketAddr) {
    check_answer(address, GET, OK);
}

#[track_caller]
fn check_answer(address: SocketAddr, request: &[u8], expected: &[u8]) {
    assert_answer(&rest(send(address, request)), expected, request);
}

#[track_caller]
fn assert_answer(answer: &[u8], expected: &[u8], request: &[u8]) {
    let (answer, expected) = (answer.escape_ascii(), expected.escape_ascii());
    assert_eq!(answer.to_string(), expected.to_string(), "to {}", request.escape_ascii());
}

/// A connection on which `bytes` are sent, as far as the server takes them.
fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LATE)).unwrap();
    stream.set_nodelay(true).unwrap();
    // It may have answered and be gone.
    stream.write_all(bytes).ok();
    stream
}

/// What the server sends until it ends the connection, which is with a reset when it has not read all.
fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    stream.read_to_end(&mut received).ok();
    received
}
