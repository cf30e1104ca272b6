//! The token vault: of a Durable Object, or of one call.

use std::{cell::RefCell, convert::Infallible, rc::Rc};

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use super::{
    call::{number, text},
    exchange::function,
    fetch::Fetch,
    lives::{Lives, life},
    storage::ObjectStorage,
    timers::Timers,
    values::{field, set, write, wrong_call},
};
use crate::{
    broker::{
        CALLS_PER_SECOND, CallLeases, Credentials, LEASE_MS, Secret, Token, TokenError, TokenVault, Upstream, Vault,
    },
    ports::{Store, StoreError},
    wire::ApiError,
};

/// The largest answer to a token call that is read, in bytes. A token reply has a few hundred.
const LARGEST_ANSWER: usize = 64 << 10;

type Keep = TokenVault<Fetch, Timers, Shelf>;

thread_local! {
    /// The vaults of Durable Objects.
    static VAULTS: RefCell<Lives<Keep>> = RefCell::default();
    /// What each has leased.
    static LEASES: RefCell<Lives<CallLeases<Timers>>> = RefCell::default();
}

/// `{ upstream, apiKey, apiSecret, fetch, rejected?, id?, life?, storage? }` to `{ token, expiresAt }` or to
/// `{ error: "refused", status, errors }` or `{ error: "unavailable", retryAfter? }`. Without `id` the vault is one of this
/// call alone and remembers nothing.
///
/// # Errors
/// A wrong call, if the upstream is none.
#[wasm_bindgen(js_name = getToken)]
pub async fn get_token(call: JsValue) -> Result<JsValue, JsValue> {
    let vault = vault(&call)?;
    let rejected = text(&call, "rejected");
    let out = Object::new();
    match vault.get_token(rejected.as_deref()).await {
        Ok(token) => {
            set(&out, "token", &JsValue::from_str(token.value.expose()));
            // Milliseconds of this age fit a double.
            set(&out, "expiresAt", &JsValue::from(token.expires_at_ms as f64));
        }
        Err(TokenError::Refused { status, errors }) => {
            set(&out, "error", &JsValue::from_str("refused"));
            set(&out, "status", &JsValue::from(status));
            set(&out, "errors", &write(&errors)?);
        }
        Err(TokenError::Unavailable { retry_after_s }) => {
            set(&out, "error", &JsValue::from_str("unavailable"));
            if let Some(seconds) = retry_after_s {
                set(&out, "retryAfter", &JsValue::from(seconds as f64));
            }
        }
    }
    Ok(out.into())
}

/// Reads what [`get_token`] gave. What is neither a token nor an error of its kinds is taken for no answer.
pub fn read_token(answer: &JsValue) -> Result<Token, TokenError> {
    if let (Some(value), Some(expires_at_ms)) = (text(answer, "token"), number(answer, "expiresAt")) {
        return Ok(Token { value: Secret::new(value), expires_at_ms });
    }
    if text(answer, "error").as_deref() == Some("refused") {
        let errors = field(answer, "errors").dyn_into::<Array>().unwrap_or_default();
        let status = number(answer, "status").and_then(|status| u16::try_from(status).ok());
        return Err(TokenError::Refused {
            status: status.unwrap_or(401),
            errors: errors.iter().map(|error| read_error(&error)).collect(),
        });
    }
    Err(TokenError::Unavailable { retry_after_s: number(answer, "retryAfter") })
}

/// `{ id, life, rate?, operation, wanted, good? }` to `{ granted, good, wait }`: how many calls of the operation may begin, and within
/// how many milliseconds, or in how many to ask again. `rate` is how many may begin in a second.
#[wasm_bindgen(js_name = leaseCalls)]
pub fn lease_calls(call: JsValue) -> JsValue {
    let id = text(&call, "id").unwrap_or_default();
    let small = |name| number(&call, name).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    let make = || Ok::<_, Infallible>(CallLeases::new(Timers, small("rate").unwrap_or(CALLS_PER_SECOND)));
    let Ok(leases) = LEASES.with_borrow_mut(|all| all.of(&id, life(&call), make));
    let lease = leases.lease(
        &text(&call, "operation").unwrap_or_default(),
        small("wanted").unwrap_or_default(),
        number(&call, "good").unwrap_or(LEASE_MS),
    );
    let out = Object::new();
    set(&out, "granted", &JsValue::from(lease.granted));
    set(&out, "good", &JsValue::from(lease.good_ms as f64));
    set(&out, "wait", &JsValue::from(lease.wait_ms as f64));
    out.into()
}

fn read_error(error: &JsValue) -> ApiError {
    let parameters = field(error, "parameters").dyn_into::<Array>().unwrap_or_default();
    ApiError {
        error_code: text(error, "errorCode"),
        error_description: text(error, "errorDescription"),
        additional_info: text(error, "additionalInfo"),
        parameters: parameters.iter().filter_map(|name| name.as_string()).collect(),
    }
}

/// The upstream of a call: `"sandbox"`, `"production"`, an origin, or nothing for a binding.
///
/// # Errors
/// A wrong call, if the origin is none that credentials may be sent to.
pub fn upstream(call: &JsValue) -> Result<Upstream, JsValue> {
    match text(call, "upstream").as_deref() {
        None => Ok(Upstream::Binding),
        Some("sandbox") => Ok(Upstream::Sandbox),
        Some("production") => Ok(Upstream::Production),
        Some(origin) => {
            let wrong =
                |error| wrong_call(&format!("createBroker: upstream: {error}; or \"sandbox\" or \"production\"."));
            Upstream::custom(origin).map_err(wrong)
        }
    }
}

fn vault(call: &JsValue) -> Result<Rc<Keep>, JsValue> {
    let secret = |name| Secret::new(text(call, name).unwrap_or_default());
    let credentials = Credentials { api_key: secret("apiKey"), api_secret: secret("apiSecret") };
    let id = text(call, "id");
    let make = || {
        let http = Fetch::new(function(call, "fetch"), LARGEST_ANSWER);
        let shelf = Shelf(id.as_ref().map(|_| field(call, "storage").unchecked_into()));
        Ok(TokenVault::new(upstream(call)?, credentials.clone(), http, Timers, shelf))
    };
    let Some(id) = &id else { return make().map(Rc::new) };
    let vault = VAULTS.with_borrow_mut(|vaults| vaults.of(id, life(call), make))?;
    vault.set_credentials(credentials);
    Ok(vault)
}

/// The storage of a Durable Object, or none, which keeps nothing.
struct Shelf(Option<ObjectStorage>);

impl Store for Shelf {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.0 {
            Some(storage) => Store::get(storage, key).await,
            None => Ok(None),
        }
    }

    async fn put(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        match &self.0 {
            Some(storage) => Store::put(storage, key, value).await,
            None => Ok(()),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        match &self.0 {
            Some(storage) => Store::delete(storage, key).await,
            None => Ok(()),
        }
    }
}
