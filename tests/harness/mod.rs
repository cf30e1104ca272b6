//! A page, a broker and the emulator in one process on virtual time. Whatever a page, a log or an error is shown is searched
//! for the credentials and the tokens when the world ends.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "the helpers of a test may fail it")]

pub mod leaks;

use crate::support::{MemoryStore, SeededRandom, VirtualClock};
use leaks::Leaks;
use pb_fulfillment::{
    broker::{
        AuditRecord, Begun, BodyError, BodySource, Broker, BrokerOptions, Caller, Claim, Credentials, Disapproval,
        EntryName, Head, HookError, Hooks, Incoming, Ledger, LedgerEntry, LedgerTimes, Log, LogRecord, OrderToApprove,
        Ports, Principal, SCOPE_ORDERS, Secret, Settlement, TokenVault, Upstream, WholeBody,
    },
    emulator::{Emulator, EmulatorOptions, FaultPlan},
    ports::{Clock, Headers, Http, HttpError, Request, Response, Store, StoreError},
};
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashSet, VecDeque},
    rc::Rc,
};

pub const ORIGIN: &str = "https://shop.example.com";
pub const BULK: &str = "/api/v1/orders/bulk";
/// Characters that base64 and URLs write in other ways.
pub const API_KEY: &str = "k3y/Kéy+0123456789";
pub const API_SECRET: &str = "s3cr3t?>~ÿ&=%:+/9876543210";

pub type Api = Emulator<VirtualClock, SeededRandom>;
pub type VaultOf = TokenVault<Rc<Line>, VirtualClock, MemoryStore>;
pub type PortsOf = Ports<Rc<Line>, VirtualClock, SeededRandom, VaultOf, Merchant, Journal, Rc<Books>>;

/// The line from the broker to the API: it notes what is sent, and answers from a script before it asks the emulator.
pub struct Line {
    pub api: Rc<Api>,
    pub sent: RefCell<Vec<Request>>,
    pub script: RefCell<VecDeque<Result<Response, HttpError>>>,
    pub under_way: Cell<usize>,
    pub most_under_way: Cell<usize>,
    /// The transaction ids of the bulk requests that got no bulk reply and no refusal: nobody knows what became of them.
    pub lost: RefCell<HashSet<String>>,
    leaks: Rc<Leaks>,
}

impl Http for Line {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        self.sent.borrow_mut().push(request.clone());
        self.under_way.set(self.under_way.get() + 1);
        self.most_under_way.set(self.most_under_way.get().max(self.under_way.get()));
        let transaction = request.headers.get("X-PB-TransactionId").map(str::to_owned);
        self.lost.borrow_mut().extend(transaction.clone());
        let scripted = self.script.borrow_mut().pop_front();
        let answer = match scripted {
            Some(answer) => answer,
            None => self.api.send(request).await,
        };
        self.under_way.set(self.under_way.get() - 1);
        let reply: Value =
            answer.as_ref().map_or(Value::Null, |answer| serde_json::from_slice(&answer.body).unwrap_or_default());
        if let Some(token) = reply.get("access_token").and_then(Value::as_str) {
            self.leaks.secret(token);
        }
        let refused = answer.as_ref().is_ok_and(|answer| answer.status >= 400);
        if let Some(id) = transaction.filter(|_| refused || reply.get("orders").is_some()) {
            self.lost.borrow_mut().remove(&id);
        }
        answer
    }
}

impl Line {
    /// The requests to this path.
    pub fn sent_to(&self, path: &str) -> Vec<Request> {
        self.sent.borrow().iter().filter(|request| request.url.ends_with(path)).cloned().collect()
    }

    pub fn token_calls(&self) -> usize {
        self.sent_to("/oauth/token").len()
    }

    pub fn bulk_calls(&self) -> usize {
        self.sent_to("/orders/bulk").len()
    }
}

/// The merchant's hooks.
pub struct Merchant {
    pub clock: VirtualClock,
    pub principal: RefCell<Result<Option<Principal>, HookError>>,
    pub refused: RefCell<Result<Vec<Disapproval>, HookError>>,
    /// Orders refused by their own id, besides those of `refused`.
    pub refused_ids: RefCell<Vec<String>>,
    pub delay_ms: Cell<u64>,
    pub asked: RefCell<Vec<String>>,
    /// What the counts of callers give; nothing to refuse once they are through.
    pub counted: RefCell<VecDeque<Result<Option<u64>, ()>>>,
    pub count_delay_ms: Cell<u64>,
}

impl Hooks for Merchant {
    async fn authorize(&self, head: Head<'_>) -> Result<Option<Principal>, HookError> {
        self.asked.borrow_mut().push(format!("{head:?}"));
        self.clock.sleep(self.delay_ms.get()).await;
        self.principal.borrow().clone()
    }

    async fn approve_orders(
        &self,
        principal: &Principal,
        orders: &[OrderToApprove<'_>],
    ) -> Result<Vec<Disapproval>, HookError> {
        let ids = self.refused_ids.borrow().clone();
        let by_id = orders.iter().enumerate().filter(|(_, order)| ids.iter().any(|id| id == order.client_order_id));
        let by_id: Vec<_> = by_id.map(|(index, _)| Disapproval { index, detail: None }).collect();
        let orders = orders.iter().map(|order| String::from_utf8_lossy(order.json).into_owned());
        self.asked.borrow_mut().push(format!("{} {}", principal.subject, orders.collect::<Vec<_>>().join("|")));
        self.clock.sleep(self.delay_ms.get()).await;
        self.refused.borrow().clone().map(|refused| refused.into_iter().chain(by_id).collect())
    }

    async fn count(&self, _: Caller<'_>) -> Result<Option<u64>, HookError> {
        if self.count_delay_ms.get() > 0 {
            self.clock.sleep(self.count_delay_ms.get()).await;
        }
        self.counted.borrow_mut().pop_front().unwrap_or(Ok(None)).map_err(|()| HookError)
    }
}

/// A ledger in memory: an entry of its own for each name, as each Durable Object is.
pub struct Books {
    pub clock: VirtualClock,
    pub times: LedgerTimes,
    /// What outlives a broker.
    pub stores: RefCell<BTreeMap<String, MemoryStore>>,
    entries: RefCell<BTreeMap<String, Rc<LedgerEntry<VirtualClock, MemoryStore>>>>,
    /// Begins and settlements fail from now on.
    pub begin_fails: Cell<bool>,
    pub settle_fails: Cell<bool>,
    /// How long each call takes.
    pub delay_ms: Cell<u64>,
}

impl Books {
    pub fn new(clock: &VirtualClock) -> Self {
        Self {
            clock: clock.clone(),
            times: LedgerTimes::default(),
            stores: RefCell::default(),
            entries: RefCell::default(),
            begin_fails: Cell::new(false),
            settle_fails: Cell::new(false),
            delay_ms: Cell::new(0),
        }
    }

    /// How many entries hold something.
    pub fn kept(&self) -> usize {
        self.stores.borrow().values().filter(|store| self.clock.run(store.get("entry")).unwrap().is_some()).count()
    }

    async fn entry(
        &self,
        name: EntryName<'_>,
        fails: &Cell<bool>,
    ) -> Result<Rc<LedgerEntry<VirtualClock, MemoryStore>>, StoreError> {
        self.clock.sleep(self.delay_ms.get()).await;
        if fails.get() {
            return Err(StoreError("the object is overloaded".into()));
        }
        let name = format!("{}\0{}", name.subject, name.key);
        let store = self.stores.borrow_mut().entry(name.clone()).or_default().clone();
        let entry = || Rc::new(LedgerEntry::new(self.clock.clone(), store, self.times));
        Ok(self.entries.borrow_mut().entry(name).or_insert_with(entry).clone())
    }
}

impl Ledger for Books {
    async fn begin(&self, entry: EntryName<'_>, body: &[u8], resend: bool) -> Result<Begun, StoreError> {
        // Not SHA-256, but of that size and different for different bytes of a test.
        let mut digest = [0; 32];
        for (index, byte) in (0_usize..).zip(body) {
            let at = &mut digest[index % 32];
            *at = u8::rotate_left(*at, 3) ^ byte;
        }
        self.entry(entry, &self.begin_fails).await?.begin(&digest, resend).await
    }

    async fn settle(&self, entry: EntryName<'_>, claim: Claim, settlement: Settlement) -> Result<(), StoreError> {
        self.entry(entry, &self.settle_fails).await?.settle(claim, settlement).await
    }
}

/// The log, and the audit.
#[derive(Default)]
pub struct Journal(pub RefCell<Vec<LogRecord>>, pub RefCell<Vec<AuditRecord>>);

impl Log for Journal {
    fn log(&self, record: &LogRecord) {
        self.0.borrow_mut().push(record.clone());
    }

    fn audit(&self, record: &AuditRecord) {
        self.1.borrow_mut().push(record.clone());
    }
}

/// A body in pieces; the last may be a cut.
pub struct Pieces(pub VecDeque<Result<Vec<u8>, BodyError>>, pub Rc<Cell<usize>>);

impl BodySource for Pieces {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, BodyError> {
        self.1.set(self.1.get() + 1);
        self.0.pop_front().transpose()
    }
}

pub struct World {
    pub clock: VirtualClock,
    pub api: Rc<Api>,
    pub line: Rc<Line>,
    pub store: MemoryStore,
    pub broker: Broker,
    pub ports: PortsOf,
    pub leaks: Rc<Leaks>,
}

impl Default for World {
    fn default() -> Self {
        Self::new(|_| (), EmulatorOptions::default())
    }
}

impl World {
    pub fn new(configure: impl FnOnce(&mut BrokerOptions), emulator: EmulatorOptions) -> Self {
        let clock = VirtualClock::default();
        let random = SeededRandom::new(42);
        let leaks = Rc::new(Leaks::new(&[API_KEY, API_SECRET]));
        let emulator = EmulatorOptions { api_key: API_KEY.into(), api_secret: API_SECRET.into(), ..emulator };
        let api = Rc::new(Emulator::new(emulator, clock.clone(), random.clone()));
        let line = Rc::new(Line {
            api: api.clone(),
            sent: RefCell::default(),
            script: RefCell::default(),
            under_way: Cell::new(0),
            most_under_way: Cell::new(0),
            lost: RefCell::default(),
            leaks: leaks.clone(),
        });
        let store = MemoryStore::default();
        let vault = TokenVault::new(Upstream::Sandbox, credentials(), line.clone(), clock.clone(), store.clone());
        let merchant = Merchant {
            clock: clock.clone(),
            principal: RefCell::new(Ok(Some(Principal {
                subject: "session-1".into(),
                client_ids: vec!["1234".into(), "NORTHWIND".into()],
                scopes: vec![SCOPE_ORDERS.into()],
            }))),
            refused: RefCell::new(Ok(Vec::new())),
            refused_ids: RefCell::default(),
            delay_ms: Cell::new(0),
            asked: RefCell::default(),
            counted: RefCell::default(),
            count_delay_ms: Cell::new(0),
        };
        let mut options = BrokerOptions::new(Upstream::Sandbox, [ORIGIN]);
        options.base_path = "/api".into();
        configure(&mut options);
        let broker = Broker::new(options).unwrap();
        let ports = Ports {
            http: line.clone(),
            clock: clock.clone(),
            random,
            vault,
            hooks: merchant,
            log: Journal::default(),
            ledger: None,
        };
        Self { clock, api, line, store, broker, ports, leaks }
    }

    pub fn with_faults(plan: &Value) -> Self {
        let faults = FaultPlan::from_json(plan.to_string().as_bytes()).unwrap();
        Self::new(|_| (), EmulatorOptions { faults, ..EmulatorOptions::default() })
    }

    /// Sends a request to the broker.
    pub async fn ask(&self, method: &str, path: &str, headers: &Headers, body: impl BodySource) -> Response {
        let answer = self.broker.handle(Incoming { method, path, headers, body }, &self.ports).await;
        let fields: Vec<_> = answer.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        self.leaks.shown(&format!("{} {answer:?} {}", answer.status, fields.join("\n")));
        self.leaks.shown(&String::from_utf8_lossy(&answer.body));
        answer
    }

    /// The same, to the end of it.
    pub fn call(&self, method: &str, path: &str, headers: &Headers, body: impl BodySource) -> Response {
        self.clock.run(self.ask(method, path, headers, body))
    }

    /// A bulk request with all that a page has to send.
    pub fn bulk(&self, body: &[u8]) -> Response {
        self.call("POST", BULK, &page_headers(), WholeBody::new(body.to_vec()))
    }

    pub fn last_log(&self) -> LogRecord {
        self.ports.log.0.borrow().last().unwrap().clone()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.leaks.shown(&format!("{:?} {:?} {:?}", self.broker, self.ports.vault, self.api));
        for record in self.ports.log.0.borrow().iter() {
            self.leaks.shown(&format!("{record:?}"));
        }
        for record in self.ports.log.1.borrow().iter() {
            self.leaks.shown(&format!("{record:?}"));
        }
        if !std::thread::panicking() {
            self.leaks.check();
        }
    }
}

pub fn credentials() -> Credentials {
    Credentials { api_key: Secret::new(API_KEY), api_secret: Secret::new(API_SECRET) }
}

pub fn page_headers() -> Headers {
    Headers::new()
        .with("Origin", ORIGIN)
        .with("X-PB-Fulfillment-Client", "0.1.0")
        .with("Content-Type", "application/json")
        .with("Idempotency-Key", "\"batch-1\"")
        .with("Authorization", "Bearer the-pages-own-session")
        .with("Cookie", "session=the-pages-own-cookie")
}
