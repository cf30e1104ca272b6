//! What an answer of the API means, in one table.

use super::{ErrorBody, Problem, ProblemCode, read_reply};

/// The problem that an answer of the API to a bulk request stands for; nothing if it is the reply. A 401 comes here once a
/// new token was refused as well.
///
/// | answer | problem | acted |
/// |---|---|---|
/// | any status with PB-APIM-ERR-1006, 429 | `upstream_throttled` | no |
/// | 2xx that is no bulk reply, 3xx | `upstream_garbled` | unknown |
/// | 400, 413, 422 | `upstream_refused`, sent on as 400: the orders are refused | no |
/// | 401 | `upstream_auth` | no |
/// | 403 | `upstream_forbidden` | no |
/// | 404, 405 | `upstream_not_found` | no |
/// | other 4xx | `upstream_refused`, sent on as 502: not the orders' fault | no |
/// | 500 | `upstream_error`, documented as safe to repeat | unknown |
/// | 503 | `upstream_unavailable`, documented as safe to repeat | no |
/// | anything else | `upstream_garbled` | unknown |
#[must_use]
pub fn problem_of_answer(status: u16, body: &[u8]) -> Option<Problem> {
    if (200..300).contains(&status) && read_reply(body).is_some() {
        return None;
    }
    let errors = ErrorBody::read(body).errors;
    let throttled = errors.iter().any(super::ApiError::is_throttling);
    let code = match status {
        429 => ProblemCode::UpstreamThrottled,
        _ if throttled => ProblemCode::UpstreamThrottled,
        401 => ProblemCode::UpstreamAuth,
        403 => ProblemCode::UpstreamForbidden,
        404 | 405 => ProblemCode::UpstreamNotFound,
        400..=499 => ProblemCode::UpstreamRefused,
        500 => ProblemCode::UpstreamError,
        503 => ProblemCode::UpstreamUnavailable,
        _ => ProblemCode::UpstreamGarbled,
    };
    let mut problem = Problem::new(code).upstream(status, errors);
    if code == ProblemCode::UpstreamRefused && !matches!(status, 400 | 413 | 422) {
        problem.status = 502;
        problem = problem.detail("Pitney Bowes did not take the request.");
    }
    Some(problem)
}

#[cfg(test)]
mod tests {
    use super::super::Processed;
    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, expected: (&str, u16, Processed, bool)) {
        let problem = problem_of_answer(status, body.as_bytes()).unwrap();
        assert_eq!((problem.code.unwrap().name(), problem.status, problem.processed, problem.retryable), expected);
        assert_eq!(problem.upstream.unwrap().status, status);
    }

    #[test]
    fn a_bulk_reply_is_no_problem() {
        assert_eq!(problem_of_answer(200, br#"{"orders":[]}"#), None);
        assert_eq!(problem_of_answer(201, br#"{"orders":[{}]}"#), None);
    }

    #[test]
    fn each_answer_has_its_problem() {
        use Processed::{No, Unknown};
        let throttling = r#"{"errors":[{"errorCode":"PB-APIM-ERR-1006","errorDescription":"Spike arrest violation"}]}"#;
        check(200, "<html>", ("upstream_garbled", 502, Unknown, false));
        check(200, "", ("upstream_garbled", 502, Unknown, false));
        check(302, "", ("upstream_garbled", 502, Unknown, false));
        for status in [400, 413, 422] {
            check(status, "{}", ("upstream_refused", 400, No, false));
        }
        check(401, r#"{"errorCode":"PB-APIM-ERR-1002"}"#, ("upstream_auth", 502, No, false));
        check(403, "", ("upstream_forbidden", 502, No, false));
        check(404, "", ("upstream_not_found", 502, No, false));
        check(405, "", ("upstream_not_found", 502, No, false));
        check(409, "", ("upstream_refused", 502, No, false));
        check(429, "", ("upstream_throttled", 503, No, true));
        check(500, "", ("upstream_error", 502, Unknown, true));
        check(500, throttling, ("upstream_throttled", 503, No, true));
        check(200, throttling, ("upstream_throttled", 503, No, true));
        check(503, "", ("upstream_unavailable", 503, No, true));
        check(504, "", ("upstream_garbled", 502, Unknown, false));
        check(599, "", ("upstream_garbled", 502, Unknown, false));
    }
}
