//! The smallest HTTP/1.1 client that a test can believe: one connection kept alive, every
//! body by its exact Content-Length, nothing forgiven.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A browser that is asked to start on a busy machine is the slowest to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection.
pub struct Client {
    reader: BufReader<TcpStream>,
}

/// One answer.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Name in lower case, value.
    pub fields: Vec<(String, String)>,
    /// The body; empty after HEAD.
    pub body: Vec<u8>,
}

impl Client {
    /// A connection to `address`.
    ///
    /// # Panics
    ///
    /// When nobody answers there.
    #[must_use]
    #[track_caller]
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_nodelay(true).expect("TCP_NODELAY can be set");
        Self { reader: BufReader::new(stream) }
    }

    /// The answer to GET for `path`, which is percent-encoded here.
    #[track_caller]
    pub fn get(&mut self, path: &str) -> Response {
        self.request("GET", path)
    }

    /// The answer to `method` for `path`, which is percent-encoded here.
    ///
    /// # Panics
    ///
    /// When the answer breaks off or is no HTTP/1.1.
    #[track_caller]
    pub fn request(&mut self, method: &str, path: &str) -> Response {
        self.send(method, path, "");
        self.response(method == "HEAD")
    }

    /// The answer to GET for `target`, which is sent as it is, as are `fields`: lines that end
    /// with CRLF.
    ///
    /// # Panics
    ///
    /// When the answer breaks off or is no HTTP/1.1.
    #[track_caller]
    pub fn get_with(&mut self, target: &str, fields: &str) -> Response {
        self.write("GET", target, &format!("{fields}\r\n"));
        self.response(false)
    }

    /// The answer to POST of `body` for `path`, which is percent-encoded here.
    ///
    /// # Panics
    ///
    /// When the answer breaks off or is no HTTP/1.1.
    #[track_caller]
    pub fn post(&mut self, path: &str, body: &str) -> Response {
        self.send("POST", path, &format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        self.response(false)
    }

    /// The answer to PUT of `body` for `path`, which is percent-encoded here; `chunked` or with its
    /// length.
    #[track_caller]
    pub fn put(&mut self, path: &str, body: &[u8], chunked: bool) -> Response {
        /// Bytes of a chunk.
        const CHUNK_BYTES: usize = 7001;
        let mut rest = Vec::new();
        if chunked {
            rest.extend(b"Transfer-Encoding: chunked\r\n\r\n");
            for chunk in body.chunks(CHUNK_BYTES) {
                rest.extend(format!("{:x}\r\n", chunk.len()).bytes());
                rest.extend([chunk, b"\r\n"].concat());
            }
            rest.extend(b"0\r\n\r\n");
        } else {
            rest.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
            rest.extend(body);
        }
        self.write("PUT", &percent_encoded(path), "");
        // A server that refuses the body may close before it has read all of it.
        self.reader.get_mut().write_all(&rest).ok();
        self.response(false)
    }

    /// Sends a request; `rest` is fields and body, or nothing.
    #[track_caller]
    fn send(&mut self, method: &str, path: &str, rest: &str) {
        let rest = if rest.is_empty() { "\r\n" } else { rest };
        self.write(method, &percent_encoded(path), rest);
    }

    #[track_caller]
    fn write(&mut self, method: &str, target: &str, rest: &str) {
        let request = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{rest}");
        self.reader.get_mut().write_all(request.as_bytes()).expect("the server reads");
    }

    /// True when the server has ended the connection.
    ///
    /// # Panics
    ///
    /// When the socket cannot be made non-blocking for the question.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        let stream = self.reader.get_ref();
        stream.set_nonblocking(true).expect("it can be asked");
        let ended = match stream.peek(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        };
        stream.set_nonblocking(false).expect("it can be asked");
        ended
    }

    #[track_caller]
    fn response(&mut self, is_head: bool) -> Response {
        let line = self.line();
        let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
        let status = status.unwrap_or_else(|| panic!("not a status line: {line:?}"));
        let fields: Vec<_> = std::iter::from_fn(|| field(&self.line())).collect();
        let mut response = Response { status, fields, body: Vec::new() };
        if !is_head && !matches!(status, 204 | 304) {
            let length = response.field("content-length").expect("a Content-Length");
            response.body.resize(length.parse().expect("a number"), 0);
            self.reader.read_exact(&mut response.body).expect("the whole body");
        }
        response
    }

    /// The next line, without its CRLF.
    #[track_caller]
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("the server answers");
        let text = line.strip_suffix("\r\n");
        text.unwrap_or_else(|| panic!("not a line: {line:?}")).to_string()
    }
}

impl Response {
    /// The value of the field `name`, given in lower case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// None at the empty line, which ends the head.
fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_ascii_lowercase(), value.trim().to_string()))
}

fn percent_encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let encode = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_encoded() {
        assert_eq!(super::percent_encoded("/a b/é.html"), "/a%20b/%C3%A9.html");
    }
}
