//! What a site answers under its `_headers`.

use expect_test::expect;
use pipkin_site::{Coding, Settings};

use crate::compile;
use crate::convention::{below, check, spa};
use crate::tree::tree;

fn usual() -> Settings {
    Settings::default()
}

/// Something of each kind.
const FIXTURE: &str = "/index.html\n<p>home\n/docs/index.html\n<p>docs\n/data/a.txt\na\n\
                       /_headers\n\
                       |/*\n  X-Frame-Options: DENY\n  Vary: Origin\n\
                       |/data/*\n  content-type: text/csv\n  cache-control: max-age=60\n  \
                       Content-Disposition: attachment\n  X-Content-Type-Options: other\n\
                       |/docs/*\n  ! X-Frame-Options\n  ! X-Content-Type-Options\n  X-Docs: 1\n  \
                       X-Docs: 2\n";

#[test]
fn of_a_page() {
    check(
        FIXTURE,
        &usual(),
        "/",
        expect![[r#"
        HTTP/1.1 200 OK
        ETag: "INfQSH-Wjr2UXsVl"
        Vary: Origin
        Cache-Control: no-cache
        X-Content-Type-Options: nosniff
        X-Frame-Options: DENY
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Length:
        -- of 206 8

        <p>home
    "#]],
    );
}

#[test]
fn over_those_that_would_be_there() {
    check(
        FIXTURE,
        &usual(),
        "/data/a.txt",
        expect![[r#"
        HTTP/1.1 200 OK
        ETag: "h0KPxSKAPTEGXnvO"
        Vary: Origin
        X-Frame-Options: DENY
        cache-control: max-age=60
        X-Content-Type-Options: other
        -- of 304
        content-type: text/csv
        Content-Disposition: attachment
        Content-Length:
        -- of 206 2

        a
    "#]],
    );
    check(
        FIXTURE,
        &usual(),
        "/docs/",
        expect![[r#"
        HTTP/1.1 200 OK
        ETag: "B0JLeydpgkkcDb9a"
        Vary: Origin
        Cache-Control: no-cache
        X-Docs: 1, 2
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Length:
        -- of 206 8

        <p>docs
    "#]],
    );
}

#[test]
fn of_a_redirect() {
    check(
        FIXTURE,
        &usual(),
        "/docs",
        expect![[r#"
        [query]
        HTTP/1.1 301 Moved Permanently
        Vary: Origin
        X-Docs: 1, 2
        Content-Length: 0
        Location: /docs/

    "#]],
    );
}

#[test]
fn of_what_is_missing() {
    check(
        FIXTURE,
        &usual(),
        "/x",
        expect![[r#"
        HTTP/1.1 404 Not Found
        Vary: Origin
        X-Content-Type-Options: nosniff
        X-Frame-Options: DENY
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
    check(
        FIXTURE,
        &usual(),
        "/docs/x",
        expect![[r#"
        HTTP/1.1 404 Not Found
        Vary: Origin
        X-Docs: 1, 2
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
    check(
        FIXTURE,
        &usual(),
        "/data/x",
        expect![[r#"
        HTTP/1.1 404 Not Found
        Vary: Origin
        X-Frame-Options: DENY
        X-Content-Type-Options: other
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
}

#[test]
fn of_an_application() {
    check(
        FIXTURE,
        &spa(),
        "/x",
        expect![[r#"
        [navigation]
        HTTP/1.1 200 OK
        ETag: "INfQSH-Wjr2UXsVl"
        Vary: Accept, Origin
        Cache-Control: no-cache
        X-Content-Type-Options: nosniff
        X-Frame-Options: DENY
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Length:
        -- of 206 8

        <p>home
        [no navigation]
        HTTP/1.1 404 Not Found
        Vary: Accept, Origin
        X-Content-Type-Options: nosniff
        X-Frame-Options: DENY
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
}

#[test]
fn of_a_rule() {
    let fixture = "/a.html\n<p>a\n\
                   /_headers\n|/x/*\n  X-X: 1\n|/b\n  X-B: 1\n|/a\n  X-A: 1\n\
                   /_redirects\n|/b /a.html 200\n|/x/:n /:n 302\n|/x/* /a.html 410\n";
    check(
        fixture,
        &usual(),
        "/b",
        expect![[r#"
        HTTP/1.1 200 OK
        ETag: "glOtnx38p6L-Y9Uy"
        Cache-Control: no-cache
        X-Content-Type-Options: nosniff
        X-B: 1
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Length:
        -- of 206 5

        <p>a
    "#]],
    );
    check(
        fixture,
        &usual(),
        "/x/y",
        expect![[r#"
        [rule, query]
        HTTP/1.1 302 Found
        X-X: 1
        Content-Length: 0
        Location: /<segment 1>

        /x/\x01
        [rule, query]
        HTTP/1.1 302 Found
        X-X: 1
        Content-Length: 0
        Location: /<segment 1>

        /x/\x01/
        HTTP/1.1 410 Gone
        X-Content-Type-Options: nosniff
        X-X: 1
        Content-Type: text/html; charset=utf-8
        Content-Length: 5

        <p>a
    "#]],
    );
}

#[test]
fn below_a_path() {
    check(
        FIXTURE,
        &below("/app"),
        "/app/docs/",
        expect![[r#"
        HTTP/1.1 200 OK
        ETag: "B0JLeydpgkkcDb9a"
        Vary: Origin
        Cache-Control: no-cache
        X-Docs: 1, 2
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Length:
        -- of 206 8

        <p>docs
    "#]],
    );
    check(
        FIXTURE,
        &below("/app"),
        "/app/docs/x",
        expect![[r#"
        HTTP/1.1 404 Not Found
        Vary: Origin
        X-Docs: 1, 2
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
    check(
        FIXTURE,
        &below("/app"),
        "/docs/x",
        expect![[r#"
        HTTP/1.1 404 Not Found
        Vary: Origin
        X-Content-Type-Options: nosniff
        X-Frame-Options: DENY
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
}

#[test]
fn of_each_coding() {
    let page = format!("/index.html\n<p>{}\n/_headers\n|/\n  Vary: Origin\n", "again ".repeat(99));
    let settings = Settings { compress: vec![Coding::Gzip], ..usual() };
    check(
        &page,
        &settings,
        "/",
        expect![[r#"
        [gzip]
        HTTP/1.1 200 OK
        ETag: "AzjyX6661zMXiO7_"
        Vary: Accept-Encoding, Origin
        Cache-Control: no-cache
        X-Content-Type-Options: nosniff
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Encoding: gzip
        Content-Length:
        -- of 206 35

        (35 bytes)

        HTTP/1.1 200 OK
        ETag: "h6vZgDl1oXlo0SW4"
        Vary: Accept-Encoding, Origin
        Cache-Control: no-cache
        X-Content-Type-Options: nosniff
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Length:
        -- of 206 598

        (598 bytes)

    "#]],
    );
}

#[test]
fn too_many() {
    let fields: String = (0..20).map(|n| format!("  X-{n}: {}\n", "x".repeat(200))).collect();
    let folder = tree(&format!("/index.html\n<p>\n/_headers\n|/*\n{fields}"));
    let error = compile(folder.path()).unwrap_err();
    expect![[r#"
        _headers says too much for /: a head of 4308 bytes, and 4096 is the limit
        help: say less of it in _headers
    "#]]
    .assert_eq(&format!("{error}\nhelp: {}\n", error.help().unwrap()));
}
