//! What is kept of a connection's exchange between two events: an answer that its peer does not
//! read at once, and how far a body has come.

use pipkin_format::Body;

use super::Desk;
use super::intake::Intake;
use super::stream::Stream;
use crate::conn::{After, Batch, OUTPUT_BYTES};
use crate::copy;
use crate::event::index;
use crate::sys::{Bytes, Fd, LIMITS, has_payloads, note_payload};

/// An answer that waits for its peer. All-zero memory is one.
#[repr(C)]
pub(crate) struct Kept {
    /// Where the input begins that it does not answer.
    from: u32,
    output_bytes: u32,
    after: After,
    body: Body,
    output: [u8; OUTPUT_BYTES],
}

#[cfg(not(feature = "freestanding"))]
impl Kept {
    /// One in which no answer is yet.
    pub(super) const NONE: Self = Self {
        from: 0,
        output_bytes: 0,
        after: After::KeepAlive,
        body: Body { at: 0, len: 0 },
        output: [0; OUTPUT_BYTES],
    };
}

/// What is kept of an exchange besides. All-zero memory is one that has not begun.
#[repr(C)]
pub(super) struct Open {
    /// The body behind the output.
    pub(super) payload: Bytes,
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
    #[inline(never)]
    pub(crate) fn set_aside(&mut self, from: u32, kept: &mut Kept) {
        let Batch { request, after, output_bytes, record, .. } = &self.batch;
        // The input that is kept with it begins where this one is not answered.
        kept.from = from - request.from();
        kept.after = *after;
        kept.output_bytes = *output_bytes;
        if LIMITS.site {
            kept.body = record.body;
        }
        copy(&mut kept.output, self.batch.output());
    }

    /// Takes the answer up that waits: up to where it answers the input.
    pub(super) fn resume(&mut self, kept: &Kept) -> u32 {
        let Batch { after, output_bytes, record, output, .. } = &mut self.batch;
        *after = kept.after;
        *output_bytes = kept.output_bytes;
        if LIMITS.site {
            record.body = kept.body;
        }
        copy(output, &kept.output[..OUTPUT_BYTES.min(kept.output_bytes as usize)]);
        kept.from
    }

    /// Keeps a body until it is sent.
    pub(super) fn keep_payload(&mut self, body: Bytes) {
        note_payload();
        self.open().payload = body;
    }

    /// The body behind the output.
    pub(super) fn payload(&self) -> &[u8] {
        if has_payloads() { &self.opens[index(self.fd)].payload } else { b"" }
    }

    /// Drops it.
    pub(super) fn drop_payload(&mut self) {
        if has_payloads() {
            self.open().payload.clear();
        }
    }

    /// Forgets what is kept for a connection, which has ended.
    pub(crate) fn forget(&mut self, fd: Fd) {
        self.attend(fd);
        self.drop_payload();
        if LIMITS.streams {
            self.open().stream = Stream::default();
        }
        self.drop_body();
    }
}
