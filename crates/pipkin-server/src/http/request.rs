//! Request heads: bytes in, a request out.
//!
//! The parser is strict where leniency has been used to smuggle requests: one space between the
//! parts of the request line, CRLF at each line's end, no space before a field's colon, no line
//! folding, no control characters. It keeps no state; an incomplete head is parsed anew when
//! more bytes have come, which [`INPUT_BYTES`] bounds.
//!
//! All is done by one cursor that reads byte by byte and gives NUL behind the end, a byte that is
//! allowed nowhere: so the end is no special case. A cursor that fails beyond the end has seen the
//! start of a request, one that fails before it has seen none.

use super::names::{Name, SEED, number_of, step};
use super::set::{DIGITS, FIELD_CONTENT, HOST, Set, TOKEN, VISIBLE};

/// Bytes of the longest request head; one read takes as many.
pub const INPUT_BYTES: usize = 8 * 1024;

/// The fields whose values are kept.
const VALUES: usize = Name::Accept as usize + 1;

/// The connection ends after the answer; a bit behind those of the names.
const CLOSE: u32 = 1 << 30;
/// A body follows the head.
const BODY: u32 = 1 << 31;

/// The transfer coding that there is.
const CHUNKED: &[u8] = b"chunked";

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
    /// Its hash.
    hash: u32,
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
    /// Where the values begin. Each ends with a carriage return; without a value it begins there.
    pub(super) values: [u32; VALUES],
    /// The part of the body that is asked for: its first byte, and the one behind its last.
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(super) input: [u8; INPUT_BYTES],
}

impl Default for Request {
    /// No input: what all-zero memory is.
    fn default() -> Self {
        Self {
            at: 0,
            end: 0,
            from: 0,
            start: 0,
            hash: 0,
            seen: 0,
            method: 0,
            target: 0,
            query: 0,
            next: 0,
            values: [0; VALUES],
            first: 0,
            last: 0,
            input: [0; INPUT_BYTES],
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
        self.input[self.target as usize % INPUT_BYTES] == b'*'
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
        self.input.get_mut(self.end as usize..).unwrap_or_default()
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

    /// Takes note that the input up to `from` is answered.
    pub fn answered(&mut self, from: u32) {
        self.from = from;
    }

    /// Makes `input` the input.
    pub fn load(&mut self, input: &[u8]) {
        crate::copy(&mut self.input, input);
        self.from = 0;
        self.end = input.len() as u32;
    }

    /// Drops all input.
    pub fn clear(&mut self) {
        (self.from, self.end) = (0, 0);
    }

    /// Takes note of `count` bytes in [`Self::space`].
    pub fn received(&mut self, count: u32) {
        self.end += count;
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
    #[cfg(feature = "handler")]
    pub(crate) fn end_at(&mut self, end: u32) {
        self.end = end;
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
        if !self.text(b' ', &TOKEN) {
            return false;
        }
        self.method = number_of(self.hash);
        if !self.text(b' ', &VISIBLE) {
            return false;
        }
        self.target = self.start;
        if !self.text(b'\r', &VISIBLE) {
            return false;
        }
        self.seen = 1 << number_of(self.hash);
        if keeps_values() {
            self.values = [self.at - 1; VALUES];
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
        if !self.text(b':', &TOKEN) {
            return false;
        }
        let number = number_of(self.hash);
        let name = 1 << number;
        // Two have two meanings.
        const ONCE: u32 = Name::Host.bit() | Name::ContentLength.bit();
        if self.seen & name & ONCE != 0 {
            return false;
        }
        self.seen |= name;
        if !self.text(b'\r', &FIELD_CONTENT) {
            return false;
        }
        if keeps_values()
            && let Some(value) = self.values.get_mut(number as usize)
        {
            *value = self.start;
        }
        let next = self.at;
        if name == Name::Connection.bit() && self.finds(self.start, b"close", 0x20, 0) {
            // The word may be a part of another: to close is always allowed.
            self.seen |= CLOSE;
        }
        self.at = next;
        if name == Name::Host.bit() {
            return self.is_all(&HOST);
        }
        if name & FRAMING != 0 {
            if next - self.start != 2 || self.input[self.start as usize % INPUT_BYTES] != b'0' {
                self.seen |= BODY;
            }
            return if name == Name::TransferEncoding.bit() {
                // It comes last, or nobody knows where the body ends.
                self.finds(self.start, CHUNKED, 0x20, 0) && {
                    self.at += CHUNKED.len() as u32;
                    self.ends()
                }
            } else {
                next - self.start > 1 && self.is_all(&DIGITS)
            };
        }
        true
    }

    /// Whether what has been seen makes a request.
    ///
    /// Source: RFC 9112, sections 3.2 and 6.3.
    fn is_sound(&mut self) -> bool {
        self.next = self.at;
        self.at = self.target;
        self.seen & FRAMING != FRAMING
            && self.seen & (Name::Old.bit() | Name::Current.bit()) != 0
            && self.seen & (Name::Old.bit() | Name::Host.bit()) != 0
            && match self.byte() {
                b'/' => true,
                b'*' => self.method == Name::Options as u8 && self.byte() == b' ',
                _ => self.begins(self.target, b"http://", 0x20) && self.skip_authority(),
            }
    }

    /// Moves the target behind its scheme and its authority, which names a host.
    fn skip_authority(&mut self) -> bool {
        self.at = self.target + b"http://".len() as u32;
        let is_host = self.byte() != b':' && {
            self.at -= 1;
            self.is_of(&HOST)
        };
        loop {
            if matches!(self.byte(), b'/' | b'?' | b' ') {
                self.target = self.at - 1;
                return is_host;
            }
        }
    }

    /// The next byte; NUL behind the end.
    #[inline(never)]
    pub(crate) fn byte(&mut self) -> u8 {
        let at = self.at;
        self.at += 1;
        if at < self.end { self.input[at as usize % INPUT_BYTES] } else { 0 }
    }

    /// Reads a text and the `end` behind it; leaves its start, without the blanks in front, and its
    /// hash. Each byte must be in `set`, and only before a line's end there may be none.
    #[inline(never)]
    fn text(&mut self, end: u8, set: &Set) -> bool {
        let (mut at, mut start, mut hash) = (self.at, self.at, SEED);
        let is_text = loop {
            let byte = if at < self.end { self.input[at as usize % INPUT_BYTES] } else { 0 };
            at += 1;
            if byte == end {
                break end == b'\r' || at - start > 1;
            }
            if !set.has(byte) {
                break false;
            }
            if byte <= b' ' && hash == SEED {
                start = at;
                continue;
            }
            // Names of fields have no case.
            let fold = if end == b':' { 0x20 } else { 0 };
            hash = step(hash, byte | fold);
        };
        (self.at, self.start, self.hash) = (at, start, hash);
        is_text
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
