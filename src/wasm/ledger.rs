//! The ledger: the broker's side of it, which asks by functions of the glue, and an entry in a Durable Object.

use js_sys::{Array, Function, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{
    call::{bytes, number, text},
    exchange::{optional, settle},
    storage::ObjectStorage,
    timers::Timers,
    values::{describe, failure, field, set},
};
use crate::{
    broker::{
        Begun, Claim, Digest, EntryName, Ledger, LedgerEntry, LedgerTimes, Limits, Recorded, Settlement, lease_ms,
    },
    ports::StoreError,
};

/// `{ storage, digest, resend, keep?, requestTimeout? }` to `{ begun: "send", claim, doubt }`, `{ begun: "replay", status,
/// contentType, transactionIds, body, doubt }`, `{ begun: "running", leaseLeft }`, `{ begun: "in_doubt" }` or
/// `{ begun: "other_bytes" }`. Times are in milliseconds. Calls about one storage must take turns.
///
/// # Errors
/// If the storage fails, or the digest is none.
#[wasm_bindgen(js_name = beginEntry)]
pub async fn begin_entry(call: JsValue) -> Result<JsValue, JsValue> {
    let digest: Digest = bytes(&call, "digest").try_into().map_err(|_| failure("internal", "This is no SHA-256."))?;
    let begun = entry(&call).begin(&digest, field(&call, "resend").is_truthy()).await.map_err(fallen)?;
    let out = Object::new();
    let name = match begun {
        Begun::Send(claim) => {
            set(&out, "claim", &JsValue::from(claim.number as f64));
            set(&out, "doubt", &claim.doubt.into());
            "send"
        }
        Begun::Replay { recorded, doubt } => {
            write_recorded(&out, &recorded);
            set(&out, "doubt", &doubt.into());
            "replay"
        }
        Begun::Running { lease_left_ms } => {
            set(&out, "leaseLeft", &JsValue::from(lease_left_ms as f64));
            "running"
        }
        Begun::InDoubt => "in_doubt",
        Begun::OtherBytes => "other_bytes",
    };
    set(&out, "begun", &JsValue::from_str(name));
    Ok(out.into())
}

/// `{ storage, claim, settlement }` where the settlement is `{ settled: "done", status, contentType, transactionIds, body }`,
/// `{ settled: "not_processed" }`, `{ settled: "repeatable" }` or `{ settled: "unknown" }`.
///
/// # Errors
/// If the storage fails.
#[wasm_bindgen(js_name = settleEntry)]
pub async fn settle_entry(call: JsValue) -> Result<(), JsValue> {
    // Only the number tells claims apart.
    let claim = Claim { number: number(&call, "claim").unwrap_or_default(), doubt: false };
    let given = field(&call, "settlement");
    let settlement = match text(&given, "settled").as_deref() {
        Some("done") => read_recorded(&given).map_or(Settlement::Unknown, Settlement::Done),
        Some("not_processed") => Settlement::NotProcessed,
        Some("repeatable") => Settlement::Repeatable,
        _ => Settlement::Unknown,
    };
    entry(&call).settle(claim, settlement).await.map_err(fallen)
}

/// `{ storage }` to the time at which the entry ends, in milliseconds since 1970, or to `undefined` if there is none any more.
///
/// # Errors
/// If the storage fails.
#[wasm_bindgen(js_name = sweepEntry)]
pub async fn sweep_entry(call: JsValue) -> Result<JsValue, JsValue> {
    let ends_at_ms = entry(&call).sweep().await.map_err(fallen)?;
    Ok(ends_at_ms.map_or(JsValue::UNDEFINED, |ms| JsValue::from(ms as f64)))
}

fn entry(call: &JsValue) -> LedgerEntry<Timers, ObjectStorage> {
    let request_timeout_ms = number(call, "requestTimeout").unwrap_or(Limits::default().request_timeout_ms);
    let times = LedgerTimes {
        lease_ms: lease_ms(request_timeout_ms),
        keep_ms: number(call, "keep").unwrap_or(LedgerTimes::default().keep_ms),
    };
    LedgerEntry::new(Timers, field(call, "storage").unchecked_into(), times)
}

fn fallen(error: StoreError) -> JsValue {
    failure("store", &error.to_string())
}

fn write_recorded(out: &Object, recorded: &Recorded) {
    let ids = recorded.transaction_ids.iter().map(|id| JsValue::from_str(id)).collect::<Array>();
    set(out, "status", &JsValue::from(recorded.status));
    set(out, "contentType", &JsValue::from_str(&recorded.content_type));
    set(out, "transactionIds", &ids);
    set(out, "body", &Uint8Array::from(recorded.body.as_slice()));
}

/// Nothing, if it is none.
fn read_recorded(value: &JsValue) -> Option<Recorded> {
    Some(Recorded {
        status: number(value, "status")?.try_into().ok()?,
        content_type: text(value, "contentType")?,
        transaction_ids: field(value, "transactionIds")
            .dyn_into::<Array>()
            .ok()?
            .iter()
            .filter_map(|id| id.as_string())
            .collect(),
        body: field(value, "body").dyn_into::<Uint8Array>().ok()?.to_vec(),
    })
}

/// The ledger as two functions: `(subject, key, body, resend) => Promise<begun>` and `(subject, key, claim, settlement) =>
/// Promise<void>`.
#[derive(Debug)]
pub struct Books {
    begin: Function,
    settle: Function,
}

impl Books {
    /// The ledger of a call; nothing if its broker has none.
    pub fn of(call: &JsValue) -> Option<Self> {
        Some(Self { begin: optional(call, "beginEntry")?, settle: optional(call, "settleEntry")? })
    }
}

impl Ledger for Books {
    async fn begin(&self, entry: EntryName<'_>, body: &[u8], resend: bool) -> Result<Begun, StoreError> {
        let args = Array::of4(&entry.subject.into(), &entry.key.into(), &Uint8Array::from(body), &resend.into());
        let begun = settle(self.begin.apply(&JsValue::UNDEFINED, &args)).await.map_err(|thrown| lost(&thrown))?;
        let doubt = field(&begun, "doubt").is_truthy();
        let read = match text(&begun, "begun").as_deref() {
            Some("send") => number(&begun, "claim").map(|number| Begun::Send(Claim { number, doubt })),
            Some("replay") => read_recorded(&begun).map(|recorded| Begun::Replay { recorded, doubt }),
            Some("running") => number(&begun, "leaseLeft").map(|lease_left_ms| Begun::Running { lease_left_ms }),
            Some("in_doubt") => Some(Begun::InDoubt),
            Some("other_bytes") => Some(Begun::OtherBytes),
            _ => None,
        };
        read.ok_or_else(|| StoreError("the ledger's answer cannot be read".into()))
    }

    async fn settle(&self, entry: EntryName<'_>, claim: Claim, settlement: Settlement) -> Result<(), StoreError> {
        let out = Object::new();
        let name = match &settlement {
            Settlement::Done(recorded) => {
                write_recorded(&out, recorded);
                "done"
            }
            Settlement::NotProcessed => "not_processed",
            Settlement::Repeatable => "repeatable",
            Settlement::Unknown => "unknown",
        };
        set(&out, "settled", &JsValue::from_str(name));
        let claim = JsValue::from(claim.number as f64);
        let args = Array::of4(&entry.subject.into(), &entry.key.into(), &claim, &out);
        settle(self.settle.apply(&JsValue::UNDEFINED, &args)).await.map(drop).map_err(|thrown| lost(&thrown))
    }
}

fn lost(thrown: &JsValue) -> StoreError {
    StoreError(describe(thrown))
}
