//! The policies of pages.

use std::fs::File;

use expect_test::{Expect, expect};
use pipkin_site::{Coding, Settings};

use crate::compile_with;
use crate::convention::check as check_answer;
use crate::tree::tree;

fn with_policies() -> Settings {
    Settings { csp: true, ..Settings::default() }
}

#[track_caller]
fn check(fixture: &str, path: &str, expected: Expect) {
    check_answer(fixture, &with_policies(), path, expected);
}

const PAGES: &str = "/index.html\n<script>go()</script>\n/404.html\n<style>p{}</style>\n\
                     /a.svg\n<svg/>\n/own.html\n<script>own()</script>\n/none.html\n<p onclick=x>\n\
                     /_headers\n|/own*\n  content-security-policy: default-src 'none'\n\
                     |/none*\n  ! Content-Security-Policy\n";

#[test]
fn of_pages_alone() {
    check(
        PAGES,
        "/",
        expect![[r#"
        HTTP/1.1 200 OK
        ETag: "7CdIbEhWyzkKwK1Y"
        Cache-Control: no-cache
        X-Content-Type-Options: nosniff
        Content-Security-Policy: default-src 'self'; script-src 'self' 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Length:
        -- of 206 22

        <script>go()</script>
    "#]],
    );
    check(
        PAGES,
        "/x",
        expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Security-Policy: default-src 'self'; script-src 'self'; style-src 'self' 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'
        Content-Type: text/html; charset=utf-8
        Content-Length: 19

        <style>p{}</style>
    "#]],
    );
    check(
        PAGES,
        "/a.svg",
        expect![[r#"
        HTTP/1.1 200 OK
        ETag: "zR-v48x_BvVerT8N"
        X-Content-Type-Options: nosniff
        -- of 304
        Content-Type: image/svg+xml
        Content-Length:
        -- of 206 7

        <svg/>
    "#]],
    );
}

#[test]
fn a_rule_decides() {
    check(
        PAGES,
        "/own",
        expect![[r#"
        HTTP/1.1 200 OK
        ETag: "AJTT718JZCS5x6zU"
        Cache-Control: no-cache
        X-Content-Type-Options: nosniff
        content-security-policy: default-src 'none'
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Length:
        -- of 206 23

        <script>own()</script>
    "#]],
    );
    check(
        PAGES,
        "/none",
        expect![[r#"
        HTTP/1.1 200 OK
        ETag: "m3IXAXABlq4sQ3Sf"
        Cache-Control: no-cache
        X-Content-Type-Options: nosniff
        -- of 304
        Content-Type: text/html; charset=utf-8
        Content-Length:
        -- of 206 14

        <p onclick=x>
    "#]],
    );
}

#[test]
fn what_is_blocked() {
    let fixture = "/b.html\n<p onclick=x style=y><p onclick=z>\n/a.html\n<a href=javascript:x>\n";
    let site = compile_with(tree(fixture).path(), &with_policies()).unwrap();
    let lines = site.warnings().iter().map(|warning| format!("{warning}\n"));
    expect![[r#"
        a.html: its policy blocks <a href>, a script in an address: call addEventListener in a script
        b.html: its policy blocks <p onclick>, an event handler: call addEventListener in a script
        b.html: its policy blocks <p style>, a style of one element: write a rule in a style sheet
    "#]].assert_eq(&lines.collect::<String>());
    assert!(compile_with(tree(PAGES).path(), &with_policies()).unwrap().warnings().is_empty());
}

#[test]
fn too_large() {
    let text = |folder: &tempfile::TempDir| {
        // A head too long is first met in another coding.
        let settings = Settings { compress: vec![Coding::Gzip], ..with_policies() };
        let error = compile_with(folder.path(), &settings).unwrap_err();
        format!("{error}\nhelp: {}\n", error.help().unwrap())
    };
    let folder = tree("/a.html\n<p>\n");
    File::create(folder.path().join("b.html")).unwrap().set_len((16 << 20) + 1).unwrap();
    expect![[r#"
        cannot make a policy for b.html: it has 16777217 bytes, and 16777216 is the limit
        help: write a policy for it in _headers, or leave --csp out
    "#]]
    .assert_eq(&text(&folder));
    let scripts: String = (0..80).map(|n| format!("<script>{n}</script>")).collect();
    let folder = tree(&format!("/a.html\n<p>\n/b.html\n{scripts}\n"));
    expect![[r#"
        the policy of b.html says too much for /b: a head of 4711 bytes, and 4096 is the limit
        help: move scripts and styles inside of it to files, or write a policy in _headers
    "#]]
    .assert_eq(&text(&folder));
}
