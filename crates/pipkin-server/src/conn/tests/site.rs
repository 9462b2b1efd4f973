//! The site that the tests ask.

use pipkin_format::{
    Answer, ETAG_BYTES, HEAD_BYTES_MAX, Index, NAVIGATION, NO_NAVIGATION, OK_LINE, QUERY, Route,
    Standing, coding, write,
};

/// Too large to be copied behind its head.
pub(super) const LARGE: &[u8] = &[b'x'; 5000];

/// The entity tag of most representations.
pub(super) const ETAG: &str = "\"0123456789abcdef\"";

const BODIES: [&[u8]; 7] =
    [b"", b"<p>home\n", LARGE, b"nothing here\n", b"BR", b"GZIP", b"<p>an app\n"];
const EMPTY: usize = 0;
const HOME: usize = 1;
const MISSING: usize = 3;
const BR: usize = 4;
const GZIP: usize = 5;
const APP: usize = 6;

/// The longest path that can be stored.
pub(super) fn longest_path() -> String {
    format!("/{}", "p".repeat(pipkin_format::PATH_BYTES_MAX - 1))
}

/// An answer that takes no conditions.
fn plain(head: &'static str, body: usize) -> Answer<'static> {
    Answer { head: head.as_bytes(), body, ..Answer::default() }
}

/// A representation. A 304 repeats its entity tag and Vary.
fn tagged(etag: &str, fields: &str, body: usize) -> Answer<'static> {
    assert_eq!(etag.len(), ETAG_BYTES);
    let line = std::str::from_utf8(OK_LINE).unwrap();
    let shared = format!("{line}ETag: {etag}\r\nVary: x");
    let part = format!("{shared}\r\n{fields}\r\nContent-Length:");
    let head = format!("{part} {}", BODIES[body].len());
    let (part_bytes, shared_bytes) = (part.len(), shared.len());
    Answer { head: head.leak().as_bytes(), part_bytes, shared_bytes, body, ..Answer::default() }
}

fn coded(name: &str, body: usize) -> Answer<'static> {
    let etag = format!("\"{name:_>16}\"");
    let fields = format!("Content-Encoding: {name}");
    Answer { coding: coding(name.as_bytes()), ..tagged(&etag, &fields, body) }
}

fn route(path: impl Into<Vec<u8>>, answers: &[Answer<'static>]) -> Route<'static> {
    Route { path: path.into(), answers: answers.to_vec() }
}

/// A page for navigations only, beside an answer for all else.
fn app() -> [Answer<'static>; 2] {
    let navigation = Answer { flags: NAVIGATION, ..tagged(ETAG, "Content-Type: app", APP) };
    [navigation, Answer { flags: NO_NAVIGATION, ..missing() }]
}

fn missing() -> Answer<'static> {
    plain("HTTP/1.1 404 Not Found", MISSING)
}

/// The one that [`super::BLOB`] holds.
pub(super) fn blob() -> Vec<u8> {
    let identity = tagged(ETAG, "A: b", HOME);
    let moved =
        plain("HTTP/1.1 301 Moved Permanently\r\nContent-Length: 0\r\nLocation: /to/", EMPTY);
    let moved = Answer { flags: QUERY, ..moved };
    of(&[
        route("/", &[plain("HTTP/1.1 200 OK\r\nHome: 1", HOME)]),
        route("/tagged", &[identity]),
        route("/empty", &[tagged(ETAG, "A: b", EMPTY)]),
        route("/large", &[tagged(ETAG, "A: b", 2)]),
        route("/big one", &[plain("HTTP/1.1 200 OK\r\nBig: 1", 2)]),
        route("/caf\u{e9}", &[plain("HTTP/1.1 200 OK\r\nHome: 1", HOME)]),
        route("/coded", &[coded("br", BR), coded("gzip", GZIP), identity]),
        route("/only", &[coded("gzip", GZIP)]),
        route("/moved", &[moved]),
        route("/app/\0", &app()),
        route("/app/known", &[plain("HTTP/1.1 200 OK\r\nKnown: 1", HOME)]),
        route("/app/deep/\0", &[plain("HTTP/1.1 200 OK\r\nDeep: 1", HOME)]),
        route("/away/\0", &[moved]),
        route(longest_path(), &[plain("HTTP/1.1 200 OK\r\nLong: 1", HOME)]),
    ])
}

/// A site where every path has an answer.
pub(super) fn with_root_fallback() -> Vec<u8> {
    of(&[
        route("/\0", &[plain("HTTP/1.1 200 OK\r\nAny: 1", HOME)]),
        route("/known", &[plain("HTTP/1.1 200 OK\r\nKnown: 1", HOME)]),
    ])
}

/// A site without routes.
pub(super) fn without_routes() -> Vec<u8> {
    of(&[])
}

/// The longest stored head, the largest body that is copied, and the query behind them.
pub(super) fn with_longest_answers() -> Vec<u8> {
    let (start, end) = ("HTTP/1.1 200 OK\r\nFill: ", "\r\nEcho: ");
    let fill = "f".repeat(HEAD_BYTES_MAX - start.len() - end.len());
    let head = format!("{start}{fill}{end}").leak().as_bytes();
    let bytes = crate::conn::BODY_COPIED_BYTES_MAX;
    let answer = Answer { head, flags: QUERY, ..Answer::default() };
    let index = Index {
        port: 0,
        routes: &[route("/", &[answer])],
        standing: Standing::ALL.map(|_| vec![plain("HTTP/1.1 500 X", EMPTY)]),
        bodies: &[bytes as u64],
    };
    let mut blob = write(&index).unwrap();
    blob.extend(vec![b'y'; bytes]);
    blob
}

fn of(routes: &[Route<'static>]) -> Vec<u8> {
    with_bodies(routes, &BODIES)
}

/// A site with bodies of its own, of which the standing answers have the first and the fourth.
pub(super) fn with_bodies(routes: &[Route<'static>], bodies: &[&[u8]]) -> Vec<u8> {
    let standing = Standing::ALL.map(|standing| {
        vec![match standing {
            Standing::NotFound => missing(),
            Standing::BadRequest => plain("HTTP/1.1 400 Bad Request\r\nContent-Length: 0", EMPTY),
            Standing::HeadTooLarge => {
                plain("HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0", EMPTY)
            }
            Standing::UriTooLong => plain("HTTP/1.1 414 URI Too Long\r\nContent-Length: 0", EMPTY),
            Standing::Options => {
                plain("HTTP/1.1 200 OK\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0", EMPTY)
            }
            Standing::MethodNotAllowed => plain(
                "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0",
                EMPTY,
            ),
            Standing::NotImplemented => {
                plain("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0", EMPTY)
            }
            Standing::NotAcceptable => {
                plain("HTTP/1.1 406 Not Acceptable\r\nContent-Length: 0", EMPTY)
            }
            Standing::PreconditionFailed => {
                plain("HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0", EMPTY)
            }
            Standing::NotModified => plain("HTTP/1.1 304 Not Modified", EMPTY),
            Standing::PartialContent => {
                plain("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes", EMPTY)
            }
            Standing::RangeNotSatisfiable => plain(
                "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nContent-Range: bytes *",
                EMPTY,
            ),
        }]
    });
    let lengths: Vec<u64> = bodies.iter().map(|body| body.len() as u64).collect();
    let mut blob = write(&Index { port: 8080, routes, standing, bodies: &lengths }).unwrap();
    bodies.iter().for_each(|body| blob.extend(*body));
    blob
}
