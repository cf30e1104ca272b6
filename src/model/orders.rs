//! Orders: the bulk request, what is in it, and its reply.

use super::{Address, Price, Reference, ShippingDetails};
use crate::schema::{
    Amount, CountryCode, CurrencyCode, DateTime, Opaque,
    Provenance::{Documented, Inferred},
    object,
};

object! {
    /// The body of `POST /v1/orders/bulk`: orders to create or update, each processed on its own.
    BulkOrdersRequest "post-orders-bulk" {
        /// The orders of one request.
        "orders" orders: Vec<Order>, required, documented, max_items(200);
    }

    /// An order to be fulfilled.
    Order "post-orders-bulk" {
        /// The id that Pitney Bowes assigned to the client.
        "clientId" client_id: String, required, documented, label("client id");
        /// The client's own id of the order.
        "clientOrderId" client_order_id: String, required, documented, max(50), label("order id");
        /// The number the buyer knows, usually that of the web shop or ERP.
        "customerOrderId" customer_order_id: String, optional, documented, max(50), label("customer's order id");
        /// The carrier and service to ship with.
        "inputShippingDetails" input_shipping_details: ShippingDetails, required, documented, label("shipping details");
        /// What kind of sale it is.
        "orderType" order_type: String, optional, documented, values(&["eCom", "Retail"]), default("eCom");
        /// When the order was created in the client's system.
        "createDate" create_date: DateTime, required, documented, label("creation date");
        /// The facility to fulfill from, such as 160.
        "fromNode" from_node: String, optional, documented, label("fulfillment center");
        /// When the order is promised to ship.
        "shipOnDate" ship_on_date: DateTime, optional, documented, label("ship date");
        /// When the order may be released for fulfillment.
        "fulfillmentReleaseDate" fulfillment_release_date: DateTime, optional, documented, label("release date");
        /// When the order is promised to be delivered.
        "promisedDeliveryDate" promised_delivery_date: DateTime, optional, documented, label("promised delivery date");
        /// How urgent it is: X normal, R rush, E emergency.
        "orderHandling" order_handling: String, optional, documented,
            values(&["X", "R", "E"]), reserved_values(&["R", "E"]), default("X");
        /// What was ordered.
        "orderLines" order_lines: Vec<OrderLine>, required, documented, min_items(1), label("order line");
        /// What the buyer pays.
        "orderCharges" order_charges: OrderCharges, optional, documented, label("charges");
        /// Where the order is delivered.
        "toAddress" to_address: Address, required, documented, label("delivery address");
        /// Where the bill goes.
        "billingAddress" billing_address: Address, optional, documented;
        /// Whether it is a gift.
        "isGift" is_gift: bool, optional, documented, label("gift");
        /// Printed on the packing slip.
        "giftMessageText" gift_message_text: String, optional, documented, max(1024), label("gift message");
        /// Services on top of fulfillment.
        "valueAddedServices" value_added_services: Vec<Opaque>, reserved, documented;
        /// How it was paid.
        "paymentDetails" payment_details: Vec<Opaque>, reserved, documented;
        /// For orders that cross a border.
        "customsInfo" customs_info: CustomsInfo, optional, documented, label("customs");
        /// Notes that the buyer does not see.
        "internalNotes" internal_notes: String, optional, documented, max(255);
        /// Who sells, if the goods are sent in another's name.
        "dropShipInfo" drop_ship_info: DropShipInfo, optional, documented, label("drop shipping");
        /// The seller's brand. Documented for single orders; that bulk takes it is inferred.
        "brand" brand: String, optional, inferred, max(50);
        /// Further ids. Documented for single orders; that bulk takes them is inferred.
        "references" references: Vec<Reference>, optional, inferred, label("reference");
        /// Where it was sold. Documented for single orders; that bulk takes it is inferred.
        "salesChannel" sales_channel: Opaque, reserved, inferred;
        /// When the order was changed in the client's system. Documented for single orders; that bulk takes it is inferred.
        "updateDate" update_date: DateTime, optional, inferred;
    }

    /// An item of an order and how many of it.
    OrderLine "order-lines-object" {
        /// The client's number of the line.
        "lineId" line_id: Amount, optional, documented, label("line id");
        /// The client's id of the product.
        "sku" sku: String, required, documented, max(60), label("SKU");
        /// Where it was made.
        "originCountryCode" origin_country_code: CountryCode, optional, documented, max(2), label("country of origin");
        /// The state or province where it was made.
        "originStateProvince" origin_state_province: String, optional, documented, max(50), label("state of origin");
        /// The price of one.
        "unitPrice" unit_price: Amount, optional, documented;
        /// How many are ordered.
        "orderedQuantity" ordered_quantity: Amount, required, documented, above_zero(Inferred), label("quantity");
        /// The price of the line, without shipping and taxes.
        "lineTotal" line_total: Amount, optional, documented;
        /// The code in the Harmonized System of customs tariffs.
        "hSTariffCode" hs_tariff_code: String, optional, documented, max(14), label("HS tariff code");
        /// The country of destination that the tariff code is for.
        "hSTariffCodeCountry" hs_tariff_code_country: CountryCode, optional, documented, label("HS tariff country");
        /// The state of the goods. `NEW` is in the sample; the reference's list of values is lost.
        "inventoryType" inventory_type: String, optional, documented;
        /// More about the line.
        "additionalDetails" additional_details: Opaque, reserved, documented;
    }

    /// What the buyer pays for an order.
    OrderCharges "order-charges-object" {
        /// The currency of the amounts.
        "orderCurrency" order_currency: CurrencyCode, optional, documented, label("currency");
        /// The price of shipping.
        "shippingAmount" shipping_amount: Amount, optional, documented;
        /// The price of the items before discount, tax and shipping.
        "totalItemAmount" total_item_amount: Amount, optional, documented, above_zero(Documented), label("item total");
        /// The duties in detail.
        "dutyDetails" duty_details: Vec<Price>, optional, documented, label("duty");
        /// The sum of the taxes.
        "totalTaxAmount" total_tax_amount: Amount, optional, documented, label("tax total");
        /// The taxes in detail.
        "taxDetails" tax_details: Vec<Price>, optional, documented, label("tax");
        /// The sum of the discounts.
        "totalDiscountAmount" total_discount_amount: Amount, optional, documented, label("discount total");
        /// The discounts in detail.
        "discountDetails" discount_details: Vec<Price>, optional, documented, label("discount");
        /// To be paid on delivery.
        "cashOnDeliveryAmount" cash_on_delivery_amount: Amount, reserved, documented;
        /// Charges that are neither duty nor tax.
        "otherChargeDetails" other_charge_details: Vec<Price>, optional, documented, label("other charge");
        /// The sum of all charges.
        "totalOrderAmount" total_order_amount: Amount, optional, documented, above_zero(Documented), label("order total");
    }

    /// What customs want to know of an order that crosses a border.
    CustomsInfo "post-orders-bulk" {
        /// The declared value.
        "customsDeclaredValue" customs_declared_value: Amount, optional, documented, label("declared value");
        /// The importer's reference: VAT number, purchase order, insured number or the like.
        "importerCustomsReference" importer_customs_reference: String, optional, documented, max(100);
        /// What kind of reference it is.
        "importerCustomsReferenceType" importer_customs_reference_type: String, optional, documented, max(50);
    }

    /// In whose name the goods are sent.
    DropShipInfo "post-orders-bulk" {
        /// The company.
        "companyName" company_name: String, optional, documented, max(50);
        /// Street lines, in one text.
        "address" address: String, optional, documented, max(100);
        /// City.
        "city" city: String, optional, documented, max(50);
        /// State or province.
        "state" state: String, optional, documented, max(50);
        /// Postal code.
        "postalCode" postal_code: String, optional, documented, max(20);
    }

    /// The reply of `POST /v1/orders/bulk`.
    BulkOrdersResponse "post-orders-bulk" {
        /// What became of each order.
        "orders" orders: Vec<OrderReceipt>, required, documented;
    }

    /// What became of an order.
    OrderReceipt "post-orders-bulk" {
        /// The id that Pitney Bowes assigned to the client.
        "clientId" client_id: String, required, sample;
        /// The client's own id of the order.
        "clientOrderId" client_order_id: String, required, sample;
        /// The id that Pitney Bowes gave the order.
        "orderId" order_id: String, optional, sample;
        /// Its status; `RECEIVED` is the only one known.
        "status" status: String, optional, sample;
    }
}
