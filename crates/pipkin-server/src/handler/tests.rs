//! The desk of a handler driven without sockets: whole, cut at every byte, byte by byte, and sent in
//! small pieces, while others use the desk.

mod answers;
mod requests;
mod sites;
mod streams;
mod waits;

use std::cell::{Cell, RefCell};

use pipkin_format::{Answer, Index, Route, Standing, write};

use super::*;
use crate::sys::Bytes;

/// 6 November 1994, as in RFC 9110.
const TIME: u64 = 784_111_777;
const DATE: &str = "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";

/// What most requests of the tests have besides their request line and the fields in question.
pub(super) const HOST: &str = "Host: a\r\n";

thread_local! {
    /// How often the handler was called, but for strangers.
    static CALLS: Cell<u32> = const { Cell::new(0) };
    static DESK: RefCell<Option<&'static mut Desk>> = const { RefCell::new(None) };
    static NUMBER: Cell<u32> = const { Cell::new(0) };
}

/// Other peers' input: whole, and ones that are not complete yet.
const STRANGERS: [&str; 5] = [
    "POST /stranger?q HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\nX: y\r\n\r\nstrangers",
    "POST /stranger HTTP/1.1\r\nHost: b\r\nContent-Length: 99\r\n\r\npart of a body",
    "PUT /stranger HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n7;x\r\nanother\r\n",
    "GET /large HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n",
    "HEAD http://b HTTP/1.1\r\nHost: b\r\n\r\nGET / HTTP/1.1\r\nHo",
];

/// Says what the request is; for some paths it does what their tests need.
fn respond(desk: &mut Desk) {
    CALLS.set(CALLS.get() + 1);
    match desk.path() {
        b"/large" => answers::large(desk),
        b"/site" | b"/page" => desk.site(),
        path if path.starts_with(b"/stream") => streams::respond(desk),
        path if path.starts_with(b"/answer") => answers::respond(desk),
        _ => echo(desk),
    }
}

fn echo(desk: &mut Desk) {
    let incoming = desk.incoming();
    let show = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let fields = lines(incoming.fields()).filter(|field| !field.0.eq_ignore_ascii_case(b"host"));
    let fields: Vec<_> = fields.map(|field| [field.0, b"=", field.1].concat()).collect();
    let text = format!(
        "{:?} {} {} [{}] {}",
        incoming.method(),
        show(incoming.path),
        show(incoming.query()),
        show(&fields.join(&b","[..])),
        show(incoming.body),
    );
    desk.begin(Line::of(200));
    desk.end(Line::of(200), Bytes::from(&*text.leak()));
}

/// The answer that has `text`.
pub(super) fn said(text: &str) -> String {
    format!("HTTP/1.1 200 \r\nContent-Length: {};{text}", text.len())
}

/// What a peer gets to see, how the connection goes on, and how often the handler was called.
pub(super) type Seen = (Vec<u8>, After, u32);

/// What comes of `pieces` when the peer takes some bytes at a time.
pub(super) fn drive(pieces: &[&[u8]], takes_bytes: usize) -> Seen {
    with_desk(|desk, number| {
        CALLS.set(0);
        let mut wire =
            Wire::new(number).taking(takes_bytes).among(move |desk| strangers(desk, number));
        pieces.iter().for_each(|piece| wire.receive(desk, piece));
        let (out, after) = wire.close(desk);
        (out, after, CALLS.get())
    })
}

/// Does something with the desk of this thread, and a descriptor of which four more are free.
fn with_desk<T>(work: impl FnOnce(&mut Desk, u32) -> T) -> T {
    DESK.with_borrow_mut(|desk| {
        let desk = desk.get_or_insert_with(|| {
            let desk = Desk::for_tests(respond, Content::new(sites::blob().leak()));
            desk.set_seconds(TIME);
            desk
        });
        // Descriptors come again.
        let number = NUMBER.get();
        NUMBER.set((number + 7) % 70);
        work(desk, number)
    })
}

/// Has others at the desk: each begins, and some go away before they are done.
fn strangers(desk: &mut Desk, number: u32) {
    let calls = CALLS.get();
    for (at, input) in (1..).zip(STRANGERS) {
        let mut wire = Wire::new(number + at).stopping_after(3000);
        wire.receive(desk, input.as_bytes());
        wire.close(desk);
    }
    CALLS.set(calls);
}

/// The answers in full: `;` ends a head, `;close` one that ends the connection, and `LARGE` is the
/// large body.
pub(super) fn in_full(expected: &str) -> String {
    let expected = expected.replace(";close", "\r\nConnection: close;").replace(';', DATE);
    expected.replace("LARGE", str::from_utf8(answers::LARGE).unwrap())
}

/// `input` gives `expected`, which is as in [`in_full`], however it comes and goes; and the handler
/// is called as often.
#[track_caller]
pub(super) fn check(input: impl AsRef<[u8]>, expected: &str, after: After) {
    let input = input.as_ref();
    let show = input.escape_ascii();
    let seen = drive(&[input], usize::MAX);
    assert_eq!(String::from_utf8_lossy(&seen.0), in_full(expected), "{show}");
    assert_eq!(seen.1, after, "{show}");
    for cut in 0..=input.len() {
        let (head, rest) = input.split_at(cut);
        let found = drive(&[head, rest], usize::MAX);
        assert!(found == seen, "{show} cut at {cut}: {found:?}");
    }
    let singly: Vec<&[u8]> = input.chunks(1).collect();
    for pieces in [&singly[..], &[input]] {
        for takes_bytes in [1, 7, 100] {
            let found = drive(pieces, takes_bytes);
            assert!(found == seen, "{show} by {takes_bytes}: {found:?}");
        }
    }
}
