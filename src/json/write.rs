//! Writing JSON text.

use super::Tree;
use crate::text::hex_digit;

/// Appends the string in quotes, with the escapes that JSON demands and no others.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1F => {
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex_digit(byte >> 4), hex_digit(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Appends the value without white space.
pub fn write_tree(out: &mut Vec<u8>, tree: &Tree<'_>) {
    match tree {
        Tree::Null => out.extend_from_slice(b"null"),
        Tree::Bool(true) => out.extend_from_slice(b"true"),
        Tree::Bool(false) => out.extend_from_slice(b"false"),
        Tree::Number(text) => out.extend_from_slice(text.as_bytes()),
        Tree::String(text) => write_string(out, text),
        Tree::Array(elements) => {
            out.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_tree(out, element);
            }
            out.push(b']');
        }
        Tree::Object(members) => {
            out.push(b'{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(out, key);
                out.push(b':');
                write_tree(out, value);
            }
            out.push(b'}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_the_same() {
        let text = r#"{"a\u0001\"\\\n\r\t":[1.0,-0,true,false,null,"é😀"],"b":{}}"#;
        let tree = Tree::parse(text.as_bytes()).unwrap();
        let mut out = Vec::new();
        write_tree(&mut out, &tree);
        assert_eq!(std::str::from_utf8(&out).unwrap(), text);
    }
}
