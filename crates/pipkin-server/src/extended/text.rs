//! Text in the making: JSON, and strings of scripts.

use crate::copy;
use crate::http::date::DATE_BYTES;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Text at the start of some space. What does not fit is left out, and all behind it.
pub(super) struct Text<'a> {
    space: &'a mut [u8],
    bytes: usize,
    is_cut: bool,
}

impl<'a> Text<'a> {
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
                    self.push_escaped(*byte);
                    continue;
                }
            }
            self.push(core::slice::from_ref(byte));
        }
        self.push(b"\"");
    }

    /// The text as a string of a script that may stand anywhere in a page, too: what ends a string,
    /// a line or a script is escaped, and what is no UTF-8 is U+FFFD.
    ///
    /// Source: ECMA-262, "String Literals"; HTML standard, "Restrictions for contents of script
    /// elements".
    pub(super) fn push_script(&mut self, text: &[u8]) {
        self.push(b"\"");
        for chunk in text.utf8_chunks() {
            let mut rest = chunk.valid().as_bytes();
            while let [byte, tail @ ..] = rest {
                rest = tail;
                match (byte, tail) {
                    (0xe2, [0x80, 0xa8, tail @ ..]) => {
                        self.push(b"\\u2028");
                        rest = tail;
                    }
                    (0xe2, [0x80, 0xa9, tail @ ..]) => {
                        self.push(b"\\u2029");
                        rest = tail;
                    }
                    (b'"' | b'\'' | b'\\' | b'`' | b'<' | b'>' | b'&' | ..b' ' | 0x7f, _) => {
                        self.push_escaped(*byte);
                    }
                    _ => self.push(core::slice::from_ref(byte)),
                }
            }
            if !chunk.invalid().is_empty() {
                self.push(b"\\ufffd");
            }
        }
        self.push(b"\"");
    }

    fn push_escaped(&mut self, byte: u8) {
        self.push(if byte < 16 { b"\\u000" } else { b"\\u00" });
        self.push_number(byte.into(), 16);
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
    fn check(write: impl Fn(&mut Text<'_>), expected: &str) {
        let mut space = [0; 200];
        let mut text = Text::new(&mut space);
        write(&mut text);
        let bytes = text.bytes().unwrap();
        assert_eq!(std::str::from_utf8(&space[..bytes]).unwrap(), expected);
        let mut text = Text::new(&mut space[..bytes - 1]);
        write(&mut text);
        assert_eq!(text.bytes(), None, "{expected} in less space");
    }

    #[test]
    fn numbers() {
        check(|text| text.push_number(0, 10), "0");
        check(|text| text.push_number(1090, 10), "1090");
        check(|text| text.push_number(u64::MAX, 10), "18446744073709551615");
    }

    #[test]
    fn times() {
        check(|text| text.push_time(b"Sun, 06 Nov 1994 08:49:37 GMT"), "1994-11-06T08:49:37Z");
        check(|text| text.push_time(b"Sat, 29 Feb 2020 00:00:00 GMT"), "2020-02-29T00:00:00Z");
    }

    #[test]
    fn quoted_text() {
        let quoted =
            |value: &'static [u8], max| move |text: &mut Text<'_>| text.push_quoted(value, max);
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
    fn strings_of_scripts() {
        let script = |value: &'static [u8]| move |text: &mut Text<'_>| text.push_script(value);
        check(script(b"a b"), r#""a b""#);
        check(
            script(b"</script>'\"`\\&"),
            r#""\u003c/script\u003e\u0027\u0022\u0060\u005c\u0026""#,
        );
        check(script(b"\0\n\x1f\x7f"), r#""\u0000\u000a\u001f\u007f""#);
        check(
            script("é\u{2027}\u{2028}\u{2029}\u{202a}😀".as_bytes()),
            "\"é\u{2027}\\u2028\\u2029\u{202a}😀\"",
        );
        check(script(b"\xe2\x80"), r#""\ufffd""#);
        check(script(b"a\xffb\xc0\xafc"), r#""a\ufffdb\ufffd\ufffdc""#);
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
            check(|text| text.push_ip(&ip.octets()), text);
        }
        let ip = "10.0.0.255".parse::<std::net::Ipv4Addr>().unwrap().to_ipv6_mapped();
        check(|text| text.push_ip(&ip.octets()), "10.0.0.255");
    }
}
