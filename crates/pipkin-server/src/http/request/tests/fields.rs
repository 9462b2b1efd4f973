//! The readers of targets and of values.

use pipkin_format::{IDENTITY, coding};

use super::*;

const BR: u32 = coding(b"br");
const GZIP: u32 = coding(b"gzip");

#[track_caller]
fn with_field(field: &str) -> Box<Request> {
    complete(&format!("GET / HTTP/1.1\r\n{field}\r\n{FIELDS}"))
}

#[test]
fn paths() {
    let check = |target: &str, expected: Option<&[u8]>| {
        let mut request = complete(&format!("GET {target} HTTP/1.1\r\n{FIELDS}"));
        let mut space = [0; 12];
        let bytes = request.path(&mut space);
        assert_eq!(bytes.map(|bytes| &space[..bytes]), expected, "{target:?}");
    };
    check("/", Some(b"/"));
    check("/?a", Some(b"/"));
    check("/a+b", Some(b"/a+b"));
    check("/%41%7a%c3%A9/", Some("/Az\u{e9}/".as_bytes()));
    check("/%25%32%35", Some(b"/%25"));
    check("/%00", Some(b"/\0"));
    check("/%3f%20%2F", Some(b"/? /"));
    check("/123456789ab", Some(b"/123456789ab"));
    check("/123456789%61b", Some(b"/123456789ab"));
    check("http://a.b:1/c?/d", Some(b"/c"));
    check("http://a.b", Some(b"/"));
    check("/%", None);
    check("/%4", None);
    check("/%4g", None);
    check("/%g4", None);
    check("/%+1", None);
    check("/%?1", None);
    check("/%%", None);
}

#[test]
fn navigations() {
    let check = |target: &str, accept: &str, expected: bool| {
        let field = format!("Accept: {accept}");
        let mut request = complete(&format!("GET {target} HTTP/1.1\r\n{field}\r\n{FIELDS}"));
        assert_eq!(request.navigates(), expected, "{target:?} {accept:?}");
    };
    for target in ["/", "/a", "/a.b/c", "/a.b/", "/a?b.c", "/a?b/c.d", "http://a.b/c", "http://a.b"]
    {
        check(target, "text/html", true);
        check(target, "*/*, TEXT/html;q=0.5", true);
        check(target, "*/*", false);
        check(target, "text/htm", false);
        check(target, "", false);
    }
    for target in ["/.", "/a.b", "/a/b.c?d", "/a/.b", "http://a/b.c", "/a.?"] {
        check(target, "text/html", false);
    }
    // The value ends with its line.
    let mut request = with_field("Accept: text/ht\r\nml: x");
    assert!(!request.navigates());
    let mut request = with_field("X: text/html");
    assert!(!request.navigates());
}

#[test]
fn qualities() {
    let check = |value: &str, expected: [u32; 3]| {
        let mut request = with_field(&format!("Accept-Encoding:{value}"));
        let found = [BR, GZIP, IDENTITY].map(|coding| request.quality(coding));
        assert_eq!(found, expected, "{value:?}");
    };
    check("", [0, 0, 1]);
    check(" \t", [0, 0, 1]);
    check("br", [0x1000, 0, 1]);
    check("br,gzip", [0x1000, 0x1000, 1]);
    check(" BR\t, X-GZip ", [0x1000, 0x1000, 1]);
    check("br;q=1", [0x1000, 0, 1]);
    check("br;q=1.000", [0x1000, 0, 1]);
    check("br;q=0.5", [0x500, 0, 1]);
    check("br;q=0.123", [0x123, 0, 1]);
    check("br ; Q=0.01 ", [0x10, 0, 1]);
    check("br;q=0.999, gzip;q=0.001", [0x999, 1, 1]);
    check("br;q=0", [0, 0, 1]);
    check("br;q=0.000", [0, 0, 1]);
    check("*", [0x1000, 0x1000, 0x1000]);
    check("*;q=0", [0, 0, 0]);
    check("*;q=0.5, br", [0x1000, 0x500, 0x500]);
    check("br, *;q=0.5", [0x1000, 0x500, 0x500]);
    check("identity;q=0", [0, 0, 0]);
    check("identity;q=0, *", [0x1000, 0x1000, 0]);
    check("identity", [0, 0, 0x1000]);
    check("brr, b, r, xbr, gzi, ggzi", [0, 0, 1]);
    let mut request = with_field("X: br");
    assert_eq!([BR, GZIP, IDENTITY].map(|coding| request.quality(coding)), [0, 0, 1]);
}

#[test]
fn entity_tags() {
    const TAG: &[u8; 18] = b"\"0123456789abcdef\"";
    let check = |value: &str, weak: bool, strong: bool| {
        let mut request = with_field(&format!("If-Match: {value}"));
        assert!(request.has(Name::IfMatch) && !request.has(Name::IfNoneMatch));
        let found = [0, b'/'].map(|except| request.has_tag(Name::IfMatch, TAG, except));
        assert_eq!(found, [weak, strong], "{value:?}");
        assert!(!request.has_tag(Name::IfNoneMatch, TAG, 0));
    };
    check("\"0123456789abcdef\"", true, true);
    check("*", true, true);
    check("\"x\",\"0123456789abcdef\" , \"y\"", true, true);
    check("W/\"0123456789abcdef\"", true, false);
    check("W/\"0123456789abcdef\", \"0123456789abcdef\"", true, true);
    check("\"0123456789abcdef\", W/\"0123456789abcdef\"", true, true);
    check("", false, false);
    check("\"*\"", false, false);
    check("\"0123456789abcde\"", false, false);
    check("\"0123456789ABCDEF\"", false, false);
    check("\"0123456789abcdef", false, false);
    check("\"01234567\r\nX: 89abcdef\"", false, false);
}

#[test]
fn ranges() {
    let check = |value: &str, bytes: u64, expected: Option<(u64, u64)>| {
        let mut request = with_field(&format!("Range: {value}"));
        let asks = request.asks_for_part(bytes);
        let found = asks.then_some((request.first, request.last));
        assert_eq!(found, expected, "{value:?} of {bytes}");
        let is_part = expected.is_some_and(|(first, last)| first < last);
        assert!(!asks || request.is_part() == is_part, "{value:?} of {bytes}");
    };
    check("bytes=0-0", 8, Some((0, 1)));
    check("BYTES=2-5\t ", 8, Some((2, 6)));
    check("bytes=2-", 8, Some((2, 8)));
    check("bytes=-2", 8, Some((6, 8)));
    check("bytes=-9", 8, Some((0, 8)));
    check("bytes=7-9", 8, Some((7, 8)));
    check("bytes=-0", 8, Some((8, 8)));
    check("bytes=8-", 8, Some((8, 8)));
    check("bytes=9-9", 8, Some((9, 8)));
    check("bytes=0-", 0, Some((0, 0)));
    check("bytes=5-4", 8, None);
    check("bytes=-", 8, None);
    check("bytes=0-1,2-3", 8, None);
    check("bytes=0-1 2", 8, None);
    check("bytes=0 -1", 8, None);
    check("bytes", 8, None);
    check("", 8, None);
    check("byte=0-1", 8, None);
    check("bytes=0-\r\n1: x", 8, Some((0, 8)));
    // The largest file that a blob can hold, by the largest that a file system does.
    let large = i64::MAX as u64 >> 7;
    check(&format!("bytes=0-{}", large - 1), large, Some((0, large)));
    check(&format!("bytes={}-", large - 1), large, Some((large - 1, large)));
    check(&format!("bytes=-{large}"), large, Some((0, large)));
    let mut request = with_field("X: bytes=0-0");
    assert!(!request.asks_for_part(8));
}

/// Each number of up to 20 digits that has few others than the last is at least so large that it
/// lies beyond every body, or what it says.
#[test]
fn large_numbers() {
    let body = 1_u64 << 55;
    for digits in 1..30 {
        for digit in 1..=9 {
            let number: u128 = digit.to_string().repeat(digits).parse().unwrap();
            let mut request = with_field(&format!("Range: bytes={number}-"));
            assert!(request.asks_for_part(body));
            assert_eq!(request.is_part(), number < u128::from(body), "{number}");
            if request.is_part() {
                assert_eq!(u128::from(request.first), number);
            }
        }
    }
}
