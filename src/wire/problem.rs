//! Problem details (RFC 9457), as the broker writes them and the client reads them.

use super::{ApiError, PROBLEM_JSON, ProblemCode, Processed, shorten};
use crate::{
    json::{Tree, write_string},
    text::whole_number,
};
use serde::Serialize;

/// How many entries of a list are read from a problem.
const MAX_ERRORS: usize = 10_000;
/// How many characters of a text are read from a problem.
const MAX_TEXT: usize = 2000;

/// One thing that is wrong with the request, and where (the form of RFC 9457's own example).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProblemError {
    /// What is wrong, for a person.
    pub detail: String,
    /// JSON Pointer (RFC 6901) into the request's body, such as `/orders/3/toAddress`; empty for the whole.
    pub pointer: String,
    /// The validator's code of the rule, if it is one of its rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl ProblemError {
    /// Which order of the request it is about, and the rest of the pointer.
    #[must_use]
    pub fn order(&self) -> Option<(usize, &str)> {
        let rest = self.pointer.strip_prefix('#').unwrap_or(&self.pointer).strip_prefix("/orders/")?;
        let (index, rest) = rest.find('/').and_then(|end| rest.split_at_checked(end)).unwrap_or((rest, ""));
        let canonical = index == "0" || !index.starts_with('0');
        canonical.then_some((whole_number(index)?, rest))
    }
}

/// What the API said, never its raw body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Upstream {
    /// The status of its answer.
    pub status: u16,
    /// The errors in it.
    pub errors: Vec<ApiError>,
}

/// A failed request, in words for a person and codes for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What went wrong; nothing if this version does not know the code that was sent.
    pub code: Option<ProblemCode>,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do, for a person.
    pub detail: String,
    /// Whether the API may have acted on the request.
    pub processed: Processed,
    /// Whether the same request may succeed later without any change.
    pub retryable: bool,
    /// What is wrong with the request, and where.
    pub errors: Vec<ProblemError>,
    /// The id under which the broker's log knows the request.
    pub request_id: Option<String>,
    /// What the API said, if it was asked and answered.
    pub upstream: Option<Upstream>,
}

impl Problem {
    /// A problem with all that follows from its code.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            code: Some(code),
            status: code.status(),
            detail: code.detail().to_owned(),
            processed: code.processed(),
            retryable: code.retryable(),
            errors: Vec::new(),
            request_id: None,
            upstream: None,
        }
    }

    /// The same with another sentence for a person.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same with what is wrong with the request.
    #[must_use]
    pub fn errors(mut self, errors: Vec<ProblemError>) -> Self {
        self.errors = errors;
        self
    }

    /// The same with what the API said.
    #[must_use]
    pub fn upstream(mut self, status: u16, errors: Vec<ApiError>) -> Self {
        self.upstream = Some(Upstream { status, errors });
        self
    }

    /// The body of an answer of the type [`PROBLEM_JSON`].
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = b"{\"type\":".to_vec();
        let code = self.code.map_or("about:blank", ProblemCode::name);
        let kind = if self.code.is_some() { ["urn:pb-fulfillment:", code].concat() } else { code.to_owned() };
        write_string(&mut out, &kind);
        let mut text = |name: &str, value: &str| {
            out.push(b',');
            write_string(&mut out, name);
            out.push(b':');
            write_string(&mut out, value);
        };
        text("title", title(self.status));
        text("detail", &self.detail);
        text("code", code);
        text("processed", self.processed.name());
        if let Some(id) = &self.request_id {
            text("requestId", id);
        }
        out.extend_from_slice(if self.retryable { b",\"retryable\":true" } else { b",\"retryable\":false" });
        out.extend_from_slice(b",\"status\":");
        out.extend_from_slice(self.status.to_string().as_bytes());
        if !self.errors.is_empty() {
            out.extend_from_slice(b",\"errors\":");
            write_list(&mut out, &self.errors, |out, error| {
                let code = error.code.as_deref();
                write_members(
                    out,
                    &[("detail", Some(&error.detail)), ("pointer", Some(&error.pointer)), ("code", code)],
                );
                out.push(b'}');
            });
        }
        if let Some(upstream) = &self.upstream {
            out.extend_from_slice(b",\"upstream\":{\"status\":");
            out.extend_from_slice(upstream.status.to_string().as_bytes());
            out.extend_from_slice(b",\"errors\":");
            write_list(&mut out, &upstream.errors, write_api_error);
            out.push(b'}');
        }
        out.push(b'}');
        out
    }

    /// Reads the body of an answer. Nothing if it is no problem of this package: of another media type, not JSON, or
    /// without both a known code and the member `processed`. Members that are unknown or of the wrong type are ignored.
    #[must_use]
    pub fn read(status: u16, content_type: Option<&str>, body: &[u8]) -> Option<Self> {
        let media_type = content_type?.split(';').next()?.trim();
        if !media_type.eq_ignore_ascii_case(PROBLEM_JSON) {
            return None;
        }
        let tree = Tree::parse(body).ok()?;
        let code = tree.get("code").and_then(Tree::str).and_then(ProblemCode::from_name);
        let processed = match tree.get("processed").and_then(Tree::str) {
            Some("no") => Processed::No,
            Some(_) => Processed::Unknown,
            None => code?.processed(),
        };
        let mut errors = Vec::new();
        for error in tree.list("errors").iter().take(MAX_ERRORS) {
            if let Some(detail) = text(error, "detail") {
                let pointer = text(error, "pointer").unwrap_or_default();
                errors.push(ProblemError { detail, pointer, code: text(error, "code") });
            }
        }
        let upstream =
            tree.get("upstream").filter(|upstream| !upstream.members().is_empty()).map(|upstream| Upstream {
                status: upstream.get("status").and_then(Tree::text).map_or(0, status_of),
                errors: upstream.get("errors").map(ApiError::read_all).unwrap_or_default(),
            });
        Some(Self {
            code,
            status,
            detail: text(&tree, "detail").or_else(|| text(&tree, "title")).unwrap_or_else(|| title(status).to_owned()),
            processed,
            retryable: match tree.get("retryable") {
                Some(Tree::Bool(retryable)) => *retryable,
                _ => code.is_some_and(ProblemCode::retryable),
            },
            errors,
            request_id: text(&tree, "requestId"),
            upstream,
        })
    }
}

/// The member of that name, if it is text.
fn text(tree: &Tree<'_>, name: &str) -> Option<String> {
    tree.get(name)?.str().map(|text| shorten(text, MAX_TEXT))
}

/// The status that the text is, or 0.
fn status_of(text: &str) -> u16 {
    whole_number(text).and_then(|status| status.try_into().ok()).unwrap_or(0)
}

/// The name of a status, as RFC 9110 has it.
const fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    }
}

/// Opens an object with those of its members that have a value.
fn write_members(out: &mut Vec<u8>, members: &[(&str, Option<&str>)]) {
    out.push(b'{');
    let mut first = true;
    for (name, value) in members.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        write_string(out, name);
        out.push(b':');
        write_string(out, value);
    }
}

fn write_list<T>(out: &mut Vec<u8>, list: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (index, item) in list.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

fn write_api_error(out: &mut Vec<u8>, error: &ApiError) {
    let (code, description) = (error.error_code.as_deref().unwrap_or_default(), error.error_description.as_deref());
    let info = error.additional_info.as_deref();
    // An error always has its code here, so that the list of parameters never comes first.
    write_members(out, &[("errorCode", Some(code)), ("errorDescription", description), ("additionalInfo", info)]);
    if !error.parameters.is_empty() {
        out.extend_from_slice(b",\"parameters\":");
        write_list(out, &error.parameters, |out, parameter| write_string(out, parameter));
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(problem: &Problem) -> Problem {
        Problem::read(problem.status, Some("application/problem+json; charset=utf-8"), &problem.to_json()).unwrap()
    }

    #[test]
    fn every_problem_reads_back_as_it_was_written() {
        for &code in ProblemCode::ALL {
            let mut problem = Problem::new(code);
            assert_eq!(round_trip(&problem), problem);
            let error = |code: Option<&str>| ProblemError {
                detail: "is \"bad\"\n".into(),
                pointer: "/orders/1/a~1b".into(),
                code: code.map(str::to_owned),
            };
            problem = problem.detail("caf\u{e9}").errors(vec![error(None), error(Some("too_long"))]);
            let api_error =
                ApiError { error_code: Some("1".into()), parameters: vec!["p".into()], ..ApiError::default() };
            problem = problem.upstream(400, vec![api_error.clone(), ApiError { parameters: vec![], ..api_error }]);
            problem.request_id = Some("id".into());
            assert_eq!(round_trip(&problem), problem);
        }
    }

    #[test]
    fn a_written_problem_has_the_members_of_the_rfc() {
        let json: serde_json::Value =
            serde_json::from_slice(&Problem::new(ProblemCode::NotApproved).to_json()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "urn:pb-fulfillment:not_approved", "title": "Forbidden", "status": 403, "code": "not_approved",
                "detail": ProblemCode::NotApproved.detail(), "processed": "no", "retryable": false,
            })
        );
    }

    #[test]
    fn members_of_the_wrong_type_are_ignored() {
        let body =
            br##"{"code":"invalid","detail":7,"title":"T","processed":true,"retryable":"yes","errors":[1,{"detail":2},
            {"detail":"d","pointer":"#/orders/0"}],"upstream":[],"requestId":{}}"##;
        let problem = Problem::read(422, Some("Application/Problem+JSON"), body).unwrap();
        assert_eq!(problem.detail, "T");
        assert_eq!((problem.processed, problem.retryable), (Processed::No, false));
        assert_eq!(problem.errors.len(), 1);
        assert_eq!((problem.upstream, problem.request_id), (None, None));
    }

    #[test]
    fn a_code_of_a_later_version_still_says_whether_the_request_was_processed() {
        let read = |body: &[u8]| Problem::read(503, Some(PROBLEM_JSON), body);
        let problem = read(br#"{"code":"new","processed":"no","retryable":true}"#).unwrap();
        assert_eq!((problem.code, problem.processed, problem.retryable), (None, Processed::No, true));
        assert_eq!(read(br#"{"code":"new","processed":"perhaps"}"#).unwrap().processed, Processed::Unknown);
    }

    #[test]
    fn what_is_no_problem_of_ours_is_refused() {
        let ours = Problem::new(ProblemCode::Internal).to_json();
        assert_eq!(Problem::read(500, None, &ours), None);
        assert_eq!(Problem::read(500, Some("application/json"), &ours), None);
        for body in ["", "<html>", "[]", "null", r#"{"title":"Forbidden","status":403}"#] {
            assert_eq!(Problem::read(500, Some(PROBLEM_JSON), body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_pointer_names_its_order() {
        let order = |pointer: &str| {
            let error = ProblemError { pointer: pointer.into(), ..ProblemError::default() };
            error.order().map(|(index, rest)| (index, rest.to_owned()))
        };
        assert_eq!(order("/orders/1"), Some((1, String::new())));
        assert_eq!(order("#/orders/0/toAddress/name"), Some((0, "/toAddress/name".into())));
        for pointer in
            ["", "/", "/orders", "/orders/", "/orders/x", "/orders/01", "/orders/+1", "/orders/-1", "/order/1"]
        {
            assert_eq!(order(pointer), None, "{pointer}");
        }
        assert_eq!(order("/orders/99999999999999999999999"), None);
    }
}
