//! What is kept of a connection's exchange between two events: an answer that its peer does not
//! read at once, and how far a body has come.

use core::mem::take;

use pipkin_format::Body;

use super::Desk;
use super::intake::Intake;
use super::stream::Stream;
use crate::conn::{After, OUTPUT_BYTES};
use crate::copy;
use crate::event::index;
use crate::sys::{Bytes, Fd, LIMITS, discard};

/// Output of a connection, in whole pages.
#[repr(C, align(4096))]
pub(crate) struct Kept([u8; OUTPUT_BYTES]);

/// What is kept of an exchange besides output. All-zero memory is one that has not begun.
#[repr(C)]
pub(super) struct Open {
    /// The answer waits.
    is_kept: bool,
    after: After,
    /// Where the input begins that it does not answer.
    from: u32,
    output_bytes: u32,
    /// The body behind the output.
    pub(super) payload: Bytes,
    body: Body,
    pub(super) stream: Stream,
    pub(super) intake: Intake,
}

impl Desk {
    /// The exchange at the desk.
    #[inline(always)]
    pub(super) fn open(&mut self) -> &mut Open {
        &mut self.opens[index(self.fd)]
    }

    /// Keeps the answer, which is not sent as a whole. With it, the input up to `from` is answered.
    pub(crate) fn set_aside(&mut self, from: u32) {
        let open = &mut self.opens[index(self.fd)];
        open.is_kept = true;
        // The input that is kept with it begins where this one is not answered.
        open.from = from - self.batch.request.from();
        open.after = self.batch.after;
        open.output_bytes = self.batch.output_bytes;
        if LIMITS.site {
            open.body = self.batch.record.body;
        }
        copy(&mut self.kept[index(self.fd)].0, self.batch.output());
    }

    /// Takes the answer up that waits: up to where it answers the input.
    pub(super) fn resume(&mut self) -> Option<u32> {
        let open = &mut self.opens[index(self.fd)];
        if !take(&mut open.is_kept) {
            open.payload.clear();
            return None;
        }
        self.batch.after = open.after;
        self.batch.output_bytes = open.output_bytes;
        if LIMITS.site {
            self.batch.record.body = open.body;
        }
        let kept = &mut self.kept[index(self.fd)];
        copy(&mut self.batch.output, &kept.0[..OUTPUT_BYTES.min(open.output_bytes as usize)]);
        discard(kept);
        Some(open.from)
    }

    /// Forgets what is kept for a connection, which has ended.
    pub(crate) fn forget(&mut self, fd: Fd) {
        self.attend(fd);
        let open = self.open();
        open.payload.clear();
        let was_kept = take(&mut open.is_kept);
        if LIMITS.streams {
            self.open().stream = Stream::default();
        }
        self.drop_body();
        if was_kept {
            discard(&mut self.kept[index(fd)]);
        }
    }
}
