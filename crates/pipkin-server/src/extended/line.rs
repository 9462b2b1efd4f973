//! Lines of the log: JSON text.

use crate::copy;
use crate::http::date::DATE_BYTES;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Text at the start of some space. What does not fit is left out, and all behind it.
pub(super) struct Line<'a> {
    space: &'a mut [u8],
    bytes: usize,
    is_cut: bool,
}

impl<'a> Line<'a> {
    pub(super) fn new(space: &'a mut [u8]) -> Self {
        Self { space, bytes: 0, is_cut: false }
    }

    /// How many bytes it has; none when some were left out.
    pub(super) fn bytes(&self) -> Option<usize> {
        (!self.is_cut).then_some(self.bytes)
    }

    #[inline(never)]
    pub(super) fn push(&mut self, text: &[u8]) {
        let space = self.space.get_mut(self.bytes..).and_then(|space| space.get_mut(..text.len()));
        match space {
            Some(space) if !self.is_cut => {
                copy(space, text);
                self.bytes += text.len();
            }
            _ => self.is_cut = true,
        }
    }

    /// A number in decimal or hexadecimal digits.
    pub(super) fn push_number(&mut self, number: u64, base: u64) {
        if number >= base {
            self.push_number(number / base, base);
        }
        let digit = DIGITS.get((number % base) as usize);
        self.push(digit.map(core::slice::from_ref).unwrap_or_default());
    }

    /// The time as RFC 3339 has it, from an IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT` becomes
    /// `1994-11-06T08:49:37Z`.
    pub(super) fn push_time(&mut self, date: &[u8; DATE_BYTES]) {
        const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
        let month =
            MONTHS.chunks(3).position(|month| month == &date[8..11]).unwrap_or(0) as u64 + 1;
        self.push(&date[12..16]);
        self.push(if month < 10 { b"-0" } else { b"-" });
        self.push_number(month, 10);
        self.push(b"-");
        self.push(&date[5..7]);
        self.push(b"T");
        self.push(&date[17..25]);
        self.push(b"Z");
    }

    /// The text as a JSON string, each byte that is no visible ASCII as a character of its own; cut
    /// where it would have more than `bytes_max` bytes.
    ///
    /// Source: RFC 8259, section 7.
    pub(super) fn push_quoted(&mut self, text: &[u8], bytes_max: usize) {
        self.push(b"\"");
        let end = self.bytes + bytes_max;
        for byte in text {
            if self.bytes + b"\\u0000".len() > end {
                break;
            }
            match byte {
                b'"' | b'\\' => self.push(b"\\"),
                b' '..=b'~' => {}
                _ => {
                    self.push(if *byte < 16 { b"\\u000" } else { b"\\u00" });
                    self.push_number((*byte).into(), 16);
                    continue;
                }
            }
            self.push(core::slice::from_ref(byte));
        }
        self.push(b"\"");
    }

    /// An address of IPv6, or of IPv4 when it is one that is mapped.
    ///
    /// Source: RFC 5952, section 4.
    pub(super) fn push_ip(&mut self, ip: &[u8; 16]) {
        if let [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ip @ ..] = ip {
            for (at, &byte) in ip.iter().enumerate() {
                self.push(if at == 0 { b"" } else { b"." });
                self.push_number(byte.into(), 10);
            }
            return;
        }
        let (gap, gap_end) = longest_gap(ip);
        for (at, group) in groups(ip).enumerate() {
            if at == gap {
                self.push(b"::");
            }
            if (gap..gap_end).contains(&at) {
                continue;
            }
            self.push(if at == 0 || at == gap_end { b"" } else { b":" });
            self.push_number(group, 16);
        }
    }
}

fn groups(ip: &[u8; 16]) -> impl Iterator<Item = u64> {
    ip.as_chunks::<2>().0.iter().map(|&group| u16::from_be_bytes(group).into())
}

/// Where the longest run of two or more zeros begins and ends; beyond the address without one.
fn longest_gap(ip: &[u8; 16]) -> (usize, usize) {
    let (mut gap, mut gap_end, mut start) = (9, 10, 0);
    for (at, group) in groups(ip).enumerate() {
        if group != 0 {
            start = at + 1;
        } else if at + 1 - start > gap_end - gap {
            (gap, gap_end) = (start, at + 1);
        }
    }
    (gap, gap_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(write: impl Fn(&mut Line<'_>), expected: &str) {
        let mut space = [0; 200];
        let mut line = Line::new(&mut space);
        write(&mut line);
        let bytes = line.bytes().unwrap();
        assert_eq!(std::str::from_utf8(&space[..bytes]).unwrap(), expected);
        let mut line = Line::new(&mut space[..bytes - 1]);
        write(&mut line);
        assert_eq!(line.bytes(), None, "{expected} in less space");
    }

    #[test]
    fn numbers() {
        check(|line| line.push_number(0, 10), "0");
        check(|line| line.push_number(1090, 10), "1090");
        check(|line| line.push_number(u64::MAX, 10), "18446744073709551615");
    }

    #[test]
    fn times() {
        check(|line| line.push_time(b"Sun, 06 Nov 1994 08:49:37 GMT"), "1994-11-06T08:49:37Z");
        check(|line| line.push_time(b"Sat, 29 Feb 2020 00:00:00 GMT"), "2020-02-29T00:00:00Z");
    }

    #[test]
    fn quoted_text() {
        let quoted =
            |text: &'static [u8], max| move |line: &mut Line<'_>| line.push_quoted(text, max);
        check(quoted(b"/a?b", 99), r#""/a?b""#);
        check(
            quoted(b"\"\\/\x00\x0a\x1f\x7f\xe4\xff", 99),
            r#""\"\\/\u0000\u000a\u001f\u007f\u00e4\u00ff""#,
        );
        check(quoted(b"", 0), r#""""#);
        check(quoted(b"abcdefgh", 7), r#""ab""#);
        check(quoted(b"\x00\x01\x02", 13), r#""\u0000\u0001""#);
    }

    #[test]
    fn addresses() {
        for text in [
            "::",
            "::1",
            "1::",
            "2001:db8::1",
            "2001:db8:0:1:1:1:1:1",
            "2001:0:0:1::1",
            "2001:db8::1:0:0:1",
            "1:2:3:4:5:6:7:8",
            "fe80::a:0:b",
            "0:1:2:3:4:5:6:0",
        ] {
            let ip: std::net::Ipv6Addr = text.parse().unwrap();
            check(|line| line.push_ip(&ip.octets()), text);
        }
        let ip = "10.0.0.255".parse::<std::net::Ipv4Addr>().unwrap().to_ipv6_mapped();
        check(|line| line.push_ip(&ip.octets()), "10.0.0.255");
    }
}
