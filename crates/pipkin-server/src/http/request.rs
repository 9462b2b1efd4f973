//! Request heads: bytes in, a request out.
//!
//! The parser is strict where leniency has been used to smuggle requests: one space between the
//! parts of the request line, CRLF at each line's end, no space before a field's colon, no line
//! folding, no control characters. It keeps no state; an incomplete head is parsed anew when
//! more bytes have come, which [`crate::conn::INPUT_BYTES`] bounds.

use core::slice::Iter;

/// What the bytes at the start of a connection's input are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The start of a request head, so far without fault.
    Partial,
    /// No request: the grammar or the framing is broken, and so is the connection.
    Bad,
    /// A request head.
    Complete,
}

/// A request as far as a site cares. The default is none: room for one, which the parser fills in
/// place, since to hand a request over would copy it several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// What is to be done.
    pub method: Method,
    /// None only before a request is read, so that the default is all zeros.
    path: Option<&'a [u8]>,
    /// Bytes of the head, up to and including its empty line.
    pub head_bytes: usize,
    /// The connection ends after the answer: `Connection: close` or HTTP/1.0.
    pub close: bool,
    /// A body follows the head.
    pub body: bool,
    values: Values<'a>,
}

impl<'a> Request<'a> {
    /// The path of the request-target, percent-encoded as it came, without the query; `*` for a
    /// server as a whole.
    pub fn path(&self) -> &'a [u8] {
        self.path.unwrap_or_default()
    }

    /// The value of a field, the last if there are several.
    pub fn value(&self, field: Field) -> Option<&'a [u8]> {
        self.values[field as usize]
    }
}

/// The method, as far as a site cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The representation.
    #[default]
    Get,
    /// The head of what GET would answer.
    Head,
    /// What is allowed.
    Options,
    /// Another that RFC 9110 or RFC 5789 knows.
    Known,
    /// One that nobody knows.
    Unknown,
}

/// The names of the methods, each behind its length, in the order of [`Method`].
const METHODS: &[u8] =
    b"\x03GET\x04HEAD\x07OPTIONS\x04POST\x03PUT\x06DELETE\x05PATCH\x05TRACE\x07CONNECT";

/// The fields that mean something to the server, in the order of [`NAMES`].
#[derive(Clone, Copy, Debug)]
pub enum Field {
    /// RFC 9110, section 7.2.
    Host,
    /// RFC 9110, section 8.6.
    ContentLength,
    /// RFC 9112, section 6.1.
    TransferEncoding,
    /// RFC 9110, section 7.6.1.
    Connection,
    /// RFC 9110, section 13.1.1.
    IfMatch,
    /// RFC 9110, section 13.1.2.
    IfNoneMatch,
    /// RFC 9110, section 14.2.
    Range,
    /// RFC 9110, section 13.1.5.
    IfRange,
}

/// How many fields there are.
const FIELDS: usize = 8;

/// The names of the fields in lower case, each behind its length. One text instead of a list: a
/// list of texts is a list of addresses, which would need relocations.
const NAMES: &[u8] = b"\x04host\x0econtent-length\x11transfer-encoding\x0aconnection\
    \x08if-match\x0dif-none-match\x05range\x08if-range";

/// The values of the fields, the last one of each.
type Values<'a> = [Option<&'a [u8]>; FIELDS];

/// What is at the start of `input`. A request head is read into `request`, which is
/// the default before, and without a complete head has no meaning after.
///
/// Source: RFC 9112, sections 2 to 6.
#[inline(never)] // 200 bytes: its caller's frame stays small
pub fn parse<'a>(input: &'a [u8], request: &mut Request<'a>) -> Parsed {
    let mut rest = Cursor { bytes: input.iter(), bad: false };
    if head(&mut rest, request).is_some() {
        request.head_bytes = input.len() - rest.bytes.len();
        Parsed::Complete
    } else if rest.bad {
        Parsed::Bad
    } else {
        Parsed::Partial
    }
}

fn head<'a>(rest: &mut Cursor<'a>, request: &mut Request<'a>) -> Option<()> {
    // Some clients end a body with a line of its own, against the rules (RFC 9112, section 2.2).
    if rest.peek()? == b'\r' {
        rest.expect(b"\r\n")?;
    }
    let name = rest.up_to(b' ', &TOKEN)?;
    let target = rest.up_to(b' ', &VISIBLE)?;
    rest.expect(b"HTTP/1.")?;
    let minor = rest.next()?;
    rest.expect(b"\r\n")?;
    fields(rest, &mut request.values)?;
    request.method = match number_of(name, METHODS, 0) {
        0 => Method::Get,
        1 => Method::Head,
        2 => Method::Options,
        3..9 => Method::Known,
        _ => Method::Unknown,
    };
    let is_old = minor == b'0';
    let host = request.value(Field::Host);
    let path = path(target);
    let has_star = target == b"*" && request.method == Method::Options;
    if minor | 1 != b'1'
        // HTTP/1.0 had no Host field.
        || !host.map_or(is_old, |host| trim(host).iter().all(|&byte| HOST.has(byte)))
        || (path.is_none() && !has_star)
    {
        return rest.fail();
    }
    request.path = path.or(Some(target));
    let connection = request.value(Field::Connection);
    request.close = is_old || connection.is_some_and(|list| has_word(list, b"close"));
    request.body = request.value(Field::TransferEncoding).is_some();
    if let Some(length) = request.value(Field::ContentLength).map(trim) {
        if request.body || length.is_empty() || !length.iter().all(u8::is_ascii_digit) {
            return rest.fail();
        }
        request.body = length.iter().any(|&digit| digit != b'0');
    }
    Some(())
}

/// The path of a request-target in origin-form or absolute-form, without the query.
///
/// Source: RFC 9112, section 3.2.
fn path(target: &[u8]) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"http://";
    let (scheme, authority) = target.split_at_checked(SCHEME.len()).unwrap_or((b"", b""));
    let target = if is_word(scheme, SCHEME, 0x20) {
        let slash = authority.iter().position(|&byte| byte == b'/');
        slash.map_or(Some(&b"/"[..]), |slash| authority.get(slash..))?
    } else {
        target
    };
    let end = target.iter().position(|&byte| byte == b'?').unwrap_or(target.len());
    target.get(..end).filter(|path| path.first() == Some(&b'/'))
}

/// A field's value without the blanks around it.
pub fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Reads the fields and the empty line.
///
/// Source: RFC 9112, section 3.2 and section 5.
fn fields<'a>(rest: &mut Cursor<'a>, values: &mut Values<'a>) -> Option<()> {
    while rest.peek()? != b'\r' {
        let name = rest.up_to(b':', &TOKEN)?;
        let value = rest.up_to(b'\r', &FIELD_CONTENT)?;
        rest.expect(b"\n")?;
        let number = number_of(name, NAMES, 0x20);
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

/// The place of `name` among `names`, each of which stands behind its length; how many names there
/// are if it is none of them. With a `fold` of 0x20 upper case counts as lower.
fn number_of(name: &[u8], mut names: &[u8], fold: u8) -> usize {
    let mut number = 0;
    while let Some((&length, rest)) = names.split_first() {
        let Some((known, rest)) = rest.split_at_checked(length.into()) else { break };
        if is_word(name, known, fold) {
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
    list.split(is_separator).any(|item| is_word(item, word, 0x20))
}

/// Whether `text` is `word`. With a `fold` of 0x20, `word` is in lower case and `text` in any.
pub(crate) fn is_word(text: &[u8], word: &[u8], fold: u8) -> bool {
    let mut same = text.len() == word.len();
    for (byte, lower) in text.iter().zip(word) {
        same &= byte | fold == *lower;
    }
    same
}

/// The bytes that the percent-encoded `text` stands for, written to `space`; none when a `%` is
/// not followed by two hexadecimal digits, or the space is too small.
///
/// Source: RFC 3986, section 2.1.
pub fn percent_decode<'a>(text: &[u8], space: &'a mut [u8]) -> Option<&'a [u8]> {
    let (mut from, mut to) = (0, 0);
    while let Some(&byte) = text.get(from) {
        let mut decoded = byte;
        if byte == b'%' {
            let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
            decoded = (digit(from + 1)? << 4 | digit(from + 2)?) as u8;
            from += 2;
        }
        *space.get_mut(to)? = decoded;
        from += 1;
        to += 1;
    }
    space.get(..to)
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

/// The characters of a host and a port.
///
/// Source: RFC 3986, section 3.2.2.
static HOST: Set = Set::range(b'!', b'~', b"\"#/<>?@\\^`{|}");

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
