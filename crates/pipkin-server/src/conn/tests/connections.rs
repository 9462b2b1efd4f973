//! How long a connection lasts, and several requests on one. RFC 9112, section 9.

use super::*;

const LAST: &str = "HTTP/1.1 200 OK\r\nHome: 1;close<p>home\n";

#[test]
fn nothing_asked_nothing_sent() {
    check("", "", After::KeepAlive);
    check("G", "", After::KeepAlive);
    check(&format!("GET / HTTP/1.1\r\n{HOST}\r"), "", After::KeepAlive);
}

#[test]
fn a_connection_stays_open() {
    let request = |fields: &str| format!("GET / HTTP/1.1\r\n{HOST}{fields}\r\n");
    for fields in ["", "Connection:\r\n", "Connection: keep-alive\r\n", "Connection: upgrade\r\n"] {
        check(&request(fields).repeat(2), &HOME.repeat(2), After::KeepAlive);
    }
}

#[test]
fn a_client_that_closes() {
    for fields in [
        "Connection: close\r\n",
        "connection:CLOSE\r\n",
        "Connection: x, Close\t\r\n",
        "Connection: close, x\r\n",
        "Connection: close\r\nConnection: keep-alive\r\n",
        "Connection: keep-alive\r\nConnection: close\r\n",
    ] {
        let request = format!("GET / HTTP/1.1\r\n{HOST}{fields}\r\n");
        check(&request.repeat(2), LAST, After::Close);
    }
}

#[test]
fn http_1_0() {
    check("GET / HTTP/1.0\r\n\r\n", LAST, After::Close);
    check("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n", LAST, After::Close);
    check("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", LAST, After::Close);
    check("HEAD / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\nHome: 1;close", After::Close);
    check("GET / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx", LAST, After::Linger);
    check("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", LAST, After::Linger);
}

/// The mark to close is of one request.
#[test]
fn a_version_is_of_one_request() {
    let input = format!("GET / HTTP/1.1\r\n{HOST}\r\nGET / HTTP/1.0\r\n\r\n");
    check(&input, &format!("{HOME}{LAST}"), After::Close);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\n{HOST}\r\n");
    let input = [ask("/"), ask("/big%20one"), ask("/x"), ask("/tagged")].concat();
    let large = "HTTP/1.1 200 OK\r\nBig: 1;LARGE";
    let missing = "HTTP/1.1 404 Not Found;nothing here\n";
    let etag = site::ETAG;
    let tagged = format!(
        "HTTP/1.1 200 OK\r\nETag: {etag}\r\nVary: x\r\nA: b\r\nContent-Length: 8;<p>home\n"
    );
    check(&input, &format!("{HOME}{large}{missing}{tagged}"), After::KeepAlive);
}

#[test]
fn large_bodies_one_behind_the_other() {
    let large = format!("GET /big%20one HTTP/1.1\r\n{HOST}\r\n");
    let input = large.repeat(3);
    let expected = in_full(&"HTTP/1.1 200 OK\r\nBig: 1;LARGE".repeat(3));
    for sent_bytes_max in [1, 7, 1000, 4999, 5000, 5001, usize::MAX] {
        let (out, after) = drive(&[input.as_bytes()], sent_bytes_max);
        assert_eq!((String::from_utf8(out).unwrap(), after), (expected.clone(), After::KeepAlive));
    }
}

#[test]
fn a_large_body_at_the_end() {
    let input = format!("GET /big%20one HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n");
    check(&input, "HTTP/1.1 200 OK\r\nBig: 1;closeLARGE", After::Close);
    let input = format!("GET /big%20one HTTP/1.1\r\n{HOST}Content-Length: 1\r\n\r\n");
    check(&input, "HTTP/1.1 200 OK\r\nBig: 1;closeLARGE", After::Linger);
}

#[test]
fn more_answers_than_the_output_holds() {
    let requests = format!("GET / HTTP/1.1\r\n{HOST}\r\n").repeat(1000);
    let expected = in_full(&HOME.repeat(1000));
    assert!(expected.len() > OUTPUT_BYTES);
    for (pieces, sent_bytes_max) in [(usize::MAX, usize::MAX), (100, 1000), (4000, 70_000)] {
        let pieces: Vec<&[u8]> = requests.as_bytes().chunks(pieces.min(requests.len())).collect();
        let (out, after) = drive(&pieces, sent_bytes_max);
        assert!(String::from_utf8(out).unwrap() == expected);
        assert_eq!(after, After::KeepAlive);
    }
}

/// The shortest requests with the longest answers that are copied: one input is answered in
/// several outputs.
#[test]
fn one_input_with_more_answers_than_the_output_holds() {
    let request = "GET / HTTP/1.1\r\nHost:\r\n\r\n";
    let count = INPUT_BYTES / request.len();
    let blob = site::with_longest_answers();
    let one = drive_on(&blob, &[request.as_bytes()], usize::MAX).0;
    assert!(one.len() > pipkin_format::HEAD_BYTES_MAX + BODY_COPIED_BYTES_MAX);
    for sent_bytes_max in [usize::MAX, 10_000] {
        let (out, after) = drive_on(&blob, &[request.repeat(count).as_bytes()], sent_bytes_max);
        assert!(out == one.repeat(count));
        assert_eq!(after, After::KeepAlive);
    }
}

#[test]
fn the_last_answer_says_so() {
    let mut connection = Connection::new(&BLOB, usize::MAX);
    let desk = &mut connection.desk;
    let request = format!("GET / HTTP/1.1\r\n{HOST}\r\n");
    desk.request.load(request.repeat(2).as_bytes());
    assert_eq!(desk.answer(true) as usize, request.len());
    assert_eq!(String::from_utf8_lossy(desk.rest(0).0), in_full(LAST));
    // The peer does not know yet, and may be sending.
    assert_eq!(desk.after, After::Linger);
}

/// Only the bytes of the date differ, so an answer can be made again later.
#[test]
fn the_time_is_that_of_the_answer() {
    let mut connection = Connection::new(&BLOB, usize::MAX);
    connection.receive(format!("GET / HTTP/1.1\r\n{HOST}\r\n").as_bytes());
    connection.desk.set_time(TIME + 23);
    connection.receive(format!("GET / HTTP/1.1\r\n{HOST}\r\n").as_bytes());
    let expected = in_full(HOME) + &in_full(HOME).replace("08:49:37", "08:50:00");
    assert_eq!(String::from_utf8(connection.out).unwrap(), expected);
}

/// What the memory of a worker holds before anything is served.
#[test]
fn a_server_without_content_does_not_panic() {
    for input in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "nonsense\r\n", "OPTIONS * HTTP/1.0\r\n\r\n"]
    {
        let mut desk = Box::new(Batch::default());
        desk.request.load(input.as_bytes());
        assert_eq!(desk.answer(false) as usize, input.len());
        let mut connection = Connection::new(b"", usize::MAX);
        connection.receive(input.as_bytes());
    }
}
