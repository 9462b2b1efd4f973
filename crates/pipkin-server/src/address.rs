//! Where to listen, as the user says it: `[ADDRESS:]PORT`, or `HOST` and `PORT`.

use core::num::NonZero;

use crate::sys::Address;

/// The address that the first argument or else the variables ask for, each of which may be
/// nothing; `port` is what was built in. `None` when what they say is no address or no port.
pub(crate) fn resolve<'a>(
    argument: &'a [u8],
    mut host: &'a [u8],
    port_variable: &'a [u8],
    port: u16,
) -> Option<Address> {
    let mut address = Address([0; 28]);
    address.set_port(port);
    let mut text = if argument.is_empty() { port_variable } else { argument };
    if let Some(colon) = text.iter().rposition(|&byte| byte == b':') {
        host = text.get(..colon)?;
        text = text.get(colon + 1..)?;
        if text.is_empty() {
            return None;
        }
    }
    if !text.is_empty() {
        let port = number(&mut text)?;
        address.set_port(u16::try_from(port.get()).ok().filter(|_| text.is_empty())?);
    }
    if !host.is_empty() {
        parse_ip(host, address.ip_mut())?;
    }
    Some(address)
}

/// The number from 1 to some 28 bits that the decimal digits at the start of `text` stand for,
/// which are taken from it.
#[inline(never)]
pub(crate) fn number(text: &mut &[u8]) -> Option<NonZero<u32>> {
    let mut number = 0;
    while let [digit @ b'0'..=b'9', rest @ ..] = *text
        && number >> 28 == 0
    {
        number = number * 10 + u32::from(digit - b'0');
        *text = rest;
    }
    NonZero::new(number)
}

/// Sets `ip`, all zeros before, from `A.B.C.D`, which is mapped into IPv6, or from a form of IPv6,
/// in brackets or without; nothing is every address.
///
/// Source: RFC 4291, sections 2.2 and 2.5.5.2.
fn parse_ip(text: &[u8], ip: &mut [u8; 16]) -> Option<()> {
    // How many bytes are set, and how many of them stand before the zeros that `::` leaves out.
    let (mut len, mut gap) = (0, 16);
    let (mut hexadecimal, mut decimal, mut has_digits) = (0, 0, false);
    let mut end = b':';
    for at in 0..=text.len() {
        let byte = text.get(at).copied().unwrap_or(end);
        if matches!(byte, b'[' | b']') {
            continue;
        }
        if let Some(digit) = char::from(byte).to_digit(16) {
            hexadecimal = hexadecimal << 4 | digit;
            decimal = if digit > 9 { 256 } else { decimal * 10 + digit };
            has_digits = true;
            if hexadecimal > 0xffff {
                return None;
            }
            continue;
        }
        if !has_digits {
            if byte != b':' || gap != 16 && gap != len {
                return None;
            }
            gap = len;
        } else if byte == b':' {
            *ip.get_mut(len)? = (hexadecimal >> 8) as u8;
            *ip.get_mut(len + 1)? = hexadecimal as u8;
            len += 2;
        } else {
            *ip.get_mut(len)? = u8::try_from(decimal).ok().filter(|_| byte == b'.')?;
            len += 1;
        }
        (hexadecimal, decimal, has_digits, end) = (0, 0, false, byte);
    }
    let is_v4 = end == b'.' && len == 4;
    if is_v4 {
        gap = 0;
    }
    if gap == 16 && len != 16 {
        return None;
    }
    for from in (gap..len).rev() {
        let byte = core::mem::take(ip.get_mut(from)?);
        *ip.get_mut(from + 16 - len)? = byte;
    }
    if is_v4 {
        ip[10] = 0xff;
        ip[11] = 0xff;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(argument: &str, host: &str, port: &str, expected: Option<(&str, u16)>) {
        let [argument, host, port] = [argument, host, port].map(str::as_bytes);
        let found = resolve(argument, host, port, 8080).map(|mut address| {
            (std::net::Ipv6Addr::from(*address.ip_mut()), address.0[2..4].to_vec())
        });
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
        check("", "::1", "", Some(("::1", 8080)));
        check("", "[fe80::1:2]", "81", Some(("fe80::1:2", 81)));
        check("", "2001:DB8:0:1:2:3:4:5", "", Some(("2001:db8:0:1:2:3:4:5", 8080)));
        check("", "2001:db8::", "", Some(("2001:db8::", 8080)));
        check("", "1:2:3:4:5:6:7::", "", Some(("1:2:3:4:5:6:7:0", 8080)));
        check("", "::ffff:10.1.2.3", "", Some(("::ffff:10.1.2.3", 8080)));
        check("", "64:ff9b::10.1.2.3", "", Some(("64:ff9b::10.1.2.3", 8080)));
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
            "1a.2.3.4:80",
            "1..2.3:80",
            ".1.2.3.4:80",
        ] {
            assert_eq!(resolve(wrong.as_bytes(), b"", b"", 8080), None, "{wrong}");
        }
        for host in [
            "1.2.3",
            "1.2.3.4.5",
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
            assert_eq!(resolve(b"", host.as_bytes(), b"", 8080), None, "{host}");
        }
    }
}
