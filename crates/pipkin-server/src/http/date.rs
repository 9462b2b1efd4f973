//! The Date field's value.

/// Bytes of an IMF-fixdate.
pub const DATE_BYTES: usize = 29;

/// Three letters each: the days from Thursday, 1 January 1970, then the months from March.
const NAMES: &[u8; 57] = b"ThuFriSatSunMonTueWedMarAprMayJunJulAugSepOctNovDecJanFeb";
const MONTHS_AT: u32 = 7;

/// Writes a time in seconds since 1970 into `text`, which has the rest of an IMF-fixdate in its
/// place: `xxx, xx xxx xxxx xx:xx:xx GMT` becomes `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// Years begin in March here, so that the day that a leap year has more is its last one. A century
/// of them has 36,524 days and a quarter, four years have 1,461 days, five months 153, and each of
/// these numbers leaves out the day that one in four, or in five, does not have.
///
/// Source: RFC 9110, section 5.6.7; Neri and Schneider, "Euclidean affine functions and their
/// application to calendar algorithms", 2022.
pub fn write_imf_fixdate(unix_seconds: u64, text: &mut [u8; DATE_BYTES]) {
    /// From 1 March of the year 0 to 1 January 1970.
    const DAYS_BEFORE: u32 = 719_468;
    // 32 bits last until the year 2,939,745; a date has four digits and ends before.
    let days = (unix_seconds / 86_400) as u32;
    write_name(text, 0, days % 7);
    let quarters = 4 * (days + DAYS_BEFORE) + 3;
    let century = quarters / 146_097;
    let quarters = (quarters % 146_097) | 3;
    let fifths = quarters % 1461 / 4 * 5 + 2;
    let month = fifths / 153;
    let year = 100 * century + quarters / 1461 + u32::from(month >= 10);
    write_name(text, 8, MONTHS_AT + month);
    write_two_digits(text, 5, fifths % 153 / 5 + 1);
    write_two_digits(text, 12, year / 100);
    write_two_digits(text, 14, year % 100);
    // Seconds, minutes, hours.
    let (mut at, mut rest) = (23, (unix_seconds % 86_400) as u32);
    while at > 14 {
        write_two_digits(text, at, rest % 60);
        (at, rest) = (at - 3, rest / 60);
    }
}

#[inline(never)]
fn write_name(text: &mut [u8; DATE_BYTES], at: usize, number: u32) {
    let name = NAMES.as_chunks::<3>().0.get(number as usize);
    if let (Some(to), Some(name)) = (text.get_mut(at..).and_then(<[u8]>::first_chunk_mut), name) {
        *to = *name;
    }
}

#[inline(never)]
fn write_two_digits(text: &mut [u8; DATE_BYTES], at: usize, number: u32) {
    if let Some(to) = text.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *to = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[track_caller]
    fn check(unix_seconds: u64, expected: &str) {
        let mut text = *b"xxx, xx xxx xxxx xx:xx:xx GMT";
        write_imf_fixdate(unix_seconds, &mut text);
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }

    #[test]
    fn known_dates() {
        check(0, "Thu, 01 Jan 1970 00:00:00 GMT");
        check(784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"); // RFC 9110's example
        check(951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT");
        check(951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT");
        check(951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT");
        check(1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT");
        check(4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"); // 2100 has no leap day
        check(4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT");
        check(253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    /// What another library makes of the same time.
    #[track_caller]
    fn check_by_other(unix_seconds: u64) {
        let time = UNIX_EPOCH + Duration::from_secs(unix_seconds);
        check(unix_seconds, &httpdate::fmt_http_date(time));
    }

    const DAY: u64 = 86_400;

    /// Each day of three years about the ends of centuries, of which one in four has a leap day.
    #[test]
    fn days_about_centuries() {
        // The first of January of 1970, 1999, 2099, 2199, 2399, 9598 and 9997.
        for first_day in [0, 10_592, 47_117, 83_641, 156_689, 2_786_070, 2_931_802] {
            for day in first_day..first_day + 3 * 365 {
                check_by_other(day * DAY);
                check_by_other(day * DAY + DAY - 1);
            }
        }
    }

    #[test]
    fn seconds_of_a_day() {
        (0..DAY).for_each(|second| check_by_other(TODAY + second));
    }

    /// 21 November 2026.
    const TODAY: u64 = 1_795_219_200;

    #[test]
    fn any_time() {
        // Steps by primes: near times often, far ones seldom, for each year is counted off.
        for (step, end) in [(1_000_003, 10_000_000_000), (99_999_989, LAST)] {
            (0..end).step_by(step).for_each(check_by_other);
        }
        check_by_other(LAST);
    }

    /// The last second with a year of four digits.
    const LAST: u64 = 253_402_300_799;
}
