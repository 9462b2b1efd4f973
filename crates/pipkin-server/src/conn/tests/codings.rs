//! Which of several representations. RFC 9110, section 12.5.3.

use super::site::ETAG;
use super::*;

/// Asks for the page that is stored as `br`, `gzip` and as it is, in this order.
#[track_caller]
fn check(value: &str, expected: &str) {
    check_at("GET /coded", value, expected);
}

#[track_caller]
fn check_at(line: &str, value: &str, expected: &str) {
    check_fields(line, &format!("Accept-Encoding: {value}"), &answer(expected));
}

fn answer(coding: &str) -> String {
    let field = format!("Content-Encoding: {coding}");
    let (etag, field, body) = match coding {
        "406" => return "HTTP/1.1 406 Not Acceptable\r\nContent-Length: 0;".into(),
        "br" => ("\"______________br\"", &*field, "BR"),
        "gzip" => ("\"____________gzip\"", &*field, "GZIP"),
        _ => (ETAG, "A: b", "<p>home\n"),
    };
    let length = body.len();
    let fields = format!("ETag: {etag}\r\nVary: x\r\n{field}\r\nContent-Length: {length}");
    format!("HTTP/1.1 200 OK\r\n{fields};{body}")
}

#[test]
fn without_the_field_as_it_is() {
    check_fields("GET /coded", "", &answer("identity"));
    check("", "identity");
    check(" \t", "identity");
    check(", ,", "identity");
}

#[test]
fn a_coding_that_is_named() {
    check("gzip", "gzip");
    check("GZip", "gzip");
    check("x-gzip", "gzip");
    check("br", "br");
    check("identity", "identity");
    check("deflate", "identity");
    check("zstd, compress", "identity");
    check("deflate,gzip", "gzip");
    check(" gzip\t,\tdeflate ", "gzip");
    check("gzip, deflate, br, zstd", "br");
    check("br, gzip", "br");
    check("gzi", "identity");
    check("gzipp", "identity");
    check("b", "identity");
    check("xbr", "identity");
}

#[test]
fn the_best_quality_wins() {
    check("gzip;q=0.5, br;q=0.4", "gzip");
    check("gzip;q=0.4, br;q=0.5", "br");
    check("gzip;q=1.0, br;q=0.999", "gzip");
    check("gzip;q=1, br;q=1.000", "br");
    check("gzip;q=0.51, br;q=0.509", "gzip");
    check("gzip;q=0.002, br;q=0.001", "gzip");
    check("gzip ; Q=0.9,br ;q=0.8", "gzip");
    check("gzip; q=0.9, br; q=0.8, identity; q=1", "identity");
    check("gzip;q=0.9, identity;q=0.5", "gzip");
    check("gzip;q=0.1, identity;q=0.5", "identity");
    check("gzip;q=0.1", "gzip");
    check("gzip;q=1., br;q=0.", "gzip");
}

#[test]
fn a_quality_of_zero_refuses() {
    for zero in ["0", "0.", "0.0", "0.00", "0.000"] {
        check(&format!("br;q={zero}, gzip"), "gzip");
        check(&format!("gzip;q={zero}"), "identity");
        check(&format!("x-gzip;q={zero}"), "identity");
        check(&format!("identity;q={zero}, br;q=0.001"), "br");
        check(&format!("gzip, *;q={zero}"), "gzip");
        check(&format!("*;q={zero}, identity;q=0.5"), "identity");
    }
}

/// It stands for what is not named.
#[test]
fn the_star() {
    check("*", "br");
    check("*;q=0.5", "br");
    check("*;q=0.5, gzip", "gzip");
    check("gzip;q=0.5, *", "br");
    check("br;q=0, *", "gzip");
    check("br;q=0, gzip;q=0, *", "identity");
    check("identity, *;q=0.5", "identity");
}

#[test]
fn nothing_fits() {
    check("identity;q=0", "406");
    check("*;q=0", "406");
    check("identity;q=0, *;q=0", "406");
    check("deflate, *;q=0", "406");
    check("deflate, identity;q=0", "406");
    check("br;q=0, gzip;q=0, identity;q=0", "406");
    check_at("GET /only", "br", "406");
    check_at("GET /only", "gzip;q=0", "406");
    check_at("GET /only", "gzip", "gzip");
    check_at("GET /only", "*", "gzip");
    check_at("GET /tagged", "identity;q=0", "406");
    check_at("GET /tagged", "*;q=0", "406");
    check_at("GET /tagged", "gzip", "identity");
}

/// No quality: the rest of the list still counts.
#[test]
fn broken_lists() {
    check("gzip;, br", "br");
    check("gzip;q, br;q=0.5", "gzip");
    check(";q=1, gzip", "gzip");
    check("=, gzip", "gzip");
    check("gzip;level=9;q=0.1, br;q=0.5", "br");
}

/// A condition is on the representation that is chosen.
#[test]
fn conditions_by_coding() {
    let not_modified = "HTTP/1.1 304 Not Modified\r\nETag: \"____________gzip\"\r\nVary: x;";
    let gzip = "Accept-Encoding: gzip\r\nIf-None-Match:";
    check_fields("GET /coded", &format!("{gzip} \"____________gzip\""), not_modified);
    check_fields("GET /coded", &format!("{gzip} {ETAG}"), &answer("gzip"));
    check_fields("GET /coded", "If-None-Match: \"____________gzip\"", &answer("identity"));
    let refused = "Accept-Encoding: *;q=0\r\nIf-None-Match: *";
    check_fields("GET /coded", refused, &answer("406"));
}

/// The last of several fields counts.
#[test]
fn the_last_field_counts() {
    check_fields("GET /coded", "Accept-Encoding: br\r\nAccept-Encoding: gzip", &answer("gzip"));
}
