//! The parser against httparse: what both accept means the same, what only one accepts is known.

use httparse::{Header, Status};

use super::*;

const HEADS: u64 = 50_000;

/// A deterministic source of choices.
///
/// Source: Marsaglia, Xorshift RNGs, 2003.
struct Choices(u64);

impl Choices {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    /// One of `list`, the more likely the earlier.
    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[(0..3).map(|_| self.below(list.len())).min().unwrap_or_default()]
    }
}

// Each list begins with what both accept.
const METHODS: &[&str] = &[
    "GET",
    "HEAD",
    "OPTIONS",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "CONNECT",
    "BREW",
    "get",
    "host",
    "Range",
    "!#$%&'*+-.^_`|~1",
    "GETT",
    "",
];
const TARGETS: &[&str] = &[
    "/",
    "/a",
    "/a/b.c?d=e",
    "/%41%",
    "//a",
    "/?",
    "http://a/b",
    "HTTP://A:1/b?c",
    "http://a",
    "http://abc",
    "/\"<>\\^`{|}#",
    "*",
    "https://a/",
    "a",
    "a:80",
    "/\u{e9}",
    "?",
    "/a b",
    "",
];
const VERSIONS: &[&str] = &[
    "HTTP/1.1",
    "HTTP/1.1",
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/1.0",
    "HTTP/1.2",
    "HTTP/2.0",
    "http/1.1",
    "HTTP/1.1 ",
    "HTTP/11",
    "",
];
const NAMES: &[&str] = &[
    "Range",
    "If-Range",
    "Content-Length",
    "Transfer-Encoding",
    "If-Match",
    "If-None-Match",
    "Accept",
    "Accept-Encoding",
    "ACCEPT-encoding",
    "accept",
    "range",
    "Connection",
    "User-Agent",
    "X",
    "X^_`|~",
    "Accept-Language",
    "GET",
    "If-None-Matc",
    "If-None-Matchh",
    "CONTENT-LENGTH",
    "HOST",
    "",
];
const TEXTS: &[&str] = &[
    "1",
    "chunked",
    "0",
    "a",
    "",
    "bytes=0-1",
    "\"x\", W/\"y\"",
    "*",
    "text/html;q=0.5, */*",
    "gzip;q=0, br",
    "a b\tc",
    "\u{e9}",
    "close",
    "keep-alive, CLOSE",
    "gzip",
    "a.b:80",
    "[::1]",
    "a/b",
    "007",
    "\t a \t",
    " ",
    "0, 0",
    "-1",
    "Chunked",
];
const PIECES: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    " ",
    "\t",
    "\0",
    "\x7f",
    "\x1f",
    "\u{80}",
    ":",
    ",",
    ";",
    "/",
    "?",
    "*",
    "\"",
    "#",
    "%",
    "H",
    "0",
    "1",
    "\r\n ",
    ": ",
    "Host: b\r\n",
    "HTTP/1.1",
    "Content-Length: 1\r\n",
];

/// A head that is mostly valid.
fn head(choices: &mut Choices) -> Vec<u8> {
    let end = |choices: &mut Choices| match choices.below(200) {
        0 => "\n",
        1 => "\r",
        2 => " \r\n",
        _ => "\r\n",
    };
    let mut text = String::new();
    if choices.below(20) == 0 {
        text += choices.of(&["\r\n", "\n", "\r\n\r\n", " ", "\r"]);
    }
    text += &[choices.of(METHODS), " ", choices.of(TARGETS), " ", choices.of(VERSIONS)].concat();
    text += end(choices);
    let fields = choices.below(6);
    let host_at = choices.below(fields + 1);
    for field in 0..=fields {
        let (mut name, mut value) = (choices.of(NAMES), choices.of(TEXTS));
        if field == host_at && choices.below(20) > 0 {
            (name, value) = ("Host", "a");
        }
        let colon = choices.of(&[": ", ":", ":\t", ":  ", ": \t", " : "]);
        text += &[name, colon, value].concat();
        text += end(choices);
    }
    text += end(choices);
    text.into_bytes()
}

/// Changes some of the bytes of half of all heads.
fn mutate(bytes: &mut Vec<u8>, choices: &mut Choices) {
    for _ in 0..[0, 0, 0, 1, 1, 2][choices.below(6)] {
        let at = choices.below(bytes.len());
        match choices.below(6) {
            0 => bytes[at] = choices.below(256) as u8,
            1 => bytes[at] ^= 0x20,
            2 => drop(bytes.remove(at)),
            3 => bytes.insert(at, bytes[at]),
            4 => bytes.truncate(at + 1),
            _ => drop(bytes.splice(at..at, choices.of(PIECES).bytes())),
        }
        if bytes.is_empty() {
            bytes.push(b'G');
        }
    }
}

/// What httparse makes of a head: its length, method, target, minor version and fields.
struct Other<'a> {
    bytes: usize,
    method: &'a str,
    target: &'a str,
    minor: u8,
    fields: Vec<(String, &'a [u8])>,
}

fn other(input: &[u8]) -> Option<Other<'_>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(Status::Complete(bytes)) = request.parse(input) else { return None };
    let field = |header: &Header<'_>| header.name.to_ascii_lowercase();
    Some(Other {
        bytes,
        method: request.method?,
        target: request.path?,
        minor: request.version?,
        fields: request.headers.iter().map(|header| (field(header), header.value)).collect(),
    })
}

impl Other<'_> {
    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(found, _)| found == name).map(|(_, value)| *value)
    }

    /// Why we must refuse what httparse accepts.
    fn fault(&self, head: &[u8]) -> Option<&'static str> {
        let stray = |(at, &byte): (usize, &u8)| match byte {
            b'\n' => at == 0 || head[at - 1] != b'\r',
            b'\r' => head.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let form = match self.target.as_bytes() {
            [b'/', ..] => true,
            b"*" => self.method == "OPTIONS",
            target => target.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"http://")),
        };
        let in_host =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!$%&'()*+,-.:;=[]_~".contains(byte);
        let lengths: Vec<_> = self.values("content-length").collect();
        let has_coding = self.values("transfer-encoding").count() > 0;
        let faults = [
            (head.iter().enumerate().any(stray), "a line that does not end with CRLF"),
            (head.starts_with(b"\r\n\r\n"), "more than one empty line"),
            (!self.target.bytes().all(|byte| byte.is_ascii_graphic()), "a target beyond ASCII"),
            (!form, "a target of another form"),
            (self.values("host").count() > 1, "two hosts"),
            (self.minor == 1 && self.values("host").count() == 0, "no host"),
            (!self.values("host").all(|host| host.iter().all(in_host)), "no host's character"),
            (lengths.len() > 1, "two lengths"),
            (!lengths.iter().all(|length| is_number(length)), "a length that is no number"),
            (!lengths.is_empty() && has_coding, "a length and a coding"),
        ];
        faults.iter().find(|(is_there, _)| *is_there).map(|(_, fault)| *fault)
    }

    /// What may be refused, too: RFC 9112, section 6.3, and RFC 9110, section 4.2.1.
    fn is_doubtful(&self) -> bool {
        let chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
        let authority = self.target.get(7..).filter(|_| !self.target.starts_with('/'));
        !self.values("transfer-encoding").all(chunked)
            || authority.is_some_and(|host| host.is_empty() || host.starts_with(['/', '?', ':']))
    }

    /// The path as it stands in the target.
    fn path(&self) -> &str {
        let behind_host = match self.target.get(7..) {
            Some(rest) if !self.target.starts_with('/') => {
                rest.find(['/', '?']).map_or("", |at| &rest[at..])
            }
            _ => self.target,
        };
        let path = behind_host.split('?').next().unwrap_or_default();
        if path.is_empty() { "/" } else { path }
    }
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Asserts that `ours` is what `other` says.
fn check_same(ours: &Request, other: &Other<'_>, head: &[u8]) {
    let text = head.escape_ascii();
    assert_eq!(ours.next() as usize, other.bytes, "{text}");
    let known = Name::ALL.iter().find(|(_, known)| *known == other.method);
    let method = known.map_or(Name::UNKNOWN, |(name, _)| *name as u8);
    assert_eq!(ours.method(), method, "{text}");
    let rest = &ours.input[ours.target as usize..];
    let path = rest.split(|byte| b" ?".contains(byte)).next().unwrap_or_default();
    let path = if path.is_empty() { b"/" } else { path };
    assert_eq!(String::from_utf8_lossy(path), other.path(), "{text}");
    let is_field = |(_, text): &&(Name, &str)| text.starts_with(|first: char| first.is_lowercase());
    for (name, field) in Name::ALL.iter().filter(is_field) {
        assert_eq!(ours.has(*name), other.values(field).count() > 0, "{field} of {text}");
        if !ours.has(*name) {
            continue;
        }
        let value = &ours.input[ours.values[*name as usize] as usize..];
        let value = value.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let last = other.values(field).last().unwrap_or_default();
        assert_eq!(value.trim_ascii_end(), last.trim_ascii(), "{field} of {text}");
    }
    let close = |value: &[u8]| value.to_ascii_lowercase().windows(5).any(|word| word == b"close");
    let closes = other.minor == 0 || other.values("connection").any(close);
    assert_eq!(ours.closes(), closes, "{text}");
    let has_length =
        other.values("content-length").any(|length| length.iter().any(|digit| *digit != b'0'));
    if has_length || other.values("transfer-encoding").count() > 0 {
        assert!(ours.has_body(), "{text}");
    } else if other.values("content-length").all(|length| length == b"0") {
        assert!(!ours.has_body() || other.values("content-length").count() > 0, "{text}");
    }
}

#[test]
fn httparse_reads_the_same() {
    let mut choices = Choices(0x9e37_79b9_7f4a_7c15);
    let (mut same, mut refused) = (0, std::collections::BTreeMap::new());
    let mut ours = Box::<Request>::default();
    for _ in 0..HEADS {
        let mut bytes = head(&mut choices);
        mutate(&mut bytes, &mut choices);
        ours.load(&bytes);
        let accepted = ours.parse(0) == Parsed::Complete;
        let text = bytes.escape_ascii();
        match other(&bytes) {
            None => assert!(!accepted, "only we accept {text}"),
            Some(other) => match other.fault(&bytes[..other.bytes]) {
                Some(fault) => {
                    assert!(!accepted, "{fault}: {text}");
                    *refused.entry(fault).or_insert(0) += 1;
                }
                None if accepted => {
                    check_same(&ours, &other, &bytes);
                    same += 1;
                }
                None => assert!(other.is_doubtful(), "only httparse accepts {text}"),
            },
        }
    }
    // So that a change of the generator cannot make this test an empty one.
    assert!(same > HEADS / 10, "{same}");
    assert_eq!(refused.len(), 10, "{refused:?}");
    assert!(refused.values().all(|&count| count > 40), "{refused:?}");
}
