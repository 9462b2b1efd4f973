//! One request of a server on this machine: `GET` by HTTP/1.1, plain.

use std::io::{self, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::outcome::Response;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of a response is read.
const BYTES_MAX: usize = 16 << 20;

/// What the server at `address` says to `GET path`.
///
/// # Errors
///
/// It cannot be reached, or what it says is no response. What comes too late is cut.
pub(super) fn get(address: SocketAddr, path: &str) -> io::Result<Response> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nuser-agent: pipkin\r\naccept: */*\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let received = receive(&mut stream)?;
    // Closed by a reset, since the port would otherwise stay taken for a minute after the server:
    // that in the image is to have the same.
    rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO))?;
    parse(&received).ok_or_else(|| io::Error::other("this is no HTTP/1.1 response"))
}

/// Reads until the response is complete, the server closes, or time is up.
fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let start = Instant::now();
    let mut received = Vec::new();
    let mut buffer = [0; 16 << 10];
    while !is_complete(&received) && start.elapsed() < PATIENCE && received.len() < BYTES_MAX {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A reset after the response, by a server that closes before it has read all.
            Err(error) if received.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(received)
}

/// The head of a response, and where its body begins.
struct Head<'a> {
    status: u16,
    fields: Vec<(&'a str, &'a str)>,
    bytes: usize,
}

impl<'a> Head<'a> {
    fn parse(received: &'a [u8]) -> Option<Self> {
        let bytes = received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let mut lines = std::str::from_utf8(&received[..bytes]).ok()?.split("\r\n");
        let mut status_line = lines.next()?.split(' ');
        status_line.next().filter(|version| version.starts_with("HTTP/1."))?;
        let status = status_line.next()?.parse().ok()?;
        let fields = lines.filter_map(|line| line.split_once(':'));
        Some(Self {
            status,
            fields: fields.map(|(name, value)| (name, value.trim())).collect(),
            bytes,
        })
    }

    fn field(&self, wanted: &str) -> Option<&'a str> {
        let found = self.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| *value)
    }

    fn is_chunked(&self) -> bool {
        self.field("transfer-encoding").is_some_and(|it| it.eq_ignore_ascii_case("chunked"))
    }

    fn content_length(&self) -> Option<usize> {
        self.field("content-length")?.parse().ok()
    }
}

fn is_complete(received: &[u8]) -> bool {
    let Some(head) = Head::parse(received) else { return false };
    let body = &received[head.bytes..];
    if head.is_chunked() {
        return unchunked(body).1;
    }
    head.content_length().is_some_and(|length| body.len() >= length)
}

fn parse(received: &[u8]) -> Option<Response> {
    let head = Head::parse(received)?;
    let body = &received[head.bytes..];
    let length = head.content_length().unwrap_or(body.len()).min(body.len());
    let body = if head.is_chunked() { unchunked(body).0 } else { body[..length].to_vec() };
    Some(Response { status: head.status, body })
}

/// What chunks carry, and whether the last of them is there.
///
/// Source: RFC 9112, 7.1.
fn unchunked(mut chunks: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = chunks.windows(2).position(|window| window == b"\r\n") {
        let line = String::from_utf8_lossy(&chunks[..end]);
        let size = line.split(';').next().map(str::trim).unwrap_or_default();
        let Ok(size) = usize::from_str_radix(size, 16) else { break };
        let data = &chunks[end + 2..];
        if size == 0 {
            return (body, true);
        }
        body.extend_from_slice(&data[..size.min(data.len())]);
        let Some(rest) = size.checked_add(2).and_then(|taken| data.get(taken..)) else { break };
        chunks = rest;
    }
    (body, false)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[track_caller]
    fn check(received: &str, expected: Option<(u16, &str)>, complete: bool) {
        let response = parse(received.as_bytes());
        let response = response.map(|it| (it.status, String::from_utf8(it.body).unwrap()));
        assert_eq!(response, expected.map(|(status, body)| (status, body.to_string())));
        assert_eq!(is_complete(received.as_bytes()), complete, "{received}");
    }

    #[test]
    fn responses() {
        check("HTTP/1.1 200 OK\r\n\r\nbody", Some((200, "body")), false);
        check("HTTP/1.0 404 Not Found\r\ncontent-length: 2\r\n\r\nno", Some((404, "no")), true);
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nn", Some((200, "n")), false);
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n";
        check(&format!("{chunked}3;x\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"), Some((200, "abcd")), true);
        check(&format!("{chunked}3\r\nab"), Some((200, "ab")), false);
        check(&format!("{chunked}ffffffffffffffff\r\nab"), Some((200, "ab")), false);
        check(&format!("{chunked}x\r\nab"), Some((200, "")), false);
        check("HTTP/1.1 200 OK\r\n", None, false);
        check("HTTP/1.1 two OK\r\n\r\n", None, false);
        check("SSH-2.0-OpenSSH\r\n\r\n", None, false);
        check("", None, false);
    }

    #[test]
    fn a_server_is_asked() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let count = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").unwrap();
            String::from_utf8(request[..count].to_vec()).unwrap()
        });
        let response = get(address, "/x").unwrap();
        assert_eq!(response, Response { status: 200, body: b"hi".to_vec() });
        let request = server.join().unwrap();
        assert!(request.starts_with("GET /x HTTP/1.1\r\nhost: 127.0.0.1:"), "{request}");
    }
}
