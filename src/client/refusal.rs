//! Refusals of the broker that name single orders: those end, the others may go.

use super::{ErrorCode, ErrorInfo, Observer, OrderResult, Outcome, attempt::Failure, batch::Job};
use crate::{
    json::Span,
    text::whole_number,
    validate::{Code, Issue, PathItem, Root, Severity},
    wire::{ProblemCode, ProblemError},
};

/// Whether the failure is about single orders of a request with that many.
pub(super) fn names_orders(failure: &Failure, count: usize) -> bool {
    failure.errors.iter().any(|error| error.order().is_some_and(|(position, _)| position < count))
}

/// Settles the orders that the failure names; returns the others.
pub(super) fn settle_named<O: Observer>(job: &Job<'_, O>, orders: &[usize], failure: &Failure) -> Vec<usize> {
    let mut named = Vec::new();
    for error in &failure.errors {
        if let Some((position, rest)) = error.order() {
            named.push((position, rest, error));
        }
    }
    let invalid = failure.error.code == ErrorCode::Problem(ProblemCode::Invalid);
    let (mut settled, mut others) = (Vec::new(), Vec::new());
    for (position, &index) in orders.iter().enumerate() {
        let (mut message, mut issues, mut is_named) = (String::new(), Vec::new(), false);
        for &(_, rest, error) in named.iter().filter(|(named, ..)| *named == position) {
            if is_named {
                message.push(' ');
            }
            is_named = true;
            message.push_str(&error.detail);
            if invalid && let Some(issue) = issue(job, index, rest, error) {
                issues.push(issue);
            }
        }
        if is_named {
            let error = ErrorInfo { message, ..failure.error.clone() };
            let outcome = if invalid { Outcome::Invalid } else { Outcome::Failed };
            settled.push(OrderResult { issues, ..OrderResult::new(index, outcome, Some(error)) });
        } else {
            others.push(index);
        }
    }
    job.ledger.settle(settled);
    others
}

/// The broker's finding as an issue at its place in the input; nothing if it names no rule of this version.
fn issue<O>(job: &Job<'_, O>, index: usize, rest: &str, error: &ProblemError) -> Option<Issue> {
    let code = Code::from_name(error.code.as_deref()?)?;
    let order = job.validated.orders.get(index)?;
    let index = job.validated.first_order + index;
    let (mut path, mut pointer) = (Vec::new(), String::new());
    if job.validated.root == Root::Object {
        path.push(PathItem::Key("orders".into()));
        pointer.push_str("/orders");
    }
    if job.validated.root != Root::Order {
        path.push(PathItem::Index(index));
        pointer.push('/');
        pointer.push_str(&index.to_string());
    }
    pointer.push_str(rest);
    for step in rest.split('/').skip(1) {
        let step = unescaped(step);
        // A pointer does not tell an index from a member whose name is a number; the API has no such names.
        path.push(whole_number(&step).map_or(PathItem::Key(step.into()), PathItem::Index));
    }
    Some(Issue {
        severity: Severity::Error,
        code,
        message: error.detail.clone(),
        path,
        pointer,
        order_index: Some(index),
        client_order_id: order.client_order_id.clone(),
        expected: None,
        received: None,
        help: None,
        fix: None,
        position: None,
        provenance: code.provenance(),
        span: Span::default(),
    })
}

/// A step of a JSON Pointer without its escapes (RFC 6901, section 4).
fn unescaped(step: &str) -> String {
    let mut parts = step.split('~');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some(rest) = part.strip_prefix('1') {
            text.push('/');
            text.push_str(rest);
        } else {
            text.push('~');
            text.push_str(part.strip_prefix('0').unwrap_or(part));
        }
    }
    text
}
