//! The outbox of a Durable Object. It stays for the next call, with what it keeps in memory, as long as its object lives.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Function};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{
    call::{number, options, text},
    entropy::Entropy,
    errand::read_errand,
    exchange::{function, plain, settle},
    fetch::Fetch,
    lives::{Lives, life},
    rows::Rows,
    timers::Timers,
    values::{describe, failure, field, read, write},
    vault::{read_token, upstream},
};
use crate::{
    broker::{Calls, HookError, LEASE_MS, Lease, Token, TokenError, Vault},
    outbox::{OrderOutcome, Outbox, OutboxLimits, OutboxOptions, Outcomes, WorkPorts},
    ports::StoreError,
    wire::OnAmbiguous,
};

/// The largest answer of the API that is read, in bytes. The reply to 200 orders has some 30 kB.
const LARGEST_ANSWER: usize = 16 << 20;

type Box = Outbox<Rows, Timers, Entropy>;

thread_local! {
    static OUTBOXES: RefCell<Lives<Box>> = RefCell::default();
}

/// `{ options }`: whether an outbox can be made of these options.
///
/// # Errors
/// A wrong call that names the option.
#[wasm_bindgen(js_name = checkOutbox)]
pub fn check_outbox(call: JsValue) -> Result<(), JsValue> {
    outbox_options(&field(&call, "options")).map(drop)
}

/// Does an errand: `{ id, life, options, rows, errand }` to `{ status, headers, body }`.
///
/// # Errors
/// A wrong call, if an outbox cannot be made of the options or the errand is none.
#[wasm_bindgen(js_name = answerAsOutbox)]
pub async fn answer_as_outbox(call: JsValue) -> Result<JsValue, JsValue> {
    let outbox = outbox(&call)?;
    let shards = number(&field(&call, "options"), "shards").unwrap_or(1);
    let errand = read_errand(&field(&call, "errand"))?;
    Ok(plain(&outbox.answer(&errand, u32::try_from(shards).unwrap_or(1)).await).into())
}

/// A turn of work: `{ id, life, options, rows, fetch, getToken, leaseCalls, tell }`.
///
/// # Errors
/// If the table fails: the alarm must ring again.
#[wasm_bindgen(js_name = workAsOutbox)]
pub async fn work_as_outbox(call: JsValue) -> Result<(), JsValue> {
    let outbox = outbox(&call)?;
    let ports = WorkPorts {
        http: Fetch::new(function(&call, "fetch"), LARGEST_ANSWER),
        vault: Keeper { get_token: function(&call, "getToken"), lease_calls: function(&call, "leaseCalls") },
        outcomes: Listener(function(&call, "tell")),
    };
    outbox.work(&ports).await.map_err(|error| failure("store", &error.to_string()))
}

fn outbox(call: &JsValue) -> Result<Rc<Box>, JsValue> {
    let id = text(call, "id").unwrap_or_default();
    let make = || Ok(Outbox::new(outbox_options(&field(call, "options"))?, Rows::of(call), Timers, Entropy));
    OUTBOXES.with_borrow_mut(|outboxes| outboxes.of(&id, life(call), make))
}

/// The options that are plain values, times in milliseconds. The glue has checked their types.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Given {
    on_ambiguous: Option<String>,
    delay: Option<u64>,
    give_up_after: Option<u64>,
    purge_after: Option<u64>,
    forget_after: Option<u64>,
    limits: GivenLimits,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GivenLimits {
    max_body_bytes: Option<usize>,
    max_issues: Option<usize>,
    max_orders: Option<usize>,
    max_pending: Option<u64>,
    concurrency: Option<usize>,
    calls_per_turn: Option<usize>,
    outcomes_per_turn: Option<usize>,
    upstream_timeout: Option<u64>,
    token_timeout: Option<u64>,
    lease_timeout: Option<u64>,
    outcome_timeout: Option<u64>,
}

fn outbox_options(call: &JsValue) -> Result<OutboxOptions, JsValue> {
    let given: Given = read(call, "createOutbox")?;
    let usual = OutboxOptions::new(upstream(call)?);
    let (limits, least) = (given.limits, usual.limits);
    Ok(OutboxOptions {
        severity: options(call)?.severity,
        on_ambiguous: match given.on_ambiguous.as_deref() {
            Some("resend") => OnAmbiguous::Resend,
            _ => OnAmbiguous::Report,
        },
        delay_ms: given.delay.unwrap_or(usual.delay_ms),
        give_up_after_ms: given.give_up_after.unwrap_or(usual.give_up_after_ms),
        purge_after_ms: given.purge_after.unwrap_or(usual.purge_after_ms),
        forget_after_ms: given.forget_after.unwrap_or(usual.forget_after_ms),
        limits: OutboxLimits {
            max_body_bytes: limits.max_body_bytes.unwrap_or(least.max_body_bytes),
            max_issues: limits.max_issues.unwrap_or(least.max_issues),
            max_orders: limits.max_orders.unwrap_or(least.max_orders),
            max_pending: limits.max_pending.unwrap_or(least.max_pending),
            concurrency: limits.concurrency.unwrap_or(least.concurrency),
            calls_per_turn: limits.calls_per_turn.unwrap_or(least.calls_per_turn),
            outcomes_per_turn: limits.outcomes_per_turn.unwrap_or(least.outcomes_per_turn),
            upstream_timeout_ms: limits.upstream_timeout.unwrap_or(least.upstream_timeout_ms),
            token_timeout_ms: limits.token_timeout.unwrap_or(least.token_timeout_ms),
            lease_timeout_ms: limits.lease_timeout.unwrap_or(least.lease_timeout_ms),
            tell_timeout_ms: limits.outcome_timeout.unwrap_or(least.tell_timeout_ms),
        },
        ..usual
    })
}

/// The vault, as two functions: `(rejected?) => Promise<VaultAnswer>` and `(operation, wanted, good) => Promise<{ granted, good, wait }>`.
struct Keeper {
    get_token: Function,
    lease_calls: Function,
}

impl Vault for Keeper {
    async fn get_token(&self, rejected: Option<&str>) -> Result<Token, TokenError> {
        let rejected = rejected.map_or(JsValue::UNDEFINED, JsValue::from_str);
        let answer = settle(self.get_token.call1(&JsValue::UNDEFINED, &rejected)).await;
        read_token(&answer.unwrap_or_default())
    }
}

impl Calls for Keeper {
    async fn lease_calls(&self, operation: &str, wanted: u32, good_ms: u64) -> Result<Lease, StoreError> {
        let good = JsValue::from(good_ms as f64);
        let called = self.lease_calls.call3(&JsValue::UNDEFINED, &operation.into(), &wanted.into(), &good);
        let lease = settle(called).await.map_err(|thrown| StoreError(describe(&thrown)))?;
        let granted = number(&lease, "granted").and_then(|granted| u32::try_from(granted).ok());
        let unreadable = || StoreError("the vault's answer cannot be read".into());
        Ok(Lease {
            granted: granted.ok_or_else(unreadable)?,
            // A vault of a Worker that has not been updated yet does not know of more.
            good_ms: number(&lease, "good").unwrap_or(LEASE_MS),
            wait_ms: number(&lease, "wait").unwrap_or_default(),
        })
    }
}

/// Who hears of outcomes, as a function: `(outcomes) => Promise<number>`, how many of them were taken.
struct Listener(Function);

impl Outcomes for Listener {
    async fn tell(&self, outcomes: &[OrderOutcome]) -> Result<usize, HookError> {
        let plain = outcomes.iter().map(write).collect::<Result<Array, _>>().map_err(|_| HookError)?;
        let taken = settle(self.0.call1(&JsValue::UNDEFINED, &plain)).await.map_err(|_| HookError)?;
        taken.as_f64().map_or(Err(HookError), |taken| Ok((taken as usize).min(outcomes.len())))
    }
}
