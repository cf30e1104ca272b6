//! The same validation as the page's, answered as a problem.

use super::Limits;
use crate::{
    validate::{Code, Issue, Options, Severity, Validated, validate_orders},
    wire::{Problem, ProblemCode, ProblemError},
};

/// Validates the body of a request: where its orders are, or what is wrong with them.
pub(crate) fn check(
    body: &[u8],
    severity: &[(Code, Option<Severity>)],
    limits: &Limits,
    max_orders: Option<usize>,
) -> Result<Validated, Problem> {
    let validated = validate_orders(
        body,
        &Options {
            severity: severity.to_vec(),
            max_issues: limits.max_issues,
            // Only errors are answered; warnings must not take their places.
            list_warnings: false,
            max_bytes: limits.max_body_bytes,
            max_orders,
        },
    );
    let errors = validated.report.issues.iter().filter(|issue| issue.severity == Severity::Error);
    let listed: Vec<ProblemError> = errors.clone().map(error_of).collect();
    let unreadable = [Code::JsonSyntax, Code::InvalidUtf8, Code::TooDeep];
    if errors.clone().any(|issue| unreadable.contains(&issue.code)) {
        return Err(Problem::new(ProblemCode::Malformed).errors(listed));
    }
    if !validated.report.valid {
        return Err(Problem::new(ProblemCode::Invalid).errors(listed));
    }
    // The validator also reads a bare array; the API documents only the envelope.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        let detail = "The body must be an object with a list of orders: {\"orders\": [...]}.".to_owned();
        let error = ProblemError { detail, ..ProblemError::default() };
        return Err(Problem::new(ProblemCode::Invalid).errors(vec![error]));
    }
    Ok(validated)
}

/// An issue as an entry of a problem.
pub(crate) fn error_of(issue: &Issue) -> ProblemError {
    ProblemError {
        detail: issue.message.clone(),
        pointer: issue.pointer.clone(),
        code: Some(issue.code.name().to_owned()),
    }
}
