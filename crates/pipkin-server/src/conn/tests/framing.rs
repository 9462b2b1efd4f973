//! Where a request ends, and what is none. RFC 9112.

use super::*;

#[test]
fn a_broken_request_ends_the_connection() {
    for line in [
        "nonsense\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\n",
        "\nGET / HTTP/1.1\r\n",
        " GET / HTTP/1.1\r\n",
        "GET  / HTTP/1.1\r\n",
        "GET /\r\n",
        "GET / \r\n",
        "GET /  HTTP/1.1\r\n",
        "GET / HTTP/1.1 \r\n",
        "GET /a b HTTP/1.1\r\n",
        "GET /\tHTTP/1.1\r\n",
        "GET /\0 HTTP/1.1\r\n",
        "GET /\x7f HTTP/1.1\r\n",
        "GET /\u{e9} HTTP/1.1\r\n",
        "G(T / HTTP/1.1\r\n",
        "GET / HTTP/1.1\n",
        "GET / HTTP/1.1\r\r\n",
        "GET / HTTP/1.2\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / HTTP/0.9\r\n",
        "GET / HTTP/1.10\r\n",
        "GET / http/1.1\r\n",
        "GET / HTTP/1.1\r\n X: folded\r\n",
        "GET / HTTP/1.1\r\nX: a\r\n folded\r\n",
        "GET / HTTP/1.1\r\nX: a\r\n\tfolded\r\n",
        "GET / HTTP/1.1\r\nX : y\r\n",
        "GET / HTTP/1.1\r\nX\t: y\r\n",
        "GET / HTTP/1.1\r\n: y\r\n",
        "GET / HTTP/1.1\r\nX\r\n",
        "GET / HTTP/1.1\r\nX: a\rb\r\n",
        "GET / HTTP/1.1\r\nX: a\nb\r\n",
        "GET / HTTP/1.1\r\nX: \0\r\n",
        "GET / HTTP/1.1\r\nX: \x7f\r\n",
    ] {
        check(&format!("{line}{HOST}\r\n"), BAD, After::Linger);
    }
}

#[test]
fn a_broken_request_ends_what_is_pipelined() {
    let request = format!("GET / HTTP/1.1\r\n{HOST}\r\n");
    let input = format!("{request}GET / HTTP/1.1\r\n\r\n{request}");
    check(&input, &format!("{HOME}{BAD}"), After::Linger);
}

#[test]
fn a_target_is_a_path_or_a_uri() {
    for target in ["", "x", "?q", "*", "**", "a:80", "https://a/", "ftp://a/", "http:/a", "http:"] {
        check(&format!("GET {target} HTTP/1.1\r\n{HOST}\r\n"), BAD, After::Linger);
    }
    check(&format!("OPTIONS *x HTTP/1.1\r\n{HOST}\r\n"), BAD, After::Linger);
    check(&format!("CONNECT a:80 HTTP/1.1\r\n{HOST}\r\n"), BAD, After::Linger);
}

/// RFC 9110, section 4.2.1: without one it must be rejected.
#[test]
fn a_uri_has_a_host() {
    for target in ["http:///", "http:///x", "http://", "http://?q", "http://:80/"] {
        check(&format!("GET {target} HTTP/1.1\r\n{HOST}\r\n"), BAD, After::Linger);
    }
}

#[test]
fn a_request_has_one_host() {
    for fields in [
        "",
        "Hosts: a\r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nX: y\r\nhost: b\r\n",
        "Host: a b\r\n",
        "Host: a/\r\n",
        "Host: a@b\r\n",
        "Host: a\"\r\n",
        "Host: a?\r\n",
        "Host: a#\r\n",
        "Host: a\\b\r\n",
        "Host: <a>\r\n",
        "Host: {a}\r\n",
        "Host: a\tb\r\n",
        "Host: \u{e9}\r\n",
    ] {
        check(&format!("GET / HTTP/1.1\r\n{fields}\r\n"), BAD, After::Linger);
    }
    for fields in ["HOST:a\r\n", "host: \t[::1]:80 \t\r\n", "Host:\r\n", "X: y\r\nHost: a.b:1\r\n"]
    {
        check(&format!("GET / HTTP/1.1\r\n{fields}\r\n"), HOME, After::KeepAlive);
    }
    check("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", BAD, After::Linger);
    check("GET / HTTP/1.0\r\nHost: a b\r\n\r\n", BAD, After::Linger);
}

#[test]
fn a_length_is_clear() {
    for fields in [
        "Content-Length:",
        "Content-Length: \t",
        "Content-Length: -1",
        "Content-Length: +1",
        "Content-Length: 1.0",
        "Content-Length: 0x1",
        "Content-Length: 1e1",
        "Content-Length: 0, 0",
        "Content-Length: 1 1",
        "Content-Length: 0 44",
        "Content-Length: \"1\"",
        "Content-Length: 1\r\nContent-Length: 1",
        "Content-Length: 0\r\nContent-Length: 1",
        "Content-Length: 0\r\nX: y\r\ncontent-length: 0",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 1",
        "Transfer-Encoding:\r\nContent-Length: 1",
    ] {
        let head = |line| format!("{line}\r\n{HOST}{fields}\r\n\r\nGET / HTTP/1.1\r\n{HOST}\r\n");
        for line in ["GET / HTTP/1.1", "POST / HTTP/1.1", "BREW / HTTP/1.1", "GET / HTTP/1.0"] {
            check(&head(line), BAD, After::Linger);
        }
    }
}

/// Otherwise what looks like the next request may be a body.
#[test]
fn a_request_with_a_body_is_the_last() {
    let cases = [
        ("GET /", "HTTP/1.1 200 OK\r\nHome: 1;close<p>home\n"),
        ("HEAD /", "HTTP/1.1 200 OK\r\nHome: 1;close"),
        ("GET /%zz", BAD),
        (
            "POST /",
            "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0;close",
        ),
        ("BREW /", "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0;close"),
        ("OPTIONS *", "HTTP/1.1 200 OK\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0;close"),
    ];
    for field in [
        "Content-Length: 9",
        "Content-Length: 37",
        "Content-Length: 010\t",
        "Content-Length: 99999999999999999999999999",
        "Transfer-Encoding: chunked",
        "transfer-encoding:\tChunked ",
    ] {
        for (line, expected) in cases {
            let input =
                format!("{line} HTTP/1.1\r\n{HOST}{field}\r\n\r\nGET / HTTP/1.1\r\n{HOST}\r\n");
            check(&input, expected, After::Linger);
        }
    }
}

/// A length that is no zero, although its hash is that of a zero: what follows is a body.
#[test]
fn a_length_is_a_number_and_no_hash() {
    let smuggled = format!("GET /large HTTP/1.1\r\n{HOST}\r\n");
    for (zeros, digits) in [(8, "721061940"), (390, "2128652"), (4890, "108272")] {
        let length = "0".repeat(zeros) + digits;
        let input = format!("GET / HTTP/1.1\r\n{HOST}Content-Length: {length}\r\n\r\n{smuggled}");
        let (out, after) = drive(&[input.as_bytes()], usize::MAX);
        let answers = String::from_utf8(out).unwrap().matches("HTTP/1.1 200").count();
        assert_eq!((answers, after), (1, After::Linger), "Content-Length: {length}");
    }
}

#[test]
fn no_body_is_no_end() {
    let request = format!("GET / HTTP/1.1\r\n{HOST}Content-Length: 0\r\n\r\n");
    check(&request.repeat(2), &HOME.repeat(2), After::KeepAlive);
}

/// Without `chunked` at the end nobody can tell where the body ends (RFC 9112, section 6.3).
#[test]
fn a_transfer_coding_ends_with_chunked() {
    for coding in
        ["", "gzip", "identity", "chunked, gzip", "chunkedx", "chunked;q=1", "\"chunked\""]
    {
        let input = format!("GET / HTTP/1.1\r\n{HOST}Transfer-Encoding: {coding}\r\n\r\n");
        check(&input, BAD, After::Linger);
    }
}

#[test]
fn a_line_of_its_own_is_no_request() {
    let request = format!("\r\nGET / HTTP/1.1\r\n{HOST}\r\n");
    check(&request.repeat(2), &HOME.repeat(2), After::KeepAlive);
    check("\r\n", "", After::KeepAlive);
    check("\r\n\r\n", BAD, After::Linger);
}

#[test]
fn a_head_that_is_too_large() {
    let head = format!("GET / HTTP/1.1\r\n{HOST}X: {}", "x".repeat(INPUT_BYTES));
    let too_large =
        in_full("HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0;close");
    let full = &head.as_bytes()[..INPUT_BYTES];
    let request = format!("GET / HTTP/1.1\r\n{HOST}\r\n");
    let cases: [(&[&[u8]], &str); 4] = [
        (&[full], ""),
        (&[head.as_bytes()], ""),
        (&[&full[..100], &full[100..]], ""),
        (&[request.as_bytes(), head.as_bytes()], HOME),
    ];
    for (pieces, before) in cases {
        let (out, after) = drive(pieces, 100);
        let expected = in_full(before) + &too_large;
        assert_eq!((String::from_utf8(out).unwrap(), after), (expected, After::Linger));
    }
    let input = [request.as_bytes(), head.as_bytes()].concat();
    let (out, after) = drive(&[&input], usize::MAX);
    let expected = in_full(HOME) + &too_large;
    assert_eq!((String::from_utf8(out).unwrap(), after), (expected, After::Linger));
}

#[test]
fn the_largest_head() {
    let (start, end) = (format!("GET / HTTP/1.1\r\n{HOST}X: "), "\r\n\r\n");
    let fill = "x".repeat(INPUT_BYTES - start.len() - end.len());
    let head = format!("{start}{fill}{end}");
    for cut in [0, 1, 100, INPUT_BYTES - 4, INPUT_BYTES - 1] {
        let (a, b) = head.as_bytes().split_at(cut);
        let (out, after) = drive(&[a, b, a, b], usize::MAX);
        assert_eq!(String::from_utf8(out).unwrap(), in_full(&HOME.repeat(2)), "cut at {cut}");
        assert_eq!(after, After::KeepAlive);
    }
    let one_less = &head.as_bytes()[..INPUT_BYTES - 1];
    assert_eq!(drive(&[one_less], usize::MAX), (Vec::new(), After::KeepAlive));
}
