//! Conditions on entity tags, and which goes first. RFC 9110, section 13.

use super::site::ETAG;
use super::*;

/// Asks for the page with the tag, by GET and HEAD.
#[track_caller]
fn check(fields: &str, expected: &str) {
    let expected = expected.replace("ETAG", ETAG);
    let body = if expected.contains(" 200 ") { "<p>home\n" } else { "" };
    check_fields("GET /tagged", fields, &format!("{expected}{body}"));
    check_fields("HEAD /tagged", fields, &expected);
}

const WHOLE: &str = "HTTP/1.1 200 OK\r\nETag: ETAG\r\nVary: x\r\nA: b\r\nContent-Length: 8;";
const NOT_MODIFIED: &str = "HTTP/1.1 304 Not Modified\r\nETag: ETAG\r\nVary: x;";
const FAILED: &str = "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0;";

/// The weak comparison, section 13.1.2.
#[test]
fn if_none_match() {
    for value in [
        ETAG,
        "W/\"0123456789abcdef\"",
        "*",
        " \t* \t",
        "\"x\", W/\"0123456789abcdef\" ,\"y\"",
        "\"x\",\"0123456789abcdef\"",
        ", ,\"0123456789abcdef\",",
        "\"\", \"W/\", \"0123456789abcdef\"",
    ] {
        check(&format!("If-None-Match:{value}"), NOT_MODIFIED);
        check(&format!("if-none-match: {value}"), NOT_MODIFIED);
    }
    for value in [
        "",
        "\"\"",
        "\"*\"",
        "\"x\", \"*\"",
        "\"0123456789abcdeF\"",
        "\"0123456789abcde\"",
        "\"0123456789abcdefg\"",
        "0123456789abcdef",
        "\"0123456789abcdef",
        "\"0123456789abcde\", \"f\"",
        "Sun, 06 Nov 1994 08:49:37 GMT",
    ] {
        check(&format!("If-None-Match: {value}"), WHOLE);
    }
}

/// The strong comparison, section 13.1.1.
#[test]
fn if_match() {
    for value in [ETAG, "*", "* ", "\"x\",\"0123456789abcdef\"", "W/\"x\", \"0123456789abcdef\"\t"]
    {
        check(&format!("If-Match: {value}"), WHOLE);
    }
    for value in ["", "\"x\"", "W/\"0123456789abcdef\"", "\"*\"", "\"x\", W/\"0123456789abcdef\""] {
        check(&format!("If-Match: {value}"), FAILED);
    }
}

/// Section 13.2.2.
#[test]
fn precedence() {
    check(&format!("If-Match: \"x\"\r\nIf-None-Match: {ETAG}"), FAILED);
    check(&format!("If-None-Match: {ETAG}\r\nIf-Match: \"x\""), FAILED);
    check(&format!("If-Match: {ETAG}\r\nIf-None-Match: {ETAG}"), NOT_MODIFIED);
    check(&format!("If-Match: {ETAG}\r\nIf-None-Match: \"x\""), WHOLE);
    check(&format!("If-None-Match: {ETAG}\r\nRange: bytes=0-0"), NOT_MODIFIED);
    check(&format!("If-None-Match: {ETAG}\r\nRange: bytes=99-"), NOT_MODIFIED);
    check("If-Match: \"x\"\r\nRange: bytes=0-0", FAILED);
}

/// No representation has a date of its own.
#[test]
fn dates_are_ignored() {
    check("If-Modified-Since: Sun, 06 Nov 2044 08:49:37 GMT", WHOLE);
    check("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", WHOLE);
}

/// Section 13.2.1: no condition where the answer without it would be an error or a redirect.
#[test]
fn answers_without_a_tag_take_no_condition() {
    for field in ["If-None-Match: *", "If-Match: \"x\"", "If-Match:", "Range: bytes=0-0"] {
        check_fields("GET /", field, HOME);
        check_fields("GET /x", field, "HTTP/1.1 404 Not Found;nothing here\n");
        let moved = "HTTP/1.1 301 Moved Permanently\r\nContent-Length: 0\r\nLocation: /to/;";
        check_fields("GET /moved", field, moved);
        let refused =
            "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0;";
        check_fields("PUT /tagged", field, refused);
        let options = "HTTP/1.1 200 OK\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0;";
        check_fields("OPTIONS /tagged", field, options);
    }
}

/// The last of several fields counts, which at worst sends a body that the client has.
#[test]
fn the_last_field_counts() {
    check(&format!("If-None-Match: \"x\"\r\nIf-None-Match: {ETAG}"), NOT_MODIFIED);
    check(&format!("If-None-Match: {ETAG}\r\nIf-None-Match: \"x\""), WHOLE);
    check(&format!("If-Match: \"x\"\r\nIf-Match: {ETAG}"), WHOLE);
}

/// What one request has, the next has not.
#[test]
fn conditions_are_of_one_request() {
    let ask = |fields: &str| format!("GET /tagged HTTP/1.1\r\n{HOST}{fields}\r\n");
    let input = ask("If-None-Match: *\r\nRange: bytes=0-0\r\n") + &ask("");
    let expected = format!("{NOT_MODIFIED}{WHOLE}<p>home\n").replace("ETAG", ETAG);
    super::check(&input, &expected, After::KeepAlive);
}
