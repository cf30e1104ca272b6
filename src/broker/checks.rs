//! What a request must have before the broker asks who sent it: a route, an origin, three header fields.

use super::{options::BrokerOptions, request::is_json};
use crate::{
    ports::{Headers, Response},
    wire::{BULK_ORDERS_PATH, HEALTH_PATH, Problem, ProblemCode, header, ids},
};

/// What a broker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Bulk,
    Health,
}

impl Route {
    /// The route of a path below the broker's base; paths are compared as they are, nothing is decoded or resolved.
    pub(super) fn of(base: &str, path: &str) -> Option<Self> {
        match path.strip_prefix(base)? {
            BULK_ORDERS_PATH => Some(Self::Bulk),
            HEALTH_PATH => Some(Self::Health),
            _ => None,
        }
    }

    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::Bulk => "POST",
            Self::Health => "GET",
        }
    }

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Bulk => BULK_ORDERS_PATH,
            Self::Health => HEALTH_PATH,
        }
    }
}

/// Whether a page of that origin may use the broker.
pub(super) fn origin_allowed(options: &BrokerOptions, headers: &Headers) -> bool {
    match headers.get("Origin") {
        Some(origin) => options.allowed_origins.iter().any(|allowed| allowed == origin),
        None => options.allow_missing_origin,
    }
}

/// The answer to a CORS preflight (Fetch standard, section 4.8), if the request is one.
pub(super) fn preflight(options: &BrokerOptions, route: Route, method: &str, headers: &Headers) -> Option<Response> {
    let asks = headers.get("Origin").is_some() && headers.get("Access-Control-Request-Method").is_some();
    if method != "OPTIONS" || !asks || !origin_allowed(options, headers) {
        return None;
    }
    let own = [header::CONTENT_TYPE, header::AUTHORIZATION, header::IDEMPOTENCY_KEY, header::CLIENT, header::RESEND];
    let mut allowed = own.join(", ");
    for name in &options.allowed_headers {
        allowed.push_str(", ");
        allowed.push_str(name);
    }
    let headers = Headers::new()
        .with("Access-Control-Allow-Methods", route.method())
        .with("Access-Control-Allow-Headers", allowed)
        .with("Access-Control-Max-Age", "600");
    Some(Response { status: 204, headers, body: Vec::new() })
}

/// Adds what lets a page of an allowed origin read the answer.
pub(super) fn add_cors(options: &BrokerOptions, request: &Headers, answer: &mut Headers) {
    answer.set("Vary", "Origin");
    let Some(origin) = request.get("Origin").filter(|_| origin_allowed(options, request)) else { return };
    answer.set("Access-Control-Allow-Origin", origin);
    let exposed =
        [header::RETRY_AFTER, header::REQUEST_ID, header::TRANSACTION_ID, header::REPLAYED, header::DOUBT].join(", ");
    answer.set("Access-Control-Expose-Headers", exposed);
    if options.allow_credentials {
        answer.set("Access-Control-Allow-Credentials", "true");
    }
}

/// The header fields that every bulk request must have.
/// Gives the idempotency key.
pub(super) fn check_headers(options: &BrokerOptions, headers: &Headers) -> Result<String, Problem> {
    if !origin_allowed(options, headers) {
        return Err(Problem::new(ProblemCode::OriginNotAllowed));
    }
    // A page of another site could send a POST without a preflight, but not with this header.
    if headers.get(header::CLIENT).is_none_or(|version| version.trim().is_empty()) {
        return Err(Problem::new(ProblemCode::ClientHeader));
    }
    if !is_json(headers) {
        return Err(Problem::new(ProblemCode::ContentType));
    }
    let key = headers.get(header::IDEMPOTENCY_KEY).and_then(ids::read_key);
    key.ok_or_else(|| Problem::new(ProblemCode::IdempotencyKey))
}
