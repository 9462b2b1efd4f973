//! A site behind the handler answers where the handler lets it.

use super::*;

/// A site with one page.
pub(super) fn blob() -> Vec<u8> {
    const PAGE: &[u8] = b"<p>page";
    let page =
        Answer { head: b"HTTP/1.1 200 OK\r\nContent-Length: 7", body: 1, ..Answer::default() };
    let standing = STANDING.map(|head| vec![Answer { head: head.as_bytes(), ..Answer::default() }]);
    let mut blob = write(&Index {
        port: 8080,
        routes: &[Route { path: b"/page".into(), answers: vec![page] }],
        standing,
        bodies: &[0, PAGE.len() as u64],
    })
    .unwrap();
    blob.extend(PAGE);
    blob
}

/// The answers without a route, in the order of their table.
const STANDING: [&str; Standing::COUNT] = [
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0",
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0",
    "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0",
    "HTTP/1.1 414 URI Too Long\r\nContent-Length: 0",
    "HTTP/1.1 200 OK\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0",
    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0",
    "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0",
    "HTTP/1.1 406 Not Acceptable\r\nContent-Length: 0",
    "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0",
    "HTTP/1.1 304 Not Modified",
    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes",
    "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nContent-Range: bytes *",
];

#[test]
fn a_site_answers_for_the_handler() {
    let page = "HTTP/1.1 200 OK\r\nContent-Length: 7;<p>page";
    let head = |line: &str| format!("{line} HTTP/1.1\r\n{HOST}\r\n");
    check(head("GET /page").repeat(3), &page.repeat(3), After::KeepAlive);
    check(head("HEAD /page"), page.strip_suffix("<p>page").unwrap(), After::KeepAlive);
    check(head("GET /site"), "HTTP/1.1 404 Not Found\r\nContent-Length: 0;", After::KeepAlive);
    let mixed = format!("{}{}{}", head("GET /page"), head("GET /a"), head("GET /page"));
    check(mixed, &format!("{page}{}{page}", said("Get /a  [] ")), After::KeepAlive);
    let allow = "Allow: GET, HEAD, OPTIONS\r\nContent-Length: 0;";
    let posted = "POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi".repeat(2);
    let expected = format!("HTTP/1.1 405 Method Not Allowed\r\n{allow}").repeat(2);
    check(posted, &expected, After::KeepAlive);
    check(head("OPTIONS /page"), &format!("HTTP/1.1 200 OK\r\n{allow}"), After::KeepAlive);
}

/// The path of the request has no part in it.
#[test]
fn a_handler_names_a_file_of_the_site() {
    for (file, expected) in [
        ("/page", "HTTP/1.1 200 OK\r\nContent-Length: 7;<p>page"),
        ("/none", "HTTP/1.1 404 Not Found\r\nContent-Length: 0;"),
        ("", "HTTP/1.1 404 Not Found\r\nContent-Length: 0;"),
        (longest(0), "HTTP/1.1 404 Not Found\r\nContent-Length: 0;"),
        (longest(1), "HTTP/1.1 404 Not Found\r\nContent-Length: 0;"),
        (longest(9), "HTTP/1.1 404 Not Found\r\nContent-Length: 0;"),
    ] {
        for target in ["/page", "/other"] {
            let found = with_desk(|desk, number| {
                FILE.set(file);
                desk.set_handler(|desk| desk.site_file(FILE.get().as_bytes()));
                let mut wire = Wire::new(number);
                wire.receive(desk, format!("GET {target} HTTP/1.1\r\n{HOST}\r\n").as_bytes());
                desk.set_handler(respond);
                String::from_utf8(wire.close(desk).0).unwrap()
            });
            assert_eq!(found, in_full(expected), "{file} for {target}");
        }
    }
}

/// A path that is so many bytes longer than one can be.
fn longest(more: usize) -> &'static str {
    format!("/page{}", "x".repeat(pipkin_format::PATH_BYTES_MAX - 5 + more)).leak()
}

thread_local! {
    static FILE: Cell<&'static str> = const { Cell::new("") };
}
