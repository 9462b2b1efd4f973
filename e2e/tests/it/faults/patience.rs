//! Peers that take their time. The limits are those of docs/guide/serving.md; what is asserted
//! leaves room for a busy machine.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use e2e::Server;

use super::{LARGE_BYTES, PLAIN, check_answers, check_recovery, children, send};

const SLOW_HEADS: usize = 16;
/// Between two bytes of a slow head.
const DRIP: Duration = Duration::from_millis(100);

const STALLED: usize = 8;
/// What a stalled reader takes before it stalls.
const TAKEN_BYTES: usize = 1 << 20;
/// What a slow reader takes per second: all of it in about three minutes.
const SIP_BYTES: usize = 160 << 10;

const SECOND: Duration = Duration::from_secs(1);

/// A head may take 10 seconds from its first byte, however often a byte of it comes.
#[test]
fn slow_heads_end_and_keep_nobody() {
    check_recovery(PLAIN, |server| {
        let mut heads: Vec<TcpStream> =
            (0..SLOW_HEADS).map(|_| send(server.address, b"GET /")).collect();
        heads.iter().for_each(|head| head.set_nonblocking(true).unwrap());
        let start = Instant::now();
        while !heads.is_empty() {
            assert!(start.elapsed() < 30 * SECOND, "{} are still open", heads.len());
            heads.retain_mut(|head| is_open(head) && head.write_all(b"a").is_ok());
            if heads.len() < SLOW_HEADS {
                assert!(start.elapsed() > 5 * SECOND, "a head was given no time");
            }
            check_answers(server.address);
            std::thread::sleep(DRIP);
        }
    });
}

/// False when the server has ended the connection, which it may explain.
fn is_open(stream: &mut TcpStream) -> bool {
    let mut bytes = [0; 1024];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return false,
            Ok(count) => assert!(bytes[..count].starts_with(b"HTTP/1.1 408 ")),
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

/// An answer may wait 30 seconds for a reader that takes nothing, and as long as it likes for one
/// that takes a little.
#[test]
fn stalled_readers_are_dropped_and_slow_ones_are_not() {
    check_recovery(PLAIN, |server| {
        let idle = descriptors(server);
        let mut slow = download(server.address);
        let stalled: Vec<TcpStream> = (0..STALLED).map(|_| download(server.address)).collect();
        let start = Instant::now();
        let mut slow_bytes = TAKEN_BYTES;
        while descriptors(server) > idle + 1 {
            assert!(start.elapsed() < 45 * SECOND, "they are still there");
            std::thread::sleep(SECOND);
            check_answers(server.address);
            slow.read_exact(&mut vec![0; SIP_BYTES]).unwrap();
            slow_bytes += SIP_BYTES;
        }
        assert!(start.elapsed() > 15 * SECOND, "they were given no time");
        let mut rest = Vec::new();
        slow.read_to_end(&mut rest).unwrap();
        let all_bytes = slow_bytes + rest.len();
        assert!(all_bytes > LARGE_BYTES, "the slow reader got {all_bytes} bytes");
        for mut client in stalled {
            let mut rest = Vec::new();
            // A reset, or what the kernel had taken from the server.
            client.read_to_end(&mut rest).ok();
            assert!(rest.len() < LARGE_BYTES / 2, "{} bytes after a stall", rest.len());
        }
    });
}

/// A connection in the middle of an answer of many bytes, the last on it.
fn download(address: SocketAddr) -> TcpStream {
    let request = b"GET /large.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut stream = send(address, request);
    stream.read_exact(&mut vec![0; TAKEN_BYTES]).unwrap();
    stream
}

/// Of all workers.
fn descriptors(server: &Server) -> usize {
    let count = |worker| std::fs::read_dir(format!("/proc/{worker}/fd")).unwrap().count();
    children(server.id()).into_iter().map(count).sum()
}
