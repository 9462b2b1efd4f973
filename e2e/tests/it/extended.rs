//! What the extended server does more than the standard one.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use e2e::{Client, Pipkin, Server, example, free_port, ready, signal};
use serde_json::Value;
use tempfile::TempDir;

/// The executable that serves `input` when built with `flags`.
fn exe(pipkin: &Pipkin, folder: &TempDir, input: &Path, flags: &[&str]) -> Command {
    let output = format!("type=exe,dest={}", folder.path().join("site.exe").display());
    let _ = pipkin.build(folder.path(), input, &[flags, &["-o", &output]].concat());
    let mut command = Command::new(folder.path().join("site.exe"));
    command.env_clear();
    command
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// A server that logs to a place of the test's.
struct Logged {
    child: Child,
    port: u16,
}

impl Logged {
    /// To a pipe that nobody reads yet.
    fn start(command: &mut Command) -> Self {
        Self::start_to(command, Stdio::piped())
    }

    fn start_to(command: &mut Command, stdout: Stdio) -> Self {
        let port = free_port();
        let child = command.arg(format!("127.0.0.1:{port}")).stdout(stdout).spawn();
        let mut child = child.expect("the server starts");
        let start = std::time::Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(child.try_wait().expect("a child").is_none() && start.elapsed().as_secs() < 20);
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Self { child, port }
    }

    fn client(&self) -> Client {
        Client::connect(([127, 0, 0, 1], self.port).into())
    }

    /// Ends the server: what it has written.
    fn stop(mut self) -> Vec<String> {
        signal(self.child.id(), "TERM");
        let stdout = BufReader::new(self.child.stdout.take().expect("it is piped"));
        let lines = stdout.lines().map(|line| line.expect("text")).collect();
        assert_eq!(e2e::wait(&mut self.child).code(), Some(0));
        lines
    }
}

#[test]
fn a_line_for_each_request() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Logged::start(&mut exe(&pipkin, &folder, &example(), &["--access-log"]));
    let mut client = server.client();
    let home = client.get("/").body.len();
    client.request("HEAD", "/");
    let lost = client.get("/a\"\\b ä?c").body.len();
    client.request("DELETE", "/");
    drop(client);
    let lines = server.stop();
    let expected = [
        ("GET", "/", 200, home),
        ("HEAD", "/", 200, 0),
        ("GET", "/a%22%5Cb%20%C3%A4%3Fc", 404, lost),
        ("DELETE", "/", 405, 0),
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, (method, path, status, bytes)) in lines.iter().zip(expected) {
        let line = json(line);
        assert_eq!(line["method"], method, "{line}");
        assert_eq!(line["path"], path, "{line}");
        assert_eq!(line["status"], status, "{line}");
        assert_eq!(line["bytes"], bytes, "{line}");
        assert_eq!(line["address"], "127.0.0.1", "{line}");
        assert!(line["microseconds"].as_u64().unwrap() < 20_000_000, "{line}");
        let time = line["time"].as_str().unwrap();
        assert!(time.len() == 20 && time.starts_with("20") && time.ends_with('Z'), "{line}");
    }
}

/// Nobody reads the log, and each request is answered; then somebody does, and learns what is
/// missing.
#[test]
fn a_log_that_nobody_reads() {
    const REQUESTS: usize = 3000;
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = exe(&pipkin, &folder, &example(), &["--access-log"]);
    let mut server = Logged::start(command.env("WORKERS", "1"));
    let mut client = server.client();
    for number in 0..REQUESTS {
        assert_eq!(client.get(&format!("/no/such/page/{number}")).status, 404);
    }
    let stdout = server.child.stdout.take().expect("it is piped");
    let reader = std::thread::spawn(move || {
        BufReader::new(stdout).lines().map(|line| json(&line.expect("text"))).collect::<Vec<_>>()
    });
    // What waits is written within a second, and there is space again.
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(client.get("/").status, 200);
    drop(client);
    signal(server.child.id(), "TERM");
    let lines = reader.join().unwrap();
    assert_eq!(e2e::wait(&mut server.child).code(), Some(0));
    let dropped: u64 = lines.iter().filter_map(|line| line["dropped"].as_u64()).sum();
    let requests = lines.iter().filter(|line| line["status"].is_u64()).count() as u64;
    assert!(dropped > 0, "{} lines", lines.len());
    assert_eq!(requests + dropped, REQUESTS as u64 + 1);
    assert_eq!(lines.last().unwrap()["path"], "/");
}

/// Lines of several workers in one file.
#[test]
fn a_log_in_a_file() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = exe(&pipkin, &folder, &example(), &["--access-log"]);
    let log = folder.path().join("log");
    let file = fs::File::create(&log).unwrap();
    let mut server = Logged::start_to(command.env("WORKERS", "3"), file.into());
    let port = server.port;
    let ask = |_| {
        std::thread::spawn(move || {
            let mut client = Client::connect(([127, 0, 0, 1], port).into());
            (0..300).for_each(|number| assert_eq!(client.get(&format!("/{number}")).status, 404));
        })
    };
    (0..8).map(ask).collect::<Vec<_>>().into_iter().for_each(|asked| asked.join().unwrap());
    signal(server.child.id(), "TERM");
    assert_eq!(e2e::wait(&mut server.child).code(), Some(0));
    let text = fs::read_to_string(log).unwrap();
    assert_eq!(text.lines().map(json).count(), 2400);
}

/// The standard server is the one without a log.
#[test]
fn no_log_unless_asked_for() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Logged::start(&mut exe(&pipkin, &folder, &example(), &[]));
    assert_eq!(server.client().get("/").status, 200);
    assert_eq!(server.stop(), [""; 0]);
}

/// It has its log under `pipkin run` too.
#[test]
fn a_log_here() {
    let Some(pipkin) = ready(&[]) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let mut command = pipkin.command(folder.path(), ["run", "--quiet", "--access-log", "--port"]);
    let server = Server::start(command.arg(port.to_string()).arg(example()), port);
    assert_eq!(Client::connect(server.address).get("/").status, 200);
    assert_eq!(server.stop("TERM").code(), Some(0));
}
