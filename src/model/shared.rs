//! Objects that several operations share.

use crate::schema::{Amount, CountryCode, CurrencyCode, PostalCode, object};

object! {
    /// The carrier and service of a shipment.
    ShippingDetails "shipping-details-object-orders" {
        /// The carrier, such as PITNEY BOWES.
        "carrier" carrier: String, required, documented, max(50);
        /// The carrier's service, such as PARCEL.
        "serviceId" service_id: String, required, documented, max(50), label("service");
        /// The service's name.
        "serviceName" service_name: String, reserved, documented, max(64);
        /// The tracking number.
        "trackingNumber" tracking_number: String, reserved, documented, max(50);
    }

    /// Where a person or company is. The limits are documented for returns; the page for orders is lost.
    Address "address-object-returns" {
        /// The person: first and last name.
        "name" name: String, optional, documented, max(100);
        /// The company.
        "company" company: String, optional, documented, max(50);
        /// The phone number: digits, with or without spaces and hyphens.
        "phone" phone: String, optional, documented, max(25);
        /// The e-mail address.
        "email" email: String, optional, documented, max(70), label("e-mail");
        /// Up to three lines of street, building and the like.
        "addressLines" address_lines: Vec<String>, optional, documented, max_items(3), max(100), label("street line");
        /// The city or town.
        "cityTown" city_town: String, optional, documented, max(50), label("town");
        /// The state or province.
        "stateProvince" state_province: String, optional, documented, max(50), label("state or province");
        /// The postal code, as text.
        "postalCode" postal_code: PostalCode, optional, documented, max(20);
        /// The country.
        "countryCode" country_code: CountryCode, optional, documented, max(2), label("country");
    }

    /// A tax, a duty, a discount or another charge. The object's own page is lost; this is what the sample shows.
    Price "post-orders-bulk" {
        /// What it is for.
        "name" name: String, optional, sample;
        /// The amount.
        "fee" fee: Amount, optional, sample, label("amount");
        /// The currency of the amount.
        "currency" currency: CurrencyCode, optional, sample;
        /// How much of the price it is, in percent.
        "percentage" percentage: Amount, optional, sample;
    }

    /// A further id of an order.
    Reference "post-orders" {
        /// What kind of id it is.
        "name" name: String, optional, documented, max(50);
        /// The id itself; one text, although the name is a plural.
        "values" values: String, optional, documented, max(255), label("value");
    }
}
