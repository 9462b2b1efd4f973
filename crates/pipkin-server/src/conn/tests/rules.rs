//! Rules: patterns of paths, and Locations with parts of these.

use pipkin_format::{Answer, NAVIGATION, QUERY, RULE, Route};

use super::site::with_bodies;
use super::*;

/// Each rule is a pattern and a Location, with a plus sign in front for the query.
fn blob(rules: &[(&'static [u8], &'static [u8])]) -> Vec<u8> {
    let mut bodies: Vec<&[u8]> = vec![b"", b"found\n", b"app\n", b"nothing here\n"];
    let mut answers = Vec::new();
    for (pattern, location) in rules {
        let (flags, location) = match location.strip_prefix(b"+") {
            Some(location) => (RULE | QUERY, location),
            None => (RULE, *location),
        };
        let head = [b"HTTP/1.1 301 X\r\nContent-Length: 0\r\nLocation: ", location].concat();
        let head = head.leak();
        answers.push(Answer { head, body: bodies.len(), flags, ..Answer::default() });
        bodies.push(pattern);
    }
    let plain = |head: &'static str, body, flags| {
        let head = head.as_bytes();
        Answer { head, body, flags, ..Answer::default() }
    };
    answers.push(plain("HTTP/1.1 200 OK\r\nApp: 1", 2, NAVIGATION));
    answers.push(plain("HTTP/1.1 404 Not Found", 3, 0));
    let found = vec![plain("HTTP/1.1 200 OK\r\nFound: 1", 1, 0)];
    let routes =
        [Route { path: b"/found".into(), answers: found }, Route { path: b"/\0".into(), answers }];
    with_bodies(&routes, &bodies)
}

const MISSING: &str = "HTTP/1.1 404 Not Found;nothing here\n";

/// With these rules, GET of `target` leads to `location`, or is not found when that is empty.
#[track_caller]
fn check_rules(rules: &[(&'static [u8], &'static [u8])], target: &str, location: &str) {
    let expected = match location {
        "" => MISSING.to_string(),
        _ => format!("HTTP/1.1 301 X\r\nContent-Length: 0\r\nLocation: {location};"),
    };
    let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
    check_on(&blob(rules), &request, &expected, After::KeepAlive);
}

#[test]
fn patterns() {
    let rules: &[(&[u8], &[u8])] = &[
        (b"/p/\x01", b"/placeholder"),
        (b"/p/\x01/x", b"/between"),
        (b"/blog/\x02", b"/splat"),
        (b"/caf\xc3\xa9", b"/coffee"),
        (b"/\x01/\x01/\x02", b"/many"),
    ];
    for (target, location) in [
        ("/p/1", "/placeholder"),
        ("/p/", ""),
        ("/p", ""),
        ("/p/1/", "/many"),
        ("/p/1/x", "/between"),
        ("/%70/%31/%78", "/between"),
        ("/p/1/y", "/many"),
        ("/p//x", ""),
        ("/blog/", "/splat"),
        ("/blog/a/b", "/splat"),
        ("/blog", ""),
        ("/blogs/a", ""),
        ("/caf%C3%A9", "/coffee"),
        ("/caf%c3", ""),
        ("http://b/p/1", "/placeholder"),
        ("/found", "FOUND"),
    ] {
        if location == "FOUND" {
            let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
            let found = "HTTP/1.1 200 OK\r\nFound: 1;found\n";
            check_on(&blob(rules), &request, found, After::KeepAlive);
        } else {
            check_rules(rules, target, location);
        }
    }
}

#[test]
fn parts_of_the_path() {
    let rules: &[(&[u8], &[u8])] = &[
        (b"/a/\x01/\x01", b"/\x82-\x81/\x80"),
        (b"/s/\x02", b"https://b.example/x/\xC1"),
        (b"/q/\x02", b"+/\xC1"),
        (b"/r/\x02", b"/r2?x=\xC1&y=\xC0"),
        (b"/\x01/all", b"/\xC0"),
    ];
    for (target, location) in [
        ("/a/1/2", "/2-1/a"),
        ("/a/%C3%A4/b%20c", "/b%20c-%C3%A4/a"),
        ("/a/1%2F2", "/2-1/a"),
        ("/%61%2f1/%32", "/%32-1/%61"),
        ("/s/", "https://b.example/x/"),
        ("/s/y/z?k=v", "https://b.example/x/y/z"),
        ("/s/y%2Fz", "https://b.example/x/y%2Fz"),
        ("/s///y", "https://b.example/x/y"),
        ("/q/a/b?c=d&e", "/a/b?c=d&e"),
        ("/q/?", "/?"),
        ("/r/1/2", "/r2?x=1/2&y=r/1/2"),
        ("/b/all", "/b/all"),
        ("http://h/q/a?b", "/a?b"),
    ] {
        check_rules(rules, target, location);
    }
}

#[test]
fn no_redirect_leaves_the_host() {
    let rules: &[(&[u8], &[u8])] = &[
        (b"/s/\x02", b"/\xC1"),
        (b"/t/\x02", b"//\\\xC1"),
        (b"/u/\x01/\x02", b"/\xC2/\x81"),
        (b"/v/\x01", b"/\x81/x"),
    ];
    for (target, location) in [
        ("/s//evil.example", "/evil.example"),
        ("/s/\\evil.example", "/evil.example"),
        ("/s/%2Fevil.example", "/evil.example"),
        ("/s/%2f%5C/\\%5c//evil.example//", "/evil.example//"),
        ("/s/./\\evil.example", "/./\\evil.example"),
        ("/s/", "/"),
        ("/s//", "/"),
        ("/t//evil.example", "/evil.example"),
        ("/u/evil.example/", "/evil.example"),
        ("/u/\\evil.example/", "/evil.example"),
        ("/u/%5Cevil.example/%2F/", "/evil.example"),
        ("/v/\\evil.example", "/evil.example/x"),
        ("/v/%5C", "/x"),
    ] {
        check_rules(rules, target, location);
    }
}

#[test]
fn methods_and_order() {
    let rules: &[(&[u8], &[u8])] = &[(b"/x/\x02", b"/first"), (b"/x/\x02", b"/second")];
    let blob = blob(rules);
    let first = "HTTP/1.1 301 X\r\nContent-Length: 0\r\nLocation: /first";
    let check = |line: &str, fields: &str, expected: &str| {
        let request = format!("{line} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        check_on(&blob, &request, expected, After::KeepAlive);
    };
    // Before pages of applications, conditions, ranges and codings.
    let fields =
        "Accept: text/html\r\nIf-None-Match: *\r\nRange: bytes=0-0\r\nAccept-Encoding: *;q=0\r\n";
    check("GET /x/y", fields, &format!("{first};"));
    check("HEAD /x/y", "", &format!("{first};"));
    check("GET /y", "Accept: text/html\r\n", "HTTP/1.1 200 OK\r\nApp: 1;app\n");
    let refused = "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\n\
                   Content-Length: 0;";
    check("POST /x/y", "", refused);
}

/// A path goes into a Location once whatever its length, and several times over while there is
/// space for it.
#[test]
fn long_locations() {
    let rules: &[(&[u8], &[u8])] =
        &[(b"/s/\x02", b"/to/\xC1"), (b"/t/\x02", b"/\xC1\xC1\xC1\xC1\xC1\xC1\xC1\xC1\xC1")];
    let long = "%61".repeat(2000);
    let (out, after) = drive_on(&blob(rules), &[request(&format!("/s/{long}")).as_bytes()], 9999);
    assert!(String::from_utf8_lossy(&out).contains(&format!("Location: /to/{long}\r\n")));
    assert_eq!(after, After::KeepAlive);
    let refused = "HTTP/1.1 414 URI Too Long\r\nContent-Length: 0;";
    let target = format!("/t/{long}?{}", "q".repeat(1000));
    let input = request(&target) + &request("/s/1");
    let location = "HTTP/1.1 301 X\r\nContent-Length: 0\r\nLocation: /to/1;";
    let expected = in_full(&format!("{refused}{location}"));
    let (out, after) = drive_on(&blob(rules), &[input.as_bytes()], usize::MAX);
    assert_eq!((String::from_utf8_lossy(&out).into_owned(), after), (expected, After::KeepAlive));
}

fn request(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
}
