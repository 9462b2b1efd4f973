//! Request heads: bytes in, a request out.
//!
//! The parser is strict where leniency has been used to smuggle requests: one space between the
//! parts of the request line, CRLF at each line's end, no space before a field's colon, no line
//! folding, no control characters. It keeps no state; an incomplete head is parsed anew when
//! more bytes have come, which [`crate::conn::INPUT_BYTES`] bounds.

use core::ops::Range;
use core::slice::Iter;

/// What the bytes at the start of a connection's input are.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The start of a request head, so far without fault.
    Partial,
    /// No request: the grammar or the framing is broken, and so is the connection.
    Bad,
    /// A request head.
    Complete(Request),
}

/// A request as far as a site cares.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// GET, HEAD, or another.
    pub method: Method,
    /// Where in the input the path of the request-target is, percent-encoded as it came,
    /// without the query.
    pub path: Range<usize>,
    /// Bytes of the head, up to and including its empty line.
    pub head_bytes: usize,
    /// The connection ends after the answer: `Connection: close` or HTTP/1.0.
    pub close: bool,
    /// A body may follow the head.
    pub body: bool,
}

/// The method, as far as a site cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The representation.
    Get,
    /// The head of what GET would answer.
    Head,
    /// Anything else.
    Other,
}

/// The request head at the start of `input`.
///
/// Source: RFC 9112, sections 2 to 6.
pub fn parse(input: &[u8]) -> Parsed {
    let mut rest = Cursor { bytes: input.iter(), bad: false };
    match head(&mut rest) {
        Some(mut request) => {
            request.head_bytes = input.len() - rest.bytes.len();
            Parsed::Complete(request)
        }
        None if rest.bad => Parsed::Bad,
        None => Parsed::Partial,
    }
}

/// The fields that mean something to the server, in the order of [`NAMES`].
#[derive(Clone, Copy)]
enum Field {
    Host,
    ContentLength,
    TransferEncoding,
    Connection,
}

/// The names of the fields in lower case, each behind its length. One text instead of a list: a
/// list of texts is a list of addresses, which would need relocations.
const NAMES: &[u8] = b"\x04host\x0econtent-length\x11transfer-encoding\x0aconnection";

/// The values of the fields, the last one of each.
type Values<'a> = [Option<&'a [u8]>; 4];

fn head(rest: &mut Cursor<'_>) -> Option<Request> {
    let name = rest.up_to(b' ', &TOKEN)?;
    let target = rest.up_to(b' ', &VISIBLE)?;
    rest.expect(b"HTTP/1.")?;
    let minor = rest.next()?;
    rest.expect(b"\r\n")?;
    let mut values = [None; 4];
    fields(rest, &mut values)?;
    let value = |field: Field| values[field as usize];
    let is_old = minor == b'0';
    // HTTP/1.0 had no Host field.
    if target.first() != Some(&b'/')
        || minor | 1 != b'1'
        || (value(Field::Host).is_none() && !is_old)
    {
        return rest.fail();
    }
    let path_bytes = target.iter().take_while(|&&byte| byte != b'?').count();
    let path_at = name.len() + 1;
    Some(Request {
        method: match name {
            b"GET" => Method::Get,
            b"HEAD" => Method::Head,
            _ => Method::Other,
        },
        path: path_at..path_at + path_bytes,
        head_bytes: 0,
        close: is_old || value(Field::Connection).is_some_and(|list| has_word(list, b"close")),
        body: value(Field::TransferEncoding).is_some()
            || value(Field::ContentLength)
                .is_some_and(|length| length.iter().any(|byte| !b" \t0".contains(byte))),
    })
}

/// Reads the fields and the empty line.
///
/// Source: RFC 9112, section 3.2 and section 5.
fn fields<'a>(rest: &mut Cursor<'a>, values: &mut Values<'a>) -> Option<()> {
    while rest.peek()? != b'\r' {
        let name = rest.up_to(b':', &TOKEN)?;
        let value = rest.up_to(b'\r', &FIELD_CONTENT)?;
        rest.expect(b"\n")?;
        let number = number_of(name);
        if let Some(known) = values.get_mut(number) {
            // A second Host or framing field gives the request two meanings.
            if known.is_some() && number != Field::Connection as usize {
                return rest.fail();
            }
            // A connection that is to close does not stay open for what else is said of it.
            if known.is_none_or(|known| !has_word(known, b"close")) {
                *known = Some(value);
            }
        }
    }
    rest.expect(b"\r\n")
}

/// The place of a field's name in [`NAMES`], in any case; the number of names if it has none.
fn number_of(name: &[u8]) -> usize {
    let (mut names, mut number) = (NAMES, 0);
    while let Some((&length, rest)) = names.split_first() {
        let Some((known, rest)) = rest.split_at_checked(length.into()) else { break };
        if is_word(name, known) {
            break;
        }
        (names, number) = (rest, number + 1);
    }
    number
}

/// Whether `word`, in lower case, is one of the words in `list`, in any case. Words are what
/// stands between commas and blanks.
///
/// Source: RFC 9110, section 5.6.1.
fn has_word(list: &[u8], word: &[u8]) -> bool {
    let is_separator = |byte: &u8| matches!(byte, b',' | b' ' | b'\t');
    list.split(is_separator).any(|item| is_word(item, word))
}

/// Whether `text` is `word`, which is in lower case; `text` may be in any.
fn is_word(text: &[u8], word: &[u8]) -> bool {
    let mut same = text.len() == word.len();
    for (byte, lower) in text.iter().zip(word) {
        same &= byte | 0x20 == *lower;
    }
    same
}

/// The bytes that the percent-encoded `text` stands for, written over it; none when a `%` is not
/// followed by two hexadecimal digits.
///
/// Source: RFC 3986, section 2.1.
pub fn percent_decode(text: &mut [u8]) -> Option<&[u8]> {
    let (mut from, mut to) = (0, 0);
    while let Some(&byte) = text.get(from) {
        let decoded = if byte == b'%' {
            from += 2;
            let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
            (digit(from - 1)? << 4 | digit(from)?) as u8
        } else {
            byte
        };
        *text.get_mut(to)? = decoded;
        from += 1;
        to += 1;
    }
    text.get(..to)
}

/// A set of bytes, a bit for each.
struct Set([u32; 8]);

/// The characters of a method and of a field's name.
///
/// Source: RFC 9110, section 5.6.2.
static TOKEN: Set = Set::range(b'!', b'~', b"\"(),/:;<=>?@[\\]{}");

/// Visible characters.
///
/// Source: RFC 5234, appendix B.1, VCHAR.
static VISIBLE: Set = Set::range(b'!', b'~', b"");

/// Visible characters, blanks, and bytes beyond ASCII: all but control characters.
///
/// Source: RFC 9110, section 5.5.
static FIELD_CONTENT: Set = Set::range(
    b'\t',
    0xff,
    b"\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f",
);

impl Set {
    /// The bytes from `first` to `last` but `except`.
    const fn range(first: u8, last: u8, except: &[u8]) -> Self {
        let mut bits = [0; 8];
        let mut byte = first as usize;
        while byte <= last as usize {
            bits[byte / 32] |= 1 << (byte % 32);
            byte += 1;
        }
        let mut at = 0;
        while at < except.len() {
            bits[except[at] as usize / 32] &= !(1 << (except[at] % 32));
            at += 1;
        }
        Self(bits)
    }

    fn has(&self, byte: u8) -> bool {
        self.0[byte as usize / 32] >> (byte % 32) & 1 != 0
    }
}

/// Bytes yet to be read. A method gives none when they run out, or when they are wrong, which
/// `bad` then tells.
struct Cursor<'a> {
    bytes: Iter<'a, u8>,
    bad: bool,
}

impl<'a> Cursor<'a> {
    fn fail<T>(&mut self) -> Option<T> {
        self.bad = true;
        None
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.as_slice().first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        self.bytes.next().copied()
    }

    fn expect(&mut self, text: &[u8]) -> Option<()> {
        for &expected in text {
            if self.next()? != expected {
                return self.fail();
            }
        }
        Some(())
    }

    /// The bytes before the next `end`, which is read too; each must be `allowed`, and only before
    /// a line's end there may be none.
    fn up_to(&mut self, end: u8, allowed: &Set) -> Option<&'a [u8]> {
        let start = self.bytes.as_slice();
        let mut count = 0;
        loop {
            let byte = self.next()?;
            if byte == end && (count > 0 || end == b'\r') {
                return start.get(..count);
            }
            if !allowed.has(byte) {
                return self.fail();
            }
            count += 1;
        }
    }
}

#[cfg(test)]
mod tests;
