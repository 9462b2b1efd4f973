//! The machine driven without sockets: whole, cut at every byte, and drained in small pieces.

use pipkin_format::{Answer, Index, PATH_BYTES_MAX, Route, write};

use super::*;

const BODIES: [&[u8]; 4] = [b"", b"<p>home\n", &[b'x'; 5000], b"nothing here\n"];

/// A head of which a 304 repeats all but the last field.
const TAGGED: &[u8] = b"HTTP/1.1 200 OK\r\nETag: \"0123456789abcdef\"\r\nVary: x\r\nA: b\r\n";

/// The standing answers, a page at `/`, one with an entity tag at `/tagged`, and a body too large
/// to copy at `/big one`.
fn blob() -> Vec<u8> {
    let answer = |head, body| Answer { head, shared_bytes: 0, body };
    let tagged = Answer { head: TAGGED, shared_bytes: TAGGED.len() - 6, body: 1 };
    let mut blob = write(&Index {
        port: 8080,
        routes: &[
            Route { path: b"/", answer: answer(b"HTTP/1.1 200 OK\r\nHome: 1\r\n", 1) },
            Route { path: b"/tagged", answer: tagged },
            Route { path: b"/large", answer: Answer { body: 2, ..tagged } },
            Route { path: b"/big one", answer: answer(b"HTTP/1.1 200 OK\r\nBig: 1\r\n", 2) },
        ],
        standing: [
            answer(b"HTTP/1.1 404 Not Found\r\n", 3),
            answer(b"HTTP/1.1 400 Bad Request\r\n", 0),
            answer(b"HTTP/1.1 405 Method Not Allowed\r\n", 0),
            answer(b"HTTP/1.1 431 Request Header Fields Too Large\r\n", 0),
            answer(b"HTTP/1.1 204 No Content\r\n", 0),
            answer(b"HTTP/1.1 412 Precondition Failed\r\n", 0),
            answer(b"HTTP/1.1 414 URI Too Long\r\n", 0),
            answer(b"HTTP/1.1 501 Not Implemented\r\n", 0),
        ],
        bodies: &BODIES.map(|body| body.len() as u64),
    })
    .unwrap();
    BODIES.iter().for_each(|body| blob.extend(*body));
    blob
}

/// What a peer gets to see: everything that is sent, then how the connection goes on.
fn drive(pieces: &[&[u8]], sent_bytes_max: usize) -> (Vec<u8>, After) {
    let blob = blob();
    let (content, tail) = (Content::new(&blob), tail());
    let mut exchange = exchange();
    let mut out = Vec::new();
    for mut piece in pieces.iter().copied() {
        while !piece.is_empty() && exchange.after() == After::KeepAlive {
            let count = piece.len().min(exchange.space().len());
            exchange.space()[..count].copy_from_slice(&piece[..count]);
            exchange.received(count);
            piece = &piece[count..];
            send_all(&mut exchange, &content, &tail, sent_bytes_max, &mut out);
        }
    }
    (out, exchange.after())
}

/// Does as the event loop does, except that the socket takes `sent_bytes_max` bytes a time, and
/// that the exchange moves house in between.
fn send_all(
    exchange: &mut Exchange,
    content: &Content<'_>,
    tail: &Tail,
    sent_bytes_max: usize,
    out: &mut Vec<u8>,
) {
    loop {
        exchange.answer(content, tail, false);
        let (output, body) = exchange.pending(content);
        let pending = [output, body].concat();
        if pending.is_empty() {
            assert!(!exchange.is_sending());
            return;
        }
        let count = pending.len().min(sent_bytes_max);
        out.extend(&pending[..count]);
        exchange.sent(count);
        let mut other = self::exchange();
        other.take(exchange);
        assert!(exchange.is_at_rest());
        std::mem::swap(exchange, &mut other);
    }
}

fn tail() -> Tail {
    let mut tail = Tail::NEW;
    tail.set(784_111_777);
    tail
}

fn exchange() -> Box<Exchange> {
    Box::new(Exchange {
        input_at: 0,
        input_end: 0,
        output_at: 0,
        output_end: 0,
        body: Body::default(),
        after: After::KeepAlive,
        input: [0; INPUT_BYTES],
        output: [0; OUTPUT_BYTES],
    })
}

const DATE: &str = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";

/// The answers, of which each `;` ends a head, in the words of [`blob`].
#[track_caller]
fn check(input: &str, expected: &str, after: After) {
    let expected = expected.replace(";close", "\r\nConnection: close;").replace(';', "\r\n");
    let expected = expected.replace("\r\n\n", &format!("\r\n{DATE}"));
    let (whole, state) = drive(&[input.as_bytes()], usize::MAX);
    assert_eq!((String::from_utf8_lossy(&whole), state), (expected.as_str().into(), after));
    for cut in 0..=input.len() {
        let (head, rest) = input.as_bytes().split_at(cut);
        assert_eq!(drive(&[head, rest], usize::MAX), (whole.clone(), after), "cut at {cut}");
    }
    let singly: Vec<&[u8]> = input.as_bytes().chunks(1).collect();
    for sent_bytes_max in [1, 7, 100] {
        assert_eq!(drive(&singly, sent_bytes_max), (whole.clone(), after));
    }
}

const HOME: &str = "HTTP/1.1 200 OK\r\nHome: 1;\n<p>home\n";

#[test]
fn one_request() {
    check("GET / HTTP/1.1\r\nHost: a\r\n\r\n", HOME, After::KeepAlive);
    check(
        "HEAD /?q HTTP/1.1\r\nHost: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nHome: 1;\n",
        After::KeepAlive,
    );
    let missing = "HTTP/1.1 404 Not Found;\nnothing here\n";
    check("GET /x HTTP/1.1\r\nHost: a\r\n\r\n", missing, After::KeepAlive);
    let refused = "HTTP/1.1 405 Method Not Allowed;\n";
    check("PUT / HTTP/1.1\r\nHost: a\r\n\r\n", refused, After::KeepAlive);
    let unknown = "HTTP/1.1 501 Not Implemented;\n";
    check("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", unknown, After::KeepAlive);
    let options = "HTTP/1.1 204 No Content;\n";
    check("OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n", options, After::KeepAlive);
    check("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", options, After::KeepAlive);
    check("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 Not Found;\n", After::KeepAlive);
}

#[test]
fn conditions() {
    let tag = "\"0123456789abcdef\"";
    let whole = format!("HTTP/1.1 200 OK\r\nETag: {tag}\r\nVary: x\r\nA: b;\n");
    let not_modified = format!("HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\nVary: x;\n");
    let failed = "HTTP/1.1 412 Precondition Failed;\n";
    let check = |fields: &str, expected: &str| {
        let request = |method| format!("{method} /tagged HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n");
        let body = if expected == whole { "<p>home\n" } else { "" };
        check(&request("GET"), &format!("{expected}{body}"), After::KeepAlive);
        check(&request("HEAD"), expected, After::KeepAlive);
    };
    check(&format!("If-None-Match: {tag}"), &not_modified);
    check(&format!("if-none-match:\"x\", W/{tag} ,\"y\""), &not_modified);
    check("If-None-Match: *", &not_modified);
    check("If-None-Match: \"*\"", &whole);
    check("If-None-Match: \"0123456789abcdeF\"", &whole);
    check("If-None-Match: 0123456789abcdef", &whole);
    check("If-None-Match:", &whole);
    check(&format!("If-Match: \"x\",{tag}"), &whole);
    check("If-Match: * ", &whole);
    check(&format!("If-Match: W/{tag}"), failed);
    check("If-Match: \"x\"", failed);
    check(&format!("If-Match: \"x\"\r\nIf-None-Match: {tag}"), failed);
    check(&format!("If-Match: {tag}\r\nIf-None-Match: {tag}"), &not_modified);
}

#[test]
fn ranges() {
    let tag = "\"0123456789abcdef\"";
    let fields = format!("ETag: {tag}\r\nVary: x;\n");
    let whole = format!("HTTP/1.1 200 OK\r\nETag: {tag}\r\nVary: x\r\nA: b;\n<p>home\n");
    let part = |range: &str, bytes: &str| {
        let (status, length) = ("HTTP/1.1 206 Partial Content", bytes.len());
        format!(
            "{status}\r\nContent-Range: bytes {range}/8\r\nContent-Length: {length}\r\n{fields}{bytes}"
        )
    };
    let missing = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */8\r\n\
                   Content-Length: 0;\n";
    let check = |fields: &str, expected: &str| {
        let request = format!("GET /tagged HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n");
        check(&request, expected, After::KeepAlive);
    };
    check("Range: bytes=0-0", &part("0-0", "<"));
    check("Range: bytes=3-", &part("3-7", "home\n"));
    check("Range: bytes=-5", &part("3-7", "home\n"));
    check("Range: bytes=0-99", &part("0-7", "<p>home\n"));
    check("Range: bytes=8-", missing);
    check("Range: bytes=99999999999999999999-", missing);
    check("Range: bytes=0-1,3-4", &whole);
    check(&format!("Range: bytes=0-0\r\nIf-Range: {tag} "), &part("0-0", "<"));
    check(&format!("Range: bytes=0-0\r\nIf-Range: W/{tag}"), &whole);
    check("Range: bytes=0-0\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT", &whole);
    check("Range: bytes=8-\r\nIf-None-Match: *", &format!("HTTP/1.1 304 Not Modified\r\n{fields}"));
}

#[test]
fn head_takes_no_range() {
    let head = "HTTP/1.1 200 OK\r\nETag: \"0123456789abcdef\"\r\nVary: x\r\nA: b;\n";
    let request = "HEAD /tagged HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\n\r\n";
    check(request, head, After::KeepAlive);
}

#[test]
fn a_part_of_a_large_body() {
    let head = b"GET /large HTTP/1.1\r\nHost: a\r\nRange: bytes=10-4999\r\n\r\n";
    let (out, _) = drive(&[head], 1000);
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("Content-Range: bytes 10-4999/5000\r\nContent-Length: 4990\r\n"), "{out}");
    assert!(out.ends_with(&format!("\r\n\r\n{}", "x".repeat(4990))));
}

#[test]
fn a_path_that_is_too_long() {
    let long = "x".repeat(PATH_BYTES_MAX + 1);
    let (out, after) =
        drive(&[format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()], usize::MAX);
    assert!(out.starts_with(b"HTTP/1.1 414 URI Too Long\r\n"));
    assert_eq!(after, After::KeepAlive);
}

#[test]
fn a_percent_encoded_path_is_decoded() {
    let big = format!("HTTP/1.1 200 OK\r\nBig: 1;\n{}", "x".repeat(5000));
    check("GET /%62ig%20one HTTP/1.1\r\nHost: a\r\n\r\n", &big, After::KeepAlive);
    let bad = "HTTP/1.1 400 Bad Request;\n";
    check("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", bad, After::KeepAlive);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let big = "GET /big%20one HTTP/1.1\r\nHost: a\r\n\r\n";
    let expected = format!("{HOME}HTTP/1.1 200 OK\r\nBig: 1;\n{}{HOME}", "x".repeat(5000));
    check(&format!("{request}{big}{request}"), &expected, After::KeepAlive);
}

#[test]
fn more_answers_than_the_output_holds() {
    let requests = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000);
    let (out, after) = drive(&[requests.as_bytes()], usize::MAX);
    assert_eq!(String::from_utf8(out).unwrap().matches("<p>home\n").count(), 1000);
    assert_eq!(after, After::KeepAlive);
}

#[test]
fn a_connection_that_ends() {
    let closed = "HTTP/1.1 200 OK\r\nHome: 1;close\n<p>home\n";
    let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    check(&format!("{request}{request}"), closed, After::Close);
    check("GET / HTTP/1.0\r\n\r\n", closed, After::Close);
    let with_body = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nGET / HTTP";
    check(with_body, closed, After::Linger);
    check("nonsense\r\n", "HTTP/1.1 400 Bad Request;close\n", After::Linger);
}

#[test]
fn a_head_that_is_too_large() {
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "x".repeat(INPUT_BYTES));
    let (out, after) = drive(&[head.as_bytes()], usize::MAX);
    let out = String::from_utf8(out).unwrap();
    assert!(out.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{out}");
    assert_eq!(after, After::Linger);
    let fits = &head[..INPUT_BYTES - 4];
    let (out, _) = drive(&[fits.as_bytes(), b"\r\n\r\n"], usize::MAX);
    assert!(out.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn the_last_answer_says_so() {
    let blob = blob();
    let mut exchange = exchange();
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    exchange.space()[..request.len()].copy_from_slice(request);
    exchange.received(request.len());
    let content = Content::new(&blob);
    exchange.answer(&content, &tail(), true);
    let (output, _) = exchange.pending(&content);
    assert!(String::from_utf8_lossy(output).contains("\r\nConnection: close\r\n"));
    assert_eq!(exchange.after(), After::Close);
}
