//! Any bytes on a connection: the peer gets the same answers however the bytes are cut and however
//! few of the answers a socket takes at a time, and nothing but answers.
//!
//! In front of the input stand the number of cuts and, for each, how many bytes come and how many
//! go at a time.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pipkin_format::{
    Answer, Content, Index, NAVIGATION, NO_NAVIGATION, QUERY, Route, Standing, coding, write,
};
use pipkin_server::conn::{After, BODY_COPIED_BYTES_MAX, Batch};

/// Times that a socket takes less than it is given, per input: enough for one large body, byte
/// by byte.
const SENDS_MAX: usize = 6_000;

const TIME: u64 = 784_111_777;
const TAIL: &[u8] = b"\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT";
const CLOSE: &[u8] = b"\r\nConnection: close";

fuzz_target!(|bytes: &[u8]| {
    let Some((&cuts, rest)) = bytes.split_first() else { return };
    let Some((cuts, input)) = rest.split_at_checked(2 * usize::from(cuts % 16)) else { return };
    let mut desk = desk();
    let whole = drive(&mut desk, &[], input);
    check_answers(&whole.0, whole.1);
    // On the same desk, which has seen others.
    assert_eq!(drive(&mut desk, cuts, input), whole);
});

fn desk() -> Box<Batch<'static>> {
    static BLOB: LazyLock<Vec<u8>> = LazyLock::new(blob);
    let mut desk = Box::<Batch<'static>>::default();
    desk.serve(Content::new(&BLOB));
    desk.set_time(TIME);
    desk
}

/// Does as the event loop does, with what comes and goes at a time taken from `cuts` in turn, the
/// squares, so that a byte can say few and many; without any, all of it.
fn drive(desk: &mut Batch<'_>, cuts: &[u8], mut input: &[u8]) -> (Vec<u8>, After) {
    let mut cuts = cuts.as_chunks::<2>().0.iter().cycle();
    let (mut out, mut kept, mut sends) = (Vec::new(), Vec::new(), 0);
    loop {
        let [comes, goes] = cuts.next().map_or([usize::MAX; 2], |cut| cut.map(usize::from));
        desk.request.load(&kept);
        let space = desk.request.space();
        let count = comes.saturating_mul(comes).saturating_add(1).min(input.len()).min(space.len());
        space[..count].copy_from_slice(&input[..count]);
        desk.request.received(count as u32);
        input = &input[count..];
        let after =
            exchange(desk, &mut out, &mut sends, goes.saturating_mul(goes).saturating_add(1));
        if after != After::KeepAlive || input.is_empty() {
            return (out, after);
        }
        kept = desk.request.rest().to_vec();
    }
}

fn exchange(desk: &mut Batch<'_>, out: &mut Vec<u8>, sends: &mut usize, goes: usize) -> After {
    let (mut from, mut sent) = (desk.answer(false), 0);
    loop {
        let (bytes, more) = desk.rest(sent);
        if bytes.is_empty() {
            let is_last = from == desk.request.from();
            desk.request.answered(from);
            if is_last || desk.after != After::KeepAlive {
                return desk.after;
            }
            (from, sent) = (desk.answer(false), 0);
            continue;
        }
        let count = if *sends < SENDS_MAX { bytes.len().min(goes) } else { bytes.len() };
        out.extend(&bytes[..count]);
        let is_short = count < bytes.len();
        sent += count as u64;
        *sends += 1;
        assert!(is_short || more != desk.rest(sent).0.is_empty());
        if is_short {
            // Another connection has the desk.
            let kept = desk.request.rest().to_vec();
            desk.request
                .load(b"HEAD /no%20such?x HTTP/1.0\r\nRange: bytes=1-\r\nIf-Match: *\r\n\r\n");
            desk.answer(false);
            desk.request.load(&kept);
            from = desk.answer(false);
        }
    }
}

/// Asserts that `out` is answers of the site, of which the last and no other ends the connection.
fn check_answers(mut out: &[u8], after: After) {
    let mut closed = false;
    while !out.is_empty() {
        assert!(!closed, "an answer behind the last");
        assert!(out.starts_with(b"HTTP/1.1 "));
        let end = out.windows(4).position(|four| four == b"\r\n\r\n").expect("a head has an end");
        let head = out[..end].strip_suffix(TAIL).expect("a head ends with the date");
        closed = head.ends_with(CLOSE);
        assert!(head.iter().all(|byte| byte.is_ascii_graphic() || b" \r\n".contains(byte)));
        out = &out[end + 4..];
        // To HEAD and with 304 there is none.
        if !out.is_empty() && !out.starts_with(b"HTTP") {
            let (body, rest) = out.split_at(body_bytes(head));
            assert!(body.iter().all(|byte| b"nx".contains(byte)));
            out = rest;
        }
    }
    assert_eq!(closed, after != After::KeepAlive);
}

/// What the last Content-Length says.
fn body_bytes(head: &[u8]) -> usize {
    let text = std::str::from_utf8(head).unwrap_or_default();
    let fields = text.split("\r\n").filter_map(|line| line.strip_prefix("Content-Length: "));
    fields.last().and_then(|value| value.parse().ok()).expect("a body has a length")
}

/// A site with an answer of each kind.
fn blob() -> Vec<u8> {
    let plain = |head: &'static str| Answer { head: head.as_bytes(), ..Answer::default() };
    let moved = plain("HTTP/1.1 301 Moved Permanently\r\nContent-Length: 0\r\nLocation: /to/");
    let missing = Answer { body: 1, ..plain("HTTP/1.1 404 Not Found\r\nContent-Length: 1") };
    let pages = [tagged("br", 1), tagged("gzip", 2), tagged("identity", 3)];
    let app = [
        Answer { flags: NAVIGATION, ..tagged("identity", 2) },
        Answer { flags: NO_NAVIGATION, ..missing },
    ];
    let route = |path: &str, answers: &[_]| Route { path: path.into(), answers: answers.to_vec() };
    let bodies = BODIES.map(|bytes| bytes as u64);
    let mut blob = write(&Index {
        port: 8080,
        routes: &[
            route("/", &pages),
            route("/large", &[tagged("identity", 3)]),
            route("/empty", &[tagged("identity", 0)]),
            route("/moved", &[Answer { flags: QUERY, ..moved }]),
            route("/app/\0", &app),
            route("/app/in/\0", &pages),
        ],
        standing: STANDING.map(|head| vec![plain(head)]),
        bodies: &bodies,
    })
    .expect("the index is sound");
    BODIES.iter().for_each(|&bytes| blob.extend(vec![if bytes == 1 { b'n' } else { b'x' }; bytes]));
    blob
}

/// Bytes of the bodies: none, few, the most that is copied, and more.
const BODIES: [usize; 4] = [0, 1, BODY_COPIED_BYTES_MAX, BODY_COPIED_BYTES_MAX + 1];

/// A representation that takes conditions and ranges.
fn tagged(name: &str, body: usize) -> Answer<'static> {
    let shared = format!("HTTP/1.1 200 OK\r\nETag: \"{name:_>16}\"\r\nVary: Accept-Encoding");
    let part = format!("{shared}\r\nContent-Encoding: {name}\r\nContent-Length:");
    let head = format!("{part} {}", BODIES[body]);
    Answer {
        head: head.leak().as_bytes(),
        part_bytes: part.len(),
        shared_bytes: shared.len(),
        body,
        coding: coding(name.as_bytes()),
        flags: 0,
    }
}

/// The answers without a route, in the order of their table.
const STANDING: [&str; Standing::COUNT] = [
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0",
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0",
    "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0",
    "HTTP/1.1 414 URI Too Long\r\nContent-Length: 0",
    "HTTP/1.1 200 OK\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0",
    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0",
    "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0",
    "HTTP/1.1 406 Not Acceptable\r\nContent-Length: 0",
    "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0",
    "HTTP/1.1 304 Not Modified",
    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes",
    "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nContent-Range: bytes *",
];
