//! What the validator says about an input: issues, and the codes that name their rules.

use crate::{json::Position, json::Span, schema::Provenance};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// How grave an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The order can be sent, and may not be what was meant.
    Warning,
    /// The order is not sent.
    Error,
}

/// Declares the codes: variant, name, default severity, provenance.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $severity:ident $provenance:ident;)+) => {
        /// The rules, by stable codes. A code never changes its meaning; new ones may come.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in reports and options.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The severity where nothing else is set. Rules that come from a field's table take it from the field's
            /// provenance instead: documented ones are errors, all others warnings.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// Where the rule comes from, unless it is a field's own.
            #[must_use]
            pub const fn provenance(self) -> Provenance {
                match self { $(Self::$variant => Provenance::$provenance,)+ }
            }

            /// What the rule demands, for the reference.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+),)+ }
            }
        }
    };
}

codes! {
    /// The text is not JSON (RFC 8259).
    JsonSyntax "json_syntax" Error Json;
    /// The bytes are not UTF-8.
    InvalidUtf8 "invalid_utf8" Error Json;
    /// The input is larger than `maxBytes`.
    TooLarge "too_large" Error Package;
    /// Values are nested deeper than the validator follows.
    TooDeep "too_deep" Error Package;
    /// An object names the same key twice, and readers differ in which one they take.
    DuplicateKey "duplicate_key" Error Json;
    /// A string holds half of a surrogate pair, which is no character.
    LoneSurrogate "lone_surrogate" Error Json;
    /// A number is beyond what a double can hold.
    NumberRange "number_range" Error Json;
    /// The value has another JSON type than the field.
    Type "type" Error Documented;
    /// A required field is missing or empty.
    Required "required" Error Documented;
    /// Text has more characters (Unicode code points) than the field takes.
    TooLong "too_long" Error Documented;
    /// A list has more entries than the field takes.
    TooMany "too_many" Error Documented;
    /// One request has more than 200 orders.
    TooManyOrders "too_many_orders" Error Documented;
    /// The value is not one of those that the field takes.
    NotAllowed "not_allowed" Error Documented;
    /// The field is reserved for future use.
    ReservedField "reserved_field" Warning Documented;
    /// The value is reserved for future use.
    ReservedValue "reserved_value" Warning Documented;
    /// The API documents no such field.
    UnknownField "unknown_field" Warning Documented;
    /// A date-time is not a real one in the form YYYY-MM-DDThh:mm:ssZ.
    DateTime "date_time" Error Documented;
    /// A date-time has a fraction of a second or a time zone offset.
    DateTimeForm "date_time_form" Warning Documented;
    /// The country is not an ISO 3166-1 alpha-2 code.
    CountryCode "country_code" Warning Inferred;
    /// The currency is not an ISO 4217 code.
    CurrencyCode "currency_code" Warning Inferred;
    /// The state or province is not one of the country's codes (US, CA, AU).
    StateProvince "state_province" Warning Inferred;
    /// The postal code does not have its country's form.
    PostalCode "postal_code" Warning Inferred;
    /// The postal code is a number.
    PostalCodeNumber "postal_code_number" Warning Sample;
    /// A US postal code has four digits: its leading zero was lost.
    PostalCodeZero "postal_code_zero" Warning Sample;
    /// An amount that must be above zero is not.
    NotPositive "not_positive" Error Documented;
    /// The ordered quantity is not above zero.
    OrderedQuantity "ordered_quantity" Error Inferred;
    /// The order has no order line.
    NoOrderLines "no_order_lines" Error Inferred;
    /// The delivery address has no street line, no town or no country.
    AddressIncomplete "address_incomplete" Error Inferred;
    /// The delivery address names neither a person nor a company.
    AddressName "address_name" Warning Inferred;
    /// A US or Canadian delivery address has no state or no postal code.
    AddressRegion "address_region" Warning Inferred;
    /// The line total is not the unit price times the quantity.
    LineTotal "line_total" Warning Inferred;
    /// The item total is not the sum of the line totals.
    TotalItemAmount "total_item_amount" Warning Inferred;
    /// The tax total is not the sum of the tax details.
    TotalTaxAmount "total_tax_amount" Warning Inferred;
    /// The discount total is not the sum of the discount details.
    TotalDiscountAmount "total_discount_amount" Warning Inferred;
    /// The order total is not items + shipping + tax - discount, with or without duty and other charges.
    TotalOrderAmount "total_order_amount" Warning Sample;
    /// Dates contradict each other.
    DateOrder "date_order" Warning Inferred;
    /// Two orders of the input have the same clientId and clientOrderId.
    DuplicateOrder "duplicate_order" Warning Inferred;
}

impl Code {
    /// The code of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One step of a path: a member's name or an element's index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PathItem {
    /// The name of a member.
    Key(Cow<'static, str>),
    /// The index of an element, from 0.
    Index(usize),
}

/// A mend that is certain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Fix {
    /// Puts this JSON text in place of the value.
    Replace {
        /// The new value as JSON text.
        json: String,
    },
    /// Takes the member out of its object.
    Remove,
}

/// One thing that is wrong or doubtful, and where. A superset of an issue of Standard Schema v1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    /// How grave it is.
    pub severity: Severity,
    /// The rule.
    pub code: Code,
    /// A sentence for a person that names the field as they know it, and the value.
    pub message: String,
    /// The way from the root of the input to the value.
    pub path: Vec<PathItem>,
    /// The same as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// Which order of the input it is about, from 0; absent if it is about the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_index: Option<usize>,
    /// That order's own id, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// What the rule wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was found, shortened if it is long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<String>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The mend, where it is certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Line and column, for a text that is not JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Where the rule comes from.
    pub provenance: Provenance,
    /// The bytes of the value, or of the whole member where a [`Fix::Remove`] goes with it.
    #[serde(skip)]
    pub span: Span,
}

/// The verdict on an input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether there is no error; warnings may be there.
    pub valid: bool,
    /// How many orders the input has.
    pub order_count: usize,
    /// How many errors were found, those beyond the cap included.
    pub error_count: usize,
    /// How many warnings were found, those beyond the cap included.
    pub warning_count: usize,
    /// Whether `maxIssues` cut the list.
    pub truncated: bool,
    /// What was found, in the order of the input.
    pub issues: Vec<Issue>,
}
