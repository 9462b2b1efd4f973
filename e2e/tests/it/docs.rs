//! A large site: the documentation that comes with the toolchain.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use e2e::{Client, Server, free_port, pages, ready, seeded};

/// Paths fetched over HTTP.
const FETCHES: usize = 2000;
/// Requests on one connection before the next one is opened.
const REQUESTS_PER_CONNECTION: usize = 250;

/// Where the toolchain has its documentation: nowhere when there is no toolchain.
pub(crate) fn folder() -> PathBuf {
    let rustc = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = rustc.map(|done| String::from_utf8_lossy(&done.stdout).trim().to_string());
    PathBuf::from(sysroot.unwrap_or_default()).join("share/doc/rust/html")
}

#[test]
fn two_thousand_pages_are_as_on_disk() {
    let input = folder();
    let Some(pipkin) = ready(&["rustc", &input.to_string_lossy()]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let exe = pipkin.exe(folder.path(), &input, "linux/amd64");
    let port = free_port();
    let server = Server::start(Command::new(exe).arg(format!("127.0.0.1:{port}")), port);
    let pages = pages(&input);
    let chosen: Vec<_> =
        seeded(2026).take(FETCHES).map(|n| &pages[n as usize % pages.len()]).collect();
    for part in chosen.chunks(REQUESTS_PER_CONNECTION) {
        let mut client = Client::connect(server.address);
        for page in part {
            let got = client.get(&page.path);
            assert_eq!(got.status, 200, "{}", page.path);
            assert!(got.body == fs::read(&page.file).unwrap(), "{} has other bytes", page.path);
        }
    }
    assert_eq!(server.stop("TERM").code(), Some(0));
}
