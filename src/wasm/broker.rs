//! The broker. What belongs to one request comes with the call; the broker itself, with the token it remembers, stays for
//! the next.

use std::{cell::RefCell, collections::HashMap, rc::Rc, str};

use js_sys::{Array, Function, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{
    call::{count, number, options, text},
    callers::read_principal,
    entropy::Entropy,
    exchange::{Asked, function, optional, plain, settle},
    fetch::Fetch,
    ledger::Books,
    timers::Timers,
    values::{field, read, write, wrong_call},
    vault::{read_token, upstream},
};
use crate::broker::{
    AuditRecord, BodyError, BodySource, Broker, BrokerOptions, BrokerOptionsError, Caller, Disapproval, Head,
    HookError, Hooks, Incoming, Limits, Log, LogRecord, OrderToApprove, Ports, Principal, Rate, Rates, Token,
    TokenError, Vault,
};

/// The largest answer of the API that is read, in bytes. The reply to 200 orders has some 30 kB.
const LARGEST_ANSWER: usize = 16 << 20;

thread_local! {
    /// By the number that the glue gave each.
    static BROKERS: RefCell<HashMap<u64, Rc<Broker>>> = RefCell::default();
}

/// `{ broker, options }`: whether a broker can be made of these options.
///
/// # Errors
/// A wrong call that names the option.
#[wasm_bindgen(js_name = checkBroker)]
pub fn check_broker(call: JsValue) -> Result<(), JsValue> {
    broker(&call).map(drop)
}

/// Answers one request: `{ broker, options, method, path, headers, chunk, fetch, getToken, authorize, approveOrders, count?,
/// log, audit?, beginEntry?, settleEntry? }` to `{ status, headers, body }`.
///
/// # Errors
/// A wrong call, if a broker cannot be made of the options.
#[wasm_bindgen(js_name = answerAsBroker)]
pub async fn answer_as_broker(call: JsValue) -> Result<JsValue, JsValue> {
    let broker = broker(&call)?;
    let asked = Asked::of(&call);
    let ports = Ports {
        http: Fetch::new(function(&call, "fetch"), LARGEST_ANSWER),
        clock: Timers,
        random: Entropy,
        vault: Keeper(function(&call, "getToken")),
        hooks: Shop {
            authorize: function(&call, "authorize"),
            approve_orders: function(&call, "approveOrders"),
            count: optional(&call, "count"),
        },
        log: Listener::of(&call),
        ledger: Books::of(&call),
    };
    let (method, path, headers) = (&*asked.method, &*asked.path, &asked.headers);
    let incoming = Incoming { method, path, headers, body: Chunks::of(&call) };
    Ok(plain(&broker.handle(incoming, &ports).await).into())
}

/// Answers for an instance that died in the middle of a request: `{ broker, options, method, path, headers, sent, log,
/// audit? }` to `{ status, headers, body }`.
///
/// # Errors
/// A wrong call, if a broker cannot be made of the options.
#[wasm_bindgen(js_name = answerAsBroken)]
pub fn answer_as_broken(call: JsValue) -> Result<JsValue, JsValue> {
    let (broker, asked) = (broker(&call)?, Asked::of(&call));
    let head = Head { method: &asked.method, path: &asked.path, headers: &asked.headers };
    let sent = field(&call, "sent").is_truthy();
    let answer = broker.broken(head, sent, text(&call, "subject"), (&Timers, &Entropy, &Listener::of(&call)));
    Ok(plain(&answer).into())
}

/// The broker of that number: the one that is there, or a new one.
fn broker(call: &JsValue) -> Result<Rc<Broker>, JsValue> {
    let key = number(call, "broker").unwrap_or_default();
    if let Some(broker) = BROKERS.with_borrow(|brokers| brokers.get(&key).cloned()) {
        return Ok(broker);
    }
    let made = Broker::new(broker_options(&field(call, "options"))?).map_err(|error| {
        let option = match error {
            BrokerOptionsError::Origin(_) => "allowedOrigins",
            BrokerOptionsError::BasePath(_) => "basePath",
            BrokerOptionsError::Header(_) => "allowedHeaders",
            BrokerOptionsError::RequestTimeout { .. } => "limits.requestTimeout",
            BrokerOptionsError::Rate { .. } => "rateLimits",
        };
        wrong_call(&format!("createBroker: {option}: {error}."))
    })?;
    let broker = Rc::new(made);
    BROKERS.with_borrow_mut(|brokers| brokers.insert(key, Rc::clone(&broker)));
    Ok(broker)
}

/// The options that are plain values. The glue has checked their types and says what is wrong with them better than this.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Given {
    base_path: String,
    allowed_origins: Vec<String>,
    allowed_headers: Vec<String>,
    allow_missing_origin: bool,
    allow_credentials: bool,
    limits: GivenLimits,
}

/// Times in milliseconds.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GivenLimits {
    max_body_bytes: Option<usize>,
    max_issues: Option<usize>,
    request_timeout: Option<u64>,
    upstream_timeout: Option<u64>,
    token_timeout: Option<u64>,
    hook_timeout: Option<u64>,
    ledger_timeout: Option<u64>,
}

fn broker_options(call: &JsValue) -> Result<BrokerOptions, JsValue> {
    let given: Given = read(call, "createBroker")?;
    let (limits, usual) = (given.limits, Limits::default());
    let (rates, usual_rates) = (field(call, "rateLimits"), Rates::default());
    Ok(BrokerOptions {
        base_path: given.base_path,
        allow_missing_origin: given.allow_missing_origin,
        allow_credentials: given.allow_credentials,
        allowed_headers: given.allowed_headers,
        severity: options(call)?.severity,
        limits: Limits {
            max_body_bytes: limits.max_body_bytes.unwrap_or(usual.max_body_bytes),
            max_issues: limits.max_issues.unwrap_or(usual.max_issues),
            request_timeout_ms: limits.request_timeout.unwrap_or(usual.request_timeout_ms),
            upstream_timeout_ms: limits.upstream_timeout.unwrap_or(usual.upstream_timeout_ms),
            token_timeout_ms: limits.token_timeout.unwrap_or(usual.token_timeout_ms),
            hook_timeout_ms: limits.hook_timeout.unwrap_or(usual.hook_timeout_ms),
            ledger_timeout_ms: limits.ledger_timeout.unwrap_or(usual.ledger_timeout_ms),
        },
        rates: Rates {
            address: rate(&field(&rates, "address"), usual_rates.address),
            subject: rate(&field(&rates, "subject"), usual_rates.subject),
        },
        ..BrokerOptions::new(upstream(call)?, given.allowed_origins)
    })
}

/// `{ requests?, period? }`, the period in milliseconds; `null` is none.
fn rate(given: &JsValue, usual: Option<Rate>) -> Option<Rate> {
    let usual = usual.filter(|_| !given.is_null())?;
    let requests = number(given, "requests").map(|requests| requests.try_into().unwrap_or(u32::MAX));
    let period_ms = number(given, "period");
    Some(Rate { requests: requests.unwrap_or(usual.requests), period_ms: period_ms.unwrap_or(usual.period_ms) })
}

/// The body: each call of the function gives a promise of the next piece, or of `undefined` at the end.
pub(super) struct Chunks(Function);

impl Chunks {
    pub(super) fn of(call: &JsValue) -> Self {
        Self(function(call, "chunk"))
    }
}

impl BodySource for Chunks {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, BodyError> {
        let chunk = settle(self.0.call0(&JsValue::UNDEFINED)).await.map_err(|_| BodyError)?;
        if chunk.is_undefined() {
            return Ok(None);
        }
        chunk.dyn_into::<Uint8Array>().map(|bytes| Some(bytes.to_vec())).map_err(|_| BodyError)
    }
}

/// The vault, as a function: `(rejected?) => Promise<VaultAnswer>`.
struct Keeper(Function);

impl Vault for Keeper {
    async fn get_token(&self, rejected: Option<&str>) -> Result<Token, TokenError> {
        let rejected = rejected.map_or(JsValue::UNDEFINED, JsValue::from_str);
        let answer = settle(self.0.call1(&JsValue::UNDEFINED, &rejected)).await;
        read_token(&answer.unwrap_or_default())
    }
}

/// The merchant's hooks. The glue has looked at what they gave, and has told of what they threw.
struct Shop {
    authorize: Function,
    approve_orders: Function,
    /// `(by, key) => Promise<number | undefined>`: how many seconds to wait, if not none.
    count: Option<Function>,
}

impl Hooks for Shop {
    async fn authorize(&self, _: Head<'_>) -> Result<Option<Principal>, HookError> {
        let found = settle(self.authorize.call0(&JsValue::UNDEFINED)).await.map_err(|_| HookError)?;
        if !found.is_object() {
            return Ok(None);
        }
        read_principal(&found, "authorize").map(Some).map_err(|_| HookError)
    }

    async fn approve_orders(
        &self,
        _: &Principal,
        orders: &[OrderToApprove<'_>],
    ) -> Result<Vec<Disapproval>, HookError> {
        let texts = orders.iter().map(|order| str::from_utf8(order.json).map(JsValue::from_str));
        let texts = texts.collect::<Result<Array, _>>().map_err(|_| HookError)?;
        let refused = settle(self.approve_orders.call1(&JsValue::UNDEFINED, &texts)).await.map_err(|_| HookError)?;
        let disapproval = |entry: JsValue| {
            let index = count(&entry, "orderIndex").ok_or(HookError)?;
            Ok(Disapproval { index, detail: text(&entry, "reason") })
        };
        refused.dyn_into::<Array>().map_err(|_| HookError)?.iter().map(disapproval).collect()
    }

    async fn count(&self, caller: Caller<'_>) -> Result<Option<u64>, HookError> {
        let Some(count) = &self.count else { return Ok(None) };
        let (by, key) = match caller {
            Caller::Address(address) => ("address", address),
            Caller::Subject(subject) => ("subject", subject),
        };
        let asked = count.call2(&JsValue::UNDEFINED, &JsValue::from_str(by), &JsValue::from_str(key));
        let wait = settle(asked).await.map_err(|_| HookError)?;
        Ok(wait.as_f64().map(|seconds| seconds as u64))
    }
}

/// Takes records by functions of the glue, which throw nothing.
pub(super) struct Listener {
    log: Function,
    audit: Option<Function>,
}

impl Listener {
    pub(super) fn of(call: &JsValue) -> Self {
        Self { log: function(call, "log"), audit: optional(call, "audit") }
    }
}

impl Log for Listener {
    fn log(&self, record: &LogRecord) {
        if let Ok(record) = write(record) {
            let _ = self.log.call1(&JsValue::UNDEFINED, &record);
        }
    }

    fn audit(&self, record: &AuditRecord) {
        let Some(audit) = &self.audit else { return };
        if let Ok(record) = write(record) {
            let _ = audit.call1(&JsValue::UNDEFINED, &record);
        }
    }
}
