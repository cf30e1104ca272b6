//! The emulator. It stays, with its store, for as long as the glue keeps its number.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use js_sys::Function;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{
    call::{bytes, number},
    entropy::Entropy,
    exchange::{Asked, plain},
    timers::Timers,
    values::{field, read, set, wrong_call},
};
use crate::{
    emulator::{Call, Duplicates, Emulator, EmulatorOptions, FaultPlan, Reply, SeededRandom},
    ports::{Clock, Random},
};

type Api = Emulator<Watch, Chance>;

thread_local! {
    /// By the number that the glue gave each.
    static EMULATORS: RefCell<HashMap<u64, Rc<Api>>> = RefCell::default();
}

/// `{ emulator, options }`: whether an emulator can be made of these options.
///
/// # Errors
/// A wrong call that names what is wrong with the plan of faults.
#[wasm_bindgen(js_name = checkEmulator)]
pub fn check_emulator(call: JsValue) -> Result<(), JsValue> {
    emulator(&call).map(drop)
}

/// Answers one request: `{ emulator, options, now, method, path, headers, body }` to `{ status, headers, body, cut? }`, or to
/// `undefined` if the connection is to end without an answer. With `cut` it is to end after the body.
///
/// # Errors
/// A wrong call, if an emulator cannot be made of the options.
#[wasm_bindgen(js_name = answerAsEmulator)]
pub async fn answer_as_emulator(call: JsValue) -> Result<JsValue, JsValue> {
    let (emulator, asked, body) = (emulator(&call)?, Asked::of(&call), bytes(&call, "body"));
    let request = Call { method: &asked.method, path: &asked.path, headers: &asked.headers, body: &body };
    Ok(match emulator.handle(request).await {
        Reply::Answer(answer) => plain(&answer).into(),
        Reply::Cut => JsValue::UNDEFINED,
        Reply::CutBody(answer) => {
            let out = plain(&answer);
            set(&out, "cut", &JsValue::TRUE);
            out.into()
        }
    })
}

/// `{ emulator }`: nobody will ask it again.
#[wasm_bindgen(js_name = dropEmulator)]
pub fn drop_emulator(call: JsValue) {
    let key = number(&call, "emulator").unwrap_or_default();
    EMULATORS.with_borrow_mut(|emulators| drop(emulators.remove(&key)));
}

/// The emulator of that number: the one that is there, or a new one.
fn emulator(call: &JsValue) -> Result<Rc<Api>, JsValue> {
    let key = number(call, "emulator").unwrap_or_default();
    if let Some(emulator) = EMULATORS.with_borrow(|emulators| emulators.get(&key).cloned()) {
        return Ok(emulator);
    }
    let given: Given = read(&field(call, "options"), "createEmulator")?;
    let usual = EmulatorOptions::default();
    let faults = match given.faults {
        Some(plan) => FaultPlan::from_json(plan.as_bytes())
            .map_err(|error| wrong_call(&format!("createEmulator: faults: {error}.")))?,
        None => FaultPlan::default(),
    };
    let options = EmulatorOptions {
        api_key: given.api_key.unwrap_or(usual.api_key),
        api_secret: given.api_secret.unwrap_or(usual.api_secret),
        duplicates: match given.duplicates.as_deref() {
            Some("create") => Duplicates::Create,
            _ => Duplicates::Update,
        },
        token_lifetime_s: given.token_lifetime.unwrap_or(usual.token_lifetime_s),
        faults,
    };
    let chance = given.seed.map_or(Chance::Secure, |seed| Chance::Seeded(SeededRandom::new(seed)));
    let watch = Watch(field(call, "now").dyn_into().ok());
    let emulator = Rc::new(Emulator::new(options, watch, chance));
    EMULATORS.with_borrow_mut(|emulators| emulators.insert(key, Rc::clone(&emulator)));
    Ok(emulator)
}

/// The options that are plain values; `faults` is a plan as JSON text. The glue has checked their types.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Given {
    api_key: Option<String>,
    api_secret: Option<String>,
    duplicates: Option<String>,
    token_lifetime: Option<u64>,
    seed: Option<u64>,
    faults: Option<String>,
}

/// The runtime's clock, or a function that tells the milliseconds since 1970. Waiting takes real time with either.
struct Watch(Option<Function>);

impl Clock for Watch {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
    fn now_ms(&self) -> u64 {
        let told = self.0.as_ref().and_then(|now| now.call0(&JsValue::UNDEFINED).ok()?.as_f64());
        told.map_or_else(|| Timers.now_ms(), |ms| ms as u64)
    }

    async fn sleep(&self, ms: u64) {
        Timers.sleep(ms).await;
    }
}

enum Chance {
    Secure,
    Seeded(SeededRandom),
}

impl Random for Chance {
    fn fill(&self, buffer: &mut [u8]) {
        match self {
            Self::Secure => Entropy.fill(buffer),
            Self::Seeded(random) => random.fill(buffer),
        }
    }
}
