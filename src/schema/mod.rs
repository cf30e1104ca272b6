//! How an object of the API is described.

use serde::Serialize;

/// How a rule or a field is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// The API's reference says so.
    Documented,
    /// A sample of the reference shows it.
    Sample,
    /// Nothing says so; it follows from what the field is for.
    Inferred,
    /// JSON itself or its interoperability demands it (RFC 8259).
    Json,
    /// A limit of this package, which an option sets.
    Package,
}
