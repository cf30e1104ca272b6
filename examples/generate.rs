//! Prints what is derived from the tables:
//! `cargo run --example generate -- types | rules | schema | fields | hints | reference | emulator | samples`.

#[path = "generate/fields.rs"]
mod fields;
#[path = "generate/samples.rs"]
mod samples;

use pb_fulfillment::{
    client::ErrorCode,
    emulator::{FaultKind, INVENTIONS},
    model::{BulkOrdersRequest, SHAPES},
    schema::{json_schema, reference, typescript},
    validate::{Code, Severity},
    wire::ProblemCode,
};
use std::io::{Error, Write as _};

fn main() -> Result<(), Error> {
    let text = match std::env::args().nth(1).as_deref() {
        Some("types") => types(),
        Some("rules") => rules(),
        Some("schema") => format!("{:#}\n", json_schema(BulkOrdersRequest::SHAPE)),
        Some("fields") => fields::fields().to_string(),
        Some("hints") => fields::every_hint().to_string(),
        Some("reference") => page(),
        Some("emulator") => emulator_page(),
        Some("samples") => samples::samples().map_err(Error::other)?,
        _ => {
            return Err(Error::other(
                "say what to print: types, rules, schema, fields, hints, reference, emulator or samples",
            ));
        }
    };
    std::io::stdout().write_all(text.as_bytes())
}

/// TypeScript: the objects of the API, the codes of the rules, and the codes of what may become of an order.
fn types() -> String {
    let issues = Code::ALL.iter().map(|code| (code.description().trim(), code.name()));
    let problems = ProblemCode::ALL.iter().map(|code| (code.detail(), code.name()));
    let faults = FaultKind::ALL.iter().map(|kind| (kind.description().trim(), kind.name()));
    // What is wrong with a call is a `TypeError` in JavaScript, or an error of its own.
    let calls = [ErrorCode::InvalidOptions, ErrorCode::InvalidInput];
    let own = ErrorCode::OWN.iter().filter(|code| !calls.contains(code)).map(|code| (code.message(), code.name()));
    [
        "// Made from the tables of the crate. Do not edit.\n\n",
        &typescript(SHAPES),
        &union("IssueCode", "The rules, by stable codes.", issues),
        "\n",
        &union("OrderErrorCode", "Why an order was not accepted, by stable codes.", own.chain(problems)),
        "\n",
        &union("FaultKind", "What goes wrong with a request to the emulator.", faults),
    ]
    .concat()
}

/// TypeScript: what the rules demand, for tools that show it.
fn rules() -> String {
    let rule = |code: &Code| {
        let (id, description) = (code.name(), code.description().trim());
        let severity = if code.severity() == Severity::Error { "error" } else { "warning" };
        let provenance = code.provenance().name();
        format!(
            "  {{ id: {id:?}, description: {description:?}, severity: {severity:?}, provenance: {provenance:?} }},\n"
        )
    };
    let rules: String = Code::ALL.iter().map(rule).collect();
    format!(
        "// Made from the tables of the crate. Do not edit.\n\n/** The rules. */\nexport const RULES = [\n{rules}] as const;\n"
    )
}

/// A union of literals, each with a comment.
fn union<'a>(name: &str, about: &str, members: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let members: Vec<_> = members.map(|(about, member)| format!("  /** {about} */\n  | \"{member}\"")).collect();
    format!("/** {about} */\nexport type {name} =\n{};\n", members.join("\n"))
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

/// Markdown: what the emulator had to invent, and how it can be made to fail.
pub(crate) fn emulator_page() -> String {
    let mut out = String::from(
        "# The emulator\n\nIt behaves as the API is documented to. What nothing documents it had to invent; all of that is in this table.\n\n",
    );
    out.push_str(INVENTIONS.trim());
    out.push_str("\n\n## Faults\n\nSet by `createEmulator({ faults })`, by `setFaults`, or by `PUT /emulator/faults`: a `script` of faults for the next \
         requests, or `random` ones by `seed` and `probability`.\n\n| fault | what happens |\n| --- | --- |\n");
    for kind in FaultKind::ALL {
        out.push_str(&format!("| `{}` | {} |\n", kind.name(), kind.description().trim()));
    }
    out
}
