//! The machine driven without sockets: whole, cut at every byte, byte by byte, and drained in small
//! pieces, as the event loop does it.

mod codings;
mod conditions;
mod connections;
mod framing;
mod methods;
mod ranges;
mod routes;
#[cfg(feature = "extended")]
mod rules;
mod site;

use std::sync::LazyLock;

use site::{LARGE, blob};

use super::*;

/// 6 November 1994, as in RFC 9110.
const TIME: u64 = 784_111_777;
const DATE: &str = "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";

/// What most requests of the tests have besides their request line and the fields in question.
const HOST: &str = "Host: a\r\n";

/// The answer to `/`.
const HOME: &str = "HTTP/1.1 200 OK\r\nHome: 1;<p>home\n";
const BAD: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0;close";

/// Another peer's input. Each leaves other marks on the desk that all share.
const STRANGERS: [&str; 3] = [
    "HEAD /a%20very/long/path/of/its/own?query HTTP/1.0\r\nIf-None-Match: *\r\nRange: bytes=1-\r\n\r\n",
    "POST http://stranger HTTP/1.1\r\nHost: b\r\nContent-Length: 10\r\nAccept: text/html\r\n\r\n",
    "GET /large HTTP/1.1\r\nHost: b\r\nAccept-Encoding: br, *;q=0\r\nConnection: close\r\nX: partial",
];

/// A connection, as the event loop keeps it: what of its input is not answered, and how much of the
/// answer to that is sent.
struct Connection<'a> {
    desk: Box<Batch<'a>>,
    kept: Vec<u8>,
    sent: u64,
    after: After,
    /// Bytes that the socket takes at a time.
    sent_bytes_max: usize,
    /// What the peer got.
    out: Vec<u8>,
}

impl<'a> Connection<'a> {
    fn new(content: &'a [u8], sent_bytes_max: usize) -> Self {
        let mut desk = Box::new(Batch::default());
        desk.serve(Content::new(content));
        desk.set_time(TIME);
        let (kept, out) = (Vec::new(), Vec::new());
        Self { desk, kept, sent: 0, after: After::KeepAlive, sent_bytes_max, out }
    }

    /// What comes of `piece`, until there is nothing more to send or to read.
    fn receive(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() && self.after == After::KeepAlive {
            self.desk.request.load(&self.kept);
            let space = self.desk.request.space();
            let count = piece.len().min(space.len());
            assert_ne!(count, 0, "no space for input");
            space[..count].copy_from_slice(&piece[..count]);
            self.desk.request.received(count as u32);
            piece = &piece[count..];
            self.exchange();
        }
    }

    fn exchange(&mut self) {
        loop {
            let from = self.desk.answer(false);
            self.after = self.desk.after;
            if !self.send() {
                self.kept = self.desk.request.rest().to_vec();
                self.let_others_use_the_desk();
                self.desk.request.load(&self.kept);
                continue;
            }
            self.sent = 0;
            let is_last = from == self.desk.request.from();
            self.desk.request.answered(from);
            if is_last || self.after != After::KeepAlive {
                break;
            }
        }
        self.kept = self.desk.request.rest().to_vec();
        self.let_others_use_the_desk();
    }

    /// Sends until all is sent, which is true, or the socket takes less than it is given.
    fn send(&mut self) -> bool {
        loop {
            let (bytes, more) = self.desk.rest(self.sent);
            let count = bytes.len().min(self.sent_bytes_max);
            self.out.extend(&bytes[..count]);
            self.sent += count as u64;
            if count < bytes.len() {
                return false;
            }
            if bytes.is_empty() {
                assert!(!more);
                return true;
            }
            let (behind, _) = self.desk.rest(self.sent);
            assert_eq!(more, !behind.is_empty());
        }
    }

    fn let_others_use_the_desk(&mut self) {
        for input in STRANGERS {
            self.desk.request.load(input.as_bytes());
            self.desk.answer(false);
        }
    }
}

/// What a peer gets to see of the site in `content`: everything that is sent, then how the
/// connection goes on.
fn drive_on(content: &[u8], pieces: &[&[u8]], sent_bytes_max: usize) -> (Vec<u8>, After) {
    let mut connection = Connection::new(content, sent_bytes_max);
    pieces.iter().for_each(|piece| connection.receive(piece));
    (connection.out, connection.after)
}

static BLOB: LazyLock<Vec<u8>> = LazyLock::new(blob);

fn drive(pieces: &[&[u8]], sent_bytes_max: usize) -> (Vec<u8>, After) {
    drive_on(&BLOB, pieces, sent_bytes_max)
}

/// The answers in full: `;` ends a head, `;close` one that ends the connection, and `LARGE` is the
/// large body.
fn in_full(expected: &str) -> String {
    let expected = expected.replace(";close", "\r\nConnection: close;").replace(';', DATE);
    expected.replace("LARGE", std::str::from_utf8(LARGE).unwrap())
}

/// `input` gives `expected`, which is as in [`in_full`], however it comes and goes.
#[track_caller]
fn check(input: &str, expected: &str, after: After) {
    check_on(&BLOB, input, expected, after);
}

#[track_caller]
fn check_on(content: &[u8], input: &str, expected: &str, after: After) {
    let (whole, state) = drive_on(content, &[input.as_bytes()], usize::MAX);
    let text = String::from_utf8_lossy(&whole);
    assert_eq!((&*text, state), (in_full(expected).as_str(), after), "{input:?}");
    for cut in 0..=input.len() {
        let (head, rest) = input.as_bytes().split_at(cut);
        let found = drive_on(content, &[head, rest], usize::MAX);
        assert!(found == (whole.clone(), after), "{input:?} cut at {cut}: {found:?}");
    }
    let singly: Vec<&[u8]> = input.as_bytes().chunks(1).collect();
    for pieces in [&singly[..], &[input.as_bytes()]] {
        for sent_bytes_max in [1, 7, 100] {
            let found = drive_on(content, pieces, sent_bytes_max);
            assert!(found == (whole.clone(), after), "{input:?} by {sent_bytes_max}: {found:?}");
        }
    }
}

/// A request with these lines behind Host gives `expected`, and leaves the connection open.
#[track_caller]
fn check_fields(line: &str, fields: &str, expected: &str) {
    let fields = if fields.is_empty() { String::new() } else { format!("{fields}\r\n") };
    check(&format!("{line} HTTP/1.1\r\n{HOST}{fields}\r\n"), expected, After::KeepAlive);
}

/// The status code of the first answer to `input`, and how the connection goes on.
#[track_caller]
fn status(input: &[u8]) -> (String, After) {
    let (out, after) = drive(&[input], usize::MAX);
    let line = String::from_utf8_lossy(&out);
    (line.split(' ').nth(1).unwrap_or_default().into(), after)
}
