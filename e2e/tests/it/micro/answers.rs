//! What is answered to what, to the byte.

use std::process::Command;

use e2e::write;

use super::{Exe, METHOD, MISSING, OK, PAGE, alone, check, check_answer, check_page, head, start};

#[test]
fn the_document() {
    check(|address| {
        for target in ["/", "/?", "/?a=b&c", "/?/"] {
            for version in ["1.0", "1.1"] {
                let request =
                    |method| format!("{method} {target} HTTP/{version}\r\nHost: a\r\n\r\n");
                check_answer(address, request("GET").as_bytes(), OK);
                check_answer(address, request("HEAD").as_bytes(), head());
            }
        }
    });
}

#[test]
fn other_paths() {
    let targets = ["/page.html", "/index.html", "//", "/a?b", "/%2f", "/#", "*", "a", "http://a/"];
    check(|address| {
        for target in targets {
            for method in ["GET", "HEAD"] {
                let request = format!("{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n");
                check_answer(address, request.as_bytes(), MISSING);
            }
        }
    });
}

#[test]
fn other_methods() {
    let methods = ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "GETS", "X"];
    check(|address| {
        for method in methods {
            let request = format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
            check_answer(address, request.as_bytes(), METHOD);
        }
        for nonsense in ["\r\n\r\n", "\0\0\0\0\0\0\0\0\r\n\r\n", "\x16\x03\x01\r\n\r\n"] {
            check_answer(address, nonsense.as_bytes(), METHOD);
        }
    });
}

/// Each on its own: a request behind another is not answered.
#[test]
fn one_request_for_each_connection() {
    let two = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    check(|address| check_answer(address, two.as_bytes(), OK));
}

/// The head says `media_type` for `document`, which follows it whole.
#[track_caller]
fn check_type(name: &str, document: &[u8], media_type: &str) {
    let Some(exe) = Exe::of(name, document) else { return };
    let (server, length) = (exe.serve(), document.len());
    let head =
        format!("HTTP/1.0 200 \r\nContent-Type:{media_type}\r\nContent-Length:{length}\r\n\r\n");
    let expected = [head.as_bytes(), document].concat();
    check_answer(server.address, b"GET / HTTP/1.1\r\n\r\n", &expected);
    check_answer(server.address, b"HEAD / HTTP/1.1\r\n\r\n", head.as_bytes());
}

/// What is ASCII is the same in every encoding that a browser guesses.
#[test]
fn types_by_names() {
    check_type("a.html", b"hi", "text/html");
    check_type("a.html", "gr\u{fc}\u{df}e".as_bytes(), "text/html; charset=utf-8");
    check_type("a.txt", b"", "text/plain");
    check_type("a.json", b"{}", "application/json");
    check_type("a.svg", b"<svg/>", "image/svg+xml");
    check_type("a.png", b"\x89PNG\r\n\x1a\n\0", "image/png");
    check_type("page", b"\0", "application/octet-stream");
}

#[test]
fn as_long_as_it_may_be() {
    check_type("a.bin", &[b'x'; 16_384], "application/octet-stream");
}

#[test]
fn the_only_file_of_a_folder() {
    let Some(pipkin) = alone(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "public/index.html", PAGE);
    let args = ["--server", "micro", "--platform", "linux/amd64", "-o", "type=exe,dest=exe"];
    let report = pipkin.build(folder.path(), &folder.path().join("public"), &args);
    let sizes = &report["platforms"][0];
    assert_eq!(sizes["files_bytes"], 512, "{sizes}");
    assert_eq!(sizes["server_bytes"], 387, "{sizes}");
    check_page(start(&mut Command::new(folder.path().join("exe"))).address);
}
