//! `pipkin run` serves here until it is told to stop.

use std::fs;
use std::net::TcpStream;
use std::path::Path;

use e2e::{Server, check_site, children, example, free_port, ready};

/// Serves `examples/site`, then ends with `signal`; nothing is left of it.
fn check(signal: &str) {
    let Some(pipkin) = ready(&[]) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let temporary = tempfile::tempdir().unwrap();
    let mut command = pipkin.command(folder.path(), ["run", "--port", &port.to_string()]);
    command.arg(example()).env("TMPDIR", temporary.path());
    let server = Server::start(&mut command, port);
    let address = server.address;
    check_site(address);
    let family = descendants(server.id());
    assert!(!family.is_empty(), "the server has workers");
    let status = server.stop(signal);
    assert_eq!(status.code(), Some(0), "SIG{signal}: {status}");
    let alive: Vec<_> = family.iter().filter(|id| is_alive(**id)).collect();
    assert!(alive.is_empty(), "SIG{signal} leaves processes {alive:?}");
    assert!(TcpStream::connect(address).is_err(), "SIG{signal}: somebody still listens");
    for place in [folder.path(), temporary.path()] {
        assert_eq!(place.read_dir().unwrap().count(), 0, "SIG{signal} leaves files");
    }
}

/// The children of a process, and theirs.
fn descendants(process: u32) -> Vec<u32> {
    let below = |child: &u32| [vec![*child], descendants(*child)].concat();
    children(process).iter().flat_map(below).collect()
}

fn is_alive(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

#[test]
fn sigint_ends_it() {
    check("INT");
}

#[test]
fn sigterm_ends_it() {
    check("TERM");
}

#[test]
fn it_listens_on_the_loopback_only() {
    let Some(pipkin) = ready(&[]) else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let mut command = pipkin.command(folder.path(), ["run", "--port", &port.to_string()]);
    let _server = Server::start(command.arg(example()), port);
    let listening = fs::read_to_string("/proc/net/tcp6").unwrap();
    let (everywhere, loopback) = ("0".repeat(32), "0000000000000000FFFF00000100007F");
    assert!(listening.contains(&format!("{loopback}:{port:04X}")), "{listening}");
    assert!(!listening.contains(&format!("{everywhere}:{port:04X}")), "{listening}");
}
