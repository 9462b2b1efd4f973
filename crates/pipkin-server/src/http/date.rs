//! The Date field's value.

/// Bytes of an IMF-fixdate.
pub const DATE_BYTES: usize = 29;

const NAMES: &[u8; 57] = b"ThuFriSatSunMonTueWedMarAprMayJunJulAugSepOctNovDecJanFeb";
/// The months follow seven days.
const MONTHS_AT: u32 = 7;

/// The IMF-fixdate of a time in seconds since 1970, `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// Days are counted from 1 March 0000, so that a leap day is the last of its year and a month's
/// length follows from a straight line.
///
/// Source: RFC 9110, section 5.6.7; Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`.
pub fn imf_fixdate(unix_seconds: u64) -> [u8; DATE_BYTES] {
    // 32 bits last until the year 11,761,191; a date has four digits and ends before.
    let days = (unix_seconds / 86_400) as u32;
    let second = (unix_seconds % 86_400) as u32;
    let since_march = days + 719_468;
    let (era, day_of_era) = (since_march / 146_097, since_march % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153; // 0 is March
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era + u32::from(month >= 10);

    let mut text = *b"xxx, 00 xxx 0000 00:00:00 GMT";
    name(&mut text, 0, days % 7);
    name(&mut text, 8, MONTHS_AT + month);
    let numbers = [day, year / 100, year % 100, second / 3600, second / 60 % 60, second % 60];
    for (number, at) in numbers.into_iter().zip([5, 12, 14, 17, 20, 23]) {
        two_digits(&mut text, at, number);
    }
    text
}

fn name(text: &mut [u8; DATE_BYTES], at: usize, number: u32) {
    let name = NAMES.iter().skip(3 * number as usize);
    for (to, from) in text.iter_mut().skip(at).zip(name.take(3)) {
        *to = *from;
    }
}

fn two_digits(text: &mut [u8; DATE_BYTES], at: usize, number: u32) {
    if let Some([tens, ones]) = text.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *tens = b'0' + (number / 10) as u8;
        *ones = b'0' + (number % 10) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::imf_fixdate;

    #[track_caller]
    fn check(unix_seconds: u64, expected: &str) {
        assert_eq!(String::from_utf8_lossy(&imf_fixdate(unix_seconds)), expected);
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

    /// Every day of 8,000 years against a calendar that counts days one by one.
    #[test]
    fn every_day_follows_the_one_before() {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        const WEEK: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        let mut days = 0;
        for year in 1970..=9999 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            for (month, length) in MONTHS.into_iter().zip(lengths) {
                for day in 1..=length {
                    let week = WEEK[days as usize % 7];
                    check(days * 86_400, &format!("{week}, {day:02} {month} {year} 00:00:00 GMT"));
                    days += 1;
                }
            }
        }
    }
}
