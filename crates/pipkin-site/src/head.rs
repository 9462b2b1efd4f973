//! Complete response heads: status line and fields, without `Date`, without the CRLF of the last
//! line and without the empty line, which the server appends.
//!
//! Source: RFC 9112 sections 4 and 5.

use crate::body::Body;
use crate::cache::cache_control;
use crate::coding::Coding;
use crate::etag::etag;
use crate::media::content_type;

/// A media type is what it says, also where a browser would guess another.
///
/// Source: Fetch standard, section 3.6.
const NOSNIFF: &str = "\r\nX-Content-Type-Options: nosniff";

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
    pub(crate) text: String,
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

/// Which fields of a request decide between the answers of a path.
#[derive(Clone, Copy, Default)]
pub(crate) struct Vary {
    pub(crate) encoding: bool,
    pub(crate) accept: bool,
}

impl Vary {
    /// The field, for every answer of the path.
    ///
    /// Source: RFC 9110 section 12.5.5.
    fn line(self) -> &'static str {
        match (self.encoding, self.accept) {
            (false, false) => "",
            (false, true) => "\r\nVary: Accept",
            (true, false) => "\r\nVary: Accept-Encoding",
            (true, true) => "\r\nVary: Accept-Encoding, Accept",
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
    /// The fields that a 206 repeats and a 304 does not.
    fn kind_lines(&self) -> String {
        let content_type = content_type(self.name);
        match self.coding {
            None => format!("\r\nContent-Type: {content_type}"),
            Some(coding) => {
                format!("\r\nContent-Type: {content_type}\r\nContent-Encoding: {coding}")
            }
        }
    }

    /// The field that comes last.
    fn length_line(&self) -> String {
        format!("\r\nContent-Length: {}", self.body.bytes)
    }
}

/// The head of 200 with a file. A 304 repeats the fields up to those that describe the body (RFC
/// 9110 section 15.4.5), a 206 all but the last number.
pub(crate) fn ok(file: Representation<'_>, vary: Vary) -> Head {
    let etag = etag(&file.body.digest);
    let mut text = format!("HTTP/1.1 200 OK\r\nETag: {etag}{}", vary.line());
    if let Some(value) = cache_control(file.name, &content_type(file.name)) {
        text += &format!("\r\nCache-Control: {value}");
    }
    text += NOSNIFF;
    let shared_bytes = text.len();
    text += &file.kind_lines();
    text += "\r\nContent-Length:";
    let part_bytes = text.len();
    text += &format!(" {}", file.body.bytes);
    Head { text, part_bytes, shared_bytes }
}

/// The head of 404 with a file. It has no entity tag: conditions are ignored where the answer
/// without them would be an error.
///
/// Source: RFC 9110 section 13.2.1.
pub(crate) fn not_found(file: Representation<'_>, vary: Vary) -> Head {
    let (vary, kind, length) = (vary.line(), file.kind_lines(), file.length_line());
    Head { text: format!("HTTP/1.1 404 Not Found{vary}{NOSNIFF}{kind}{length}"), ..Head::default() }
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
    Head { text: format!("{status_line}{}{NO_CONTENT}", vary.line()), ..Head::default() }
}

/// The head of 301 to `location`, which is the last line, since the server appends the query.
pub(crate) fn redirect(location: &str) -> Head {
    let text = format!("HTTP/1.1 301 Moved Permanently{NO_CONTENT}\r\nLocation: {location}");
    Head { text, ..Head::default() }
}

/// The head of 416, behind which the server puts `/length`.
pub(crate) fn range_not_satisfiable(vary: Vary) -> Head {
    let vary = vary.line();
    let text = format!(
        "HTTP/1.1 416 Range Not Satisfiable{vary}{NOSNIFF}{NO_CONTENT}\r\nContent-Range: bytes *"
    );
    Head { text, ..Head::default() }
}
