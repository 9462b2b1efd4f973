//! One exchange, as the handler sees it: a request to read, and room for the answer.

use pipkin_format::{PATH_BYTES_MAX, Standing};

use super::stream::{Step, Stream};
use super::{BODY_COPIED_BYTES_MAX, Desk};
use crate::conn::{After, OUTPUT_BYTES};
use crate::copy;
use crate::http::names::Name;
use crate::http::set::{FIELD_CONTENT, Set, TOKEN};
use crate::sys::{Address, Bytes, Fd, LIMITS, peer};

/// Bytes of the status line and the fields of an answer, at most.
const FIELDS_BYTES_MAX: u32 = 8 * 1024;

/// The names of the methods, in their order.
const NAMES: &[u8] = b"GET,HEAD,OPTIONS,POST,PUT,DELETE,PATCH";

/// The end of a status line: a status of three digits, and no reason phrase, which has no meaning.
///
/// Source: RFC 9112, section 4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line([u8; 4]);

impl Line {
    /// That of a status.
    ///
    /// ```
    /// use pipkin_server::handler::Line;
    ///
    /// assert_eq!(Line::of(204).status(), 204);
    /// ```
    #[inline]
    pub const fn of(status: u16) -> Self {
        const fn digit(number: u16) -> u8 {
            b'0' + (number % 10) as u8
        }
        Self([digit(status / 100), digit(status / 10), digit(status), b' '])
    }

    /// Whether it is 204 or 304, whose first digits differ in one bit.
    ///
    /// Source: RFC 9110, section 8.6.
    #[inline]
    fn has_no_body(self) -> bool {
        const EITHER: u32 = u32::from_ne_bytes([1, 0, 0, 0]);
        u32::from_ne_bytes(self.0) | EITHER == u32::from_ne_bytes(Self::of(304).0)
    }

    /// The status.
    pub fn status(self) -> u16 {
        let digits = self.0.iter().take(3);
        digits.fold(0, |status, &digit| status * 10 + u16::from(digit & 15))
    }
}

/// A method that handlers get.
///
/// ```
/// use pipkin_server::handler::Method;
///
/// assert_ne!(Method::Get, Method::Head);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Head,
    Options,
    Post,
    Put,
    Delete,
    Patch,
    /// None of these. The server answers most of the others itself.
    Other,
}

impl Method {
    /// All of them, in their order.
    const ALL: [Self; 8] = [
        Self::Get,
        Self::Head,
        Self::Options,
        Self::Post,
        Self::Put,
        Self::Delete,
        Self::Patch,
        Self::Other,
    ];

    /// The method at the start of a request line.
    ///
    /// By its letters, not by their hash: who forbids methods by name would let a name through that
    /// has the hash of another.
    fn of(line: &[u8]) -> Self {
        let is_it =
            |name: &[u8]| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(b" "));
        let number = NAMES.split(|&byte| byte == b',').position(is_it);
        number.and_then(|number| Self::ALL.get(number)).copied().unwrap_or(Self::Other)
    }
}

/// A request, as it came.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    /// Percent-decoded.
    pub path: &'a [u8],
    /// The request line and the field lines, each with the CRLF at its end.
    pub head: &'a [u8],
    /// The body, without transfer coding.
    pub body: &'a [u8],
    /// Seconds since 1970.
    pub unix_seconds: u64,
    pub(crate) connection: Fd,
}

impl<'a> Incoming<'a> {
    /// A request that came over no connection, for tests.
    pub fn of(path: &'a [u8], head: &'a [u8]) -> Self {
        Self { path, head, body: b"", unix_seconds: 0, connection: Fd(u32::MAX) }
    }

    /// The method.
    pub fn method(&self) -> Method {
        Method::of(self.head)
    }

    /// What follows the question mark, or nothing.
    pub fn query(&self) -> &'a [u8] {
        let target = self.head.get(position(self.head, b' ') + 1..).unwrap_or_default();
        let target = target.get(..position(target, b' ')).unwrap_or_default();
        target.get(position(target, b'?') + 1..).unwrap_or_default()
    }

    /// The field lines, each with the CRLF at its end.
    pub fn fields(&self) -> &'a [u8] {
        self.head.get(position(self.head, b'\n') + 1..).unwrap_or_default()
    }

    /// Where the request comes from: an address of IPv6 or one of IPv4 that is mapped into it, and a
    /// port.
    ///
    /// Source: getpeername(2).
    pub fn peer(&self) -> ([u8; 16], u16) {
        let Address(name) = peer(self.connection);
        let ip = core::array::from_fn(|at| name[8 + at]);
        (ip, u16::from_be_bytes([name[2], name[3]]))
    }
}

/// Where a byte is, or the end.
fn position(bytes: &[u8], wanted: u8) -> usize {
    bytes.iter().position(|&byte| byte == wanted).unwrap_or(bytes.len())
}

impl Desk {
    /// The request that was read last.
    pub fn incoming(&self) -> Incoming<'_> {
        let request = &self.batch.request;
        Incoming {
            path: self.path(),
            head: request.head_at(self.from),
            body: self.body(),
            unix_seconds: self.unix_seconds,
            connection: self.fd,
        }
    }

    /// The method of the request.
    pub fn method(&self) -> Method {
        self.incoming().method()
    }

    /// The percent-decoded path of the request.
    pub fn path(&self) -> &[u8] {
        self.batch.path.get(..self.path_bytes.into()).unwrap_or_default()
    }

    /// Begins an answer.
    #[inline(never)]
    pub fn begin(&mut self, line: Line) {
        // Its CPUs may write no more than a byte to an odd address.
        if cfg!(target_arch = "riscv64") {
            self.push_bytes(b"HTTP/1.1 ");
            return self.push_bytes(&line.0);
        }
        let mut text = *b"HTTP/1.1 000 ";
        if let Some(end) = text.last_chunk_mut() {
            *end = line.0;
        }
        let at = self.output_bytes as usize;
        if let Some(to) = self.output.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
            *to = text;
        }
        self.output_bytes += text.len() as u32;
    }

    /// Adds fields that are known to be such, each with the CRLF of the line before it.
    #[inline]
    pub fn known_fields(&mut self, lines: &'static str) {
        self.push_bytes(lines.as_bytes());
    }

    /// Adds a field. It is false of one that could end the head or begin another field, and of one too
    /// many: then the answer must be replaced by a [`Self::failure`].
    #[must_use]
    pub fn field(&mut self, name: &[u8], value: &[u8]) -> bool {
        let is_name = self.push_all(b"\r\n", name, TOKEN);
        let is_value = self.push_all(b": ", value, FIELD_CONTENT);
        is_name && is_value && !name.is_empty()
    }

    /// Appends two bytes and behind them some that are to be of `set`; whether they are, and the head
    /// is not too long with them.
    #[inline(never)]
    fn push_all(&mut self, before: &[u8; 2], bytes: &[u8], set: Set) -> bool {
        self.push_bytes(before);
        self.push_bytes(bytes);
        bytes.iter().all(|&byte| set.has(byte))
            && self.output_bytes - self.begun_at <= FIELDS_BYTES_MAX
    }

    /// Ends an answer that has begun with `line` with a body, which it keeps until it is sent.
    #[inline]
    pub fn end(&mut self, line: Line, body: Bytes) {
        if line.has_no_body() {
            return self.push_tail();
        }
        if self.ends_with_length(body.len()) {
            if body.len() <= BODY_COPIED_BYTES_MAX {
                self.push_bytes(&body);
            } else {
                self.keep_payload(body);
            }
        }
    }

    /// Ends the head before a body of so many bytes; whether one follows.
    #[inline(never)]
    pub(super) fn ends_with_length(&mut self, bytes: usize) -> bool {
        if LIMITS.site {
            self.push_bytes(b"\r\nContent-Length:");
            self.push_number(b' ', bytes as u64);
        } else {
            self.push_bytes(b"\r\nContent-Length: ");
            self.push_decimal(bytes);
        }
        self.push_tail();
        self.request.method() != Name::Head as u8
    }

    /// Appends a number, in a third of the time that [`Batch::push_number`] takes, which a site has
    /// anyway.
    #[inline(never)]
    fn push_decimal(&mut self, number: usize) {
        if number >= 10 {
            self.push_decimal(number / 10);
        }
        let at = self.output_bytes as usize % OUTPUT_BYTES;
        self.output[at] = b'0' + (number % 10) as u8;
        self.output_bytes += 1;
    }

    /// Ends an answer with what `step` writes, a chunk each time it is called; the connection ends
    /// with it. One that is `live` may end at any time.
    pub fn end_with_stream(&mut self, step: Step, state: u64, live: bool) {
        let chunked = !self.request.has(Name::Old);
        if chunked {
            self.push_bytes(b"\r\nTransfer-Encoding: chunked");
        }
        // What follows in the input would have to wait, maybe for ever.
        self.after = After::Linger;
        self.push_tail();
        if self.request.method() != Name::Head as u8 {
            self.open().stream = Stream::new(step, state, chunked, live);
        }
    }

    /// Adds the field that tells which methods there are: a bit for each, in their order.
    pub fn allow(&mut self, methods: u8) {
        // GET answers HEAD, too, and OPTIONS is always answered.
        let methods = methods | (methods & 1) << 1 | 1 << Method::Options as u8;
        self.push_bytes(b"\r\nAllow:");
        for (number, name) in NAMES.split(|&byte| byte == b',').enumerate() {
            if methods >> number & 1 != 0 {
                self.push_bytes(b" ");
                self.push_bytes(name);
                self.push_bytes(b",");
            }
        }
        // Without the last comma.
        self.output_bytes -= 1;
    }

    /// Answers with a file of the site that is behind the program.
    pub fn site_file(&mut self, path: &[u8]) {
        if LIMITS.site {
            copy(&mut self.batch.path, path);
            self.line = Standing::NotFound;
            // A longer one is none that a site has.
            self.represent(if path.len() > PATH_BYTES_MAX { 0 } else { path.len() });
            self.batch.push();
        }
    }

    /// Answers as the site does that is behind the program.
    pub fn site(&mut self) {
        if LIMITS.site {
            self.line = Standing::NotFound;
            self.batch.respond();
            self.batch.push();
        }
    }

    /// Replaces the answer by a 500.
    #[inline]
    pub fn failure(&mut self) {
        self.fail(Line::of(500));
    }

    /// Replaces the answer by one with `line` and no body.
    pub(super) fn fail(&mut self, line: Line) {
        self.output_bytes = self.begun_at;
        self.begin(line);
        self.ends_with_length(0);
    }
}

/// The value of the first field with a `name` in lower case, without the blanks around it.
pub fn find<'a>(fields: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    lines(fields).find(|line| line.0.eq_ignore_ascii_case(name)).map(|line| line.1)
}

/// The names and values of field lines, the values without the blanks around them.
pub fn lines(fields: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    fields.split(|&byte| byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let (name, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        Some((name, value.trim_ascii()))
    })
}
