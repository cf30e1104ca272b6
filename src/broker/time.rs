//! The one time budget of a request, and what each step may take of it.

use crate::ports::Clock;
use futures_util::future::{Either, select};
use std::{future::Future, pin::pin};

/// When the whole request must be answered. Steps that each have a limit of their own could together outlast the client, who
/// would then take an answer that is still on its way for lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    at_ms: u64,
}

/// Whose time was over first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// The step had its full time.
    Step,
    /// The request's time ended before the step's.
    Request,
}

impl Deadline {
    /// A deadline that many milliseconds from now.
    pub(super) fn of(clock: &impl Clock, ms: u64) -> Self {
        Self { at_ms: clock.now_ms().saturating_add(ms) }
    }

    /// How long the request still has, in milliseconds.
    pub(super) fn left_ms(self, clock: &impl Clock) -> u64 {
        self.at_ms.saturating_sub(clock.now_ms())
    }

    /// What the step gives, unless its own time or the request's is over first.
    pub(super) async fn within<T>(
        self,
        clock: &impl Clock,
        step_ms: u64,
        step: impl Future<Output = T>,
    ) -> Result<T, Late> {
        let left_ms = self.left_ms(clock);
        let late = if step_ms <= left_ms { Late::Step } else { Late::Request };
        within(clock, step_ms.min(left_ms), step).await.ok_or(late)
    }
}

/// What the future gives, unless the time is over first.
pub(crate) async fn within<T>(clock: &impl Clock, ms: u64, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(clock.sleep(ms))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(((), _)) => None,
    }
}
