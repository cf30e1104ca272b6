//! The emulator through its public face: what is documented, what is stored, and each fault.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "the helpers of a test may fail it")]

mod support;

use pb_fulfillment::{
    emulator::{
        Call, Duplicates, Emulator, EmulatorOptions, Fault, FaultKind, FaultPlan, INVENTIONS, On, RandomFaults, Reply,
    },
    ports::{Clock, Headers, Response},
};
use serde_json::{Value, json};
use std::cell::Cell;
use support::{SeededRandom, VirtualClock};

const BULK: &str = "/shippingservices/fulfillment/v1/orders/bulk";

struct Api {
    emulator: Emulator<VirtualClock, SeededRandom>,
    time: VirtualClock,
    transactions: Cell<u32>,
}

impl Api {
    fn new(options: EmulatorOptions) -> Self {
        let time = VirtualClock::default();
        Self { emulator: Emulator::new(options, time.clone(), SeededRandom::new(1)), time, transactions: Cell::new(0) }
    }

    fn with(plan: &Value) -> Self {
        let faults = FaultPlan::from_json(plan.to_string().as_bytes()).unwrap();
        Self::new(EmulatorOptions { faults, ..EmulatorOptions::default() })
    }

    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let headers: Headers = headers.iter().copied().collect();
        self.time.run(self.emulator.handle(Call { method, path, headers: &headers, body }))
    }

    fn token_reply(&self) -> Reply {
        let headers = [
            // emulator-key:emulator-secret
            ("Authorization", "Basic ZW11bGF0b3Ita2V5OmVtdWxhdG9yLXNlY3JldA=="),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        self.call("POST", "/oauth/token", &headers, b"grant_type=client_credentials")
    }

    fn token(&self) -> String {
        value(&answer(self.token_reply()))["access_token"].as_str().unwrap().to_owned()
    }

    fn bulk_with(&self, token: &str, body: &Value) -> Reply {
        self.transactions.set(self.transactions.get() + 1);
        let transaction = format!("t-{}", self.transactions.get());
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("X-PB-TransactionId", transaction.as_str())];
        self.call("POST", BULK, &headers, body.to_string().as_bytes())
    }

    fn bulk(&self, body: &Value) -> Reply {
        self.bulk_with(&self.token(), body)
    }
}

#[track_caller]
fn answer(reply: Reply) -> Response {
    let Reply::Answer(response) = reply else { panic!("{reply:?}") };
    response
}

#[track_caller]
fn value(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

#[track_caller]
fn refused(reply: Reply, status: u16, code: &str) {
    let response = answer(reply);
    assert_eq!(response.status, status);
    assert_eq!(value(&response)["errors"][0]["errorCode"], code);
}

fn order(id: &str) -> Value {
    json!({
        "clientId": "1234", "clientOrderId": id, "createDate": "2022-02-07T01:20:00Z",
        "inputShippingDetails": { "carrier": "PITNEY BOWES", "serviceId": "PARCEL" },
        "orderLines": [{ "lineId": 1, "sku": "0001-0001", "orderedQuantity": 5 }],
        "toAddress": { "name": "A", "addressLines": ["1 Main St"], "cityTown": "Opelika", "stateProvince": "AL",
                       "postalCode": "36801", "countryCode": "US" }
    })
}

fn orders(ids: &[&str]) -> Value {
    json!({ "orders": ids.iter().map(|id| order(id)).collect::<Vec<_>>() })
}

#[test]
fn a_token_is_answered_in_strings_under_the_documented_names() {
    let api = Api::new(EmulatorOptions::default());
    let issued_ms = api.time.now_ms();
    let response = answer(api.token_reply());
    assert_eq!(response.status, 200);
    let body = value(&response);
    let token = body["access_token"].as_str().unwrap();
    assert!(token.len() == 28 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    assert_eq!(
        body,
        json!({ "access_token": token, "tokenType": "BearerToken", "issuedAt": issued_ms.to_string(),
                "expiresIn": "35999", "clientID": "emulator-key", "org": "pitneybowes" })
    );
}

#[test]
fn a_token_is_refused_without_the_right_credentials_form_and_grant() {
    let api = Api::new(EmulatorOptions::default());
    let basic = "Basic ZW11bGF0b3Ita2V5OmVtdWxhdG9yLXNlY3JldA==";
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let call = |authorization: &str, media: &str, body: &str| {
        api.call("POST", "/oauth/token", &[("Authorization", authorization), ("Content-Type", media)], body.as_bytes())
    };
    assert_eq!(answer(call(basic, form, "scope=a&grant_type=client_credentials")).status, 200);
    refused(call("Basic YTpi", form, "grant_type=client_credentials"), 401, "PB-APIM-ERR-0401");
    refused(call("", form, "grant_type=client_credentials"), 401, "PB-APIM-ERR-0401");
    refused(call(basic, "application/json", "grant_type=client_credentials"), 400, "emulator.content_type");
    refused(call(basic, form, "grant_type=password"), 400, "emulator.grant_type");
}

#[test]
fn orders_are_stored_byte_for_byte_and_answered_in_order() {
    let api = Api::new(EmulatorOptions::default());
    let body = orders(&["a", "b"]);
    let response = answer(api.bulk(&body));
    assert_eq!(response.status, 200);
    let reply = value(&response);
    let stored = api.emulator.orders();
    assert_eq!(stored.len(), 2);
    for (index, id) in ["a", "b"].into_iter().enumerate() {
        let order_id = stored[index].order_id.as_str();
        assert_eq!(
            reply["orders"][index],
            json!({ "clientId": "1234", "clientOrderId": id, "orderId": order_id, "status": "RECEIVED" })
        );
        let digits = order_id.strip_prefix("ORA").and_then(|rest| rest.strip_suffix("US")).unwrap();
        assert!(digits.len() == 19 && digits.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(stored[index].bytes, body["orders"][index].to_string().as_bytes());
    }
    assert_ne!(stored[0].order_id, stored[1].order_id);
}

#[test]
fn an_order_that_comes_again_updates_or_is_created_as_set() {
    for (duplicates, count) in [(Duplicates::Update, 1), (Duplicates::Create, 2)] {
        let api = Api::new(EmulatorOptions { duplicates, ..EmulatorOptions::default() });
        let ids: Vec<Value> =
            (0..2).map(|_| value(&answer(api.bulk(&orders(&["a"]))))["orders"][0]["orderId"].clone()).collect();
        let stored = api.emulator.orders();
        assert_eq!(stored.len(), count);
        assert_eq!(ids[0] == ids[1], count == 1);
        assert_eq!(stored[0].revisions, if count == 1 { 2 } else { 1 });
    }
}

#[test]
fn each_order_stands_alone() {
    let api = Api::new(EmulatorOptions::default());
    let mut body = orders(&["a", "b", "c"]);
    body["orders"][1].as_object_mut().unwrap().remove("toAddress");
    body["orders"][2]["clientOrderId"] = "x".repeat(51).into();
    let reply = value(&answer(api.bulk(&body)));
    assert!(reply["orders"][0]["orderId"].is_string());
    assert_eq!(reply["orders"][1]["clientOrderId"], "b");
    assert_eq!(reply["orders"][1].get("orderId"), None);
    assert_eq!(reply["orders"][1]["errors"][0]["errorCode"], "emulator.required");
    assert_eq!(reply["orders"][1]["errors"][0]["parameters"], json!(["/orders/1/toAddress"]));
    assert_eq!(reply["orders"][2]["errors"][0]["errorCode"], "emulator.too_long");
    assert_eq!(api.emulator.orders().len(), 1);
}

#[test]
fn a_request_that_is_no_bulk_request_stores_nothing() {
    let api = Api::new(EmulatorOptions::default());
    let token = format!("Bearer {}", api.token());
    for (index, body) in ["", "{", "[]", "{}", "null", "{\"orders\":7}", "\u{feff}"].into_iter().enumerate() {
        let transaction = format!("bad-{index}");
        let headers = [("Authorization", token.as_str()), ("X-PB-TransactionId", transaction.as_str())];
        refused(api.call("POST", BULK, &headers, body.as_bytes()), 400, "1000050");
    }
    refused(api.bulk(&json!([order("a")])), 400, "1000050");
    refused(api.bulk(&order("a")), 400, "1000050");
    let ids: Vec<String> = (0..201).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    refused(api.bulk(&orders(&ids)), 400, "emulator.too_many_orders");
    assert_eq!(api.emulator.orders(), []);
    assert_eq!(answer(api.bulk(&orders(&ids[..200]))).status, 200);
    assert_eq!(value(&answer(api.bulk(&orders(&[])))), json!({ "orders": [] }));
}

#[test]
fn a_call_needs_a_valid_token() {
    let api = Api::new(EmulatorOptions::default());
    refused(api.bulk_with("nonsense", &orders(&["a"])), 401, "PB-APIM-ERR-1002");
    refused(api.call("POST", BULK, &[("X-PB-TransactionId", "x")], b"{\"orders\":[]}"), 401, "PB-APIM-ERR-1002");
    let (first, second) = (api.token(), api.token());
    assert_eq!(
        answer(api.bulk_with(&first, &orders(&["a"]))).status,
        200,
        "a newer token does not cancel an older one"
    );
    api.time.run(api.time.sleep(35_998_999));
    assert_eq!(answer(api.bulk_with(&second, &orders(&["a"]))).status, 200);
    api.time.run(api.time.sleep(1));
    refused(api.bulk_with(&second, &orders(&["a"])), 401, "PB-APIM-ERR-1003");
}

#[test]
fn a_transaction_id_is_demanded_well_formed_and_used_once() {
    let api = Api::new(EmulatorOptions::default());
    let token = format!("Bearer {}", api.token());
    let call = |id: &str| {
        let headers = [("Authorization", token.as_str()), ("X-PB-TransactionId", id)];
        api.call("POST", BULK, &headers, orders(&["a"]).to_string().as_bytes())
    };
    for id in ["", "a b", "é", "12345678901234567890123456"] {
        refused(call(id), 400, "emulator.transaction_id");
    }
    assert_eq!(answer(call("1234567890123456789012_-A")).status, 200);
    refused(call("1234567890123456789012_-A"), 400, "emulator.transaction_id_repeated");
    assert_eq!(api.emulator.orders()[0].revisions, 1);
}

#[test]
fn other_paths_and_methods_are_refused() {
    let api = Api::new(EmulatorOptions::default());
    refused(api.call("POST", "/shippingservices/fulfillment/v1/orders", &[], b""), 404, "emulator.not_found");
    let response = answer(api.call("GET", BULK, &[], b""));
    assert_eq!((response.status, response.headers.get("Allow")), (405, Some("POST")));
    let response = answer(api.call("POST", "/emulator/faults", &[], b""));
    assert_eq!((response.status, response.headers.get("Allow")), (405, Some("GET, PUT, DELETE")));
}

#[test]
fn each_fault_does_what_it_says() {
    // Kind, whether the order is stored, and what the reply looks like.
    for &kind in FaultKind::ALL {
        let api = Api::with(&json!({ "script": [kind.name()] }));
        let reply = api.bulk(&orders(&["a", "b"]));
        let stored = api.emulator.orders().len();
        match kind {
            FaultKind::None => assert_eq!((answer(reply).status, stored), (200, 2)),
            FaultKind::Refuse | FaultKind::CutBefore => assert_eq!((reply, stored), (Reply::Cut, 0)),
            FaultKind::CutAfter => assert_eq!((reply, stored), (Reply::Cut, 2)),
            FaultKind::CutBody => {
                let Reply::CutBody(part) = reply else { panic!("{reply:?}") };
                assert!(part.status == 200 && part.body.starts_with(b"{\"orders\":[{"));
                assert!(serde_json::from_slice::<Value>(&part.body).is_err());
                assert_eq!(stored, 2);
            }
            FaultKind::Unauthorized => refused(reply, 401, "PB-APIM-ERR-1002"),
            FaultKind::Expire => refused(reply, 401, "PB-APIM-ERR-1003"),
            FaultKind::ServerError => refused(reply, 500, "1000005"),
            FaultKind::Unavailable => refused(reply, 503, "emulator.unavailable"),
            FaultKind::Throttled => refused(reply, 500, "PB-APIM-ERR-1006"),
            FaultKind::RefuseOrders => {
                let reply = value(&answer(reply));
                assert!(reply["orders"][0]["orderId"].is_string() && reply["orders"][1].get("orderId").is_none());
                assert_eq!(reply["orders"][1]["errors"][0]["errorCode"], "emulator.refused");
                assert_eq!(stored, 1);
            }
            FaultKind::OmitEntries => {
                assert_eq!(value(&answer(reply))["orders"].as_array().unwrap().len(), 1);
                assert_eq!(stored, 2);
            }
            FaultKind::Html | FaultKind::Truncated | FaultKind::Empty => {
                let response = answer(reply);
                assert_eq!((response.status, stored), (200, 2));
                assert!(serde_json::from_slice::<Value>(&response.body).is_err());
            }
            _ => unreachable!("{kind:?}"),
        }
        if matches!(kind, FaultKind::Unauthorized | FaultKind::Expire | FaultKind::ServerError | FaultKind::Unavailable)
        {
            assert_eq!(stored, 0, "{kind:?}");
        }
        let again = answer(api.bulk(&orders(&["a", "b"])));
        assert_eq!(again.status, 200, "the script of {kind:?} is over");
    }
}

#[test]
fn a_fault_meets_the_call_it_is_for() {
    let api = Api::with(&json!({ "script": [
        { "fault": "unavailable", "retryAfter": 2, "on": "token" }, { "fault": "html", "on": "token" },
        { "fault": "unauthorized", "on": "token" }, { "fault": "cut_after", "on": "any" }
    ] }));
    let response = answer(api.token_reply());
    assert_eq!((response.status, response.headers.get("Retry-After")), (503, Some("2")));
    assert_eq!(answer(api.token_reply()).headers.get("Content-Type"), Some("text/html"));
    refused(api.token_reply(), 401, "PB-APIM-ERR-0401");
    assert_eq!(api.token_reply(), Reply::Cut);
    assert_eq!(answer(api.token_reply()).status, 200);
}

#[test]
fn latency_passes_after_acting() {
    let api = Api::with(&json!({ "script": [{ "fault": "none", "latencyMs": 45_000 }] }));
    let before = api.time.now_ms();
    assert_eq!(answer(api.bulk(&orders(&["a"]))).status, 200);
    assert_eq!(api.time.now_ms() - before, 45_000);
    assert_eq!(api.emulator.orders()[0].received_ms, before);
}

#[test]
fn single_orders_are_refused_by_name() {
    let api = Api::with(&json!({ "script": [{ "fault": "refuse_orders", "clientOrderIds": ["b"] }] }));
    let reply = value(&answer(api.bulk(&orders(&["a", "b", "c"]))));
    let accepted: Vec<bool> = (0..3).map(|index| reply["orders"][index]["orderId"].is_string()).collect();
    assert_eq!(accepted, [true, false, true]);
}

#[test]
fn a_seed_replays_its_faults_and_probability_holds() {
    let random = RandomFaults {
        seed: 11,
        probability: 0.25,
        faults: vec![Fault::new(FaultKind::CutBefore), Fault { on: On::Token, ..Fault::new(FaultKind::CutAfter) }],
    };
    let faults = FaultPlan { script: Vec::new(), random: Some(random) };
    let outcomes = || {
        let api = Api::new(EmulatorOptions { faults: faults.clone(), ..EmulatorOptions::default() });
        (0..400).map(|_| matches!(api.bulk_with("", &orders(&[])), Reply::Cut)).collect::<Vec<_>>()
    };
    let first = outcomes();
    assert_eq!(first, outcomes());
    let cut = first.iter().filter(|&&cut| cut).count();
    assert!((80..=120).contains(&cut), "{cut} of 400");
}

#[test]
fn faults_are_set_seen_and_ended_over_http() {
    let api = Api::new(EmulatorOptions::default());
    let plan =
        json!({ "script": ["server_error"], "random": { "seed": 3, "probability": 1, "faults": ["cut_before"] } });
    let set = answer(api.call("PUT", "/emulator/faults", &[], plan.to_string().as_bytes()));
    assert_eq!(set.status, 200);
    refused(api.bulk(&orders(&["a"])), 500, "1000005");
    let left = answer(api.call("GET", "/emulator/faults", &[], b""));
    assert_eq!(value(&left)["script"], json!([]));
    assert_eq!(FaultPlan::from_json(&set.body).unwrap().script, [Fault::new(FaultKind::ServerError)]);
    assert_eq!(api.bulk(&orders(&["a"])), Reply::Cut);
    assert_eq!(answer(api.call("DELETE", "/emulator/faults", &[], b"")).status, 200);
    assert_eq!(answer(api.bulk(&orders(&["a"]))).status, 200);
}

#[test]
fn a_plan_that_cannot_be_read_is_refused_with_what_is_known() {
    let api = Api::new(EmulatorOptions::default());
    for (plan, named) in [
        ("", "not JSON"),
        ("[]", "must be an object"),
        (r#"{"scripts":[]}"#, "script, random"),
        (r#"{"script":["cut"]}"#, "cut_before"),
        (r#"{"script":[{"fault":"none","latencyMs":-1}]}"#, "latencyMs must be a whole number"),
        (r#"{"script":[{"fault":"none","every":0}]}"#, "above 0"),
        (r#"{"script":[{"fault":"none","on":"both"}]}"#, "orders, token or any"),
        (r#"{"random":{"probability":2}}"#, "from 0 to 1"),
    ] {
        let response = answer(api.call("PUT", "/emulator/faults", &[], plan.as_bytes()));
        assert_eq!(response.status, 400);
        let text = value(&response)["errors"][0]["errorDescription"].to_string();
        assert!(text.contains(named), "{plan}: {text}");
    }
}

#[test]
fn the_store_is_shown_and_emptied_over_http() {
    let api = Api::new(EmulatorOptions::default());
    api.bulk(&orders(&["a", "b"]));
    let shown = value(&answer(api.call("GET", "/emulator/orders", &[], b"")));
    assert_eq!(shown["count"], 2);
    assert_eq!(shown["orders"][1]["clientOrderId"], "b");
    assert_eq!(shown["orders"][1]["order"], order("b"));
    assert_eq!(answer(api.call("DELETE", "/emulator/orders", &[], b"")).status, 204);
    assert_eq!(value(&answer(api.call("GET", "/emulator/orders", &[], b""))), json!({ "count": 0, "orders": [] }));
}

#[test]
fn the_inventions_are_one_table() {
    let rows: Vec<_> = INVENTIONS.lines().collect();
    assert!(rows.len() > 10 && rows.iter().all(|row| row.matches(" | ").count() == 2 || row.starts_with("|---")));
}

#[test]
fn options_are_shown_without_the_credentials() {
    let shown = format!("{:?}", Api::new(EmulatorOptions::default()).emulator);
    assert!(!shown.contains("emulator-key") && !shown.contains("emulator-secret"), "{shown}");
}
