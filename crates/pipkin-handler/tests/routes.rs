//! Handlers and routes, asked as a peer asks them.
// A response is as large as an error as it is otherwise.
#![allow(clippy::result_large_err)]

use pipkin_format::{Answer, Content, Index, Route, Standing, write};
use pipkin_handler::made::{Allowed, Desk};
use pipkin_handler::*;
use pipkin_server::conn::After;
use pipkin_server::handler::Wire;

const DATE: &str = "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";

/// What comes of `input`, without what ends each head.
fn ask(respond: fn(&mut Desk), input: &str) -> (String, After) {
    let desk = Desk::for_tests(respond, Content::new(site().leak()));
    desk.set_seconds(784_111_777);
    let mut wire = Wire::new(3);
    wire.receive(desk, input.as_bytes());
    let (out, after) = wire.close(desk);
    (String::from_utf8(out).unwrap().replace(DATE, ";"), after)
}

/// A site with one page.
fn site() -> Vec<u8> {
    let page = Answer { head: b"HTTP/1.1 200 OK\r\nContent-Length: 0", ..Answer::default() };
    let standing = Answer { head: b"HTTP/1.1 404 Not Found\r\nContent-Length: 0", ..page };
    let routes = [Route { path: b"/static/page".into(), answers: vec![page] }];
    let standing = [(); Standing::COUNT].map(|()| vec![standing]);
    write(&Index { port: 8080, routes: &routes, standing, bodies: &[0] }).unwrap()
}

/// `answer` to a request with such a first line.
#[track_caller]
fn check(respond: fn(&mut Desk), line: &str, answer: &str) {
    let input = format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n");
    let (found, after) = ask(respond, &input);
    assert_eq!(found, answer, "{line}");
    let expected = if answer.contains("close;") { After::Linger } else { After::KeepAlive };
    assert_eq!(after, expected, "{line}");
}

// The types, and that each is taken; the same routes as of `routed`.
routes! {
    body_bytes_max: 100,
    cpu_seconds_max: 1,
    GET "/" => index,
    GET "/users/:id" => user,
    DELETE "/users/:id" => user,
    POST "/echo" => echo,
    GET "/files/*" => rest,
    GET "/files/never" => index,
    GET "/own" => index,
    OPTIONS "/own" => user,
    PUT "/made" => echo,
    PATCH "/made" => echo,
    "/static/*" => site("../../../examples/site"),
}

fn routed(desk: &mut Desk) {
    let mut allowed = Allowed::NONE;
    pipkin_handler::try_routes!(desk, allowed,
        (GET "/" index)
        (GET "/users/:id" user)
        (DELETE "/users/:id" user)
        (POST "/echo" echo)
        (GET "/files/*" rest)
        (GET "/files/never" index)
        (GET "/own" index)
        (OPTIONS "/own" user)
        (PUT "/made" echo)
        (PATCH "/made" echo)
        (site "/static/*")
    );
    allowed.answer(desk);
}

fn index(_: &Request) -> &'static str {
    "index"
}

fn user(request: &Request) -> Result<Response, Stream> {
    match request.parameter("id") {
        Some("7") => Ok(Response::text("Seven").with("X", "y")),
        Some("8") => Err(Stream::new("text/plain", |_| Next::End)),
        Some(_) => Ok(Response::status(404)),
        None => Ok(Response::status(204)),
    }
}

fn echo(_: &Request, body: &[u8]) -> Response {
    Response::new("x/y", &*body.to_vec().leak())
}

fn rest(request: &Request) -> Response {
    Response::new("x/y", request.parameter("*").unwrap().to_owned().leak().as_bytes())
}

const TEXT: &str = "Content-Type: text/plain; charset=utf-8";

#[test]
fn the_first_route_that_fits_answers() {
    let index = format!("HTTP/1.1 200 \r\n{TEXT}\r\nContent-Length: 5;index");
    check(routed, "GET /", &index);
    check(routed, "GET /?users", &index);
    check(
        routed,
        "GET /users/7",
        &format!("HTTP/1.1 200 \r\n{TEXT}\r\nX: y\r\nContent-Length: 5;Seven"),
    );
    check(
        routed,
        "DELETE /users/%37",
        &format!("HTTP/1.1 200 \r\n{TEXT}\r\nX: y\r\nContent-Length: 5;Seven"),
    );
    check(routed, "GET /users/9", "HTTP/1.1 404 \r\nContent-Length: 0;");
    check(routed, "GET /files/a/b", "HTTP/1.1 200 \r\nContent-Type: x/y\r\nContent-Length: 3;a/b");
    check(
        routed,
        "GET /files/never",
        "HTTP/1.1 200 \r\nContent-Type: x/y\r\nContent-Length: 5;never",
    );
    check(routed, "GET /files/", "HTTP/1.1 200 \r\nContent-Type: x/y\r\nContent-Length: 0;");
    check(
        routed,
        "GET /users/8",
        "HTTP/1.1 200 \r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\
         Connection: close;0\r\n\r\n",
    );
    check(routed, "GET /static/page", "HTTP/1.1 200 OK\r\nContent-Length: 0;");
    check(routed, "GET /static/none", "HTTP/1.1 404 Not Found\r\nContent-Length: 0;");
    // The site leads to the one with a slash, if it has one.
    check(routed, "GET /static", "HTTP/1.1 404 Not Found\r\nContent-Length: 0;");
}

#[test]
fn get_answers_head() {
    check(routed, "HEAD /", &format!("HTTP/1.1 200 \r\n{TEXT}\r\nContent-Length: 5;"));
    check(
        routed,
        "HEAD /users/8",
        "HTTP/1.1 200 \r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close;",
    );
    check(routed, "HEAD /echo", "HTTP/1.1 405 \r\nAllow: OPTIONS, POST\r\nContent-Length: 0;");
    check(routed, "HEAD /none", "HTTP/1.1 404 \r\nContent-Length: 0;");
}

#[test]
fn what_has_no_route_says_which_methods_have() {
    for (path, methods) in [
        ("/", "GET, HEAD, OPTIONS"),
        ("/users/1", "GET, HEAD, OPTIONS, DELETE"),
        ("/echo", "OPTIONS, POST"),
        ("/made", "OPTIONS, PUT, PATCH"),
        ("/files/never", "GET, HEAD, OPTIONS"),
    ] {
        let allow = format!("Allow: {methods}\r\nContent-Length: 0;");
        let allow_only = format!("Allow: {methods};");
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            if !methods.split(", ").any(|allowed| allowed == method) {
                check(routed, &format!("{method} {path}"), &format!("HTTP/1.1 405 \r\n{allow}"));
            }
        }
        check(routed, &format!("OPTIONS {path}"), &format!("HTTP/1.1 204 \r\n{allow_only}"));
    }
    check(routed, "OPTIONS /own", "HTTP/1.1 204 ;");
    check(routed, "OPTIONS /none", "HTTP/1.1 404 \r\nContent-Length: 0;");
    check(routed, "OPTIONS *", "HTTP/1.1 200 \r\nContent-Length: 0;");
    for path in ["/none", "/users/", "/users/1/", "/echo/", "//", "/stat"] {
        check(routed, &format!("GET {path}"), "HTTP/1.1 404 \r\nContent-Length: 0;");
    }
    // It has the hash by which the parser knows DELETE.
    check(
        routed,
        "EGAXAXOL /users/1",
        "HTTP/1.1 405 \r\nAllow: GET, HEAD, OPTIONS, DELETE\r\nContent-Length: 0;",
    );
    check(routed, "BREW /", "HTTP/1.1 501 \r\nContent-Length: 0\r\nConnection: close;");
}

#[test]
fn a_body_goes_to_its_handler() {
    let input = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\
        POST /echo HTTP/1.1\r\nHost: a\r\n\r\n\
        GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    let expected = format!(
        "HTTP/1.1 200 \r\nContent-Type: x/y\r\nContent-Length: 5;hello\
         HTTP/1.1 200 \r\nContent-Type: x/y\r\nContent-Length: 0;\
         HTTP/1.1 200 \r\n{TEXT}\r\nContent-Length: 5;index"
    );
    assert_eq!(ask(routed, input), (expected, After::KeepAlive));
}

/// The handler of a program that has one.
#[track_caller]
fn check_handler(respond: fn(&mut Desk), answer: &str) {
    check(respond, "GET /page", answer);
}

#[test]
fn a_handler_may_return_this_and_that() {
    const FAILED: &str = "HTTP/1.1 500 \r\nContent-Length: 0;";
    let text =
        |text: &str| format!("HTTP/1.1 200 \r\n{TEXT}\r\nContent-Length: {};{text}", text.len());
    check_handler(|desk| (|_: &Request| "text").answer(desk, ""), &text("text"));
    check_handler(
        |desk| (|_: &Request| Err::<&str, _>(Response::status(403))).answer(desk, ""),
        "HTTP/1.1 403 \r\nContent-Length: 0;",
    );
    check_handler(|desk| (|_: &Request| Ok::<_, Response>("ok")).answer(desk, ""), &text("ok"));
    check_handler(
        |desk| {
            (|_: &Request, body: &[u8]| Response::status(200 + body.len() as u16)).answer(desk, "");
        },
        "HTTP/1.1 200 \r\nContent-Length: 0;",
    );
    check_handler(
        |desk| (|_: &Request| SiteFile("/static/page")).answer(desk, ""),
        "HTTP/1.1 200 OK\r\nContent-Length: 0;",
    );
    check_handler(
        |desk| (|_: &Request| Stream::events(|_| Next::End)).answer(desk, ""),
        "HTTP/1.1 200 \r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\
         Transfer-Encoding: chunked\r\nConnection: close;0\r\n\r\n",
    );
    check_handler(
        |desk| (|_: &Request| Response::text("x").with("X", "a\r\nSet-Cookie: b")).answer(desk, ""),
        FAILED,
    );
    check_handler(
        |desk| (|_: &Request| Response::text("x").with("X y", "a")).answer(desk, ""),
        FAILED,
    );
    check_handler(|desk| (|_: &Request| Response::new("a\nb", "x")).answer(desk, ""), FAILED);
    check_handler(
        |desk| (|_: &Request| Response::text("x").with_status(204)).answer(desk, ""),
        &format!("HTTP/1.1 204 \r\n{TEXT};"),
    );
}

#[cfg(feature = "alloc")]
#[test]
fn a_handler_may_return_what_it_has_made() {
    let large =
        format!("HTTP/1.1 200 \r\n{TEXT}\r\nContent-Length: 100000;{}", "x".repeat(100_000));
    check_handler(|desk| (|_: &Request| "x".repeat(100_000)).answer(desk, ""), &large);
    check_handler(
        |desk| (|_: &Request| Response::text("a").with("X", format!("{}", 1))).answer(desk, ""),
        &format!("HTTP/1.1 200 \r\n{TEXT}\r\nX: 1\r\nContent-Length: 1;a"),
    );
}

#[test]
fn needs_are_those_of_signatures() {
    const fn needs<S, H: Handler<S>>(_: &H) -> Needs {
        H::NEEDS
    }
    assert_eq!(needs(&index), Needs::NONE);
    assert_eq!(needs(&user), Needs { streams: true, ..Needs::NONE });
    assert_eq!(needs(&echo), Needs { bodies: true, ..Needs::NONE });
    assert_eq!(needs(&|_: &Request| SiteFile("/")), Needs { site: true, ..Needs::NONE });
    let all = needs(&user).and(needs(&echo)).and(Needs { site: true, ..Needs::NONE });
    assert_eq!(all, Needs { bodies: true, streams: true, site: true });
}

#[test]
fn limits_that_cannot_be_say_so() {
    let check = |limits: Limits, expected: &str| {
        let made = std::panic::catch_unwind(|| made::limits(limits, Needs::NONE));
        assert_eq!(*made.unwrap_err().downcast::<&str>().unwrap(), expected);
    };
    let default = Limits::DEFAULT;
    assert_eq!(made::limits(default, Needs::NONE), default);
    check(Limits { body_bytes_max: 0, ..default }, "body_bytes_max is at least 1");
    check(Limits { body_bytes_max: (1 << 30) + 1, ..default }, "body_bytes_max is at most 1 GiB");
    check(Limits { heap_bytes_max: 65_535, ..default }, "heap_bytes_max is at least 64 KiB");
    check(Limits { cpu_seconds_max: 0, ..default }, "cpu_seconds_max is at least 1");
}

#[test]
fn a_stream_is_collected() {
    let step: Step = |feed| {
        let number = feed.state as u8;
        feed.state += 1;
        feed.write(&[b'0' + number]).unwrap();
        if number == 9 { Next::End } else { Next::After(1000) }
    };
    assert_eq!(Stream::new("text/plain", step).collect(100), b"0123456789");
    assert_eq!(Stream::new("text/plain", step).with_state(7).collect(100), b"789");
    assert_eq!(Stream::new("text/plain", step).collect(3), b"012");
}
