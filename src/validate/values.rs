//! What is asked of single values: type, length, allowed values, form.

use super::{
    Code, codes,
    date::{self, Fault},
    walk::Walker,
    words::{self, Arg, Words, article, fill, kind_name},
};
use crate::{
    json::{Decimal, Span, Str, is_continuation, is_number},
    schema::{Field, Kind, Presence, Provenance},
};
use std::borrow::Cow;

impl<'a> Walker<'a, '_> {
    /// A string in a field that takes one. `start` is where its opening quote stands.
    pub(super) fn string(&mut self, field: &'static Field, kind: Kind, string: Str, start: usize) {
        if string.lone_surrogate {
            self.lone_surrogate(string.span);
        }
        let span = Span { start, end: string.span.end + 1 };
        if string.span.start == string.span.end {
            if field.presence == Presence::Required {
                self.report(&words::EMPTY, span, &[]);
                return;
            }
            // An empty optional text says nothing; an empty date is no date.
            if !matches!(kind, Kind::DateTime) {
                return;
            }
        }
        let too_long = field.max.is_some_and(|max| string.span.end - string.span.start > max as usize);
        if field.values.is_empty() && matches!(kind, Kind::Text | Kind::PostalCode) && !too_long {
            return;
        }
        let text = string.decode(self.source);
        if too_long && self.too_long(field, kind, &text, span) {
            return;
        }
        match kind {
            Kind::DateTime => self.date_time(&text, span),
            Kind::Country => self.country(&text, span),
            Kind::Currency => self.currency(&text, span),
            _ => self.allowed(field, &text, span),
        }
    }

    /// Counts the characters; tells whether there are too many.
    #[inline(never)]
    fn too_long(&mut self, field: &'static Field, kind: Kind, text: &str, span: Span) -> bool {
        let count = text.bytes().filter(|&byte| !is_continuation(byte)).count();
        let over = count.saturating_sub(field.max.map_or(usize::MAX, |max| max as usize));
        if over == 0 {
            return false;
        }
        if let Kind::Country = kind {
            self.no_country(text, span, &words::NAMED_COUNTRY, &words::LONG_COUNTRY);
        } else {
            let args = [Arg::Text(text), Arg::Number(count), Arg::Number(count - over), Arg::Number(over)];
            self.report(&words::TOO_LONG, span, &args);
        }
        true
    }

    #[inline(never)]
    fn allowed(&mut self, field: &'static Field, text: &str, span: Span) {
        if field.values.is_empty() {
            return;
        }
        if field.reserved_values.contains(&text) {
            self.report(&words::RESERVED_VALUE, span, &[Arg::Text(text)]);
        } else if !field.values.contains(&text) {
            let meant = field.values.iter().find(|value| value.eq_ignore_ascii_case(text.trim()));
            let args = [Arg::Text(text), Arg::List(field.values), Arg::Text(meant.copied().unwrap_or_default())];
            self.report(&words::NOT_ALLOWED, span, &args);
        }
    }

    #[inline(never)]
    fn date_time(&mut self, text: &str, span: Span) {
        let exact;
        let (words, first, second) = match date::parse(text) {
            Ok(date) if date.canonical => return,
            Ok(date) => {
                exact = date.text();
                // An offset can lead out of the years that the form has.
                let certain = if date::parse(&exact).is_ok() { &exact } else { "" };
                (&words::DATE_OTHER_FORM, exact.as_str(), certain)
            }
            Err(fault) => {
                let words = match fault {
                    Fault::Form => &words::DATE_FORM,
                    Fault::NoZone => &words::DATE_ZONE,
                    Fault::NoTime => &words::DATE_TIME,
                    Fault::Calendar => &words::DATE_CALENDAR,
                };
                (words, text.get(..10).unwrap_or_default(), text.get(11..19).unwrap_or_default())
            }
        };
        self.report(words, span, &[Arg::Text(text), Arg::Text(first), Arg::Text(second)]);
    }

    #[inline(never)]
    fn country(&mut self, text: &str, span: Span) {
        if !codes::is_country(text) {
            self.no_country(text, span, &words::MISSPELT_COUNTRY, &words::UNKNOWN_COUNTRY);
        }
    }

    /// A text that is no country's code, worded by whether it names a country all the same.
    fn no_country(&mut self, text: &str, span: Span, named: &'static Words, unknown: &'static Words) {
        match codes::country_named(text) {
            Some(code) => self.report(named, span, &[Arg::Text(text), Arg::Text(code)]),
            None => self.report(unknown, span, &[Arg::Text(text)]),
        }
    }

    #[inline(never)]
    fn currency(&mut self, text: &str, span: Span) {
        if !codes::is_currency(text) {
            let capitals = text.trim().to_ascii_uppercase();
            let meant = if codes::is_currency(&capitals) { &capitals } else { "" };
            self.report(&words::CURRENCY, span, &[Arg::Text(text), Arg::Text(meant)]);
        }
    }

    /// A number in a field that takes one.
    pub(super) fn number(&mut self, field: &'static Field, span: Span) {
        self.number_range(span);
        let Some(known) = field.above_zero else { return };
        let text = span.of(self.text);
        let mut mantissa = text.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
        if !text.starts_with(b"-") && mantissa.any(|byte| matches!(byte, b'1'..=b'9')) {
            return;
        }
        let words = if known == Provenance::Documented { &words::NOT_POSITIVE } else { &words::NO_QUANTITY };
        self.report(words, span, &[Arg::Text(self.source_of(span))]);
    }

    /// A number must be one that other readers can hold: a double (RFC 8259, section 6).
    pub(super) fn number_range(&mut self, span: Span) {
        let text = span.of(self.text);
        if text.len() < 300 && !text.iter().any(|byte| matches!(byte, b'e' | b'E')) {
            return;
        }
        if is_endless(text) {
            self.report(&words::NUMBER_RANGE, span, &[Arg::Text(self.source_of(span))]);
        }
    }

    /// A value of another type than the field's.
    #[inline(never)]
    pub(super) fn wrong_type(&mut self, kind: Kind, span: Span) {
        if self.passes_over(Code::Type) {
            return;
        }
        let (expected, received) = (kind_name(kind), self.kind_at(span.start));
        let text = self.source_of(span);
        // A short value stands in the message.
        let mut shown = String::new();
        if !matches!(received, "object" | "list" | "null") {
            let mut bare = text;
            while let Some(rest) = bare.strip_prefix('"') {
                bare = rest;
            }
            while let Some(rest) = bare.strip_suffix('"') {
                bare = rest;
            }
            fill(&mut shown, words::VALUE, &[Arg::Text(bare)]);
        }
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().trim();
        // Text that is exactly the JSON of the right type was put in quotes by mistake; nothing else is certain.
        let (words, help, mend) = match kind {
            Kind::Number if is_number(inner) && Decimal::parse(inner.as_bytes()).is_some() => {
                (&words::QUOTED_NUMBER, "", inner)
            }
            Kind::Boolean if matches!(inner, "true" | "false") => (&words::WRONG_TYPE, "", inner),
            Kind::Text | Kind::DateTime | Kind::Country | Kind::Currency if received == "number" => {
                (&words::WRONG_TYPE, words::PUT_IN_QUOTES, "")
            }
            _ => (&words::WRONG_TYPE, "", ""),
        };
        let args = [article(expected), expected, article(received), received, &shown, help, mend].map(Arg::Text);
        self.report(words, span, &args);
    }

    /// The text at a span.
    pub(super) fn source_of(&self, span: Span) -> &'a str {
        self.source.get(span.start..span.end).unwrap_or_default()
    }

    /// The JSON type of the value that begins there.
    pub(super) fn kind_at(&self, start: usize) -> &'static str {
        match self.text.get(start) {
            Some(b'"') => "text",
            Some(b'{') => "object",
            Some(b'[') => "list",
            Some(b't' | b'f') => "true or false",
            Some(b'n') => "null",
            _ => "number",
        }
    }

    /// The characters of a seen text.
    pub(super) fn text_of(&self, seen: super::walk::Seen) -> Option<Cow<'a, str>> {
        use super::walk::What;
        let inner = Span { start: seen.span.start + 1, end: seen.span.end.saturating_sub(1) };
        let string = Str { span: inner, escaped: seen.what == What::Escaped, lone_surrogate: false };
        matches!(seen.what, What::Text | What::Escaped).then(|| string.decode(self.source))
    }
}

/// Whether a number is 1e308 or more, without its sign.
#[inline(never)]
fn is_endless(number: &[u8]) -> bool {
    // The power of ten of the first digit that counts, once there is one.
    let (mut power, mut counts, mut fraction) = (-1, false, false);
    let mut rest = number.iter();
    for byte in rest.by_ref() {
        match byte {
            b'0'..=b'9' => {
                counts |= *byte != b'0';
                power += i64::from(counts && !fraction) - i64::from(!counts && fraction);
            }
            b'.' => fraction = true,
            b'e' | b'E' => break,
            _ => {}
        }
    }
    let exponent = rest.as_slice();
    let size = exponent.iter().filter(|byte| byte.is_ascii_digit()).fold(0, |size: i64, digit| {
        // Longer than any text, and no longer.
        (size * 10 + i64::from(digit - b'0')).min(1 << 40)
    });
    counts && power + if exponent.starts_with(b"-") { -size } else { size } >= 308
}
