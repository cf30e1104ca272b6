//! Date-times as the API documents them: `YYYY-MM-DDThh:mm:ssZ`.

use std::fmt;

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

impl Fault {
    /// The rest of the message.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Form => "it must have the form YYYY-MM-DDThh:mm:ssZ.",
            Self::NoZone => "it does not have the form YYYY-MM-DDThh:mm:ssZ: the time zone is not told.",
            Self::NoTime => "it has no time; the form is YYYY-MM-DDThh:mm:ssZ.",
            Self::Calendar => "there is no such date and time.",
        }
    }

    /// How to mend it.
    pub(crate) fn help(self, text: &str) -> String {
        let (day, time) = (text.get(..10).unwrap_or_default(), text.get(11..19).unwrap_or_default());
        match self {
            Self::Form => "An example: 2022-02-07T01:20:00Z.".into(),
            Self::NoZone => format!("If the time is in UTC, write {day}T{time}Z."),
            Self::NoTime => format!("Add the time in UTC, such as {day}T12:00:00Z."),
            Self::Calendar => "Check year, month, day, hour, minute and second.".into(),
        }
    }
}

/// The moment that the text names. Offsets and fractions of a second are read too, and are not canonical.
pub(crate) fn parse(text: &str) -> Result<Date, Fault> {
    let bytes = text.as_bytes();
    let number = |at: usize, length: usize| -> Option<i64> {
        bytes
            .get(at..at + length)?
            .iter()
            .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let day = || Some((number(0, 4)?, number(5, 2)?, number(8, 2)?)).filter(|_| is(4, b"-") && is(7, b"-"));
    let time = || Some((number(11, 2)?, number(14, 2)?, number(17, 2)?)).filter(|_| is(13, b":") && is(16, b":"));
    let (year, month, date) = day().ok_or(Fault::Form)?;
    if bytes.len() == 10 {
        return Err(Fault::NoTime);
    }
    let (hour, minute, second) = time().filter(|_| is(10, b"Tt ")).ok_or(Fault::Form)?;
    let rest = bytes.get(19..).unwrap_or_default();
    let digits = rest.strip_prefix(b".").map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
    let (fraction, zone) = match digits {
        0 => (Default::default(), rest),
        digits => (rest.get(1..=digits).unwrap_or_default(), rest.get(digits + 1..).unwrap_or_default()),
    };
    let offset = match zone {
        b"Z" | b"z" => 0,
        [] => return Err(Fault::NoZone),
        [sign @ (b'+' | b'-'), h1, h2, rest @ ..] => {
            let ([b':', m1, m2] | [m1, m2]) = rest else { return Err(Fault::Form) };
            let two = |a: &u8, b: &u8| {
                (a.is_ascii_digit() && b.is_ascii_digit()).then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
            };
            let (hours, minutes) = two(h1, h2).zip(two(m1, m2)).ok_or(Fault::Form)?;
            if hours > 23 || minutes > 59 {
                return Err(Fault::Calendar);
            }
            (hours * 60 + minutes) * if *sign == b'-' { -60 } else { 60 }
        }
        _ => return Err(Fault::Form),
    };
    if is(10, b" ") {
        return Err(Fault::Form);
    }
    let real = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&date);
    if !real || hour > 23 || minute > 59 || second > 59 {
        return Err(Fault::Calendar);
    }
    let epoch = days_from_civil(year, month, date) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    let canonical = zone == b"Z" && is(10, b"T") && fraction.iter().all(|&byte| byte == b'0');
    Ok(Date { epoch, canonical })
}

impl fmt::Display for Date {
    /// The documented form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.epoch.div_euclid(86_400));
        let second = self.epoch.rem_euclid(86_400);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The moment in the documented form. `ms` is milliseconds since 1970-01-01T00:00:00Z; fractions of a second are dropped.
pub(crate) fn format_ms(ms: u64) -> String {
    Date { epoch: i64::try_from(ms / 1_000).unwrap_or(i64::MAX / 2), canonical: true }.to_string()
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
            assert_eq!((date.canonical, date.to_string().as_str()), (canonical, shown), "{text}");
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
