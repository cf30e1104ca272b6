//! How an outbox is set up.

use crate::{
    broker::{Limits, Upstream},
    validate::{Code, Severity},
    wire::OnAmbiguous,
};

/// Fixed when the outbox is made; nothing in a request changes it. Times are in milliseconds.
#[derive(Clone, Debug)]
pub struct OutboxOptions {
    /// The API to send orders to.
    pub upstream: Upstream,
    /// Severities of rules that differ from their defaults; the same as the page's.
    pub severity: Vec<(Code, Option<Severity>)>,
    /// What to do with the orders of a call of which nobody knows what became. Default to report them as unknown.
    pub on_ambiguous: OnAmbiguous,
    /// How long an order waits at most for others to travel with. 200 that wait leave at once. Default 1,000.
    pub delay_ms: u64,
    /// How long an order is tried, from when it was stored; then it is dead. Default 86,400,000 (24 hours).
    pub give_up_after_ms: u64,
    /// How long an order's data is kept once it has ended. What stays is ids and outcome. Default 604,800,000 (7 days).
    pub purge_after_ms: u64,
    /// How long ids and outcome are kept once an order has ended, at least as long as its data. What is on a list stays until it
    /// is dismissed. Default 7,776,000,000 (90 days).
    pub forget_after_ms: u64,
    /// What the outbox takes, and how much it does side by side.
    pub limits: OutboxLimits,
}

/// What an outbox takes, and how much it does side by side. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxLimits {
    /// The largest body in bytes. Default 8 MiB.
    pub max_body_bytes: usize,
    /// How many issues an answer lists. Default 1,000.
    pub max_issues: usize,
    /// How many orders one request may have. Default 1,000.
    pub max_orders: usize,
    /// How many orders may wait in one outbox. Default 100,000.
    pub max_pending: u64,
    /// How many calls to the API are under way at a time. Default 4.
    pub concurrency: usize,
    /// How many calls one turn of work makes at most; the next turn follows at once. Default 12: with a token and a lease for each
    /// they stay below the 50 subrequests that a Worker of the free plan may make in one invocation.
    pub calls_per_turn: usize,
    /// How many outcomes one turn of work tells of at most; the next turn follows at once. Default 400.
    pub outcomes_per_turn: usize,
    /// How long one call to the API may take. Default 30,000.
    pub upstream_timeout_ms: u64,
    /// How long getting a token may take. Default 15,000.
    pub token_timeout_ms: u64,
    /// How long getting the right to make a call may take. Default 10,000.
    pub lease_timeout_ms: u64,
    /// How long telling of outcomes may take, up to 100 at a time. Default 30,000.
    pub tell_timeout_ms: u64,
}

impl Default for OutboxLimits {
    fn default() -> Self {
        Self {
            max_body_bytes: 8 << 20,
            max_issues: 1000,
            max_orders: 1000,
            max_pending: 100_000,
            concurrency: 4,
            calls_per_turn: 12,
            outcomes_per_turn: 400,
            upstream_timeout_ms: 30_000,
            token_timeout_ms: 15_000,
            lease_timeout_ms: 10_000,
            tell_timeout_ms: 30_000,
        }
    }
}

impl OutboxLimits {
    /// Those that the validation shares with the broker.
    pub(super) fn of_validation(&self) -> Limits {
        Limits { max_body_bytes: self.max_body_bytes, max_issues: self.max_issues, ..Limits::default() }
    }
}

impl OutboxOptions {
    /// Options for an upstream, all else by default.
    #[must_use]
    pub fn new(upstream: Upstream) -> Self {
        Self {
            upstream,
            severity: Vec::new(),
            on_ambiguous: OnAmbiguous::default(),
            delay_ms: 1_000,
            give_up_after_ms: 24 * 3_600_000,
            purge_after_ms: 7 * 24 * 3_600_000,
            forget_after_ms: 90 * 24 * 3_600_000,
            limits: OutboxLimits::default(),
        }
    }

    /// How long ids and outcome are kept.
    pub(super) fn forget_after_ms(&self) -> u64 {
        self.forget_after_ms.max(self.purge_after_ms)
    }
}
