//! What the target and the values of fields say. Each function reads with the request's cursor.

use pipkin_format::{ETAG_BYTES, IDENTITY};

use super::hexadecimal;
use super::names::Name;
use super::request::{BUFFER_BYTES, Request};
use super::set::BLANKS;

/// The best quality.
const ONE: u32 = 0x1000;

/// More than every number.
const NO_NUMBER: u64 = u64::MAX - 1;

impl Request {
    /// The bytes that the percent-encoded path stands for, written to `space` as far as they fit: how
    /// many; none when a `%` is not followed by two hexadecimal digits.
    ///
    /// Source: RFC 3986, section 2.1.
    pub fn path(&mut self, space: &mut [u8]) -> Option<usize> {
        self.at = self.target;
        // No path is the path of the root.
        if self.byte() != b'/' {
            self.at -= 1;
        }
        if let Some(to) = space.first_mut() {
            *to = b'/';
        }
        let mut bytes = 1;
        loop {
            let mut byte = self.byte();
            if byte == b'?' || byte == b' ' {
                self.query = self.at - 1;
                return Some(bytes);
            }
            if byte == b'%' {
                byte = u8::try_from(self.digit() << 4 | self.digit()).ok()?;
            }
            if let Some(to) = space.get_mut(bytes) {
                *to = byte;
            }
            bytes += 1;
        }
    }

    /// The hexadecimal digit that comes next; more than a byte without one.
    fn digit(&mut self) -> u32 {
        hexadecimal(self.byte())
    }

    /// Whether a field has `etag`. A tag ends with a quote, which none has inside, so it is found as
    /// it is; with a slash to `except`, not behind `W/`. A star is any tag,
    /// where it has a meaning.
    ///
    /// Source: RFC 9110, section 8.8.3.2.
    #[inline(never)]
    pub fn has_tag(&mut self, name: Name, etag: &[u8; ETAG_BYTES], except: u8) -> bool {
        if !self.has(name) {
            return false;
        }
        let mut at = self.value(name);
        if name != Name::IfRange && self.input[at as usize % BUFFER_BYTES] == b'*' {
            return true;
        }
        loop {
            at = self.finds(at, etag, 0);
            let before = (at as usize).wrapping_sub(ETAG_BYTES + 1) % BUFFER_BYTES;
            if at == 0 || self.input[before] != except {
                return at != 0;
            }
        }
    }

    /// Whether it asks for a page and not for a part of one: it takes HTML, and the last part of
    /// the path has no dot.
    pub fn navigates(&mut self) -> bool {
        self.at = self.target;
        let mut has_dot = false;
        loop {
            match self.byte() {
                b'.' => has_dot = true,
                b'/' => has_dot = false,
                b'?' | b' ' => break,
                _ => {}
            }
        }
        !has_dot
            && self.has(Name::Accept)
            && self.finds(self.value(Name::Accept), b"text/html", 0x20) != 0
    }

    /// Moves the cursor to the query.
    pub fn rewind_to_query(&mut self) {
        self.at = self.query;
    }

    /// The quality that the Accept-Encoding field gives to `coding`: one hexadecimal digit for each
    /// decimal one, [`ONE`] for `1.000`, and 0 for what the client does not take. A body as it is
    /// comes last unless the field says more of it. A coding that is named counts as named, others
    /// as the star.
    ///
    /// Source: RFC 9110, sections 12.4.2 and 12.5.3.
    pub fn quality(&mut self, coding: u32) -> u32 {
        let (mut named, mut star) = (u32::MAX, u32::from(coding == IDENTITY));
        if !self.has(Name::AcceptEncoding) {
            return star;
        }
        self.at = self.value(Name::AcceptEncoding);
        let (mut name, mut quality, mut weight) = (0, ONE, 0);
        loop {
            let byte = self.byte();
            match byte {
                b',' | b'\r' => {
                    if name == coding {
                        named = quality;
                    } else if name == u32::from(b'*') {
                        star = quality;
                    }
                    if byte == b'\r' {
                        return if named == u32::MAX { star } else { named };
                    }
                    (name, quality, weight) = (0, ONE, 0);
                }
                // A parameter's name is q, there is no other.
                b';' => weight = ONE << 1,
                b'=' => (quality, weight) = (0, ONE),
                // A blank.
                ..=b' ' => {}
                _ if weight == 0 => name = name << 8 | u32::from(byte | 0x20),
                b'0'..=b'9' => {
                    quality += u32::from(byte & 15) * weight;
                    weight >>= 4;
                }
                _ => {}
            }
        }
    }

    /// Whether the Range field counts, and asks for a part of a body of `bytes`: that from `first`
    /// to before `last`; when the one is not before the other, there is no such part. A field does
    /// not count when it is of another unit, broken, or asks for several parts, for which the whole
    /// is as good an answer.
    ///
    /// Source: RFC 9110, sections 14.1.2 and 14.2.
    #[inline(never)]
    pub fn asks_for_part(&mut self, bytes: u64) -> bool {
        if !self.has(Name::Range) || !self.begins(self.value(Name::Range), b"bytes=") {
            return false;
        }
        let first = self.number();
        if self.byte() != b'-' {
            return false;
        }
        let last = self.number();
        (self.first, self.last) = if first == NO_NUMBER {
            if last == NO_NUMBER {
                return false;
            }
            (bytes.saturating_sub(last), bytes)
        } else if first <= last {
            (first, bytes.min(last + 1))
        } else {
            return false;
        };
        self.ends()
    }

    /// The decimal number that comes next, or [`NO_NUMBER`] without a digit. One beyond 60 bits is some
    /// number beyond 56 bits.
    #[inline(never)]
    fn number(&mut self) -> u64 {
        let mut number = NO_NUMBER;
        loop {
            let digit = self.byte().wrapping_sub(b'0');
            if digit > 9 {
                self.at -= 1;
                return number;
            }
            if number == NO_NUMBER {
                number = 0;
            }
            if number >> 56 == 0 {
                number = number * 10 + u64::from(digit);
            }
        }
    }

    /// Where the value of a field begins that has come.
    fn value(&self, name: Name) -> u32 {
        self.values[name as usize].into()
    }

    /// Whether there is nothing but blanks before the carriage return.
    #[inline(never)]
    pub(super) fn ends(&mut self) -> bool {
        self.skip(BLANKS) == b'\r'
    }

    /// Where it goes on behind `word`, which stands somewhere from `at` to the next carriage return; 0
    /// when it does not. With a `fold` of 0x20, `word` is in lower case and the text in any.
    ///
    /// A byte that does not go on with the word may begin it anew, those before it not: `text/html`
    /// stands not in `textext/html`, and the other words do not begin twice.
    #[inline(never)]
    pub(super) fn finds(&self, mut at: u32, word: &[u8], fold: u8) -> u32 {
        let mut known = 0;
        while let Some(&next) = word.get(known) {
            let byte = self.input[at as usize % BUFFER_BYTES];
            if byte | fold == next {
                known += 1;
                at += 1;
            } else if known != 0 {
                known = 0;
            } else if byte == b'\r' {
                return 0;
            } else {
                at += 1;
            }
        }
        at
    }

    /// Whether `word`, which is in lower case, stands at `at` in any; reads it.
    pub(super) fn begins(&mut self, at: u32, word: &[u8]) -> bool {
        self.at = at + word.len() as u32;
        self.finds(at, word, 0x20) == self.at
    }
}
