//! Build, validate and submit Pitney Bowes Fulfillment orders.
//!
//! ```text
//! wasm ──> client, outbox, broker, emulator ──> wire ──> batch, build ──> validate ──> model ──> schema ──> json ──> text
//!                   └──> ports
//! ```
//!
//! Imports run along the arrows only, and `client` knows neither `broker` nor `emulator`; `outbox` builds on `broker`. Nothing but what implements the
//! [`ports`] does I/O.

pub mod batch;
#[cfg(feature = "server")]
pub mod broker;
pub mod build;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "server")]
pub mod emulator;
pub mod json;
pub mod model;
#[cfg(feature = "server")]
pub mod outbox;
pub mod ports;
pub mod schema;
mod text;
pub mod validate;
#[cfg(feature = "wasm")]
pub mod wasm;
pub mod wire;
