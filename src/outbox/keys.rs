//! Where the table has what.
//!
//! | key | what is there |
//! |---|---|
//! | `m` | counters, cursors and times of the whole outbox |
//! | `o/<digest of the ids>` | what is known of an order |
//! | `b/<number>` | an order's bytes, until they are purged; those above the last batched number wait for a batch |
//! | `s/<batch>` | a batch: its orders, and what became of its attempts |
//! | `d/<number>`, `u/<number>` | where the record of a dead letter or of an unknown order is |
//! | `x/<event>` | an order that has ended: to be told, purged and forgotten |
//!
//! Numbers have 16 hexadecimal digits, so that the order of the keys is theirs. Ids go into keys as a digest: they may hold
//! anything.

use sha2::{Digest, Sha256};

pub(super) const META: &str = "m";
pub(super) const BATCHES: &str = "s/";

pub(super) fn content(number: u64) -> String {
    numbered("b/", number)
}

pub(super) fn batch(id: u64) -> String {
    numbered(BATCHES, id)
}

pub(super) fn event(event: u64) -> String {
    numbered("x/", event)
}

/// A key in the list with that prefix.
pub(super) fn numbered(prefix: &str, number: u64) -> String {
    format!("{prefix}{number:016x}")
}

/// The number in such a key.
pub(super) fn number_of(key: &str) -> Option<u64> {
    u64::from_str_radix(key.get(2..)?, 16).ok()
}

/// What no key with that prefix is after.
pub(super) fn end_of(prefix: &str) -> String {
    [prefix, "~"].concat()
}

/// Where the record of the order with these ids is. The length of the first tells where the second begins.
pub(super) fn order(client_id: &str, client_order_id: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{}:", client_id.len()));
    hash.update(client_id);
    hash.update(client_order_id);
    ["o/", &hex(&hash.finalize())].concat()
}

/// The SHA-256 of an order's bytes.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
