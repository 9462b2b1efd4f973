//! Complete response heads: status line and fields, each ended by CRLF, without `Date` and
//! without the empty line, which the server appends.
//!
//! Source: RFC 9112 sections 4 and 5.

use crate::body::Body;
use crate::etag::etag;

/// The head of 400: the request is not HTTP/1.1.
pub(crate) const BAD_REQUEST: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n";

/// The head of 405, which must name the methods that would work.
///
/// Source: RFC 9110 section 15.5.6.
pub(crate) const METHOD_NOT_ALLOWED: &str =
    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Length: 0\r\n";

/// The head of 431: the request head is longer than the server holds.
///
/// Source: RFC 6585 section 5.
pub(crate) const HEAD_TOO_LARGE: &str =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n";

/// The head of 200 for `body`. The entity tag comes first, because it is what a 304 repeats
/// (RFC 9110 section 15.4.5), so that the fields of a 304 are one piece of this head.
pub(crate) fn ok(content_type: &str, body: &Body) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nETag: {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n",
        etag(&body.digest),
        body.bytes
    )
}

/// The head of 404. It has no entity tag: conditions are ignored where the answer without them
/// would be an error.
///
/// Source: RFC 9110 section 13.2.1.
pub(crate) fn not_found(content_type: &str, bytes: u64) -> String {
    format!("HTTP/1.1 404 Not Found\r\nContent-Type: {content_type}\r\nContent-Length: {bytes}\r\n")
}
