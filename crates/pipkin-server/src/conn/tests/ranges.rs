//! Parts of a body. RFC 9110, sections 13.1.5 and 14.

use super::site::ETAG;
use super::*;

/// Asks for the page of eight bytes with the tag.
#[track_caller]
fn check(fields: &str, expected: &str) {
    check_fields("GET /tagged", fields, &expected.replace("ETAG", ETAG));
}

const WHOLE: &str =
    "HTTP/1.1 200 OK\r\nETag: ETAG\r\nVary: x\r\nA: b\r\nContent-Length: 8;<p>home\n";
const MISSING: &str = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\
                       Content-Range: bytes */8;";

fn part(range: &str, bytes: &str) -> String {
    let (status, length) = ("HTTP/1.1 206 Partial Content", bytes.len());
    let fields = format!("ETag: ETAG\r\nVary: x\r\nA: b\r\nContent-Length: {length}");
    format!("{status}\r\nContent-Range: bytes {range}/8\r\n{fields};{bytes}")
}

#[test]
fn one_part() {
    check("Range: bytes=0-0", &part("0-0", "<"));
    check("range:BYTES=0-0 \t", &part("0-0", "<"));
    check("Range: bytes=3-5", &part("3-5", "hom"));
    check("Range: bytes=0003-0005", &part("3-5", "hom"));
    check("Range: bytes=7-7", &part("7-7", "\n"));
    check("Range: bytes=0-7", &part("0-7", "<p>home\n"));
    check("Range: bytes=0-8", &part("0-7", "<p>home\n"));
    check("Range: bytes=0-99", &part("0-7", "<p>home\n"));
    check("Range: bytes=3-99999999999999999999999999", &part("3-7", "home\n"));
    check("Range: bytes=3-18446744073709551615", &part("3-7", "home\n"));
    check("Range: bytes=3-", &part("3-7", "home\n"));
    check("Range: bytes=0-", &part("0-7", "<p>home\n"));
    check("Range: bytes=-1", &part("7-7", "\n"));
    check("Range: bytes=-5", &part("3-7", "home\n"));
    check("Range: bytes=-8", &part("0-7", "<p>home\n"));
    check("Range: bytes=-9", &part("0-7", "<p>home\n"));
    check("Range: bytes=-99999999999999999999999999", &part("0-7", "<p>home\n"));
}

#[test]
fn a_part_that_is_not_there() {
    check("Range: bytes=8-", MISSING);
    check("Range: bytes=8-8", MISSING);
    check("Range: bytes=8-99999999999999999999999999", MISSING);
    check("Range: bytes=99999999999999999999999999-", MISSING);
    check("Range: bytes=18446744073709551615-18446744073709551615", MISSING);
    check("Range: bytes=18446744073709551616-", MISSING);
    check("Range: bytes=-0", MISSING);
}

/// Then the field is ignored, as are several parts, whose answer may be the whole.
#[test]
fn what_is_no_part() {
    for value in [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-3",
        "bytes=8-7",
        "bytes=a-",
        "bytes=0-a",
        "bytes=0",
        "bytes=--1",
        "bytes=0--1",
        "bytes=-1-",
        "bytes=0-1-",
        "bytes=+0-1",
        "bytes=0x0-1",
        "bytes=0-1,3-4",
        "bytes=0-1, 3-4",
        "bytes=-1,-2",
        "bytes=99-,98-",
        "bytes 0-0",
        "lines=0-0",
        "bytess=0-0",
        "xbytes=0-0",
        "0-0",
    ] {
        check(&format!("Range: {value}"), WHOLE);
    }
}

#[test]
fn if_range() {
    check(&format!("Range: bytes=0-0\r\nIf-Range: {ETAG}"), &part("0-0", "<"));
    check(&format!("If-Range:{ETAG} \t\r\nRange: bytes=0-0"), &part("0-0", "<"));
    check(&format!("Range: bytes=8-\r\nIf-Range: {ETAG}"), MISSING);
    check("Range: bytes=8-\r\nIf-Range: \"x\"", WHOLE);
    check(&format!("If-Range: {ETAG}"), WHOLE);
    for value in [
        "",
        "\"x\"",
        "W/\"0123456789abcdef\"",
        "\"0123456789abcdef",
        "Sun, 06 Nov 1994 08:49:37 GMT",
    ] {
        check(&format!("Range: bytes=0-0\r\nIf-Range: {value}"), WHOLE);
    }
}

/// It takes one tag or a date; a star is neither, and so nothing that matches.
#[test]
fn if_range_takes_no_star() {
    check("Range: bytes=0-0\r\nIf-Range: *", WHOLE);
}

#[test]
fn if_match_goes_before() {
    check(&format!("Range: bytes=0-0\r\nIf-Match: {ETAG}"), &part("0-0", "<"));
    check("Range: bytes=0-0\r\nIf-None-Match: \"x\"", &part("0-0", "<"));
}

/// Section 14.2: a Range of another method than GET is ignored.
#[test]
fn head_takes_no_range() {
    let head = WHOLE.replace("ETAG", ETAG).replace("<p>home\n", "");
    for value in ["bytes=0-0", "bytes=8-"] {
        check_fields("HEAD /tagged", &format!("Range: {value}"), &head);
    }
}

#[test]
fn an_empty_body_has_no_part() {
    let expected = MISSING.replace("*/8", "*/0");
    for value in ["bytes=0-", "bytes=0-0", "bytes=-0"] {
        check_fields("GET /empty", &format!("Range: {value}"), &expected);
    }
}

#[test]
fn parts_of_a_large_body() {
    let part = |first: usize, last: usize| {
        let fields =
            format!("ETag: {ETAG}\r\nVary: x\r\nA: b\r\nContent-Length: {}", last - first + 1);
        let range = format!("Content-Range: bytes {first}-{last}/5000");
        let head = in_full(&format!("HTTP/1.1 206 Partial Content\r\n{range}\r\n{fields};"));
        head + &"x".repeat(last - first + 1)
    };
    // Parts are copied or sent from where they are by their own length.
    for (value, first, last) in [
        ("10-4999", 10, 4999),
        ("-4096", 904, 4999),
        ("-4097", 903, 4999),
        ("0-", 0, 4999),
        ("4999-", 4999, 4999),
    ] {
        let input = format!("GET /large HTTP/1.1\r\n{HOST}Range: bytes={value}\r\n\r\n").repeat(2);
        for sent_bytes_max in [1, 1000, usize::MAX] {
            let (out, after) = drive(&[input.as_bytes()], sent_bytes_max);
            assert_eq!(String::from_utf8(out).unwrap(), part(first, last).repeat(2));
            assert_eq!(after, After::KeepAlive);
        }
    }
}

/// A part is one of the representation that is chosen, with its coding.
#[test]
fn a_part_of_a_coded_body() {
    let part = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1-2/4\r\n\
                ETag: \"____________gzip\"\r\nVary: x\r\nContent-Encoding: gzip\r\n\
                Content-Length: 2;ZI";
    check_fields("GET /coded", "Accept-Encoding: gzip\r\nRange: bytes=1-2", part);
}
