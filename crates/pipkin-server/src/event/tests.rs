//! A worker with a handler, and peers on real sockets: what becomes of a connection when, and what
//! is kept for it. The clock is moved by hand.

use std::cell::Cell;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::IntoRawFd;
use std::time::Duration;

use pipkin_format::Content;

use super::*;
use crate::desk::PARTS_MAX;
use crate::handler::{Bytes, Line, Next, Step};

/// More than a socket takes at once.
static HUGE: [u8; 8 << 20] = [b'x'; 8 << 20];

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

fn respond(desk: &mut Desk) {
    CALLS.set(CALLS.get() + 1);
    let step: Step = match desk.path() {
        b"/fast" => |feed| {
            STEPS.set(STEPS.get() + 1);
            while feed.write(&HUGE[..1000]).is_ok() {}
            Next::Now
        },
        b"/bits" => |feed| {
            STEPS.set(STEPS.get() + 1);
            feed.write(b"x").unwrap();
            Next::Now
        },
        b"/slow" => |feed| {
            STEPS.set(STEPS.get() + 1);
            feed.write(b"tick").unwrap();
            Next::After(10)
        },
        b"/silent" => |_| {
            STEPS.set(STEPS.get() + 1);
            Next::Now
        },
        path => {
            let is_huge = path == b"/huge";
            let len = desk.incoming().body.len();
            let body: Bytes = if is_huge { (&HUGE).into() } else { (&HUGE[..len]).into() };
            desk.begin(Line::of(200));
            return desk.end(Line::of(200), body);
        }
    };
    desk.begin(Line::of(200));
    desk.end_with_stream(step, 0, false);
}

struct Server {
    worker: &'static mut Worker,
    listener: TcpListener,
}

impl Server {
    fn new() -> Self {
        let worker = crate::sys::worker(Content::new(b"")).unwrap();
        worker.epoll = Epoll::new();
        worker.listener = Fd(u32::MAX);
        worker.drained_by = u32::MAX;
        assert!(worker.desk.set_up());
        worker.desk.set_handler(respond);
        worker.desk.set_seconds(0);
        CALLS.set(0);
        STEPS.set(0);
        Self { worker, listener: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    /// A peer that has connected, and its descriptor here.
    fn connect(&mut self) -> (TcpStream, Fd) {
        let peer = TcpStream::connect(self.listener.local_addr().unwrap()).unwrap();
        peer.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let own = self.listener.accept().unwrap().0;
        own.set_nonblocking(true).unwrap();
        let fd = Fd(own.into_raw_fd() as u32);
        assert!(self.worker.epoll.add(fd, IN));
        let deadline = self.worker.now + IDLE_SECONDS;
        self.worker.peers[index(fd)] =
            Peer { sent: 0, deadline, kept: 0, wait: Wait::Request, last: false };
        self.worker.open += 1;
        (peer, fd)
    }

    /// Does as the loop does, a few times.
    fn turn(&mut self) {
        for _ in 0..5 {
            let worker = &mut *self.worker;
            let count = worker.epoll.wait(&mut worker.events, worker.desk.time_out(2));
            for at in 0..count {
                worker.handle(worker.events[at as usize]);
            }
            if worker.desk.wakes() {
                worker.go_on();
            }
        }
    }

    /// Sends and has it answered.
    fn hear(&mut self, mut peer: &TcpStream, input: &str) {
        peer.write_all(input.as_bytes()).unwrap();
        self.turn();
    }

    fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.worker.now += 1;
            self.worker.sweep();
        }
    }

    /// What a peer can read, until nothing more comes or the end, which it says.
    fn read(&mut self, mut peer: &TcpStream) -> (Vec<u8>, bool) {
        let (mut all, mut part) = (Vec::new(), vec![0; 100_000]);
        let mut misses = 0;
        loop {
            match peer.read(&mut part) {
                Ok(0) => return (all, true),
                Ok(count) => all.extend(&part[..count]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return (all, true),
                Err(_) if misses == 20 => return (all, false),
                Err(_) => misses += 1,
            }
            self.turn();
        }
    }

    fn is_open(&self, fd: Fd) -> bool {
        self.worker.peers[index(fd)].wait != Wait::Nothing
    }
}

const HEAD: &str = "Host: a\r\n\r\n";

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\n{HEAD}")
}

/// How many bytes the bodies have, in their order; heads have no `x`.
fn bodies(out: &[u8]) -> usize {
    out.iter().filter(|&&byte| byte == b'x').count()
}

#[test]
fn a_slow_reader_gets_all_and_the_handler_is_asked_once() {
    let mut server = Server::new();
    let (peer, _) = server.connect();
    server.hear(&peer, &format!("{}{}{}", get("/huge"), get("/huge"), get("/")));
    let (out, is_end) = server.read(&peer);
    assert_eq!((bodies(&out), is_end, CALLS.get()), (2 * HUGE.len(), false, 3));
    // And is at rest.
    server.hear(&peer, &get("/"));
    assert_eq!((server.read(&peer).1, CALLS.get()), (false, 4));
}

/// Who has asked and ends its side still wants the answer.
#[test]
fn a_peer_that_sends_no_more_gets_its_answer() {
    let mut server = Server::new();
    let (peer, fd) = server.connect();
    server.hear(&peer, &get("/huge"));
    peer.shutdown(Shutdown::Write).unwrap();
    let (out, is_end) = server.read(&peer);
    assert_eq!((bodies(&out), is_end, server.is_open(fd)), (HUGE.len(), true, false));
}

#[test]
fn a_body_has_time_while_it_comes() {
    let mut server = Server::new();
    let (peer, fd) = server.connect();
    server.hear(&peer, &format!("POST / HTTP/1.1\r\nContent-Length: 4\r\n{HEAD}"));
    server.pass(HEAD_SECONDS - 1);
    for byte in ["a", "b", "c"] {
        server.hear(&peer, byte);
        server.pass(STALL_SECONDS - 1);
        assert!(server.is_open(fd));
    }
    server.pass(1);
    assert!(!server.is_open(fd) && CALLS.get() == 0);
    assert!(server.read(&peer).1);
}

#[test]
fn a_head_has_its_time_and_a_body_begins_in_it() {
    let mut server = Server::new();
    let (peer, fd) = server.connect();
    server.hear(&peer, "POST / HTTP/1.1\r\nContent-");
    server.pass(HEAD_SECONDS - 1);
    server.hear(&peer, &format!("Length: 4\r\n{HEAD}"));
    assert!(server.is_open(fd));
    server.pass(1);
    assert!(!server.is_open(fd));
}

/// Neither the next request nor the next connection has anything of a body that was not whole.
#[test]
fn a_descriptor_that_comes_again_has_no_part_of_a_body() {
    let mut server = Server::new();
    let (peer, fd) = server.connect();
    server.hear(&peer, &format!("POST / HTTP/1.1\r\nContent-Length: 9000\r\n{HEAD}"));
    server.hear(&peer, &"y".repeat(8999));
    drop(peer);
    server.turn();
    assert!(!server.is_open(fd));
    let (peer, again) = server.connect();
    server.hear(&peer, &format!("POST / HTTP/1.1\r\nContent-Length: 3\r\n{HEAD}xxx"));
    let (out, _) = server.read(&peer);
    assert!(out.starts_with(b"HTTP/1.1 200 \r\nContent-Length: 3\r\n"), "{}", out.escape_ascii());
    // Other tests open descriptors, too, so it may be another one.
    let _ = again;
}

#[test]
fn a_refused_body_ends_the_connection_after_its_answer() {
    let mut server = Server::new();
    let (peer, fd) = server.connect();
    server.hear(&peer, &format!("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n{HEAD}"));
    let mut sent = 0;
    while sent < 4 << 20 && (&peer).write_all(&[b'y'; 10_000]).is_ok() {
        sent += 10_000;
        server.turn();
    }
    let (out, is_end) = server.read(&peer);
    assert!(out.starts_with(b"HTTP/1.1 413 ") && is_end && CALLS.get() == 0);
    server.pass(LINGER_SECONDS);
    assert!(!server.is_open(fd));
}

#[test]
fn streams_do_not_wait_for_each_other() {
    let mut server = Server::new();
    let (slow, _) = server.connect();
    server.hear(&slow, &get("/slow"));
    let (fast, fast_fd) = server.connect();
    // Until it does not read any more.
    server.hear(&fast, &get("/fast"));
    while server.worker.peers[index(fast_fd)].wait != Wait::Space {
        server.turn();
    }
    server.turn();
    // The other ticks on.
    let steps = STEPS.get();
    for _ in 0..50 {
        std::thread::sleep(Duration::from_millis(2));
        server.turn();
    }
    assert!(STEPS.get() >= steps + 3, "{steps} {}", STEPS.get());
    assert!(server.is_open(fast_fd));
}

/// Whether it has something to say or not.
/// A socket takes some thousand such parts.
#[test]
fn a_stream_takes_its_turn() {
    let mut server = Server::new();
    let (mut peer, fd) = server.connect();
    peer.write_all(get("/bits").as_bytes()).unwrap();
    for turn in 1..=3 {
        server.worker.serve(fd);
        assert_eq!(STEPS.get(), turn * PARTS_MAX);
    }
    assert!(server.worker.desk.wakes(), "it goes on at once");
}

#[test]
fn a_stream_ends_with_its_peer() {
    for path in ["/slow", "/fast", "/silent"] {
        let mut server = Server::new();
        let (peer, fd) = server.connect();
        server.hear(&peer, &get(path));
        assert!(server.is_open(fd) && STEPS.get() > 0);
        drop(peer);
        for _ in 0..20 {
            server.turn();
        }
        assert!(!server.is_open(fd), "{path}");
        let steps = STEPS.get();
        server.turn();
        assert_eq!(STEPS.get(), steps, "{path}");
    }
}
