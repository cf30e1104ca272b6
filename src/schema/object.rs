//! The macro that declares an object of the API once, as a Rust struct and as a [`Shape`](super::Shape).

/// Declares objects. It reads like the tables of the API's reference:
///
/// ```text
/// object! {
///     /// What the object is.
///     Name "page of the reference" {
///         /// What the field is for.
///         "wireName" rust_name: Type, required, documented, max(50);
///     }
/// }
/// ```
macro_rules! object {
    ($(
        $(#[doc = $about:literal])+
        $name:ident $source:literal {$(
            $(#[doc = $doc:literal])+
            $wire:literal $field:ident: $type:ty, $presence:ident, $provenance:ident $(, $limit:ident($($value:expr),*))*;
        )+}
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name {$(
            $(#[doc = $doc])+
            #[serde(rename = $wire, skip_serializing_if = "crate::schema::Described::is_absent")]
            pub $field: $crate::schema::field_type!($presence $type),
        )+}

        impl $name {
            /// The table of this object.
            pub const SHAPE: &'static $crate::schema::Shape = {
                // A static has one address, by which a shape is known.
                static SHAPE: $crate::schema::Shape = $crate::schema::Shape::new(
                    stringify!($name),
                    concat!($($about),+),
                    $source,
                    &[$(
                        $crate::schema::Field::new(
                            $wire,
                            concat!($($doc),+),
                            <$type as $crate::schema::Described>::KIND,
                            object!(@presence $presence),
                            object!(@provenance $provenance),
                        )$(.$limit($($value),*))*,
                    )+],
                );
                &SHAPE
            };
        }

        impl $crate::schema::Described for $name {
            const KIND: $crate::schema::Kind = $crate::schema::Kind::Object(Self::SHAPE);
        }
    )+};
    (@presence required) => { $crate::schema::Presence::Required };
    (@presence optional) => { $crate::schema::Presence::Optional };
    (@presence reserved) => { $crate::schema::Presence::Reserved };
    (@provenance documented) => { $crate::schema::Provenance::Documented };
    (@provenance sample) => { $crate::schema::Provenance::Sample };
    (@provenance inferred) => { $crate::schema::Provenance::Inferred };
}

/// The Rust type of a field: what is not required may be absent.
macro_rules! field_type {
    (required $type:ty) => { $type };
    ($optional:ident $type:ty) => { Option<$type> };
}

pub(crate) use {field_type, object};
