//! HTTP messages as text: a first line, header fields, an empty line, a body. A line of two percent signs divides them.

use pb_fulfillment::ports::Headers;

/// What a line with nothing else divides.
const DIVIDER: &[u8] = b"\n%%\n";

/// One message; what is missing is empty.
pub struct Message<'a> {
    pub first: String,
    pub headers: Headers,
    pub body: &'a [u8],
}

impl<'a> Message<'a> {
    /// The messages in a text; there is at least one.
    pub fn all(mut text: &'a [u8]) -> Vec<Self> {
        let mut messages = Vec::new();
        while let Some(at) = find(text, DIVIDER) {
            messages.push(Self::read(&text[..at]));
            text = &text[at + DIVIDER.len()..];
        }
        messages.push(Self::read(text));
        messages
    }

    fn read(text: &'a [u8]) -> Self {
        let (head, body) = match find(text, b"\n\n") {
            Some(at) => (&text[..at], &text[at + 2..]),
            None => (text, &[][..]),
        };
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split('\n');
        let first = lines.next().unwrap_or_default().to_owned();
        let mut headers = Headers::new();
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            // No runtime lets other characters into a field; several fields of one name are joined, as it does.
            let value: String = value.trim().chars().filter(|character| !character.is_control()).collect();
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if !name.is_empty() && name.bytes().all(is_name) {
                let value = headers.get(name).map(|before| format!("{before}, {value}")).unwrap_or(value);
                headers.set(name, value);
            }
        }
        Self { first, headers, body }
    }

    /// The number with which the first line begins, if it is a status.
    pub fn status(&self) -> u16 {
        let number = self.first.split(' ').next().and_then(|word| word.parse().ok());
        number.filter(|status| (200..=599).contains(status)).unwrap_or(200)
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
