//! What follows from the names of files and from settings: clean paths, pages for 404, the page
//! of an application, the path before every path.

use expect_test::{Expect, expect};
use pipkin_format::{Content, Standing};
use pipkin_site::Settings;

use crate::show::show;
use crate::tree::tree;
use crate::{blob, compile_with, line};

/// The answers to `path`, or else those of its fallback, or else those of
/// [`Standing::NotFound`], as the server finds them.
#[track_caller]
pub(crate) fn check(fixture: &str, settings: &Settings, path: &str, expected: Expect) {
    let folder = tree(fixture);
    let blob = blob(&compile_with(folder.path(), settings).unwrap());
    let content = Content::new(&blob);
    let fallback = || {
        let folders = path.match_indices('/').map(|(at, _)| &path[..=at]).rev();
        let mut folders = folders.filter(|folder| folder.len() <= content.fallback_bytes());
        folders.find_map(|folder| content.find(format!("{folder}\0").as_bytes()))
    };
    let found = content.find(path.as_bytes()).or_else(fallback);
    expected.assert_eq(&show(content, found.unwrap_or(content.standing(Standing::NotFound))));
}

/// Every path that has an answer.
#[track_caller]
pub(crate) fn check_routes(fixture: &str, settings: &Settings, expected: Expect) {
    let site = compile_with(tree(fixture).path(), settings).unwrap();
    expected.assert_eq(&site.routes().map(line).collect::<String>());
}

pub(crate) fn spa() -> Settings {
    Settings { spa: Some("index.html".into()), ..Settings::default() }
}

pub(crate) fn below(base_path: &str) -> Settings {
    Settings { base_path: base_path.into(), ..Settings::default() }
}

#[test]
fn a_page_without_its_extension() {
    let fixture = "/about.html\n<p>about\n";
    check(
        fixture,
        &Settings::default(),
        "/about",
        expect![[r#"
            HTTP/1.1 200 OK
            ETag: "B5w7JCknnSZUWZyx"
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 9

            <p>about
        "#]],
    );
    check(
        fixture,
        &Settings::default(),
        "/about/",
        expect![[r#"
        [query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /about

    "#]],
    );
}

#[test]
fn a_folder_without_its_slash() {
    check(
        "/a b?/index.html\n<p>\n",
        &Settings::default(),
        "/a b?",
        expect![[r#"
        [query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /a%20b%3F/

    "#]],
    );
}

#[test]
fn the_page_for_404_of_a_folder() {
    let fixture = "/404.html\n<p>gone\n/docs/404.html\n<p>no such chapter\n";
    check(
        fixture,
        &Settings::default(),
        "/docs/guide/x",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/html; charset=utf-8
        Content-Length: 19

        <p>no such chapter
    "#]],
    );
    check(
        fixture,
        &Settings::default(),
        "/docsx",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/html; charset=utf-8
        Content-Length: 8

        <p>gone
    "#]],
    );
}

#[test]
fn an_application() {
    let fixture = "/index.html\n<p>app\n/docs/404.html\n<p>no such chapter\n";
    check(
        fixture,
        &spa(),
        "/users/1",
        expect![[r#"
            [navigation]
            HTTP/1.1 200 OK
            ETag: "yRo8usEmhK7_X-tX"
            Vary: Accept
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 7

            <p>app
            [no navigation]
            HTTP/1.1 404 Not Found
            Vary: Accept
            X-Content-Type-Options: nosniff
            Content-Type: text/plain; charset=utf-8
            Content-Length: 14

            404 not found
        "#]],
    );
    check(
        fixture,
        &spa(),
        "/docs/1",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/html; charset=utf-8
        Content-Length: 19

        <p>no such chapter
    "#]],
    );
    check(
        fixture,
        &spa(),
        "/index.html",
        expect![[r#"
            HTTP/1.1 200 OK
            ETag: "yRo8usEmhK7_X-tX"
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 7

            <p>app
        "#]],
    );
}

#[test]
fn an_application_with_a_page_for_404() {
    check(
        "/index.html\n<p>app\n/404.html\n<p>gone\n",
        &spa(),
        "/users/1",
        expect![[r#"
            [navigation]
            HTTP/1.1 200 OK
            ETag: "yRo8usEmhK7_X-tX"
            Vary: Accept
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 7

            <p>app
            [no navigation]
            HTTP/1.1 404 Not Found
            Vary: Accept
            X-Content-Type-Options: nosniff
            Content-Type: text/html; charset=utf-8
            Content-Length: 8

            <p>gone
        "#]],
    );
}

#[test]
fn below_a_path() {
    let fixture = "/index.html\n<p>app\n/404.html\n<p>gone\n/docs/index.html\n/docs/404.html\n";
    check_routes(
        fixture,
        &below("/my app/v1"),
        expect![[r#"
        /my app/v1 -> /my%20app/v1/
        /my app/v1/ = index.html (7 bytes)
        /my app/v1/404.html = 404.html (8 bytes)
        /my app/v1/docs -> /my%20app/v1/docs/
        /my app/v1/docs/ = docs/index.html (0 bytes)
        /my app/v1/docs/* = docs/404.html (0 bytes)
        /my app/v1/docs/404.html = docs/404.html (0 bytes)
        /my app/v1/docs/index.html = docs/index.html (0 bytes)
        /my app/v1/index.html = index.html (7 bytes)
    "#]],
    );
    check(
        fixture,
        &below("/my app/v1"),
        "/my app/v1",
        expect![[r#"
        [query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /my%20app/v1/

    "#]],
    );
    check(
        fixture,
        &below("/my app/v1"),
        "/",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/html; charset=utf-8
        Content-Length: 8

        <p>gone
    "#]],
    );
}

#[test]
fn an_application_below_a_path() {
    let settings = Settings { spa: Some("index.html".into()), ..below("/app") };
    let fixture = "/index.html\n<p>app\n";
    check_routes(
        fixture,
        &settings,
        expect![[r#"
        /app -> /app/
        /app/ = index.html (7 bytes)
        /app/* = index.html (7 bytes)
        /app/index.html = index.html (7 bytes)
    "#]],
    );
    check(
        fixture,
        &settings,
        "/app/users",
        expect![[r#"
            [navigation]
            HTTP/1.1 200 OK
            ETag: "yRo8usEmhK7_X-tX"
            Vary: Accept
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 7

            <p>app
            [no navigation]
            HTTP/1.1 404 Not Found
            Vary: Accept
            X-Content-Type-Options: nosniff
            Content-Type: text/plain; charset=utf-8
            Content-Length: 14

            404 not found
        "#]],
    );
    check(
        fixture,
        &settings,
        "/users",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
}

#[test]
fn files_of_rules_are_not_served() {
    check_routes(
        "/_headers\n/_redirects\n/docs/_headers\n/_redirects.txt\n",
        &Settings::default(),
        expect![[r#"
            /_redirects.txt = _redirects.txt (0 bytes)
            /docs/_headers = docs/_headers (0 bytes)
        "#]],
    );
}
