//! Countries, currencies, states and postal codes: lists that the API refers to by the standards' names.

use super::regions::{postal_forms, states};

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
pub(super) fn country_named(text: &str) -> Option<String> {
    let text = text.trim();
    let capitals = text.to_ascii_uppercase();
    if let Some(code) = known_country(&capitals) {
        return std::str::from_utf8(&code).ok().map(str::to_owned);
    }
    let named = |line: &&str| line.split_once(' ').is_some_and(|(_, name)| same(name, text));
    COUNTRIES.lines().find(named).and_then(|line| line.get(..2)).map(str::to_owned)
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
    if states.iter().any(|(code, _)| *code == text) {
        return State::Good;
    }
    let wanted = text.trim();
    let meant = states.iter().find(|(code, name)| same(code, wanted) || same(name, wanted));
    meant.map_or(State::Unknown, |(code, _)| State::Means(code))
}

/// Whether the country's states and postal codes are part of every address: the US and Canada.
pub(super) const fn needs_region(country: Country) -> bool {
    matches!(&country, b"US" | b"CA")
}

/// The country's forms if the postal code has none of them; `None` if it has one, or none is known.
pub(super) fn postal_forms_missed(country: Country, text: &str) -> Option<String> {
    let forms = postal_forms(country)?;
    if forms.split(' ').any(|form| has_form(form, text.trim())) {
        return None;
    }
    let mut shown = String::new();
    for character in forms.chars() {
        match character {
            ' ' => shown.push_str(" or "),
            '_' => shown.push(' '),
            '?' => shown.push('A'),
            other => shown.push(other),
        }
    }
    Some(shown)
}

fn has_form(form: &str, text: &str) -> bool {
    let mut bytes = text.bytes().peekable();
    form.bytes().all(|wanted| match wanted {
        b'_' => {
            bytes.next_if_eq(&b' ');
            true
        }
        b'9' => bytes.next().is_some_and(|byte| byte.is_ascii_digit()),
        b'A' => bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic()),
        b'?' => bytes.next().is_some_and(|byte| byte.is_ascii_alphanumeric()),
        literal => bytes.next() == Some(literal),
    }) && bytes.next().is_none()
}

/// Whether two names are the same but for capitals, those of Latin-1 included. The lists have no others, and the tables of
/// Unicode would make up a tenth of the program.
fn same(a: &str, b: &str) -> bool {
    let small = |character: char| match character {
        'À'..='Þ' => char::from_u32(character as u32 + 0x20).unwrap_or(character),
        other => other.to_ascii_lowercase(),
    };
    a.chars().map(small).eq(b.chars().map(small))
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
            assert_eq!(country_named(text).as_deref(), Some(code), "{text}");
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
