//! A pull lexer for JSON text (RFC 8259) that reports where things are.

use crate::text::{append, cut};
use std::{borrow::Cow, fmt};

/// A range of bytes in the text, its end excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes of this span in the text it was taken from; empty if it lies outside.
    #[must_use]
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A string as it stands in the text, without its quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Str {
    /// The bytes between the quotes.
    pub span: Span,
    /// Whether it holds an escape, so that it must be decoded to be compared.
    pub escaped: bool,
    /// Whether an escape names half of a surrogate pair alone, which no character is (RFC 8259, section 8.2).
    pub lone_surrogate: bool,
}

impl Str {
    /// The characters, escapes resolved. A lone surrogate becomes U+FFFD.
    #[must_use]
    pub fn decode(self, text: &str) -> Cow<'_, str> {
        let raw = text.get(self.span.start..self.span.end).unwrap_or_default();
        if self.escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
    }
}

/// Why a text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Something else was expected here.
    Expected(&'static str),
    /// The bytes are not UTF-8.
    Utf8,
    /// Arrays and objects are nested deeper than the reader follows.
    Depth(usize),
}

/// A text is not JSON, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} at byte {offset}")]
pub struct SyntaxError {
    /// Offset of the byte at fault; the length of the text if it ends too early.
    pub offset: usize,
    /// What is wrong there.
    pub fault: Fault,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::Utf8 => f.write_str("expected UTF-8 text"),
            Self::Depth(limit) => write!(f, "expected at most {limit} levels of nesting"),
        }
    }
}

/// A place in a text as an editor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// Line, from 1. Lines end with LF, CR LF or CR.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// Where a text begins.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place of a byte offset.
    #[must_use]
    pub fn at(text: &[u8], offset: usize) -> Self {
        let (mut line, mut start) = (1, 0);
        let before = text.get(..offset.min(text.len())).unwrap_or_default();
        for (index, &byte) in before.iter().enumerate() {
            if byte == b'\n' || (byte == b'\r' && text.get(index + 1) != Some(&b'\n')) {
                line += 1;
                start = index + 1;
            }
        }
        let column = before.get(start..).unwrap_or_default().iter().filter(|&&byte| !is_continuation(byte)).count() + 1;
        Self { line, column }
    }

    /// The place behind bytes that begin at this one.
    #[must_use]
    pub fn behind(self, bytes: &[u8]) -> Self {
        let Self { line, column } = Self::at(bytes, bytes.len());
        Self { line: self.line + line - 1, column: if line == 1 { self.column + column - 1 } else { column } }
    }
}

/// Whether the byte continues a character of UTF-8 rather than beginning one.
pub(crate) const fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// What the scan of a string found: what is in it, or what is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scan {
    Plain,
    Escaped,
    LoneSurrogate,
    Control,
    Unended,
    Hexadecimal,
    Escape,
}

/// Reads one token after another. The text must be UTF-8; [`Lexer::new`] checks that.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    source: &'a str,
    text: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    /// A lexer at an offset of a text.
    pub(crate) const fn within(source: &'a str, at: usize) -> Self {
        Self { source, text: source.as_bytes(), at }
    }

    /// A lexer at the beginning of the text, a byte order mark skipped (RFC 8259, section 8.1).
    ///
    /// # Errors
    /// [`Fault::Utf8`] with the offset of the first byte that is not well formed.
    pub fn new(text: &'a [u8]) -> Result<Self, SyntaxError> {
        match std::str::from_utf8(text) {
            Ok(source) => Ok(Self { source, text, at: if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 } }),
            Err(error) => Err(SyntaxError { offset: error.valid_up_to(), fault: Fault::Utf8 }),
        }
    }

    /// The whole text.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.source
    }

    /// Offset of the next byte.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space, without consuming it.
    #[inline(always)]
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.get(self.at).copied() {
                // Most bytes are no white space, and one comparison tells so.
                Some(byte) if byte > b' ' => return Some(byte),
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    /// Consumes the byte if it is the next one that is not white space.
    #[inline(always)]
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// An error at the next byte.
    #[cold]
    #[must_use]
    pub const fn expected(&self, what: &'static str) -> SyntaxError {
        SyntaxError { offset: self.at, fault: Fault::Expected(what) }
    }

    /// Consumes the byte.
    ///
    /// # Errors
    /// If another one is next; `what` names what was expected.
    #[inline(always)]
    pub fn require(&mut self, byte: u8, what: &'static str) -> Result<(), SyntaxError> {
        if self.take(byte) { Ok(()) } else { Err(self.expected(what)) }
    }

    /// Nothing but white space may be left.
    ///
    /// # Errors
    /// If there is more.
    pub fn end(&mut self) -> Result<(), SyntaxError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.expected("nothing more after the value")) }
    }

    /// After a member or an element: whether another follows. Consumes the comma or the closing byte.
    ///
    /// # Errors
    /// If neither is next.
    #[inline(always)]
    pub fn more(&mut self, close: u8) -> Result<bool, SyntaxError> {
        if self.take(b',') {
            Ok(true)
        } else if self.take(close) {
            Ok(false)
        } else {
            Err(self.expected(if close == b'}' { "`,` or `}`" } else { "`,` or `]`" }))
        }
    }

    /// A key with its colon.
    ///
    /// # Errors
    /// If it is no string or no colon follows.
    #[inline(always)]
    pub fn key(&mut self) -> Result<Str, SyntaxError> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a name in double quotes"));
        }
        let key = self.string()?;
        self.require(b':', "`:`")?;
        Ok(key)
    }

    /// Consumes the key, with its colon, if it is the next one and is written without escapes or white space. Where it is not
    /// taken, [`Lexer::key`] reads what there is.
    #[inline(always)]
    pub(crate) fn take_key(&mut self, name: &[u8]) -> bool {
        let rest = self.text.get(self.at..).and_then(|rest| rest.strip_prefix(b"\""));
        match rest.and_then(|rest| rest.split_at_checked(name.len())) {
            Some((key, [b'"', b':', ..])) if same(key, name) => {
                self.at += name.len() + 3;
                true
            }
            _ => false,
        }
    }

    /// A string; the opening quote must be next.
    ///
    /// # Errors
    /// If there is none, it does not end, or it holds a raw control character or an unknown escape.
    #[inline(always)]
    pub fn string(&mut self) -> Result<Str, SyntaxError> {
        self.require(b'"', "a string in double quotes")?;
        let start = self.at;
        // The scan gives a number and not the string: what fits a register comes back much faster than what does not.
        let (escaped, lone_surrogate) = match self.scan() {
            Scan::Plain => (false, false),
            Scan::Escaped => (true, false),
            Scan::LoneSurrogate => (true, true),
            fault => return Err(self.fault_of(fault)),
        };
        Ok(Str { span: Span { start, end: self.at - 1 }, escaped, lone_surrogate })
    }

    /// [`Lexer::key`] for where speed matters less than size: the others are written out at each call.
    #[inline(never)]
    pub(crate) fn key_once(&mut self) -> Result<Str, SyntaxError> {
        self.key()
    }

    /// [`Lexer::string`], likewise.
    #[inline(never)]
    pub(crate) fn string_once(&mut self) -> Result<Str, SyntaxError> {
        self.string()
    }

    /// [`Lexer::more`], likewise.
    #[inline(never)]
    pub(crate) fn more_once(&mut self, close: u8) -> Result<bool, SyntaxError> {
        self.more(close)
    }

    /// [`Lexer::peek`], likewise.
    #[inline(never)]
    pub(crate) fn peek_once(&mut self) -> Option<u8> {
        self.peek()
    }

    /// Goes behind the opening byte of an array or object, which must be next; whether anything is in it. Consumes the closing
    /// byte if not.
    #[inline(never)]
    pub(crate) fn open_once(&mut self, close: u8) -> bool {
        self.at += 1;
        !self.take(close)
    }

    /// Goes behind the closing quote, or to what is at fault.
    fn scan(&mut self) -> Scan {
        let mut found = Scan::Plain;
        loop {
            self.skip_plain();
            match self.text.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return found;
                }
                Some(b'\\') => match self.escape() {
                    Scan::Escaped if found == Scan::LoneSurrogate => {}
                    escape @ (Scan::Escaped | Scan::LoneSurrogate) => found = escape,
                    fault => return fault,
                },
                Some(_) => return Scan::Control,
                None => return Scan::Unended,
            }
        }
    }

    /// The error of a scan that went wrong.
    #[cold]
    fn fault_of(&self, scan: Scan) -> SyntaxError {
        self.expected(match scan {
            Scan::Control => "an escape such as \\n in place of a raw control character",
            Scan::Hexadecimal => "four hexadecimal digits after \\u",
            Scan::Escape => "one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX",
            _ => "the closing `\"` of a string",
        })
    }

    /// Goes on to the next quote, backslash or control character, eight bytes at a time.
    #[inline(always)]
    fn skip_plain(&mut self) {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGHS: u64 = ONES << 7;
        // A byte is zero where its high bit is set in (word - ONES) & !word & HIGHS; bytes above the first hit may lie.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        while let Some(chunk) = self.text.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*chunk);
            let control = word.wrapping_sub(ONES * 0x20) & !word;
            let hit = (control | zero(word ^ (ONES * b'"' as u64)) | zero(word ^ (ONES * b'\\' as u64))) & HIGHS;
            if hit != 0 {
                self.at += (hit.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
        while self.text.get(self.at).is_some_and(|&byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
            self.at += 1;
        }
    }

    /// Goes behind the escape at the backslash.
    #[cold]
    fn escape(&mut self) -> Scan {
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Scan::Escaped
            }
            Some(b'u') => {
                let Some(unit) = self.code_unit(self.at) else { return Scan::Hexadecimal };
                self.at += 6;
                match unit {
                    0xD800..=0xDBFF => match self.code_unit(self.at) {
                        Some(0xDC00..=0xDFFF) => {
                            self.at += 6;
                            Scan::Escaped
                        }
                        _ => Scan::LoneSurrogate,
                    },
                    0xDC00..=0xDFFF => Scan::LoneSurrogate,
                    _ => Scan::Escaped,
                }
            }
            _ => Scan::Escape,
        }
    }

    /// The code unit of a `\uXXXX` escape at that offset.
    fn code_unit(&self, at: usize) -> Option<u16> {
        hexadecimal(self.text.get(at..at + 6)?.strip_prefix(b"\\u")?)
    }

    /// A number, its text unchanged.
    ///
    /// # Errors
    /// If it is not a number of JSON's grammar.
    #[inline]
    pub fn number(&mut self) -> Result<Span, SyntaxError> {
        let start = self.at;
        self.at += usize::from(self.text.get(self.at) == Some(&b'-'));
        match self.text.get(self.at) {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.text.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        if self.text.get(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.') {
            return Err(self.expected("the end of the number"));
        }
        Ok(Span { start, end: self.at })
    }

    #[inline]
    fn digits(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(()) }
    }

    /// One of the words `true`, `false` and `null`.
    ///
    /// # Errors
    /// If another one is next.
    pub fn word(&mut self, word: &'static str) -> Result<Span, SyntaxError> {
        let end = self.at + word.len();
        let whole = self.text.get(self.at..end) == Some(word.as_bytes())
            && !self.text.get(end).is_some_and(u8::is_ascii_alphanumeric);
        if !whole {
            return Err(self.expected("a value: a string, a number, true, false, null, an object or an array"));
        }
        let span = Span { start: self.at, end };
        self.at = end;
        Ok(span)
    }
}

/// Whether two names are the same. They are short, and a call to compare them would take longer than the comparison.
#[inline(always)]
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && match (a.first_chunk::<8>(), b.first_chunk()) {
            // The last eight bytes overlap the first where a name is shorter than sixteen.
            (Some(head), Some(other)) => {
                head == other && a.last_chunk::<8>() == b.last_chunk() && (a.len() <= 16 || a == b)
            }
            _ => a.iter().zip(b).all(|(a, b)| a == b),
        }
}

/// The code unit that four digits name.
fn hexadecimal(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0u16, |unit, &byte| Some(unit << 4 | char::from(byte).to_digit(16)? as u16))
}

/// Resolves the escapes of a string that the lexer has read.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    loop {
        let (plain, escape) = cut(rest, b'\\');
        append(&mut out, plain);
        let unit = |at: usize| escape.as_bytes().get(at..at + 4).and_then(hexadecimal);
        let (character, taken) = match escape.as_bytes().first() {
            Some(b'b') => ('\u{8}', 1),
            Some(b'f') => ('\u{c}', 1),
            Some(b'n') => ('\n', 1),
            Some(b'r') => ('\r', 1),
            Some(b't') => ('\t', 1),
            Some(b'u') => {
                let (unit, next) = (unit(1).unwrap_or(0xFFFD), unit(7).filter(|_| escape.get(5..7) == Some("\\u")));
                match (unit, next) {
                    // Two halves of a surrogate pair.
                    (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
                        let pair = 0x1_0000 + (u32::from(unit & 0x3FF) << 10 | u32::from(low & 0x3FF));
                        (char::from_u32(pair).unwrap_or_default(), 11)
                    }
                    _ => (char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
                }
            }
            Some(&other) => (char::from(other), 1),
            None => return out,
        };
        out.push(character);
        rest = escape.get(taken..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn string(text: &str) -> (String, bool) {
        let mut lexer = Lexer::new(text.as_bytes()).unwrap();
        let found = lexer.string().unwrap();
        lexer.end().unwrap();
        (found.decode(text).into_owned(), found.lone_surrogate)
    }

    #[test]
    fn strings_are_read_whatever_their_length_and_escapes() {
        for length in 0..40 {
            let plain = "é\u{7f}~!#[]".chars().cycle().take(length).collect::<String>();
            assert_eq!(string(&format!("\"{plain}\"")), (plain.clone(), false));
            let json = serde_json::to_string(&format!("{plain}\n\"\\\u{1}\u{1F600}{plain}")).unwrap();
            assert_eq!(string(&json).0, serde_json::from_str::<String>(&json).unwrap());
        }
        assert_eq!(string(r#""\ud83d\ude00\/\b\f\u00e9""#), ("\u{1F600}/\u{8}\u{c}é".into(), false));
    }

    #[test]
    fn a_key_is_taken_only_if_it_is_the_next_one() {
        for length in 0..40 {
            let name = "abcdefghij".chars().cycle().take(length).collect::<String>();
            let text = format!("\"{name}\":1");
            let mut lexer = Lexer::new(text.as_bytes()).unwrap();
            assert!(lexer.take_key(name.as_bytes()));
            assert_eq!(lexer.offset(), length + 3);
            // Another length, another character in each place, another end, or text that ends too early: it stays where it is.
            let mut others = vec![format!("{name}x"), format!("{name}\\u0061")];
            others.extend((0..length).map(|at| format!("{}#{}", &name[..at], &name[at + 1..])));
            let others = others.iter().map(|other| format!("\"{other}\":1")).chain([format!("\"{name}\" :1")]);
            let cut = (0..text.len() - 1).map(|end| text[..end].to_owned());
            for other in others.chain(cut) {
                let mut lexer = Lexer::new(other.as_bytes()).unwrap();
                assert!(!lexer.take_key(name.as_bytes()), "{name}: {other}");
                assert_eq!(lexer.offset(), 0);
            }
        }
    }

    #[test]
    fn a_surrogate_alone_is_noted_and_becomes_the_replacement_character() {
        for text in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\n""#, r#""\ud83d\u0041""#] {
            let (decoded, lone) = string(text);
            assert!(lone && decoded.starts_with('\u{FFFD}'), "{text}: {decoded}");
        }
    }

    #[test]
    fn control_characters_and_unended_strings_are_refused_where_they_stand() {
        for at in 0..20 {
            let text = format!("\"{}\u{1f}\"", "a".repeat(at));
            assert_eq!(Lexer::new(text.as_bytes()).unwrap().string().unwrap_err().offset, at + 1);
            let text = format!("\"{}", "a".repeat(at));
            assert_eq!(Lexer::new(text.as_bytes()).unwrap().string().unwrap_err().offset, at + 1);
        }
    }

    #[test]
    fn numbers_follow_the_grammar_of_json() {
        for good in ["0", "-0", "12", "-1.50", "1e400", "1E-2", "0.0e+1"] {
            assert_eq!(Lexer::new(good.as_bytes()).unwrap().number().unwrap().end, good.len(), "{good}");
        }
        for bad in ["-", "01", "1.", ".5", "1e", "0x1", "1.2.3", "+1", "1a"] {
            assert!(Lexer::new(bad.as_bytes()).unwrap().number().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_position_behind_bytes_is_that_in_the_whole() {
        let text = "a\r\nbé\rc\nd".as_bytes();
        for at in (0..=text.len()).filter(|&at| at == 0 || text[at - 1] != b'\r') {
            assert_eq!(Position::at(text, at).behind(&text[at..]), Position::at(text, text.len()), "{at}");
        }
    }

    #[test]
    fn positions_count_lines_and_characters() {
        let text = "a\r\nbé\rc\nd".as_bytes();
        assert_eq!(Position::at(text, 3), Position { line: 2, column: 1 });
        assert_eq!(Position::at(text, 6), Position { line: 2, column: 3 });
        assert_eq!(Position::at(text, 7), Position { line: 3, column: 1 });
        assert_eq!(Position::at(text, 99), Position { line: 4, column: 2 });
    }
}
