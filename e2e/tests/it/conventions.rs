//! What the names of files and a few flags make of a site: shorter paths, codings, an application
//! that does the routing, a path before every path.

use std::io::Write as _;
use std::process::{Command, Stdio};

use e2e::{Client, ready};
use expect_test::expect;

use crate::rules::{check, serve};

const PAGES: &[(&str, &str)] = &[
    ("index.html", "<p>home\n"),
    ("about.html", "<p>about\n"),
    ("docs/index.html", "<p>docs\n"),
    ("docs/404.html", "<p>no such chapter\n"),
];

#[test]
fn shorter_paths() {
    let Some(server) = serve(PAGES, &[]) else { return };
    check(
        &server,
        &["/about", "/about/?a=b", "/docs?a", "/docs/", "/about.html"],
        expect![[r#"
        > /about
        200
        cache-control: no-cache
        content-type: text/html; charset=utf-8
        <p>about

        > /about/?a=b
        301
        location: /about?a=b

        > /docs?a
        301
        location: /docs/?a

        > /docs/
        200
        cache-control: no-cache
        content-type: text/html; charset=utf-8
        <p>docs

        > /about.html
        200
        cache-control: no-cache
        content-type: text/html; charset=utf-8
        <p>about

    "#]],
    );
}

#[test]
fn a_page_for_404_is_its_folders() {
    let Some(server) = serve(PAGES, &[]) else { return };
    check(
        &server,
        &["/docs/x/y", "/x", "/docsx"],
        expect![[r#"
        > /docs/x/y
        404
        content-type: text/html; charset=utf-8
        <p>no such chapter

        > /x
        404
        content-type: text/plain; charset=utf-8
        404 not found

        > /docsx
        404
        content-type: text/plain; charset=utf-8
        404 not found

    "#]],
    );
}

#[test]
fn an_application() {
    let Some(server) = serve(PAGES, &["--spa"]) else { return };
    let requests = [
        "/users/1 Accept: text/html,*/*;q=0.8",
        "/users/1 Accept: application/json",
        "/users/a.js Accept: text/html",
        "/docs/x Accept: text/html",
    ];
    check(
        &server,
        &requests,
        expect![[r#"
        > /users/1 Accept: text/html,*/*;q=0.8
        200
        vary: Accept
        cache-control: no-cache
        content-type: text/html; charset=utf-8
        <p>home

        > /users/1 Accept: application/json
        404
        vary: Accept
        content-type: text/plain; charset=utf-8
        404 not found

        > /users/a.js Accept: text/html
        404
        vary: Accept
        content-type: text/plain; charset=utf-8
        404 not found

        > /docs/x Accept: text/html
        404
        content-type: text/html; charset=utf-8
        <p>no such chapter

    "#]],
    );
}

#[test]
fn below_a_path() {
    let Some(server) = serve(PAGES, &["--base-path", "/my app"]) else { return };
    let requests = ["/my%20app?a=b", "/my%20app/", "/my%20app/docs", "/my%20app/docs/x", "/about"];
    check(
        &server,
        &requests,
        expect![[r#"
        > /my%20app?a=b
        301
        location: /my%20app/?a=b

        > /my%20app/
        200
        cache-control: no-cache
        content-type: text/html; charset=utf-8
        <p>home

        > /my%20app/docs
        301
        location: /my%20app/docs/

        > /my%20app/docs/x
        404
        content-type: text/html; charset=utf-8
        <p>no such chapter

        > /about
        404
        content-type: text/plain; charset=utf-8
        404 not found

    "#]],
    );
}

#[test]
fn an_application_below_a_path() {
    let Some(server) = serve(PAGES, &["--base-path", "/app", "--spa"]) else { return };
    check(
        &server,
        &["/app/users Accept: text/html", "/users Accept: text/html"],
        expect![[r#"
        > /app/users Accept: text/html
        200
        vary: Accept
        cache-control: no-cache
        content-type: text/html; charset=utf-8
        <p>home

        > /users Accept: text/html
        404
        content-type: text/plain; charset=utf-8
        404 not found

    "#]],
    );
}

/// A text that becomes shorter.
fn long() -> String {
    "All happy families are alike. ".repeat(100)
}

/// The codings of `/a.txt` by what a client takes.
const WISHES: &[&str] = &[
    "/a.txt",
    "/a.txt Accept-Encoding: gzip",
    "/a.txt Accept-Encoding: gzip, br",
    "/a.txt Accept-Encoding: br;q=0.5, gzip",
    "/a.txt Accept-Encoding: br;q=0, *;q=0.1",
    "/a.txt Accept-Encoding: zstd",
    "/a.txt Accept-Encoding: identity;q=0",
];

/// The body of `/a.txt` in a coding.
fn body(files: &[(&str, Vec<u8>)], flags: &[&str], coding: &str) -> Option<Vec<u8>> {
    let server = serve(files, flags)?;
    let field = format!("Accept-Encoding: {coding}\r\n");
    let response = Client::connect(server.address).get_with("/a.txt", &field);
    assert_eq!(response.field("content-encoding"), Some(coding));
    Some(response.body)
}

#[test]
fn codings_that_are_made() {
    let files = [("a.txt", long())];
    let Some(server) = serve(&files, &["--compress", "gzip,br"]) else { return };
    check(
        &server,
        WISHES,
        expect![[r#"
        > /a.txt
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        (bytes)

        > /a.txt Accept-Encoding: gzip
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        content-encoding: gzip
        (bytes)

        > /a.txt Accept-Encoding: gzip, br
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        content-encoding: br
        (bytes)

        > /a.txt Accept-Encoding: br;q=0.5, gzip
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        content-encoding: gzip
        (bytes)

        > /a.txt Accept-Encoding: br;q=0, *;q=0.1
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        content-encoding: gzip
        (bytes)

        > /a.txt Accept-Encoding: zstd
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        (bytes)

        > /a.txt Accept-Encoding: identity;q=0
        406
        vary: Accept-Encoding

    "#]],
    );
}

#[test]
fn codings_that_lie_beside() {
    let plain = long().into_bytes();
    let of = |coding| body(&[("a.txt", plain.clone())], &["--compress", coding], coding);
    let (Some(gzip), Some(brotli)) = (of("gzip"), of("br")) else { return };
    let other = b"something else".to_vec();
    let files = [
        ("a.txt", plain.clone()),
        ("a.txt.gz", gzip.clone()),
        ("a.txt.br", brotli),
        ("a.txt.zst", other),
    ];
    let Some(server) = serve(&files, &[]) else { return };
    check(
        &server,
        WISHES,
        expect![[r#"
        > /a.txt
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        (bytes)

        > /a.txt Accept-Encoding: gzip
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        content-encoding: gzip
        (bytes)

        > /a.txt Accept-Encoding: gzip, br
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        content-encoding: br
        (bytes)

        > /a.txt Accept-Encoding: br;q=0.5, gzip
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        content-encoding: gzip
        (bytes)

        > /a.txt Accept-Encoding: br;q=0, *;q=0.1
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        content-encoding: gzip
        (bytes)

        > /a.txt Accept-Encoding: zstd
        200
        vary: Accept-Encoding
        content-type: text/plain; charset=utf-8
        (bytes)

        > /a.txt Accept-Encoding: identity;q=0
        406
        vary: Accept-Encoding

    "#]],
    );
    let mut client = Client::connect(server.address);
    assert_eq!(client.get("/a.txt.gz").body, gzip);
    assert_eq!(client.get("/a.txt.zst").body, b"something else");
}

#[test]
fn gzip_decodes_what_is_made() {
    if ready(&["gzip"]).is_none() {
        return;
    }
    let plain = long().into_bytes();
    let Some(made) = body(&[("a.txt", plain.clone())], &["--compress", "gzip"], "gzip") else {
        return;
    };
    let mut gzip = Command::new("gzip");
    gzip.arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = gzip.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&made).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success() && done.stdout == plain);
}
