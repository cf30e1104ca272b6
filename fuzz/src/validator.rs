//! The validator takes the same texts for JSON as serde_json does, finds the keys that stand twice, and contradicts itself in
//! nothing that it counts.

use crate::{document, reference};
use pb_fulfillment::{
    json::{Tree, write_tree},
    validate::{Code, Issue, Options, Severity, Validated, validate_order, validate_orders},
};

/// How deep the validator follows at least.
const DEPTH: usize = 64;

pub fn check(data: &[u8]) {
    let text = &*document::of(data);
    let all = Options { max_issues: usize::MAX, ..Options::default() };
    let found = validate_orders(text, &all);
    verdict_is_that_of_serde_json(text, &found);
    verdict_is_that_of_serde_json(text, &validate_order(text, &all));
    counts_agree(&found);

    let few = validate_orders(text, &Options { max_issues: 3, list_warnings: false, ..Options::default() });
    counts_are_the_same(&found, &few);

    if let Ok(tree) = Tree::parse(text) {
        assert!(reference::is_json(text));
        let mut written = Vec::new();
        write_tree(&mut written, &tree);
        if let Some(value) = reference::value(text) {
            assert_eq!(reference::value(&written), Some(value));
        }
    } else if reference::is_json(text) {
        assert!(reference::depth(text) > DEPTH);
    }
}

fn has(found: &Validated, codes: &[Code]) -> bool {
    found.report.issues.iter().any(|issue| codes.contains(&issue.code))
}

fn verdict_is_that_of_serde_json(text: &[u8], found: &Validated) {
    if has(found, &[Code::TooDeep]) {
        assert!(reference::depth(text) > DEPTH);
        return;
    }
    let not_json = has(found, &[Code::JsonSyntax, Code::InvalidUtf8]);
    assert_eq!(reference::is_json(text), !not_json);
    if not_json {
        assert_eq!((found.report.issues.len(), found.orders.len(), found.report.valid), (1, 0, false));
        return;
    }
    let Some(value) = reference::value(text) else {
        assert!(has(found, &[Code::LoneSurrogate, Code::NumberRange]), "serde_json does not read it");
        return;
    };
    assert!(!has(found, &[Code::LoneSurrogate, Code::NumberRange]), "serde_json reads it");
    // A field whose name stands there in capitals as well is there twice for some readers.
    let (exactly, nearly) = reference::repeats_a_key(text);
    let repeats = has(found, &[Code::DuplicateKey]);
    assert!(repeats || !exactly, "a repeated key was not found");
    assert!(nearly || !repeats, "no key is repeated");
    for Issue { pointer, .. } in found.report.issues.iter().filter(|_| !exactly) {
        // What is missing is pointed at in the object where it should be.
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        assert!(value.pointer(parent).is_some(), "{pointer}");
    }
}

fn counts_agree(found: &Validated) {
    let report = &found.report;
    let count = |severity| report.issues.iter().filter(|issue| issue.severity == severity).count();
    assert_eq!((count(Severity::Error), count(Severity::Warning)), (report.error_count, report.warning_count));
    assert_eq!((report.valid, report.order_count), (report.error_count == 0, found.orders.len()));
    assert!(!report.truncated);
    for (index, order) in found.orders.iter().enumerate() {
        let of_order = |severity| {
            report.issues.iter().filter(|issue| issue.order_index == Some(index) && issue.severity == severity).count()
        };
        assert_eq!((of_order(Severity::Error), of_order(Severity::Warning)), (order.errors, order.warnings));
    }
}

/// What is not listed is counted all the same.
fn counts_are_the_same(all: &Validated, few: &Validated) {
    assert_eq!(all.orders, few.orders);
    let counts = |found: &Validated| (found.report.valid, found.report.error_count, found.report.warning_count);
    assert_eq!(counts(all), counts(few));
    let errors = all.report.issues.iter().filter(|issue| issue.severity == Severity::Error);
    assert!(few.report.issues.iter().eq(errors.take(3)));
}
