//! Complete response heads: status line and fields, without `Date`, without the CRLF of the last
//! line and without the empty line, which the server appends.
//!
//! Source: RFC 9112 sections 4 and 5.

use crate::body::Body;
use crate::cache::cache_control;
use crate::chosen::Chosen;
use crate::coding::Coding;
use crate::etag::etag;
use crate::media::content_type;

/// A media type is what it says, also where a browser would guess another.
///
/// Source: Fetch standard, section 3.6.
const NOSNIFF: (&str, &str) = ("X-Content-Type-Options", "nosniff");

const NO_CONTENT: &str = "\r\nContent-Length: 0";

/// The head of 400: the request is not HTTP/1.1.
pub(crate) const BAD_REQUEST: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0";

/// The head of 405, which must name the methods that would work.
///
/// Source: RFC 9110 section 15.5.6.
pub(crate) const METHOD_NOT_ALLOWED: &str =
    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0";

/// The answer to OPTIONS, which names them too.
///
/// Source: RFC 9110 section 9.3.7.
pub(crate) const OPTIONS: &str =
    "HTTP/1.1 200 OK\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0";

/// The head of 414: no path of the site is that long.
pub(crate) const URI_TOO_LONG: &str = "HTTP/1.1 414 URI Too Long\r\nContent-Length: 0";

/// The head of 431: the request head is longer than the server holds.
///
/// Source: RFC 6585 section 5.
pub(crate) const HEAD_TOO_LARGE: &str =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0";

/// The head of 501: a method that RFC 9110 does not know.
pub(crate) const NOT_IMPLEMENTED: &str = "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0";

/// What a 304 begins with, before the fields of the representation.
pub(crate) const NOT_MODIFIED: &str = "HTTP/1.1 304 Not Modified";

/// What a 206 begins with, before ` first-last/length` and the fields of the representation.
pub(crate) const PARTIAL_CONTENT: &str = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes";

/// A head, and how much of it other answers repeat.
#[derive(Default)]
pub(crate) struct Head {
    /// ASCII apart from the marks of a rule's Location.
    pub(crate) text: Vec<u8>,
    /// How many bytes a 206 repeats; 0 when there is none.
    pub(crate) part_bytes: usize,
    /// How many bytes a 304 repeats; 0 when there is none.
    pub(crate) shared_bytes: usize,
}

impl From<&str> for Head {
    fn from(text: &str) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl From<String> for Head {
    fn from(text: String) -> Self {
        Self::from(&text[..])
    }
}

/// Which fields of a request decide between the answers of a path.
#[derive(Clone, Copy, Default)]
pub(crate) struct Vary {
    pub(crate) encoding: bool,
    pub(crate) accept: bool,
}

impl Vary {
    /// The names of these fields, for every answer of the path.
    ///
    /// Source: RFC 9110 section 12.5.5.
    fn names(self) -> &'static [&'static str] {
        match (self.encoding, self.accept) {
            (false, false) => &[],
            (false, true) => &["Accept"],
            (true, false) => &["Accept-Encoding"],
            (true, true) => &["Accept-Encoding", "Accept"],
        }
    }
}

/// A file as it is sent.
#[derive(Clone, Copy)]
pub(crate) struct Representation<'a> {
    /// Its name, without what a coding adds.
    pub(crate) name: &'a str,
    /// None when it is sent as it is.
    pub(crate) coding: Option<Coding>,
    pub(crate) body: &'a Body,
}

impl Representation<'_> {
    /// What it is: what the user says, or else its name.
    fn content_type(&self, chosen: &Chosen) -> String {
        chosen.value("Content-Type").map_or_else(|| content_type(self.name), Into::into)
    }

    /// The fields that a 206 repeats and a 304 does not.
    fn kind_lines(&self, chosen: &Chosen) -> String {
        let content_type = chosen.unless_decided("Content-Type", &content_type(self.name));
        let coding =
            self.coding.map_or(String::new(), |coding| format!("\r\nContent-Encoding: {coding}"));
        content_type + &coding + &chosen.body_lines()
    }
}

/// The head of an answer with a file.
pub(crate) fn of_file(status: u16, file: Representation<'_>, vary: Vary, chosen: &Chosen) -> Head {
    match status {
        200 => {
            let cache = cache_control(file.name, &file.content_type(chosen));
            ok(file, vary, cache, chosen)
        }
        _ => error(status, file, vary, chosen),
    }
}

/// The head of 200. A 304 repeats the fields up to those that describe the body (RFC 9110 section
/// 15.4.5), a 206 all but the last number.
fn ok(file: Representation<'_>, vary: Vary, cache: Option<&str>, chosen: &Chosen) -> Head {
    let etag = etag(&file.body.digest);
    let mut text = format!("HTTP/1.1 200 OK\r\nETag: {etag}{}", chosen.vary_line(vary.names()));
    if let Some(value) = cache {
        text += &chosen.unless_decided("Cache-Control", value);
    }
    text += &chosen.unless_decided(NOSNIFF.0, NOSNIFF.1);
    text += &chosen.shared_lines();
    let shared_bytes = text.len();
    text += &file.kind_lines(chosen);
    text += "\r\nContent-Length:";
    let part_bytes = text.len();
    text += &format!(" {}", file.body.bytes);
    Head { text: text.into(), part_bytes, shared_bytes }
}

/// The head of 200 with what the server makes when it starts, as if it were the file `name`: the
/// entity tag is some tag, and the length at the end has no number.
pub(crate) fn made(name: &str, empty: &Body, chosen: &Chosen) -> Head {
    let file = Representation { name, coding: None, body: empty };
    let mut head = ok(file, Vary::default(), Some("no-cache"), chosen);
    head.text.truncate(head.part_bytes);
    head
}

/// The head of 404 or 410. It has no entity tag: conditions are ignored where the answer without
/// them would be an error.
///
/// Source: RFC 9110 section 13.2.1.
fn error(status: u16, file: Representation<'_>, vary: Vary, chosen: &Chosen) -> Head {
    let lines = [
        format!("HTTP/1.1 {status} {}", reason(status)),
        chosen.vary_line(vary.names()),
        chosen.unless_decided(NOSNIFF.0, NOSNIFF.1),
        chosen.shared_lines(),
        file.kind_lines(chosen),
        format!("\r\nContent-Length: {}", file.body.bytes),
    ];
    lines.concat().into()
}

/// The text behind a status that a user can choose.
///
/// Source: RFC 9110 section 15.
fn reason(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        410 => "Gone",
        _ => "Not Found",
    }
}

/// The head of 406: the client refuses every coding that there is.
pub(crate) fn not_acceptable(vary: Vary) -> Head {
    refusal("HTTP/1.1 406 Not Acceptable", vary)
}

/// The head of 412: `If-Match` names other representations.
pub(crate) fn precondition_failed(vary: Vary) -> Head {
    refusal("HTTP/1.1 412 Precondition Failed", vary)
}

/// The head of an answer without a body, after the fields of a request were weighed.
fn refusal(status_line: &str, vary: Vary) -> Head {
    let vary = Chosen::default().vary_line(vary.names());
    format!("{status_line}{vary}{NO_CONTENT}").into()
}

/// The head of a redirect to `location`, which is the last line, since the server appends the
/// query.
pub(crate) fn redirect(status: u16, location: &[u8], chosen: &Chosen) -> Head {
    let (reason, vary) = (reason(status), chosen.vary_line(&[]));
    let fields = chosen.shared_lines();
    let start = format!("HTTP/1.1 {status} {reason}{vary}{fields}{NO_CONTENT}\r\nLocation: ");
    Head { text: [start.as_bytes(), location].concat(), ..Head::default() }
}

/// The head of 416, behind which the server puts `/length`.
pub(crate) fn range_not_satisfiable(vary: Vary) -> Head {
    let chosen = Chosen::default();
    let (vary, nosniff) =
        (chosen.vary_line(vary.names()), chosen.unless_decided(NOSNIFF.0, NOSNIFF.1));
    format!(
        "HTTP/1.1 416 Range Not Satisfiable{vary}{nosniff}{NO_CONTENT}\r\nContent-Range: bytes *"
    )
    .into()
}
