//! The API itself, as far as it is known: the token call and the bulk order call, with faults on request.
//!
//! The live service is gone, so this is what client and broker are tested and developed against. It is pure: ports and a
//! request in, an answer out. Documented behaviour is followed to the letter. Whether an order is refused is decided by the
//! package's own tables with the documented rules alone switched on: each API object is declared once, and an independent
//! JSON Schema validator checks those tables in the tests. All that had to be invented is in this table:
//!
#![doc = include_str!("inventions.md")]
//!
//! Routes: `POST /oauth/token`, `POST /shippingservices/fulfillment/v1/orders/bulk`, and the emulator's own
//! `GET`, `PUT`, `DELETE` of `/emulator/faults` (see [`FaultPlan`]) and `GET`, `DELETE` of `/emulator/orders`.

mod answer;
mod control;
mod faults;
mod oauth;
mod orders;
mod store;

pub use faults::{Fault, FaultKind, FaultPlan, FaultPlanError, On, RandomFaults};
pub use store::{Duplicates, StoredOrder};

use crate::ports::{Clock, Headers, Http, HttpError, HttpErrorKind, Random, Request, Response};
use std::{cell::RefCell, collections::HashSet, fmt};

/// What the emulator had to invent, as a Markdown table.
pub const INVENTIONS: &str = include_str!("inventions.md");

const TOKEN_PATH: &str = "/oauth/token";
const BULK_PATH: &str = "/shippingservices/fulfillment/v1/orders/bulk";
const FAULTS_PATH: &str = "/emulator/faults";
const ORDERS_PATH: &str = "/emulator/orders";

/// How an emulator is set up.
#[derive(Clone)]
pub struct EmulatorOptions {
    /// The only API key it knows.
    pub api_key: String,
    /// The secret of that key.
    pub api_secret: String,
    /// What an order that comes again does.
    pub duplicates: Duplicates,
    /// How long a token is valid, in seconds. Documented: 35999.
    pub token_lifetime_s: u64,
    /// What goes wrong.
    pub faults: FaultPlan,
}

impl Default for EmulatorOptions {
    /// Credentials for a machine of one's own, updates, no faults.
    fn default() -> Self {
        Self {
            api_key: "emulator-key".into(),
            api_secret: "emulator-secret".into(),
            duplicates: Duplicates::Update,
            token_lifetime_s: 35_999,
            faults: FaultPlan::default(),
        }
    }
}

impl fmt::Debug for EmulatorOptions {
    /// Without the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorOptions")
            .field("duplicates", &self.duplicates)
            .field("token_lifetime_s", &self.token_lifetime_s)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// A request as it arrives.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The method in capitals.
    pub method: &'a str,
    /// The path of the URL, without its query.
    pub path: &'a str,
    /// The header fields.
    pub headers: &'a Headers,
    /// The whole body.
    pub body: &'a [u8],
}

impl fmt::Debug for Call<'_> {
    /// Method, path and size only: headers hold credentials and bodies hold buyers' data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({} bytes)", self.method, self.path, self.body.len())
    }
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is answered.
    Answer(Response),
    /// The connection ends without an answer: a rejected `fetch`, a closed socket.
    Cut,
    /// The answer begins, its body holding only what arrives before the connection ends: an errored body stream.
    CutBody(Response),
}

/// The API, emulated in memory.
pub struct Emulator<C, R> {
    clock: C,
    random: R,
    options: EmulatorOptions,
    state: RefCell<State>,
}

/// What an emulator remembers.
struct State {
    tokens: Vec<oauth::IssuedToken>,
    transactions: HashSet<String>,
    store: store::OrderStore,
    faults: faults::FaultSource,
}

impl<C, R> fmt::Debug for Emulator<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<C: Clock, R: Random> Emulator<C, R> {
    /// An emulator with an empty store. Tokens and order ids come from `random`, faults from the plan's own seed.
    pub fn new(options: EmulatorOptions, clock: C, random: R) -> Self {
        let state = RefCell::new(State {
            tokens: Vec::new(),
            transactions: HashSet::new(),
            store: store::OrderStore::default(),
            faults: faults::FaultSource::new(options.faults.clone()),
        });
        Self { clock, random, options, state }
    }

    /// Answers one request, or cuts it, as the fault for it demands.
    ///
    /// A fault's latency passes after the emulator has acted, so a caller that gives up waiting does not undo anything.
    pub async fn handle(&self, call: Call<'_>) -> Reply {
        let (on, allowed) = match call.path {
            TOKEN_PATH => (Some(On::Token), "POST"),
            BULK_PATH => (Some(On::Orders), "POST"),
            FAULTS_PATH => (None, "GET, PUT, DELETE"),
            ORDERS_PATH => (None, "GET, DELETE"),
            _ => return Reply::Answer(answer::error(404, "emulator.not_found", "The emulator has no such resource.")),
        };
        if !allowed.split(", ").any(|method| method == call.method) {
            let mut refusal = answer::error(405, "emulator.method_not_allowed", "The resource has no such method.");
            refusal.headers.set("Allow", allowed);
            return Reply::Answer(refusal);
        }
        let fault = on.and_then(|on| self.state.borrow_mut().faults.next(on));
        let (Some(on), Some(fault)) = (on, fault) else { return self.act(call, None) };
        let reply = fault.before_acting(on).unwrap_or_else(|| fault.after_acting(self.act(call, Some(&fault))));
        if fault.latency_ms > 0 {
            self.clock.sleep(fault.latency_ms).await;
        }
        reply
    }

    fn act(&self, call: Call<'_>, fault: Option<&Fault>) -> Reply {
        Reply::Answer(match call.path {
            TOKEN_PATH => self.token_call(call),
            BULK_PATH => self.bulk_call(call, fault),
            FAULTS_PATH => self.faults_call(call),
            _ => self.orders_call(call),
        })
    }

    /// The stored orders, oldest first.
    pub fn orders(&self) -> Vec<StoredOrder> {
        self.state.borrow().store.orders().to_vec()
    }

    /// Sets what goes wrong from now on; the plan's script and seed start anew.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.state.borrow_mut().faults = faults::FaultSource::new(plan);
    }

    /// Fresh random bytes.
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }
}

impl<C: Clock, R: Random> Http for Emulator<C, R> {
    /// Takes the place of the network in one process: scheme, host and query of the URL do not matter.
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let after_scheme = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
        let path = after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or("/");
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let cut = |kind, message: &str| Err(HttpError { kind, message: message.into(), cause: Default::default() });
        match self.handle(Call { method: request.method, path, headers: &request.headers, body: &request.body }).await {
            Reply::Answer(response) => Ok(response),
            Reply::Cut => cut(HttpErrorKind::Connection, "the connection was cut before an answer came"),
            Reply::CutBody(_) => cut(HttpErrorKind::Body, "the connection was cut while the answer was read"),
        }
    }
}
