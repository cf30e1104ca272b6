//! JSON text of plain values, by serde.
//!
//! serde_json does the same for every type there is; this does it for those of this crate in a third of the code, which
//! every page downloads, and writes ASCII alone: a runtime decodes and parses that several times faster than text that has a
//! few other characters, such as the quotes in messages.

use crate::text::{digits, hex_digit};
use serde::ser::{self, Impossible, Serialize};
use std::fmt;

/// The value as JSON text of ASCII alone.
///
/// # Errors
/// If it holds what no type of this crate holds: maps, tuples, floats, bytes, or enum variants with unnamed fields.
pub fn to_ascii_json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Unwritable> {
    let mut out = Out { text: Vec::new() };
    value.serialize(&mut out)?;
    Ok(out.text)
}

/// A value of a kind that is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwritable;

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a kind that is not written")
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

struct Out {
    text: Vec<u8>,
}

impl Out {
    /// A comma, unless what is written next is the first in its list or object.
    fn part(&mut self) {
        if !matches!(self.text.last(), Some(b'[' | b'{')) {
            self.text.push(b',');
        }
    }

    #[inline(never)]
    fn key(&mut self, key: &str) {
        self.part();
        self.string(key);
        self.text.push(b':');
    }

    #[inline(never)]
    fn string(&mut self, text: &str) {
        self.text.push(b'"');
        let mut rest = text;
        loop {
            let (plain, special) = rest.split_at_checked(plain_length(rest.as_bytes())).unwrap_or_default();
            self.text.extend_from_slice(plain.as_bytes());
            let mut characters = special.chars();
            match characters.next() {
                Some(character @ ('"' | '\\')) => self.text.extend_from_slice(&[b'\\', character as u8]),
                Some(character) => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        self.unit(*unit);
                    }
                }
                None => break,
            }
            rest = characters.as_str();
        }
        self.text.push(b'"');
    }

    fn unit(&mut self, unit: u16) {
        self.text.extend_from_slice(b"\\u");
        for shift in [12, 8, 4, 0] {
            self.text.push(hex_digit((unit >> shift & 15) as u8));
        }
    }
}

/// How many bytes, from the first on, stand for themselves in a string, eight of them at a time.
fn plain_length(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let mut at = 0;
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        // The high bit of a byte: beyond ASCII, or below the space, or one of the three that a string has no place for.
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let [quote, backslash, delete] = [b'"', b'\\', 0x7F].map(|byte| zeros(word ^ (ONES * u64::from(byte))));
        if (word | control | quote | backslash | delete) & (ONES << 7) != 0 {
            break;
        }
        at += 8;
    }
    while text.get(at).is_some_and(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
        at += 1;
    }
    at
}

type Written = Result<(), Unwritable>;

impl ser::Serializer for &mut Out {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Self;
    type SerializeTuple = Impossible<(), Unwritable>;
    type SerializeTupleStruct = Impossible<(), Unwritable>;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Impossible<(), Unwritable>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Unwritable>;

    fn serialize_bool(self, value: bool) -> Written {
        self.text.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }
    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_i64(value.into())
    }
    fn serialize_i16(self, value: i16) -> Written {
        self.serialize_i64(value.into())
    }
    fn serialize_i32(self, value: i32) -> Written {
        self.serialize_i64(value.into())
    }
    fn serialize_i64(self, value: i64) -> Written {
        if value < 0 {
            self.text.push(b'-');
        }
        self.serialize_u64(value.unsigned_abs())
    }
    fn serialize_u8(self, value: u8) -> Written {
        self.serialize_u64(value.into())
    }
    fn serialize_u16(self, value: u16) -> Written {
        self.serialize_u64(value.into())
    }
    fn serialize_u32(self, value: u32) -> Written {
        self.serialize_u64(value.into())
    }
    fn serialize_u64(self, value: u64) -> Written {
        self.text.extend_from_slice(digits(value, &mut [0; 20]).as_bytes());
        Ok(())
    }
    fn serialize_f32(self, _: f32) -> Written {
        Err(Unwritable)
    }
    fn serialize_f64(self, _: f64) -> Written {
        Err(Unwritable)
    }
    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Written {
        self.string(value);
        Ok(())
    }
    fn serialize_bytes(self, _: &[u8]) -> Written {
        Err(Unwritable)
    }
    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Written {
        self.text.extend_from_slice(b"null");
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Written {
        Err(Unwritable)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Unwritable> {
        self.text.push(b'[');
        Ok(self)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unwritable> {
        Err(Unwritable)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Unwritable> {
        Err(Unwritable)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        Err(Unwritable)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unwritable> {
        Err(Unwritable)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        self.text.push(b'{');
        Ok(self)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        Err(Unwritable)
    }
}

impl ser::SerializeSeq for &mut Out {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.part();
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        self.text.push(b']');
        Ok(())
    }
}

impl ser::SerializeStruct for &mut Out {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Written {
        self.key(key);
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        self.text.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Inner {
        text: &'static str,
        list: Vec<Option<u32>>,
    }

    #[derive(Serialize)]
    #[serde(tag = "type", rename_all = "camelCase")]
    enum Tagged {
        FirstOne { inner: Inner, at: i64, on: bool },
        Empty {},
    }

    #[track_caller]
    fn check<T: Serialize + ?Sized>(value: &T) {
        let text = to_ascii_json(value).unwrap();
        assert!(text.is_ascii());
        let ours: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(ours, serde_json::to_value(value).unwrap());
    }

    #[test]
    fn what_is_written_is_what_serde_json_writes() {
        let inner =
            || Inner { text: "a\"\\\u{0}\n\u{7f}é“\u{1F600}\u{FFFF}", list: vec![None, Some(0), Some(u32::MAX)] };
        check(&Tagged::FirstOne { inner: inner(), at: i64::MIN, on: true });
        check([Tagged::Empty {}, Tagged::FirstOne { inner: inner(), at: 7, on: false }].as_slice());
        check([u64::MAX, 0, 10].as_slice());
        check("");
        check([(); 0].as_slice());
    }

    #[test]
    fn what_is_not_written_is_an_error() {
        assert_eq!(to_ascii_json(&1.5), Err(Unwritable));
        assert_eq!(to_ascii_json(&(1, 2)), Err(Unwritable));
        assert_eq!(to_ascii_json(&std::collections::BTreeMap::from([("a", 1)])), Err(Unwritable));
    }
}
