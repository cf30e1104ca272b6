//! What serde_json says about a text.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::{collections::HashSet, fmt};

/// The text without a byte order mark, which RFC 8259 lets a reader skip and serde_json does not.
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

/// Whether it is JSON by the grammar of RFC 8259, whatever its strings and numbers mean and however deep it goes.
pub fn is_json(text: &[u8]) -> bool {
    std::str::from_utf8(without_mark(text)).is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_ok())
}

/// The value, if all strings are text and all numbers fit.
pub fn value(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(without_mark(text)).ok()
}

/// Whether an object names a key twice, and whether one does if capitals are not told from small letters; the text must have a
/// value.
pub fn repeats_a_key(text: &[u8]) -> (bool, bool) {
    serde_json::from_slice::<Repeats>(without_mark(text))
        .map_or((false, false), |repeats| (repeats.exactly, repeats.nearly))
}

/// How deep brackets are nested; the text must be JSON up to where it goes that deep.
pub fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut string, mut escape) = (0usize, 0, false, false);
    for byte in text {
        match byte {
            _ if std::mem::take(&mut escape) => {}
            b'\\' if string => escape = true,
            b'"' => string = !string,
            b'[' | b'{' if !string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The orders of a submission as they stand in the text, if it is one.
pub fn orders(text: &[u8]) -> Option<Vec<&[u8]>> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        orders: Vec<&'a RawValue>,
    }
    let text = without_mark(text);
    let list: Vec<&RawValue> = match serde_json::from_slice::<Body<'_>>(text) {
        Ok(body) if text.trim_ascii_start().first() == Some(&b'{') => body.orders,
        _ => serde_json::from_slice(text).ok()?,
    };
    Some(list.into_iter().map(|order| order.get().as_bytes()).collect())
}

#[derive(Clone, Copy, Default)]
struct Repeats {
    exactly: bool,
    nearly: bool,
}

impl<'de> Deserialize<'de> for Repeats {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        impl<'de> Visitor<'de> for Look {
            type Value = Repeats;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Repeats, E> {
                Ok(Repeats::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Repeats, E> {
                Ok(Repeats::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<Repeats, E> {
                Ok(Repeats::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Repeats, E> {
                Ok(Repeats::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<Repeats, E> {
                Ok(Repeats::default())
            }
            fn visit_str<E>(self, _: &str) -> Result<Repeats, E> {
                Ok(Repeats::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Repeats, A::Error> {
                let mut repeats = Repeats::default();
                while let Some(element) = seq.next_element::<Repeats>()? {
                    repeats.exactly |= element.exactly;
                    repeats.nearly |= element.nearly;
                }
                Ok(repeats)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Repeats, A::Error> {
                let (mut names, mut folded, mut repeats) = (HashSet::new(), HashSet::new(), Repeats::default());
                while let Some((name, value)) = map.next_entry::<String, Repeats>()? {
                    repeats.nearly |= value.nearly | !folded.insert(name.to_ascii_lowercase());
                    repeats.exactly |= value.exactly | !names.insert(name);
                }
                Ok(repeats)
            }
        }
        deserializer.deserialize_any(Look)
    }
}
