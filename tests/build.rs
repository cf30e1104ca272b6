//! A storefront's draft becomes a complete order.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use pb_fulfillment::{
    build::build_order,
    validate::{Options, validate_order},
};

const NOW: u64 = 1_644_196_800_999;

#[track_caller]
fn built(draft: &str) -> String {
    String::from_utf8(build_order(draft.as_bytes(), NOW).unwrap()).unwrap()
}

#[test]
fn a_checkout_becomes_an_order_that_has_no_issue() {
    let order = built(
        r#"{
            "clientId": "1234", "clientOrderId": "W-1", "customerOrderId": null,
            "inputShippingDetails": {"carrier": "PITNEY BOWES", "serviceId": "PARCEL"},
            "orderLines": [
                {"sku": "A", "unitPrice": "19.99", "orderedQuantity": 3},
                {"sku": "B", "unitPrice": 0.30000000000000004, "orderedQuantity": "2"}
            ],
            "orderCharges": {"orderCurrency": "USD", "shippingAmount": "4.50", "taxDetails": [{"name": "VAT", "fee": 1.1}],
                "dutyDetails": [{"name": "DUTY", "fee": 2}]},
            "shipOnDate": "2022-02-08T03:20:00.123+02:00", "promisedDeliveryDate": 1644369600000,
            "toAddress": {"name": "John Smith", "addressLines": "2352 Bent Creek Rd\n\n Apt 4 ", "cityTown": "Auburn",
                "stateProvince": "AL", "postalCode": 36830, "countryCode": "US"}
        }"#,
    );
    let report = validate_order(order.as_bytes(), &Options::default()).report;
    assert!(report.issues.is_empty(), "{order}\n{:#?}", report.issues);
    for part in [
        r#""createDate":"2022-02-07T01:20:00Z""#,
        r#""shipOnDate":"2022-02-08T01:20:00Z""#,
        r#""promisedDeliveryDate":"2022-02-09T01:20:00Z""#,
        r#""orderType":"eCom""#,
        r#""orderHandling":"X""#,
        r#"{"lineId":1,"sku":"A","unitPrice":19.99,"orderedQuantity":3,"lineTotal":59.97}"#,
        r#"{"lineId":2,"sku":"B","unitPrice":0.3,"orderedQuantity":2,"lineTotal":0.6}"#,
        r#""totalItemAmount":60.57"#,
        r#""totalTaxAmount":1.1"#,
        r#""totalOrderAmount":68.17"#,
        r#""addressLines":["2352 Bent Creek Rd","Apt 4"]"#,
        r#""postalCode":"36830""#,
    ] {
        assert!(order.contains(part), "{part} is not in {order}");
    }
    assert!(!order.contains("customerOrderId"));
}

#[test]
fn what_is_given_is_kept_and_what_cannot_be_known_is_not_invented() {
    let order = built(
        r#"{"orderType":"Retail","orderLines":[{"lineId":2,"sku":"A","lineTotal":1},{"sku":"B"},{"sku":"C"}],"extra":1}"#,
    );
    assert!(order.contains(r#""orderType":"Retail""#) && order.ends_with(r#""extra":1}"#), "{order}");
    assert!(order.contains(r#"{"lineId":3,"sku":"B"},{"lineId":4,"sku":"C"}"#), "{order}");
    assert!(!order.contains("orderCharges"), "{order}");
}

#[test]
fn a_total_of_zero_is_left_out_and_a_wrong_draft_is_left_to_the_validator() {
    assert!(!built(r#"{"orderLines":[{"sku":"A","unitPrice":0,"orderedQuantity":1}]}"#).contains("totalItemAmount"));
    assert_eq!(built("[1, \"x\"]"), "[1,\"x\"]");
    assert!(build_order(b"{", NOW).is_err());
}

#[test]
fn a_tax_or_discount_that_is_not_known_leaves_no_total() {
    let order = |charges: &str| {
        built(&format!(
            r#"{{"orderLines":[{{"sku":"A","unitPrice":10,"orderedQuantity":1}}],"orderCharges":{{{charges}}}}}"#
        ))
    };
    for unknown in ["taxDetails", "discountDetails", "dutyDetails", "otherChargeDetails"] {
        let built = order(&format!(r#""{unknown}":[{{"name":"VAT","percentage":8}}]"#));
        assert!(built.contains(r#""totalItemAmount":10"#) && !built.contains("totalOrderAmount"), "{built}");
        let built = order(&format!(r#""{unknown}":[]"#));
        assert!(built.contains(r#""totalOrderAmount":10"#), "{built}");
    }
    assert!(order(r#""taxDetails":[{"percentage":8}],"totalTaxAmount":0.8"#).contains(r#""totalOrderAmount":10.8"#));
}
