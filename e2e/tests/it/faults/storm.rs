//! Peers that come in crowds.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

use super::{HEAD, PLAIN, check_answers, check_recovery};

const VANISHING: usize = 5000;
const THREADS: usize = 4;

/// Of which each holds some kilobytes until it is done.
const UNFINISHED: usize = 600;

/// What a peer says before it is gone.
const WORDS: &[&[u8]] = &[
    b"",
    b"G",
    HEAD,
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n",
    b"nonsense\r\n\r\n",
];

#[test]
fn five_thousand_that_vanish() {
    check_recovery(PLAIN, |server| {
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let numbers = (0..VANISHING).filter(move |number| number % THREADS == thread);
                scope.spawn(move || numbers.for_each(|number| vanish(server.address, number)));
            }
        });
        check_answers(server.address);
    });
}

/// Connects, says one of [`WORDS`], and is gone: every second time with a reset.
fn vanish(address: SocketAddr, number: usize) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(WORDS[number / THREADS / 2 % WORDS.len()]).unwrap();
    if (number / THREADS).is_multiple_of(2) {
        set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    }
}

#[test]
fn unfinished_heads_give_their_memory_back() {
    check_recovery(PLAIN, |server| {
        let head = [HEAD, b"Cookie: ", &[b'x'; 7000]].concat();
        let heads: Vec<TcpStream> = (0..UNFINISHED)
            .map(|_| {
                let mut stream = TcpStream::connect(server.address).unwrap();
                stream.write_all(&head).unwrap();
                stream
            })
            .collect();
        check_answers(server.address);
        drop(heads);
    });
}
