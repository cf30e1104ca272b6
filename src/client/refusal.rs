//! Refusals of the broker that name single orders: those end, the others may go.

use super::{ErrorCode, ErrorInfo, Observer, Outcome, attempt::Failure, batch::Job, ledger::Settled};
use crate::{
    json::Span,
    validate::{Code, Issue, PathItem, Root, Severity},
    wire::{ProblemCode, ProblemError},
};

/// Whether the failure is about single orders of a request with that many.
pub(super) fn names_orders(failure: &Failure, count: usize) -> bool {
    failure.errors.iter().any(|error| error.order().is_some_and(|(position, _)| position < count))
}

/// Settles the orders that the failure names; returns the others.
pub(super) fn settle_named<O: Observer>(job: &Job<'_, O>, orders: &[usize], failure: &Failure) -> Vec<usize> {
    let mut named: Vec<Vec<(&str, &ProblemError)>> = vec![Vec::new(); orders.len()];
    for error in &failure.errors {
        let Some((position, rest)) = error.order() else { continue };
        if let Some(named) = named.get_mut(position) {
            named.push((rest, error));
        }
    }
    let unnamed = orders.iter().zip(&named).filter(|(_, errors)| errors.is_empty());
    let rest = unnamed.map(|(&index, _)| index).collect();
    let invalid = failure.error.code == ErrorCode::Problem(ProblemCode::Invalid);
    let named = orders.iter().zip(&named).filter(|(_, errors)| !errors.is_empty());
    let settled = named.map(|(&index, errors)| {
        let details: Vec<_> = errors.iter().map(|(_, error)| error.detail.as_str()).collect();
        let error = ErrorInfo { message: details.join(" "), ..failure.error.clone() };
        let outcome = if invalid { Outcome::Invalid } else { Outcome::Failed };
        let mut settled = Settled::not_accepted(outcome, error);
        if invalid {
            settled.issues = errors.iter().filter_map(|(rest, error)| issue(job, index, rest, error)).collect();
        }
        (index, settled)
    });
    job.ledger.settle(settled.collect());
    rest
}

/// The broker's finding as an issue at its place in the input; nothing if it names no rule of this version.
fn issue<O>(job: &Job<'_, O>, index: usize, rest: &str, error: &ProblemError) -> Option<Issue> {
    let code = Code::from_name(error.code.as_deref()?)?;
    let order = job.validated.orders.get(index)?;
    let index = job.validated.first_order + index;
    let path = match job.validated.root {
        Root::Order => Vec::new(),
        Root::List => vec![PathItem::Index(index)],
        Root::Object => vec![PathItem::Key("orders".into()), PathItem::Index(index)],
    };
    let mut issue = Issue {
        severity: Severity::Error,
        code,
        message: error.detail.clone(),
        path,
        pointer: String::new(),
        order_index: Some(index),
        client_order_id: order.client_order_id.clone(),
        expected: None,
        received: None,
        help: None,
        fix: None,
        position: None,
        provenance: code.provenance(),
        span: Span::default(),
    };
    for item in &issue.path {
        issue.pointer.push('/');
        match item {
            PathItem::Key(key) => issue.pointer.push_str(key),
            PathItem::Index(index) => issue.pointer.push_str(&index.to_string()),
        }
    }
    issue.pointer.push_str(rest);
    let steps = rest.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
    // A pointer does not tell an index from a member whose name is a number; the API has no such names.
    issue.path.extend(steps.map(|step| step.parse().map_or(PathItem::Key(step.into()), PathItem::Index)));
    Some(issue)
}
