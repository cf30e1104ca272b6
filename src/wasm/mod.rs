//! The face to JavaScript: the only place that names `JsValue`, and without logic of its own.
//!
//! | module | what it carries over the border |
//! |---|---|
//! | `recovery` | the news of a panic, so that the glue can start afresh |
//! | `orders` | validator, fixes, builder, batches |
//! | `reader` | what reads streams; only with the feature `client` |
//! | `submit` | the client; only with the feature `client` |
//! | `broker`, `vault`, `ledger`, `emulator` | what answers requests; only with the feature `server` |
//! | `callers` | who is asking: sessions and signed requests; only with the feature `server` |
//! | `outbox`, `desk`, `errand`, `rows` | the outbox, what stands before it, what it is asked for, and its table |
//! | `lives` | what Durable Objects keep in memory between calls |
//! | `call` | options in: the fields of one plain object |
//! | `exchange` | a server's requests in, its answers out |
//! | `values` | reports out: plain objects, as JSON text by serde |
//! | `fetch`, `timers`, `entropy`, `storage`, `signal`, `bell` | the ports of the core, by what every runtime offers |
//!
//! Every export takes one plain object and gives a plain value or a promise of one. Strings never cross as such: the glue
//! that wasm-bindgen makes would copy them with the allocator of an instance that may just have died. Errors cross as plain
//! objects `{ code, message, .. }`; the glue in `pkg-template` makes real `Error`s of them.

#[cfg(any(feature = "client", feature = "server"))]
pub mod bell;
#[cfg(feature = "server")]
pub mod broker;
pub mod call;
#[cfg(feature = "server")]
pub mod callers;
#[cfg(feature = "server")]
pub mod desk;
#[cfg(feature = "server")]
pub mod emulator;
#[cfg(any(feature = "client", feature = "server"))]
pub mod entropy;
#[cfg(feature = "server")]
pub mod errand;
#[cfg(feature = "server")]
pub mod exchange;
#[cfg(any(feature = "client", feature = "server"))]
pub mod fetch;
#[cfg(feature = "server")]
pub mod ledger;
#[cfg(feature = "server")]
pub mod lives;
pub mod orders;
#[cfg(feature = "server")]
pub mod outbox;
#[cfg(feature = "client")]
pub mod reader;
pub mod recovery;
#[cfg(feature = "server")]
pub mod rows;
#[cfg(any(feature = "client", feature = "server"))]
pub mod signal;
#[cfg(feature = "server")]
pub mod storage;
#[cfg(feature = "client")]
pub mod submit;
#[cfg(any(feature = "client", feature = "server"))]
pub mod timers;
pub mod values;
#[cfg(feature = "server")]
pub mod vault;

#[cfg(feature = "panic-for-tests")]
pub mod breakage;

/// Smaller than the default one by 7 kB (2 kB once compressed), and not slower on reports.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
