//! What only the extended server does. The functions are the same as in `standard.rs`, where they
//! do nothing.

#[cfg(target_os = "linux")]
mod environment;
#[cfg(target_os = "linux")]
mod log;
mod rule;
#[cfg(target_os = "linux")]
mod setup;
#[cfg(target_os = "linux")]
mod text;

#[cfg(target_os = "linux")]
pub(crate) use environment::Made;
#[cfg(target_os = "linux")]
pub(crate) use log::Journal;
use pipkin_format::{Content, ENV, Extent, RULE, Standing};
pub(crate) use rule::INSERTED_BYTES_MAX;

use crate::conn::{Batch, INPUT_BYTES};

/// Whether an answer with these flags is not among those to choose from.
pub(crate) fn is_apart(flags: u8) -> bool {
    flags & RULE != 0
}

/// Answers in a batch, at most: no request has fewer bytes than 16.
const NOTES_MAX: usize = INPUT_BYTES / 16;

/// What else belongs to a batch.
pub(crate) struct Extended<'a> {
    /// What was made when the server started; while it is being served, the site.
    pub(crate) other: Content<'a>,
    serves_other: bool,
    notes: [Note; NOTES_MAX],
    count: u32,
    /// Where the request begins that is being answered.
    from: u32,
}

/// An answer of a batch, for the log.
#[derive(Clone, Copy, Default)]
struct Note {
    /// Where its request begins.
    from: u32,
    /// The digits of its status code.
    status: [u8; 3],
    body_bytes: u64,
    /// Bytes of the batch up to its end.
    end: u64,
}

impl Default for Extended<'_> {
    fn default() -> Self {
        let (other, serves_other) = (Content::default(), false);
        Self { other, serves_other, notes: [Note::default(); NOTES_MAX], count: 0, from: 0 }
    }
}

impl Batch<'_> {
    /// Begins the answer to the request at `from`.
    pub(crate) fn begin(&mut self, from: u32) {
        if self.extended.serves_other {
            self.switch();
        }
        if from == self.request.from() {
            self.extended.count = 0;
        }
        self.extended.from = from;
    }

    /// Takes the answer that was made in place of the one that stands for it.
    pub(crate) fn replace(&mut self) {
        if self.record.flags & ENV != 0 {
            self.switch();
            self.pick_standing(Standing::Options);
        }
    }

    fn switch(&mut self) {
        core::mem::swap(&mut self.content, &mut self.extended.other);
        self.extended.serves_other = !self.extended.serves_other;
    }

    /// Takes note of an answer whose head is written and whose body is known.
    pub(crate) fn note(&mut self) {
        const STATUS_AT: usize = b"HTTP/1.1 ".len();
        let replaced = self.line != Standing::NotFound;
        let stored = if replaced { self.content.standing(self.line) } else { self.record.stored };
        let head = self.content.head(stored, Extent::Whole);
        let status = head.get(STATUS_AT..).and_then(<[u8]>::first_chunk);
        let (status, body_bytes) = (status.copied().unwrap_or_default(), self.record.body.len);
        let end = u64::from(self.output_bytes) + body_bytes;
        let Extended { notes, count, from, .. } = &mut self.extended;
        if let Some(note) = notes.get_mut(*count as usize) {
            *note = Note { from: *from, status, body_bytes, end };
            *count += 1;
        }
    }

    /// The answers of which any of the first `sent` bytes is a part.
    fn notes(&self, sent: u64) -> impl Iterator<Item = &Note> {
        let notes = self.extended.notes.get(..self.extended.count as usize).unwrap_or_default();
        let mut start = 0;
        notes.iter().take_while(move |note| {
            let is_begun = start < sent;
            start = note.end;
            is_begun
        })
    }
}
