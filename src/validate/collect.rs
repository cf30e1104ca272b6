//! Gathers issues: severity by code, counts, and the cap on how many are kept.

use super::{
    Code, Issue, Options, PathItem, Report, Severity,
    words::{self, Arg, Words, fill},
};
use crate::{
    json::{Span, Str},
    schema::{Field, Provenance},
    text::{append, append_number, beginning},
};
use std::borrow::Cow;

/// One step of the way from the root to a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A member that the tables know.
    Field(&'static Field),
    /// A member that they do not know: its name as it stands in the input.
    Key(Str),
    /// An element.
    Index(usize),
}

/// Names of more characters are shortened in issues, and ids of more bytes left out: there may be many of those.
pub(super) const LONGEST_NAME: usize = 256;

/// The issues found so far.
#[derive(Debug)]
pub(super) struct Collector<'a, 'o> {
    /// The input, which the names of a path are read from.
    source: &'a str,
    options: &'o Options,
    pub(super) issues: Vec<Issue>,
    pub(super) errors: usize,
    pub(super) warnings: usize,
}

impl<'a, 'o> Collector<'a, 'o> {
    pub(super) const fn new(source: &'a str, options: &'o Options) -> Self {
        Self { source, options, issues: Vec::new(), errors: 0, warnings: 0 }
    }

    /// The severity of a rule at the end of a path, `None` if it is off.
    fn severity(&self, code: Code, path: &[Step]) -> Option<Severity> {
        if matches!(code.provenance(), Provenance::Json | Provenance::Package) {
            return Some(Severity::Error);
        }
        if let Some((_, set)) = self.options.severity.iter().rev().find(|(known, _)| *known == code) {
            return *set;
        }
        if is_of_field(code) && matches!(provenance(code, path), Provenance::Sample | Provenance::Inferred) {
            return Some(Severity::Warning);
        }
        Some(code.severity())
    }

    /// Whether nothing is to be written about an issue: its rule is off, or the list is full, and then it is counted here.
    /// To ask first saves the work of finding out what nobody will read.
    #[inline(never)]
    pub(super) fn passes_over(&mut self, code: Code, path: &[Step]) -> bool {
        let Some(severity) = self.severity(code, path) else { return true };
        let full = self.issues.len() >= self.options.max_issues
            || (severity == Severity::Warning && !self.options.list_warnings);
        if full {
            self.count(severity);
        }
        full
    }

    const fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
    }

    /// Notes an issue at the end of `path`; the steps before `order` lead to the order and are not part of its wording.
    #[inline(never)]
    pub(super) fn add(
        &mut self,
        words: &'static Words,
        args: &[Arg<'_>],
        path: &[Step],
        order: Option<(usize, usize)>,
        span: Span,
    ) {
        if !self.passes_over(words.code, path) {
            let within = path.get(order.map_or(0, |(depth, _)| depth)..).unwrap_or_default();
            self.push(words.issue(subject(self.source, within, order.is_some(), words.whole), args), path, order, span);
        }
    }

    /// The same of an issue that is worded already, as a whole sentence.
    pub(super) fn put(&mut self, issue: Issue, path: &[Step], order: Option<(usize, usize)>, span: Span) {
        if !self.passes_over(issue.code, path) {
            self.push(issue, path, order, span);
        }
    }

    #[inline(never)]
    fn push(&mut self, mut issue: Issue, path: &[Step], order: Option<(usize, usize)>, span: Span) {
        let Some(severity) = self.severity(issue.code, path) else { return };
        self.count(severity);
        if let Some(first) = issue.message.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        issue.severity = severity;
        issue.path = path.iter().map(|step| step.item(self.source)).collect();
        issue.pointer = pointer(self.source, path);
        issue.order_index = order.map(|(_, index)| index);
        issue.provenance = provenance(issue.code, path);
        issue.span = span;
        self.issues.push(issue);
    }

    pub(super) fn into_report(self, order_count: usize) -> Report {
        Report {
            valid: self.errors == 0,
            order_count,
            error_count: self.errors,
            warning_count: self.warnings,
            truncated: self.errors + self.warnings > self.issues.len(),
            issues: self.issues,
        }
    }
}

/// Whether the rule is one that a field's table holds.
const fn is_of_field(code: Code) -> bool {
    matches!(
        code,
        Code::Type
            | Code::Required
            | Code::TooLong
            | Code::TooMany
            | Code::NotAllowed
            | Code::ReservedField
            | Code::ReservedValue
            | Code::DateTime
            | Code::DateTimeForm
    )
}

/// Where a rule comes from: one that a field's table holds, from where the last field of the path does.
fn provenance(code: Code, path: &[Step]) -> Provenance {
    let field = path.iter().rev().find_map(|step| if let Step::Field(field) = step { Some(field) } else { None });
    field.filter(|_| is_of_field(code)).map_or(code.provenance(), |field| field.provenance)
}

impl Step {
    fn item(self, source: &str) -> PathItem {
        match self {
            Self::Field(field) => PathItem::Key(Cow::Borrowed(field.name)),
            Self::Key(key) => PathItem::Key(Cow::Owned(shortened(key, source).into_owned())),
            Self::Index(index) => PathItem::Index(index),
        }
    }
}

/// The path as a JSON Pointer (RFC 6901).
fn pointer(source: &str, path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        append(&mut out, "/");
        match step {
            Step::Field(field) => append(&mut out, field.name),
            Step::Key(key) => {
                for character in shortened(*key, source).chars() {
                    match character {
                        '~' => append(&mut out, "~0"),
                        '/' => append(&mut out, "~1"),
                        other => out.push(other),
                    }
                }
            }
            Step::Index(index) => append_number(&mut out, *index),
        }
    }
    out
}

/// What a message begins with: where within the order, and the field. "Order line 2: SKU" of "Order line 2: SKU is missing."
///
/// Groups are parted by commas, the field stands behind a colon. A whole sentence stands in the field's place.
fn subject(source: &str, path: &[Step], in_order: bool, whole: bool) -> String {
    let names = || path.iter().enumerate().filter(|(_, step)| !matches!(step, Step::Index(_)));
    let last = names().next_back().map(|(at, _)| at);
    let mut out = String::with_capacity(96);
    for (at, name) in names() {
        if Some(at) == last {
            if at > 0 {
                append(&mut out, ": ");
            }
            if whole {
                break;
            }
        } else if at > 0 {
            append(&mut out, ", ");
        }
        match name {
            Step::Field(field) => field.write_label(&mut out),
            Step::Key(key) => {
                fill(&mut out, words::NAME, &[Arg::Text(&shortened(*key, source))]);
            }
            Step::Index(_) => {}
        }
        if let Some(Step::Index(index)) = path.get(at + 1) {
            append(&mut out, " ");
            append_number(&mut out, index + 1);
        }
    }
    if !whole {
        if last.is_none() {
            append(&mut out, if in_order { words::ORDER } else { words::INPUT });
        }
        append(&mut out, " ");
    }
    out
}

/// A name as issues hold it.
fn shortened(mut name: Str, source: &str) -> Cow<'_, str> {
    // No character takes more bytes than the twelve of a pair of escapes. What is behind so many is not read for each issue.
    let enough = name.span.start + 12 * (LONGEST_NAME + 1);
    if let Some(end) = (enough..name.span.end).find(|&at| source.is_char_boundary(at)) {
        name.span.end = end;
    }
    let name = name.decode(source);
    match beginning(&name, LONGEST_NAME) {
        Some(begun) => Cow::Owned([begun, "…"].concat()),
        None => name,
    }
}
