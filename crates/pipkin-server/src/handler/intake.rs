//! The bodies of requests: what comes behind a head goes to a part of memory that the connection
//! has for it, without what frames it.

use core::mem::take;

use super::Desk;
use super::exchange::{Line, find, lines};
use crate::conn::Batch;
use crate::copy;
use crate::event::index;
use crate::http::names::Name;
use crate::http::set::FIELD_CONTENT;
use crate::sys::LIMITS;

/// Bytes of a body besides its data, at most: lengths of chunks, their extensions, trailers. A body
/// of small chunks has more of them, and may: 16 for each byte.
const FRAMING_BYTES_MAX: u64 = 8 * 1024;

/// How far the body of a request has come. All-zero memory is one that has not begun.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Intake {
    state: State,
    /// Bytes of data that are there.
    bytes: u32,
    /// Bytes that are no data.
    framing: u64,
    /// Bytes of data to come, in this chunk or in all.
    left: u64,
}

/// What the next byte of a body is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(u8)]
enum State {
    /// The head has just come.
    #[default]
    Nothing = 0,
    /// Data, of a body with a length.
    Data,
    /// The first digit of a chunk's length.
    Digit,
    /// Another one, or what ends them.
    Digits,
    /// A blank behind a chunk's length, or what ends them.
    Blank,
    /// An extension of a chunk.
    Extension,
    /// The line feed behind a chunk's length.
    ChunkLine,
    /// Data of a chunk.
    Chunk,
    /// The carriage return, and the line feed, behind it.
    ChunkEnd,
    ChunkEndLine,
    /// The first byte of a trailer, or the carriage return of the line that ends them.
    Trailer,
    TrailerLine,
    /// The line feed of a trailer.
    TrailerEnd,
    /// The line feed of the last line.
    LastLine,
    /// The body is whole.
    Whole,
}

/// What is there of a body.
pub(super) enum Received {
    /// It has so many bytes of the input.
    Whole(u32),
    Part,
    /// It cannot be taken, and the connection ends with this status line.
    Refused(Line),
}

impl Intake {
    /// Begins a body of `length` bytes, or one in chunks.
    fn begin(&mut self, length: Option<u64>) {
        self.left = length.unwrap_or(0);
        self.state = match length {
            None => State::Digit,
            Some(0) => State::Whole,
            Some(_) => State::Data,
        };
    }

    /// Moves data from `input` to `space`: how many bytes of `input` belong to the body.
    ///
    /// # Errors
    ///
    /// The status line of an answer: 413 when the data does not fit, 400 when the body is broken.
    ///
    /// Source: RFC 9112, section 7.1.
    fn take(&mut self, input: &[u8], space: &mut [u8]) -> Result<usize, Line> {
        let mut at = 0;
        while self.state != State::Whole {
            if self.left > (space.len() - self.bytes as usize) as u64 {
                return Err(Line::of(413));
            }
            let rest = input.get(at..).unwrap_or_default();
            let Some(&byte) = rest.first() else { break };
            if matches!(self.state, State::Data | State::Chunk) {
                let data = rest.get(..self.left as usize).unwrap_or(rest);
                copy(space.get_mut(self.bytes as usize..).unwrap_or_default(), data);
                self.bytes += data.len() as u32;
                self.left -= data.len() as u64;
                at += data.len();
                if self.left == 0 {
                    let is_chunk = self.state == State::Chunk;
                    self.state = if is_chunk { State::ChunkEnd } else { State::Whole };
                }
                continue;
            }
            self.frame(byte)?;
            at += 1;
        }
        Ok(at)
    }

    /// Takes a byte that is no data.
    fn frame(&mut self, byte: u8) -> Result<(), Line> {
        self.framing += 1;
        if self.framing > FRAMING_BYTES_MAX + 16 * u64::from(self.bytes) {
            return Err(Line::of(413));
        }
        self.state = match (self.state, byte) {
            (State::Digit | State::Digits, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                self.left = self.left << 4 | u64::from(digit);
                if self.left >> 48 != 0 {
                    return Err(Line::of(413));
                }
                State::Digits
            }
            (State::Digits | State::Blank | State::Extension, b'\r') => State::ChunkLine,
            (State::Digits | State::Blank, b';') => State::Extension,
            (State::Digits | State::Blank, b' ' | b'\t') => State::Blank,
            (State::ChunkLine, b'\n') if self.left == 0 => State::Trailer,
            (State::ChunkLine, b'\n') => State::Chunk,
            (State::ChunkEnd, b'\r') => State::ChunkEndLine,
            (State::ChunkEndLine, b'\n') => State::Digit,
            (State::Trailer, b'\r') => State::LastLine,
            (State::TrailerLine, b'\r') => State::TrailerEnd,
            (State::TrailerEnd, b'\n') => State::Trailer,
            (State::LastLine, b'\n') => State::Whole,
            (State::Extension, _) if FIELD_CONTENT.has(byte) => State::Extension,
            (State::Trailer | State::TrailerLine, _) if FIELD_CONTENT.has(byte) => {
                State::TrailerLine
            }
            _ => return Err(Line::of(400)),
        };
        Ok(())
    }
}

impl Desk {
    /// The body of the request.
    pub(super) fn body(&self) -> &[u8] {
        if LIMITS.bodies { self.bodies.of(self.fd, self.body_bytes as usize) } else { b"" }
    }

    /// Takes the body of the request at `from` from the input behind its head.
    pub(super) fn receive(&mut self, from: u32) -> Received {
        if !LIMITS.bodies {
            return Received::Whole(0);
        }
        self.body_bytes = 0;
        if !self.request.has_body() {
            return Received::Whole(0);
        }
        let Self { batch: Batch { request, .. }, opens, bodies, fd, .. } = self;
        let intake = &mut opens[index(*fd)].intake;
        let is_first = intake.state == State::Nothing;
        if is_first {
            let head = request.behind_method();
            let length = find(head, b"content-length").map(length);
            if length.is_none() && !is_chunked(head) {
                return Received::Refused(Line::of(400));
            }
            intake.begin(length);
        }
        let start = request.next();
        let taken = match intake.take(request.input(start), bodies.of_mut(*fd)) {
            Err(line) => return Received::Refused(line),
            Ok(taken) => taken,
        };
        if intake.state == State::Whole {
            self.body_bytes = take(intake).bytes;
            return Received::Whole(taken as u32);
        }
        request.end_at(start);
        let has_space = !request.is_full(from);
        self.receives = taken != 0;
        if !has_space {
            return Received::Refused(Line::of(431));
        }
        if is_first && taken == 0 {
            self.tell_to_go_on();
        }
        Received::Part
    }

    /// Tells a client to send the body, if it has asked whether it should; an old one has not.
    ///
    /// Source: RFC 9110, section 10.1.1.
    fn tell_to_go_on(&mut self) {
        if !self.request.has(Name::Old) && find(self.request.behind_method(), b"expect").is_some() {
            self.push_bytes(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    /// Gives the memory of a body back.
    pub(super) fn drop_body(&mut self) {
        const PAGE_BYTES: u32 = 4096;
        if LIMITS.bodies && take(&mut self.open().intake).bytes.max(self.body_bytes) > PAGE_BYTES {
            self.bodies.discard(self.fd);
        }
    }
}

/// Whether the body comes in chunks, and that is all that is done to it. The parser, which knows names
/// by their hashes, and a site, which reads no body, are content with less.
///
/// Source: RFC 9112, section 6.1.
fn is_chunked(head: &[u8]) -> bool {
    let mut codings = lines(head).filter(|line| line.0.eq_ignore_ascii_case(b"transfer-encoding"));
    codings.next().is_some_and(|line| line.1.eq_ignore_ascii_case(b"chunked"))
        && codings.next().is_none()
}

/// The number in a Content-Length field, which the parser has found to be digits.
fn length(value: &[u8]) -> u64 {
    let digits = value.iter().map(|byte| u64::from(byte.wrapping_sub(b'0')));
    digits.fold(0, |length, digit| length.saturating_mul(10).saturating_add(digit))
}

#[cfg(test)]
mod tests;
