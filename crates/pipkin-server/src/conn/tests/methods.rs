//! What each method gets. RFC 9110, section 9.

use super::*;

const REFUSED: &str =
    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0;";
const UNKNOWN: &str = "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0;";
const OPTIONS: &str = "HTTP/1.1 200 OK\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0;";

#[test]
fn get_and_head() {
    check_fields("GET /", "", HOME);
    check_fields("HEAD /", "", "HTTP/1.1 200 OK\r\nHome: 1;");
    check_fields("GET /?q", "", HOME);
    let missing = "HTTP/1.1 404 Not Found;nothing here\n";
    check_fields("GET /x", "", missing);
    check_fields("HEAD /x", "", "HTTP/1.1 404 Not Found;");
}

/// A HEAD has all the fields of the GET, whatever else is asked, and never a body.
#[test]
fn head_is_get_without_a_body() {
    let etag = site::ETAG;
    let fields = [
        String::new(),
        format!("If-None-Match: {etag}\r\n"),
        format!("If-Match: {etag}\r\n"),
        "If-Match: \"x\"\r\n".into(),
        "Accept-Encoding: gzip\r\n".into(),
        "Accept-Encoding: br, *;q=0\r\n".into(),
        "Accept-Encoding: *;q=0\r\n".into(),
        "Accept: text/html\r\n".into(),
    ];
    for path in
        ["/", "/x", "/tagged", "/empty", "/large", "/coded", "/only", "/moved?q", "/app/x", "/%zz"]
    {
        for fields in &fields {
            let ask = |method| {
                let input = format!("{method} {path} HTTP/1.1\r\n{HOST}{fields}\r\n");
                let (out, after) = drive(&[input.as_bytes()], usize::MAX);
                (String::from_utf8(out).unwrap(), after)
            };
            let ((get, _), (head, after)) = (ask("GET"), ask("HEAD"));
            let end = get.find("\r\n\r\n").unwrap() + 4;
            assert_eq!((&get[..end], After::KeepAlive), (&*head, after), "{path} {fields}");
        }
    }
}

#[test]
fn options() {
    for target in ["*", "/", "/x", "http://a", "http://a/x"] {
        check_fields(&format!("OPTIONS {target}"), "", OPTIONS);
    }
}

#[test]
fn known_methods_are_not_allowed() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"] {
        check_fields(&format!("{method} /"), "", REFUSED);
        check_fields(&format!("{method} /x"), "Content-Length: 0", REFUSED);
    }
}

/// A method's name has its case, and the name of a field or of a version is none.
#[test]
fn other_methods_are_unknown() {
    for method in [
        "BREW",
        "get",
        "Get",
        "GETS",
        "GE",
        "HEADS",
        "PROPFIND",
        "QUERY",
        "PRI",
        "POST!",
        "host",
        "if-match",
        "range",
        "connection",
        "accept",
        "x",
        "!#$%&'*+-.^_`|~",
    ] {
        check_fields(&format!("{method} /"), "", UNKNOWN);
    }
}

/// The next answer is no longer one to HEAD.
#[test]
fn a_method_is_of_one_request() {
    let input = format!("HEAD / HTTP/1.1\r\n{HOST}\r\nGET / HTTP/1.1\r\n{HOST}\r\n");
    check(&input, &format!("HTTP/1.1 200 OK\r\nHome: 1;{HOME}"), After::KeepAlive);
    let input = format!("HEAD / HTTP/1.1\r\n{HOST}\r\nGET /\r\n");
    check(&input, &format!("HTTP/1.1 200 OK\r\nHome: 1;{BAD}"), After::Linger);
}
