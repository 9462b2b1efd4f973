//! Clients that take their time, vanish, or send too much.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::net::sockopt::{set_socket_linger, set_socket_recv_buffer_size};
use rustix::net::{AddressFamily, SocketType, connect, socket};

use super::{
    AT_ONCE, Exe, GET, LATE, LIMIT, METHOD, OK, assert_answer, check, check_answer, check_page,
    rest, send,
};

/// What the server reads of a request at most.
const REQUEST_BYTES: usize = 3984;

#[test]
fn a_request_in_single_bytes() {
    check(|address| {
        let mut stream = send(address, b"");
        for byte in GET {
            stream.write_all(&[*byte]).unwrap();
            sleep(Duration::from_millis(5));
        }
        assert_answer(&rest(stream), OK, GET);
    });
}

/// Who sends `start` and nothing more gets `expected` when the time is up, and keeps another waiting
/// until then.
#[track_caller]
fn check_waits(start: &[u8], expected: &[u8]) {
    check(|address| {
        let begin = Instant::now();
        let idle = send(address, start);
        check_page(address);
        let took = begin.elapsed();
        assert!(LIMIT <= took && took < LATE, "{took:?} behind {}", start.escape_ascii());
        assert_answer(&rest(idle), expected, start);
    });
}

#[test]
fn an_idle_client_is_not_waited_for() {
    check_waits(b"", METHOD);
    check_waits(b"GE", METHOD);
}

#[test]
fn half_a_request_is_answered_in_the_end() {
    check_waits(b"GET / HTTP/1.1\r\nHost: a", OK);
    check_waits(b"GET / HTTP/1.1\n\n", OK);
}

/// The end of a request is where the bytes end that have come so far.
#[test]
fn a_body_is_waited_for() {
    let post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    check_waits(post, METHOD);
}

#[test]
fn a_body_on_its_way_is_not_waited_for() {
    check(|address| {
        let begin = Instant::now();
        let post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
        let mut stream = send(address, post);
        sleep(Duration::from_millis(100));
        // The server is gone, which it tells who writes.
        stream.write_all(b"hello").ok();
        assert_answer(&rest(stream), METHOD, post);
        assert!(begin.elapsed() < AT_ONCE);
    });
}

/// A request for the page of so many bytes.
fn long_request(bytes: usize) -> Vec<u8> {
    let (start, end) = (b"GET / HTTP/1.1\r\nCookie: ", b"\r\n\r\n");
    let filling = vec![b'a'; bytes - start.len() - end.len()];
    [&start[..], &filling, end].concat()
}

#[test]
fn requests_as_long_as_its_memory_and_longer() {
    check(|address| {
        let begin = Instant::now();
        for bytes in REQUEST_BYTES - 4..REQUEST_BYTES + 5 {
            check_answer(address, &long_request(bytes), OK);
        }
        for bytes in [5000, 10_000, 100_000] {
            check_answer(address, &long_request(bytes), OK);
        }
        assert!(begin.elapsed() < AT_ONCE);
    });
}

/// Gone with a reset.
fn vanish(stream: TcpStream) {
    set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    drop(stream);
}

#[test]
fn clients_that_vanish() {
    check(|address| {
        for number in 0..100 {
            let said = [&b""[..], b"G", b"GET / HTTP/1.1\r\n", GET, b"POST / "][number % 5];
            let stream = send(address, said);
            if number % 2 == 0 {
                vanish(stream);
            }
        }
    });
}

/// Nobody is there to take the answer. A signal would say so where a read has said it before: where a
/// request is not whole.
#[test]
fn clients_that_are_gone_before_their_turn() {
    check(|address| {
        for said in [GET, b"GET / HTTP/1.1\r\n", b""] {
            let idle = send(address, b"");
            (0..20).for_each(|_| vanish(send(address, said)));
            drop(idle);
        }
    });
}

/// A connection on which little is taken at once.
fn narrow(address: SocketAddr) -> TcpStream {
    let socket: OwnedFd = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    set_socket_recv_buffer_size(&socket, 1).unwrap();
    connect(&socket, &address).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(LATE)).unwrap();
    stream
}

/// The longest document waits for its reader with the kernel, and keeps nobody else.
#[test]
fn clients_that_read_late() {
    let document = [b'x'; 16_384];
    let Some(exe) = Exe::of("page.html", &document) else { return };
    let server = exe.serve();
    let begin = Instant::now();
    let mut late: Vec<TcpStream> = (0..5).map(|_| narrow(server.address)).collect();
    late.iter_mut().for_each(|stream| stream.write_all(GET).unwrap());
    let whole = rest(send(server.address, GET));
    assert!(begin.elapsed() < AT_ONCE, "{:?}", begin.elapsed());
    assert!(whole.ends_with(&[b"\r\n\r\n", &document[..]].concat()));
    sleep(Duration::from_millis(500));
    for stream in late {
        assert!(rest(stream) == whole);
    }
}
