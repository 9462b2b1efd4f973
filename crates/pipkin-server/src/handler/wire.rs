//! A connection without a socket, for tests on a host: it does with a desk what the event loop
//! does, and lets others use the desk wherever the event loop might.

extern crate std;

use core::mem::take;
use std::boxed::Box;
use std::vec::Vec;

use pipkin_format::Content;

use super::{Desk, Kept};
use crate::conn::After;
use crate::event::CONNECTIONS_MAX;
use crate::sys::{self, Fd};

impl Desk {
    /// A desk of its own for a handler, with a site behind it. Its memory is never given back.
    ///
    /// # Panics
    ///
    /// When there is no memory for it.
    pub fn for_tests(respond: fn(&mut Self), content: Content<'static>) -> &'static mut Self {
        let desk = sys::desk(content).expect("memory for a desk");
        assert!(desk.set_up(), "memory for bodies");
        desk.set_handler(respond);
        desk
    }

    /// Replaces the handler.
    pub fn set_handler(&mut self, respond: fn(&mut Self)) {
        self.respond = Some(respond);
    }

    /// Sets the time of answers, in seconds since 1970.
    pub fn set_seconds(&mut self, unix_seconds: u64) {
        self.set_time(unix_seconds);
    }
}

/// A connection, as the event loop keeps it.
pub struct Wire {
    fd: Fd,
    /// Input that is not answered.
    kept: Vec<u8>,
    /// The answer that waits, if it is one.
    answer: Box<Kept>,
    is_answered: bool,
    sent: u64,
    /// What the connection does once its answers are sent.
    pub after: After,
    /// Bytes that the peer takes at a time.
    takes_bytes: usize,
    /// Bytes that it takes before it stops.
    left_bytes: usize,
    /// It has stopped.
    waits: bool,
    /// What the peer got.
    pub out: Vec<u8>,
    /// What others do whenever the desk is theirs.
    others: Box<dyn FnMut(&mut Desk)>,
}

impl Wire {
    /// The connection with a descriptor.
    pub fn new(number: u32) -> Self {
        Self {
            fd: Fd(number % CONNECTIONS_MAX as u32),
            kept: Vec::new(),
            answer: Box::new(Kept::NONE),
            is_answered: false,
            sent: 0,
            after: After::KeepAlive,
            takes_bytes: usize::MAX,
            left_bytes: usize::MAX,
            waits: false,
            out: Vec::new(),
            others: Box::new(|_| {}),
        }
    }

    /// The connection, of which the peer takes so many bytes at a time.
    #[must_use]
    pub fn taking(self, takes_bytes: usize) -> Self {
        Self { takes_bytes, ..self }
    }

    /// The connection, of which the peer takes so many bytes before it stops.
    #[must_use]
    pub fn stopping_after(self, left_bytes: usize) -> Self {
        Self { left_bytes, ..self }
    }

    /// The connection, in whose pauses others do something.
    #[must_use]
    pub fn among(self, others: impl FnMut(&mut Desk) + 'static) -> Self {
        Self { others: Box::new(others), ..self }
    }

    /// Does with `piece`, in as many parts as there is space for, what the event loop does, until
    /// there is nothing to be sent any more.
    ///
    /// # Panics
    ///
    /// When there is no space for input.
    pub fn receive(&mut self, desk: &mut Desk, mut piece: &[u8]) {
        while !piece.is_empty() && self.after == After::KeepAlive && !self.waits {
            self.attend(desk);
            let space = desk.request.space();
            let count = piece.len().min(space.len());
            assert_ne!(count, 0, "no space for input");
            space[..count].copy_from_slice(&piece[..count]);
            desk.request.received(count as u32);
            piece = &piece[count..];
            self.exchange(desk);
        }
    }

    /// The peer takes so many bytes more before it stops.
    pub fn take_up(&mut self, desk: &mut Desk, left_bytes: usize) {
        self.left_bytes = left_bytes;
        if take(&mut self.waits) {
            self.attend(desk);
            self.exchange(desk);
        }
    }

    /// Closes the connection.
    pub fn close(self, desk: &mut Desk) -> (Vec<u8>, After) {
        desk.forget(self.fd);
        (self.out, self.after)
    }

    fn attend(&mut self, desk: &mut Desk) {
        desk.attend(self.fd);
        desk.request.load(&self.kept);
    }

    /// Lets others use the desk.
    fn step_aside(&mut self, desk: &mut Desk) {
        self.kept = desk.request.rest().to_vec();
        (self.others)(desk);
    }

    fn exchange(&mut self, desk: &mut Desk) {
        loop {
            let from = desk.take_turn(false, take(&mut self.is_answered), &self.answer);
            if !self.send(desk) {
                self.set_aside(desk, from);
                self.step_aside(desk);
                if self.left_bytes == 0 {
                    self.waits = true;
                    return;
                }
                self.attend(desk);
                continue;
            }
            if desk.pauses() {
                self.set_aside(desk, from);
                self.step_aside(desk);
                while !desk.is_due(self.fd) {
                    std::thread::yield_now();
                }
                self.attend(desk);
                continue;
            }
            self.sent = 0;
            self.after = desk.after;
            let is_last = from == desk.request.from();
            desk.request.answered(from);
            if is_last || self.after != After::KeepAlive {
                self.step_aside(desk);
                return;
            }
        }
    }

    fn set_aside(&mut self, desk: &mut Desk, from: u32) {
        desk.set_aside(from, &mut self.answer);
        self.is_answered = true;
    }

    /// Sends until all is sent, which is true, or the peer takes less than it is given.
    fn send(&mut self, desk: &mut Desk) -> bool {
        loop {
            let (bytes, _) = desk.rest(self.sent);
            let count = bytes.len().min(self.takes_bytes).min(self.left_bytes);
            self.left_bytes -= count;
            self.out.extend(&bytes[..count]);
            self.sent += count as u64;
            if count < bytes.len() {
                return false;
            }
            if bytes.is_empty() {
                return true;
            }
        }
    }
}
