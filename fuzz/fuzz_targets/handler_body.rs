//! Any bytes on a connection of a handler: its answers are the same however the bytes are cut and
//! however few of the answers the peer takes at a time, whoever else is at the desk; the handler is
//! asked as often, and gets no body that is longer than its limit.
//!
//! In front of the input stand how many bytes go at a time, the number of cuts, and where they are.
#![no_main]

use std::cell::{Cell, RefCell};

use libfuzzer_sys::fuzz_target;
use pipkin_format::Content;
use pipkin_server::conn::After;
use pipkin_server::handler::{Bytes, Desk, Limits, Line, Next, Wire, lines};

/// What comes before a head is refused: fewer answers than a batch may have are compared.
const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A body that is not copied behind its head.
static LARGE: [u8; 5000] = [b'x'; 5000];

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
    static DESK: RefCell<&'static mut Desk> =
        RefCell::new(Desk::for_tests(respond, Content::new(b"")));
}

fuzz_target!(|bytes: &[u8]| {
    let [takes, cuts, rest @ ..] = bytes else { return };
    let Some((cuts, input)) = rest.split_at_checked(usize::from(cuts % 16)) else { return };
    let takes_bytes = usize::from(*takes) * usize::from(*takes) + 1;
    DESK.with_borrow_mut(|desk| {
        let whole = drive(desk, &[], usize::MAX, input);
        assert_eq!(drive(desk, cuts, takes_bytes, input), whole);
    });
});

/// What the peer sees, how the connection goes on, and how often the handler was asked.
fn drive(
    desk: &mut Desk,
    cuts: &[u8],
    takes_bytes: usize,
    mut input: &[u8],
) -> (Vec<u8>, After, u32) {
    CALLS.set(0);
    let mut wire = Wire::new(3).taking(takes_bytes).among(strangers);
    for &cut in cuts {
        let (piece, rest) = input.split_at(input.len().min(usize::from(cut) * usize::from(cut)));
        wire.receive(desk, piece);
        input = rest;
    }
    wire.receive(desk, input);
    let (mut out, after) = wire.close(desk);
    // Who sends the body with the head is not told to go on.
    while let Some(at) = out.windows(GO_ON.len()).position(|bytes| bytes == GO_ON) {
        out.drain(at..at + GO_ON.len());
    }
    (out, after, CALLS.get())
}

/// Others at the desk, who go away before they are done.
fn strangers(desk: &mut Desk) {
    let calls = CALLS.get();
    let part = "POST / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n9\r\npart";
    let whole = "PUT /large HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nwhole";
    for (number, input) in (4..).zip([part, whole]) {
        let mut wire = Wire::new(number).stopping_after(100);
        wire.receive(desk, input.as_bytes());
        wire.close(desk);
    }
    CALLS.set(calls);
}

/// Says what it has been asked. What is asked first of the path says what the answer is.
fn respond(desk: &mut Desk) {
    CALLS.set(CALLS.get() + 1);
    let incoming = desk.incoming();
    assert!(incoming.body.len() <= Limits::DEFAULT.body_bytes_max);
    assert!(lines(incoming.fields()).all(|(name, _)| !name.is_empty()));
    let sum =
        |bytes: &[u8]| bytes.iter().fold(7_u32, |sum, &byte| sum.rotate_left(5) ^ u32::from(byte));
    let state = sum(incoming.body) ^ sum(incoming.head).rotate_left(16);
    match incoming.path.get(1) {
        Some(b'l') => {
            desk.begin(Line::of(200));
            desk.end(Line::of(200), Bytes::from(&LARGE));
        }
        Some(b's') => {
            desk.begin(Line::of(200));
            desk.end_with_stream(step, u64::from(state), true);
        }
        Some(b'n') => {
            desk.begin(Line::of(204));
            desk.end(Line::of(204), Bytes::from(&LARGE));
        }
        _ => {
            desk.begin(Line::of(200));
            // No allocation: these are for ever.
            let mut digits = [0; 8];
            digits.iter_mut().enumerate().for_each(|(at, digit)| {
                *digit = b"0123456789abcdef"[(state >> (4 * at)) as usize % 16];
            });
            assert!(desk.field(b"Sum", &digits));
            desk.end(Line::of(200), Bytes::from(b"asked"));
        }
    }
}

/// Writes a few parts, some of them empty.
fn step(feed: &mut pipkin_server::handler::Feed<'_>) -> Next {
    let many = usize::from(feed.state as u8);
    feed.state >>= 8;
    // What does not fit is not there.
    let _ = feed.write(&LARGE[..many * many % LARGE.len()]);
    if feed.state == 0 { Next::End } else { Next::Now }
}
