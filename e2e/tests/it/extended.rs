//! What the extended server does more than the standard one.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use e2e::{Client, Pipkin, Server, example, free_port, ready, run_any, signal, write};
use serde_json::Value;
use tempfile::TempDir;

/// The executable that serves `input` when built with `flags`.
fn exe(pipkin: &Pipkin, folder: &TempDir, input: &Path, flags: &[&str]) -> Command {
    let output = format!("type=exe,dest={}", folder.path().join("site.exe").display());
    let _ = pipkin.build(folder.path(), input, &[flags, &["-o", &output]].concat());
    let mut command = Command::new(folder.path().join("site.exe"));
    command.env_clear().env("HOST", "127.0.0.1").stdin(Stdio::null());
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
        let child = command.env("PORT", port.to_string()).stdout(stdout).spawn();
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

impl Drop for Logged {
    /// Also when a test has failed; nothing may panic here.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().ok();
            self.child.wait().ok();
        }
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

/// What a script would see as `window.env`.
fn env(client: &mut Client) -> Value {
    let answer = client.get("/env.js");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.field("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(answer.field("cache-control"), Some("no-cache"));
    assert_eq!(answer.field("x-content-type-options"), Some("nosniff"));
    let text = String::from_utf8(answer.body).expect("UTF-8");
    let value = text.strip_prefix("window.env=").and_then(|text| text.strip_suffix(";\n"));
    json(value.unwrap_or_else(|| panic!("{text}")))
}

#[test]
fn variables_for_pages() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--env-js", "API_URL,EMPTY,UNSET,ODD"];
    let mut command = exe(&pipkin, &folder, &example(), &flags);
    let odd = "</script><!-- \" ' \\ \u{2028} \u{1} \u{e9} \u{1f600} &amp;";
    let url = "https://api.example/v1?a=b";
    command.env("API_URL", url).env("EMPTY", "").env("ODD", odd).env("SECRET", "x");
    let server = Logged::start(&mut command);
    let mut client = server.client();
    let expected = serde_json::json!({"API_URL": url, "EMPTY": "", "UNSET": null, "ODD": odd});
    assert_eq!(env(&mut client), expected);
    let (get, head) = (client.get("/env.js"), client.request("HEAD", "/env.js"));
    assert!(get.body.iter().all(|byte| !b"<>&'".contains(byte)));
    assert_eq!((head.status, head.field("etag")), (200, get.field("etag")));
    assert_eq!(get.field("etag").unwrap().len(), 18);
    assert_eq!(client.get("/").status, 200, "the site is back");
    server.stop();
    let other = Logged::start(command.env("API_URL", "/"));
    assert_ne!(other.client().get("/env.js").field("etag"), get.field("etag"));
}

/// More than what is sent with its head, and more than there may be.
#[test]
fn long_variables() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = exe(&pipkin, &folder, &example(), &["--env-js", "A", "--base-path", ""]);
    let long = "x".repeat(65_000);
    let server = Logged::start(command.env("A", &long));
    assert_eq!(env(&mut server.client())["A"], long);
    server.stop();
    let done = run_any(command.env("A", "x".repeat(65_536)));
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(said, "pipkin: the variables in env.js have more than 64 KiB\n");
}

#[test]
fn a_file_in_the_way_and_no_names() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "site/env.js", "1");
    let build = |names| {
        let args = ["build", "site", "-o", "x.tar", "--env-js", names];
        let done = run_any(&mut pipkin.command(folder.path(), args));
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let said = "error: cannot serve env.js: --env-js makes one\n \
                help: rename or remove the file, or leave --env-js out\n";
    assert_eq!(build("A"), (Some(1), said.into()));
    let said = "error: cannot make env.js: \"1A\" is not the name of a variable: letters, digits \
                and _, and no digit first\n \
                help: type --env-js NAME,... with names of variables\n";
    assert_eq!(build("1A"), (Some(2), said.into()));
}

/// Rules that the builder leaves to the server, with a base path and a log.
#[test]
fn rules_with_parts() {
    let Some(pipkin) = ready(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "site/index.html", "home\n");
    write(folder.path(), "site/_redirects", "/p/:id /q?id=:id 302\n/s/* /:splat\n");
    for (base, flags) in [("", &[][..]), ("/app", &["--base-path", "/app"])] {
        let server = exe(&pipkin, &folder, &folder.path().join("site"), flags);
        let server = Logged::start(&mut { server });
        let mut client = server.client();
        for (path, status, location) in [
            ("/p/7", 302, "/q?id=7"),
            ("/s/a/b", 301, "/a/b"),
            ("/s//evil.example", 301, "/evil.example"),
            ("/s/\\evil.example", 301, "/evil.example"),
        ] {
            let answer = client.get(&format!("{base}{path}"));
            let location = format!("{base}{location}");
            assert_eq!((answer.status, answer.field("location")), (status, Some(&*location)));
        }
        assert_eq!(client.get(&format!("{base}/p/7/8")).status, 404);
    }
}
