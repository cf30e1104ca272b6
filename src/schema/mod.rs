//! How an object of the API is described, and what is derived from a description: TypeScript types, JSON Schema, hints for
//! form fields and the reference page. The descriptions themselves are in [`crate::model`].

mod describe;
mod hints;
mod json_schema;
mod kinds;
#[macro_use]
mod object;
mod reference;
mod typescript;

pub use describe::{Described, Field, Kind, Presence, Provenance, Shape};
pub use hints::{Hints, hints};
pub use json_schema::json_schema;
pub use kinds::{Amount, CountryCode, CurrencyCode, DateTime, Opaque, PostalCode};
pub(crate) use object::{field_type, object};
pub use reference::reference;
pub use typescript::typescript;
