//! What both ends of a call say to each other: routes and header names, the API's replies and error bodies, problem details,
//! `Retry-After`, keys and ids. Nothing here sends anything.
//!
//! Two calls are described: from the client to the broker, and from the broker to the API of Pitney Bowes.

mod errors;
pub mod ids;
mod problem;
mod problem_code;
mod reply;
mod retry_after;
mod upstream;

pub use errors::{ApiError, ErrorBody};
pub use problem::{Problem, ProblemError, Upstream};
pub use problem_code::{ProblemCode, Processed};
pub use reply::{Entry, Verdict, match_entries, read_reply};
pub use retry_after::retry_after_ms;
pub use upstream::problem_of_answer;

/// Bulk create or update, below the broker's base and below the API's (documented: post-orders-bulk).
pub const BULK_ORDERS_PATH: &str = "/v1/orders/bulk";
/// The broker's sign of life.
pub const HEALTH_PATH: &str = "/health";
/// Below which the routes of the outbox are.
pub const OUTBOX_PATH: &str = "/v1/outbox";
/// Where the API gives out tokens; not below [`API_BASE_PATH`] (documented: post-oauth-token).
pub const TOKEN_PATH: &str = "/oauth/token";
/// What precedes the path of every operation of the API (documented on every operation's page).
pub const API_BASE_PATH: &str = "/shippingservices/fulfillment";
/// Origin of the API for trials (documented).
pub const SANDBOX_ORIGIN: &str = "https://shipping-api-sandbox.pitneybowes.com";
/// Origin of the API for real orders (documented).
pub const PRODUCTION_ORIGIN: &str = "https://shipping-api.pitneybowes.com";

/// Media type of a request and of the API's replies.
pub const JSON: &str = "application/json";
/// Media type of problem details (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Names of header fields.
pub mod header {
    /// The static header that the broker demands: a page of another site cannot send it without a CORS preflight. Its
    /// value is the client's version.
    pub const CLIENT: &str = "X-PB-Fulfillment-Client";
    /// Names a batch; the same on each attempt to send the same bytes (draft-ietf-httpapi-idempotency-key-header-07).
    pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
    /// To the broker, with any value: a request whose earlier attempt is in doubt may be sent again. Only from a client that was
    /// told that a repeat is harmless.
    pub const RESEND: &str = "X-PB-Fulfillment-Resend";
    /// From the broker: the answer is the recorded one of an earlier request with the same key (the draft names no field for it).
    pub const REPLAYED: &str = "Idempotency-Replayed";
    /// From the broker, with any value: an earlier request with the same key may have been processed, too. So an order that this
    /// answer refuses may have been created.
    pub const DOUBT: &str = "X-PB-Fulfillment-Doubt";
    /// To the API: the unique id of the request (documented). From the broker: all that it used, separated by commas.
    pub const TRANSACTION_ID: &str = "X-PB-TransactionId";
    /// From the broker: the id under which its log knows the request.
    pub const REQUEST_ID: &str = "X-Request-Id";
    /// Asks the API for errors in their standard form (documented, harmless where it is the default).
    pub const UNIFIED_ERRORS: &str = "X-PB-UnifiedErrorStructure";
    /// How long to wait (RFC 9110, section 10.2.3).
    pub const RETRY_AFTER: &str = "Retry-After";
    /// The media type of the body.
    pub const CONTENT_TYPE: &str = "Content-Type";
    /// Where a request to the broker comes from; set by Cloudflare, which takes away what a caller has put there.
    pub const CONNECTING_IP: &str = "CF-Connecting-IP";
    /// The digest of the body (RFC 9530), if a program tells it.
    pub const CONTENT_DIGEST: &str = "Content-Digest";
    /// Credentials; only ever from the broker to the API, or the merchant's own from the page to the broker.
    pub const AUTHORIZATION: &str = "Authorization";
}

/// What to do when nobody knows whether the API acted on a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnAmbiguous {
    /// Say so: its orders end as unknown.
    #[default]
    Report,
    /// Send it again. Right only where an order that comes twice is updated; the API's reference does not say so.
    Resend,
}

/// At most `limit` characters of the text, with an ellipsis in place of what is left out.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => [text.get(..end).unwrap_or_default(), "\u{2026}"].concat(),
        None => text.to_owned(),
    }
}
