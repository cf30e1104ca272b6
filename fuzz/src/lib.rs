//! What the fuzz targets check. Each target is a plain function that panics if something does not hold, so that the seeds are
//! also run as ordinary tests.
//!
//! Inputs are text that a person can read: JSON for the validator's targets, a list of what happens for the outbox,
//! HTTP messages for the others. A JSON input that
//! begins with a zero byte is a recipe for one instead, which reaches the rules sooner than changed bytes do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a target fails by a panic")]

pub mod broker;
pub mod errors;
pub mod fixes;
pub mod outbox;
pub mod spans;
pub mod validator;

mod document;
mod message;
mod reference;

#[path = "../../tests/harness/mod.rs"]
mod harness;
#[path = "../../tests/support/mod.rs"]
mod support;
#[allow(dead_code, reason = "the tests of the outbox use all of it")]
#[path = "../../tests/outbox/world.rs"]
mod world;

/// A target by its name, as the seeds' folders are named.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("validator", validator::check),
    ("spans", spans::check),
    ("fixes", fixes::check),
    ("broker", broker::check),
    ("errors", errors::check),
    ("outbox", outbox::check),
];
