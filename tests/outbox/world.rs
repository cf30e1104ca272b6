//! An outbox, the vault, the API, and whoever hears of outcomes.
#![allow(unreachable_pub, reason = "the tests beside it use it")]

use crate::support::{
    MemoryStore, SeededRandom, VirtualClock,
    table::{DyingTable, MemoryTable},
};
use pb_fulfillment::{
    broker::{
        CALLS_PER_SECOND, CallLeases, Calls, Credentials, HookError, Lease, Secret, Token, TokenError, TokenVault,
        Upstream, Vault,
    },
    emulator::{Duplicates, Emulator, EmulatorOptions, FaultPlan, StoredOrder},
    outbox::{OrderOutcome, OrderRecord, Outbox, OutboxOptions, Outcomes, Receipt, Refusal, WorkPorts},
    ports::{Clock, Headers, Http, HttpError, Request, Response, StoreError},
};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

pub type Api = Emulator<VirtualClock, SeededRandom>;
pub type OutboxOf = Outbox<DyingTable, VirtualClock, SeededRandom>;

/// An order that has no issue.
pub fn order(id: &str) -> Value {
    json!({
        "clientId": "1234", "clientOrderId": id, "createDate": "2022-02-07T01:20:00Z",
        "inputShippingDetails": { "carrier": "PITNEY BOWES", "serviceId": "PARCEL" },
        "orderLines": [{ "lineId": 1, "sku": "0001-0001", "orderedQuantity": 5 }],
        "toAddress": { "name": "Ada Byron", "addressLines": ["1 Main St"], "cityTown": "Opelika", "stateProvince": "AL",
                       "postalCode": "36801", "countryCode": "US" }
    })
}

/// The body of a request with these orders, and white space of its own.
pub fn body(orders: &[Value]) -> Vec<u8> {
    serde_json::to_vec_pretty(&json!({ "orders": orders })).unwrap()
}

/// The ids from one number to another.
pub fn ids(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|number| format!("W-{number}")).collect()
}

/// The line to the API. It notes what is sent and when, and refuses whole requests for orders that are named.
pub struct Line {
    pub api: Rc<Api>,
    clock: VirtualClock,
    /// The bulk requests, and when each began, since virtual time did.
    pub sent: RefCell<Vec<(u64, Request)>>,
    /// A request with one of these is refused as a whole by 400.
    pub guilty: RefCell<BTreeSet<String>>,
}

impl Line {
    /// The orders of each bulk request.
    pub fn batches(&self) -> Vec<Vec<String>> {
        self.sent.borrow().iter().map(|(_, request)| ids_in(&request.body)).collect()
    }

    /// When each bulk request began.
    pub fn times(&self) -> Vec<u64> {
        self.sent.borrow().iter().map(|(at_ms, _)| *at_ms).collect()
    }
}

pub fn ids_in(body: &[u8]) -> Vec<String> {
    let value: Value = serde_json::from_slice(body).unwrap();
    let orders = value["orders"].as_array().unwrap();
    orders.iter().map(|order| order["clientOrderId"].as_str().unwrap().to_owned()).collect()
}

impl Http for Line {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        if request.url.ends_with("/bulk") {
            self.sent.borrow_mut().push((self.clock.elapsed_ms(), request.clone()));
            let guilty = self.guilty.borrow();
            if ids_in(&request.body).iter().any(|id| guilty.contains(id)) {
                let body = br#"{"errors":[{"errorCode":"1000050","errorDescription":"Bad Request"}]}"#.to_vec();
                return Ok(Response { status: 400, headers: Headers::new(), body });
            }
        }
        self.api.send(request).await
    }
}

/// The vault of the credentials: tokens and leases.
pub struct Keeper {
    pub tokens: TokenVault<Rc<Line>, VirtualClock, MemoryStore>,
    pub leases: CallLeases<VirtualClock>,
    pub leases_fail: Cell<bool>,
}

impl Vault for Keeper {
    async fn get_token(&self, rejected: Option<&str>) -> Result<Token, TokenError> {
        self.tokens.get_token(rejected).await
    }
}

impl Calls for Keeper {
    async fn lease_calls(&self, operation: &str, wanted: u32, good_ms: u64) -> Result<Lease, StoreError> {
        if self.leases_fail.get() {
            return Err(StoreError("the vault is overloaded".into()));
        }
        self.leases.lease_calls(operation, wanted, good_ms).await
    }
}

/// Whoever hears of outcomes.
pub struct Ear {
    clock: VirtualClock,
    pub heard: RefCell<Vec<OrderOutcome>>,
    /// How many times it fails from now on, after it has heard.
    pub fails: Cell<usize>,
    /// How many it takes at a time.
    pub takes: Cell<usize>,
    /// How long it takes.
    pub takes_ms: Cell<u64>,
}

impl Outcomes for Ear {
    async fn tell(&self, outcomes: &[OrderOutcome]) -> Result<usize, HookError> {
        let outcomes = &outcomes[..outcomes.len().min(self.takes.get())];
        self.heard.borrow_mut().extend_from_slice(outcomes);
        self.clock.sleep(self.takes_ms.get()).await;
        let fails = self.fails.get();
        self.fails.set(fails.saturating_sub(1));
        if fails > 0 { Err(HookError) } else { Ok(outcomes.len()) }
    }
}

/// What outlives an outbox, and the outbox.
pub struct World {
    pub clock: VirtualClock,
    pub random: SeededRandom,
    pub api: Rc<Api>,
    pub line: Rc<Line>,
    pub ear: Rc<Ear>,
    pub keeper: Rc<Keeper>,
    pub table: MemoryTable,
    pub options: OutboxOptions,
    pub ports: WorkPorts<Rc<Line>, Rc<Keeper>, Rc<Ear>>,
    pub outbox: OutboxOf,
}

impl Default for World {
    fn default() -> Self {
        Self::new(|_| ())
    }
}

impl World {
    /// A world whose API stores each order that comes again beside the one before.
    pub fn new(configure: impl FnOnce(&mut OutboxOptions)) -> Self {
        let clock = VirtualClock::default();
        let random = SeededRandom::new(42);
        let options = EmulatorOptions { duplicates: Duplicates::Create, ..EmulatorOptions::default() };
        let secret = |text: &String| Secret::new(text.as_str());
        let credentials = Credentials { api_key: secret(&options.api_key), api_secret: secret(&options.api_secret) };
        let api = Rc::new(Emulator::new(options, clock.clone(), random.clone()));
        let (sent, guilty) = Default::default();
        let line = Rc::new(Line { api: api.clone(), clock: clock.clone(), sent, guilty });
        let store = MemoryStore::default();
        let keeper = Rc::new(Keeper {
            tokens: TokenVault::new(Upstream::Sandbox, credentials, line.clone(), clock.clone(), store),
            leases: CallLeases::new(clock.clone(), CALLS_PER_SECOND),
            leases_fail: Cell::new(false),
        });
        clock.run(clock.sleep(4_000));
        let (heard, fails, takes_ms) = Default::default();
        let ear = Rc::new(Ear { clock: clock.clone(), heard, fails, takes_ms, takes: Cell::new(usize::MAX) });
        let ports = WorkPorts { http: line.clone(), vault: keeper.clone(), outcomes: ear.clone() };
        let mut options = OutboxOptions::new(Upstream::Sandbox);
        configure(&mut options);
        let table = MemoryTable::default();
        let alive = DyingTable::new(table.clone(), clock.clone(), usize::MAX, false);
        let outbox = Outbox::new(options.clone(), alive, clock.clone(), random.clone());
        Self { clock, random, api, line, ear, keeper, table, options, ports, outbox }
    }

    /// A new outbox over what the old one left, which stops after so many operations.
    pub fn restart(&mut self, left: usize, last_takes_effect: bool) {
        let table = DyingTable::new(self.table.clone(), self.clock.clone(), left, last_takes_effect);
        self.outbox = Outbox::new(self.options.clone(), table, self.clock.clone(), self.random.clone());
    }

    pub fn faults(&self, plan: &Value) {
        self.api.set_faults(FaultPlan::from_json(plan.to_string().as_bytes()).unwrap());
    }

    pub fn enqueue(&self, body: &[u8]) -> Result<Vec<Receipt>, Refusal> {
        self.clock.run(self.outbox.enqueue(body))
    }

    /// Enqueues orders with these ids, all of which are taken.
    #[track_caller]
    pub fn take(&self, ids: &[String]) -> Vec<Receipt> {
        let orders: Vec<_> = ids.iter().map(|id| order(id)).collect();
        self.enqueue(&body(&orders)).unwrap()
    }

    /// Waits for the alarm and does what it asks for; whether it was to ring within that time.
    pub fn ring(&self, within_ms: u64) -> Result<bool, StoreError> {
        let Some(at_ms) = self.table.alarm() else { return Ok(false) };
        let wait_ms = at_ms.saturating_sub(self.clock.now_ms());
        if wait_ms > within_ms {
            return Ok(false);
        }
        self.wait(wait_ms);
        self.clock.run(self.outbox.work(&self.ports)).map(|()| true)
    }

    /// Lets so much time pass, and does all that the alarm asks for in it.
    #[track_caller]
    pub fn settle(&self, within_ms: u64) {
        let until_ms = self.clock.now_ms() + within_ms;
        for _ in 0..10_000 {
            if !self.ring(until_ms.saturating_sub(self.clock.now_ms())).unwrap() {
                return self.wait(until_ms.saturating_sub(self.clock.now_ms()));
            }
        }
        panic!("the alarm never stops");
    }

    pub fn wait(&self, ms: u64) {
        self.clock.run(self.clock.sleep(ms));
    }

    #[track_caller]
    pub fn status(&self, id: &str) -> OrderRecord {
        self.clock.run(self.outbox.status("1234", id)).unwrap().unwrap()
    }

    /// The state of each of these orders.
    #[track_caller]
    pub fn states(&self, ids: &[String]) -> Vec<&'static str> {
        ids.iter().map(|id| self.status(id).state.name()).collect()
    }

    /// The orders of that id at the API.
    pub fn at_api(&self, id: &str) -> Vec<StoredOrder> {
        self.api.orders().into_iter().filter(|order| order.client_order_id == id).collect()
    }
}

/// Names a refusal.
#[track_caller]
pub fn code(refusal: &Refusal) -> &'static str {
    refusal.problem.code.unwrap().name()
}
