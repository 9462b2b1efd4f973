//! What a connection's input means: request bytes in, response bytes out, and nothing kept.
//!
//! A [`Batch`] is the answer to all complete requests at the start of an input. It is a function
//! of that input and the content alone, so a connection whose peer does not read keeps no output:
//! it keeps the input and how much of the answer is sent, and makes the answer again. The one thing
//! that changes in between is the Date, of the same length: cut inside of it, which no peer but a
//! stalled one sees, it can show the minutes of the one second with the seconds of the other.
//! Nothing here knows a socket or a clock.

use pipkin_format::{
    Body, Content, Extent, HEAD_BYTES_MAX, PATH_BYTES_MAX, QUERY, Record, STATUS_BYTES, Standing,
    Stored,
};

use crate::copy;
use crate::extended::{Extended, INSERTED_BYTES_MAX};
use crate::http::date::{DATE_BYTES, write_imf_fixdate};
use crate::http::names::Name;
pub use crate::http::request::INPUT_BYTES;
use crate::http::request::{Parsed, Request};

/// Bytes of the output buffer: a batch of 16 pipelined answers with bodies of 1 kB fits.
pub const OUTPUT_BYTES: usize = 64 * 1024;

/// Bytes of the largest body that is copied behind its head, so that it shares a send with the
/// answers before and behind it. Larger ones are sent from where they are.
pub const BODY_COPIED_BYTES_MAX: usize = 4 * 1024;

/// Output space that one answer may need: a stored head, a query, what a part has besides, the
/// tail, a body.
pub(crate) const ANSWER_BYTES_MAX: usize = HEAD_BYTES_MAX
    + INSERTED_BYTES_MAX
    + INPUT_BYTES
    + 5 * NUMBER_BYTES_MAX
    + CLOSE.len()
    + TAIL_BYTES
    + BODY_COPIED_BYTES_MAX;

/// Digits of the largest number.
const NUMBER_BYTES_MAX: usize = 20;

const CLOSE: &[u8; 19] = b"\r\nConnection: close";
const DATE_AT: usize = b"\r\nDate: ".len();
const TAIL_BYTES: usize = DATE_AT + DATE_BYTES + b"\r\n\r\n".len();

/// The end of every response head, without a time.
const TAIL: &[u8; TAIL_BYTES] = b"\r\nDate: xxx, xx xxx xxxx xx:xx:xx GMT\r\n\r\n";

/// What the connection does once the answers are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum After {
    /// It waits for the next request.
    #[default]
    KeepAlive = 0,
    /// It ends; the peer owes nothing.
    Close,
    /// It ends, but the peer may still be sending: closing at once would reset the connection
    /// and take the answer with it (RFC 9112, section 9.6).
    Linger,
}

/// An input and the answer to the requests at its start.
///
/// The large parts come last: what lies within 128 bytes of the start takes the shortest
/// instructions. All-zero memory is no input, no content and no answer.
#[repr(C)]
pub struct Batch<'a> {
    pub(crate) content: Content<'a>,
    /// The answer that is picked; its body is what of the content follows the output.
    pub(crate) record: Record,
    pub(crate) output_bytes: u32,
    /// The answer whose status line replaces that of the stored one; 404 for none.
    pub(crate) line: Standing,
    /// What the connection does once it is sent.
    pub after: After,
    /// The input.
    pub request: Request,
    pub(crate) path: [u8; PATH_BYTES_MAX + 1],
    pub(crate) tail: [u8; TAIL_BYTES],
    pub(crate) output: [u8; OUTPUT_BYTES],
    pub(crate) extended: Extended<'a>,
}

impl Default for Batch<'_> {
    /// No input, no content and no answer: what all-zero memory is.
    fn default() -> Self {
        Self {
            content: Content::default(),
            record: Record::default(),
            output_bytes: 0,
            line: Standing::NotFound,
            after: After::KeepAlive,
            request: Request::default(),
            path: [0; PATH_BYTES_MAX + 1],
            tail: [0; TAIL_BYTES],
            output: [0; OUTPUT_BYTES],
            extended: Extended::default(),
        }
    }
}

impl<'a> Batch<'a> {
    /// Sets what is served.
    pub fn serve(&mut self, content: Content<'a>) {
        self.content = content;
        self.begin_tail();
    }

    /// Sets the end of every response head, as far as it has no time.
    pub(crate) fn begin_tail(&mut self) {
        copy(&mut self.tail, TAIL);
    }

    /// Sets the time in seconds since 1970.
    pub fn set_time(&mut self, unix_seconds: u64) {
        if let Some(date) = self.tail.get_mut(DATE_AT..).and_then(<[u8]>::first_chunk_mut) {
            write_imf_fixdate(unix_seconds, date);
        }
    }

    /// The time, as the Date field has it.
    pub fn date(&self) -> Option<&[u8; DATE_BYTES]> {
        self.tail.get(DATE_AT..)?.first_chunk()
    }

    /// Answers complete requests from the start of the input until it is used up, the output is
    /// full, a body must be sent from the content, or the connection is to end. With `last`, it
    /// ends after one answer. Returns where the input begins that is
    /// not answered.
    #[inline(never)]
    pub fn answer(&mut self, last: bool) -> u32 {
        self.output_bytes = 0;
        self.record.body.len = 0;
        self.after = After::KeepAlive;
        let mut from = self.request.from();
        while self.after == After::KeepAlive
            && self.record.body.len == 0
            && self.output_bytes as usize + ANSWER_BYTES_MAX <= OUTPUT_BYTES
        {
            self.begin(from);
            self.line = Standing::NotFound;
            match self.request.parse(from) {
                Parsed::Partial if !self.request.is_full(from) => break,
                Parsed::Partial => self.refuse(Standing::HeadTooLarge),
                Parsed::Bad => self.refuse(Standing::BadRequest),
                Parsed::Complete => {
                    self.respond();
                    if self.request.closes() {
                        self.after = After::Close;
                    }
                    if last || self.request.has_body() {
                        self.after = After::Linger;
                    }
                }
            }
            from = self.request.next();
            self.push();
        }
        from
    }

    /// What is to be sent once the first `sent` bytes are, and whether more comes behind it.
    pub fn rest(&self, sent: u64) -> (&[u8], bool) {
        let output = self.output();
        if let Some(rest @ [_, ..]) = output.get(sent as usize..) {
            return (rest, self.record.body.len != 0);
        }
        let sent = sent - output.len() as u64;
        (
            self.content
                .bytes(Body { at: self.record.body.at + sent, len: self.record.body.len - sent }),
            false,
        )
    }

    /// The output.
    pub(crate) fn output(&self) -> &[u8] {
        &self.output[..OUTPUT_BYTES.min(self.output_bytes as usize)]
    }

    /// Answers with an error; what follows in the input has no meaning any more.
    fn refuse(&mut self, standing: Standing) {
        self.after = After::Linger;
        self.pick_standing(standing);
    }

    /// Takes note of an answer.
    #[inline(never)]
    pub(crate) fn pick(&mut self, stored: Stored) {
        self.record = self.content.record(stored);
    }

    /// Takes note of an answer that belongs to no route.
    #[inline(never)]
    pub(crate) fn pick_standing(&mut self, standing: Standing) {
        self.pick(self.content.standing(standing));
    }

    /// Appends an answer: its head, the tail, and its body or where that is.
    pub(crate) fn push(&mut self) {
        if self.line == Standing::NotFound {
            if !self.push_rule() {
                self.push_head(Extent::Whole, 0);
            }
            if self.record.flags & QUERY != 0 {
                self.push_query();
            }
        } else {
            let stored = self.record.stored;
            self.pick_standing(self.line);
            self.push_head(Extent::Whole, 0);
            self.pick(stored);
        }
        match self.line {
            Standing::NotModified => {
                self.push_head(Extent::Shared, STATUS_BYTES);
                self.record.body.len = 0;
            }
            Standing::PartialContent => {
                let whole_bytes = self.record.body.len;
                self.record.body.at += self.request.first;
                self.record.body.len = self.request.last - self.request.first;
                self.push_number(b' ', self.request.first);
                self.push_number(b'-', self.request.last - 1);
                self.push_number(b'/', whole_bytes);
                self.push_head(Extent::Part, STATUS_BYTES);
                self.push_number(b' ', self.record.body.len);
            }
            Standing::RangeNotSatisfiable => {
                self.push_number(b'/', self.record.body.len);
                self.record.body.len = 0;
            }
            _ => {}
        }
        self.push_tail();
        if self.request.method() == Name::Head as u8 {
            self.record.body.len = 0;
        }
        self.note();
        if self.record.body.len <= BODY_COPIED_BYTES_MAX as u64 {
            self.push_bytes(self.content.bytes(self.record.body));
            self.record.body.len = 0;
        }
    }

    /// Appends the query of the request.
    fn push_query(&mut self) {
        self.request.rewind_to_query();
        loop {
            match self.request.byte() {
                b' ' => return,
                byte => self.push_byte(byte),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn push_head(&mut self, extent: Extent, skip: usize) {
        self.push_bytes(self.content.head_of(&self.record, extent, skip));
    }

    /// Appends a byte and a number behind it.
    #[inline(never)]
    pub(crate) fn push_number(&mut self, before: u8, number: u64) {
        if number < 10 {
            self.push_byte(before);
        } else {
            self.push_number(before, number / 10);
        }
        self.push_byte(b'0' + (number % 10) as u8);
    }

    #[inline(never)]
    pub(crate) fn push_byte(&mut self, byte: u8) {
        self.push_bytes(&[byte]);
    }

    /// Appends the end of a response head.
    pub(crate) fn push_tail(&mut self) {
        if self.after != After::KeepAlive {
            self.push_bytes(CLOSE);
        }
        append(&mut self.output, &mut self.output_bytes, &self.tail);
    }

    #[inline(never)]
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) {
        append(&mut self.output, &mut self.output_bytes, bytes);
    }
}

/// Appends `bytes` to the output up to `end`. What has no space is left out.
#[inline(always)]
fn append(output: &mut [u8; OUTPUT_BYTES], end: &mut u32, bytes: &[u8]) {
    let at = (*end as usize).min(OUTPUT_BYTES);
    copy(output.get_mut(at..).unwrap_or_default(), bytes);
    *end += bytes.len() as u32;
}

#[cfg(test)]
mod tests;
