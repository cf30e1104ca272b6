//! The outbox, with the emulator behind it, on virtual time.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "the helpers of a test may fail it")]

#[path = "../support/mod.rs"]
mod support;

mod accept;
mod calls;
mod crash;
mod desk;
mod large;
mod lists;
mod refused;
mod send;
mod tidy;
mod upstream;
mod world;
