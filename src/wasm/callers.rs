//! Who is asking: sessions of pages, and requests that programs sign.

use js_sys::{Array, Object};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{
    call::{number, pairs, text},
    exchange::Asked,
    timers::Timers,
    values::{field, read, set, wrong_call},
};
use crate::{
    broker::{
        Principal, Secret, Session, SessionOptions, Sessions, SignatureOptions, SignedHead, SignedRequests, Signer,
        SigningKey, SigningKeyError,
    },
    ports::Clock,
};

/// What `authorize` gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Caller {
    subject: String,
    client_ids: Vec<String>,
    scopes: Vec<String>,
}

/// Reads `{ subject, clientIds, scopes }`.
///
/// # Errors
/// A wrong call that names the function, if it is none.
pub fn read_principal(value: &JsValue, function: &str) -> Result<Principal, JsValue> {
    let Caller { subject, client_ids, scopes } = read(value, function)?;
    Ok(Principal { subject, client_ids, scopes })
}

/// `{ secrets: [id, secret][], audience?, ttl?, clockSkew?, subject, clientIds, scopes, origin }` to `{ token, expiresAt }`.
/// Times are in milliseconds.
///
/// # Errors
/// A wrong call that names what is wrong with the secrets or the session.
#[wasm_bindgen(js_name = issueSession)]
pub fn issue_session(call: JsValue) -> Result<JsValue, JsValue> {
    let principal = read_principal(&call, "issue")?;
    let session = Session { principal, origin: text(&call, "origin").unwrap_or_default() };
    let issued = sessions(&call)?.issue(&session, Timers.now_ms());
    let issued = issued.map_err(|error| wrong_call(&format!("issue: {error}.")))?;
    let out = Object::new();
    set(&out, "token", &JsValue::from_str(&issued.token));
    set(&out, "expiresAt", &JsValue::from(issued.expires_at_ms as f64));
    Ok(out.into())
}

/// `{ secrets, audience?, ttl?, clockSkew?, cookie?, origin?, method, path, headers }` to `{ subject, clientIds, scopes }` or to
/// `{ refused }`, which says why.
///
/// # Errors
/// A wrong call that names what is wrong with the secrets.
#[wasm_bindgen(js_name = findSession)]
pub fn find_session(call: JsValue) -> Result<JsValue, JsValue> {
    let (headers, cookie, origin) = (Asked::of(&call).headers, text(&call, "cookie"), text(&call, "origin"));
    let found = sessions(&call)?.find(&headers, cookie.as_deref(), origin.as_deref(), Timers.now_ms());
    Ok(match found {
        Ok(principal) => plain(&principal),
        Err(refusal) => refused(refusal.name()),
    }
    .into())
}

/// `{ signers: { id, secret, subject, clientIds, scopes }[], maxAge?, clockSkew?, method, authority, path, headers }` to
/// `{ subject, clientIds, scopes, keyId, nonce, keep }` or to `{ refused }`, which says why. The nonce is to be kept for so many
/// milliseconds.
///
/// # Errors
/// A wrong call that names what is wrong with the signers.
#[wasm_bindgen(js_name = findSigner)]
pub fn find_signer(call: JsValue) -> Result<JsValue, JsValue> {
    let signers = field(&call, "signers").dyn_into::<Array>().unwrap_or_default();
    let signers = signers.iter().map(|signer| {
        let principal = read_principal(&signer, "createSignedRequests: signers")?;
        let key = key(text(&signer, "id").unwrap_or_default(), text(&signer, "secret").unwrap_or_default());
        key.map(|key| Signer { key, principal }).map_err(|error| bad_signer(&error))
    });
    let usual = SignatureOptions::default();
    let options = SignatureOptions {
        max_age_s: seconds(&call, "maxAge").unwrap_or(usual.max_age_s),
        skew_s: seconds(&call, "clockSkew").unwrap_or(usual.skew_s),
    };
    let signers = signers.collect::<Result<_, _>>()?;
    let requests = SignedRequests::new(signers, options).map_err(|error| bad_signer(&error))?;
    let (asked, authority) = (Asked::of(&call), text(&call, "authority").unwrap_or_default());
    let head = SignedHead { method: &asked.method, authority: &authority, path: &asked.path, headers: &asked.headers };
    Ok(match requests.find(head, Timers.now_ms()) {
        Ok(signed) => {
            let out = plain(&signed.principal);
            set(&out, "keyId", &JsValue::from_str(&signed.key_id));
            set(&out, "nonce", &JsValue::from_str(&signed.nonce));
            set(&out, "keep", &JsValue::from(requests.nonce_keep_ms() as f64));
            out
        }
        Err(refusal) => refused(refusal.name()),
    }
    .into())
}

fn sessions(call: &JsValue) -> Result<Sessions, JsValue> {
    let usual = SessionOptions::default();
    let options = SessionOptions {
        audience: text(call, "audience").unwrap_or(usual.audience),
        ttl_s: seconds(call, "ttl").unwrap_or(usual.ttl_s),
        skew_s: seconds(call, "clockSkew").unwrap_or(usual.skew_s),
    };
    let keys = pairs(call, "secrets").into_iter().map(|(id, secret)| key(id, secret)).collect::<Result<_, _>>();
    let made = keys.and_then(|keys| Sessions::new(keys, options));
    made.map_err(|error| wrong_call(&format!("createSessions: secrets: {error}.")))
}

fn key(id: String, secret: String) -> Result<SigningKey, SigningKeyError> {
    SigningKey::new(id, Secret::new(secret))
}

fn bad_signer(error: &SigningKeyError) -> JsValue {
    wrong_call(&format!("createSignedRequests: signers: {error}."))
}

fn seconds(call: &JsValue, name: &str) -> Option<u64> {
    number(call, name).map(|ms| ms / 1000)
}

fn plain(principal: &Principal) -> Object {
    let list = |texts: &[String]| texts.iter().map(|text| JsValue::from_str(text)).collect::<Array>();
    let out = Object::new();
    set(&out, "subject", &JsValue::from_str(&principal.subject));
    set(&out, "clientIds", &list(&principal.client_ids));
    set(&out, "scopes", &list(&principal.scopes));
    out
}

fn refused(why: &str) -> Object {
    let out = Object::new();
    set(&out, "refused", &JsValue::from_str(why));
    out
}
