//! What a submission tells while it runs.

use super::{Counts, ErrorCode, OrderResult};
use serde::Serialize;

/// Listens to a submission. After a panic, what was heard is enough to give every order its outcome: what has a result
/// keeps it, what was in a request and has none is unknown, all else was not sent.
pub trait Observer {
    /// Something happened on the way.
    fn event(&self, event: &Event<'_>) {
        let _ = event;
    }

    /// Orders have got their results. Each result is told exactly once.
    fn progress(&self, progress: &Progress<'_>) {
        let _ = progress;
    }
}

/// Listens to nothing.
impl Observer for () {}

/// Something that happened on the way.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event<'a> {
    /// The submission begins.
    Plan {
        /// Its id.
        submission_id: &'a str,
        /// Which order of the whole input the first one is: 0, unless these are a part of a stream.
        first_order: usize,
        /// The `clientOrderId` of each order.
        client_order_ids: Vec<Option<&'a str>>,
        /// How many batches are to be sent.
        batches: usize,
    },
    /// A request leaves.
    Request {
        /// The batch; also its idempotency key.
        batch_id: &'a str,
        /// From 1.
        attempt: u32,
        /// Indices of its orders in the input.
        orders: Vec<usize>,
    },
    /// An answer was read to its end.
    Response {
        /// The batch.
        batch_id: &'a str,
        /// From 1.
        attempt: u32,
        /// The status of the answer.
        status: u16,
        /// How long it took.
        duration_ms: u64,
        /// The id under which the broker's log knows the request.
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<&'a str>,
    },
    /// No whole answer came.
    Failure {
        /// The batch.
        batch_id: &'a str,
        /// From 1.
        attempt: u32,
        /// Why.
        code: ErrorCode,
        /// How long it took.
        duration_ms: u64,
    },
    /// The request will be sent again.
    Retry {
        /// The batch.
        batch_id: &'a str,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// Why.
        code: ErrorCode,
        /// How long it waits first.
        delay_ms: u64,
    },
}

/// How far a submission has come.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress<'a> {
    /// The submission.
    pub submission_id: &'a str,
    /// How many orders it has.
    pub total: usize,
    /// How many have a result.
    pub done: usize,
    /// How many have each outcome.
    pub counts: Counts,
    /// The batches.
    pub batches: BatchProgress,
    /// The results since the last time, in input order.
    pub results: &'a [OrderResult],
}

/// How many batches there are, and how many have ended. A batch of which orders were refused goes on with the others and
/// counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BatchProgress {
    /// All that are to be sent.
    pub total: usize,
    /// Those that have ended.
    pub done: usize,
}
