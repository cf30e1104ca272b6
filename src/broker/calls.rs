//! Leases of calls: so many may begin in a second, whoever asks, so that callers side by side together keep the API's rate.
//!
//! The API documents about 100 calls a second for each operation and developer. A lease is good for a while from before it was
//! asked for, by the holder's own clock: for [`LEASE_MS`], or longer if the holder is far away and says so. A vault counts each for
//! a second and that while, and never has more than the rate out. So no second sees more calls begin, whatever the leases took on
//! their way, and the clocks of vault and holder need not agree.

use crate::ports::{Clock, StoreError};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// How many calls of one operation may begin in a second (documented: traffic-shaping).
pub const CALLS_PER_SECOND: u32 = 100;
/// How long a lease is good for where nobody asks for more, in milliseconds, counted from before it was asked for.
pub const LEASE_MS: u64 = 250;
/// The longest that a lease is good for, in milliseconds. The longer it is, the fewer can be given out.
pub const MAX_LEASE_MS: u64 = 2_000;

/// What was leased for so long more than this before now cannot begin within a second of now, in milliseconds. What it has above
/// both is for a runtime whose clock stands still while it computes.
const fn window_ms(good_ms: u64) -> u64 {
    1_000 + good_ms + 50
}

/// What was leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// How many calls may begin.
    pub granted: u32,
    /// Within which time from before the lease was asked for they may begin, in milliseconds.
    pub good_ms: u64,
    /// When none was granted: how long to wait before asking again, in milliseconds.
    pub wait_ms: u64,
}

/// Where leases are had: the vault of the credentials.
#[allow(async_fn_in_trait, reason = "an isolate has one thread, so no bound is wanted")]
pub trait Calls {
    /// Asks for the right to begin that many calls of an operation, which is named by its path, within so many milliseconds; up to
    /// [`MAX_LEASE_MS`].
    async fn lease_calls(&self, operation: &str, wanted: u32, good_ms: u64) -> Result<Lease, StoreError>;
}

impl<T: Calls> Calls for Rc<T> {
    async fn lease_calls(&self, operation: &str, wanted: u32, good_ms: u64) -> Result<Lease, StoreError> {
        (**self).lease_calls(operation, wanted, good_ms).await
    }
}

/// The leases of one vault. They are in memory alone: one that has just begun grants nothing until all that an earlier life can
/// have leased is over. The same when its clock is set back. A clock that is set ahead it cannot notice.
#[derive(Debug)]
pub struct CallLeases<C> {
    clock: C,
    rate: u32,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    /// Nothing is granted before.
    from_ms: u64,
    /// The last reading of the clock.
    seen_ms: u64,
    /// What each operation was granted and still counts: until when, and how many.
    granted: BTreeMap<String, BTreeMap<u64, u32>>,
}

impl<C: Clock> CallLeases<C> {
    /// Leases of that many calls a second for each operation; at least one.
    pub fn new(clock: C, rate: u32) -> Self {
        let seen_ms = clock.now_ms();
        let from_ms = seen_ms.saturating_add(window_ms(MAX_LEASE_MS));
        Self { clock, rate: rate.max(1), state: RefCell::new(State { from_ms, seen_ms, granted: BTreeMap::new() }) }
    }

    /// Grants as many of the wanted calls as may begin within so many milliseconds, up to [`MAX_LEASE_MS`].
    pub fn lease(&self, operation: &str, wanted: u32, good_ms: u64) -> Lease {
        let good_ms = good_ms.min(MAX_LEASE_MS);
        let now_ms = self.clock.now_ms();
        let mut state = self.state.borrow_mut();
        if now_ms < state.seen_ms {
            // How long ago the last grants were can no longer be told.
            state.granted.clear();
            state.from_ms = now_ms.saturating_add(window_ms(MAX_LEASE_MS));
        }
        state.seen_ms = now_ms;
        if now_ms < state.from_ms {
            return Lease { granted: 0, good_ms, wait_ms: state.from_ms - now_ms };
        }
        state.granted.retain(|_, granted| {
            granted.retain(|until_ms, _| *until_ms > now_ms);
            !granted.is_empty()
        });
        let granted = state.granted.entry(operation.to_owned()).or_default();
        let used: u32 = granted.values().sum();
        let free = self.rate.saturating_sub(used).min(wanted);
        if free > 0 {
            let until_ms = now_ms.saturating_add(window_ms(good_ms));
            *granted.entry(until_ms).or_default() += free;
            return Lease { granted: free, good_ms, wait_ms: 0 };
        }
        let next_ms = granted.keys().next().map_or(now_ms, |until_ms| *until_ms);
        Lease { granted: 0, good_ms, wait_ms: next_ms.saturating_sub(now_ms) }
    }
}

impl<C: Clock> Calls for CallLeases<C> {
    async fn lease_calls(&self, operation: &str, wanted: u32, good_ms: u64) -> Result<Lease, StoreError> {
        Ok(self.lease(operation, wanted, good_ms))
    }
}
