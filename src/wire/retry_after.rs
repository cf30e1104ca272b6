//! `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date in any of the three forms of HTTP.

use crate::validate::date::days_from_civil;

/// How long to wait in milliseconds from now; 0 for a moment that has passed. Nothing if the value is neither a number of
/// seconds nor a date. Numbers too large to hold become the largest.
#[must_use]
pub fn retry_after_ms(value: &str, now_ms: u64) -> Option<u64> {
    let value = value.trim().as_bytes();
    match number(value) {
        Some(seconds) => Some(seconds.unsigned_abs().saturating_mul(1000)),
        None => http_date_ms(value, now_ms).map(|at| at.saturating_sub(now_ms)),
    }
}

const MONTHS: [[u8; 3]; 12] =
    [*b"Jan", *b"Feb", *b"Mar", *b"Apr", *b"May", *b"Jun", *b"Jul", *b"Aug", *b"Sep", *b"Oct", *b"Nov", *b"Dec"];

/// Milliseconds since 1970 of an HTTP-date (RFC 9110, section 5.6.7); 0 if it lies before. The name of the day is not checked.
fn http_date_ms(value: &[u8], now_ms: u64) -> Option<u64> {
    let mut words: [&[u8]; 6] = Default::default();
    let mut slots = words.iter_mut();
    for word in value.split(|byte| b" ,-".contains(byte)) {
        if !word.is_empty() {
            *slots.next()? = word;
        }
    }
    let (day, month, year, time) = match words {
        [_, day, month, year, time, b"GMT"] => (day, month, year, time), // Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT
        [_, month, day, time, year, b""] => (day, month, year, time),    // Sun Nov  6 08:49:37 1994
        _ => return None,
    };
    let (mut second, mut limits) = (0, [23, 59, 60].into_iter());
    for part in time.split(|&byte| byte == b':') {
        let part = number(part).filter(|part| limits.next().is_some_and(|limit| *part <= limit))?;
        second = second * 60 + part;
    }
    let month = (1..).zip(MONTHS).find(|(_, name)| name == month)?.0;
    let day = number(day)?;
    let year = if year.len() == 2 { full_year(number(year)?, now_ms) } else { number(year)? };
    if limits.next().is_some() || !(1..=31).contains(&day) || year > 9999 {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + second;
    Some(u64::try_from(seconds).unwrap_or(0) * 1000)
}

/// The number of which these are the digits; one too large to hold becomes the largest.
#[inline(never)]
fn number(digits: &[u8]) -> Option<i64> {
    let mut number = 0_i64;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number.saturating_mul(10).saturating_add((byte - b'0').into());
    }
    (!digits.is_empty()).then_some(number)
}

/// A year given in two digits: of this century, unless that is more than 50 years ahead (RFC 9110, section 5.6.7).
fn full_year(two_digits: i64, now_ms: u64) -> i64 {
    let days = i64::try_from(now_ms / 86_400_000).unwrap_or(0);
    let this_year = 1970 + days * 400 / 146_097;
    let year = this_year - this_year.rem_euclid(100) + two_digits;
    if year > this_year + 50 { year - 100 } else { year }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1994-11-06T08:49:37Z, the moment of RFC 9110's examples.
    const THEN: u64 = 784_111_777_000;

    #[test]
    fn seconds_are_read_and_huge_ones_do_not_overflow() {
        assert_eq!(retry_after_ms("0", THEN), Some(0));
        assert_eq!(retry_after_ms(" 120 ", THEN), Some(120_000));
        assert_eq!(retry_after_ms("99999999999999999999999", THEN), Some(u64::MAX));
        assert_eq!(retry_after_ms("18446744073709551615", THEN), Some(u64::MAX));
    }

    #[test]
    fn the_three_forms_of_a_date_are_one_moment() {
        for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(retry_after_ms(date, THEN - 5000), Some(5000), "{date}");
        }
    }

    #[test]
    fn a_date_in_the_past_means_no_wait() {
        assert_eq!(retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", THEN + 1), Some(0));
        assert_eq!(retry_after_ms("Thu, 01 Jan 1900 00:00:00 GMT", THEN), Some(0));
    }

    #[test]
    fn the_calendar_is_right() {
        let at = |date: &str| retry_after_ms(date, 0).unwrap() / 1000;
        assert_eq!(at("Thu, 01 Jan 1970 00:00:01 GMT"), 1);
        assert_eq!(at("Tue, 29 Feb 2000 23:59:59 GMT"), 951_868_799);
        assert_eq!(at("Wed, 01 Mar 2000 00:00:00 GMT"), 951_868_800);
        assert_eq!(at("Sun, 22 Nov 2026 00:00:00 GMT"), 1_795_305_600);
        assert_eq!(at("Fri, 31 Dec 9999 23:59:59 GMT"), 253_402_300_799);
    }

    #[test]
    fn a_year_of_two_digits_is_at_most_50_years_ahead() {
        let in_2026 = 1_795_305_600_000;
        assert_eq!(full_year(30, in_2026), 2030);
        assert_eq!(full_year(76, in_2026), 2076);
        assert_eq!(full_year(77, in_2026), 1977);
    }

    #[test]
    fn anything_else_is_ignored() {
        let texts = [
            "",
            " ",
            "-1",
            "1.5",
            "soon",
            "+3",
            "0x10",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nob 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 99999 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun Nov 6 08:49:37 1994 GMT",
            "\u{663}",
            "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
            "a b c d e",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
        ];
        for text in texts {
            assert_eq!(retry_after_ms(text, THEN), None, "{text}");
        }
    }
}
