//! Servers as processes of this system and as containers, with the same arguments and files.
//!
//! A server's image is what pipkin makes of it. What it reads and writes lies in a folder that has
//! the same path here and there: in an image as a copy, under runc as a mount.

mod engine;
mod kind;
mod place;
mod runc;
mod start;

pub(super) use engine::ENGINES;
pub(super) use kind::{HELLO, KINDS, Kind};
pub(super) use place::{Instance, Place};
pub(super) use runc::Container;
pub(super) use start::{Start, Way};

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::debian::Need;
use crate::shell::Outcome;

/// The servers, and what ends them.
pub(super) const NEEDS: &[Need] = &[
    ("/usr/sbin/nginx", "nginx-light"),
    ("/usr/sbin/lighttpd", "lighttpd"),
    ("/bin/busybox", "busybox"),
    ("kill", "procps"),
    ("runc", "runc"),
];

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether there is a server at `port`, which then has answered. The connection is closed at this end
/// first, so that the port is free for the next start.
pub(super) fn answers(port: u16) -> Outcome<bool> {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return Ok(false) };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    stream.read_exact(&mut [0])?;
    Ok(true)
}
