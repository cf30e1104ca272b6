//! What becomes of orders, whatever the broker does, on virtual time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, unreachable_pub, reason = "tests")]

mod any_broker;
mod bench;
mod doubt;
mod ledger;
mod parts;
mod replies;
mod retries;
mod sending;
mod stopping;
#[path = "../support/mod.rs"]
mod support;
