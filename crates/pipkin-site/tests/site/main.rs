//! What a folder becomes, seen through the reader that the server uses.
#![expect(clippy::needless_pass_by_value, reason = "as `expect!` is meant to be used")]

mod change;
mod convention;
mod encode;
mod extended;
mod headers;
mod policy;
mod redirects;
mod refuse;
mod show;
mod tree;

use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use expect_test::{Expect, expect};
use pipkin_format::{Content, Standing};
use pipkin_site::{Encoding, Error, Route, Settings, Site, Source};
use show::show;
use tree::{entries, make, tree};

fn compile(folder: &Path) -> Result<Site, Error> {
    compile_with(folder, &Settings { port: 8080, ..Settings::default() })
}

fn compile_with(folder: &Path, settings: &Settings) -> Result<Site, Error> {
    pipkin_site::compile(folder, settings, &|_| ControlFlow::Continue(()))
}

fn blob(site: &Site) -> Vec<u8> {
    let mut blob = Vec::new();
    site.content().read_to_end(&mut blob).unwrap();
    assert_eq!(blob.len() as u64, site.content_bytes());
    blob
}

/// What answers a path.
fn line(Route { path, source }: Route<'_>) -> String {
    match source {
        Source::File { status, name, bytes, encodings } => {
            let status = if status == 200 { String::new() } else { format!(" {status}") };
            let encoded = encodings.iter().map(|Encoding { coding, .. }| format!(", {coding}"));
            format!("{path} ={status} {name} ({bytes} bytes{})\n", encoded.collect::<String>())
        }
        Source::Environment => format!("{path} = from variables\n"),
        Source::Fallback { name, bytes } => format!("{path} = {name} ({bytes} bytes)\n"),
        Source::Redirect { status: 301, location } => format!("{path} -> {location}\n"),
        Source::Redirect { status, location } => format!("{path} -> {location} {status}\n"),
    }
}

/// What answers each path.
#[track_caller]
fn check_routes(fixture: &str, expected: Expect) {
    let folder = tree(fixture);
    let site = compile(folder.path()).unwrap();
    expected.assert_eq(&site.routes().map(line).collect::<String>());
}

/// The whole answer to a path, or that of [`Standing::NotFound`].
#[track_caller]
fn check_answer(fixture: &str, path: &str, expected: Expect) {
    let folder = tree(fixture);
    let blob = blob(&compile(folder.path()).unwrap());
    let content = Content::new(&blob);
    let stored = content.find(path.as_bytes());
    expected.assert_eq(&show(content, stored.unwrap_or(content.standing(Standing::NotFound))));
}

#[test]
fn a_page() {
    check_answer(
        "/index.html\n<p>hi\n",
        "/",
        expect![[r#"
            HTTP/1.1 200 OK
            ETag: "sDp2gEmippiNK-D2"
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 6

            <p>hi
        "#]],
    );
}

#[test]
fn an_empty_file() {
    check_answer(
        "/empty.txt",
        "/empty.txt",
        expect![[r#"
            HTTP/1.1 200 OK
            ETag: "47DEQpj8HBSa-_TI"
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/plain; charset=utf-8
            Content-Length:
            -- of 206 0

        "#]],
    );
}

#[test]
fn index_files_answer_for_their_folder() {
    check_routes(
        "/index.html\n<p>hi\n\
         /docs/index.html\n<p>docs\n\
         /docs/guide/a.html\n<p>a\n",
        expect![[r#"
            / = index.html (6 bytes)
            /docs -> /docs/
            /docs/ = docs/index.html (8 bytes)
            /docs/guide/a = docs/guide/a.html (5 bytes)
            /docs/guide/a.html = docs/guide/a.html (5 bytes)
            /docs/guide/a/ -> /docs/guide/a
            /docs/index.html = docs/index.html (8 bytes)
            /index.html = index.html (6 bytes)
        "#]],
    );
}

#[test]
fn a_folder_without_index_has_no_path() {
    check_answer(
        "/docs/a.txt\na\n",
        "/docs/",
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
fn the_page_for_404_keeps_its_status() {
    let fixture = "/404.html\n<p>gone\n/docs/404.html\n<p>a page like any\n";
    check_answer(
        fixture,
        "/nothing",
        expect![[r#"
            HTTP/1.1 404 Not Found
            X-Content-Type-Options: nosniff
            Content-Type: text/html; charset=utf-8
            Content-Length: 8

            <p>gone
        "#]],
    );
    check_answer(
        fixture,
        "/404.html",
        expect![[r#"
            HTTP/1.1 200 OK
            ETag: "M_kiOZazd85NJT2W"
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 8

            <p>gone
        "#]],
    );
}

#[test]
fn standing_answers() {
    let folder = tree("/a.txt\na\n");
    let blob = blob(&compile(folder.path()).unwrap());
    let content = Content::new(&blob);
    let answers = Standing::ALL.map(|standing| show(content, content.standing(standing)));
    expect![[r#"
        HTTP/1.1 404 Not Found
        X-Content-Type-Options: nosniff
        Content-Type: text/plain; charset=utf-8
        Content-Length: 14

        404 not found
        HTTP/1.1 400 Bad Request
        Content-Length: 0

        HTTP/1.1 431 Request Header Fields Too Large
        Content-Length: 0

        HTTP/1.1 414 URI Too Long
        Content-Length: 0

        HTTP/1.1 200 OK
        Allow: GET, HEAD, OPTIONS
        Content-Length: 0

        HTTP/1.1 405 Method Not Allowed
        Allow: GET, HEAD, OPTIONS
        Content-Length: 0

        HTTP/1.1 501 Not Implemented
        Content-Length: 0

        HTTP/1.1 406 Not Acceptable
        Content-Length: 0

        HTTP/1.1 412 Precondition Failed
        Content-Length: 0

        HTTP/1.1 304 Not Modified

        HTTP/1.1 206 Partial Content
        Content-Range: bytes

        HTTP/1.1 416 Range Not Satisfiable
        X-Content-Type-Options: nosniff
        Content-Length: 0
        Content-Range: bytes *

    "#]]
    .assert_eq(&answers.concat());
}

#[test]
fn the_port_is_written() {
    let folder = tree("/a.txt\na\n");
    assert_eq!(Content::new(&blob(&compile(folder.path()).unwrap())).port(), 8080);
}

#[test]
fn names_that_start_with_a_dot_are_left_out() {
    check_routes(
        "/.env\nSECRET\n\
         /.git/config\nx\n\
         /.well-known/security.txt\nmail\n\
         /.well-known/.draft\nx\n\
         /docs/.well-known/a.txt\nx\n\
         /docs/a.txt\na\n",
        expect![[r#"
            /.well-known/security.txt = .well-known/security.txt (5 bytes)
            /docs/a.txt = docs/a.txt (2 bytes)
        "#]],
    );
}

#[test]
fn names_are_any_utf8() {
    check_routes(
        "/a b.txt\n/100%.txt\n/é.txt\n/a?b#c&d.txt\n/a\\b.txt\n",
        expect![[r#"
        /100%.txt = 100%.txt (0 bytes)
        /a b.txt = a b.txt (0 bytes)
        /a?b#c&d.txt = a?b#c&d.txt (0 bytes)
        /a\b.txt = a\b.txt (0 bytes)
        /é.txt = é.txt (0 bytes)
    "#]],
    );
}

#[test]
fn many_names_for_one_folder_are_no_circle() {
    check_routes(
        "/real/a.txt\n/b -> real\n/c/d -> ../b\n",
        expect![[r#"
        /b/a.txt = b/a.txt (0 bytes)
        /c/d/a.txt = c/d/a.txt (0 bytes)
        /real/a.txt = real/a.txt (0 bytes)
    "#]],
    );
}

#[test]
fn links_inside_the_folder_are_followed() {
    check_routes(
        "/real/a.txt\none\n\
         /b.html -> real/a.txt\n\
         /two -> b.html\n\
         /copy -> real\n\
         /shown.txt -> .hidden\n\
         /.hidden\nhidden\n",
        expect![[r#"
            /b = b.html (4 bytes)
            /b.html = b.html (4 bytes)
            /b/ -> /b
            /copy/a.txt = copy/a.txt (4 bytes)
            /real/a.txt = real/a.txt (4 bytes)
            /shown.txt = shown.txt (7 bytes)
            /two = two (4 bytes)
        "#]],
    );
}

#[test]
fn a_link_gives_its_own_media_type() {
    check_answer(
        "/a.txt\none\n/b.html -> a.txt\n",
        "/b.html",
        expect![[r#"
            HTTP/1.1 200 OK
            ETag: "LIsI2lzmA5jh8Zrw"
            Cache-Control: no-cache
            X-Content-Type-Options: nosniff
            -- of 304
            Content-Type: text/html; charset=utf-8
            Content-Length:
            -- of 206 4

            one
        "#]],
    );
}

#[test]
fn the_folder_itself_may_be_a_link() {
    let folder = tree("/real/a.txt\none\n/site -> real\n");
    let site = compile(&folder.path().join("site")).unwrap();
    assert_eq!(site.routes().next().unwrap().path, "/a.txt");
}

#[test]
fn equal_files_share_one_body() {
    let page = "x".repeat(1000);
    let folder = tree(&format!("/a.txt\n{page}\n/b.txt\n{page}\n/c/index.html\n{page}\n"));
    let site = compile(folder.path()).unwrap();
    let not_found_bytes = "404 not found\n".len() as u64;
    assert_eq!((site.files(), site.routes().count()), (3, 5));
    assert_eq!(site.body_bytes(), 1001 + not_found_bytes);
}

#[test]
fn the_order_of_creation_does_not_matter() {
    let fixture = "/b.txt\nb\n/a/b.txt\nab\n/a.txt\na\n/a/index.html\n<p>\n/c -> a\n/z.js\nz\n";
    let (forth, back) = (tree(fixture), tempfile::tempdir().unwrap());
    entries(fixture).rev().for_each(|entry| make(back.path(), entry));
    let (forth, back) = (compile(forth.path()).unwrap(), compile(back.path()).unwrap());
    assert_eq!(blob(&forth), blob(&back));
}

#[test]
fn bodies_larger_than_a_buffer() {
    let folder = tempfile::tempdir().unwrap();
    let content = |number: usize| number.to_string().repeat(number * 3000).into_bytes();
    for number in 0..50 {
        std::fs::write(folder.path().join(format!("{number:02}.bin")), content(number)).unwrap();
    }
    let blob = blob(&compile(folder.path()).unwrap());
    for number in 0..50 {
        let found = Content::new(&blob);
        let stored = found.find(format!("/{number:02}.bin").as_bytes()).unwrap();
        assert_eq!(found.bytes(found.body(stored)), content(number));
    }
}
