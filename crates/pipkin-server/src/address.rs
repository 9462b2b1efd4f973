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
    let mut address = Address { ip: ANY, port };
    if let Some(text) = argument.or(port_variable) {
        apply(text, 0, &mut address)?;
    }
    match host {
        Some(host) if address.ip == ANY => apply(host, b':', &mut address)?,
        _ => {}
    }
    (address.port != 0).then_some(address)
}

/// Applies `[A.B.C.D:]PORT`, or with the `end` of a colon `A.B.C.D`.
///
/// Source for the form of a mapped address: RFC 4291, section 2.5.5.2.
fn apply(text: &[u8], end: u8, address: &mut Address) -> Option<()> {
    let (mut octets_at, mut number, mut digits) = (12, 0, 0);
    for &byte in text.iter().chain(&[end]) {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        if digit < 10 && digits < 5 {
            number = number * 10 + digit;
            digits += 1;
            continue;
        }
        if digits == 0 {
            return None;
        }
        if byte == 0 {
            address.port = u16::try_from(number).ok()?;
            // All of an address or nothing of it.
            return (octets_at % 4 == 0).then_some(());
        }
        if byte != if octets_at == 15 { b':' } else { b'.' } {
            return None;
        }
        address.ip[10..12].fill(0xff);
        *address.ip.get_mut(octets_at)? = u8::try_from(number).ok()?;
        (octets_at, number, digits) = (octets_at + 1, 0, 0);
    }
    Some(())
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
        check("127.0.0.1:82", "10.0.0.1", "80", Some(("::ffff:127.0.0.1", 82)));
        check("127.0.0.1:83", "build-host", "", Some(("::ffff:127.0.0.1", 83)));
        check("", "0.0.0.0", "", Some(("::ffff:0.0.0.0", 8080)));
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
            "0",
            "127.0.0.1:0",
            "1.2.3.4",
            "1:80",
            "1.2.3.4:5:6",
            "",
            "99999999999999999999",
        ] {
            assert_eq!(resolve(Some(wrong.as_bytes()), None, None, 8080), None, "{wrong}");
        }
        for host in ["1.2.3", "1.2.3.4.5", "1.2.3.4:5", "::1", "a", ""] {
            assert_eq!(resolve(None, Some(host.as_bytes()), None, 8080), None, "{host}");
        }
    }
}
