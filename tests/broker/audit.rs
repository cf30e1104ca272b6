//! Records of who has had what done, and what neither they nor the log may hold.

use super::*;
use crate::harness::{BULK, Books, World, page_headers};
use pb_fulfillment::{
    broker::{AuditOutcome, AuditRecord, AuditedOrder, Disapproval, HookError, Rate, SCOPE_STATUS, WholeBody},
    emulator::EmulatorOptions,
    ports::{Clock, Headers},
};
use proptest::prelude::*;
use std::rc::Rc;

fn last(world: &World) -> AuditRecord {
    world.ports.log.1.borrow().last().unwrap().clone()
}

#[test]
fn a_record_tells_who_sent_what_and_what_became_of_it() {
    let mut world = World::default();
    world.ports.ledger = Some(Rc::new(Books::new(&world.clock)));
    let answer = world.bulk(&body(&["a", "b"]));
    let record = last(&world);
    let ids = |id: &str| AuditedOrder { client_id: "1234".into(), client_order_id: id.into() };
    assert_eq!(
        record,
        AuditRecord {
            at: world.clock.now_ms(),
            request_id: answer.headers.get("X-Request-Id").unwrap().into(),
            subject: "session-1".into(),
            route: "/v1/orders/bulk",
            status: 200,
            code: None,
            outcome: AuditOutcome::Answered,
            orders: vec![ids("a"), ids("b")],
            sent: 2,
            replayed: false,
            transaction_ids: world.last_log().transaction_ids,
        }
    );
    assert_eq!(record.transaction_ids.len(), 1);
    world.bulk(&body(&["a", "b"]));
    let again = last(&world);
    assert_eq!((again.replayed, again.sent, again.transaction_ids), (true, 0, record.transaction_ids));
    // The shop's refusal of one of two is recorded as well; it is no answer of the API.
    *world.ports.hooks.refused.borrow_mut() = Ok(vec![Disapproval { index: 0, detail: None }]);
    let headers = page_headers().with("Idempotency-Key", "\"batch-2\"");
    for replayed in [false, true] {
        world.call("POST", BULK, &headers, WholeBody::new(body(&["c", "d"])));
        let record = last(&world);
        assert_eq!((record.status, record.outcome, record.replayed), (403, AuditOutcome::NotProcessed, replayed));
    }
}

#[test]
fn a_refusal_is_recorded_with_what_was_known_by_then() {
    let world = World::default();
    let known = |world: &World| {
        let record = last(world);
        assert_eq!(record.subject, "session-1");
        (record.orders.len(), record.status, record.outcome, record.sent)
    };
    world.bulk(b"{\"orders\":[{\"clientOrderId\":\"Jane Doe, 1 Main St\"}]}");
    assert_eq!(known(&world), (0, 422, AuditOutcome::NotProcessed, 0));
    *world.ports.hooks.refused.borrow_mut() = Ok(vec![Disapproval { index: 0, detail: None }]);
    world.bulk(&body(&["a"]));
    assert_eq!(known(&world), (1, 403, AuditOutcome::NotProcessed, 0));
    if let Ok(Some(principal)) = &mut *world.ports.hooks.principal.borrow_mut() {
        principal.scopes = vec![SCOPE_STATUS.into()];
    }
    world.bulk(&body(&["a"]));
    assert_eq!(known(&world), (0, 403, AuditOutcome::NotProcessed, 0));

    let world = World::with_faults(&json!({ "script": ["cut_after"] }));
    world.bulk(&body(&["a"]));
    assert_eq!(known(&world), (1, 502, AuditOutcome::Unknown, 1));
}

#[test]
fn what_is_of_nobody_or_beyond_a_rate_is_in_the_log_and_not_in_the_audit() {
    let world = World::new(
        |options| options.rates.subject = Some(Rate { requests: 2, period_ms: 10_000 }),
        EmulatorOptions::default(),
    );
    let told = |world: &World| (world.ports.log.0.borrow().len(), world.ports.log.1.borrow().len());
    let mut logged = 0;
    let mut is_logged_alone = |status: u16, answer: Response, audited: usize| {
        logged += 1;
        assert_eq!((answer.status, told(&world)), (status, (logged, audited)));
    };
    let send = |headers: &Headers| world.call("POST", BULK, headers, WholeBody::new(body(&["a"])));
    is_logged_alone(403, send(&page_headers().with("Origin", "https://evil.example")), 0);
    is_logged_alone(400, send(&page_headers().with("Idempotency-Key", "a b")), 0);
    is_logged_alone(200, world.call("GET", "/api/health", &page_headers(), WholeBody::default()), 0);
    is_logged_alone(405, world.call("GET", BULK, &page_headers(), WholeBody::default()), 0);
    is_logged_alone(404, world.call("POST", "/api/elsewhere", &page_headers(), WholeBody::default()), 0);
    let known = world.ports.hooks.principal.replace(Ok(None));
    is_logged_alone(401, send(&page_headers()), 0);
    *world.ports.hooks.principal.borrow_mut() = Err(HookError);
    is_logged_alone(500, send(&page_headers()), 0);
    *world.ports.hooks.principal.borrow_mut() = known;
    for (status, audited) in [(200, 1), (200, 2), (429, 2), (429, 2)] {
        is_logged_alone(status, send(&page_headers()), audited);
    }
}

/// Each text and number of an order that is not one of its ids, made unmistakable.
fn with_canaries(order: &mut Value, canaries: &mut Vec<String>) {
    match order {
        Value::Object(members) => {
            for (name, value) in members {
                if name != "clientId" && name != "clientOrderId" {
                    with_canaries(value, canaries);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|value| with_canaries(value, canaries)),
        Value::String(text) => {
            *text = format!("Canary{:04}", canaries.len());
            canaries.push(text.clone());
        }
        Value::Number(number) => {
            *number = (77_000 + canaries.len()).into();
            canaries.push(number.to_string());
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_field_of_a_buyer_is_in_a_record_or_in_the_log(
        // Which members are all canaries, so that the order is refused for one reason or other; mostly none.
        members in prop_oneof![2 => Just(0), 1 => 1u64..u64::MAX],
        faults in prop::collection::vec(prop::sample::select(vec!["cut_after", "server_error", "throttled", "html",
            "refuse_orders", "unauthorized", "truncated", "cut_body"]), 0..3),
        refused in any::<bool>(),
    ) {
        let sample: Value = serde_json::from_str(include_str!("../data/documented-sample.json")).unwrap();
        let mut order = sample["orders"][0].clone();
        let mut canaries = Vec::new();
        let names: Vec<String> = order.as_object().unwrap().keys().cloned().collect();
        for (index, name) in names.iter().enumerate() {
            let id = name == "clientId" || name == "clientOrderId";
            if !id && members >> (index % 64) & 1 == 1 {
                with_canaries(&mut order[name], &mut canaries);
            }
        }
        order["clientId"] = "1234".into();
        order["toAddress"]["name"] = "CanaryName".into();
        order["toAddress"]["addressLines"] = json!(["CanaryStreet 1"]);
        order["toAddress"]["email"] = "canary@example.com".into();
        order["toAddress"]["phone"] = "+1-555-CANARY".into();
        canaries.extend(["CanaryName", "CanaryStreet", "canary@example.com", "+1-555-CANARY"].map(str::to_owned));
        let body = json!({ "orders": [order] }).to_string().into_bytes();

        let mut world = World::new(|_| (), EmulatorOptions::default());
        world.ports.ledger = Some(Rc::new(Books::new(&world.clock)));
        let plan = json!({ "script": faults });
        let answer = world.clock.run(pb_fulfillment::ports::Http::send(&world.line, pb_fulfillment::ports::Request {
            method: "PUT",
            url: "https://emulator.invalid/emulator/faults".into(),
            headers: pb_fulfillment::ports::Headers::new(),
            body: plan.to_string().into_bytes(),
        }));
        prop_assert!(answer.is_ok());
        if refused {
            *world.ports.hooks.refused.borrow_mut() = Ok(vec![Disapproval { index: 0, detail: Some("CanaryReason".into()) }]);
            canaries.push("CanaryReason".into());
        }
        let headers = page_headers().with("X-Canary", "CanaryHeader").with("Idempotency-Key", "\"CanaryKey\"");
        canaries.extend(["CanaryHeader", "CanaryKey"].map(str::to_owned));
        for _ in 0..2 {
            let answer = world.call("POST", BULK, &headers, WholeBody::new(body.clone()));
            if members == 0 && !refused && faults.is_empty() {
                prop_assert_eq!(answer.status, 200, "some come all the way");
            }
        }
        let mut told = String::new();
        for record in world.ports.log.1.borrow().iter() {
            told.push_str(&format!("{record:?} {}\n", serde_json::to_string(record).unwrap()));
        }
        for record in world.ports.log.0.borrow().iter() {
            told.push_str(&format!("{record:?} {}\n", serde_json::to_string(record).unwrap()));
        }
        prop_assert_eq!(world.ports.log.1.borrow().len(), 2);
        for canary in &canaries {
            prop_assert!(!told.contains(canary.as_str()), "{} shows in {}", canary, told);
        }
    }
}
