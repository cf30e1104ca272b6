//! The broker's wire contract, with the emulator behind it. Each test ends by searching all that a page, a log or an error was
//! shown for the credentials and the tokens.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "the helpers of a test may fail it")]

#[path = "../harness/mod.rs"]
mod harness;
#[path = "../support/mod.rs"]
mod support;

mod answers;
mod audit;
mod borders;
mod budget;
mod checks;
mod leaks;
mod ledger;
mod once;
mod orders;
mod rates;
mod sessions;
mod signatures;
mod vault;

use pb_fulfillment::ports::Response;
use serde_json::{Value, json};

/// An order that has no issue.
fn order(id: &str) -> Value {
    json!({
        "clientId": "1234", "clientOrderId": id, "createDate": "2022-02-07T01:20:00Z",
        "inputShippingDetails": { "carrier": "PITNEY BOWES", "serviceId": "PARCEL" },
        "orderLines": [{ "lineId": 1, "sku": "0001-0001", "orderedQuantity": 5 }],
        "toAddress": { "name": "A", "addressLines": ["1 Main St"], "cityTown": "Opelika", "stateProvince": "AL",
                       "postalCode": "36801", "countryCode": "US" }
    })
}

/// The body of a request with these orders.
fn body(ids: &[&str]) -> Vec<u8> {
    json!({ "orders": ids.iter().map(|id| order(id)).collect::<Vec<_>>() }).to_string().into_bytes()
}

#[track_caller]
fn value(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// The answer is this problem, well formed.
#[track_caller]
fn problem(response: &Response, status: u16, code: &str) -> Value {
    let value = value(response);
    assert_eq!((response.status, value["code"].as_str()), (status, Some(code)), "{value}");
    assert_eq!(response.headers.get("Content-Type"), Some("application/problem+json"));
    assert_eq!(value["status"], status);
    assert_eq!(value["requestId"].as_str(), response.headers.get("X-Request-Id"));
    for member in ["type", "title", "detail", "processed"] {
        assert!(value[member].is_string(), "{member}: {value}");
    }
    value
}

/// The pointers of a problem's errors.
fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}
