//! Applying the mends that are certain: new bytes are made from the old, and everything else stays as it was.

use super::{Code, Fix, Options, validate_orders};
use crate::json::Span;

/// An input with mends applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The new bytes.
    pub bytes: Vec<u8>,
    /// How many mends were applied.
    pub applied: usize,
}

/// Applies the mends of the chosen issues, which are known by code and JSON Pointer. The input is looked over again, so a
/// choice that does not fit it (any more) does nothing; text without a mend stays byte for byte.
#[must_use]
pub fn apply_fixes(input: &[u8], chosen: impl Fn(Code, &str) -> bool) -> Fixed {
    let every = Options { max_issues: usize::MAX, max_bytes: usize::MAX, ..Options::default() };
    let report = validate_orders(input, &every).report;
    let mut mends: Vec<(Span, &Fix)> = Vec::new();
    for issue in &report.issues {
        if let Some(fix) = issue.fix.as_ref().filter(|_| chosen(issue.code, &issue.pointer)) {
            // Issues come in the order of the input but for those of an object as a whole, so each finds its place near the end.
            let behind = mends.iter().rev().take_while(|(other, _)| other.start > issue.span.start).count();
            mends.insert(mends.len() - behind, (issue.span, fix));
        }
    }
    splice(input, &mends)
}

/// Puts the mends, which come in the order of the input, in their places.
fn splice(input: &[u8], mends: &[(Span, &Fix)]) -> Fixed {
    let (mut bytes, mut at, mut applied) = (Vec::with_capacity(input.len()), 0, 0);
    for &(span, fix) in mends {
        // A value can have two issues with a mend; the first one is applied, the next look finds the other.
        if span.start < at {
            continue;
        }
        bytes.extend_from_slice(input.get(at..span.start).unwrap_or_default());
        at = span.end;
        match fix {
            Fix::Replace { json } => bytes.extend_from_slice(json.as_bytes()),
            Fix::Remove => {
                let rest = input.get(at..).unwrap_or_default();
                let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                if rest.get(blank) == Some(&b',') {
                    at += blank + 1;
                } else {
                    // The last member: the comma before it goes, which may have been left by a mend just before.
                    let kept = bytes.trim_ascii_end();
                    let kept = kept.strip_suffix(b",").map_or(bytes.len(), <[u8]>::len);
                    bytes.truncate(kept);
                }
            }
        }
        applied += 1;
    }
    bytes.extend_from_slice(input.get(at..).unwrap_or_default());
    Fixed { bytes, applied }
}
