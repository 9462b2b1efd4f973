//! Where to listen, as the user says it: `[ADDRESS:]PORT`, or `HOST` and `PORT`.

use crate::http::hexadecimal;
use crate::sys::{Address, Text};

/// How much of an address is read.
///
/// Source: RFC 4291, sections 2.2 and 2.5.5.2.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) address: Address,
    /// The part that is being read, as either number that it may be.
    hexadecimal: u32,
    decimal: u32,
    /// How many bytes are set.
    len: u32,
    /// One more than how many of them stand before the zeros that `::` leaves out, if it does.
    gap: u32,
    /// Not 0 when it is no address.
    wrong: u32,
    has_digits: bool,
    has_bracket: bool,
    /// What ended the part before; nothing before the first.
    before: u8,
    /// Whether that part was decimal.
    is_decimal: bool,
}

impl Parts {
    /// Sets in the address what the first argument or else the variables ask for, each of which may be
    /// nothing; whether what they say is an address and a port.
    ///
    /// An address is `A.B.C.D`, which is mapped into IPv6, or a form of IPv6, in brackets or without;
    /// nothing is every address.
    #[inline(always)]
    pub(crate) fn resolve(&mut self, argument: Text<'_>, host: Text<'_>, port: Text<'_>) -> bool {
        let text = if argument.is_empty() { port } else { argument };
        if !text.is_empty() {
            self.read(text);
            // The last part is the port.
            self.wrong |= self.decimal >> 16;
            if self.decimal == 0 || self.before == b'.' || self.has_bracket {
                return false;
            }
            self.address.set_port(self.decimal as u16);
        }
        // The host is for a port without an address before it.
        if self.before == 0 {
            if host.is_empty() {
                return self.wrong == 0;
            }
            self.read(host);
            self.end(self.before);
        }
        self.complete()
    }

    /// Reads up to the last part.
    #[inline(never)]
    fn read(&mut self, mut text: Text<'_>) {
        (self.hexadecimal, self.decimal, self.has_digits) = (0, 0, false);
        loop {
            let byte = text.byte();
            if byte == 0 {
                return;
            }
            let digit = hexadecimal(byte);
            if digit < 16 {
                self.push(digit);
            } else {
                self.end(byte);
            }
        }
    }

    /// Reads a digit.
    #[inline(always)]
    fn push(&mut self, digit: u32) {
        const NO_DECIMAL: u32 = 1 << 16;
        self.hexadecimal = self.hexadecimal << 4 | digit;
        self.wrong |= self.hexadecimal >> 20;
        let decimal = self.decimal.wrapping_mul(10).wrapping_add(digit);
        self.decimal = if digit > 9 { NO_DECIMAL } else { decimal };
        self.has_digits = true;
    }

    /// Reads what ends a part, and sets that part.
    #[inline(never)]
    fn end(&mut self, end: u8) {
        match end {
            b'[' | b']' => {
                self.has_bracket = true;
                return;
            }
            b':' | b'.' => {}
            _ => self.wrong = 1,
        }
        self.is_decimal = end == b'.' || self.before == b'.';
        if self.is_decimal {
            self.wrong |= u32::from(!self.has_digits);
            self.set(self.decimal);
        } else if self.has_digits {
            self.set(self.hexadecimal >> 8);
            self.set(self.hexadecimal & 0xff);
        } else {
            // Twice in the same place, or not at all.
            let gap = self.len + 1;
            self.wrong |= self.gap * (gap - self.gap);
            self.gap = gap;
        }
        (self.hexadecimal, self.decimal, self.has_digits) = (0, 0, false);
        self.has_bracket = false;
        self.before = end;
    }

    /// Sets the next byte.
    #[inline(never)]
    fn set(&mut self, byte: u32) {
        self.wrong |= byte >> 8 | self.len >> 4;
        self.address.ip_mut()[self.len as usize % 16] = byte as u8;
        self.len += 1;
    }

    /// Puts the bytes that are set, all zeros besides, where they belong; whether it is an address.
    #[inline(always)]
    fn complete(&mut self) -> bool {
        let is_v4 = self.is_decimal && self.len == 4;
        let gap = if is_v4 || self.len == 16 { 1 } else { self.gap };
        if gap == 0 || self.wrong != 0 {
            return false;
        }
        let ip = self.address.ip_mut();
        let (mut from, mut to) = (self.len, 16_u32);
        while from >= gap {
            from -= 1;
            to -= 1;
            let byte = core::mem::take(&mut ip[from as usize % 16]);
            ip[to as usize % 16] = byte;
        }
        if is_v4 {
            ip[10] = 0xff;
            ip[11] = 0xff;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use super::*;

    #[track_caller]
    fn check(argument: &str, host: &str, port: &str, expected: Option<(&str, u16)>) {
        let strings = [argument, host, port].map(|text| CString::new(text).unwrap());
        let [argument, host, port] = [0, 1, 2].map(|at| Text::from(&*strings[at]));
        let mut parts = Parts::default();
        parts.address.set_port(8080);
        let is_address = parts.resolve(argument, host, port);
        let mut address = parts.address;
        let found = is_address
            .then(|| (std::net::Ipv6Addr::from(*address.ip_mut()), address.0[2..4].to_vec()));
        let expected = expected.map(|(ip, port)| {
            (ip.parse::<std::net::Ipv6Addr>().unwrap(), port.to_be_bytes().to_vec())
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn addresses() {
        check("", "", "", Some(("::", 8080)));
        check("", "", "80", Some(("::", 80)));
        check("", "10.0.0.255", "", Some(("::ffff:10.0.0.255", 8080)));
        check("81", "10.0.0.1", "80", Some(("::ffff:10.0.0.1", 81)));
        check("127.0.0.1:82", "10.0.0.1", "80", Some(("::ffff:127.0.0.1", 82)));
        check("127.0.0.1:83", "build-host", "", Some(("::ffff:127.0.0.1", 83)));
        check("", "0.0.0.0", "", Some(("::ffff:0.0.0.0", 8080)));
        check("65535", "", "", Some(("::", 65535)));
        check(":80", "", "", Some(("::", 80)));
        check("[::1]:80", "", "", Some(("::1", 80)));
        check("[::ffff:1.2.3.4]:80", "", "", Some(("::ffff:1.2.3.4", 80)));
        check("", "::1", "", Some(("::1", 8080)));
        check("", "[fe80::1:2]", "81", Some(("fe80::1:2", 81)));
        check("", "2001:DB8:0:1:2:3:4:5", "", Some(("2001:db8:0:1:2:3:4:5", 8080)));
        check("", "2001:db8::", "", Some(("2001:db8::", 8080)));
        check("", "1:2:3:4:5:6:7::", "", Some(("1:2:3:4:5:6:7:0", 8080)));
        check("", "::ffff:10.1.2.3", "", Some(("::ffff:10.1.2.3", 8080)));
        check("", "64:ff9b::10.1.2.3", "", Some(("64:ff9b::10.1.2.3", 8080)));
        check("::ffff:10.1.2.3:80", "::1", "", Some(("::ffff:10.1.2.3", 80)));
        check("::1:80", "", "", Some(("::1", 80)));
        check("", "::1", "[::2]:00080", Some(("::2", 80)));
        check(":80", "::1", "", Some(("::", 80)));
        check("80", "::1", "", Some(("::1", 80)));
    }

    #[test]
    fn what_is_none() {
        for wrong in [
            "65536",
            "x",
            "-1",
            "+1",
            "80 ",
            "1.2.3:80",
            "1.2.3.4.5:80",
            "1.2.3.256:80",
            "127.0.0.1:",
            "localhost:80",
            "0",
            "127.0.0.1:0",
            "1.2.3.4",
            "1.2.3.4:5:6",
            "99999999999999999999",
            "8a",
            "a80",
            "a0000",
            "[::1].80",
            "[::1]",
            "[::1]80",
            "[::1]:[80]",
            "1:2:3:4:5:6:7:8:9:80",
            "12345:::80",
            "1.2.3.4x:80",
            "1a.2.3.4:80",
            "1..2.3:80",
            ".1.2.3.4:80",
        ] {
            check(wrong, "", "", None);
        }
        for host in [
            "1.2.3",
            "1.2.3.",
            "5",
            "1.2.3.4.5",
            "1.2.3.4x",
            "1.2.3.4:5",
            "a",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1::2::3",
            "12345::",
            "::g",
            "fe80::1%eth0",
            "::1:65536.0.0.1",
        ] {
            check("", host, "", None);
        }
    }
}
