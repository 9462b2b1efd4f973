//! The Range field.

use super::request::{is_word, trim};

/// The first byte and the one behind the last that the value of a Range field asks for, of a
/// representation of `bytes`; when the first is not before the other, there is no such part. None
/// when the field does not count: it is of another unit, broken, or asks for several parts, for
/// which the whole representation is as good an answer.
///
/// Source: RFC 9110, sections 14.1.2 and 14.2.
pub fn parse(value: &[u8], bytes: u64) -> Option<(u64, u64)> {
    const UNIT: &[u8] = b"bytes=";
    let (unit, parts) = trim(value).split_at_checked(UNIT.len())?;
    if !is_word(unit, UNIT, 0x20) {
        return None;
    }
    let mut ends = parts.splitn(2, |&byte| byte == b'-');
    let (first, last) = (number(ends.next()?)?, number(ends.next()?)?);
    match (first, last) {
        (None, None) => None,
        (None, Some(suffix)) => Some((bytes.saturating_sub(suffix), bytes)),
        (Some(first), None) => Some((first, bytes)),
        (Some(first), Some(last)) if last < first => None,
        (Some(first), Some(last)) => Some((first, bytes.min(last.saturating_add(1)))),
    }
}

/// A decimal number, as large as 64 bits at most; an inner none for no digits.
#[expect(clippy::option_option, reason = "no number, no digits, and a number are three things")]
fn number(text: &[u8]) -> Option<Option<u64>> {
    let mut number = None;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = Some(number.unwrap_or(0_u64).saturating_mul(10).saturating_add(digit.into()));
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: Option<(u64, u64)>) {
        assert_eq!(parse(value.as_bytes(), 1000), expected, "{value}");
    }

    #[test]
    fn ranges() {
        check("bytes=0-0", Some((0, 1)));
        check(" Bytes=0-499\t", Some((0, 500)));
        check("bytes=500-", Some((500, 1000)));
        check("bytes=999-99999999999999999999999", Some((999, 1000)));
        check("bytes=-1", Some((999, 1000)));
        check("bytes=-5000", Some((0, 1000)));
    }

    #[test]
    fn no_such_part() {
        for value in ["bytes=1000-", "bytes=1000-2000", "bytes=99999999999999999999-", "bytes=-0"] {
            let (first, end) = parse(value.as_bytes(), 1000).unwrap();
            assert!(first >= end, "{value}");
        }
        assert_eq!(parse(b"bytes=-5", 0), Some((0, 0)));
        assert_eq!(parse(b"bytes=0-", 0), Some((0, 0)));
    }

    #[test]
    fn what_does_not_count() {
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-4",
            "bytes=a-",
            "bytes=0-b",
            "bytes=0-1,3-4",
            "bytes= 0-1",
            "bytes=0 -1",
            "bytes=+1-2",
            "lines=0-1",
            "bytes:0-1",
            "bytes=0-1-2",
        ] {
            check(value, None);
        }
    }
}
