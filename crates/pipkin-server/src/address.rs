//! Where to listen, as the user says it: `[ADDRESS:]PORT`, or `HOST` and `PORT`.

use crate::sys::{Address, Text};

/// Sets in `address` what the first argument or else the variables ask for, each of which may be
/// nothing. `None` when what they say is no address or no port.
///
/// An address is `A.B.C.D`, which is mapped into IPv6, or a form of IPv6, in brackets or without;
/// nothing is every address.
#[inline(always)]
pub(crate) fn resolve(
    address: &mut Address,
    argument: Text<'_>,
    host: Text<'_>,
    port: Text<'_>,
) -> Option<()> {
    let text = if argument.is_empty() { port } else { argument };
    let mut parts = Parts::default();
    if !text.is_empty() {
        parts.read(text, address.ip_mut())?;
        // The last part is the port.
        let is_port = parts.decimal != 0 && parts.before != b'.' && !parts.has_bracket;
        address.set_port(u16::try_from(parts.decimal).ok().filter(|_| is_port)?);
    }
    // The host is for a port without an address before it.
    if parts.before == 0 {
        if host.is_empty() {
            return Some(());
        }
        parts.read(host, address.ip_mut())?;
        parts.end(parts.before, address.ip_mut())?;
    }
    parts.complete(address.ip_mut())
}

/// How much of an address is read.
///
/// Source: RFC 4291, sections 2.2 and 2.5.5.2.
#[derive(Default)]
struct Parts {
    /// The part that is being read, as either number that it may be.
    hexadecimal: u32,
    decimal: u32,
    has_digits: bool,
    has_bracket: bool,
    /// What ended the part before; nothing before the first.
    before: u8,
    /// Whether that part was decimal.
    is_decimal: bool,
    /// How many bytes are set.
    len: usize,
    /// One more than how many of them stand before the zeros that `::` leaves out, if it does.
    gap: usize,
}

impl Parts {
    /// Reads up to the last part.
    fn read(&mut self, mut text: Text<'_>, ip: &mut [u8; 16]) -> Option<()> {
        (self.hexadecimal, self.decimal, self.has_digits) = (0, 0, false);
        loop {
            let byte = text.byte();
            if byte == 0 {
                return Some(());
            }
            if let Some(digit) = char::from(byte).to_digit(16) {
                self.push(digit)?;
            } else {
                self.end(byte, ip)?;
            }
        }
    }

    /// Reads a digit.
    fn push(&mut self, digit: u32) -> Option<()> {
        const NO_DECIMAL: u32 = 1 << 16;
        self.hexadecimal = self.hexadecimal << 4 | digit;
        self.decimal = if digit > 9 { NO_DECIMAL } else { self.decimal * 10 + digit };
        self.has_digits = true;
        (self.hexadecimal >> 20 == 0).then_some(())
    }

    /// Reads what ends a part, and puts that part into `ip`.
    fn end(&mut self, end: u8, ip: &mut [u8; 16]) -> Option<()> {
        match end {
            b'[' | b']' => {
                self.has_bracket = true;
                return Some(());
            }
            b':' | b'.' => {}
            _ => return None,
        }
        self.is_decimal = end == b'.' || self.before == b'.';
        if !self.has_digits {
            if self.is_decimal || self.gap != 0 && self.gap != self.len + 1 {
                return None;
            }
            self.gap = self.len + 1;
        } else if self.is_decimal {
            ip[self.len % 16] = u8::try_from(self.decimal).ok()?;
            self.len += 1;
        } else {
            ip[self.len % 16] = u8::try_from(self.hexadecimal >> 8).ok()?;
            ip[(self.len + 1) % 16] = self.hexadecimal as u8;
            self.len += 2;
        }
        (self.hexadecimal, self.decimal, self.has_digits) = (0, 0, false);
        self.has_bracket = false;
        self.before = end;
        Some(())
    }

    /// Puts the bytes of `ip`, all zeros besides, where they belong.
    fn complete(mut self, ip: &mut [u8; 16]) -> Option<()> {
        let is_v4 = self.is_decimal && self.len == 4;
        if is_v4 || self.len == 16 {
            self.gap = 1;
        }
        if self.gap == 0 || self.len > 16 {
            return None;
        }
        let mut to = 16;
        while self.len >= self.gap {
            self.len -= 1;
            to -= 1;
            let byte = core::mem::take(&mut ip[self.len % 16]);
            ip[to % 16] = byte;
        }
        if is_v4 {
            ip[10] = 0xff;
            ip[11] = 0xff;
        }
        Some(())
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
        let mut address = Address([0; 28]);
        address.set_port(8080);
        let found = resolve(&mut address, argument, host, port)
            .map(|()| (std::net::Ipv6Addr::from(*address.ip_mut()), address.0[2..4].to_vec()));
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
