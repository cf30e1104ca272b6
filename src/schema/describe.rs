//! The vocabulary of a description.

use crate::text::append;
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

impl Provenance {
    /// The name in reports and in the reference.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Sample => "sample",
            Self::Inferred => "inferred",
            Self::Json => "json",
            Self::Package => "package",
        }
    }
}

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must be there, and text must not be empty.
    Required,
    /// It may be left out.
    Optional,
    /// The API keeps it for future use: it may be sent and does nothing.
    Reserved,
}

/// What kind of JSON value a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A string.
    Text,
    /// A string `YYYY-MM-DDThh:mm:ssZ`.
    DateTime,
    /// A string: ISO 3166-1 alpha-2.
    Country,
    /// A string: ISO 4217.
    Currency,
    /// A string: a postal code. A number is taken too, since the API's own sample has one.
    PostalCode,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An object of a shape.
    Object(&'static Shape),
    /// An array of one kind of value.
    List(&'static Self),
    /// Anything: the API reserves the field and does not say what will be in it.
    Any,
}

/// A Rust type that stands for a kind of value.
pub trait Described {
    /// The kind.
    const KIND: Kind;

    /// Whether the field is left out when its object is written: absent stays absent, never `null`.
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Described> Described for Option<T> {
    const KIND: Kind = T::KIND;

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// An object of the API.
#[derive(Debug)]
pub struct Shape {
    /// Its name in TypeScript and JSON Schema.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// The page of the API's reference that describes it.
    pub source: &'static str,
    /// Its fields, in the order of that page; at most 64.
    pub fields: &'static [Field],
    /// The fields that must be there, by their place: one bit each.
    pub(crate) required: u64,
}

impl Shape {
    pub(crate) const fn new(
        name: &'static str,
        description: &'static str,
        source: &'static str,
        fields: &'static [Field],
    ) -> Self {
        assert!(fields.len() <= 64, "a field is a bit of a u64");
        let (mut required, mut index) = (0, 0);
        while index < fields.len() {
            #[allow(clippy::indexing_slicing, reason = "runs when the crate is compiled")]
            if matches!(fields[index].presence, Presence::Required) {
                required |= 1 << index;
            }
            index += 1;
        }
        Self { name, description: for_people(description), source: for_people(source), fields, required }
    }

    /// Where the field of that name stands among the fields. For constants: a name that is not there does not compile.
    pub(crate) const fn position(&self, name: &str) -> usize {
        let mut index = 0;
        while index < self.fields.len() {
            #[allow(clippy::indexing_slicing, reason = "runs when the crate is compiled")]
            if equal(self.fields[index].name, name) {
                return index;
            }
            index += 1;
        }
        #[allow(clippy::panic, reason = "runs when the crate is compiled")]
        {
            panic!("the shape has no field of that name")
        }
    }
}

#[allow(clippy::indexing_slicing, reason = "runs when the crate is compiled")]
const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    index == a.len() && index == b.len()
}

/// What only people read. The program for JavaScript goes without: its package has the same texts in its JSON Schema.
const fn for_people(text: &'static str) -> &'static str {
    if cfg!(all(feature = "wasm", target_family = "wasm")) { "" } else { text }
}

/// A field of an object.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// Its name in the API.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub presence: Presence,
    /// How it and its limits are known.
    pub provenance: Provenance,
    /// A name for people, if the one made from `name` would not do.
    pub label: Option<&'static str>,
    /// How many characters text may have, in Unicode code points; of a list of texts, each of them.
    pub max: Option<u32>,
    /// How many entries a list may have.
    pub max_items: Option<u32>,
    /// How many entries a list must have.
    pub min_items: Option<u32>,
    /// The values it takes; any if empty.
    pub values: &'static [&'static str],
    /// Those of the values that are reserved for future use.
    pub reserved_values: &'static [&'static str],
    /// What the API takes if the field is left out.
    pub default: Option<&'static str>,
    /// Whether a number must be above zero, and how that is known.
    pub above_zero: Option<Provenance>,
}

impl Field {
    pub(crate) const fn new(
        name: &'static str,
        description: &'static str,
        kind: Kind,
        presence: Presence,
        provenance: Provenance,
    ) -> Self {
        Self {
            name,
            description: for_people(description),
            kind,
            presence,
            provenance,
            label: None,
            max: None,
            max_items: None,
            min_items: None,
            values: &[],
            reserved_values: &[],
            default: None,
            above_zero: None,
        }
    }

    pub(crate) const fn label(self, label: &'static str) -> Self {
        Self { label: Some(label), ..self }
    }

    pub(crate) const fn max(self, max: u32) -> Self {
        Self { max: Some(max), ..self }
    }

    pub(crate) const fn max_items(self, max: u32) -> Self {
        Self { max_items: Some(max), ..self }
    }

    pub(crate) const fn min_items(self, min: u32) -> Self {
        Self { min_items: Some(min), ..self }
    }

    pub(crate) const fn values(self, values: &'static [&'static str]) -> Self {
        Self { values, ..self }
    }

    pub(crate) const fn reserved_values(self, reserved_values: &'static [&'static str]) -> Self {
        Self { reserved_values, ..self }
    }

    pub(crate) const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    pub(crate) const fn above_zero(self, provenance: Provenance) -> Self {
        Self { above_zero: Some(provenance), ..self }
    }

    /// Whether that is its name. The length and one letter tell it from most others, so that texts are seldom compared.
    #[inline]
    pub(crate) fn is_named(&self, name: &[u8]) -> bool {
        let own = self.name.as_bytes();
        own.len() == name.len() && own.get(own.len() / 2) == name.get(own.len() / 2) && own == name
    }

    /// The field's name for people, in lower case as within a sentence: `postalCode` is "postal code".
    #[must_use]
    pub fn label_text(&self) -> String {
        let mut out = String::new();
        self.write_label(&mut out);
        out
    }

    /// Appends the field's name for people.
    pub(crate) fn write_label(&self, out: &mut String) {
        if let Some(label) = self.label {
            append(out, label);
            return;
        }
        for byte in self.name.bytes() {
            if byte.is_ascii_uppercase() {
                out.push(' ');
            }
            out.push(char::from(byte.to_ascii_lowercase()));
        }
    }
}
