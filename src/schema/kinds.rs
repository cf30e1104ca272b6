//! The Rust types of single values. Texts with a form of their own are types of their own, so that a signature tells what
//! is meant; they do not check it, the validator does.

use super::{Described, Kind};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;
use std::fmt;

impl Described for String {
    const KIND: Kind = Kind::Text;
}

impl Described for bool {
    const KIND: Kind = Kind::Boolean;
}

impl<T: Described> Described for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
}

macro_rules! text {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl Described for $name {
            const KIND: Kind = kind!($name);
        }

        text!(@from $name);
    )+};
    (@from $name:ident) => {
        impl<T: Into<String>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! kind {
    (DateTime) => {
        Kind::DateTime
    };
    (CountryCode) => {
        Kind::Country
    };
    (CurrencyCode) => {
        Kind::Currency
    };
}

text! {
    /// A date and time `YYYY-MM-DDThh:mm:ssZ` (ISO 8601, UTC).
    DateTime;
    /// A country: two capitals of ISO 3166-1 alpha-2.
    CountryCode;
    /// A currency: three capitals of ISO 4217.
    CurrencyCode;
}

/// A postal code. It is text; the API's own sample has a number, so a number is read too and becomes its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct PostalCode(pub String);

text!(@from PostalCode);

impl Described for PostalCode {
    const KIND: Kind = Kind::PostalCode;
}

impl<'de> Deserialize<'de> for PostalCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum TextOrNumber {
            Text(String),
            Number(u64),
        }
        Ok(Self(match TextOrNumber::deserialize(deserializer)? {
            TextOrNumber::Text(text) => text,
            TextOrNumber::Number(number) => number.to_string(),
        }))
    }
}

/// An amount or another number, kept as the text it was written with: `19.90` stays `19.90`, and no binary float touches
/// it. It is a JSON number for `serde_json`; other formats may show its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Amount(String);

impl Amount {
    /// The amount with this text.
    ///
    /// # Errors
    /// Gives the text back if it is not a JSON number.
    pub fn new(text: impl Into<String>) -> Result<Self, String> {
        let text = text.into();
        if crate::json::is_number(&text) { Ok(Self(text)) } else { Err(text) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<i64> for Amount {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Described for Amount {
    const KIND: Kind = Kind::Number;
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::new(raw.get()).map_err(|text| D::Error::custom(format_args!("expected a number, found {text}")))
    }
}

/// A value of a reserved field, whatever it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Opaque(pub serde_json::Value);

impl Described for Opaque {
    const KIND: Kind = Kind::Any;
}
