//! Executables for other processors, under qemu's user emulation, which does not know seccomp.

use std::path::Path;
use std::process::Command;

use e2e::{Client, EMULATED, Pipkin, Server, check_site, example, free_port, ready, run};

/// Builds `input` with `flags` for each platform, and hands `check` the server that runs; then that
/// is healthy, and ends when told to.
fn check(input: &Path, flags: &[&str], check: impl Fn(&Server)) {
    let Some(pipkin) = ready(&EMULATED.map(|(_, emulator)| emulator)) else { return };
    for (platform, emulator) in EMULATED {
        check_on(&pipkin, (platform, emulator), input, flags, &check);
    }
}

fn check_on(
    pipkin: &Pipkin,
    (platform, emulator): (&str, &str),
    input: &Path,
    flags: &[&str],
    check: impl Fn(&Server),
) {
    let folder = tempfile::tempdir().unwrap();
    let args = ["--platform", platform, "-o", "type=exe,dest=exe"];
    let report = pipkin.build(folder.path(), input, &[flags, &args].concat());
    assert_eq!(report["platforms"][0]["platform"], platform);
    let (exe, port) = (folder.path().join("exe"), free_port());
    let emulated = || {
        let mut command = Command::new(emulator);
        command.arg(&exe).env("HOST", "127.0.0.1").env("PORT", port.to_string());
        command
    };
    let server = Server::start(&mut emulated(), port);
    check(&server);
    run(emulated().arg("health"));
    assert_eq!(server.stop("TERM").code(), Some(0), "{platform}");
}

#[test]
fn it_serves_a_site() {
    check(&example(), &[], |server| check_site(server.address));
}

#[test]
fn it_serves_a_site_and_logs() {
    check(&example(), &["--access-log"], |server| check_site(server.address));
}

#[test]
fn it_unpacks_itself() {
    check(&example(), &["--golf"], |server| check_site(server.address));
    check(&example().with_file_name("hello.rs"), &["--golf"], |server| {
        assert_eq!(Client::connect(server.address).get("/").body, b"Hello from pipkin!");
    });
}

#[test]
fn it_runs_a_handler() {
    check(&example().with_file_name("todo"), &[], |server| {
        let mut client = Client::connect(server.address);
        let added = client.post("/todos", r#"{"title":"milk"}"#);
        assert_eq!(added.status, 201);
        assert_eq!(client.get("/todos/1").body, added.body);
        assert_eq!(client.get("/todos/2").status, 404);
    });
}
