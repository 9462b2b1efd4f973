//! Which path has which answer.

use pipkin_format::PATH_BYTES_MAX;

use super::site::{ETAG, longest_path};
use super::*;

const MISSING: &str = "HTTP/1.1 404 Not Found;nothing here\n";
const DEEP: &str = "HTTP/1.1 200 OK\r\nDeep: 1;<p>home\n";

fn app() -> String {
    let fields = format!("ETag: {ETAG}\r\nVary: x\r\nContent-Type: app\r\nContent-Length: 10");
    format!("HTTP/1.1 200 OK\r\n{fields};<p>an app\n")
}

#[test]
fn a_percent_encoded_path_is_decoded() {
    check_fields("GET /%62ig%20one", "", "HTTP/1.1 200 OK\r\nBig: 1;LARGE");
    check_fields("GET /caf%c3%A9", "", HOME);
    check_fields("GET /%74agge%64x", "", MISSING);
    check_fields("GET /big+one", "", MISSING);
    let bad = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0;";
    for path in ["/%", "/%4", "/%zz", "/%4g", "/%+1", "/%%41", "/a%/b", "/%4?1"] {
        check_fields(&format!("GET {path}"), "", bad);
    }
}

/// Nothing is walked on a disk, so dots and double slashes are names like any other.
#[test]
fn paths_are_compared_as_they_are() {
    for path in ["//", "/tagged/", "//tagged", "/./tagged", "/x/../tagged", "/Tagged", "/tagged%00"]
    {
        check_fields(&format!("GET {path}"), "", MISSING);
    }
    check_fields("GET /..//../etc/passwd", "", MISSING);
    check_fields("GET /#tagged", "", MISSING);
}

#[test]
fn the_query_is_not_part_of_the_path() {
    for query in ["?", "?q=/x", "??", "?%zz", "?http://a/x"] {
        check_fields(&format!("GET /{query}"), "", HOME);
        check_fields(&format!("GET /x{query}"), "", MISSING);
    }
}

/// RFC 9112, section 3.2.2.
#[test]
fn absolute_form() {
    for target in ["http://a/", "HTTP://b:80/?q", "http://[::1]:80/", "http://a", "http://abc:8080"]
    {
        check_fields(&format!("GET {target}"), "", HOME);
    }
    check_fields("GET http://a/%62ig%20one", "", "HTTP/1.1 200 OK\r\nBig: 1;LARGE");
    check_fields("GET http://a//", "", MISSING);
    check_fields("GET http://a/x?/", "", MISSING);
    check(
        "GET http://a HTTP/1.0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nHome: 1;close<p>home\n",
        After::Close,
    );
    let one = format!("GET http://abc HTTP/1.1\r\n{HOST}\r\n");
    check(&one.repeat(3), &HOME.repeat(3), After::KeepAlive);
}

/// The path is the root, whatever the query holds (RFC 3986, section 3).
#[test]
fn absolute_form_without_a_path_but_with_a_query() {
    check_fields("GET http://a?q", "", HOME);
    check_fields("GET http://a?x/tagged", "", HOME);
    check_fields("GET http://a?/tagged", "", HOME);
}

#[test]
fn the_longest_path() {
    let path = longest_path();
    let long = "HTTP/1.1 200 OK\r\nLong: 1;<p>home\n";
    let encoded = format!("/{}", "%70".repeat(path.len() - 1));
    let too_long = "HTTP/1.1 414 URI Too Long\r\nContent-Length: 0;";
    let cases = [
        (path.clone(), long),
        (format!("{path}?q"), long),
        (encoded.clone(), long),
        (format!("/x{}", &path[2..]), MISSING),
        (format!("{path}p"), too_long),
        (format!("{encoded}p"), too_long),
        (format!("{path}p?q"), too_long),
        (format!("{path}pp"), too_long),
        (format!("{path}{path}"), too_long),
        (format!("/app/{path}{path}"), too_long),
        (format!("{path}pp?q"), too_long),
        (format!("http://a{path}pp"), too_long),
    ];
    for (path, expected) in cases {
        let input = format!("GET {path} HTTP/1.1\r\n{HOST}\r\n");
        let (out, after) = drive(&[input.as_bytes()], 100);
        let bytes = path.len();
        assert_eq!(String::from_utf8(out).unwrap(), in_full(expected), "path of {bytes} bytes");
        assert_eq!(after, After::KeepAlive);
    }
    let (code, _) = status(format!("HEAD {path}pp HTTP/1.1\r\n{HOST}\r\n").as_bytes());
    assert_eq!(code, "414");
    assert_eq!(path.len(), PATH_BYTES_MAX);
}

/// The innermost folder answers for what it has not.
#[test]
fn folders_with_a_fallback() {
    for path in ["/app/deep/", "/app/deep/x", "/app/deep/x/y.js", "/app/deep//", "/app/deep/%00"] {
        check_fields(&format!("GET {path}"), "", DEEP);
    }
    for path in ["/app/", "/app/x", "/app/deep", "/app/deeper/x", "/app/x/deep/", "/app//"] {
        check_fields(&format!("GET {path}"), "", MISSING);
        check_fields(&format!("GET {path}"), "Accept: text/html", &app());
    }
    check_fields("GET /app/known", "", "HTTP/1.1 200 OK\r\nKnown: 1;<p>home\n");
    for path in ["/app", "/apps/x", "/x/app/y", "/App/x"] {
        check_fields(&format!("GET {path}"), "Accept: text/html", MISSING);
    }
    let long = "x".repeat(PATH_BYTES_MAX - "/app/deep/".len());
    let (out, _) = drive(&[format!("GET /app/deep/{long} HTTP/1.1\r\n{HOST}\r\n").as_bytes()], 100);
    assert_eq!(String::from_utf8(out).unwrap(), in_full(DEEP));
}

#[test]
fn a_fallback_of_the_root() {
    let blob = site::with_root_fallback();
    let any = "HTTP/1.1 200 OK\r\nAny: 1;<p>home\n";
    for path in ["/", "/x", "/x/y.js", "//", "/known/", "/known/x", "http://a", "http://a/x"] {
        let input = format!("GET {path} HTTP/1.1\r\n{HOST}\r\n");
        check_on(&blob, &input, any, After::KeepAlive);
    }
    let input = format!("GET /known HTTP/1.1\r\n{HOST}\r\n");
    check_on(&blob, &input, "HTTP/1.1 200 OK\r\nKnown: 1;<p>home\n", After::KeepAlive);
}

#[test]
fn a_site_without_routes() {
    let blob = site::without_routes();
    for path in ["/", "/x", "/%00"] {
        let input = format!("GET {path} HTTP/1.1\r\n{HOST}\r\n");
        check_on(&blob, &input, MISSING, After::KeepAlive);
    }
}

/// A navigation takes HTML, and the last part of its path has no dot.
#[test]
fn navigations() {
    for accept in [
        "text/html",
        "Text/HTML",
        "application/xhtml+xml, text/html;q=0.9, */*;q=0.8",
        "*/*,text/html",
    ] {
        for path in ["/app/", "/app/x", "/app/v1.2/x", "/app/x?y.z", "http://a.b/app/x"] {
            check_fields(&format!("GET {path}"), &format!("Accept: {accept}"), &app());
        }
        for path in ["/app/x.js", "/app/.x", "/app/x.", "/app/v1/x.js?y", "http://a/app/x.js"] {
            check_fields(&format!("GET {path}"), &format!("Accept: {accept}"), MISSING);
        }
    }
    for fields in
        ["", "Accept:", "Accept: */*", "Accept: text/*", "Accept: text/css", "X: text/html"]
    {
        check_fields("GET /app/x", fields, MISSING);
    }
    let not_modified = format!("HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\nVary: x;");
    check_fields("GET /app/x", "Accept: text/html\r\nIf-None-Match: *", &not_modified);
    check_fields("GET /app/x", "Accept: */*\r\nIf-None-Match: *", MISSING);
}

#[test]
fn a_redirect_keeps_the_query() {
    let moved = |query: &str| {
        let head = "HTTP/1.1 301 Moved Permanently\r\nContent-Length: 0";
        format!("{head}\r\nLocation: /to/{query};")
    };
    for query in ["", "?", "?q", "?a=b&c=%64//?#x", "?HTTP/1.1"] {
        check_fields(&format!("GET /moved{query}"), "", &moved(query));
        check_fields(&format!("HEAD /moved{query}"), "", &moved(query));
        check_fields(&format!("GET /away/x{query}"), "", &moved(query));
        check_fields(&format!("GET http://a/moved{query}"), "", &moved(query));
    }
    let long = format!("?{}", "q".repeat(INPUT_BYTES - 100));
    let (out, _) = drive(&[format!("GET /moved{long} HTTP/1.1\r\n{HOST}\r\n").as_bytes()], 1000);
    assert_eq!(String::from_utf8(out).unwrap(), in_full(&moved(&long)));
}
