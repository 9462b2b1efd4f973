//! Request heads: bytes in, a request out.
//!
//! The parser is strict where leniency has been used to smuggle requests: one space between the
//! parts of the request line, CRLF at each line's end, no space before a field's colon, no line
//! folding, no control characters. It keeps no state; an incomplete head is parsed anew when
//! more bytes have come, which [`INPUT_BYTES`] bounds.
//!
//! All is done by one cursor. Behind the input stands a NUL, a byte that is allowed nowhere: so the
//! end is no special case, and no position is compared with it. What lies behind the NUL is left from
//! other input, so whoever reads one reads no further. A cursor that fails beyond the end has seen the
//! start of a request, one that fails before it has seen none.
//!
//! Texts are read by [`Request::skip`], in eight instructions a byte on x86-64, names by
//! [`Request::name`], in thirteen.

use super::names::{Name, SEED, number_of, step};
use super::set::{AUTHORITY, BLANKS, DIGITS, FIELD_CONTENT, HOST, Set, TOKEN, VISIBLE};

/// Bytes of the longest request head; one read takes as many.
pub const INPUT_BYTES: usize = 8 * 1024;

/// Bytes of the buffer that it is in: more, for the NUL behind it, and a power of two.
pub(super) const BUFFER_BYTES: usize = 2 * INPUT_BYTES;

/// The connection ends after the answer; a bit behind those of the names.
const CLOSE: u32 = 1 << 30;
/// A body follows the head.
const BODY: u32 = 1 << 31;

/// The fields that tell where a message ends. Together they tell two ends.
const FRAMING: u32 = Name::ContentLength.bit() | Name::TransferEncoding.bit();

/// What the bytes at the start of the input are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The start of a request head, so far without fault.
    Partial,
    /// No request: the grammar or the framing is broken, and so is the connection.
    Bad,
    /// A request head.
    Complete,
}

/// Input, and the request at its start.
///
/// All positions are in the input. What lies within 128 bytes of the start takes the shortest
/// instructions, so the input comes last. All-zero memory is no input.
#[repr(C)]
pub struct Request {
    /// Where to read on.
    pub(super) at: u32,
    /// The end of the input.
    end: u32,
    /// Where the input begins that is not answered.
    from: u32,
    /// Where the text begins that was read last.
    pub(super) start: u32,
    /// What has been seen: [`Name::bit`] of each name, and [`CLOSE`] and [`BODY`].
    seen: u32,
    /// The method: the number of a [`Name`].
    method: u8,
    /// Where the path begins, or would begin if there were one.
    pub(super) target: u32,
    /// Where the query begins: behind the path.
    pub(super) query: u32,
    /// Where the next request begins.
    next: u32,
    /// Where the value of each field begins that has come. It ends with a carriage return.
    pub(super) values: [u16; Name::UNKNOWN as usize],
    /// The part of the body that is asked for: its first byte, and the one behind its last.
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(super) input: [u8; BUFFER_BYTES],
}

impl Default for Request {
    /// No input: what all-zero memory is.
    fn default() -> Self {
        Self {
            at: 0,
            end: 0,
            from: 0,
            start: 0,
            seen: 0,
            method: 0,
            target: 0,
            query: 0,
            next: 0,
            values: [0; Name::UNKNOWN as usize],
            first: 0,
            last: 0,
            input: [0; BUFFER_BYTES],
        }
    }
}

impl Request {
    /// Reads the head at `from`. What is in the request has a meaning only when it is complete.
    ///
    /// Source: RFC 9112, sections 2 to 6.
    pub fn parse(&mut self, from: u32) -> Parsed {
        self.at = from;
        if self.head() {
            return Parsed::Complete;
        }
        self.next = self.end;
        self.method = Name::UNKNOWN;
        if self.at > self.end { Parsed::Partial } else { Parsed::Bad }
    }

    /// The path as it came, once it has been decoded.
    pub fn encoded_path(&self) -> &[u8] {
        self.input.get(self.target as usize..self.query as usize).unwrap_or_default()
    }

    /// Whether the target is a star, as it may be for OPTIONS.
    #[cfg(feature = "handler")]
    pub(crate) fn asks_about_server(&self) -> bool {
        self.input[self.target as usize % BUFFER_BYTES] == b'*'
    }

    /// The method: the number of a [`Name`].
    pub fn method(&self) -> u8 {
        self.method
    }

    /// Where the next request begins; the end of the input when this one is broken.
    pub fn next(&self) -> u32 {
        self.next
    }

    /// Whether the part of the body that is asked for is there.
    pub fn is_part(&self) -> bool {
        self.first < self.last
    }

    /// Whether no more input fits behind a request at `from`.
    pub fn is_full(&self, from: u32) -> bool {
        self.end - from >= INPUT_BYTES as u32
    }

    /// Where the next received bytes go.
    pub fn space(&mut self) -> &mut [u8] {
        self.input[..INPUT_BYTES].get_mut(self.end as usize..).unwrap_or_default()
    }

    /// The input from `at` on.
    pub fn input(&self, at: u32) -> &[u8] {
        let end = INPUT_BYTES.min(self.end as usize);
        self.input[..end].get(at as usize..).unwrap_or_default()
    }

    /// The input that is not answered.
    pub fn rest(&self) -> &[u8] {
        let at = self.from as usize % INPUT_BYTES;
        self.input.get(at..at + (self.end - self.from) as usize).unwrap_or_default()
    }

    /// Where that begins.
    pub fn from(&self) -> u32 {
        self.from
    }

    /// Whether there is none.
    pub fn is_answered(&self) -> bool {
        self.from == self.end
    }

    /// Takes note that the input up to `from` is answered.
    pub fn answered(&mut self, from: u32) {
        self.from = from;
    }

    /// Makes `input` the input.
    pub fn load(&mut self, input: &[u8]) {
        crate::copy(&mut self.input, input);
        self.from = 0;
        self.end_at(input.len() as u32);
    }

    /// Drops all input.
    pub fn clear(&mut self) {
        self.from = 0;
        self.end_at(0);
    }

    /// Takes note of `count` bytes in [`Self::space`].
    pub fn received(&mut self, count: u32) {
        self.end_at(self.end + count);
    }

    /// The head at `from`, up to the empty line.
    #[cfg(feature = "handler")]
    pub(crate) fn head_at(&self, from: u32) -> &[u8] {
        let end = self.next.saturating_sub(2) as usize;
        let head = self.input.get(from as usize..end).unwrap_or_default();
        // A client may send one line end too many before it.
        head.strip_prefix(b"\r\n").unwrap_or(head)
    }

    /// What follows the method, up to the empty line.
    #[cfg(feature = "handler")]
    pub(crate) fn behind_method(&self) -> &[u8] {
        let end = self.next.saturating_sub(2) as usize;
        self.input.get(self.target as usize..end).unwrap_or_default()
    }

    /// Drops the input from `end` on.
    #[inline(always)]
    pub(crate) fn end_at(&mut self, end: u32) {
        self.end = end;
        self.input[end as usize % BUFFER_BYTES] = 0;
    }

    /// Whether a field has come.
    pub fn has(&self, name: Name) -> bool {
        self.seen & name.bit() != 0
    }

    /// The client closes the connection after the answer.
    pub fn closes(&self) -> bool {
        self.seen & (CLOSE | Name::Old.bit()) != 0
    }

    /// A body follows the head.
    pub fn has_body(&self) -> bool {
        self.seen & BODY != 0
    }

    fn head(&mut self) -> bool {
        self.seen = 0;
        // Some clients end a body with a line of its own, against the rules (RFC 9112, section 2.2).
        if self.byte() != b'\r' {
            self.at -= 1;
        } else if self.byte() != b'\n' {
            return false;
        }
        self.method = self.name(TOKEN, b' ', 0);
        if self.method == Name::NONE || self.skip(VISIBLE) != b' ' {
            return false;
        }
        self.target = self.start;
        self.seen = 1 << self.name(VISIBLE, b'\r', 0);
        if self.seen & (Name::Old.bit() | Name::Current.bit()) == 0 {
            return false;
        }
        while self.byte() == b'\n' {
            if self.byte() == b'\r' {
                return self.byte() == b'\n' && self.is_sound();
            }
            self.at -= 1;
            if !self.field() {
                return false;
            }
        }
        false
    }

    /// Reads one field, up to and including the carriage return at its end.
    ///
    /// Source: RFC 9112, section 5.
    fn field(&mut self) -> bool {
        let number = self.name(TOKEN, b':', 0x20);
        let name = 1 << number;
        // Two have two meanings.
        const ONCE: u32 = Name::Host.bit() | Name::ContentLength.bit();
        if number == Name::NONE || self.seen & name & ONCE != 0 {
            return false;
        }
        self.seen |= name;
        let set = if name == Name::Host.bit() {
            HOST
        } else if name == Name::ContentLength.bit() {
            DIGITS
        } else {
            FIELD_CONTENT
        };
        self.skip(BLANKS);
        self.at -= 1;
        let end = self.skip(set);
        let start = self.start;
        let bytes = self.at - start - 1;
        if end != b'\r' {
            self.at -= 1;
            if !self.ends() {
                return false;
            }
        }
        if keeps_values()
            && let Some(value) = self.values.get_mut(number as usize)
        {
            *value = start as u16;
        }
        if name == Name::Connection.bit() && self.finds(start, b"close", 0x20) != 0 {
            // The word may be a part of another: to close is always allowed.
            self.seen |= CLOSE;
        }
        name & FRAMING == 0 || self.frames(name, start, bytes)
    }

    /// Takes note of a body, which the value at `start` of so many `bytes` tells of; whether it does.
    ///
    /// Source: RFC 9112, section 6.3.
    #[inline(always)]
    fn frames(&mut self, name: u32, start: u32, bytes: u32) -> bool {
        if bytes != 1 || self.input[start as usize % BUFFER_BYTES] != b'0' {
            self.seen |= BODY;
        }
        if name == Name::ContentLength.bit() {
            return bytes != 0;
        }
        // It comes last, or nobody knows where the body ends.
        self.at = self.finds(start, b"chunked", 0x20);
        self.at != 0 && self.ends()
    }

    /// Whether what has been seen makes a request.
    ///
    /// Source: RFC 9112, sections 3.2 and 6.3.
    fn is_sound(&mut self) -> bool {
        self.next = self.at;
        self.at = self.target;
        self.seen & FRAMING != FRAMING
            && self.seen & (Name::Old.bit() | Name::Host.bit()) != 0
            && match self.byte() {
                b'/' => true,
                b'*' => self.method == Name::Options as u8 && self.byte() == b' ',
                _ => self.begins(self.target, b"http://") && self.skip_authority(),
            }
    }

    /// Moves the target behind the authority, which is next and names a host.
    fn skip_authority(&mut self) -> bool {
        let has_host = self.byte() != b':';
        self.at -= 1;
        self.skip(HOST);
        let has_host = has_host && self.at - self.start > 1;
        self.at -= 1;
        self.skip(AUTHORITY);
        self.target = self.at - 1;
        has_host
    }

    /// The next byte; NUL behind the end.
    #[inline(never)]
    pub(crate) fn byte(&mut self) -> u8 {
        let byte = self.input[self.at as usize % BUFFER_BYTES];
        self.at += 1;
        byte
    }

    /// Reads a text of `set` and the byte behind it, which it gives; leaves where the text begins.
    #[inline(never)]
    pub(super) fn skip(&mut self, set: Set) -> u8 {
        self.start = self.at;
        let mut at = self.at as usize % BUFFER_BYTES;
        loop {
            let byte = self.input[at];
            at = (at + 1) % BUFFER_BYTES;
            if !set.has(byte) {
                self.at = at as u32;
                return byte;
            }
        }
    }

    /// Reads a name of `set` and the `end` behind it; its number, or [`Name::NONE`]. With a `fold` of
    /// 0x20 it may be in any case.
    #[inline(never)]
    fn name(&mut self, set: Set, end: u8, fold: u8) -> u8 {
        let start = self.at;
        let (mut at, mut hash) = (start as usize % BUFFER_BYTES, SEED);
        loop {
            let byte = self.input[at];
            at = (at + 1) % BUFFER_BYTES;
            if !set.has(byte) {
                self.at = at as u32;
                return if byte == end && self.at - start > 1 {
                    number_of(hash)
                } else {
                    Name::NONE
                };
            }
            hash = step(hash, byte | fold);
        }
    }
}

/// Whether anybody asks for the values of fields: who answers with a site does.
#[inline(always)]
fn keeps_values() -> bool {
    #[cfg(all(target_os = "linux", feature = "handler"))]
    return crate::sys::LIMITS.site;
    #[cfg(not(all(target_os = "linux", feature = "handler")))]
    true
}

#[cfg(test)]
mod tests;
