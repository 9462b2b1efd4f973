//! `pipkin run --watch`: each change is served, and nobody is cut off.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use e2e::{Client, Server, children, free_port, ready, write};

use crate::place::Place;

/// How long a change may take: it is compiled, on a machine that may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Puts a handler that answers `text` at `path`, as editors do: by another file in its place.
fn save(path: &Path, text: &str) {
    let source = format!(
        "use pipkin_handler::*;\nhandler!(hello);\nfn hello(_: &Request) -> Response {{ {text} }}\n"
    );
    let beside = path.with_extension("tmp");
    fs::write(&beside, source).unwrap();
    fs::rename(&beside, path).unwrap();
}

/// The answer for `path`, if a server is there just now.
fn get(server: &Server, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server.address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Waits until `path` has `body`.
#[track_caller]
fn wait_for(server: &Server, path: &str, body: &str) {
    let start = Instant::now();
    loop {
        if get(server, path).is_ok_and(|answer| answer.ends_with(&format!("\r\n\r\n{body}"))) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{path} has not become {body}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_source() {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let (place, port) = (Place::new(), free_port());
    let source = place.path("site/hello.rs");
    save(&source, "Response::text(\"one\")");
    let args = ["run", "site/hello.rs", "--watch", "-q", "--port", &port.to_string()];
    let mut command = pipkin.command(place.folder.path(), args);
    let server = Server::start(place.prepare(&mut command), port);
    wait_for(&server, "/", "one");
    let mut old = Client::connect(server.address);
    assert_eq!(old.get("/").body, b"one");
    save(&source, "what is this");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(old.get("/").body, b"one", "what does not compile replaces nothing");
    save(&source, "Response::text(\"two\")");
    wait_for(&server, "/", "two");
    let id = server.id();
    assert_eq!(server.stop("TERM").code(), Some(0));
    assert_eq!(children(id), [0; 0], "nobody is left");
}

#[test]
fn a_folder() {
    let Some(pipkin) = ready(&[]) else { return };
    let (place, port) = (Place::with_page(), free_port());
    let args = ["run", "site", "--watch", "-q", "--port", &port.to_string()];
    let mut command = pipkin.command(place.folder.path(), args);
    let server = Server::start(place.prepare(&mut command), port);
    wait_for(&server, "/", "hello world\n");
    write(&place.path("site"), "new/page.html", "new");
    wait_for(&server, "/new/page.html", "new");
    write(&place.path("site"), "index.html", "changed");
    wait_for(&server, "/", "changed");
}
