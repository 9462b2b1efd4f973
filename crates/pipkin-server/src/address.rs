//! Where to listen, as the user says it: `[ADDRESS:]PORT`, or `HOST` and `PORT`.

use crate::sys::Address;

/// Every address, IPv6 and IPv4.
const ANY: [u8; 16] = [0; 16];

/// The address that the first argument or else the variables ask for; `port` is what was built
/// in. `None` when what they say is no address or no port.
pub(crate) fn resolve(
    argument: Option<&[u8]>,
    host: Option<&[u8]>,
    port_variable: Option<&[u8]>,
    port: u16,
) -> Option<Address> {
    let (host, port_text) = match argument {
        None => (host, port_variable),
        Some(argument) => {
            let mut parts = argument.rsplitn(2, |&byte| byte == b':');
            let port = parts.next();
            (parts.next().or(host), port)
        }
    };
    Some(Address {
        ip: host.map_or(Some(ANY), ipv4_mapped)?,
        port: port_text.map_or(Some(port), |text| number(text, u16::MAX.into()))?,
    })
}

/// The IPv6 address to which `a.b.c.d` is mapped.
///
/// Source: RFC 4291, section 2.5.5.2.
fn ipv4_mapped(text: &[u8]) -> Option<[u8; 16]> {
    let mut ip = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0];
    let mut parts = text.split(|&byte| byte == b'.');
    for byte in ip.iter_mut().skip(12) {
        *byte = number(parts.next()?, u8::MAX.into())? as u8;
    }
    parts.next().is_none().then_some(ip)
}

/// The decimal number `text`, if it is one and at most `max`.
fn number(text: &[u8], max: u32) -> Option<u16> {
    let mut number = 0;
    for &byte in text {
        number = number * 10 + char::from(byte).to_digit(10)?;
        if number > max {
            return None;
        }
    }
    (!text.is_empty()).then_some(number as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(argument: &str, host: &str, port: &str, expected: Option<(&str, u16)>) {
        let given = |text: &'static str| (!text.is_empty()).then_some(text.as_bytes());
        let [argument, host, port] =
            [argument, host, port].map(|text| given(text.to_owned().leak()));
        let expected = expected.map(|(ip, port)| {
            let ip = ip.parse::<std::net::Ipv6Addr>().unwrap().octets();
            Address { ip, port }
        });
        assert_eq!(resolve(argument, host, port, 8080), expected);
    }

    #[test]
    fn addresses() {
        check("", "", "", Some(("::", 8080)));
        check("", "", "80", Some(("::", 80)));
        check("", "10.0.0.255", "", Some(("::ffff:10.0.0.255", 8080)));
        check("81", "10.0.0.1", "80", Some(("::ffff:10.0.0.1", 81)));
        check("127.0.0.1:0", "10.0.0.1", "80", Some(("::ffff:127.0.0.1", 0)));
        check("65535", "", "", Some(("::", 65535)));
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
            ":80",
            "localhost:80",
            "99999999999999999999",
        ] {
            check(wrong, "", "", None);
        }
    }
}
