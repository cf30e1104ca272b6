//! Date-times as the API documents them: `YYYY-MM-DDThh:mm:ssZ`.

use crate::text::digits;

/// A moment that a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub(crate) epoch: i64,
    /// Whether the text has the documented form. A fraction of zero passes: `Date.toISOString` writes one.
    pub(crate) canonical: bool,
}

/// Why a text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has another form.
    Form,
    /// It has the form of a date and time, without a time zone.
    NoZone,
    /// It has the form of a date alone.
    NoTime,
    /// It has the form, and there is no such date or time.
    Calendar,
}

/// The moment that the text names. Offsets and fractions of a second are read too, and are not canonical.
pub(crate) fn parse(text: &str) -> Result<Date, Fault> {
    let bytes = text.as_bytes();
    let [year, month, day] = bytes.get(..10).and_then(|day| numbers(day, b"0000-00-00")).ok_or(Fault::Form)?;
    let Some(between) = bytes.get(10) else { return Err(Fault::NoTime) };
    let [hour, minute, second] = bytes.get(11..19).and_then(|time| numbers(time, b"00:00:00")).ok_or(Fault::Form)?;
    if !matches!(between, b'T' | b't' | b' ') {
        return Err(Fault::Form);
    }
    let rest = bytes.get(19..).unwrap_or_default();
    let fraction = match rest {
        [b'.', rest @ ..] => match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => 0,
            digits => 1 + digits,
        },
        _ => 0,
    };
    let (fraction, zone) = rest.split_at_checked(fraction).unwrap_or_default();
    let offset = match zone {
        b"Z" | b"z" => 0,
        [] => return Err(Fault::NoZone),
        [sign @ (b'+' | b'-'), offset @ ..] => {
            let [hours, minutes, _] = match numbers(offset, b"0000") {
                Some([both, ..]) => [both / 100, both % 100, 0],
                None => numbers(offset, b"00:00").ok_or(Fault::Form)?,
            };
            if hours > 23 || minutes > 59 {
                return Err(Fault::Calendar);
            }
            (hours * 60 + minutes) * if *sign == b'-' { -60 } else { 60 }
        }
        _ => return Err(Fault::Form),
    };
    if *between == b' ' {
        return Err(Fault::Form);
    }
    let real = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !real || hour > 23 || minute > 59 || second > 59 {
        return Err(Fault::Calendar);
    }
    let epoch = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    let canonical = zone == b"Z" && *between == b'T' && fraction.iter().all(|byte| matches!(byte, b'.' | b'0'));
    Ok(Date { epoch, canonical })
}

/// The numbers of a text of that form, in which `0` stands for a digit and all else for itself; at most three.
#[inline(never)]
fn numbers(text: &[u8], form: &[u8]) -> Option<[i64; 3]> {
    let (mut numbers, mut at) = ([0; 3], 0);
    if text.len() != form.len() {
        return None;
    }
    for (&byte, &wanted) in text.iter().zip(form) {
        let number = numbers.get_mut(at)?;
        if wanted == b'0' && byte.is_ascii_digit() {
            *number = *number * 10 + i64::from(byte - b'0');
        } else if wanted == byte && wanted != b'0' {
            at += 1;
        } else {
            return None;
        }
    }
    Some(numbers)
}

impl Date {
    /// The documented form.
    pub(crate) fn text(self) -> String {
        let (year, month, day) = civil_from_days(self.epoch.div_euclid(86_400));
        let second = self.epoch.rem_euclid(86_400);
        let mut out = String::with_capacity(20);
        // A year before the first has its sign within the four places.
        if year < 0 {
            out.push('-');
        }
        write_padded(&mut out, year, if year < 0 { 3 } else { 4 }, '-');
        write_padded(&mut out, month, 2, '-');
        write_padded(&mut out, day, 2, 'T');
        write_padded(&mut out, second / 3_600, 2, ':');
        write_padded(&mut out, second / 60 % 60, 2, ':');
        write_padded(&mut out, second % 60, 2, 'Z');
        out
    }
}

/// Appends the digits of a number, at least so many, and what stands behind them.
#[inline(never)]
fn write_padded(out: &mut String, number: i64, width: usize, behind: char) {
    let mut room = [0; 20];
    let digits = digits(number.unsigned_abs(), &mut room);
    for _ in digits.len()..width {
        out.push('0');
    }
    out.push_str(digits);
    out.push(behind);
}

/// The moment in the documented form. `ms` is milliseconds since 1970-01-01T00:00:00Z; fractions of a second are dropped.
pub(crate) fn format_ms(ms: u64) -> String {
    Date { epoch: i64::try_from(ms / 1_000).unwrap_or(i64::MAX / 2), canonical: true }.text()
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. Years begin in March here, so that the leap day is the last.
pub(crate) const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // The year of 365.2425 days gives a guess that is at most one too high.
    let mut year = (days + 719_468) * 400 / 146_097 + 1;
    while days < days_from_civil(year, 3, 1) {
        year -= 1;
    }
    let day_of_year = days - days_from_civil(year, 3, 1);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_has_them() {
        let mut days = days_from_civil(1899, 12, 31);
        for year in 1900..2105 {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    days += 1;
                    assert_eq!(days_from_civil(year, month, day), days);
                    assert_eq!(civil_from_days(days), (year, month, day));
                }
            }
        }
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(civil_from_days(-719_528), (0, 1, 1));
    }

    #[test]
    fn the_documented_form_is_canonical_and_others_are_brought_to_it() {
        for (text, canonical, shown) in [
            ("2022-02-07T01:20:00Z", true, "2022-02-07T01:20:00Z"),
            ("2022-02-07T01:20:00.000Z", true, "2022-02-07T01:20:00Z"),
            ("2022-02-07T01:20:00.25Z", false, "2022-02-07T01:20:00Z"),
            ("2022-02-07T01:20:00+02:00", false, "2022-02-06T23:20:00Z"),
            ("2022-12-31T23:30:00.5-0100", false, "2023-01-01T00:30:00Z"),
            ("2024-02-29t00:00:00z", false, "2024-02-29T00:00:00Z"),
        ] {
            let date = parse(text).unwrap();
            assert_eq!((date.canonical, date.text().as_str()), (canonical, shown), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused_with_the_reason() {
        for (text, fault) in [
            ("1996-07-04 00:00:00.000", Fault::NoZone),
            ("2022-02-07T01:20:00", Fault::NoZone),
            ("2022-02-07", Fault::NoTime),
            ("2023-02-29T00:00:00Z", Fault::Calendar),
            ("2022-13-01T00:00:00Z", Fault::Calendar),
            ("2022-01-01T24:00:00Z", Fault::Calendar),
            ("2022-01-01T00:00:00+24:00", Fault::Calendar),
            ("07.02.2022", Fault::Form),
            ("", Fault::Form),
            ("2022-02-07 01:20:00Z", Fault::Form),
            ("2022-02-07T01:20:00.Z", Fault::Form),
            ("2022-02-07T01:20:00é", Fault::Form),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
    }
}
