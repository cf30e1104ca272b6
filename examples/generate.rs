//! Prints what is derived from the tables: `cargo run --example generate -- types | schema | reference`.

use pb_fulfillment::{
    model::{BulkOrdersRequest, SHAPES},
    schema::{json_schema, reference, typescript},
    validate::{Code, Severity},
};
use std::io::{Error, Write as _};

fn main() -> Result<(), Error> {
    let text = match std::env::args().nth(1).as_deref() {
        Some("types") => types(),
        Some("schema") => format!("{:#}\n", json_schema(BulkOrdersRequest::SHAPE)),
        Some("reference") => page(),
        _ => return Err(Error::other("say what to print: types, schema or reference")),
    };
    std::io::stdout().write_all(text.as_bytes())
}

/// TypeScript: the objects of the API and the codes of the rules.
fn types() -> String {
    let codes: Vec<_> = Code::ALL
        .iter()
        .map(|code| format!("  /** {} */\n  | \"{}\"", code.description().trim(), code.name()))
        .collect();
    format!(
        "// Made from the tables of the crate. Do not edit.\n\n{}/** The rules, by stable codes. */\nexport type IssueCode =\n{};\n",
        typescript(SHAPES),
        codes.join("\n")
    )
}

/// Markdown: the objects and the rules.
pub(crate) fn page() -> String {
    let mut out = String::from(
        "# Reference\n\nMade from the tables of the crate. Known: `documented` by the API's reference, shown by a `sample` there, \
         `inferred` by us, demanded by `json` (RFC 8259), a limit of this `package`.\n\n",
    );
    out.push_str(&reference(SHAPES));
    out.push_str("## Rules\n\nA rule that a table above holds is an error where the table is documented and a warning where it is not.\n\n");
    out.push_str("| code | default | known | what it says |\n| --- | --- | --- | --- |\n");
    for code in Code::ALL {
        let severity = if code.severity() == Severity::Error { "error" } else { "warning" };
        let (name, known) = (code.name(), code.provenance().name());
        out.push_str(&format!("| `{name}` | {severity} | {known} | {} |\n", code.description().trim()));
    }
    out
}
