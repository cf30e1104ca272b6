//! Countries, currencies, states and postal codes: lists that the API refers to by the standards' names.

use super::regions::{postal_forms, states};
use crate::text::cut;

/// ISO 3166-1 alpha-2 codes with the names people write; behind them, further names for some.
const COUNTRIES: &str = include_str!("data/countries.txt");
/// The active codes of ISO 4217, ascending.
const CURRENCIES: &str = include_str!("data/currencies.txt");

/// One bit for each pair of capitals.
const COUNTRY_BITS: [u32; 22] = country_bits();

#[allow(clippy::indexing_slicing, reason = "runs when the crate is compiled")]
const fn country_bits() -> [u32; 22] {
    let (text, mut bits, mut at, mut line_start) = (COUNTRIES.as_bytes(), [0; 22], 0, true);
    while at + 1 < text.len() {
        if line_start {
            let pair = pair(text[at], text[at + 1]);
            bits[pair / 32] |= 1 << (pair % 32);
        }
        line_start = text[at] == b'\n';
        at += 1;
    }
    bits
}

const fn pair(a: u8, b: u8) -> usize {
    (a - b'A') as usize * 26 + (b - b'A') as usize
}

/// Two capitals of ISO 3166-1.
pub(super) type Country = [u8; 2];

/// The country of that code; `UK`, which is no code and leaves no doubt, is GB.
pub(super) fn known_country(text: &str) -> Option<Country> {
    let code: Country = text.as_bytes().try_into().ok()?;
    match &code {
        b"UK" => Some(*b"GB"),
        [b'A'..=b'Z', b'A'..=b'Z'] => {
            let pair = pair(code[0], code[1]);
            let bits = COUNTRY_BITS.get(pair / 32)?;
            (bits >> (pair % 32) & 1 == 1).then_some(code)
        }
        _ => None,
    }
}

/// Whether it is a code of ISO 3166-1 alpha-2, in capitals.
pub(super) fn is_country(text: &str) -> bool {
    text != "UK" && known_country(text).is_some()
}

/// The code of the country that the text surely names: its English name, or its code in small letters.
pub(super) fn country_named(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let known = known_country(&text.to_ascii_uppercase());
    let mut rest = COUNTRIES;
    while !rest.is_empty() {
        let (line, others) = cut(rest, b'\n');
        let (code, name) = cut(line, b' ');
        if known.map_or_else(|| same(name, text), |known| code.as_bytes() == known) {
            return Some(code);
        }
        rest = others;
    }
    None
}

/// Whether it is an active code of ISO 4217, in capitals.
pub(super) fn is_currency(text: &str) -> bool {
    let &[a, b, c] = text.as_bytes() else { return false };
    // An entry is a code and a blank; three bytes compare as one number.
    let (codes, _) = CURRENCIES.as_bytes().as_chunks::<4>();
    codes.binary_search_by_key(&u32::from_be_bytes([0, a, b, c]), |code| u32::from_be_bytes(*code) >> 8).is_ok()
}

/// What is to say of a state or province of a country.
pub(super) enum State {
    /// It is one of the country's codes, or the country's states are not checked.
    Good,
    /// It is another spelling of this code.
    Means(&'static str),
    /// It is none.
    Unknown,
}

/// Looks a state or province up; none at all is good.
pub(super) fn state(country: Country, text: &str) -> State {
    let Some(states) = states(country).filter(|_| !text.is_empty()) else { return State::Good };
    // No code has more than three letters, so what begins an entry before a blank is the code.
    if text.len() <= 3 && states.iter().any(|state| state.strip_prefix(text).is_some_and(|name| name.starts_with(' ')))
    {
        return State::Good;
    }
    let wanted = text.trim();
    for state in states {
        let (code, name) = cut(state, b' ');
        if same(code, wanted) || same(name, wanted) {
            return State::Means(code);
        }
    }
    State::Unknown
}

/// Whether the country's states and postal codes are part of every address: the US and Canada.
pub(super) const fn needs_region(country: Country) -> bool {
    matches!(&country, b"US" | b"CA")
}

/// The country's forms if the postal code has none of them; `None` if it has one, or none is known.
#[inline(never)]
pub(super) fn postal_forms_missed(country: Country, text: &str) -> Option<String> {
    let forms = postal_forms(country)?;
    let (text, mut rest) = (text.trim().as_bytes(), forms);
    while !rest.is_empty() {
        let (form, others) = cut(rest, b' ');
        if has_form(form, text) {
            return None;
        }
        rest = others;
    }
    let mut shown = String::new();
    for byte in forms.bytes() {
        match byte {
            b' ' => shown.push_str(" or "),
            b'_' => shown.push(' '),
            b'?' => shown.push('A'),
            other => shown.push(char::from(other)),
        }
    }
    Some(shown)
}

fn has_form(form: &str, text: &[u8]) -> bool {
    let mut at = 0;
    for wanted in form.bytes() {
        let byte = text.get(at).copied().unwrap_or_default();
        let fits = match wanted {
            b'_' if byte == b' ' => true,
            b'_' => continue,
            b'9' => byte.is_ascii_digit(),
            b'A' => byte.is_ascii_alphabetic(),
            b'?' => byte.is_ascii_alphanumeric(),
            literal => byte == literal,
        };
        if !fits {
            return false;
        }
        at += 1;
    }
    at == text.len()
}

/// Whether two names are the same but for capitals, those of Latin-1 included. The lists have no others, and the tables of
/// Unicode would make up a tenth of the program.
#[inline(never)]
fn same(a: &str, b: &str) -> bool {
    let mut before = 0;
    a.len() == b.len()
        && a.bytes().zip(b.bytes()).all(|(a, b)| {
            // In UTF-8, the letters from À to Þ are 0xC3 and one of these.
            let small = |byte: u8| match byte {
                0x80..=0x9E if before == 0xC3 => byte + 0x20,
                other => other.to_ascii_lowercase(),
            };
            let same = small(a) == small(b);
            before = a;
            same
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_by_code_and_by_name() {
        assert!(is_country("DE") && is_country("AD") && is_country("ZW"));
        assert!(!is_country("UK") && !is_country("de") && !is_country("XX") && !is_country("USA") && !is_country(""));
        for (text, code) in
            [("uk", "GB"), ("germany", "DE"), (" Usa ", "US"), ("ÅLAND islands", "AX"), ("Türkiye", "TR")]
        {
            assert_eq!(country_named(text), Some(code), "{text}");
        }
        assert_eq!(country_named("Atlantis"), None);
        assert_eq!(COUNTRY_BITS.iter().map(|bits| bits.count_ones()).sum::<u32>(), 249);
    }

    #[test]
    fn currencies_are_whole_codes() {
        assert!(is_currency("USD") && is_currency("AED") && is_currency("ZWG"));
        assert!(
            !is_currency("usd") && !is_currency("DEM") && !is_currency("US") && !is_currency(" US") && !is_currency("")
        );
    }

    #[test]
    fn states_are_checked_where_a_list_is_known() {
        assert!(matches!(state(*b"US", "CA"), State::Good));
        assert!(matches!(state(*b"DE", "Bayern"), State::Good));
        assert!(matches!(state(*b"CA", "Québec"), State::Means("QC")));
        assert!(matches!(state(*b"CA", "QUÉBEC"), State::Means("QC")));
        assert!(matches!(state(*b"US", "california"), State::Means("CA")));
        assert!(matches!(state(*b"AU", "nsw"), State::Means("NSW")));
        assert!(matches!(state(*b"US", "ZZ"), State::Unknown));
    }

    #[test]
    fn postal_codes_are_compared_with_their_countrys_forms() {
        for (country, good) in [
            (b"US", "36830"),
            (b"US", "36830-1234"),
            (b"CA", "T2F 8M4"),
            (b"CA", "t2f8m4"),
            (b"GB", "WA1 1DP"),
            (b"GB", "EC1A1BB"),
            (b"IE", "D6W XN53"),
            (b"BR", "05487-020"),
            (b"ZW", "anything"),
            (b"NL", "1011AB"),
        ] {
            assert!(postal_forms_missed(*country, good).is_none(), "{good}");
        }
        for (country, bad, forms) in [
            (b"US", "3683", "99999 or 99999-9999"),
            (b"SE", "S-844 67", "999 99"),
            (b"DE", "1234", "99999"),
            (b"PT", "1675", "9999-999"),
            (b"CA", "T2F 8M44", "A9A 9A9"),
            (b"DE", "", "99999"),
        ] {
            assert_eq!(postal_forms_missed(*country, bad).as_deref(), Some(forms), "{bad}");
        }
    }
}
