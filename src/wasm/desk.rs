//! The desk in front of the outboxes. It keeps nothing between calls.

use js_sys::{Function, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{
    broker::{Chunks, Listener},
    call::{options, pairs},
    callers::read_principal,
    entropy::Entropy,
    errand::{read_errand, write_errand},
    exchange::{Asked, function, plain, settle},
    timers::Timers,
    values::{describe, field, read},
};
use crate::{
    broker::{Head, HookError, Incoming, Principal},
    outbox::{Authorize, Desk, DeskOptions, DeskPorts, Errand, OutboxName, Outboxes},
    ports::{Response, StoreError},
};

/// Answers one request: `{ options, method, path, headers, query, chunk, authorize, ask, log }` to `{ status, headers, body }`.
///
/// # Errors
/// A wrong call, if a desk cannot be made of the options.
#[wasm_bindgen(js_name = answerAsDesk)]
pub async fn answer_as_desk(call: JsValue) -> Result<JsValue, JsValue> {
    let (desk, ports, asked) = (desk(&call)?, ports(&call), Asked::of(&call));
    let (method, path, headers) = (&*asked.method, &*asked.path, &asked.headers);
    let incoming = Incoming { method, path, headers, body: Chunks::of(&call) };
    Ok(plain(&desk.handle(incoming, &pairs(&call, "query"), &ports).await).into())
}

/// Does an errand of the merchant's own code: `{ options, errand, ask }` to `{ status, headers, body }`.
///
/// # Errors
/// A wrong call, if a desk cannot be made of the options or the errand is none.
#[wasm_bindgen(js_name = doErrand)]
pub async fn do_errand(call: JsValue) -> Result<JsValue, JsValue> {
    let errand = read_errand(&field(&call, "errand"))?;
    Ok(plain(&desk(&call)?.serve(errand, &ports(&call)).await).into())
}

type PortsOf = DeskPorts<Timers, Entropy, Gate, Shelf, Listener>;

fn ports(call: &JsValue) -> PortsOf {
    DeskPorts {
        clock: Timers,
        random: Entropy,
        authorize: Gate(function(call, "authorize")),
        outboxes: Shelf(function(call, "ask")),
        log: Listener::of(call),
    }
}

/// The options that are plain values. The glue has checked their types.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Given {
    base_path: String,
    shards: Option<u32>,
    limits: GivenLimits,
}

/// Times in milliseconds.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GivenLimits {
    max_body_bytes: Option<usize>,
    max_issues: Option<usize>,
    max_orders: Option<usize>,
    hook_timeout: Option<u64>,
}

fn desk(call: &JsValue) -> Result<Desk, JsValue> {
    let call = field(call, "options");
    let given: Given = read(&call, "createOutbox")?;
    let usual = DeskOptions::default();
    Ok(Desk::new(DeskOptions {
        base_path: given.base_path,
        shards: given.shards.unwrap_or(usual.shards),
        severity: options(&call)?.severity,
        max_body_bytes: given.limits.max_body_bytes.unwrap_or(usual.max_body_bytes),
        max_issues: given.limits.max_issues.unwrap_or(usual.max_issues),
        max_orders: given.limits.max_orders.unwrap_or(usual.max_orders),
        hook_timeout_ms: given.limits.hook_timeout.unwrap_or(usual.hook_timeout_ms),
        ..usual
    }))
}

/// Who is asking, by a function of the glue.
struct Gate(Function);

impl Authorize for Gate {
    async fn authorize(&self, _: Head<'_>) -> Result<Option<Principal>, HookError> {
        let found = settle(self.0.call0(&JsValue::UNDEFINED)).await.map_err(|_| HookError)?;
        if !found.is_object() {
            return Ok(None);
        }
        read_principal(&found, "authorize").map(Some).map_err(|_| HookError)
    }
}

/// The outboxes, by a function of the glue: `(clientId, shard, errand) => Promise<{ status, headers, body }>`.
struct Shelf(Function);

impl Outboxes for Shelf {
    async fn ask(&self, at: OutboxName<'_>, errand: Errand) -> Result<Response, StoreError> {
        let called = self.0.call3(&JsValue::UNDEFINED, &at.client_id.into(), &at.shard.into(), &write_errand(&errand));
        let answer = settle(called).await.map_err(|thrown| StoreError(describe(&thrown)))?;
        let unreadable = || StoreError("the outbox's answer cannot be read".into());
        Ok(Response {
            status: field(&answer, "status").as_f64().map(|status| status as u16).ok_or_else(unreadable)?,
            headers: pairs(&answer, "headers").into_iter().collect(),
            body: field(&answer, "body").dyn_into::<Uint8Array>().map_err(|_| unreadable())?.to_vec(),
        })
    }
}
