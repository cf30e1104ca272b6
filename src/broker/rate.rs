//! How often a caller may ask: a token bucket for each (as the generic cell rate algorithm of ITU-T I.371, which keeps one
//! number for each caller).
//!
//! The buckets are in the broker's memory. So they cost no call, and count what comes to one isolate; a caller who reaches
//! several has as many buckets. What counts across isolates is a merchant's own to give, as a hook.

use std::{cell::RefCell, collections::BTreeMap, fmt, mem, net::IpAddr};

/// So many requests in so long. They may come all at once; then they come back one by one, evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many, from 1 to 1,000,000.
    pub requests: u32,
    /// In how long, in milliseconds, from 1.
    pub period_ms: u64,
}

/// How often callers may ask; nothing for as often as they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// From one address, before `authorize` is asked. By the header field `CF-Connecting-IP`, which Cloudflare sets; requests
    /// without it are not counted. Default 200 in 10 s: many may be behind one address.
    pub address: Option<Rate>,
    /// By one subject, as `authorize` has found it. Default 100 in 10 s.
    pub subject: Option<Rate>,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |requests| Some(Rate { requests, period_ms: 10_000 });
        Self { address: rate(200), subject: rate(100) }
    }
}

/// Whose requests are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// All that come from one address; of IPv6 from one network of 64 bits, which is what one subscriber has.
    Address(&'a str),
    /// Those of one subject.
    Subject(&'a str),
}

impl fmt::Debug for Caller<'_> {
    /// Neither the address nor the subject: both are of a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Address(_)) { "Address(..)" } else { "Subject(..)" })
    }
}

impl Rate {
    pub(super) const fn is_valid(self) -> bool {
        matches!(self.requests, 1..=1_000_000) && matches!(self.period_ms, 1..=0x7fff_ffff)
    }
}

/// So many callers make a generation, so that memory stays bounded: whoever has come as one of the last so many keeps a bucket.
const MAX_CALLERS: usize = 10_000;

/// Buckets of one rate. A search tree, since no choice of names makes it slow.
#[derive(Default)]
pub(super) struct Buckets(RefCell<Generations>);

/// When each caller's bucket will be full, in parts of a millisecond: as many to one as the rate has requests. Those that nobody
/// has used for a period are full, which is like one that was never used; so they are forgotten, all at once. When there are too
/// many, those are forgotten that were not used for the longest time. A flood of made-up callers so gives some a full bucket too
/// early; it never locks out those who are new.
#[derive(Default)]
struct Generations {
    began_ms: u64,
    now: BTreeMap<String, u64>,
    before: BTreeMap<String, u64>,
}

impl fmt::Debug for Buckets {
    /// Without the callers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Buckets(..)")
    }
}

impl Buckets {
    /// Takes one request out of the caller's bucket; if it is empty, how long until there is one, in milliseconds.
    pub(super) fn take(&self, rate: Rate, caller: &str, now_ms: u64) -> Result<(), u64> {
        let mut buckets = self.0.borrow_mut();
        let is_full = buckets.now.len() >= MAX_CALLERS && !buckets.now.contains_key(caller);
        // A clock that was set back begins anew, too.
        if is_full || now_ms.abs_diff(buckets.began_ms) >= rate.period_ms {
            buckets.before = mem::take(&mut buckets.now);
            buckets.began_ms = now_ms;
        }
        let known = buckets.now.get(caller).or_else(|| buckets.before.get(caller)).copied();
        // The rate was checked: none of these numbers is too large.
        let parts = u64::from(rate.requests);
        let now = now_ms.saturating_mul(parts);
        let full = now.saturating_add(rate.period_ms.saturating_mul(parts));
        // No bucket lacks more than all: one that does was filled before the clock was set back.
        let full_at = known.unwrap_or(now).clamp(now, full);
        let next = full_at.saturating_add(rate.period_ms);
        let is_empty = next > full;
        buckets.now.insert(caller.to_owned(), if is_empty { full_at } else { next });
        if is_empty { Err(next.saturating_sub(full).div_ceil(parts)) } else { Ok(()) }
    }
}

/// The name of the bucket of an address.
pub(super) fn network(address: &str) -> String {
    // An address of IPv4 may be written as one of IPv6.
    match address.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        // Not of Cloudflare: all such callers share one bucket.
        Err(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: Rate = Rate { requests: 3, period_ms: 1000 };
    const NOW_MS: u64 = 1_800_000_000_000;

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let buckets = Buckets::default();
        for _ in 0..3 {
            assert_eq!(buckets.take(RATE, "a", NOW_MS), Ok(()));
        }
        assert_eq!(buckets.take(RATE, "a", NOW_MS), Err(334));
        assert_eq!(buckets.take(RATE, "a", NOW_MS + 333), Err(1));
        assert_eq!(buckets.take(RATE, "a", NOW_MS + 334), Ok(()));
        assert_eq!(buckets.take(RATE, "a", NOW_MS + 334), Err(333));
        assert_eq!(buckets.take(RATE, "b", NOW_MS + 334), Ok(()), "another caller has another bucket");
        for _ in 0..3 {
            assert_eq!(buckets.take(RATE, "a", NOW_MS + 60_000), Ok(()));
        }
        assert!(buckets.take(RATE, "a", NOW_MS + 60_000).is_err(), "a bucket holds no more than its burst");
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_longer_than_a_period() {
        let buckets = Buckets::default();
        for _ in 0..3 {
            assert_eq!(buckets.take(RATE, "a", NOW_MS + 3_600_000), Ok(()));
        }
        assert_eq!(buckets.take(RATE, "a", NOW_MS), Err(334));
        assert_eq!(buckets.take(RATE, "a", NOW_MS + 334), Ok(()));
    }

    #[test]
    fn a_bucket_that_is_in_use_is_not_forgotten() {
        let buckets = Buckets::default();
        let passed = (0..100).filter(|turn| buckets.take(RATE, "a", NOW_MS + turn * 100).is_ok()).count();
        // Three at once, and three in each of the ten seconds.
        assert!((31..=33).contains(&passed), "{passed}");
    }

    fn kept(buckets: &Buckets) -> usize {
        buckets.0.borrow().now.len() + buckets.0.borrow().before.len()
    }

    #[test]
    fn many_callers_take_no_more_memory_and_lock_nobody_out() {
        let buckets = Buckets::default();
        for caller in 0..5 * MAX_CALLERS {
            assert_eq!(buckets.take(RATE, &format!("made up {caller}"), NOW_MS), Ok(()));
            assert!(kept(&buckets) <= 2 * MAX_CALLERS);
        }
        for caller in ["new", "another"] {
            for _ in 0..3 {
                assert_eq!(buckets.take(RATE, caller, NOW_MS), Ok(()));
            }
            assert_eq!(buckets.take(RATE, caller, NOW_MS), Err(334), "each is counted by itself");
        }
        assert_eq!(buckets.take(RATE, "new", NOW_MS + 1000), Ok(()));
        assert_eq!(buckets.take(RATE, "new", NOW_MS + 2000), Ok(()));
        assert_eq!(kept(&buckets), 2, "all but the one are forgotten, which is in both generations");
    }

    #[test]
    fn a_caller_who_comes_again_among_many_is_still_limited() {
        let buckets = Buckets::default();
        let mut passed = 0;
        for caller in 0..5 * MAX_CALLERS {
            assert_eq!(buckets.take(RATE, &format!("made up {caller}"), NOW_MS), Ok(()));
            if caller % (MAX_CALLERS - 1) == 0 {
                passed += (0..4).filter(|_| buckets.take(RATE, "greedy", NOW_MS).is_ok()).count();
            }
        }
        assert_eq!(passed, 3);
    }

    #[test]
    fn addresses_of_one_network_share_a_bucket() {
        for (address, name) in [
            ("192.0.2.1", "192.0.2.1"),
            (" 192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:0DB8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("::FFFF:c000:0201", "192.0.2.1"),
            ("somebody", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(network(address), name);
        }
    }

    proptest! {
        #[test]
        fn requests_pass_as_from_a_bucket_that_fills_evenly(
            requests in 1u32..50,
            period_ms in 1u64..5_000,
            steps in prop::collection::vec(0u64..400, 1..300),
        ) {
            let (rate, buckets) = (Rate { requests, period_ms }, Buckets::default());
            // A request costs as much as flows in over a period for each request, in whole numbers.
            let (inflow, cost) = (u64::from(requests), period_ms);
            let (mut held, mut now_ms) = (inflow * cost, NOW_MS);
            for step in steps {
                now_ms += step;
                held = (held + step * inflow).min(inflow * cost);
                let taken = buckets.take(rate, "a", now_ms);
                prop_assert_eq!(taken.is_ok(), held >= cost);
                match taken {
                    Ok(()) => held -= cost,
                    Err(wait_ms) => prop_assert!(held + wait_ms * inflow >= cost && held + (wait_ms - 1) * inflow < cost),
                }
            }
        }
    }
}
