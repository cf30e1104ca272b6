//! How often a caller may ask: a token bucket for each (as the generic cell rate algorithm of ITU-T I.371, which keeps one
//! number for each caller).
//!
//! The buckets are in the broker's memory. So they cost no call, and count what comes to one isolate; a caller who reaches
//! several has as many buckets. What counts across isolates is a merchant's own to give, as a hook.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
};

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

impl std::fmt::Debug for Caller<'_> {
    /// Neither the address nor the subject: both are of a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Address(_)) { "Address(..)" } else { "Subject(..)" })
    }
}

impl Rate {
    pub(super) const fn is_valid(self) -> bool {
        matches!(self.requests, 1..=1_000_000) && matches!(self.period_ms, 1..=0x7fff_ffff)
    }
}

/// The most callers that are told apart; beyond them the new ones share a bucket, so that memory stays bounded.
const MAX_CALLERS: usize = 10_000;
/// The bucket of those; no caller has this name.
const OTHERS: &str = "";

/// When each caller's bucket will be full, in parts of a millisecond: as many to one as the rate has requests. A search tree,
/// since no choice of names makes it slow.
#[derive(Debug, Default)]
pub(super) struct Buckets(RefCell<BTreeMap<String, u128>>);

impl Buckets {
    /// Takes one request out of the caller's bucket; if it is empty, how long until there is one, in milliseconds.
    pub(super) fn take(&self, rate: Rate, caller: &str, now_ms: u64) -> Result<(), u64> {
        let mut buckets = self.0.borrow_mut();
        let parts = u128::from(rate.requests);
        let now = u128::from(now_ms) * parts;
        let period = u128::from(rate.period_ms) * parts;
        let step = u128::from(rate.period_ms);
        let known = buckets.contains_key(caller);
        if !known && buckets.len() >= MAX_CALLERS {
            // A bucket that is full is like one that was never used.
            buckets.retain(|_, full_at| *full_at > now);
        }
        let name = if known || buckets.len() < MAX_CALLERS { caller } else { OTHERS };
        // No bucket lacks more than all: one that does was filled before the clock was set back.
        let full_at = buckets.get(name).map_or(now, |&full_at| full_at.clamp(now, now + period));
        let next = full_at + step;
        let is_empty = next > now + period;
        buckets.insert(name.to_owned(), if is_empty { full_at } else { next });
        if is_empty { Err(u64::try_from((next - now - period).div_ceil(parts)).unwrap_or(u64::MAX)) } else { Ok(()) }
    }
}

/// The name of the bucket of an address.
pub(super) fn network(address: &str) -> String {
    let address = address.trim();
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                [&Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string(), "/64"].concat()
            }
        },
        Ok(IpAddr::V4(address)) => address.to_string(),
        // Not of Cloudflare: all such callers share one bucket.
        Err(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn many_callers_take_no_more_memory_and_are_still_limited() {
        let buckets = Buckets::default();
        for caller in 0..MAX_CALLERS {
            assert_eq!(buckets.take(RATE, &format!("caller {caller}"), NOW_MS), Ok(()));
        }
        let passed = (0..100).filter(|caller| buckets.take(RATE, &format!("new {caller}"), NOW_MS).is_ok()).count();
        assert_eq!(passed, 3);
        assert_eq!(buckets.take(RATE, "caller 7", NOW_MS), Ok(()), "who is known keeps a bucket");
        assert!(buckets.0.borrow().len() <= MAX_CALLERS + 1);
        assert_eq!(buckets.take(RATE, "new 101", NOW_MS + 1000), Ok(()));
        assert_eq!(buckets.0.borrow().len(), 1);
    }

    #[test]
    fn addresses_of_one_network_share_a_bucket() {
        for (address, name) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:0DB8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("somebody", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(network(address), name);
        }
    }
}
