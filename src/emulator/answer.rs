//! Answers in the API's own form.

use crate::{
    json::{Tree, write_tree},
    ports::{Headers, Response},
};

/// An answer with a JSON body.
pub(super) fn json(status: u16, body: Vec<u8>) -> Response {
    Response { status, headers: Headers::new().with("Content-Type", "application/json"), body }
}

/// An answer whose body is the tree.
pub(super) fn tree(status: u16, tree: &Tree<'_>) -> Response {
    let mut body = Vec::new();
    write_tree(&mut body, tree);
    json(status, body)
}

/// The standard error object with one error.
pub(super) fn error(status: u16, code: &str, description: &str) -> Response {
    tree(status, &object([("errors", Tree::Array(vec![error_entry(code, description, &[])]))]))
}

/// One error of the standard error object; `parameters` names the suspect fields.
pub(super) fn error_entry(code: &str, description: &str, parameters: &[&str]) -> Tree<'static> {
    let parameters = parameters.iter().map(|name| text(name)).collect();
    object([
        ("errorCode", text(code)),
        ("errorDescription", text(description)),
        ("additionalInfo", Tree::Null),
        ("parameters", Tree::Array(parameters)),
    ])
}

/// An object with these members.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, Tree<'a>)>) -> Tree<'a> {
    Tree::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// A string.
pub(super) fn text(value: &str) -> Tree<'static> {
    Tree::String(value.to_owned().into())
}
