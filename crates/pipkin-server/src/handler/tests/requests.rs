//! What the handler is asked, and what the desk answers without it.

use super::*;

const BAD: &str = "HTTP/1.1 400 \r\nContent-Length: 0;close";
const TOO_LONG: &str = "HTTP/1.1 414 \r\nContent-Length: 0;close";
const UNKNOWN: &str = "HTTP/1.1 501 \r\nContent-Length: 0;close";

/// A request with such a line and fields gives `expected`, and so does one behind it.
#[track_caller]
fn check_open(line: &str, fields: &str, expected: &str) {
    let input = format!("{line} HTTP/1.1\r\n{HOST}{fields}\r\n");
    check(&input, expected, After::KeepAlive);
    check(input.repeat(2), &expected.repeat(2), After::KeepAlive);
}

#[test]
fn the_handler_is_asked() {
    for (line, fields, heard) in [
        ("GET /", "", "Get /  [] "),
        ("GET /a/b?c=d&e", "", "Get /a/b c=d&e [] "),
        ("GET /a?b?c", "", "Get /a b?c [] "),
        ("GET /?", "", "Get /  [] "),
        ("GET /%41%2f%00?%41", "", "Get /A/\\x00 %41 [] "),
        ("GET http://h/x?y", "", "Get /x y [] "),
        ("GET http://h", "", "Get /  [] "),
        ("GET http://h?y", "", "Get / y [] "),
        ("POST /", "", "Post /  [] "),
        ("PUT /", "", "Put /  [] "),
        ("DELETE /", "", "Delete /  [] "),
        ("PATCH /", "", "Patch /  [] "),
        ("OPTIONS /", "", "Options /  [] "),
        ("OPTIONS http://h", "", "Options /  [] "),
        ("GET /", "X:y\r\nX: \tz \r\nEmpty:\r\n", "Get /  [X=y,X=z,Empty=] "),
        ("GET /content-length:5", "", "Get /content-length:5  [] "),
    ] {
        check_open(line, fields, &said(heard));
    }
}

/// An empty line before a request is let pass, see RFC 9112, section 2.2.
#[test]
fn an_empty_line_is_before_no_field() {
    check("\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n", &said("Get /a  [] "), After::KeepAlive);
}

#[test]
fn head_is_get_without_the_body() {
    let head = said("Head /  [] ").replace("Head /  [] ", "");
    check_open("HEAD /", "", &head);
    check_open("HEAD /large", "", "HTTP/1.1 200 \r\nContent-Length: 5000;");
}

/// RFC 9110, section 9.3.7.
#[test]
fn options_asks_about_the_server() {
    check_open("OPTIONS *", "", "HTTP/1.1 200 \r\nContent-Length: 0;");
    check_open("OPTIONS *", "Content-Length: 0\r\n", "HTTP/1.1 200 \r\nContent-Length: 0;");
}

#[test]
fn other_methods_are_not_known() {
    for method in [
        "TRACE",
        "BREW",
        "get",
        "G",
        "GETS",
        // What the parser knows, but as the name of a field or a version.
        "host",
        "if-match",
        "accept",
        "connection",
        "content-length",
    ] {
        check(format!("{method} / HTTP/1.1\r\n{HOST}\r\n"), UNKNOWN, After::Linger);
    }
    check(format!("CONNECT / HTTP/1.1\r\n{HOST}\r\n"), UNKNOWN, After::Linger);
}

#[test]
fn what_is_no_request_ends_the_connection() {
    for input in [
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\n\r\n\r\n",
    ] {
        check(input, BAD, After::Linger);
        let behind = format!("GET /a HTTP/1.1\r\n{HOST}\r\n{input}");
        check(behind, &format!("{}{BAD}", said("Get /a  [] ")), After::Linger);
    }
}

#[test]
fn a_path_has_at_most_so_many_bytes() {
    let most = pipkin_format::PATH_BYTES_MAX;
    for (bytes, is_taken) in [(most, true), (most + 1, false)] {
        let path = format!("/{}", "p".repeat(bytes - 1));
        let input = format!("GET {path}?q HTTP/1.1\r\n{HOST}\r\n");
        let seen = drive(&[input.as_bytes()], usize::MAX);
        let taken = (in_full(&said(&format!("Get {path} q [] "))), After::KeepAlive, 1);
        let expected = if is_taken { taken } else { (in_full(TOO_LONG), After::Linger, 0) };
        assert_eq!((String::from_utf8(seen.0).unwrap(), seen.1, seen.2), expected);
    }
}

#[test]
fn a_head_has_at_most_so_many_bytes() {
    let most = crate::conn::INPUT_BYTES;
    let begin = format!("GET / HTTP/1.1\r\n{HOST}X: ");
    for (bytes, status, calls) in [(most, "200", 1), (most + 1, "431", 0)] {
        let input = format!("{begin}{}\r\n\r\n", "x".repeat(bytes - begin.len() - 4));
        for pieces in [vec![input.as_bytes()], input.as_bytes().chunks(1000).collect()] {
            let seen = drive(&pieces, usize::MAX);
            assert_eq!((str::from_utf8(&seen.0[9..12]), seen.2), (Ok(status), calls));
        }
    }
}

#[test]
fn a_connection_ends_when_asked() {
    let close = |text: &str| said(text).replace(';', ";close");
    let more = "GET /more HTTP/1.1\r\nHost: a\r\n\r\n";
    for (input, heard) in [
        ("GET / HTTP/1.0\r\n\r\n", "Get /  [] "),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "Get /  [Connection=keep-alive] "),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "Get /  [Connection=close] "),
        ("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", "Post /  [Content-Length=2] hi"),
    ] {
        check(input, &close(heard), After::Close);
        check(format!("{input}{more}"), &close(heard), After::Close);
    }
}

/// A body that nobody has asked for is taken, too.
#[test]
fn any_method_may_have_a_body() {
    for (method, heard) in [("GET", "Get"), ("DELETE", "Delete"), ("OPTIONS", "Options")] {
        let expected = said(&format!("{heard} /  [Content-Length=3] abc"));
        check_open_body(method, "/", &expected);
    }
    check_open_body("HEAD", "/large", "HTTP/1.1 200 \r\nContent-Length: 5000;");
    check_open_body("OPTIONS", "*", "HTTP/1.1 200 \r\nContent-Length: 0;");
}

#[track_caller]
fn check_open_body(method: &str, target: &str, expected: &str) {
    let input = format!("{method} {target} HTTP/1.1\r\n{HOST}Content-Length: 3\r\n\r\nabc");
    check(input.repeat(2), &expected.repeat(2), After::KeepAlive);
}

#[test]
fn each_body_goes_to_its_request() {
    let (mut input, mut expected) = (String::new(), String::new());
    for number in 0..5 {
        let body = format!("body {number}");
        input += &format!("POST /{number} HTTP/1.1\r\n{HOST}Content-Length: 6\r\n\r\n{body}");
        expected += &said(&format!("Post /{number}  [Content-Length=6] {body}"));
        input += &format!("GET /{number} HTTP/1.1\r\n{HOST}\r\n");
        expected += &said(&format!("Get /{number}  [] "));
    }
    check(input, &expected, After::KeepAlive);
}

/// More requests than one batch answers, of which some are set aside behind others that are sent.
#[test]
fn what_is_behind_a_batch_is_answered() {
    let large = format!("GET /large HTTP/1.1\r\n{HOST}\r\n");
    let small = format!("GET /a HTTP/1.1\r\n{HOST}\r\n");
    let small_answer = said("Get /a  [] ");
    let large_answer = "HTTP/1.1 200 \r\nContent-Length: 5000;LARGE";
    let input = [&*small, &large, &large, &small, &large, &small].concat();
    let expected =
        [&small_answer, large_answer, large_answer, &*small_answer, large_answer, &small_answer];
    let expected = in_full(&expected.concat());
    for takes_bytes in [100, 1000, 4999, 5000, 5001, 6000, 12_000] {
        let seen = drive(&[input.as_bytes()], takes_bytes);
        assert_eq!((String::from_utf8(seen.0).unwrap(), seen.2), (expected.clone(), 6));
    }
    // Answers of 4 kB, of which a batch has few.
    let path = "p".repeat(1800);
    let many = format!("GET /{path}?{path} HTTP/1.1\r\n{HOST}\r\n").repeat(40);
    let expected = in_full(&said(&format!("Get /{path} {path} [] ")).repeat(40));
    for takes_bytes in [999, 65_000, usize::MAX] {
        let pieces: Vec<&[u8]> = many.as_bytes().chunks(8192).collect();
        let seen = drive(&pieces, takes_bytes);
        assert!((String::from_utf8(seen.0).unwrap(), seen.2) == (expected.clone(), 40));
    }
}
