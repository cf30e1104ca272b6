//! Who has had what done, for those who must be able to tell later on. It is apart from the log, since it names callers and
//! orders, and is kept longer and read by fewer.

use crate::wire::ProblemCode;
use serde::Serialize;

/// One request to send orders, when it has been answered, whatever the answer was. There is one of each request of somebody whom
/// `authorize` has found and whose rate let it through; of all others there is the log alone, so that nobody can flood the audit. It
/// names the orders by their ids, which are the merchant's own numbers, and holds nothing else of them: no buyer's name, address,
/// phone or e-mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// When it was answered, in milliseconds since 1970.
    pub at: u64,
    /// The id that answer and log have, too.
    pub request_id: String,
    /// Who asked, as `authorize` has found.
    pub subject: String,
    /// The route.
    pub route: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// Why it was refused or failed, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ProblemCode>,
    /// What is known of the orders at the API.
    pub outcome: AuditOutcome,
    /// The orders, once they were found to be valid; before that an id may be anything.
    pub orders: Vec<AuditedOrder>,
    /// How many of them were sent on by this request.
    pub sent: usize,
    /// Whether the answer is the recorded one of an earlier request.
    pub replayed: bool,
    /// The transaction ids of the calls to the API.
    pub transaction_ids: Vec<String>,
}

/// What is known of the orders of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// The API has answered, and the answer tells what became of each.
    Answered,
    /// The API provably did nothing.
    #[default]
    NotProcessed,
    /// Nobody knows.
    Unknown,
}

/// An order, by its ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditedOrder {
    /// Whose it is.
    pub client_id: String,
    /// Its id at that client.
    pub client_order_id: String,
}
