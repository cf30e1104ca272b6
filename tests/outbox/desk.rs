//! The desk: who may ask for what, and how one request goes to several outboxes.

use crate::{
    support::{
        SeededRandom, VirtualClock,
        table::{DyingTable, MemoryTable},
    },
    world::*,
};
use pb_fulfillment::{
    broker::{Head, HookError, Incoming, Log, LogRecord, Principal, WholeBody},
    outbox::{Authorize, Desk, DeskOptions, DeskPorts, Errand, Outbox, OutboxName, Outboxes},
    ports::{Headers, Response, StoreError},
};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

/// The outboxes, each made when it is first asked.
struct Shelf {
    world: World,
    shards: u32,
    outboxes: RefCell<BTreeMap<(String, u32), Rc<OutboxOf>>>,
    fails: Cell<bool>,
}

impl Shelf {
    fn outbox(&self, client_id: &str, shard: u32) -> Rc<OutboxOf> {
        let make = || {
            let table = DyingTable::new(MemoryTable::default(), self.world.clock.clone(), usize::MAX, false);
            let (options, random) = (self.world.options.clone(), SeededRandom::new(u64::from(shard)));
            Rc::new(Outbox::new(options, table, self.world.clock.clone(), random))
        };
        self.outboxes.borrow_mut().entry((client_id.to_owned(), shard)).or_insert_with(make).clone()
    }
}

impl Outboxes for Shelf {
    async fn ask(&self, at: OutboxName<'_>, errand: Errand) -> Result<Response, StoreError> {
        if self.fails.get() && at.client_id == "B" {
            return Err(StoreError("the object is overloaded".into()));
        }
        Ok(self.outbox(at.client_id, at.shard).answer(&errand, self.shards).await)
    }
}

/// Knows callers by their `Authorization`.
struct Gate(BTreeMap<&'static str, Principal>);

impl Authorize for Gate {
    async fn authorize(&self, head: Head<'_>) -> Result<Option<Principal>, HookError> {
        match head.headers.get("Authorization") {
            Some("broken") => Err(HookError),
            name => Ok(name.and_then(|name| self.0.get(name).cloned())),
        }
    }
}

#[derive(Default)]
struct Journal(RefCell<Vec<LogRecord>>);

impl Log for Journal {
    fn log(&self, record: &LogRecord) {
        self.0.borrow_mut().push(record.clone());
    }
}

struct Front {
    desk: Desk,
    ports: DeskPorts<VirtualClock, SeededRandom, Gate, Rc<Shelf>, Journal>,
}

impl Front {
    fn new(shards: u32, configure: impl FnOnce(&mut DeskOptions)) -> Self {
        let principal = |client_ids: &[&str], scopes: &[&str]| Principal {
            subject: "a service".into(),
            client_ids: client_ids.iter().map(|id| (*id).to_owned()).collect(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        let callers = BTreeMap::from([
            ("all", principal(&["A", "B", "x/y"], &["orders:write", "orders:read", "dead-letters:write"])),
            ("write", principal(&["A"], &["orders:write"])),
            ("read", principal(&["A"], &["orders:read"])),
            ("letters", principal(&["A"], &["dead-letters:write"])),
        ]);
        let world = World::default();
        let (clock, random) = (world.clock.clone(), world.random.clone());
        let shelf = Rc::new(Shelf { world, shards, outboxes: RefCell::default(), fails: Cell::new(false) });
        let mut options = DeskOptions { base_path: "/api".into(), shards, ..DeskOptions::default() };
        configure(&mut options);
        let ports = DeskPorts { clock, random, authorize: Gate(callers), outboxes: shelf, log: Journal::default() };
        Self { desk: Desk::new(options), ports }
    }

    fn ask_with(&self, method: &str, target: &str, headers: Headers, body: &[u8]) -> (u16, Value, Headers) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: Vec<_> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let path = format!("/api/v1/outbox{path}");
        let incoming = Incoming { method, path: &path, headers: &headers, body: WholeBody::new(body.to_vec()) };
        let answer = self.ports.clock.run(self.desk.handle(incoming, &query, &self.ports));
        assert!(answer.headers.get("X-Request-Id").is_some());
        assert!(answer.headers.get("Access-Control-Allow-Origin").is_none());
        (answer.status, serde_json::from_slice(&answer.body).unwrap(), answer.headers)
    }

    fn ask(&self, caller: &str, method: &str, target: &str, body: &[u8]) -> (u16, Value) {
        let headers = Headers::new().with("Authorization", caller).with("Content-Type", "application/json");
        let (status, value, _) = self.ask_with(method, target, headers, body);
        (status, value)
    }

    fn work(&self) {
        let world = &self.ports.outboxes.world;
        world.wait(2_000);
        let outboxes: Vec<_> = self.ports.outboxes.outboxes.borrow().values().cloned().collect();
        for outbox in outboxes {
            world.clock.run(outbox.work(&world.ports)).unwrap();
        }
    }
}

fn of(client_id: &str, id: &str) -> Value {
    let mut order = order(id);
    order["clientId"] = json!(client_id);
    order
}

#[test]
fn orders_of_several_clients_go_to_outboxes_of_their_own_and_receipts_come_in_the_order_of_the_request() {
    let front = Front::new(3, |_| ());
    let orders: Vec<_> = (0..40).map(|number| of(["A", "B"][number % 2], &format!("W-{number}"))).collect();
    let (status, value) = front.ask("all", "POST", "/orders", &body(&orders));
    assert_eq!(status, 202);
    let receipts = value["orders"].as_array().unwrap();
    for (order, receipt) in orders.iter().zip(receipts) {
        assert_eq!(order["clientOrderId"], receipt["clientOrderId"]);
        assert_eq!(
            (order["clientId"].as_str(), receipt["state"].as_str()),
            (receipt["clientId"].as_str(), Some("pending"))
        );
    }
    assert_eq!((receipts.len(), front.ports.outboxes.outboxes.borrow().len()), (40, 6));
    front.work();
    for order in &orders {
        let target =
            format!("/orders/{}/{}", order["clientId"].as_str().unwrap(), order["clientOrderId"].as_str().unwrap());
        let (status, record) = front.ask("all", "GET", &target, b"");
        assert_eq!((status, record["state"].as_str()), (200, Some("accepted")), "{record}");
    }
}

#[test]
fn a_refusal_of_one_outbox_names_the_orders_by_their_places_in_the_request() {
    let front = Front::new(1, |_| ());
    assert_eq!(front.ask("all", "POST", "/orders", &body(&[of("B", "b")])).0, 202);
    let mut other = of("B", "b");
    other["remarks"] = json!("x");
    let (status, problem) = front.ask("all", "POST", "/orders", &body(&[of("A", "a"), of("A", "c"), other]));
    assert_eq!((status, problem["code"].as_str()), (409, Some("order_conflict")));
    assert_eq!(problem["errors"][0]["pointer"], "/orders/2");
    assert!(problem["detail"].as_str().unwrap().contains("same receipts"));

    front.ports.outboxes.fails.set(true);
    let request = body(&[of("A", "d"), of("B", "e")]);
    let (status, problem) = front.ask("all", "POST", "/orders", &request);
    assert_eq!((status, problem["code"].as_str()), (503, Some("outbox_unavailable")));
    front.ports.outboxes.fails.set(false);
    let (status, value) = front.ask("all", "POST", "/orders", &request);
    assert_eq!(
        (status, &value["orders"][0]["repeated"], &value["orders"][1]["repeated"]),
        (202, &json!(true), &json!(false))
    );
}

#[test]
fn each_route_takes_its_scope_and_the_clients_of_the_caller() {
    let front = Front::new(1, |_| ());
    let request = body(&[of("A", "a")]);
    let asks: [(&str, &str, &[u8], &str); 6] = [
        ("POST", "/orders", &request, "write"),
        ("GET", "/orders/A/a", b"", "read"),
        ("GET", "/dead-letters", b"", "letters"),
        ("GET", "/unknown", b"", "letters"),
        ("POST", "/orders/A/a/resend", b"", "letters"),
        ("DELETE", "/orders/A/a", b"", "letters"),
    ];
    for (method, target, body, scope) in asks {
        for caller in ["write", "read", "letters"] {
            let (status, value) = front.ask(caller, method, target, body);
            assert_eq!(
                value["code"] == "forbidden_scope",
                caller != scope,
                "{method} {target} of {caller}: {status} {value}"
            );
        }
        for (caller, status, code) in [("nobody", 401, "unauthorized"), ("broken", 500, "hook_failed")] {
            let (answered, value) = front.ask(caller, method, target, body);
            assert_eq!((answered, value["code"].as_str()), (status, Some(code)));
        }
    }
    let foreign = body(&[of("A", "a"), of("B", "b")]);
    let (status, problem) = front.ask("write", "POST", "/orders", &foreign);
    assert_eq!((status, problem["code"].as_str()), (403, Some("forbidden_client")));
    assert_eq!(problem["errors"][0]["pointer"], "/orders/1/clientId");
    for (caller, method, target) in [
        ("read", "GET", "/orders/B/a"),
        ("letters", "GET", "/unknown?clientId=B"),
        ("letters", "DELETE", "/orders/B/a"),
    ] {
        assert_eq!(front.ask(caller, method, target, b"").1["code"], "forbidden_client", "{target}");
    }
}

#[test]
fn what_is_no_route_no_json_or_from_a_page_is_refused() {
    let front = Front::new(1, |options| {
        options.max_body_bytes = 3_000;
        options.max_orders = 1;
    });
    for target in [
        "",
        "/",
        "/order",
        "/orders/",
        "/orders/A",
        "/orders/A/",
        "/orders//a",
        "/orders/A/a/b",
        "/orders/A/%FF",
        "/unknown/",
    ] {
        assert_eq!(front.ask("all", "GET", target, b"").0, 404, "{target}");
    }
    for (method, target, allow) in
        [("GET", "/orders", "POST"), ("PUT", "/orders/A/a", "GET, DELETE"), ("POST", "/unknown", "GET")]
    {
        let (status, _, headers) = front.ask_with(method, target, Headers::new(), b"");
        assert_eq!((status, headers.get("Allow")), (405, Some(allow)));
    }
    let headers = || Headers::new().with("Authorization", "all");
    let request = body(&[of("A", "a")]);
    assert_eq!(front.ask_with("POST", "/orders", headers(), &request).1["code"], "content_type");
    let page = headers().with("Origin", "https://shop.example").with("Content-Type", "application/json");
    assert_eq!(front.ask_with("POST", "/orders", page, &request).1["code"], "origin_not_allowed");
    for site in ["same-origin", "same-site", "cross-site", "none"] {
        let (status, problem, _) = front.ask_with("GET", "/orders/A/a", headers().with("Sec-Fetch-Site", site), b"");
        assert_eq!((status, problem["code"].as_str()), (403, Some("origin_not_allowed")), "a GET without an Origin");
    }
    assert_eq!(front.ask("all", "POST", "/orders", &vec![b' '; 3_001]).1["code"], "too_large");
    assert_eq!(front.ask("all", "POST", "/orders", b"{").1["code"], "malformed");
    assert_eq!(front.ask("all", "POST", "/orders", &body(&[of("A", "a"), of("A", "b")])).1["code"], "too_many_orders");
    assert_eq!(front.ask("all", "GET", "/orders/A/a", b"").1["code"], "no_such_order");
    assert_eq!(front.ask("all", "GET", "/unknown", b"").1["code"], "malformed", "which client?");
    assert_eq!(front.ask("letters", "GET", "/unknown?cursor=1", b"").1["code"], "malformed");
    assert_eq!(front.ask("letters", "GET", "/unknown?limit=x", b"").1["code"], "malformed");
}

#[test]
fn ids_in_a_path_are_decoded_each_by_itself() {
    let front = Front::new(2, |_| ());
    assert_eq!(front.ask("all", "POST", "/orders", &body(&[of("x/y", "a b/\u{e9}%")])).0, 202);
    let (status, record) = front.ask("all", "GET", "/orders/x%2Fy/a%20b%2F%C3%A9%25", b"");
    assert_eq!((status, record["clientOrderId"].as_str()), (200, Some("a b/\u{e9}%")));
}

#[test]
fn a_list_over_several_outboxes_is_read_page_by_page_and_mended() {
    let front = Front::new(3, |_| ());
    front
        .ports
        .outboxes
        .world
        .faults(&json!({ "random": { "probability": 1, "faults": [{ "fault": "refuse_orders", "every": 1 }] } }));
    let orders: Vec<_> = (0..20).map(|number| of("A", &format!("W-{number}"))).collect();
    assert_eq!(front.ask("all", "POST", "/orders", &body(&orders)).0, 202);
    front.work();
    let (mut found, mut target) = (Vec::new(), "/dead-letters?clientId=A&limit=3".to_owned());
    for _ in 0..20 {
        let (status, page) = front.ask("all", "GET", &target, b"");
        assert_eq!(status, 200);
        let letters = page["orders"].as_array().unwrap();
        assert!(letters.len() <= 3);
        found.extend(letters.iter().map(|letter| letter["order"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        target = format!("/dead-letters?clientId=A&limit=3&cursor={next}");
    }
    found.sort_by_key(|order| order["clientOrderId"].as_str().unwrap()[2..].parse::<u32>().unwrap());
    assert_eq!(found, orders);

    front.ports.outboxes.world.faults(&json!({}));
    let mut mended = of("A", "W-7");
    mended["remarks"] = json!("mended");
    let (status, record) = front.ask("all", "POST", "/orders/A/W-7/resend", mended.to_string().as_bytes());
    assert_eq!((status, record["state"].as_str()), (202, Some("pending")));
    assert_eq!(front.ask("all", "POST", "/orders/A/W-8/resend", b"").0, 202);
    assert_eq!(front.ask("all", "DELETE", "/orders/A/W-9", b"").0, 200);
    front.work();
    for (id, state) in [("W-7", "accepted"), ("W-8", "accepted"), ("W-9", "rejected")] {
        assert_eq!(front.ask("all", "GET", &format!("/orders/A/{id}"), b"").1["state"], state);
    }
}

#[test]
fn the_log_names_routes_and_counts_and_nothing_of_a_caller() {
    let front = Front::new(1, |_| ());
    front.ask("all", "POST", "/orders", &body(&[of("A", "a")]));
    front.ask("all", "GET", "/orders/A/secret-id", b"");
    let records = front.ports.log.0.borrow();
    assert_eq!((records[0].route, records[0].status, records[0].orders), ("/v1/outbox/orders", 202, 1));
    assert_eq!(records[1].code.map(|code| code.name()), Some("no_such_order"));
    let text = format!("{records:?}");
    assert!(!text.contains("secret-id") && !text.contains("Ada") && !text.contains("a service"), "{text}");
}
