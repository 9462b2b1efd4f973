//! Complete response heads: status line and fields, each ended by CRLF, without `Date` and
//! without the empty line, which the server appends.
//!
//! Source: RFC 9112 sections 4 and 5.

use crate::body::Body;
use crate::cache::cache_control;
use crate::etag::etag;
use crate::media::content_type;

/// A media type is what it says, also where a browser would guess another.
///
/// Source: Fetch standard, section 3.6.
const NOSNIFF: &str = "X-Content-Type-Options: nosniff\r\n";

/// The head of 400: the request is not HTTP/1.1.
pub(crate) const BAD_REQUEST: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n";

/// The head of 405, which must name the methods that would work.
///
/// Source: RFC 9110 section 15.5.6.
pub(crate) const METHOD_NOT_ALLOWED: &str =
    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0\r\n";

/// The answer to OPTIONS, which names them too.
///
/// Source: RFC 9110 section 9.3.7.
pub(crate) const OPTIONS: &str = "HTTP/1.1 204 No Content\r\nAllow: GET, HEAD, OPTIONS\r\n";

/// The head of 412: `If-Match` names other representations.
pub(crate) const PRECONDITION_FAILED: &str =
    "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n";

/// The head of 414: no path of the site is that long.
pub(crate) const URI_TOO_LONG: &str = "HTTP/1.1 414 URI Too Long\r\nContent-Length: 0\r\n";

/// The head of 501: a method that RFC 9110 does not know.
pub(crate) const NOT_IMPLEMENTED: &str = "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n";

/// The head of 431: the request head is longer than the server holds.
///
/// Source: RFC 6585 section 5.
pub(crate) const HEAD_TOO_LARGE: &str =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n";

/// The head of 200 for the file `name` with `body`, and how many bytes of it a 304 repeats: those up to the fields
/// that describe a body (RFC 9110 section 15.4.5).
pub(crate) fn ok(name: &str, body: &Body) -> (String, usize) {
    let content_type = content_type(name);
    let mut shared = format!("HTTP/1.1 200 OK\r\nETag: {}\r\n", etag(&body.digest));
    if let Some(value) = cache_control(name, &content_type) {
        shared += &format!("Cache-Control: {value}\r\n");
    }
    shared += NOSNIFF;
    let bytes = body.bytes;
    let head = format!("{shared}Content-Type: {content_type}\r\nContent-Length: {bytes}\r\n");
    (head, shared.len())
}

/// The head of 404 with the body of the file `name`. It has no entity tag: conditions are ignored where the answer without them
/// would be an error.
///
/// Source: RFC 9110 section 13.2.1.
pub(crate) fn not_found(name: &str, bytes: u64) -> String {
    let content_type = content_type(name);
    format!(
        "HTTP/1.1 404 Not Found\r\n{NOSNIFF}Content-Type: {content_type}\r\n\
         Content-Length: {bytes}\r\n"
    )
}
