//! Handlers as programs: what they answer, and what becomes of them when they fail.

mod build;
mod examples;
mod failures;
mod package;
mod program;
mod watch;
mod wrong;

use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Client, Server, free_port, ready};

/// The source of a handler for tests.
fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("handlers").join(name)
}

/// An example of the repository.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

/// Runs `test` against the handler in `source`, by one worker, since each has a state of its own;
/// then it still ends in order.
fn check(source: &Path, test: impl FnOnce(&Server)) {
    let Some(pipkin) = ready(&["cargo"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let exe = pipkin.exe(folder.path(), source, "linux/amd64");
    let port = free_port();
    let mut command = Command::new(exe);
    command.arg(format!("127.0.0.1:{port}")).env("WORKERS", "1").env("THANKS", "Danke");
    let server = Server::start(&mut command, port);
    test(&server);
    assert_eq!(server.stop("TERM").code(), Some(0));
}

fn get(server: &Server, path: &str) -> (u16, String) {
    let answer = Client::connect(server.address).get(path);
    (answer.status, String::from_utf8(answer.body).unwrap())
}
