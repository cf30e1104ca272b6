//! What the broker tells about a request.

use super::AuditRecord;
use crate::wire::ProblemCode;
use serde::Serialize;

/// One request, when it has been answered. The fields are the broker's own words and numbers: no header, no body, no query
/// and no text of a caller, so that a log never holds a credential or a buyer's data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogRecord {
    /// The id that the answer carries too.
    pub request_id: String,
    /// The method, `OTHER` if the broker knows none of that name.
    pub method: &'static str,
    /// The route, empty if there is none.
    pub route: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// What went wrong, if anything did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ProblemCode>,
    /// What failed inside the broker: `authorize`, `approve_orders`, `body`, `ledger`, `count` (which lets the request
    /// through), `broker` (a fault of its own); empty if nothing did.
    pub failed: &'static str,
    /// How many bytes the request's body had, as far as it was read.
    pub body_bytes: usize,
    /// How many orders it had, as far as they were counted.
    pub orders: usize,
    /// How many of them were sent on.
    pub sent: usize,
    /// Whether the answer is the recorded one of an earlier request. Then the transaction ids are those of its calls.
    pub replayed: bool,
    /// The transaction ids of the calls to the API.
    pub transaction_ids: Vec<String>,
    /// The status of the API's last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_status: Option<u16>,
    /// How long the calls to the API took, in milliseconds.
    pub upstream_ms: u64,
    /// How long getting tokens took, in milliseconds.
    pub token_ms: u64,
    /// How long the whole request took, in milliseconds.
    pub duration_ms: u64,
}

/// Where records go. They are handed over when all is done: what becomes of them changes no answer.
pub trait Log {
    /// Takes the record of a request.
    fn log(&self, record: &LogRecord);
    /// Takes the record of a request to send orders, for those who keep such records.
    fn audit(&self, record: &AuditRecord) {
        let _ = record;
    }
}

/// Methods and routes are named by the broker, never by the caller.
pub(crate) fn method_name(method: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method).unwrap_or("OTHER")
}
