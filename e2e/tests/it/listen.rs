//! Where the executable listens, and what it refuses.

use std::io::Read as _;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use e2e::{Client, Server, free_port, ready, wait, write};

/// Addresses that every Linux has, of both families.
const LOOPBACKS: &[&str] = &["127.0.0.1", "127.0.0.2", "::1"];

/// The executable with one page.
pub(crate) struct Exe {
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Exe {
    pub(crate) fn new() -> Option<Self> {
        let pipkin = ready(&[])?;
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("public"), "index.html", "hello\n");
        let path = pipkin.exe(folder.path(), &folder.path().join("public"), "linux/amd64");
        Some(Self { path, _folder: folder })
    }

    /// It with `words`, in which `NAME=VALUE` is a variable and anything else the argument;
    /// `{}` stands for `port`.
    pub(crate) fn command(&self, words: &[&str], port: u16) -> Command {
        let mut command = Command::new(&self.path);
        command.env_clear();
        for word in words.iter().map(|word| word.replace("{}", &port.to_string())) {
            match word.split_once('=') {
                Some((name, value)) => command.env(name, value),
                None => command.arg(word),
            };
        }
        command
    }
}

/// Of the loopback addresses, it answers at `expected` and nowhere else.
#[track_caller]
pub(crate) fn check(words: &[&str], expected: &[&str]) {
    let Some(exe) = Exe::new() else { return };
    let port = free_port();
    let at = |ip: &str| SocketAddr::new(ip.parse::<IpAddr>().unwrap(), port);
    let server = Server::start_at(&mut exe.command(words, port), at(expected[0]));
    let listens = |ip: &&&str| TcpStream::connect(at(ip)).is_ok();
    let found: Vec<_> = LOOPBACKS.iter().filter(listens).copied().collect();
    assert_eq!(found, expected, "{words:?}");
    for ip in expected {
        assert_eq!(Client::connect(at(ip)).get("/").body, b"hello\n", "{words:?} at {ip}");
    }
    assert_eq!(server.stop("TERM").code(), Some(0));
}

/// It says why in one line and ends with 1.
#[track_caller]
pub(crate) fn check_refused(words: &[&str]) {
    let Some(exe) = Exe::new() else { return };
    let mut command = exe.command(words, free_port());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let status = wait(&mut child);
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stdout.unwrap().read_to_string(&mut stdout).unwrap();
    child.stderr.unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((status.code(), stdout.as_str()), (Some(1), ""), "{words:?}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{words:?}: {stderr}");
    assert!(stderr.starts_with("pipkin: ") && stderr.ends_with('\n'), "{words:?}: {stderr}");
}

#[test]
fn everywhere() {
    check(&["{}"], LOOPBACKS);
    check(&["PORT={}"], LOOPBACKS);
    check(&["PORT={}", "HOST="], LOOPBACKS);
}

#[test]
fn at_one_address() {
    check(&["127.0.0.1:{}"], &["127.0.0.1"]);
    check(&["127.0.0.2:{}", "HOST=127.0.0.1"], &["127.0.0.2"]);
    check(&["PORT={}", "HOST=127.0.0.1"], &["127.0.0.1"]);
    check(&["{}", "HOST=127.0.0.2"], &["127.0.0.2"]);
}

#[test]
fn at_the_addresses_of_one_family() {
    check(&["PORT={}", "HOST=0.0.0.0"], &["127.0.0.1", "127.0.0.2"]);
}

#[test]
fn neither_address_nor_port() {
    for argument in ["tea", "-1", "0", "65536", "80 ", "8080/tcp", "localhost:80"] {
        check_refused(&[argument]);
    }
    for argument in ["127.0.0.1", "127.0.0.1:", "1.2.3:80", "1.2.3.256:80", "1.2.3.4:0"] {
        check_refused(&[argument]);
    }
    for variable in ["PORT=http", "PORT=0", "PORT=65536", "HOST=localhost", "HOST=1.2.3"] {
        check_refused(&[variable]);
    }
}

/// Source: RFC 5737, addresses that nobody has.
#[test]
fn not_of_this_machine() {
    check_refused(&["192.0.2.1:{}"]);
    check_refused(&["PORT={}", "HOST=192.0.2.1"]);
}

#[test]
fn somebody_else_listens_there() {
    let Some(exe) = Exe::new() else { return };
    let port = free_port();
    let server = Server::start(&mut exe.command(&["127.0.0.1:{}"], port), port);
    check_refused(&[&format!("127.0.0.1:{port}")]);
    check_refused(&[&port.to_string()]);
    drop(server);
}
