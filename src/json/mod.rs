//! JSON as text: a lexer, a tree that keeps numbers as they were written, exact decimals, and a string writer.
//!
//! The validator walks the bytes of a request itself, so that the bytes it checked are the bytes that are sent; it needs
//! positions, exact numbers and the faults of a string (a lone surrogate, a key given twice) that a deserialiser hides.
//! All of that sits behind this module, so that a faster lexer can take its place.

mod decimal;
mod lexer;
mod names;
mod serial;
mod tree;
mod write;

pub use decimal::{Decimal, is_number};
pub(crate) use decimal::{plus, times};
pub(crate) use lexer::is_continuation;
pub use lexer::{Fault, Lexer, Position, Span, Str, SyntaxError};
pub(crate) use names::Names;
pub use serial::{Unwritable, to_ascii_json};
pub use tree::Tree;
pub use write::{write_string, write_tree};
