//! Requests that somebody damaged on the way, or on purpose.

use std::collections::{BTreeMap, VecDeque};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use e2e::{answers, seeded};

use super::{PLAIN, check_recovery};

/// Each with a seed of its own: 20,000 requests in all.
const SEEDS: u64 = 100;
const REQUESTS_PER_SEED: usize = 200;
/// Sent at once on a connection.
const BATCH: usize = 8;
const THREADS: u64 = 4;
const MUTATIONS_MAX: usize = 3;
/// Bytes deleted at once.
const DELETED_MAX: usize = 8;

/// Statuses that say something about the request.
const EXPECTED: &[u16] =
    &[200, 204, 206, 304, 400, 404, 405, 406, 408, 412, 413, 414, 416, 417, 431, 501];

/// What a parser may look for.
const PIECES: &[&[u8]] = &[
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b",",
    b"\"",
    b"%",
    b"%00",
    b"/",
    b"..",
    b"?",
    b"#",
    b"*",
    b"-",
    b"0",
    b"9",
    b"99999999999999999999",
    b"\xff",
    b"\x7f",
    b"Host: b\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
];

/// Requests with everything in them that the server looks at.
fn valid() -> Vec<Vec<u8>> {
    let long_path = "a".repeat(1900);
    let long_field = "b".repeat(8000);
    let texts = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_string(),
        "HEAD /index.html HTTP/1.1\r\nHost: a\r\n\r\n".into(),
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".into(),
        "GET /%69ndex.html?x=%zz&y HTTP/1.1\r\nHost: a:8080\r\nUser-Agent: test (x; y)\r\n\
         Accept: text/html, */*;q=0.1\r\nAccept-Encoding: gzip, br;q=0.5, identity;q=0\r\n\
         Connection: keep-alive\r\n\r\n"
            .into(),
        "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\", W/\"y\"\r\n\r\n".into(),
        "GET / HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\n\r\n".into(),
        "GET / HTTP/1.1\r\nHost: a\r\nIf-Match: *\r\nIf-None-Match: *\r\n\r\n".into(),
        "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-3\r\n\r\n".into(),
        "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=-3\r\nIf-Range: \"x\"\r\n\r\n".into(),
        "GET http://a/index.html HTTP/1.1\r\nHost: a\r\n\r\n".into(),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".into(),
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            .into(),
        "GET / HTTP/1.0\r\n\r\n".into(),
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n".into(),
        format!("GET /{long_path} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {long_field}\r\n\r\n"),
        "GET /no/such HTTP/1.1\r\nHost: a\r\n\r\n".into(),
    ];
    texts.map(String::into_bytes).into()
}

#[test]
fn twenty_thousand_mutated_requests() {
    check_recovery(PLAIN, |server| {
        let requests = valid();
        let address = server.address;
        let ask = |thread| {
            let seeds = (0..SEEDS).filter(|seed| seed % THREADS == thread);
            seeds.flat_map(|seed| check_seed(address, &requests, seed)).collect()
        };
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..THREADS).map(|thread| scope.spawn(move || ask(thread))).collect();
            let found = threads.into_iter().map(|thread| thread.join().expect("no panic"));
            found.collect::<Vec<Vec<u16>>>().concat()
        });
        let mut counts = BTreeMap::new();
        statuses.iter().for_each(|status| *counts.entry(status).or_insert(0) += 1);
        // Neither all nothing, nor all refused.
        assert!(counts.get(&200) > Some(&1000) && counts.get(&400) > Some(&1000), "{counts:?}");
    });
}

/// The statuses of the answers to the requests that `seed` makes. What the server did not get to
/// on one connection, for something before it ended that, comes first on the next.
fn check_seed(address: SocketAddr, requests: &[Vec<u8>], seed: u64) -> Vec<u16> {
    let mut random = seeded(seed);
    let mut random = |end: usize| random.next().expect("it is endless") as usize % end;
    let mut next = || mutated(&requests[random(requests.len())], &mut random);
    let mut left: VecDeque<Vec<u8>> = (0..REQUESTS_PER_SEED).map(|_| next()).collect();
    let mut statuses = Vec::new();
    while !left.is_empty() {
        let batch: Vec<u8> = left.iter().take(BATCH).flatten().copied().collect();
        let found = check_batch(address, &batch);
        left.drain(..left.len().min(found.len().max(1)));
        statuses.extend(found);
    }
    statuses
}

/// Sends `sent` on one connection, and reads to the end: the statuses of the answers.
fn check_batch(address: SocketAddr, sent: &[u8]) -> Vec<u16> {
    let (received, was_reset) = exchange(address, sent);
    let context = || format!("answers to {}", sent.escape_ascii());
    let head_may_be = sent.windows(4).any(|word| word == b"HEAD");
    let found = answers(&received, head_may_be);
    let found = found.unwrap_or_else(|wrong| panic!("{wrong} in {}", context()));
    assert!(found.rest_bytes == 0 || was_reset, "one breaks off of {}", context());
    // One more for a head that is refused before its end.
    let requests_max = 1 + sent.windows(2).filter(|&two| two == b"\n\r" || two == b"\n\n").count();
    let count = found.statuses.len();
    assert!(count <= requests_max, "{count} {}", context());
    let strange = found.statuses.iter().find(|status| !EXPECTED.contains(status));
    assert_eq!(strange, None, "in {}", context());
    found.statuses
}

/// What comes back until the server ends the connection, and whether it did so with a reset:
/// after an answer that ends the connection it need not read on for ever.
pub(crate) fn exchange(address: SocketAddr, sent: &[u8]) -> (Vec<u8>, bool) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let reset = |error: &std::io::Error| {
        matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
    };
    let mut was_reset = stream.write_all(sent).is_err_and(|error| reset(&error));
    // It fails when the server has ended the connection already.
    stream.shutdown(Shutdown::Write).ok();
    let mut received = Vec::new();
    if let Err(error) = stream.read_to_end(&mut received) {
        assert!(reset(&error), "{error}: {}", sent.escape_ascii());
        was_reset = true;
    }
    (received, was_reset)
}

pub(crate) fn mutated(request: &[u8], random: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let mut bytes = request.to_vec();
    for _ in 0..random(MUTATIONS_MAX + 1) {
        if bytes.is_empty() {
            break;
        }
        let at = random(bytes.len());
        match random(6) {
            0 => bytes[at] ^= 1 << random(8),
            1 => bytes[at] = random(256) as u8,
            2 => drop(bytes.splice(at..at, PIECES[random(PIECES.len())].iter().copied())),
            3 => drop(bytes.drain(at..bytes.len().min(at + 1 + random(DELETED_MAX)))),
            4 => duplicate_line(&mut bytes, at),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// Repeats the line in which `at` lies.
fn duplicate_line(bytes: &mut Vec<u8>, at: usize) {
    let start = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let end =
        bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |n| at + n + 1);
    let line = bytes[start..end].to_vec();
    bytes.splice(start..start, line);
}
