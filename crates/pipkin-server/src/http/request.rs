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

/// Why there is no request (yet).
enum Stop {
    Partial,
    Bad,
}

/// The request head at the start of `input`.
///
/// Source: RFC 9112, sections 2 to 6.
pub fn parse(input: &[u8]) -> Parsed {
    let mut rest = Cursor(input.iter());
    match head(&mut rest) {
        Ok(request) => {
            Parsed::Complete(Request { head_bytes: input.len() - rest.0.len(), ..request })
        }
        Err(Stop::Partial) => Parsed::Partial,
        Err(Stop::Bad) => Parsed::Bad,
    }
}

fn head(rest: &mut Cursor<'_>) -> Result<Request, Stop> {
    let name = rest.up_to(b' ', is_token)?;
    let method = match name {
        b"GET" => Method::Get,
        b"HEAD" => Method::Head,
        b"" => return Err(Stop::Bad),
        _ => Method::Other,
    };
    if rest.peek()? != b'/' {
        return Err(Stop::Bad);
    }
    let target = rest.up_to(b' ', |byte| byte.is_ascii_graphic())?;
    let path_bytes = target.iter().take_while(|&&byte| byte != b'?').count();
    let path_at = name.len() + 1;
    let path = path_at..path_at + path_bytes;
    rest.expect(b"HTTP/1.")?;
    let minor = rest.next()?;
    if minor & !1 != b'0' {
        return Err(Stop::Bad);
    }
    rest.expect(b"\r\n")?;
    let mut request = Request { method, path, head_bytes: 0, close: minor == b'0', body: false };
    let hosts = fields(rest, &mut request)?;
    // HTTP/1.0 had no Host field.
    if hosts == 1 || (hosts == 0 && minor == b'0') { Ok(request) } else { Err(Stop::Bad) }
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

/// Reads the fields and the empty line; returns how many Host fields there were.
///
/// Source: RFC 9112, section 3.2 and section 5.
fn fields(rest: &mut Cursor<'_>, request: &mut Request) -> Result<u32, Stop> {
    let mut hosts = 0;
    while rest.peek()? != b'\r' {
        let name = rest.up_to(b':', is_token)?;
        let value = rest.up_to(b'\r', is_field_content)?.trim_ascii();
        rest.expect(b"\n")?;
        if name.eq_ignore_ascii_case(b"host") {
            hosts += 1;
        } else if name.eq_ignore_ascii_case(b"connection") {
            request.close |= has_member(value, b"close");
        } else if name.eq_ignore_ascii_case(b"content-length") {
            request.body |= value != b"0";
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            request.body = true;
        } else if name.is_empty() {
            return Err(Stop::Bad);
        }
    }
    rest.expect(b"\r\n")?;
    Ok(hosts)
}

/// Whether the comma-separated `list` has `member`, in any case.
///
/// Source: RFC 9110, section 5.6.1.
fn has_member(list: &[u8], member: &[u8]) -> bool {
    list.split(|&byte| byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(member))
}

/// Source: RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Visible characters, blanks, and bytes beyond ASCII.
///
/// Source: RFC 9110, section 5.5.
fn is_field_content(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Bytes yet to be read; running out of them is [`Stop::Partial`].
struct Cursor<'a>(Iter<'a, u8>);

impl<'a> Cursor<'a> {
    fn peek(&self) -> Result<u8, Stop> {
        self.0.as_slice().first().copied().ok_or(Stop::Partial)
    }

    fn next(&mut self) -> Result<u8, Stop> {
        self.0.next().copied().ok_or(Stop::Partial)
    }

    fn expect(&mut self, text: &[u8]) -> Result<(), Stop> {
        for &expected in text {
            if self.next()? != expected {
                return Err(Stop::Bad);
            }
        }
        Ok(())
    }

    /// The bytes before the next `end`, which is read too; each must be `allowed`.
    fn up_to(&mut self, end: u8, allowed: impl Fn(u8) -> bool) -> Result<&'a [u8], Stop> {
        let start = self.0.as_slice();
        loop {
            let left = self.0.len();
            let byte = self.next()?;
            if byte == end {
                return Ok(start.get(..start.len() - left).unwrap_or_default());
            }
            if !allowed(byte) {
                return Err(Stop::Bad);
            }
        }
    }
}

#[cfg(test)]
mod tests;
