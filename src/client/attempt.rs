//! One request to the broker, and what its answer says.

use super::{ErrorCode, ErrorInfo};
use crate::{
    ports::{HttpError, HttpErrorKind, Response},
    wire::{Entry, ErrorBody, Problem, ProblemCode, ProblemError, Processed, header, ids, read_reply, retry_after_ms},
};

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Answer {
    /// With the API's reply.
    Reply {
        /// Its entries.
        entries: Vec<Entry>,
        /// Whether an earlier request with the same key may have been processed, too.
        doubt: bool,
    },
    /// Without it.
    Failed(Box<Failure>),
}

/// Why an attempt brought no reply, and what follows.
#[derive(Debug)]
pub(super) struct Failure {
    /// Why.
    pub(super) error: ErrorInfo,
    /// Whether the API may have acted.
    pub(super) processed: Processed,
    /// Whether it is safe and useful to send it again.
    pub(super) retryable: bool,
    /// How long the answer asks to wait first.
    pub(super) retry_after_ms: Option<u64>,
    /// Whether the API refused the request for what is in it.
    pub(super) refused: bool,
    /// What the broker says about single orders.
    pub(super) errors: Vec<ProblemError>,
}

impl Failure {
    fn new(error: ErrorInfo, processed: Processed, retryable: bool) -> Box<Self> {
        Box::new(Self { error, processed, retryable, retry_after_ms: None, refused: false, errors: Vec::new() })
    }

    /// No answer came in time.
    pub(super) fn timeout() -> Box<Self> {
        Self::new(ErrorInfo::new(ErrorCode::Timeout), Processed::Unknown, false)
    }

    /// No whole answer came.
    pub(super) fn transport(error: HttpError) -> Box<Self> {
        let (mut info, processed) = match error.kind {
            HttpErrorKind::Invalid => (ErrorInfo::new(ErrorCode::InvalidRequest), Processed::No),
            HttpErrorKind::Body => (ErrorInfo::new(ErrorCode::ReplyCut), Processed::Unknown),
            HttpErrorKind::TooLarge => (ErrorInfo::new(ErrorCode::ReplyGarbled), Processed::Unknown),
            HttpErrorKind::Connection => (ErrorInfo::new(ErrorCode::Connection), Processed::Unknown),
        };
        if !error.message.is_empty() {
            info.add(&["(", &error.message, ")"].concat());
        }
        info.cause = error.cause;
        Self::new(info, processed, false)
    }

    /// A problem of the broker.
    fn problem(problem: Problem) -> Box<Self> {
        let error = ErrorInfo::of_problem(&problem, of_status(problem.status).0.code);
        let by_content = |status| matches!(status, 400 | 413 | 422);
        let refused = problem.code == Some(ProblemCode::UpstreamRefused)
            && problem.upstream.as_ref().map_or(by_content(problem.status), |upstream| by_content(upstream.status));
        let mut failure = Self::new(error, problem.processed, problem.retryable);
        failure.refused = refused;
        failure.errors = problem.errors;
        failure
    }

    /// An answer that neither the broker nor the API gives: from a proxy, a login page, a wrong address.
    fn stranger(response: &Response, url: &str) -> Box<Self> {
        let (mut error, processed, retryable) = of_status(response.status);
        let body = ErrorBody::read(&response.body);
        if !retryable {
            error.add(&["Is baseURL the broker? It was asked at ", url, "."].concat());
        }
        let text = body.text.or_else(|| body.errors.first().map(crate::wire::ApiError::line));
        if let Some(text) = text {
            error.add(&["It answered: ", &text].concat());
        }
        error.status = Some(response.status);
        error.errors = body.errors;
        Self::new(error, processed, retryable)
    }
}

/// What an answer of that status means when it is no problem of the broker.
fn of_status(status: u16) -> (ErrorInfo, Processed, bool) {
    let (error, processed) = match status {
        401 => (ErrorInfo::new(ErrorCode::Problem(ProblemCode::Unauthorized)), Processed::No),
        403 => (ErrorInfo::new(ErrorCode::Forbidden), Processed::No),
        404 | 405 => (ErrorInfo::new(ErrorCode::Problem(ProblemCode::NotFound)), Processed::No),
        429 => (ErrorInfo::new(ErrorCode::Throttled), Processed::No),
        // Whoever stands in front of the broker says so as well when it has acted and took too long over it.
        503 => (ErrorInfo::new(ErrorCode::Unavailable), Processed::Unknown),
        400..=499 => (ErrorInfo::new(ErrorCode::Refused), Processed::No),
        500..=599 => (ErrorInfo::new(ErrorCode::ServerError), Processed::Unknown),
        _ => (ErrorInfo::new(ErrorCode::ReplyGarbled), Processed::Unknown),
    };
    (error, processed, status == 429)
}

/// The id under which the broker's log knows the request.
pub(super) fn request_id(response: &Response) -> Option<&str> {
    response.headers.get(header::REQUEST_ID)
}

/// The requests to the API that the broker made for this one.
pub(super) fn transaction_ids(response: &Response) -> Vec<String> {
    let field = response.headers.get(header::TRANSACTION_ID).unwrap_or_default();
    let mut ids = Vec::new();
    for id in ids::transaction_ids(field) {
        ids.push(id.to_owned());
    }
    ids
}

/// Reads an answer from that URL.
pub(super) fn read(response: &Response, url: &str, now_ms: u64) -> Answer {
    if (200..300).contains(&response.status)
        && let Some(entries) = read_reply(&response.body)
    {
        return Answer::Reply { entries, doubt: response.headers.get(header::DOUBT).is_some() };
    }
    let content_type = response.headers.get(header::CONTENT_TYPE);
    let mut failure = match Problem::read(response.status, content_type, &response.body) {
        // A success has no problem to tell; whoever wrote this is no broker of ours.
        Some(problem) if response.status >= 400 => Failure::problem(problem),
        _ => Failure::stranger(response, url),
    };
    if failure.error.request_id.is_none() {
        failure.error.request_id = request_id(response).map(str::to_owned);
    }
    if failure.retryable {
        let field = response.headers.get(header::RETRY_AFTER);
        failure.retry_after_ms = field.and_then(|field| retry_after_ms(field, now_ms));
    }
    Answer::Failed(failure)
}
