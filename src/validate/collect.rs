//! Gathers issues: severity by code, counts, and the cap on how many are kept.

use super::{Code, Fix, Issue, Options, PathItem, Report, Severity};
use crate::{
    json::{Position, Span, Str},
    schema::{Field, Provenance},
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

/// What there is to say of an issue besides its code and place.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The sentence behind the name of the field, such as "is missing."; it begins the sentence itself if `whole`.
    pub(super) text: String,
    /// Whether `text` is a whole sentence that names the field itself.
    pub(super) whole: bool,
    pub(super) expected: Option<String>,
    pub(super) received: Option<String>,
    pub(super) help: Option<String>,
    pub(super) fix: Option<Fix>,
    pub(super) position: Option<Position>,
}

/// Drafts are made in many places and rarely: boxed and built by calls that are not inlined, they keep the program small.
impl Draft {
    /// A draft whose text stands behind the name of the field.
    pub(super) fn new(text: impl Into<String>) -> Box<Self> {
        Self::of(text.into(), false)
    }

    /// A draft whose text is a sentence of its own.
    pub(super) fn sentence(text: impl Into<String>) -> Box<Self> {
        Self::of(text.into(), true)
    }

    #[inline(never)]
    fn of(text: String, whole: bool) -> Box<Self> {
        Box::new(Self { text, whole, ..Self::default() })
    }

    #[inline(never)]
    pub(super) fn expected(mut self: Box<Self>, expected: &str) -> Box<Self> {
        self.expected = Some(expected.to_owned());
        self
    }

    /// The value as it was found, shortened if it is long.
    #[inline(never)]
    pub(super) fn received(mut self: Box<Self>, received: &str) -> Box<Self> {
        self.received = Some(received.chars().take(LONGEST).collect());
        self
    }

    #[inline(never)]
    pub(super) fn help(mut self: Box<Self>, help: &str) -> Box<Self> {
        self.help = Some(help.to_owned());
        self
    }

    #[inline(never)]
    pub(super) fn fix(mut self: Box<Self>, fix: Option<Fix>) -> Box<Self> {
        self.fix = fix;
        self
    }

    #[inline(never)]
    pub(super) fn position(mut self: Box<Self>, position: Position) -> Box<Self> {
        self.position = Some(position);
        self
    }
}

/// Names of more characters are shortened in issues, and ids of more bytes left out: there may be many of those.
pub(super) const LONGEST_NAME: usize = 256;

/// How many characters of a value a message shows.
const LONGEST: usize = 60;

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

    /// The severity of a rule, `None` if it is off. `provenance` is the field's own, for a rule that its table holds.
    fn severity(&self, code: Code, provenance: Option<Provenance>) -> Option<Severity> {
        if matches!(code.provenance(), Provenance::Json | Provenance::Package) {
            return Some(Severity::Error);
        }
        if let Some((_, set)) = self.options.severity.iter().rev().find(|(known, _)| *known == code) {
            return *set;
        }
        Some(match (code.severity(), provenance) {
            (Severity::Error, Some(Provenance::Sample | Provenance::Inferred)) => Severity::Warning,
            (severity, _) => severity,
        })
    }

    /// Whether nothing is to be written about an issue: its rule is off, or the list is full, and then it is counted here.
    /// To ask first saves the work of wording what nobody will read.
    pub(super) fn passes_over(&mut self, code: Code, provenance: Option<Provenance>) -> bool {
        let Some(severity) = self.severity(code, provenance) else { return true };
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
        code: Code,
        provenance: Option<Provenance>,
        path: &[Step],
        order: Option<(usize, usize)>,
        span: Span,
        draft: Box<Draft>,
    ) {
        if self.passes_over(code, provenance) {
            return;
        }
        let Some(severity) = self.severity(code, provenance) else { return };
        self.count(severity);
        let (depth, order_index) = order.map_or((0, None), |(depth, index)| (depth, Some(index)));
        self.issues.push(Issue {
            severity,
            code,
            message: wording(self.source, path.get(depth..).unwrap_or_default(), order.is_some(), &draft),
            path: path.iter().map(|step| step.item(self.source)).collect(),
            pointer: pointer(self.source, path),
            order_index,
            client_order_id: None,
            expected: draft.expected,
            received: draft.received,
            help: draft.help,
            fix: draft.fix,
            position: draft.position,
            provenance: provenance.unwrap_or(code.provenance()),
            span,
        });
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
        out.push('/');
        match step {
            Step::Field(field) => out.push_str(field.name),
            Step::Key(key) => {
                for character in shortened(*key, source).chars() {
                    match character {
                        '~' => out.push_str("~0"),
                        '/' => out.push_str("~1"),
                        other => out.push(other),
                    }
                }
            }
            Step::Index(index) => out.push_str(&index.to_string()),
        }
    }
    out
}

/// The message: where within the order, the field, what is wrong. "Order line 2: SKU is missing."
///
/// Groups are parted by commas, the field stands behind a colon. A whole sentence stands in the field's place.
fn wording(source: &str, path: &[Step], in_order: bool, draft: &Draft) -> String {
    let names = || path.iter().enumerate().filter(|(_, step)| !matches!(step, Step::Index(_)));
    let last = names().next_back().map(|(at, _)| at);
    let mut out = String::with_capacity(96);
    for (at, name) in names() {
        if Some(at) == last {
            if at > 0 {
                out.push_str(": ");
            }
            if draft.whole {
                break;
            }
        } else if at > 0 {
            out.push_str(", ");
        }
        match name {
            Step::Field(field) => field.write_label(&mut out),
            Step::Key(key) => out.push_str(&quote(&shortened(*key, source))),
            Step::Index(_) => {}
        }
        if let Some(Step::Index(index)) = path.get(at + 1) {
            out.push(' ');
            out.push_str(&(index + 1).to_string());
        }
    }
    if !draft.whole {
        if last.is_none() {
            out.push_str(if in_order { "the order" } else { "the input" });
        }
        out.push(' ');
    }
    out.push_str(&draft.text);
    if let Some(first) = out.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    out
}

/// A value in quotes, shortened where it is long.
pub(super) fn quote(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("“{}…”", text.get(..end).unwrap_or_default()),
        None => format!("“{text}”"),
    }
}

/// A name as issues hold it.
fn shortened(name: Str, source: &str) -> Cow<'_, str> {
    let name = name.decode(source);
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => Cow::Owned(format!("{}…", name.get(..end).unwrap_or_default())),
        None => name,
    }
}
