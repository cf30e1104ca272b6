//! What is asked of single values: type, length, allowed values, form.

use super::{
    Code, Fix, codes,
    collect::{Draft, quote},
    date,
    walk::Walker,
};
use crate::{
    json::{Decimal, Span, Str, is_number, write_string},
    schema::{Field, Kind, Presence, Provenance},
};
use std::borrow::Cow;

/// The JSON type of a kind, as reports name it.
pub(super) const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Country | Kind::Currency | Kind::PostalCode => "text",
        Kind::DateTime => "date and time",
        Kind::Number => "number",
        Kind::Boolean => "true or false",
        Kind::Object(_) => "object",
        Kind::List(_) => "list",
        Kind::Any => "any value",
    }
}

/// A fix that puts a string in place of the value.
pub(super) fn text_fix(text: &str) -> Option<Fix> {
    let mut json = Vec::new();
    write_string(&mut json, text);
    String::from_utf8(json).ok().map(|json| Fix::Replace { json })
}

impl<'a> Walker<'a, '_> {
    /// A string in a field that takes one. `start` is where its opening quote stands.
    pub(super) fn string(&mut self, field: &'static Field, kind: Kind, string: Str, start: usize) {
        if string.lone_surrogate {
            self.lone_surrogate(string.span);
        }
        let span = Span { start, end: string.span.end + 1 };
        if string.span.start == string.span.end {
            if field.presence == Presence::Required {
                let draft = Draft::new("is empty.").received("\"\"").help("Fill it in.");
                self.report_field(Code::Required, field, span, draft);
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
            Kind::DateTime => self.date_time(field, &text, span),
            Kind::Country => self.country(&text, span),
            Kind::Currency => self.currency(&text, span),
            _ => self.allowed(field, &text, span),
        }
    }

    /// Counts the characters; tells whether there are too many.
    #[inline(never)]
    fn too_long(&mut self, field: &'static Field, kind: Kind, text: &str, span: Span) -> bool {
        let (count, max) = (text.chars().count(), field.max.unwrap_or(u32::MAX));
        if count <= max as usize {
            return false;
        }
        let draft = Draft::new(format!("{} has {count} characters; at most {max} are allowed.", quote(text)))
            .expected(&format!("at most {max} characters"))
            .received(&format!("{count} characters"));
        let draft = match kind {
            Kind::Country => {
                let code = codes::country_named(text);
                let named = match &code {
                    Some(code) => format!("Use the two-letter code: “{code}”."),
                    None => "Use the two-letter code of the country (ISO 3166-1 alpha-2), such as US, CA or DE.".into(),
                };
                Draft::new(format!("is {}, which is not a two-letter code.", quote(text)))
                    .expected("two-letter country code")
                    .received(text)
                    .help(&named)
                    .fix(code.and_then(|code| text_fix(&code)))
            }
            _ => draft.help(&format!("Shorten it by {}.", count - max as usize)),
        };
        self.report_field(Code::TooLong, field, span, draft);
        true
    }

    #[inline(never)]
    fn allowed(&mut self, field: &'static Field, text: &str, span: Span) {
        if field.values.is_empty() {
            return;
        }
        if field.reserved_values.contains(&text) {
            if self.collector.passes_over(Code::ReservedValue, Some(field.provenance)) {
                return;
            }
            let draft = Draft::new(format!("is {}, which the API reserves for future use.", quote(text)))
                .received(text)
                .help("The order is handled as a normal one.");
            self.report_field(Code::ReservedValue, field, span, draft);
        } else if !field.values.contains(&text) {
            let known = field.values.join(", ");
            let meant = field.values.iter().find(|value| value.eq_ignore_ascii_case(text.trim()));
            let draft = Draft::new(format!("is {}; it must be one of: {known}.", quote(text)))
                .expected(&known)
                .received(text)
                .fix(meant.and_then(|value| text_fix(value)));
            self.report_field(Code::NotAllowed, field, span, draft);
        }
    }

    #[inline(never)]
    fn date_time(&mut self, field: &'static Field, text: &str, span: Span) {
        let form = "YYYY-MM-DDThh:mm:ssZ";
        match date::parse(text) {
            Ok(date) if date.canonical => {}
            Ok(date) => {
                let exact = date.text();
                let draft = Draft::new(format!("is {}; the API documents the form {form}.", quote(text)))
                    .expected(form)
                    .received(text)
                    .help(&format!("Write it as {exact}."))
                    // An offset can lead out of the years that the form has.
                    .fix(text_fix(&exact).filter(|_| date::parse(&exact).is_ok()));
                self.report_field(Code::DateTimeForm, field, span, draft);
            }
            Err(fault) => {
                let draft = Draft::new(format!("is {}; {}", quote(text), fault.text())).expected(form).received(text);
                self.report_field(Code::DateTime, field, span, draft.help(&fault.help(text)));
            }
        }
    }

    #[inline(never)]
    fn country(&mut self, text: &str, span: Span) {
        if codes::is_country(text) {
            return;
        }
        let code = codes::country_named(text);
        let draft = Draft::new(format!("is {}, which is not a country code of ISO 3166-1.", quote(text)))
            .expected("two-letter country code")
            .received(text)
            .help(&code.as_deref().map_or_else(
                || "Use the two-letter code of the country, such as US, CA or DE.".to_owned(),
                |code| format!("Use “{code}”."),
            ))
            .fix(code.and_then(|code| text_fix(&code)));
        self.report(Code::CountryCode, span, draft);
    }

    #[inline(never)]
    fn currency(&mut self, text: &str, span: Span) {
        if codes::is_currency(text) {
            return;
        }
        let capitals = Some(text.trim().to_ascii_uppercase()).filter(|text| codes::is_currency(text));
        let draft = Draft::new(format!("is {}, which is not a currency code of ISO 4217.", quote(text)))
            .expected("three-letter currency code")
            .received(text)
            .help("Use three capitals, such as USD, CAD or EUR.")
            .fix(capitals.and_then(|text| text_fix(&text)));
        self.report(Code::CurrencyCode, span, draft);
    }

    /// A number in a field that takes one.
    pub(super) fn number(&mut self, field: &'static Field, span: Span) {
        self.number_range(span);
        let Some(known) = field.above_zero else { return };
        let text = span.of(self.text);
        let mantissa = text.split(|byte| matches!(byte, b'e' | b'E')).next().unwrap_or_default();
        if !text.starts_with(b"-") && mantissa.iter().any(|byte| matches!(byte, b'1'..=b'9')) {
            return;
        }
        let code = if known == Provenance::Documented { Code::NotPositive } else { Code::OrderedQuantity };
        let text = self.source_of(span);
        let draft = Draft::new(format!("is {text}; it must be above zero.")).expected("above 0").received(text);
        self.report(code, span, draft);
    }

    /// A number must be one that other readers can hold: a double (RFC 8259, section 6).
    pub(super) fn number_range(&mut self, span: Span) {
        let text = span.of(self.text);
        if text.len() < 300 && !text.iter().any(|byte| matches!(byte, b'e' | b'E')) {
            return;
        }
        if magnitude(text).is_some_and(|power| power >= 308) {
            let shown = quote(self.source_of(span));
            let draft = Draft::new(format!("is the number {shown}, which is larger than programs can hold."))
                .expected("below 1e308")
                .received(&shown)
                .help("Check the number: no price or quantity is that large.");
            self.report(Code::NumberRange, span, draft);
        }
    }

    /// A value of another type than the field's.
    #[inline(never)]
    pub(super) fn wrong_type(&mut self, field: &'static Field, kind: Kind, span: Span) {
        if self.collector.passes_over(Code::Type, Some(field.provenance)) {
            return;
        }
        let (expected, received) = (kind_name(kind), self.kind_at(span.start));
        let shown = self.shown(span);
        let inner = span.of(self.text).strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
        let inner = inner.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default().trim();
        // Text that is exactly the JSON of the right type was put in quotes by mistake; nothing else is certain.
        let mend = match kind {
            Kind::Number => is_number(inner) && Decimal::parse(inner.as_bytes()).is_some(),
            Kind::Boolean => matches!(inner, "true" | "false"),
            _ => false,
        };
        let draft = Draft::new(format!("must be {}, and is {}{shown}.", article(expected), article(received)))
            .expected(expected)
            .received(received)
            .fix(mend.then(|| Fix::Replace { json: inner.to_owned() }));
        let draft = match (kind, received) {
            (Kind::Number, "text") if mend => draft.help(&format!("Write {inner} without quotes.")),
            (Kind::Text | Kind::DateTime | Kind::Country | Kind::Currency, "number") => draft.help("Put it in quotes."),
            _ => draft,
        };
        self.report_field(Code::Type, field, span, draft);
    }

    /// A short value for a message, with a space before it.
    fn shown(&self, span: Span) -> String {
        match span.of(self.text).first() {
            Some(b'{' | b'[' | b'n') | None => String::new(),
            _ => format!(" ({})", quote(self.source_of(span).trim_matches('"'))),
        }
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

fn article(kind: &str) -> String {
    match kind {
        "number" | "list" | "date and time" => format!("a {kind}"),
        "object" => format!("an {kind}"),
        other => other.to_owned(),
    }
}

/// The power of ten of the first digit that counts; `None` for zero.
fn magnitude(number: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(number).ok()?.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let zeros = |digits: &str| digits.bytes().take_while(|&byte| byte == b'0').count();
    let leading = zeros(whole);
    let power = if leading < whole.len() {
        i64::try_from(whole.len() - leading).ok()? - 1
    } else if zeros(fraction) < fraction.len() {
        -1 - i64::try_from(zeros(fraction)).ok()?
    } else {
        return None;
    };
    // An exponent too long for an i64 is as good as endless, one way or the other.
    let endless = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(power.saturating_add(exponent.parse().unwrap_or(endless)))
}
