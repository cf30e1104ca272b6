//! What can go wrong at the broker or behind it, in one table.

use serde::{Serialize, Serializer};

/// Whether the API may have acted on the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Processed {
    /// It provably has not.
    No,
    /// Nobody knows.
    Unknown,
}

impl Processed {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// Declares the problems: variant, code, status, whether processed, whether repeating may help, detail for a person.
macro_rules! problems {
    ($($(#[$attribute:meta])* $variant:ident $name:literal $status:literal $processed:ident $retryable:ident $detail:literal;)+) => {
        /// What went wrong at the broker or behind it, by stable codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ProblemCode { $(#[doc = $detail] $(#[$attribute])* $variant,)+ }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$($(#[$attribute])* Self::$variant,)+];

            /// The code on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($(#[$attribute])* Self::$variant => $name,)+ }
            }

            /// The HTTP status it is sent with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $($(#[$attribute])* Self::$variant => $status,)+ }
            }

            /// Whether the API may have acted, where nothing more is known.
            #[must_use]
            pub const fn processed(self) -> Processed {
                match self { $($(#[$attribute])* Self::$variant => Processed::$processed,)+ }
            }

            /// Whether the same request may succeed later without any change.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $($(#[$attribute])* Self::$variant => $retryable,)+ }
            }

            /// What happened and what to do, for a person.
            #[inline(always)]
            #[must_use]
            pub const fn detail(self) -> &'static str {
                match self { $($(#[$attribute])* Self::$variant => $detail,)+ }
            }
        }
    };
}

problems! {
    // The broker's own answers: the API was not asked.
    NotFound "not_found" 404 No false "The broker has no such route. Check the base URL.";
    MethodNotAllowed "method_not_allowed" 405 No false "The route takes another method.";
    OriginNotAllowed "origin_not_allowed" 403 No false "Pages of this origin may not use the broker. Add the origin to allowedOrigins.";
    ClientHeader "client_header" 403 No false "The header X-PB-Fulfillment-Client is missing. Send requests with the client of this package.";
    ContentType "content_type" 415 No false "The body must be application/json.";
    IdempotencyKey "idempotency_key" 400 No false "The header Idempotency-Key is missing or malformed.";
    Unauthorized "unauthorized" 401 No false "The broker does not know who is asking. Sign in again.";
    ForbiddenClient "forbidden_client" 403 No false "Orders of this clientId may not be sent by this caller.";
    ForbiddenScope "forbidden_scope" 403 No false "The caller may not send orders: it has not the scope orders:write.";
    NotApproved "not_approved" 403 No false "The shop has not approved these orders.";
    TooLarge "too_large" 413 No false "The request is larger than the broker takes.";
    ContentDigest "content_digest" 400 No false "The body is not the one that the header Content-Digest tells by sha-256.";
    Malformed "malformed" 400 No false "The body is not JSON.";
    Invalid "invalid" 422 No false "Orders have errors; each is listed.";
    RateLimited "rate_limited" 429 No true "Too many requests. Wait and try again.";
    HookFailed "hook_failed" 500 No false "The shop could not decide about the request. The broker's log names the hook that failed under the request id.";
    Internal "internal" 500 No false "The broker failed before it asked the API. Its log says why under the request id.";
    OutOfTime "out_of_time" 503 No true "The request's time was over before the API could take the orders. Try again; the broker's log tells how long each step took.";
    LedgerUnavailable "ledger_unavailable" 503 No true "The broker's ledger could not be asked, so nothing was sent. Try again.";
    // A request of the same key came before this one.
    InProgress "in_progress" 409 Unknown true "The same request is under way. Ask again later for its outcome.";
    KeyReused "key_reused" 422 Unknown false "The Idempotency-Key was used before, for other bytes. These were not sent, but those may hold some of the same orders. Look them up, and use a key of its own for each request.";
    InDoubt "in_doubt" 409 Unknown false "The same request was sent before, and nobody knows what became of it. Orders may have been created.";
    // The outbox's own answers. A page never meets them, so its program goes without.
    #[cfg(feature = "server")]
    TooManyOrders "too_many_orders" 413 No false "The request has more orders than the outbox takes at once. Divide it.";
    #[cfg(feature = "server")]
    OrderConflict "order_conflict" 409 No false "The outbox has another order under this clientId and clientOrderId. Give the new one an id of its own.";
    #[cfg(feature = "server")]
    OutboxFull "outbox_full" 503 No true "The outbox holds as many orders as it may. Send the same again later.";
    #[cfg(feature = "server")]
    OutboxUnavailable "outbox_unavailable" 503 No true "The outbox could not store or read. Send the same again: what it has stored already is not stored twice.";
    #[cfg(feature = "server")]
    NoSuchOrder "no_such_order" 404 No false "The outbox knows no order under this clientId and clientOrderId.";
    #[cfg(feature = "server")]
    NotOnList "not_on_list" 409 No false "The order is neither among the dead letters nor among the unknown.";
    #[cfg(feature = "server")]
    OrderPurged "order_purged" 409 No false "The order's data has been purged. Send the order along, to be sent in its place.";
    #[cfg(feature = "server")]
    OrderMismatch "order_mismatch" 422 No false "The mended order has another clientId or clientOrderId than the one in whose place it is to be sent.";
    #[cfg(feature = "server")]
    CallsUnavailable "calls_unavailable" 503 No true "The vault could not be asked for the right to call the API. Try again.";
    // Getting a token failed: the API was not asked.
    TokenUnavailable "token_unavailable" 503 No true "No token could be had from Pitney Bowes. Try again later.";
    UpstreamAuth "upstream_auth" 502 No false "Pitney Bowes does not accept the broker's credentials. Check key, secret and environment in the broker's settings.";
    // The API was asked.
    UpstreamForbidden "upstream_forbidden" 502 No false "The account at Pitney Bowes is not enabled for this operation. Ask Pitney Bowes to enable it.";
    UpstreamNotFound "upstream_not_found" 502 No false "Pitney Bowes has no such route. Check the broker's upstream.";
    UpstreamRefused "upstream_refused" 400 No false "Pitney Bowes refused the whole request; its errors say why.";
    UpstreamThrottled "upstream_throttled" 503 No true "Pitney Bowes got too many requests within a second. Try again.";
    UpstreamUnavailable "upstream_unavailable" 503 No true "Pitney Bowes is unavailable, for example for maintenance. Try again later.";
    UpstreamError "upstream_error" 502 Unknown true "Pitney Bowes had an internal error.";
    UpstreamGarbled "upstream_garbled" 502 Unknown false "The answer of Pitney Bowes cannot be understood. Orders may have been created.";
    UpstreamCut "upstream_cut" 502 Unknown false "The connection to Pitney Bowes was cut. Orders may have been created.";
    UpstreamTimeout "upstream_timeout" 504 Unknown false "Pitney Bowes did not answer in time. Orders may have been created.";
}

impl ProblemCode {
    /// The problem of that code.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl Serialize for ProblemCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
