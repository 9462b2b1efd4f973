//! Patterns, also beside a slower and simpler reading of them.

use std::panic::catch_unwind;
use std::string::String;
use std::vec::Vec;

use super::*;
use crate::Request;

#[track_caller]
fn check(pattern: &'static str, right: &[&str], wrong: &[&str]) {
    check_pattern(pattern);
    right.iter().for_each(|path| assert!(matches(pattern, path.as_bytes()), "{pattern} {path}"));
    wrong.iter().for_each(|path| assert!(!matches(pattern, path.as_bytes()), "{pattern} {path}"));
}

#[test]
fn a_pattern_is_a_path() {
    check("/", &["/"], &["", "//", "/a", "a"]);
    check("/a", &["/a"], &["/", "/a/", "/A", "/ab", "/a/b", "a"]);
    check("/a/", &["/a/"], &["/a", "/a//"]);
    check("/a.b/c-d", &["/a.b/c-d"], &["/axb/c-d"]);
    check("/caf\u{e9}", &["/caf\u{e9}"], &["/cafe"]);
}

#[test]
fn a_name_is_one_segment() {
    check("/:x", &["/a", "/:x", "/*", "/a b", "/\0"], &["/", "", "/a/", "/a/b", "//"]);
    check("/:x/", &["/a/"], &["/a", "//", "/a/b"]);
    check("/a/:x/b", &["/a/1/b", "/a/b/b"], &["/a//b", "/a/1/b/", "/a/1/2/b", "/a/1"]);
    check("/:x/:y", &["/a/b"], &["/a", "/a/", "/a/b/c", "//b"]);
}

#[test]
fn a_star_is_any_rest() {
    check("/*", &["/", "/a", "/a/b", "//", "/*"], &["", "a"]);
    check("/a/*", &["/a/", "/a/b", "/a/b/c", "/a//"], &["/a", "/", "/ab/c"]);
    check("/:x/*", &["/a/", "/a/b/c"], &["/a", "//b"]);
}

/// All patterns and paths of up to three segments, read segment by segment.
#[test]
fn patterns_are_what_their_segments_are() {
    let patterns = paths(&["", "a", "b", ":x", ":y", "*"]);
    let paths = paths(&["", "a", "b", "ab"]);
    for pattern in &patterns {
        if catch_unwind(|| check_pattern(pattern)).is_err() {
            continue;
        }
        for path in &paths {
            let expected =
                fits(&pattern.split('/').collect::<Vec<_>>(), &path.split('/').collect::<Vec<_>>());
            assert_eq!(matches(pattern, path.as_bytes()), expected, "{pattern} {path}");
        }
    }
}

fn paths(segments: &[&str]) -> Vec<String> {
    let mut paths = Vec::new();
    for a in segments {
        paths.push(std::format!("/{a}"));
        for b in segments {
            paths.push(std::format!("/{a}/{b}"));
            paths.extend(segments.iter().map(|c| std::format!("/{a}/{b}/{c}")));
        }
    }
    paths
}

fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["*"], [_, ..]) => true,
        ([first, pattern @ ..], [segment, path @ ..]) => {
            let is_it = if first.starts_with(':') { !segment.is_empty() } else { first == segment };
            is_it && fits(pattern, path)
        }
        _ => false,
    }
}

#[test]
fn parts_have_names() {
    let request = Request::get("/a/b%20c/d/e?x=y").matching("/:one/:two/*");
    let found = ["one", "two", "*", "three", "", ":one"].map(|name| request.parameter(name));
    assert_eq!(found, [Some("a"), Some("b c"), Some("d/e"), None, None, None]);
    assert_eq!(Request::get("/a").parameter("one"), None);
    assert_eq!(Request::get("/%ff").matching("/:one").parameter("one"), None);
    assert_eq!(Request::get("/a/").matching("/a/*").parameter("*"), Some(""));
    assert_eq!(Request::get("/a/b").matching("/:x/:x").parameter("x"), Some("a"));
}

/// An encoded slash is one when the pattern is matched: it has been decoded.
#[test]
fn a_slash_is_a_slash_however_it_came() {
    assert_eq!(Request::get("/a%2fb").matching("/:x/:y").parameter("y"), Some("b"));
}

#[test]
fn what_is_no_pattern_says_why() {
    for (pattern, expected) in [
        ("", "a route's pattern begins with a slash"),
        ("a", "a route's pattern begins with a slash"),
        ("*", "a route's pattern begins with a slash"),
        ("/a*", "a star is the last segment of a route's pattern, and nothing else"),
        ("/*a", "a star is the last segment of a route's pattern, and nothing else"),
        ("/*/a", "a star is the last segment of a route's pattern, and nothing else"),
        ("/**", "a star is the last segment of a route's pattern, and nothing else"),
        ("/a:b", "a colon begins a segment of a route's pattern"),
        ("/::a", "a colon begins a segment of a route's pattern"),
        ("/:", "a colon in a route's pattern begins a name"),
        ("/:/a", "a colon in a route's pattern begins a name"),
        ("/a?b", "a route's pattern is a path without a query"),
        ("/a#b", "a route's pattern is a path without a query"),
        ("/a%20", "a route's pattern is not percent-encoded"),
        ("/a b", "a route's pattern has no blanks or control characters"),
        ("/a\n", "a route's pattern has no blanks or control characters"),
        ("/a\x7f", "a route's pattern has no blanks or control characters"),
    ] {
        assert_eq!(fault(pattern), expected, "{pattern:?}");
        assert!(catch_unwind(|| check_pattern(pattern)).is_err(), "{pattern:?}");
    }
}
