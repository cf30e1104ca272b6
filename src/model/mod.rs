//! The objects of the API, each declared once, in tables that read like the API's own reference.
//!
//! A line is: name in the API, name in Rust, type, whether it is required, how it is known, limits. The Rust structs, the
//! validator, the TypeScript types, the JSON Schema, the hints for form fields and the reference page all come from them.

mod orders;
mod shared;

pub use orders::{
    BulkOrdersRequest, BulkOrdersResponse, CustomsInfo, DropShipInfo, Order, OrderCharges, OrderLine, OrderReceipt,
};
pub use shared::{Address, Price, Reference, ShippingDetails};

use crate::schema::Shape;

/// Every object, those of the request first.
pub const SHAPES: &[&Shape] = &[
    BulkOrdersRequest::SHAPE,
    Order::SHAPE,
    ShippingDetails::SHAPE,
    OrderLine::SHAPE,
    OrderCharges::SHAPE,
    Price::SHAPE,
    Address::SHAPE,
    CustomsInfo::SHAPE,
    DropShipInfo::SHAPE,
    Reference::SHAPE,
    BulkOrdersResponse::SHAPE,
    OrderReceipt::SHAPE,
];
