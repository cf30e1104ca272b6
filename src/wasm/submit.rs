//! The client: sends orders through a broker.

use std::{future::pending, rc::Rc};

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use super::{
    call::{bytes, count, number, options, pairs, text},
    entropy::Entropy,
    fetch::Fetch,
    orders::fault,
    reader::take_part,
    signal::aborted,
    timers::Timers,
    values::{failure, field, set, write},
};
use crate::{
    client::{
        Client, ErrorInfo, Event, Observer, OnAmbiguous, OnInvalid, Options, OrderResult, Progress, SubmitOptions,
    },
    ports::Cause,
    validate::{Validated, validate_orders},
};

/// The largest answer that is read, in bytes. The reply to 200 orders has some 30 kB.
const LARGEST_ANSWER: usize = 16 << 20;

/// `{ input, .. }` with the client's options and the submission's, to a submission. `listen("event" | "progress", value)` hears
/// what happens meanwhile. With `{ reader, .. }` it is of the part that this reader has given last.
///
/// # Errors
/// `invalid_json` or `invalid_input`, with the report, and `invalid_options`. Nothing was sent then.
#[wasm_bindgen(js_name = submit)]
pub fn submit(call: JsValue) -> Result<Promise, JsValue> {
    // At once: the reader may give its next part before a future is first polled.
    let part = take_part(&call)?;
    Ok(future_to_promise(submitted(call, part)))
}

async fn submitted(call: JsValue, part: Option<(Vec<u8>, Validated)>) -> Result<JsValue, JsValue> {
    let fetch = Fetch::new(field(&call, "fetch").unchecked_into::<Function>(), LARGEST_ANSWER);
    let client = Client::new(client_options(&call), fetch, Timers, Entropy).map_err(|error| plain(&error))?;
    let (input, validated) = match part {
        Some(part) => part,
        None => {
            let input = bytes(&call, "input");
            let validated = validate_orders(&input, &options(&call)?);
            (input, validated)
        }
    };
    if let Some(fault) = fault(&validated) {
        return Err(fault);
    }
    let how = SubmitOptions {
        submission_id: text(&call, "submissionId"),
        on_invalid: if text(&call, "onInvalid").as_deref() == Some("skip") { OnInvalid::Skip } else { OnInvalid::Stop },
    };
    let listener = Listener(field(&call, "listen").unchecked_into());
    let submitted = client.submit(&input, &validated, how, cancelled(field(&call, "signal")), &listener).await;
    let submission = submitted.map_err(|error| plain(&error))?;
    let out = write(&submission)?;
    add_causes(&out, &submission.results);
    Ok(out)
}

fn client_options(call: &JsValue) -> Options {
    let mut options = Options::new(text(call, "baseURL").unwrap_or_default());
    options.headers = pairs(call, "headers").into();
    options.timeout_ms = number(call, "timeout").unwrap_or(options.timeout_ms);
    options.deadline_ms = number(call, "deadline");
    options.max_retries =
        number(call, "maxRetries").map_or(options.max_retries, |retries| u32::try_from(retries).unwrap_or(u32::MAX));
    options.concurrency = count(call, "concurrency").unwrap_or(options.concurrency);
    options.max_retry_after_ms = number(call, "maxRetryAfter").unwrap_or(options.max_retry_after_ms);
    if text(call, "onAmbiguous").as_deref() == Some("resend") {
        options.on_ambiguous = OnAmbiguous::Resend;
    }
    options
}

/// Resolves with the reason of the signal once it is aborted; never, if there is no signal.
async fn cancelled(signal: JsValue) -> Cause {
    if signal.is_undefined() {
        return pending().await;
    }
    aborted(signal.clone().unchecked_into::<AbortSignal>()).await;
    Cause(Some(Rc::new(field(&signal, "reason"))))
}

/// Tells what happens to a function of the glue, which throws nothing.
struct Listener(Function);

impl Listener {
    fn tell(&self, what: &str, written: Result<JsValue, JsValue>, results: &[OrderResult]) {
        if let Ok(value) = written {
            add_causes(&value, results);
            let _ = self.0.call2(&JsValue::UNDEFINED, &JsValue::from_str(what), &value);
        }
    }
}

impl Observer for Listener {
    fn event(&self, event: &Event<'_>) {
        self.tell("event", write(event), &[]);
    }

    fn progress(&self, progress: &Progress<'_>) {
        self.tell("progress", write(progress), progress.results);
    }
}

/// Puts the runtime's own errors, which serde does not carry, to the plain form of the results.
fn add_causes(written: &JsValue, results: &[OrderResult]) {
    let mut list = None;
    for (index, result) in (0_u32..).zip(results) {
        let cause = result.error.as_ref().and_then(|error| error.cause.0.as_ref()?.downcast_ref::<JsValue>());
        if let Some(cause) = cause {
            let list = list.get_or_insert_with(|| field(written, "results").unchecked_into::<Array>());
            set(field(&list.get(index), "error").unchecked_ref(), "cause", cause);
        }
    }
}

fn plain(error: &ErrorInfo) -> JsValue {
    failure(error.code.name(), &error.message)
}
