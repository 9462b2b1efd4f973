//! Table cases, each also cut at every byte.

use super::*;

const FIELDS: &str = "Host: a\r\n\r\n";

/// `text` gives `expected`, and each of its beginnings is partial or, once the fault is reached,
/// bad; `extra` bytes behind a head change nothing.
#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show(text.as_bytes()), expected, "{text:?}");
    let bad_from = (0..text.len())
        .find(|&cut| parse(&text.as_bytes()[..cut], &mut Request::default()) == Parsed::Bad);
    for cut in 0..text.len() {
        let expected = if bad_from.is_some_and(|from| cut >= from) { "bad" } else { "partial" };
        assert_eq!(show(&text.as_bytes()[..cut]), expected, "{:?}", &text[..cut]);
    }
    assert!(bad_from.is_none() || expected == "bad", "{text:?} turned good again");
    let longer = format!("{text}GET ");
    let mut request = Request::default();
    if parse(longer.as_bytes(), &mut request) == Parsed::Complete {
        assert_eq!(request.head_bytes, text.len());
    }
}

fn show(input: &[u8]) -> String {
    let mut request = Request::default();
    match parse(input, &mut request) {
        Parsed::Partial => "partial".into(),
        Parsed::Bad => "bad".into(),
        Parsed::Complete => {
            let flag = |set: bool, text| if set { text } else { "" };
            let path = String::from_utf8_lossy(request.path());
            let (close, body) = (flag(request.close, " close"), flag(request.body, " body"));
            format!("{:?} {path}{close}{body}", request.method)
        }
    }
}

#[test]
fn requests() {
    check("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "Get /");
    check("HEAD /x/y.html?q=/ HTTP/1.1\r\nHost: a\r\n\r\n", "Head /x/y.html");
    check("get / HTTP/1.1\r\nHost: a\r\n\r\n", "Unknown /");
    check("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "Options *");
    check("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", "Known /");
    check("PATCHES / HTTP/1.1\r\nHost: a\r\n\r\n", "Unknown /");
    check("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "Get /");
    check("GET HTTP://b:80/x?/y HTTP/1.1\r\nHost: a\r\n\r\n", "Get /x");
    check("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "Get /");
    check("GET / HTTP/1.1\r\nHost: \t[::1]:80 \r\n\r\n", "Get /");
    check("POST / HTTP/1.1\r\nHOST:a\r\nContent-Length: 2\r\n\r\n", "Known / body");
    check("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "Get /");
    check("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "Get / body");
    check("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 010\t\r\n\r\n", "Get / body");
    check("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 000\r\n\r\n", "Get /");
    let twice = "Connection: close\r\nConnection: keep-alive\r\n";
    check(&format!("GET / HTTP/1.1\r\nHost: a\r\n{twice}\r\n"), "Get / close");
    check("GET /%20 HTTP/1.0\r\n\r\n", "Get /%20 close");
    check("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\t\r\n\r\n", "Get / close");
    check("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", "Get /");
    check("GET / HTTP/1.1\r\nHost:\r\nX: \u{e9}\t~\r\n\r\n", "Get /");
}

#[test]
fn broken_requests() {
    for line in [
        " / HTTP/1.1\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\n",
        "\nGET / HTTP/1.1\r\n",
        "GET * HTTP/1.1\r\n",
        "GET https://a/ HTTP/1.1\r\n",
        "GET http:///a HTTP/1.0\nX: y",
        "CONNECT a:80 HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 0, 44\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 0 44\r\n",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n",
        "GET / HTTP/1.1\r\nContent-Length:\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "G(T / HTTP/1.1\r\n",
        "GET  / HTTP/1.1\r\n",
        "GET /a b HTTP/1.1\r\n",
        "GET /\u{e9} HTTP/1.1\r\n",
        "GET /\0 HTTP/1.1\r\n",
        "GET x HTTP/1.1\r\n",
        "GET / HTTP/1.1 \r\n",
        "GET / HTTP/1.2\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / http/1.1\r\n",
        "GET / HTTP/1.1\n",
        "GET / HTTP/1.1\r\r\n",
        "GET / HTTP/1.1\r\nHost: b\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: x\r\nTRANSFER-ENCODING: chunked\r\n",
        "GET / HTTP/1.1\r\n X: folded\r\n",
        "GET / HTTP/1.1\r\nX : y\r\n",
        "GET / HTTP/1.1\r\n: y\r\n",
        "GET / HTTP/1.1\r\nX\r\n",
        "GET / HTTP/1.1\r\nX: a\rb\r\n",
        "GET / HTTP/1.1\r\nX: a\nb\r\n",
        "GET / HTTP/1.1\r\nX: \0\r\n",
        "GET / HTTP/1.1\r\nX: a\r\n folded\r\n",
    ] {
        check(&format!("{line}{FIELDS}"), "bad");
    }
    check("GET / HTTP/1.1\r\n\r\n", "bad");
    for host in ["a b", "a/", "a@b", "a\"", "a,b/c", "<a>"] {
        check(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), "bad");
    }
}

#[test]
fn any_byte_anywhere_does_not_panic() {
    let text = format!("GET /a HTTP/1.1\r\nConnection: close\r\n{FIELDS}");
    for at in 0..text.len() {
        for byte in 0..=u8::MAX {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = byte;
            let mut request = Request::default();
            if parse(&bytes, &mut request) == Parsed::Complete {
                assert_eq!(request.head_bytes, bytes.len());
            }
        }
    }
}

#[test]
fn percent_decoding() {
    let check = |text: &str, expected: Option<&[u8]>| {
        let mut space = [0; 12];
        assert_eq!(percent_decode(text.as_bytes(), &mut space), expected, "{text:?}");
    };
    check("", Some(b""));
    check("/a b", Some(b"/a b"));
    check("/%41%7a%c3%A9/", Some("/Az\u{e9}/".as_bytes()));
    check("%25%32%35", Some(b"%25"));
    check("0123456789a", Some(b"0123456789a"));
    check("0123456789abc", None);
    check("/%", None);
    check("/%4", None);
    check("/%4g", None);
    check("/%+1", None);
}

#[test]
fn sets_of_bytes() {
    for byte in 0..=u8::MAX {
        let is_host = byte.is_ascii_graphic() && !b"\"#/<>?@\\^`{|}".contains(&byte);
        assert_eq!(HOST.has(byte), is_host, "{byte}");
        let is_token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert_eq!(TOKEN.has(byte), is_token, "{byte}");
        assert_eq!(VISIBLE.has(byte), byte.is_ascii_graphic(), "{byte}");
        assert_eq!(FIELD_CONTENT.has(byte), byte == b'\t' || !byte.is_ascii_control(), "{byte}");
    }
}
