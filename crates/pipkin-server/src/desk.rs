//! What the desk of a site's server does besides answering: nothing. That of a handler's server is
//! in `handler/`, and has the same functions.

use pipkin_format::Content;

use crate::Start;
use crate::conn::Batch;
use crate::sys::Fd;

/// Where a worker reads input and answers it.
pub(crate) type Desk = Batch<'static>;

/// An answer that waits for its peer, of which there is none: it is made again.
pub(crate) struct Kept;

/// The port to listen on unless told otherwise.
#[inline(always)]
pub(crate) fn port(_: &Start, content: &Content<'static>) -> u16 {
    content.port()
}

impl Desk {
    /// Sets what is always the same; whether there is room.
    #[inline(always)]
    pub(crate) fn set_up(&mut self) -> bool {
        self.begin_tail();
        true
    }

    /// The status with which the worker ends.
    #[inline(always)]
    pub(crate) fn exit_status(&self) -> u8 {
        0
    }

    /// Takes note of whose input it gets.
    #[inline(always)]
    pub(crate) fn attend(&mut self, _: Fd) {}

    /// Answers what is complete.
    #[inline(always)]
    pub(crate) fn take_turn(&mut self, last: bool, _: bool, _: &Kept) -> u32 {
        self.answer(last)
    }

    /// Keeps the answer, which is not sent as a whole.
    #[inline(always)]
    pub(crate) fn set_aside(&mut self, _: u32, _: &mut Kept) {}

    /// Forgets what is kept for a connection, which has ended.
    #[inline(always)]
    pub(crate) fn forget(&mut self, _: Fd) {}

    /// Whether the answer goes on at a later time.
    #[inline(always)]
    pub(crate) fn pauses(&self) -> bool {
        false
    }

    /// Takes note of when the pause is over.
    #[inline(always)]
    pub(crate) fn pause(&mut self) {}

    /// Whether a connection's answer may end at any time.
    #[inline(always)]
    pub(crate) fn is_live(&self, _: Fd) -> bool {
        false
    }

    /// Whether a connection's pause is over.
    #[inline(always)]
    pub(crate) fn is_due(&mut self, _: Fd) -> bool {
        false
    }

    /// Whether more of a request's body has come.
    #[inline(always)]
    pub(crate) fn receives(&self) -> bool {
        false
    }

    /// How long to wait for events at most, of `milliseconds`.
    #[inline(always)]
    pub(crate) fn time_out(&mut self, milliseconds: usize) -> usize {
        milliseconds
    }

    /// Whether a pause is over.
    #[inline(always)]
    pub(crate) fn wakes(&mut self) -> bool {
        false
    }
}
