//! A handler that fails: its connection gets an answer where there can be one, and others do not
//! notice.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use e2e::{Client, Server};

use super::{check, get, source};

fn check_faults(test: impl FnOnce(&Server)) {
    check(&source("faults.rs"), test);
}

/// All that comes for a GET of `path` until the connection ends.
fn until_end(server: &Server, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut all = Vec::new();
    // A worker that is killed resets its connections.
    let _ = stream.read_to_end(&mut all);
    all
}

#[test]
fn a_panic_is_a_500_and_others_do_not_notice() {
    check_faults(|server| {
        let mut other = Client::connect(server.address);
        assert_eq!(other.get("/").body, b"well");
        for path in ["/panic", "/index", "/index?n=7"] {
            let mut client = Client::connect(server.address);
            let answer = client.get_with(path, "");
            assert_eq!((answer.status, answer.field("connection")), (500, Some("close")), "{path}");
            assert_eq!(other.get("/").body, b"well", "after {path}");
        }
    });
}

#[test]
fn pipelined_requests_before_a_panic_are_answered() {
    check_faults(|server| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        let request = |path| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        let all = [request("/"), request("/panic"), request("/")].concat();
        stream.write_all(all.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let answers: Vec<_> = text.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
        assert_eq!(answers, ["200", "500"], "{text}");
    });
}

#[test]
fn what_a_panic_had_borrowed_begins_anew() {
    check_faults(|server| {
        let fails = |target| Client::connect(server.address).get_with(target, "").status == 500;
        for _ in 0..2 {
            assert_eq!(get(server, "/state"), (200, "1".into()));
            assert_eq!(get(server, "/state"), (200, "2".into()));
            assert!(fails("/state?fail"));
        }
        // No name is there twice.
        assert!(fails("/sort?fail"));
        assert_eq!(get(server, "/sort"), (200, "abcd".into()));
    });
}

/// As long as the worker still has something to do.
#[test]
fn what_a_panic_had_borrowed_is_lent_no_more() {
    check_faults(|server| {
        let mut other = TcpStream::connect(server.address).unwrap();
        other.write_all(b"GET /sort HTTP/1.1\r\nHos").unwrap();
        let mut ticks = TcpStream::connect(server.address).unwrap();
        ticks.write_all(b"GET /ticks HTTP/1.0\r\n\r\n").unwrap();
        assert!(until_end(server, "/sort?fail").starts_with(b"HTTP/1.1 500 "));
        other.write_all(b"t: a\r\n\r\n").unwrap();
        let mut text = String::new();
        other.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 500 "), "{text}");
        text.clear();
        ticks.read_to_string(&mut text).unwrap();
        assert_eq!(text.matches("tick ").count(), 10, "{text}");
    });
}

#[test]
fn many_panics_cost_a_worker_and_nothing_else() {
    check_faults(|server| {
        for turn in 0..600 {
            assert_eq!(get(server, "/panic").0, 500, "turn {turn}");
        }
        assert_eq!(get(server, "/"), (200, "well".into()));
    });
}

#[test]
fn no_memory_is_a_503_and_a_new_worker() {
    check_faults(|server| {
        assert_eq!(get(server, "/state"), (200, "1".into()));
        assert_eq!(get(server, "/memory").0, 503);
        assert_eq!(get(server, "/state"), (200, "1".into()));
        assert_eq!(get(server, "/memory").0, 503);
    });
}

#[test]
fn memory_that_a_handler_does_without_is_no_failure() {
    check_faults(|server| {
        assert_eq!(get(server, "/state"), (200, "1".into()));
        assert_eq!(get(server, "/reserve"), (200, "refused".into()));
        assert_eq!(Client::connect(server.address).get_with("/reserve?fail", "").status, 500);
        assert_eq!(get(server, "/state"), (200, "2".into()), "of the same worker");
    });
}

#[test]
fn a_worker_that_is_replaced_keeps_nobody_waiting_for_long() {
    check_faults(|server| {
        // It takes an answer that it never reads.
        let mut slow = TcpStream::connect(server.address).unwrap();
        slow.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        slow.read_exact(&mut [0; 64]).unwrap();
        assert_eq!(get(server, "/memory").0, 503);
        let start = Instant::now();
        assert_eq!(get(server, "/"), (200, "well".into()));
        assert!(start.elapsed() < Duration::from_secs(6), "after {:?}", start.elapsed());
    });
}

#[test]
fn a_stack_that_overflows_is_a_new_worker() {
    check_faults(|server| {
        assert_eq!(get(server, "/deep"), (200, "55".into()));
        assert_eq!(until_end(server, "/deep?n=1000000000"), b"");
        assert_eq!(get(server, "/"), (200, "well".into()));
    });
}

#[test]
fn a_handler_that_does_not_return_is_ended() {
    check_faults(|server| {
        let start = Instant::now();
        assert_eq!(until_end(server, "/spin"), b"");
        // Two seconds of CPU time, on a machine that may be busy.
        assert!(start.elapsed() > Duration::from_secs(1), "after {:?}", start.elapsed());
        assert_eq!(get(server, "/"), (200, "well".into()));
    });
}

#[test]
fn a_panic_in_a_stream_cuts_it() {
    check_faults(|server| {
        let text = String::from_utf8(until_end(server, "/stream")).unwrap();
        let body = text.split_once("\r\n\r\n").unwrap().1;
        let part = "0004\r\npart\r\n";
        assert_eq!(body, part.repeat(3), "without the chunk that ends it");
        assert_eq!(get(server, "/"), (200, "well".into()));
    });
}

/// Streams are looked at by their descriptors, so the one that fails comes before others.
#[test]
fn streams_behind_one_that_fails_go_on() {
    let ask = |server: &Server, path: &str| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
        let mut first = [0; 5];
        stream.read_exact(&mut first).unwrap();
        stream
    };
    check_faults(|server| {
        let failing = ask(server, "/ticks?fail");
        let others = [(); 3].map(|()| ask(server, "/ticks"));
        for mut stream in others {
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            assert_eq!(text.matches("tick ").count(), 10, "{text}");
        }
        drop(failing);
    });
}

#[test]
fn no_field_comes_from_a_client() {
    check_faults(|server| {
        let mut client = Client::connect(server.address);
        assert_eq!(client.get_with("/inject?value=a%20b", "").field("x-value"), Some("a b"));
        for bad in ["%0d%0aX-Other:%20a", "%0a", "%00", "a%0d"] {
            let answer = client.get_with(&format!("/inject?value={bad}"), "");
            assert_eq!((answer.status, answer.field("x-other")), (500, None), "{bad}");
        }
        assert_eq!(client.get("/many").status, 500);
    });
}

#[test]
fn a_slow_reader_gets_one_answer_whole() {
    check_faults(|server| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(get(server, "/"), (200, "well".into()));
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        let body = all.len() - (3 << 20);
        assert!(all[..body].ends_with(b"\r\n\r\n"));
        assert!(all[body..].iter().all(|&byte| byte == b'x'));
        assert_eq!(get(server, "/calls"), (200, "1".into()));
    });
}

#[test]
fn who_asks_is_known() {
    check_faults(|server| assert_eq!(get(server, "/peer"), (200, "127.0.0.1".into())));
}
