//! Where it listens, and what it refuses: without a word, for it has none.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use e2e::{Server, free_port, wait};

use super::{Exe, PAGE, check_page};

/// With `args` it ends with 1 and says nothing.
#[track_caller]
fn check_refused(exe: &Exe, args: &[&str]) {
    let mut command = Command::new(&exe.path);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    assert_eq!(wait(&mut child).code(), Some(1), "{args:?}");
    let output = child.wait_with_output().unwrap();
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{args:?}: {output:?}");
}

#[test]
fn no_port() {
    let Some(exe) = Exe::of("page.html", PAGE) else { return };
    check_refused(&exe, &[]);
    for argument in ["", "0", "000", "tea", "-1", "+80", " 80", ":80"] {
        check_refused(&exe, &[argument]);
    }
}

#[test]
fn no_port_so_high() {
    let Some(exe) = Exe::of("page.html", PAGE) else { return };
    for argument in ["65536", "70000", "99999", "655360", "16777216", "4294967295"] {
        check_refused(&exe, &[argument]);
    }
}

#[test]
fn somebody_else_listens_there() {
    let Some(exe) = Exe::of("page.html", PAGE) else { return };
    let other = TcpListener::bind("0.0.0.0:0").unwrap();
    check_refused(&exe, &[&other.local_addr().unwrap().port().to_string()]);
    let Ok(other) = TcpListener::bind("[::]:0") else { return };
    check_refused(&exe, &[&other.local_addr().unwrap().port().to_string()]);
}

/// Further arguments, variables, and what stands behind the digits mean nothing.
#[test]
fn the_first_argument_alone_says_where() {
    let Some(exe) = Exe::of("page.html", PAGE) else { return };
    for digits in ["", "0", "0000000000"] {
        let port = free_port();
        let mut command = Command::new(&exe.path);
        command.args([format!("{digits}{port}/tcp").as_str(), "1", "2"]).env("PORT", "3");
        check_page(Server::start(&mut command, port).address);
    }
}

/// It ends connections first, and so it is here that they linger.
#[test]
fn again_on_the_same_port() {
    let Some(exe) = Exe::of("page.html", PAGE) else { return };
    let port = free_port();
    for _ in 0..3 {
        let server = Server::start(Command::new(&exe.path).arg(port.to_string()), port);
        (0..10).for_each(|_| check_page(server.address));
        assert_eq!(server.stop("KILL").code(), None);
    }
}

/// As any process does that has no handler for it, and is not the first.
#[test]
fn it_ends_when_told_to() {
    let Some(exe) = Exe::of("page.html", PAGE) else { return };
    for name in ["TERM", "INT"] {
        assert_eq!(exe.serve().stop(name).code(), None);
    }
}
