//! The arm64 executable, under qemu's user emulation.

use std::process::Command;

use e2e::{Server, check_site, example, free_port, ready};

#[test]
fn it_serves_under_qemu() {
    let Some(pipkin) = ready(&["qemu-aarch64-static"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let exe = pipkin.exe(folder.path(), &example(), "linux/arm64");
    let port = free_port();
    let mut qemu = Command::new("qemu-aarch64-static");
    let server = Server::start(qemu.arg(exe).arg(format!("127.0.0.1:{port}")), port);
    check_site(server.address);
    assert_eq!(server.stop("TERM").code(), Some(0));
}
