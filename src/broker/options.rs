//! How a broker is set up.

use super::{rate::Rates, upstream::Upstream};
use crate::validate::{Code, Severity};

/// Fixed when the broker is made; nothing in a request changes it.
#[derive(Clone, Debug)]
pub struct BrokerOptions {
    /// The API to send orders to.
    pub upstream: Upstream,
    /// What precedes the broker's routes in a path, such as `/api`; empty by default.
    pub base_path: String,
    /// Origins of the pages that may use the broker, such as `https://shop.example.com`.
    pub allowed_origins: Vec<String>,
    /// Whether programs that send no `Origin` may use the broker; `authorize` still has to know them. Browsers send one with
    /// each POST. Default no.
    pub allow_missing_origin: bool,
    /// Whether pages of other origins may send cookies. Default no.
    pub allow_credentials: bool,
    /// Header fields that pages may send besides those of this package and `Authorization`.
    pub allowed_headers: Vec<String>,
    /// Severities of rules that differ from their defaults; the same as the page's.
    pub severity: Vec<(Code, Option<Severity>)>,
    /// What a request may cost.
    pub limits: Limits,
    /// How often a caller may ask.
    pub rates: Rates,
}

/// What a request may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest body in bytes. Default 8 MiB, far above 200 usual orders.
    pub max_body_bytes: usize,
    /// How many issues an answer lists. Default 1,000.
    pub max_issues: usize,
    /// How long the whole request may take, in milliseconds; each step has what the ones before it left. Default 28,000, so
    /// that the answer comes before a client with its default of 30,000 gives up.
    pub request_timeout_ms: u64,
    /// How long one call to the API may take, in milliseconds. Default 25,000. A call is begun only if 5,000 are left of the
    /// request's time, or this if it is less: one that was not begun provably created nothing. More than the request's time
    /// has no effect.
    pub upstream_timeout_ms: u64,
    /// How long getting a token may take, in milliseconds. Default 15,000.
    pub token_timeout_ms: u64,
    /// How long one of the merchant's hooks may take, in milliseconds. Default 10,000.
    pub hook_timeout_ms: u64,
    /// How long the ledger, if there is one, may take to let a request go, in milliseconds. Default 5,000.
    pub ledger_timeout_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 8 << 20,
            max_issues: 1000,
            request_timeout_ms: 28_000,
            upstream_timeout_ms: 25_000,
            token_timeout_ms: 15_000,
            hook_timeout_ms: 10_000,
            ledger_timeout_ms: 5_000,
        }
    }
}

impl Limits {
    /// A call to the API is not begun with less time left.
    pub(super) fn least_upstream_ms(&self) -> u64 {
        self.upstream_timeout_ms.min(LEAST_UPSTREAM_MS)
    }
}

/// Long enough for the reply to a full batch to be likely.
const LEAST_UPSTREAM_MS: u64 = 5_000;

/// Options that make no safe broker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerOptionsError {
    /// An entry of `allowed_origins` is no origin.
    #[error("{0:?} is no origin; an origin is a scheme and a host such as https://shop.example.com, without a path")]
    Origin(String),
    /// `base_path` is neither empty nor a path.
    #[error("{0:?} is no base path; a base path begins with a slash and does not end with one, such as /api")]
    BasePath(String),
    /// An entry of `allowed_headers` is no field name.
    #[error("{0:?} is no name of a header field")]
    Header(String),
    /// A rate has no requests or no time, or more than can be counted.
    #[error(
        "a rate must have 1 to 1,000,000 requests in 1 to 2,147,483,647 milliseconds, not {requests} in {period_ms}"
    )]
    Rate {
        /// How many requests were given.
        requests: u32,
        /// In how long, in milliseconds.
        period_ms: u64,
    },
    /// `limits.request_timeout_ms` would end every request before the API is asked.
    #[error(
        "the request timeout of {given_ms} ms leaves no time to ask the API; it must be at least {least_ms} ms with this upstream timeout"
    )]
    RequestTimeout {
        /// What was given, in milliseconds.
        given_ms: u64,
        /// The least that would serve, in milliseconds.
        least_ms: u64,
    },
}

impl BrokerOptions {
    /// Options for an upstream and the origins of one's pages, all else by default.
    #[must_use]
    pub fn new(upstream: Upstream, allowed_origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            upstream,
            base_path: String::new(),
            allowed_origins: allowed_origins.into_iter().map(Into::into).collect(),
            allow_missing_origin: false,
            allow_credentials: false,
            allowed_headers: Vec::new(),
            severity: Vec::new(),
            limits: Limits::default(),
            rates: Rates::default(),
        }
    }

    /// Finds what would never match, or match too much.
    pub(super) fn check(&self) -> Result<(), BrokerOptionsError> {
        if let Some(origin) = self.allowed_origins.iter().find(|origin| !is_origin(origin)) {
            return Err(BrokerOptionsError::Origin(origin.clone()));
        }
        let base = &self.base_path;
        if !base.is_empty() && (!base.starts_with('/') || base.ends_with('/') || base.contains(['?', '#'])) {
            return Err(BrokerOptionsError::BasePath(base.clone()));
        }
        let (given_ms, least_ms) = (self.limits.request_timeout_ms, self.limits.least_upstream_ms());
        if given_ms < least_ms {
            return Err(BrokerOptionsError::RequestTimeout { given_ms, least_ms });
        }
        let rates = [self.rates.address, self.rates.subject];
        if let Some(rate) = rates.into_iter().flatten().find(|rate| !rate.is_valid()) {
            return Err(BrokerOptionsError::Rate { requests: rate.requests, period_ms: rate.period_ms });
        }
        let is_name = |name: &&String| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        match self.allowed_headers.iter().find(|name| !is_name(name)) {
            Some(name) => Err(BrokerOptionsError::Header(name.clone())),
            None => Ok(()),
        }
    }
}

/// An origin as browsers send it: scheme and host, perhaps a port. Neither `*` nor `null`.
pub(super) fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let plain = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !b"/?#@*,\\\"".contains(&byte);
    !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_lowercase() || b"-+.".contains(&byte))
        && !host.is_empty()
        && host.bytes().all(plain)
}
