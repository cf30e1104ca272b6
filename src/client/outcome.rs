//! What became of each order, and why.

use crate::{
    ports::Cause,
    validate::Issue,
    wire::{ApiError, Problem, ProblemCode},
};
use serde::{Serialize, Serializer};

/// What became of an order. Every order of a submission has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The reply names it with an id: it is stored.
    Accepted,
    /// The API answered that it refuses this order or its whole request: it is not stored.
    Rejected,
    /// It was not sent, since it has errors.
    Invalid,
    /// It was not sent, or provably not processed.
    Failed,
    /// It was sent and may have been processed.
    Unknown,
}

/// How many orders have each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Stored.
    pub accepted: usize,
    /// Refused by the API.
    pub rejected: usize,
    /// Not sent for their errors.
    pub invalid: usize,
    /// Not sent, or provably not processed.
    pub failed: usize,
    /// Sent, and perhaps processed.
    pub unknown: usize,
}

impl Counts {
    pub(super) fn add(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Accepted => &mut self.accepted,
            Outcome::Rejected => &mut self.rejected,
            Outcome::Invalid => &mut self.invalid,
            Outcome::Failed => &mut self.failed,
            Outcome::Unknown => &mut self.unknown,
        } += 1;
    }
}

/// What became of one order.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderResult {
    /// Which order of the input, from 0.
    pub order_index: usize,
    /// Its own id, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Its id at Pitney Bowes, if it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Its status there, such as `RECEIVED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What is wrong with it, if it is invalid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
    /// Why it was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorInfo>,
    /// The ids of the requests to the API that it was part of, as far as an answer named them.
    pub transaction_ids: Vec<String>,
    /// How many requests to the broker it was part of.
    pub attempts: u32,
}

impl OrderResult {
    /// What became of the order in that place of the submission; its book adds who that is and how it was sent.
    #[inline(never)]
    pub(super) fn new(index: usize, outcome: Outcome, error: Option<ErrorInfo>) -> Self {
        Self {
            order_index: index,
            client_order_id: None,
            outcome,
            order_id: None,
            status: None,
            issues: Vec::new(),
            error,
            transaction_ids: Vec::new(),
            attempts: 0,
        }
    }
}

/// What became of all orders.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Submission {
    /// The id that its keys were made from.
    pub submission_id: String,
    /// One result for each order, in input order.
    pub results: Vec<OrderResult>,
    /// How many orders have each outcome.
    pub counts: Counts,
}

/// Declares the client's own codes: variant, code, message for a person.
macro_rules! codes {
    ($($variant:ident $name:literal $message:literal;)+) => {
        /// Why an order was not accepted, or a call failed: the client's own codes and the broker's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = $message] $variant,)+
            /// The broker or the API says so.
            Problem(ProblemCode),
        }

        impl ErrorCode {
            /// The client's own codes; the others are those of [`ProblemCode::ALL`].
            pub const OWN: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as text.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Problem(code) => code.name(),
                }
            }

            /// What happened and what to do, for a person.
            #[inline(always)]
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$variant => $message,)+
                    Self::Problem(code) => code.detail(),
                }
            }
        }
    };
}

codes! {
    InvalidOptions "invalid_options" "The call has an option that cannot be used.";
    InvalidInput "invalid_input" "The input is not a list of orders; the report says where it goes wrong.";
    InvalidOrder "invalid_order" "The order has errors and was not sent. Mend them and submit it again.";
    NotSent "not_sent" "Not sent, because other orders have errors. Mend those, or submit with onInvalid: \"skip\".";
    Aborted "aborted" "The submission was cancelled.";
    Deadline "deadline" "The time for the whole submission ran out.";
    InvalidRequest "invalid_request" "The request could not be formed. Check baseURL and headers.";
    Connection "connection" "No answer came from the broker: there is no connection, it was cut, or the broker does not allow this page's origin.";
    Timeout "timeout" "No answer came in time.";
    ReplyCut "reply_cut" "The answer was cut.";
    ReplyGarbled "reply_garbled" "The answer cannot be understood.";
    MissingInReply "missing_in_reply" "The reply does not mention the order. Look it up before you send it again.";
    UnreadableInReply "unreadable_in_reply" "The reply has neither an id nor an error for the order. Look it up before you send it again.";
    ContradictoryReply "contradictory_reply" "The reply contradicts itself about the order. Look it up before you send it again.";
    Rejected "rejected" "Pitney Bowes refused the order.";
    Forbidden "forbidden" "The request was refused before it reached the broker.";
    Refused "refused" "The request was not taken.";
    Throttled "throttled" "Too many requests. Wait and try again.";
    Unavailable "unavailable" "The broker is unavailable. Try again later.";
    ServerError "server_error" "What answered in the broker's place had an internal error.";
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Why an order was not accepted, or a call failed.
#[derive(Clone, Debug, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct ErrorInfo {
    /// Which of the known reasons.
    pub code: ErrorCode,
    /// What happened and what to do, for a person.
    pub message: String,
    /// The status of the answer, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The id under which the broker's log knows the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What the API said, in its own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ApiError>,
    /// The runtime's own error, such as a rejected `fetch` or the reason of an abort.
    #[serde(skip)]
    pub cause: Cause,
}

impl ErrorInfo {
    /// An error with the message of its code.
    // Inline, so that a program has the messages of those codes alone that it makes errors of; what a broker tells comes
    // with its own.
    #[inline(always)]
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self::with(code, code.message())
    }

    /// An error with another message than that of its code.
    #[inline(never)]
    pub(super) fn with(code: ErrorCode, message: &str) -> Self {
        Self {
            code,
            message: message.to_owned(),
            status: None,
            request_id: None,
            errors: Vec::new(),
            cause: Cause::default(),
        }
    }

    /// What a problem says, with the API's own words if there are any.
    #[must_use]
    pub fn of_problem(problem: &Problem, otherwise: ErrorCode) -> Self {
        let errors = problem.upstream.as_ref().map(|upstream| upstream.errors.clone()).unwrap_or_default();
        Self {
            code: problem.code.map_or(otherwise, ErrorCode::Problem),
            message: problem.detail.clone(),
            status: Some(problem.status),
            request_id: problem.request_id.clone(),
            errors,
            cause: Cause::default(),
        }
    }

    /// Says a sentence more.
    #[inline(never)]
    pub(super) fn add(&mut self, sentence: &str) {
        self.message.push(' ');
        self.message.push_str(sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own_and_a_sentence() {
        let mut names = std::collections::BTreeSet::new();
        let codes = ErrorCode::OWN.iter().copied().chain(ProblemCode::ALL.iter().copied().map(ErrorCode::Problem));
        for code in codes {
            assert!(names.insert(code.name()), "{} twice", code.name());
            assert!(code.message().ends_with('.'), "{}", code.message());
        }
    }

    #[test]
    fn a_result_is_plain_data_in_camel_case() {
        let mut error = ErrorInfo::new(ErrorCode::Problem(ProblemCode::UpstreamCut));
        error.request_id = Some("r".into());
        let result = OrderResult {
            order_index: 3,
            client_order_id: None,
            outcome: Outcome::Unknown,
            order_id: None,
            status: None,
            issues: Vec::new(),
            error: Some(error),
            transaction_ids: vec!["t".into()],
            attempts: 1,
        };
        let expected = serde_json::json!({
            "orderIndex": 3, "outcome": "unknown", "transactionIds": ["t"], "attempts": 1,
            "error": {"code": "upstream_cut", "message": ProblemCode::UpstreamCut.detail(), "requestId": "r"},
        });
        assert_eq!(serde_json::to_value(result).unwrap(), expected);
    }
}
