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
    if let Some(text) = host {
        let ([a, b, c, d, _], 4) = numbers(text)? else { return None };
        address.ip = ipv4_mapped([a, b, c, d]);
    }
    match argument.or(port_variable).map(numbers) {
        None => {}
        Some(Some(([port, ..], 1))) => address.port = port,
        Some(Some(([a, b, c, d, port], 5))) if argument.is_some() => {
            address = Address { ip: ipv4_mapped([a, b, c, d]), port };
        }
        _ => return None,
    }
    Some(address)
}

/// Source: RFC 4291, section 2.5.5.2.
fn ipv4_mapped([a, b, c, d]: [u16; 4]) -> [u8; 16] {
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a as u8, b as u8, c as u8, d as u8]
}

/// The numbers of `A.B.C.D:PORT`, or of a beginning of it, and how many they are; `PORT` alone is
/// one. Four or more are an address, whose parts are at most 255.
fn numbers(text: &[u8]) -> Option<([u16; 5], usize)> {
    const SEPARATORS: [u8; 5] = *b"...:\0";
    let mut numbers = [0; 5];
    let (mut count, mut number, mut digits) = (0, 0_u32, 0);
    // The end is a separator, too.
    for &byte in text.iter().chain(&[0]) {
        if byte.is_ascii_digit() && digits < 5 {
            number = number * 10 + u32::from(byte - b'0');
            digits += 1;
            continue;
        }
        let is_separator = byte == 0 || byte == *SEPARATORS.get(count)?;
        if !is_separator || digits == 0 || number > 0xffff {
            return None;
        }
        *numbers.get_mut(count)? = number as u16;
        (count, number, digits) = (count + 1, 0, 0);
    }
    let parts = if count < 4 { &[][..] } else { numbers.get(..4)? };
    parts.iter().all(|&part| part < 256).then_some((numbers, count))
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
