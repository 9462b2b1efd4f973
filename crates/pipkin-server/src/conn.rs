//! One connection as a pure state machine: request bytes in, response bytes out.
//!
//! The event loop calls [`Exchange::space`] and [`Exchange::received`] for what it read,
//! [`Exchange::answer`] to turn complete requests into answers, and [`Exchange::pending`] and
//! [`Exchange::sent`] for what it wrote. Nothing here knows a socket or a clock.
//!
//! An exchange is at rest when it holds neither input nor output; then its memory can serve any
//! other connection, and it does: a connection between two requests owns no buffer.

use pipkin_format::{Body, Content, HEAD_BYTES_MAX, OK_LINE, Standing, Stored};

use crate::http::date::{DATE_BYTES, write_imf_fixdate};
use crate::http::request::{Parsed, Request, parse};
use crate::site::{Form, respond};

/// Bytes of the longest request head; one read takes as many.
pub const INPUT_BYTES: usize = 8 * 1024;

/// Bytes of the output buffer: a batch of 16 pipelined answers with bodies of 1 kB fits.
pub const OUTPUT_BYTES: usize = 32 * 1024;

/// Bytes of the largest body that is copied behind its head, so that it shares a send with the
/// answers before and behind it. Larger ones are sent from where they are.
pub const BODY_COPIED_BYTES_MAX: usize = 4 * 1024;

/// Output space that one answer may need.
const ANSWER_BYTES_MAX: usize =
    HEAD_BYTES_MAX + PART_BYTES_MAX + TAIL_BYTES + BODY_COPIED_BYTES_MAX;

/// Digits of the largest number.
const NUMBER_BYTES_MAX: usize = 20;

/// Output space that the fields of a part need beyond those of the whole.
const PART_BYTES_MAX: usize = 100 + 4 * NUMBER_BYTES_MAX;

const CLOSE: &[u8; 19] = b"Connection: close\r\n";
const DATE_AT: usize = CLOSE.len() + b"Date: ".len();
const TAIL_BYTES: usize = DATE_AT + DATE_BYTES + b"\r\n\r\n".len();

/// The end of every response head, made once a second.
pub struct Tail([u8; TAIL_BYTES]);

impl Tail {
    /// A tail without a time.
    pub const NEW: Self =
        Self(*b"Connection: close\r\nDate: xxx, xx xxx xxxx xx:xx:xx GMT\r\n\r\n");

    /// Sets the time in seconds since 1970.
    pub fn set(&mut self, unix_seconds: u64) {
        if let Some(date) = self.0.get_mut(DATE_AT..).and_then(<[u8]>::first_chunk_mut) {
            write_imf_fixdate(unix_seconds, date);
        }
    }

    fn bytes(&self, close: bool) -> &[u8] {
        if close { &self.0 } else { &self.0[CLOSE.len()..] }
    }
}

/// What the connection does once its output is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum After {
    /// It waits for the next request.
    KeepAlive = 0,
    /// It ends; the peer owes nothing.
    Close,
    /// It ends, but the peer may still be sending: closing at once would reset the connection
    /// and take the answer with it (RFC 9112, section 9.6).
    Linger,
}

/// The bytes that a connection has received and not answered, and answered and not sent.
///
/// All-zero memory is an exchange at rest.
pub struct Exchange {
    input_at: usize,
    input_end: usize,
    output_at: usize,
    output_end: usize,
    /// What follows the output from the content itself.
    body: Body,
    after: After,
    input: [u8; INPUT_BYTES],
    output: [u8; OUTPUT_BYTES],
}

impl Exchange {
    /// Where the next received bytes go; empty only while output is pending.
    pub fn space(&mut self) -> &mut [u8] {
        self.input.get_mut(self.input_end..).unwrap_or_default()
    }

    /// Takes note of `count` bytes in [`Self::space`].
    pub fn received(&mut self, count: usize) {
        self.input_end += count;
    }

    /// Turns complete requests into output until the input is used up, the output is full, a
    /// body must be sent from the content, or the connection is to end. With `last`, it ends
    /// after the next answer.
    pub fn answer(&mut self, content: &Content<'_>, tail: &Tail, last: bool) {
        while self.after == After::KeepAlive
            && self.body.len == 0
            && self.input_at < self.input_end
            && self.output_end + ANSWER_BYTES_MAX <= OUTPUT_BYTES
        {
            let input = self.input.get(self.input_at..self.input_end).unwrap_or_default();
            let mut request = Request::default();
            match parse(input, &mut request) {
                Parsed::Partial if input.len() < INPUT_BYTES => break,
                Parsed::Partial => self.refuse(content, tail, Standing::HeadTooLarge),
                Parsed::Bad => self.refuse(content, tail, Standing::BadRequest),
                Parsed::Complete => {
                    let space = self.output.get_mut(self.output_end..).unwrap_or_default();
                    let (stored, form) = respond(content, &request, space);
                    self.after = after(&request, last);
                    self.input_at += request.head_bytes;
                    self.push(content, stored, tail, form);
                }
            }
        }
        self.compact();
    }

    /// What is to be sent next: output, and behind it a part of the content.
    pub fn pending<'a>(&'a self, content: &Content<'a>) -> (&'a [u8], &'a [u8]) {
        let output = self.output.get(self.output_at..self.output_end).unwrap_or_default();
        (output, content.bytes(self.body))
    }

    /// Takes note that the first `count` bytes of [`Self::pending`] are sent.
    pub fn sent(&mut self, count: usize) {
        let output = count.min(self.output_end - self.output_at);
        self.output_at += output;
        let body = (count - output) as u64;
        self.body.at += body;
        self.body.len -= body;
        if self.output_at == self.output_end {
            (self.output_at, self.output_end) = (0, 0);
        }
    }

    /// Whether output waits for the peer; until it is sent, no input is read.
    pub fn is_sending(&self) -> bool {
        self.output_end != 0 || self.body.len != 0
    }

    /// Whether nothing is held: the next byte begins a request.
    pub fn is_at_rest(&self) -> bool {
        self.input_end == 0 && !self.is_sending()
    }

    /// What the connection does once its output is sent.
    pub fn after(&self) -> After {
        self.after
    }

    /// Puts the exchange at rest, whatever it held.
    pub fn reset(&mut self) {
        (self.input_at, self.input_end) = (0, 0);
        (self.output_at, self.output_end) = (0, 0);
        self.body = Body::default();
        self.after = After::KeepAlive;
    }

    /// Moves what `other` holds into this exchange, and leaves `other` at rest. Only bytes in
    /// use are touched, so that unused buffers stay unmapped.
    pub fn take(&mut self, other: &mut Self) {
        copy(&mut self.input, &other.input, other.input_end);
        copy(&mut self.output, &other.output, other.output_end);
        (self.input_at, self.input_end) = (other.input_at, other.input_end);
        (self.output_at, self.output_end) = (other.output_at, other.output_end);
        (self.body, self.after) = (other.body, other.after);
        other.reset();
    }

    /// Answers with an error; what follows in the input has no meaning any more.
    fn refuse(&mut self, content: &Content<'_>, tail: &Tail, standing: Standing) {
        self.after = After::Linger;
        self.push(content, content.standing(standing), tail, Form::Whole);
    }

    /// Appends an answer: its head, its tail, and its body or where that is.
    fn push(&mut self, content: &Content<'_>, stored: Stored, tail: &Tail, form: Form) {
        let mut body = content.body(stored);
        let (mut head, mut skip) = (content.head(stored), OK_LINE.len());
        match form {
            Form::Whole => skip = 0,
            Form::Head => (skip, body.len) = (0, 0),
            Form::NotModified => {
                self.push_bytes(b"HTTP/1.1 304 Not Modified\r\n");
                (head, body.len) = (content.shared(stored), 0);
            }
            Form::Part(first, end) => {
                head = self.push_part(head, first, end, body.len);
                // A first byte that is not there is any number.
                body = Body { at: body.at.wrapping_add(first), len: end.saturating_sub(first) };
            }
        }
        self.push_bytes(head.get(skip..).unwrap_or_default());
        self.push_bytes(tail.bytes(self.after != After::KeepAlive));
        if body.len <= BODY_COPIED_BYTES_MAX as u64 {
            self.push_bytes(content.bytes(body));
        } else {
            self.body = body;
        }
        if self.after != After::KeepAlive {
            self.input_at = self.input_end;
        }
    }

    /// Appends the status line of a 206 or 416 and the fields that tell which part of `bytes` it
    /// has; returns what of `head` follows.
    ///
    /// Source: RFC 9110, sections 14.4, 15.3.7 and 15.5.17.
    fn push_part<'a>(&mut self, head: &'a [u8], first: u64, end: u64, bytes: u64) -> &'a [u8] {
        let is_there = first < end;
        if is_there {
            self.push_bytes(b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes ");
            self.push_number(first);
            self.push_bytes(b"-");
            self.push_number(end - 1);
        } else {
            self.push_bytes(b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes *");
        }
        self.push_bytes(b"/");
        self.push_number(bytes);
        self.push_bytes(b"\r\nContent-Length: ");
        self.push_number(end.saturating_sub(first));
        self.push_bytes(b"\r\n");
        if !is_there {
            return b"";
        }
        // The last line of the head is the length of the whole.
        let fields = head.get(..head.len().saturating_sub(2)).unwrap_or_default();
        let end = fields.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        fields.get(..end).unwrap_or_default()
    }

    fn push_number(&mut self, mut number: u64) {
        let mut digits = [0; NUMBER_BYTES_MAX];
        let mut start = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            start -= 1;
            if number == 0 {
                break;
            }
        }
        self.push_bytes(digits.get(start..).unwrap_or_default());
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        let space = self.output.get_mut(self.output_end..).unwrap_or_default();
        copy(space, bytes, bytes.len());
        self.output_end += bytes.len();
    }

    /// Moves the rest of the input to the start of its buffer.
    fn compact(&mut self) {
        let count = self.input_end - self.input_at;
        for to in 0..count {
            self.input[to % INPUT_BYTES] = self.input[(self.input_at + to) % INPUT_BYTES];
        }
        (self.input_at, self.input_end) = (0, count);
    }
}

fn after(request: &Request<'_>, last: bool) -> After {
    if request.body {
        After::Linger
    } else if request.close || last {
        After::Close
    } else {
        After::KeepAlive
    }
}

/// Copies the first `count` bytes, or as many as there are on both sides.
fn copy(to: &mut [u8], from: &[u8], count: usize) {
    for (to, from) in to.iter_mut().zip(from).take(count) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests;
