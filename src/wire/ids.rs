//! Ids and keys: how they are made, and what counts as one.

use crate::{ports::Random, text::hex_digit};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The longest `X-PB-TransactionId` (documented).
const MAX_TRANSACTION_ID: usize = 25;
/// The longest idempotency key that is read.
const MAX_KEY: usize = 255;

/// A new id for one request to the API: 25 characters of `[A-Za-z0-9_-]`, 150 random bits. The API demands that it is unique
/// (documented).
#[must_use]
pub fn transaction_id(random: &impl Random) -> String {
    let mut bytes = [0; MAX_TRANSACTION_ID];
    random.fill(&mut bytes);
    // 64 letters: six bits of each byte choose one, none more often than another.
    bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 63))).map(|&letter| char::from(letter)).collect()
}

/// Whether the text has the documented form of a transaction id: 1 to 25 characters of `[A-Za-z0-9_-]`.
#[must_use]
pub fn is_transaction_id(text: &str) -> bool {
    (1..=MAX_TRANSACTION_ID).contains(&text.len()) && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// The transaction ids that a broker lists in one header field; what has not their form is left out.
pub fn transaction_ids(field: &str) -> impl Iterator<Item = &str> {
    field.split(',').map(str::trim).filter(|id| is_transaction_id(id))
}

/// A new UUID, version 4 (RFC 9562, section 5.4), for submissions and requests.
#[must_use]
pub fn uuid(random: &impl Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    let mut text = Vec::with_capacity(36);
    for (index, byte) in (0..).zip(bytes) {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push(b'-');
        }
        let byte = match index {
            6 => byte & 0x0F | 0x40,
            8 => byte & 0x3F | 0x80,
            _ => byte,
        };
        for nibble in [byte >> 4, byte & 15] {
            text.push(hex_digit(nibble));
        }
    }
    String::from_utf8(text).unwrap_or_default()
}

/// The value of an `Idempotency-Key` field: a String of RFC 9651, in quotes. Characters beyond visible ASCII and space are
/// left out, as the syntax has no room for them.
#[must_use]
pub fn quote_key(key: &str) -> String {
    let mut out = String::from("\"");
    for byte in key.bytes().filter(|byte| matches!(byte, b' '..=b'~')) {
        if matches!(byte, b'"' | b'\\') {
            out.push('\\');
        }
        out.push(char::from(byte));
    }
    out.push('"');
    out
}

/// Reads the value of an `Idempotency-Key` field, in quotes as the draft has it or bare as most send it. Nothing if it is
/// empty, longer than 255 characters, or not well formed.
#[must_use]
pub fn read_key(field: &str) -> Option<String> {
    let field = field.trim();
    let key = match field.strip_prefix('"') {
        None => {
            let bare = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b',' | b';');
            field.bytes().all(bare).then(|| field.to_owned())?
        }
        Some(rest) => {
            let (mut key, mut rest) = (String::new(), rest.chars());
            loop {
                match rest.next()? {
                    '"' => break,
                    '\\' => key.push(rest.next().filter(|character| matches!(character, '"' | '\\'))?),
                    character @ ' '..='~' => key.push(character),
                    _ => return None,
                }
            }
            rest.next().is_none().then_some(key)?
        }
    };
    (1..=MAX_KEY).contains(&key.len()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Counts up, so that a test sees which byte went where.
    #[derive(Default)]
    struct Counting(Cell<u8>);

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0.replace(self.0.get().wrapping_add(1));
            }
        }
    }

    struct Ones;

    impl Random for Ones {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0xFF);
        }
    }

    #[test]
    fn a_transaction_id_has_the_documented_form_and_takes_new_bytes_each_time() {
        let random = Counting::default();
        let ids = [transaction_id(&random), transaction_id(&random)];
        assert_eq!(ids[0], "ABCDEFGHIJKLMNOPQRSTUVWXY");
        assert_ne!(ids[0], ids[1]);
        assert!(ids.iter().all(|id| is_transaction_id(id)));
    }

    #[test]
    fn what_is_no_transaction_id_is_told_apart() {
        for text in ["", "a b", "\u{e9}", "a.b", "12345678901234567890123456"] {
            assert!(!is_transaction_id(text), "{text}");
        }
        assert!(is_transaction_id("a") && is_transaction_id("_-Z9"));
        assert_eq!(transaction_ids("a, b ,,<x>,c").collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        assert_eq!(uuid(&Ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid(&Counting::default()), "00010203-0405-4607-8809-0a0b0c0d0e0f");
    }

    #[test]
    fn a_key_is_quoted_and_read_back() {
        for key in ["8e03978e-40d5-43e8", "a \"b\" \\c"] {
            assert_eq!(read_key(&quote_key(key)).as_deref(), Some(key));
        }
        assert_eq!(quote_key("a\n\u{e9}b"), "\"ab\"");
    }

    #[test]
    fn a_bare_key_is_read_and_a_malformed_one_is_not() {
        assert_eq!(read_key(" abc-1.2_3 ").as_deref(), Some("abc-1.2_3"));
        for field in
            ["", "\"\"", "\"a", "a\"", "a b", "\"a\"b", "\"a\\n\"", "\"\u{e9}\"", "\u{e9}", "a,b", "\"a\", \"b\""]
        {
            assert_eq!(read_key(field), None, "{field}");
        }
        assert_eq!(read_key(&"a".repeat(256)), None);
    }
}
