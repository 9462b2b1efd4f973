//! Table cases, each also cut at every byte.

mod differential;
mod fields;

use super::super::set::TOKEN;
use super::*;

const FIELDS: &str = "Host: a\r\n\r\n";

/// A request with this input.
fn request(input: &[u8]) -> Box<Request> {
    let mut request = Box::<Request>::default();
    request.load(input);
    request
}

/// The request that is the whole of `text`.
#[track_caller]
fn complete(text: &str) -> Box<Request> {
    let mut request = request(text.as_bytes());
    assert_eq!(request.parse(0), Parsed::Complete, "{text:?}");
    assert_eq!(request.next() as usize, text.len(), "{text:?}");
    request
}

/// `text` gives `expected`, and each of its beginnings is partial or, once the fault is reached,
/// bad. What stands before the head and behind it changes nothing.
#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show(text.as_bytes(), 0), expected, "{text:?}");
    let bad_from = (0..text.len()).find(|&cut| show(&text.as_bytes()[..cut], 0) == "bad");
    assert!(bad_from.is_none() || expected == "bad", "{text:?} turned good again");
    for cut in 0..text.len() {
        let expected = if bad_from.is_some_and(|from| cut >= from) { "bad" } else { "partial" };
        assert_eq!(show(&text.as_bytes()[..cut], 0), expected, "{:?}", &text[..cut]);
    }
    for (before, behind) in [("GET /b HTTP/1.0\r\n\r\n", "GET "), ("x", "\0"), ("\r\n", "\r\n\r\n")]
    {
        let longer = format!("{before}{text}{behind}");
        let from = before.len();
        if expected != "partial" {
            assert_eq!(show(longer.as_bytes(), from), expected, "{longer:?} from {from}");
        }
        for cut in 0..text.len() {
            let (alone, shifted) = (&text.as_bytes()[..cut], &longer.as_bytes()[..from + cut]);
            assert_eq!(show(shifted, from), show(alone, 0), "{longer:?} from {from}");
            // What is left in memory behind the input, its own end or another's, is not read.
            for left in [longer.as_bytes(), &b"\n\r\n".repeat(longer.len())] {
                let mut request = request(left);
                request.load(shifted);
                assert_eq!(
                    show_request(request, from),
                    show(alone, 0),
                    "{longer:?} before {left:?}"
                );
            }
        }
    }
}

fn show(input: &[u8], from: usize) -> String {
    show_request(request(input), from)
}

fn show_request(mut request: Box<Request>, from: usize) -> String {
    match request.parse(from as u32) {
        Parsed::Partial => "partial".into(),
        Parsed::Bad => {
            assert_eq!(request.next() as usize, from + request.input(from as u32).len());
            "bad".into()
        }
        Parsed::Complete => {
            let flag = |set: bool, text| if set { text } else { "" };
            let mut space = [0; 100];
            let bytes = request.path(&mut space).map_or(0, |bytes| bytes);
            let path = String::from_utf8_lossy(&space[..bytes]);
            let close = flag(request.closes(), " close");
            let body = flag(request.has_body(), " body");
            let method = Name::ALL.iter().find(|(name, _)| *name as u8 == request.method());
            format!("{} {path}{close}{body}", method.map_or("?", |(_, text)| text))
        }
    }
}

#[test]
fn requests() {
    check("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /");
    check("HEAD /x/y.html?q=/ HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /x/y.html");
    check("get / HTTP/1.1\r\nHost: a\r\n\r\n", "? /");
    check("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS /*"); // nobody asks for its path
    check("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT /");
    check("PATCHES / HTTP/1.1\r\nHost: a\r\n\r\n", "? /");
    check("!#$%&'*+-.^_`|~ / HTTP/1.1\r\nHost: a\r\n\r\n", "? /");
    check("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /");
    check("GET HTTP://b:80/x?/y HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x");
    check("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /");
    check("GET / HTTP/1.1\r\nHost: \t[::1]:80 \r\n\r\n", "GET /");
    check("POST / HTTP/1.1\r\nHOST:a\r\nContent-Length: 2\r\n\r\n", "POST / body");
    check("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "GET /");
    check("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "GET / body");
    check("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 010\t\r\n\r\n", "GET / body");
    let twice = "Connection: close\r\nConnection: keep-alive\r\n";
    check(&format!("GET / HTTP/1.1\r\nHost: a\r\n{twice}\r\n"), "GET / close");
    check("GET /%20 HTTP/1.0\r\n\r\n", "GET /  close");
    check("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\t\r\n\r\n", "GET / close");
    check("GET / HTTP/1.1\r\nHost: a\r\nConnection: clos\r\ne: x\r\n\r\n", "GET /");
    check("GET / HTTP/1.1\r\nHost:\r\nX: \u{e9}\t~\r\n\r\n", "GET /");
    check("GET / HTTP/1.1\r\nHost: a\r\nX:\r\nY: \r\nZ:\t \r\n\r\n", "GET /");
    check("", "partial");
    check("GET / HTTP/1.1\r\nHost: a\r\n", "partial");
}

/// `"a body"` means a body that is certain to be one; a zero in another form may count as one.
#[test]
fn other_zeros() {
    for length in ["00", "0 ", "000\t"] {
        let found =
            show(format!("GET / HTTP/1.1\r\nContent-Length: {length}\r\n{FIELDS}").as_bytes(), 0);
        assert!(["GET /", "GET / body"].contains(&&*found), "{length:?}: {found}");
    }
}

#[test]
fn broken_requests() {
    for line in [
        " / HTTP/1.1\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\n",
        "\nGET / HTTP/1.1\r\n",
        "\rGET / HTTP/1.1\r\n",
        "\0GET / HTTP/1.1\r\n",
        "GET * HTTP/1.1\r\n",
        "GET https://a/ HTTP/1.1\r\n",
        "CONNECT a:80 HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 0, 44\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 0 44\r\n",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n",
        "GET / HTTP/1.1\r\nContent-Length:\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "G(T / HTTP/1.1\r\n",
        "GET\t/ HTTP/1.1\r\n",
        "GET  / HTTP/1.1\r\n",
        "GET /a b HTTP/1.1\r\n",
        "GET /\u{e9} HTTP/1.1\r\n",
        "GET /\0 HTTP/1.1\r\n",
        "GET x HTTP/1.1\r\n",
        "GET / HTTP/1.1 \r\n",
        "GET / HTTP/1.2\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / http/1.1\r\n",
        "GET / GET\r\n",
        "GET / host\r\n",
        "GET / HTTP/1.1\n",
        "GET / HTTP/1.1\r\r\n",
        "GET / HTTP/1.1\r\nHost: b\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n",
        "GET / HTTP/1.1\r\n X: folded\r\n",
        "GET / HTTP/1.1\r\nX : y\r\n",
        "GET / HTTP/1.1\r\n: y\r\n",
        "GET / HTTP/1.1\r\nX\r\n",
        "GET / HTTP/1.1\r\nX: a\rb\r\n",
        "GET / HTTP/1.1\r\nX: a\nb\r\n",
        "GET / HTTP/1.1\r\nX: \0\r\n",
        "GET / HTTP/1.1\r\nX: \x7f\r\n",
        "GET / HTTP/1.1\r\nX: a\r\n folded\r\n",
    ] {
        check(&format!("{line}{FIELDS}"), "bad");
    }
    check("GET / HTTP/1.1\r\n\r\n", "bad");
    for host in ["a b", "a/", "a@b", "a\"", "a,b/c", "<a>", "a\tb", "\u{e9}"] {
        check(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), "bad");
    }
}

#[test]
fn any_byte_anywhere_does_not_panic() {
    let text =
        format!("GET http://a?b HTTP/1.1\r\nConnection: close\r\nRange: bytes=0-1\r\n{FIELDS}");
    for at in 0..text.len() {
        for byte in 0..=u8::MAX {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = byte;
            let mut request = request(&bytes);
            if request.parse(0) == Parsed::Complete {
                assert!(request.next() as usize <= bytes.len());
            }
        }
    }
}

#[test]
fn input_comes_in_pieces() {
    let text = format!("GET / HTTP/1.1\r\n{FIELDS}");
    let mut request = request(b"\r\nGET");
    assert_eq!((request.parse(0), request.rest()), (Parsed::Partial, &b"\r\nGET"[..]));
    assert_eq!(request.space().len(), INPUT_BYTES - 5);
    request.space()[..text.len() - 3].copy_from_slice(&text.as_bytes()[3..]);
    request.received(text.len() as u32 - 3);
    assert_eq!((request.parse(0), request.next() as usize), (Parsed::Complete, text.len() + 2));
    request.answered(request.next());
    assert_eq!((request.rest(), request.from() as usize), (&b""[..], text.len() + 2));
    request.load(&[b'x'; INPUT_BYTES]);
    assert!(request.space().is_empty() && request.is_full(0) && !request.is_full(1));
    assert_eq!((request.from(), request.parse(0)), (0, Parsed::Partial));
}

#[test]
fn sets_of_bytes() {
    for byte in 0..=u8::MAX {
        let is_host = byte.is_ascii_graphic() && !b"\"#/<>?@\\^`{|}".contains(&byte);
        assert_eq!(HOST.has(byte), is_host, "{byte}");
        let is_token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert_eq!(TOKEN.has(byte), is_token, "{byte}");
        assert_eq!(VISIBLE.has(byte), byte.is_ascii_graphic(), "{byte}");
        assert_eq!(DIGITS.has(byte), byte.is_ascii_digit(), "{byte}");
        assert_eq!(FIELD_CONTENT.has(byte), byte == b'\t' || !byte.is_ascii_control(), "{byte}");
    }
}
