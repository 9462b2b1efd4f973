//! The examples, as their readers would try them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::{Client, Server, children, ready, run};

use super::{check, example, get, source};
use crate::docker::{Container, Image, docker};

/// All that comes for `request`, which ends the connection.
fn exchange(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn hello() {
    check(&example("hello.rs"), |server| {
        let mut client = Client::connect(server.address);
        for path in ["/", "/any/path?query"] {
            let answer = client.get_with(path, "");
            assert_eq!(answer.body, b"Hello from pipkin!");
            assert_eq!(answer.field("content-type"), Some("text/plain; charset=utf-8"));
        }
        assert_eq!(client.request("HEAD", "/").field("content-length"), Some("18"));
        // It takes no bodies, so the connection of one ends.
        let last = client.post("/", "body");
        assert_eq!(
            (&last.body[..], last.field("connection")),
            (&b"Hello from pipkin!"[..], Some("close"))
        );
    });
}

#[test]
fn hello_in_docker() {
    let Some(pipkin) = ready(&["cargo", "docker", "docker daemon"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    run(&mut pipkin.command(
        folder.path(),
        ["build".as_ref(), example("hello.rs").as_os_str(), "--load".as_ref(), "--quiet".as_ref()],
    ));
    let image = Image("hello:latest".into());
    let options = ["run", "-d", "--read-only", "--cap-drop", "ALL", "-p", "127.0.0.1::3001"];
    let container = Container(docker(&[&options[..], &[&image.0]].concat()));
    let published = docker(&["port", &container.0, "3001"]);
    let address = published.lines().next().unwrap().parse().unwrap();
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(start.elapsed() < Duration::from_secs(20), "nobody listens on {address}");
    }
    assert_eq!(Client::connect(address).get("/").body, b"Hello from pipkin!");
    let size = docker(&["inspect", "-f", "{{.Size}}", &image.0]);
    let exe = pipkin.exe(folder.path(), &example("hello.rs"), "linux/amd64");
    assert_eq!(size, exe.metadata().unwrap().len().to_string());
}

#[test]
fn a_clock() {
    check(&example("clock.rs"), |server| {
        assert!(get(server, "/").1.contains("EventSource"));
        let stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        (&stream).write_all(b"GET /time HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let start = Instant::now();
        let lines = BufReader::new(&stream).lines().map(Result::unwrap);
        let events: Vec<_> = lines.filter(|line| line.starts_with("data: ")).take(3).collect();
        let elapsed = start.elapsed();
        assert!(
            events.iter().all(|event| event.ends_with(" UTC") && event.len() == 18),
            "{events:?}"
        );
        assert!(elapsed > Duration::from_millis(1900), "three events in {elapsed:?}");
        assert!(elapsed < Duration::from_secs(15), "three events in {elapsed:?}");
        assert_eq!(
            exchange(server, b"HEAD /time HTTP/1.1\r\nHost: a\r\n\r\n").matches("data").count(),
            0
        );
        let old = TcpStream::connect(server.address).unwrap();
        (&old).write_all(b"GET /time HTTP/1.0\r\n\r\n").unwrap();
        let lines: Vec<_> = BufReader::new(&old).lines().map(Result::unwrap).take(6).collect();
        assert!(!lines.iter().any(|line| line.contains("chunked")), "{lines:?}");
        // The server ends at once although both clients still listen.
    });
}

#[test]
fn events_end_with_the_server() {
    let start = Instant::now();
    let mut stream = None;
    check(&example("clock.rs"), |server| {
        let connection = TcpStream::connect(server.address).unwrap();
        (&connection).write_all(b"GET /time HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        (&connection).read_exact(&mut [0; 64]).unwrap();
        stream = Some((connection, Instant::now()));
    });
    let Some((_, since)) = stream else { return };
    assert!(
        since.elapsed() < Duration::from_secs(5),
        "{:?} of {:?}",
        since.elapsed(),
        start.elapsed()
    );
}

#[test]
fn an_upload() {
    check(&example("upload.rs"), |server| {
        let mut client = Client::connect(server.address);
        assert_eq!(
            client.post("/notes", "a=b&note=J%C3%BCrgen+sagt").body,
            "Danke: Jürgen sagt\n".as_bytes()
        );
        assert_eq!(client.post("/notes", "other=x").status, 422);
        assert_eq!(client.get("/notes").status, 405);
        assert_eq!(client.request("OPTIONS", "/notes").field("allow"), Some("OPTIONS, POST"));
        let file: Vec<u8> = (0..900_000_u32).map(|at| (at.wrapping_mul(at) >> 5) as u8).collect();
        for (number, mark) in ["Content-Length", "chunked"].iter().enumerate() {
            let path = format!("/files/{number}");
            let answer = client.put(&path, &file, number == 1);
            assert_eq!(
                (answer.status, answer.field("location")),
                (201, Some(path.as_str())),
                "{mark}"
            );
            assert!(client.get(&path).body == file, "{mark}");
        }
        let mut other = Client::connect(server.address);
        assert_eq!(other.put("/files/large", &vec![0; (1 << 20) + 1], false).status, 413);
        assert_eq!(client.get("/files/large").status, 404);
    });
}

#[test]
fn curl_waits_until_it_may_send() {
    check(&example("upload.rs"), |server| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, vec![7; 200_000]).unwrap();
        let url = format!("http://{}/files/curl", server.address);
        let start = Instant::now();
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--fail", "-H", "Expect: 100-continue", "-T"]).arg(&file).arg(&url);
        run(&mut curl);
        assert!(start.elapsed() < Duration::from_millis(900), "it was told to go on");
        assert_eq!(Client::connect(server.address).get("/files/curl").body.len(), 200_000);
    });
}

#[test]
fn a_site_with_an_api() {
    check(&example("api.rs"), |server| {
        let mut client = Client::connect(server.address);
        let page = client.get("/");
        assert_eq!(
            (page.status, page.field("content-type")),
            (200, Some("text/html; charset=utf-8"))
        );
        let etag = page.field("etag").unwrap();
        let again = client.get_with("/", &format!("If-None-Match: {etag}\r\n"));
        assert_eq!(again.status, 304);
        assert_eq!(client.get_with("/style.css", "Range: bytes=0-3\r\n").body, b"body");
        assert_eq!(client.get("/none").status, 404);
        assert_eq!(client.post("/style.css", "").status, 405);
        assert_eq!(client.get_with("/api/add?a=40&b=2", "").body, b"42");
        assert_eq!(client.get_with("/api/add?a=x&b=2", "").status, 400);
        let now = client.get("/api/time");
        assert_eq!(now.field("content-type"), Some("application/json"));
        let now: serde_json::Value = serde_json::from_slice(&now.body).unwrap();
        assert!(now["unix_seconds"].as_u64().unwrap() > 1_700_000_000);
    });
}

#[test]
fn a_list_of_things_to_do() {
    check(&example("todo"), |server| {
        let mut client = Client::connect(server.address);
        let added = client.post("/todos", r#"{"title":"milk \u2764"}"#);
        assert_eq!(added.status, 201);
        assert_eq!(added.body, r#"{"id":1,"title":"milk ❤","done":false}"#.as_bytes());
        assert_eq!(client.post("/todos", r#"{"title":7}"#).status, 422);
        assert_eq!(client.get("/todos/1").body, added.body);
        assert_eq!(client.get("/todos/2").status, 404);
        assert_eq!(client.post("/todos", &" ".repeat(20_000)).status, 413);
        let mut client = Client::connect(server.address);
        assert_eq!(client.request("DELETE", "/todos/1").status, 204);
        assert_eq!(client.get("/todos").body, b"[]");
    });
}

#[test]
fn the_tests_of_a_package_run_where_it_is_written() {
    if ready(&["cargo"]).is_none() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let mut test = Command::new("cargo");
    test.args(["test", "--quiet", "--manifest-path"]).arg(example("todo/Cargo.toml"));
    run(test.env("CARGO_TARGET_DIR", target.path()));
}

#[test]
fn bodies_are_never_requests() {
    check(&source("echo.rs"), |server| {
        let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
        let length = smuggled.len();
        let with_length =
            format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{smuggled}");
        let chunked = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{smuggled}\r\n0\r\n\r\n"
        );
        let last = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let text = exchange(server, [&with_length, &chunked, last].concat().as_bytes());
        let statuses = text.lines().filter(|line| line.starts_with("HTTP/1.1 200")).count();
        assert_eq!(statuses, 3, "{text}");
        assert_eq!(text.matches(&format!("POST / {smuggled}")).count(), 2, "{text}");
        assert!(text.ends_with("GET /last "), "{text}");
    });
}

#[test]
fn without_a_heap() {
    check(&source("no_alloc.rs"), |server| {
        let mut client = Client::connect(server.address);
        assert_eq!(client.get("/").body, b"text");
        let location = |answer: &e2e::Response| answer.field("location").map(String::from);
        let moon = client.get("/to/moon");
        assert_eq!((moon.status, location(&moon)), (307, Some("/moon".into())));
        assert_eq!(client.get("/to/mars").status, 303);
        assert_eq!(client.get_with("/result?ok", "").body, b"fine");
        assert_eq!(client.get("/result").status, 400);
        assert_eq!(client.request("DELETE", "/thing").status, 204);
        let (page, file) = (client.get("/page"), client.get("/files/style.css"));
        assert_eq!((page.status, &page.body), (200, &file.body));
        assert_eq!(page.field("etag"), file.field("etag"));
        assert_eq!(client.get("/files").field("location"), Some("/files/"));
        for number in ["1", "2"] {
            let text = exchange(server, b"GET /count HTTP/1.1\r\nHost: a\r\n\r\n");
            assert!(text.ends_with(&format!("\r\n\r\n0001\r\n{number}\r\n0\r\n\r\n")), "{text}");
        }
    });
}

/// What the kernel says of the filter of the only worker.
fn filter(server: &Server) -> String {
    // A worker listens before it is sealed.
    assert_eq!(Client::connect(server.address).get("/").status, 200);
    let worker = children(server.id())[0];
    let status = std::fs::read_to_string(format!("/proc/{worker}/status")).unwrap();
    status.lines().find_map(|line| line.strip_prefix("Seccomp:")).unwrap().trim().into()
}

#[test]
fn a_sandbox_is_the_rule() {
    check(&example("hello.rs"), |server| assert_eq!(filter(server), "2"));
    check(&source("unsealed.rs"), |server| assert_eq!(filter(server), "0"));
}
