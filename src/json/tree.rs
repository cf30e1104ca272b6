//! A value of JSON in memory, for replies and drafts: small things that are looked into, not forwarded.

use super::{Fault, Lexer, SyntaxError};
use std::borrow::Cow;

/// A value; numbers keep the text they were written with, objects the order of their members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(Cow<'a, str>),
    /// A string, escapes resolved; lone surrogates have become U+FFFD.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Self>),
    /// An object, its members in order; a key that was given twice is there twice.
    Object(Vec<(Cow<'a, str>, Self)>),
}

/// Deeper values are refused: they are no reply and no order, and would only exhaust the stack.
const MAX_DEPTH: usize = 64;

impl<'a> Tree<'a> {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// If it is not JSON, not UTF-8, or nested more than 64 levels deep.
    pub fn parse(text: &'a [u8]) -> Result<Self, SyntaxError> {
        let mut lexer = Lexer::new(text)?;
        let value = Self::read(&mut lexer, MAX_DEPTH)?;
        lexer.end()?;
        Ok(value)
    }

    fn read(lexer: &mut Lexer<'a>, depth: usize) -> Result<Self, SyntaxError> {
        let text = lexer.text();
        let raw = |span: super::Span| Cow::Borrowed(text.get(span.start..span.end).unwrap_or_default());
        let next = lexer.peek_once();
        if matches!(next, Some(b'{' | b'[')) && depth == 0 {
            return Err(SyntaxError { offset: lexer.offset(), fault: Fault::Depth(MAX_DEPTH) });
        }
        Ok(match next {
            Some(b'{') => {
                let mut members = Vec::new();
                let mut more = lexer.open_once(b'}');
                while more {
                    let key = lexer.key_once()?.decode(text);
                    members.push((key, Self::read(lexer, depth - 1)?));
                    more = lexer.more_once(b'}')?;
                }
                Self::Object(members)
            }
            Some(b'[') => {
                let mut elements = Vec::new();
                let mut more = lexer.open_once(b']');
                while more {
                    elements.push(Self::read(lexer, depth - 1)?);
                    more = lexer.more_once(b']')?;
                }
                Self::Array(elements)
            }
            Some(b'"') => Self::String(lexer.string_once()?.decode(text)),
            Some(b'-' | b'0'..=b'9') => Self::Number(raw(lexer.number()?)),
            Some(b't') => lexer.word("true").map(|_| Self::Bool(true))?,
            Some(b'f') => lexer.word("false").map(|_| Self::Bool(false))?,
            _ => lexer.word("null").map(|_| Self::Null)?,
        })
    }

    /// The member of that name if this is an object that has it; of several the last, as `JSON.parse` does.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The members of an object; none of anything else.
    #[must_use]
    pub fn members(&self) -> &[(Cow<'a, str>, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The elements if this is an array.
    #[must_use]
    pub fn array(&self) -> Option<&[Self]> {
        if let Self::Array(elements) = self { Some(elements) } else { None }
    }

    /// The elements of the member of that name; none if it is no array or not there.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Self] {
        self.get(name).and_then(Self::array).unwrap_or_default()
    }

    /// The characters if this is a string.
    #[must_use]
    pub fn str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The characters of a string or the text of a number: for fields that are documented as one and seen as the other.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::String(text) | Self::Number(text) = self { Some(text) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text_and_order_is_kept() {
        let tree = Tree::parse(br#" {"b": [19.90, 1e400, -0], "a": {"x": null, "y": true}, "b2": "\u00e9"} "#).unwrap();
        assert_eq!(tree.get("b").unwrap().array().unwrap()[0].text(), Some("19.90"));
        assert_eq!(tree.members().iter().map(|(key, _)| &**key).collect::<Vec<_>>(), ["b", "a", "b2"]);
        assert_eq!(tree.get("b2").unwrap().str(), Some("é"));
    }

    #[test]
    fn nesting_beyond_the_limit_is_an_error_and_not_a_crash() {
        let text = "[".repeat(100_000);
        assert_eq!(Tree::parse(text.as_bytes()).unwrap_err().fault, Fault::Depth(64));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in ["", "{", "[1,]", "{\"a\":}", "{a:1}", "nul", "truex", "[1 2]", "1 1", "\"", "\u{feff}"] {
            assert!(Tree::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
