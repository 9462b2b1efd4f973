//! Answers that their peers do not read at once.

use core::mem::take;

use pipkin_format::Body;

use super::Desk;
use super::stream::Stream;
use crate::conn::{After, OUTPUT_BYTES};
use crate::copy;
use crate::event::index;
use crate::sys::{Bytes, Fd, discard};

/// Output of a connection, in whole pages.
#[repr(C, align(4096))]
pub(crate) struct Kept([u8; OUTPUT_BYTES]);

/// What is kept of an answer besides its output.
#[repr(C)]
#[derive(Default)]
pub(super) struct Aside {
    is_set: bool,
    after: After,
    /// Where the input begins that is not answered.
    from: u32,
    output_bytes: u32,
    body: Body,
    payload: Bytes,
    pub(super) stream: Stream,
}

impl Desk {
    /// Keeps the answer, which is not sent as a whole. With it, the input up to `from` is answered.
    pub(crate) fn set_aside(&mut self, from: u32) {
        let at = index(self.fd);
        if self.pauses() {
            self.pause(self.stream.due);
        }
        let output = self.batch.output.get(..self.batch.output_bytes as usize);
        copy(&mut self.kept[at].0, output.unwrap_or_default());
        self.asides[at] = Aside {
            is_set: true,
            after: self.batch.after,
            from,
            output_bytes: self.batch.output_bytes,
            body: take(&mut self.batch.body),
            payload: take(&mut self.payload),
            stream: take(&mut self.stream),
        };
    }

    /// Takes the answer up that was set aside: up to where it answers the input.
    pub(super) fn resume(&mut self) -> Option<u32> {
        let at = index(self.fd);
        let aside = take(&mut self.asides[at]);
        self.batch.after = aside.after;
        self.batch.output_bytes = aside.output_bytes;
        self.batch.body = aside.body;
        self.payload = aside.payload;
        self.stream = aside.stream;
        if !aside.is_set {
            return None;
        }
        let kept = &mut self.kept[at];
        copy(&mut self.batch.output, kept.0.get(..aside.output_bytes as usize).unwrap_or_default());
        discard(kept);
        Some(aside.from)
    }

    /// Forgets what is kept for a connection, which has ended.
    pub(crate) fn forget(&mut self, fd: Fd) {
        let at = index(fd);
        if take(&mut self.asides[at]).is_set {
            discard(&mut self.kept[at]);
        }
        self.drop_body(fd);
    }
}
