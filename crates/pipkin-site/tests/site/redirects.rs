//! What a site answers under its `_redirects`.

use expect_test::{Expect, expect};
use pipkin_site::Settings;

use crate::convention::{below, check, check_routes, spa};
use crate::tree::tree;
use crate::{compile, compile_with};

fn usual() -> Settings {
    Settings::default()
}

/// What the site warns of.
#[track_caller]
fn check_warnings(fixture: &str, expected: Expect) {
    let site = compile(tree(fixture).path()).unwrap();
    let lines = site.warnings().iter().map(|warning| format!("{warning}\n"));
    expected.assert_eq(&lines.collect::<String>());
}

/// Whether the site is one for a server that knows rules.
#[track_caller]
fn check_needs_rules(fixture: &str, expected: bool) {
    assert_eq!(compile(tree(fixture).path()).unwrap().needs_rules(), expected);
}

/// What is wrong with the rules of a site.
#[track_caller]
fn check_fault(fixture: &str, expected: Expect) {
    let error = compile(tree(fixture).path()).unwrap_err();
    expected.assert_eq(&format!("{error}\nhelp: {}\n", error.help().unwrap()));
}

#[test]
fn to_elsewhere() {
    let fixture = "/index.html\n<p>\n\
                   /_redirects\n# moved\n\
                   |/home /\n\
                   |/old /index.html?from=old 302\n\
                   |/away/* https://example.com/new 308\n";
    check_routes(
        fixture,
        &usual(),
        expect![[r#"
        / = index.html (4 bytes)
        /away -> https://example.com/new 308
        /away/ -> https://example.com/new 308
        /away/* -> https://example.com/new 308
        /home -> /
        /home/ -> /
        /index.html = index.html (4 bytes)
        /old -> /index.html?from=old 302
        /old/ -> /index.html?from=old 302
    "#]],
    );
    check(
        fixture,
        &usual(),
        "/home",
        expect![[r#"
        [query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /

    "#]],
    );
    check(
        fixture,
        &usual(),
        "/old/",
        expect![[r#"
        HTTP/1.1 302 Found
        Content-Length: 0
        Location: /index.html?from=old

    "#]],
    );
    check(
        fixture,
        &usual(),
        "/away/a/b",
        expect![[r#"
        [query]
        HTTP/1.1 308 Permanent Redirect
        Content-Length: 0
        Location: https://example.com/new

    "#]],
    );
    check_needs_rules(fixture, false);
    check_warnings(fixture, expect![[""]]);
}

#[test]
fn files_win_unless_forced() {
    let fixture = "/about.html\n<p>about\n/docs/index.html\n<p>docs\n/new.html\n<p>new\n\
                   /_redirects\n\
                   |/about /new\n\
                   |/docs /new\n\
                   |/about.html /new 302!\n\
                   |/docs/* /new.html 200!\n";
    check_routes(
        fixture,
        &usual(),
        expect![[r#"
        /about = about.html (9 bytes)
        /about.html -> /new 302
        /about.html/ -> /new 302
        /about/ -> /about
        /docs = new.html (7 bytes)
        /docs/ = new.html (7 bytes)
        /docs/* = new.html (7 bytes)
        /new = new.html (7 bytes)
        /new.html = new.html (7 bytes)
        /new/ -> /new
    "#]],
    );
    check_warnings(
        fixture,
        expect![[r#"
        _redirects:1: this rule answers for no path: earlier ones do, or files, over which it wins with ! behind its status
        _redirects:2: this rule answers for no path: earlier ones do, or files, over which it wins with ! behind its status
    "#]],
    );
}

const REWRITES: &str = "/app/index.html\n<p>app\n/gone.html\n<p>gone\n\
                   /_redirects\n\
                   |/start /app/ 200\n\
                   |/lost /gone 410\n\
                   |/app/* /app/index.html 200\n\
                   |/* /gone.html 404\n";

#[test]
fn a_file_under_another_path() {
    check_routes(
        REWRITES,
        &usual(),
        expect![[r#"
        / = 404 gone.html (8 bytes)
        /* = 404 gone.html (8 bytes)
        /app -> /app/
        /app/ = app/index.html (7 bytes)
        /app/* = app/index.html (7 bytes)
        /app/index.html = app/index.html (7 bytes)
        /gone = gone.html (8 bytes)
        /gone.html = gone.html (8 bytes)
        /gone/ -> /gone
        /lost = 410 gone.html (8 bytes)
        /lost/ = 410 gone.html (8 bytes)
        /start = app/index.html (7 bytes)
        /start/ = app/index.html (7 bytes)
    "#]],
    );
    check(
        REWRITES,
        &usual(),
        "/start",
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
fn a_file_with_another_status() {
    check(
        REWRITES,
        &usual(),
        "/lost",
        expect![[r#"
        HTTP/1.1 410 Gone
        X-Content-Type-Options: nosniff
        Content-Type: text/html; charset=utf-8
        Content-Length: 8

        <p>gone
    "#]],
    );
}

#[test]
fn a_file_for_a_folder() {
    check(
        REWRITES,
        &usual(),
        "/app/users/1",
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
    check(
        REWRITES,
        &usual(),
        "/x",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/html; charset=utf-8
        Content-Length: 8

        <p>gone
    "#]],
    );
    check_needs_rules(REWRITES, false);
}

#[test]
fn a_missing_script_is_no_page() {
    let fixture = "/index.html\n<p>app\n/assets/a.js\na\n\
                   /_redirects\n\
                   |/assets/* /assets/:splat 200\n\
                   |/* /index.html 200\n";
    check(
        fixture,
        &usual(),
        "/assets/b.js",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
    check(
        fixture,
        &usual(),
        "/users",
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

const PATTERNS: &str = "/index.html\n<p>\n\
                   /_redirects\n\
                   |/p/:id /products?id=:id 307\n\
                   |/p/:id/b /products/:id\n\
                   |/blog/* https://blog.example/:splat\n";

#[test]
fn what_is_left_to_the_server() {
    check_routes(
        PATTERNS,
        &usual(),
        expect![[r#"
        / = index.html (4 bytes)
        /blog -> https://blog.example/
        /blog/ -> https://blog.example/
        /blog/* -> https://blog.example/*
        /index.html = index.html (4 bytes)
        /p/:2 -> /products?id=:2 307
        /p/:2/ -> /products?id=:2 307
        /p/:2/b -> /products/:2
        /p/:2/b/ -> /products/:2
    "#]],
    );
}

#[test]
fn patterns_below_a_folder() {
    check(
        PATTERNS,
        &usual(),
        "/p/1",
        expect![[r#"
        [rule]
        HTTP/1.1 307 Temporary Redirect
        Content-Length: 0
        Location: /products?id=<segment 1>

        /p/\x01
        [rule]
        HTTP/1.1 307 Temporary Redirect
        Content-Length: 0
        Location: /products?id=<segment 1>

        /p/\x01/
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /products/<segment 1>

        /p/\x01/b
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /products/<segment 1>

        /p/\x01/b/
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
    check(
        PATTERNS,
        &usual(),
        "/blog/2026/x",
        expect![[r#"
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: https://blog.example/<rest 1>

        /blog/\x02
    "#]],
    );
}

#[test]
fn patterns_below_a_path() {
    check(
        PATTERNS,
        &below("/my app/v1"),
        "/my app/v1/p/1",
        expect![[r#"
        [rule]
        HTTP/1.1 307 Temporary Redirect
        Content-Length: 0
        Location: /my%20app/v1/products?id=<segment 3>

        /my app/v1/p/\x01
        [rule]
        HTTP/1.1 307 Temporary Redirect
        Content-Length: 0
        Location: /my%20app/v1/products?id=<segment 3>

        /my app/v1/p/\x01/
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /my%20app/v1/products/<segment 3>

        /my app/v1/p/\x01/b
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /my%20app/v1/products/<segment 3>

        /my app/v1/p/\x01/b/
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
    check_needs_rules(PATTERNS, true);
}

#[test]
fn below_a_path() {
    let fixture = "/index.html\n<p>\n/404.html\n<p>gone\n\
                   /_redirects\n\
                   |/home /\n\
                   |/start /index.html 200\n\
                   |/away https://example.com/\n\
                   |/old/* /new/\n";
    check_routes(
        fixture,
        &below("/my app"),
        expect![[r#"
        /my app -> /my%20app/
        /my app/ = index.html (4 bytes)
        /my app/404.html = 404.html (8 bytes)
        /my app/away -> https://example.com/
        /my app/away/ -> https://example.com/
        /my app/home -> /my%20app/
        /my app/home/ -> /my%20app/
        /my app/index.html = index.html (4 bytes)
        /my app/old -> /my%20app/new/
        /my app/old/ -> /my%20app/new/
        /my app/old/* -> /my%20app/new/
        /my app/start = index.html (4 bytes)
        /my app/start/ = index.html (4 bytes)
    "#]],
    );
    check(
        fixture,
        &below("/my app"),
        "/my app/home",
        expect![[r#"
        [query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /my%20app/

    "#]],
    );
    check(
        fixture,
        &below("/my app"),
        "/my app/old/x",
        expect![[r#"
        [query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /my%20app/new/

    "#]],
    );
    check(
        fixture,
        &below("/my app"),
        "/home",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/html; charset=utf-8
        Content-Length: 8

        <p>gone
    "#]],
    );
}

const PAGES: &str = "/docs/guide/404.html\n<p>no such guide\n/docs/a.html\n<p>a\n/x/404.html\n<p>x\n\
                   /_redirects\n\
                   |/docs/:a/old /docs/a\n";

#[test]
fn rules_come_before_pages_for_404() {
    check(
        PAGES,
        &usual(),
        "/docs/guide/x",
        expect![[r#"
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /docs/a

        /docs/\x01/old
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /docs/a

        /docs/\x01/old/
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/html; charset=utf-8
        Content-Length: 17

        <p>no such guide
    "#]],
    );
    check(
        PAGES,
        &usual(),
        "/docs/x",
        expect![[r#"
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /docs/a

        /docs/\x01/old
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /docs/a

        /docs/\x01/old/
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
    "#]],
    );
}

#[test]
fn pages_for_404_without_rules() {
    check(
        PAGES,
        &usual(),
        "/x/x",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/html; charset=utf-8
        Content-Length: 5

        <p>x
    "#]],
    );
}

#[test]
fn pages_for_404_that_nobody_sees() {
    let all = "/docs/guide/404.html\n<p>no such guide\n/new.html\n\
               /_redirects\n|/docs/* /new\n";
    check(
        all,
        &usual(),
        "/docs/guide/x",
        expect![[r#"
        [query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /new

    "#]],
    );
}

#[test]
fn rules_of_an_application() {
    let fixture = "/index.html\n<p>app\n/_redirects\n|/old/:id /users/:id\n";
    check(
        fixture,
        &spa(),
        "/old/1",
        expect![[r#"
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /users/<segment 1>

        /old/\x01
        [rule, query]
        HTTP/1.1 301 Moved Permanently
        Content-Length: 0
        Location: /users/<segment 1>

        /old/\x01/
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
}

#[test]
fn paths_that_are_not_utf8() {
    check_routes(
        "/index.html\n<p>\n/_redirects\n|/caf%e9 /\n|/caf%C3%A9/:n /?n=:n\n",
        &usual(),
        expect![[r#"
            / = index.html (4 bytes)
            /café/:2 -> /?n=:2
            /café/:2/ -> /?n=:2
            /caf� -> /
            /caf�/ -> /
            /index.html = index.html (4 bytes)
        "#]],
    );
}

#[test]
fn rules_without_effect() {
    check_warnings(
        "/index.html\n<p>\n/_redirects\n|/a /\n|/a/ /b\n|/index.html /c\n|/* /d\n|/e /f\n/d\n",
        expect![[r#"
            _redirects:2: this rule answers for no path: earlier ones do, or files, over which it wins with ! behind its status
            _redirects:3: this rule answers for no path: earlier ones do, or files, over which it wins with ! behind its status
            _redirects:5: this rule answers for no path: earlier ones do, or files, over which it wins with ! behind its status
        "#]],
    );
}

#[test]
fn a_folder_of_that_name_is_content() {
    check_routes(
        "/_redirects/a.txt\na\n/_headers/b.txt\nb\n",
        &usual(),
        expect![[r#"
        /_headers/b.txt = _headers/b.txt (2 bytes)
        /_redirects/a.txt = _redirects/a.txt (2 bytes)
    "#]],
    );
}

#[test]
fn faults() {
    check_fault(
        "/a\n/_redirects\n|/a /b\n\n|/c  d\n",
        expect![[r#"
        _redirects:3:5: the target d is neither a path nor a URL
        help: write it as /path or https://host/path
    "#]],
    );
    check_fault(
        "/a\n/_redirects\n|/x /y 200\n",
        expect![[r#"
        _redirects:1:4: there is no /y in the site
        help: write the path of a file that there is
    "#]],
    );
    check_fault(
        "/a\n/_redirects\n|/x /a 200 Country=de\n",
        expect![[r#"
        _redirects:1:11: conditions on country, language, role or cookie are not supported
        help: remove the line, or the condition where the rule is for everybody
    "#]],
    );
    check_fault(
        "/a\n/_redirects\n|/* /new\n",
        expect![[r#"
        _redirects:1:4: /new leads to itself where the site has no such path
        help: add the file, or write a target that the rule does not stand for
    "#]],
    );
    check_fault(
        "/a\n/_headers\n  X-A: 1\n",
        expect![[r#"
        _headers:1:3: a field before any path
        help: write the path above it, such as /*
    "#]],
    );
}

#[test]
fn too_many_segments_below_a_path() {
    let folder = tree("/a\n/_redirects\n|/b /a\n|/b/:c/* /d/:splat\n");
    let result = |parts| compile_with(folder.path(), &below(&"/x".repeat(parts)));
    assert!(result(28).is_ok());
    expect!["_redirects:2:1: a path of 32 segments, and 31 is the limit"]
        .assert_eq(&result(29).unwrap_err().to_string());
}

#[test]
fn a_site_without_files() {
    check_routes(
        "/_redirects\n|/* https://example.com/\n",
        &usual(),
        expect![[r#"
        / -> https://example.com/
        /* -> https://example.com/
    "#]],
    );
}
