//! Peers and circumstances that would bring a server down, or keep it from the others.

mod descriptors;
mod health;
pub(crate) mod mutated;
mod patience;
mod storm;
mod workers;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::{Client, Server, free_port, ready, signal};
use health::Health;

const LARGE_BYTES: usize = 30 << 20;
const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n";

/// A site with a small page and a large file, as an executable in `folder`.
fn executable(folder: &Path) -> Option<PathBuf> {
    let pipkin = ready(&[])?;
    let site = folder.join("public");
    std::fs::create_dir(&site).unwrap();
    std::fs::write(site.join("index.html"), "small\n").unwrap();
    std::fs::write(site.join("large.bin"), vec![b'x'; LARGE_BYTES]).unwrap();
    Some(pipkin.exe(folder, &site, "linux/amd64"))
}

/// Runs `test` against a server that `command` starts; `EXE` and `PORT` stand for the executable
/// and its port.
fn check(command: &[&str], test: impl FnOnce(&Server)) {
    let folder = tempfile::tempdir().unwrap();
    let Some(exe) = executable(folder.path()) else { return };
    let port = free_port();
    let filled = |text: &&str| {
        text.replace("EXE", &exe.display().to_string()).replace("PORT", &port.to_string())
    };
    let words: Vec<String> = command.iter().map(filled).collect();
    let server = Server::start(Command::new(&words[0]).args(&words[1..]), port);
    test(&server);
}

const PLAIN: &[&str] = &["EXE", "127.0.0.1:PORT"];

fn check_answers(address: SocketAddr) {
    assert_eq!(Client::connect(address).get("/").body, b"small\n");
}

/// Runs `test` as [`check`] does; the server is then as healthy as it was before.
fn check_recovery(command: &[&str], test: impl FnOnce(&Server)) {
    check(command, |server| {
        let health = Health::of(server);
        test(server);
        health.check(server);
    });
}

fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

/// The processes whose parent is `id`.
fn children(id: u32) -> Vec<u32> {
    let text = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    text.split_whitespace().map(|id| id.parse().unwrap()).collect()
}

#[test]
fn children_of_others_mean_nothing() {
    let script = "sleep 0.2 & sleep 600 & echo $! >&2; exec EXE 127.0.0.1:PORT";
    check(&["sh", "-c", script], |server| {
        std::thread::sleep(Duration::from_millis(400));
        check_answers(server.address);
        let start = Instant::now();
        for child in children(server.id()) {
            let name = std::fs::read_to_string(format!("/proc/{child}/comm")).unwrap();
            if name.trim() == "sleep" {
                signal(child, "KILL");
            }
        }
        check_answers(server.address);
        assert!(start.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn unfinished_heads_give_way_when_descriptors_run_out() {
    check(&["prlimit", "--nofile=40", "EXE", "127.0.0.1:PORT"], |server| {
        let _heads: Vec<TcpStream> = (0..100).map(|_| send(server.address, HEAD)).collect();
        (0..20).for_each(|_| check_answers(server.address));
    });
}

#[test]
fn unfinished_heads_give_way_to_downloads() {
    check(&["prlimit", "--nofile=8192", "EXE", "127.0.0.1:PORT"], |server| {
        // More than two workers can hold.
        let heads = (0..2500).map_while(|_| {
            let mut stream = TcpStream::connect(server.address).ok()?;
            stream.write_all(HEAD).ok()?;
            Some(stream)
        });
        let heads: Vec<TcpStream> = heads.collect();
        assert!(heads.len() > 500, "{} connections", heads.len());
        // These are due sooner, and hold nothing that could be given away.
        let lingering = |_| send(server.address, b"nonsense\r\n\r\n");
        let _lingering: Vec<TcpStream> = (0..100).map(lingering).collect();
        assert_eq!(Client::connect(server.address).get("/large.bin").body.len(), LARGE_BYTES);
        let mut client = send(server.address, HEAD);
        std::thread::sleep(Duration::from_millis(100));
        client.write_all(b"Connection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("small\n"), "{answer}");
    });
}

#[test]
fn a_half_closed_connection_gets_its_answer() {
    check(PLAIN, |server| {
        let mut client = send(server.address, &[HEAD, b"\r\n"].concat());
        client.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("small\n"), "{answer}");
    });
}

#[test]
fn a_body_is_never_a_request() {
    check(PLAIN, |server| {
        let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 37\r\n\r\n";
        let mut client = send(server.address, [head, smuggled].concat().as_bytes());
        client.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    });
}

/// What is in flight may be read to its end; then the server is gone.
#[test]
fn a_download_survives_a_stop() {
    check(PLAIN, |server| {
        let request = b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut client = send(server.address, request);
        let mut first = [0; 1];
        client.read_exact(&mut first).unwrap();
        signal(server.id(), "TERM");
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).unwrap();
        assert!(rest.len() >= LARGE_BYTES, "{} bytes", rest.len());
    });
}

const DOWNLOAD: &[u8] = b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n";

/// Reads until the server ends the connection, which must be behind so many whole answers.
#[track_caller]
fn check_whole(mut client: TcpStream, count: usize) {
    // The socket is full by then, so the answer waits and is made again.
    std::thread::sleep(Duration::from_millis(300));
    let mut received = Vec::new();
    client.read_to_end(&mut received).unwrap();
    let found = e2e::answers(&received, false).unwrap();
    assert_eq!((found.statuses, found.rest_bytes), (vec![200; count], 0));
}

#[test]
fn an_answer_begun_during_a_stop_is_whole() {
    check(PLAIN, |server| {
        let (start, rest) = DOWNLOAD.split_at(10);
        let mut client = send(server.address, start);
        std::thread::sleep(Duration::from_millis(200));
        signal(server.id(), "TERM");
        std::thread::sleep(Duration::from_millis(200));
        client.write_all(rest).unwrap();
        check_whole(client, 1);
    });
}

#[test]
fn an_answer_behind_another_during_a_stop_is_whole() {
    check(PLAIN, |server| {
        let client = send(server.address, &DOWNLOAD.repeat(2));
        std::thread::sleep(Duration::from_millis(200));
        signal(server.id(), "TERM");
        check_whole(client, 2);
    });
}

/// A stopped process that goes on is told so by an interrupted call, which is no time-out.
#[test]
fn a_download_survives_a_stop_that_is_suspended() {
    check(PLAIN, |server| {
        let client = send(server.address, DOWNLOAD);
        std::thread::sleep(Duration::from_millis(200));
        for name in ["TERM", "STOP", "CONT"] {
            signal(server.id(), name);
            std::thread::sleep(Duration::from_millis(100));
        }
        check_whole(client, 1);
    });
}

#[test]
fn a_peer_that_does_not_read_cannot_keep_a_server() {
    check(PLAIN, |server| {
        let _client = send(server.address, b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
        std::thread::sleep(Duration::from_millis(200));
        let start = Instant::now();
        signal(server.id(), "TERM");
        while Path::new(&format!("/proc/{}/exe", server.id())).exists() {
            assert!(start.elapsed() < Duration::from_secs(10), "still there");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(start.elapsed() > Duration::from_secs(5), "it was given no time");
    });
}
