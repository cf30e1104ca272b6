//! Requests that programs sign.

use super::*;
use crate::harness::{BULK, Pieces, World, page_headers};
use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use pb_fulfillment::{
    broker::{
        BodyError, Principal, Secret, SignatureOptions, SignatureRefusal, Signed, SignedHead, SignedRequests, Signer,
        SigningKey, SigningKeyError, WholeBody,
    },
    ports::Headers,
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::{cell::Cell, collections::VecDeque, rc::Rc};

const NOW_S: u64 = 1_800_000_000;
const SECRET: &str = "a secret of thirty-two bytes, or more";
const LIST: &str = r#"("@method" "@authority" "@path" "content-digest" "content-type" "idempotency-key")"#;
const PARAMETERS: &str =
    r#";created=1800000000;nonce="0123456789abcdef";keyid="erp";alg="hmac-sha256";tag="pb-fulfillment""#;

fn signer(id: &str, secret: &str, subject: &str) -> Signer {
    let principal =
        Principal { subject: subject.into(), client_ids: vec!["1234".into()], scopes: vec!["orders:write".into()] };
    Signer { key: SigningKey::new(id, Secret::new(secret)).unwrap(), principal }
}

fn requests() -> SignedRequests {
    let other = signer("other", "another secret of at least 32 bytes", "other");
    SignedRequests::new(vec![signer("erp", SECRET, "the ERP"), other], SignatureOptions::default()).unwrap()
}

fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", Base64::encode_string(&Sha256::digest(body)))
}

fn mac(text: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    Base64::encode_string(&mac.finalize().into_bytes())
}

/// A request, and how it is signed.
#[derive(Clone)]
struct Made {
    method: String,
    authority: String,
    path: String,
    headers: Headers,
    /// What the lines of the text that is signed are made of.
    lines: Vec<(&'static str, String)>,
    list: String,
    parameters: String,
    secret: &'static str,
    now_s: u64,
}

impl Default for Made {
    fn default() -> Self {
        let headers = Headers::new()
            .with("Content-Digest", digest(b"{}"))
            .with("Content-Type", "application/json")
            .with("Idempotency-Key", "\"batch-1\"")
            .with("X-Other", "not covered");
        let lines = vec![
            ("@method", "POST".into()),
            ("@authority", "broker.example".into()),
            ("@path", BULK.into()),
            ("content-digest", digest(b"{}")),
            ("content-type", "application/json".into()),
            ("idempotency-key", "\"batch-1\"".into()),
        ];
        Self {
            method: "POST".into(),
            authority: "broker.example".into(),
            path: BULK.into(),
            headers,
            lines,
            list: LIST.into(),
            parameters: PARAMETERS.into(),
            secret: SECRET,
            now_s: NOW_S,
        }
    }
}

impl Made {
    /// The text that is signed, written out here once more.
    fn text(&self) -> String {
        let lines: String = self.lines.iter().map(|(name, value)| format!("\"{name}\": {value}\n")).collect();
        format!("{lines}\"@signature-params\": {}{}", self.list, self.parameters)
    }

    fn signed(&self) -> Headers {
        self.headers
            .clone()
            .with("Signature-Input", format!("sig={}{}", self.list, self.parameters))
            .with("Signature", format!("sig=:{}:", mac(&self.text(), self.secret)))
    }

    fn find_with(&self, headers: &Headers) -> Result<Signed, SignatureRefusal> {
        let head = SignedHead { method: &self.method, authority: &self.authority, path: &self.path, headers };
        requests().find(head, self.now_s * 1000)
    }

    fn find(&self) -> Result<Signed, SignatureRefusal> {
        self.find_with(&self.signed())
    }

    fn changed(change: impl FnOnce(&mut Self)) -> Result<Signed, SignatureRefusal> {
        let mut made = Self::default();
        change(&mut made);
        made.find()
    }
}

#[test]
fn a_request_that_is_signed_is_known_by_its_key() {
    let signed = Made::default().find().unwrap();
    assert_eq!((&*signed.principal.subject, &*signed.key_id, &*signed.nonce), ("the ERP", "erp", "0123456789abcdef"));
    let least = r#";tag="pb-fulfillment";keyid="erp";nonce="0123456789abcdef";created=1800000000"#;
    assert!(
        Made::changed(|made| made.parameters = least.into()).is_ok(),
        "parameters have no order, and alg may be missing"
    );
    let read = Made::changed(|made| {
        made.method = "GET".into();
        made.lines.truncate(3);
        made.lines[0].1 = "GET".into();
        made.headers = Headers::new();
        made.list = r#"("@method" "@authority" "@path")"#.into();
    });
    assert!(read.is_ok(), "{read:?}");
    let deleted = Made::changed(|made| {
        made.method = "DELETE".into();
        made.lines.truncate(3);
        made.lines[0].1 = "DELETE".into();
        made.headers = Headers::new();
        made.list = r#"("@method" "@authority" "@path")"#.into();
    });
    assert!(deleted.is_ok(), "{deleted:?}");
}

#[test]
fn what_is_covered_cannot_be_changed() {
    let made = Made::default();
    let refused = |changed: &Made, headers: &Headers| {
        assert_eq!(changed.find_with(headers).err(), Some(SignatureRefusal::Signature));
    };
    for change in [
        (|made: &mut Made| made.method = "PUT".into()) as fn(&mut Made),
        |made| made.authority = "other.example".into(),
        |made| made.path = "/api/v1/orders/bulk/".into(),
    ] {
        let mut changed = made.clone();
        change(&mut changed);
        refused(&changed, &made.signed());
    }
    refused(&made, &made.signed().with("Content-Digest", digest(b"[]")));
    refused(&made, &made.signed().with("Content-Type", "text/plain"));
    refused(&made, &made.signed().with("Idempotency-Key", "\"batch-2\""));
    assert!(made.find_with(&made.signed().with("X-Other", "changed")).is_ok());
    for (from, to) in [("1800000000", "1800000001"), ("0123456789abcdef", "0123456789abcdeg"), ("\"erp\"", "\"other\"")]
    {
        let input = made.signed().get("Signature-Input").unwrap().replace(from, to);
        refused(&made, &made.signed().with("Signature-Input", input));
    }
    let changed = Made::changed(|made| made.secret = "another secret of at least 32 bytes");
    assert_eq!(changed.err(), Some(SignatureRefusal::Signature));
}

#[test]
fn all_that_the_broker_acts_on_is_covered() {
    let made = Made::default();
    // Whoever adds this makes the broker send again what is in doubt.
    let resend = made.signed().with("X-PB-Fulfillment-Resend", "1");
    assert_eq!(made.find_with(&resend).err(), Some(SignatureRefusal::Components));
    let covered = Made::changed(|made| {
        made.headers.set("X-PB-Fulfillment-Resend", "1");
        made.lines.push(("x-pb-fulfillment-resend", "1".into()));
        made.list = LIST.replace(')', r#" "x-pb-fulfillment-resend")"#);
    });
    assert!(covered.is_ok());
    for list in [
        "()",
        r#"("@method")"#,
        r#"("@method" "@authority" "@path" "content-type" "idempotency-key")"#,
        r#"("@method" "@authority" "@path" "content-digest" "content-type" "idempotency-key" "x-other")"#,
        r#"("@authority" "@method" "@path" "content-digest" "content-type" "idempotency-key")"#,
        r#"("@method" "@authority" "@path" "content-digest";bs "content-type" "idempotency-key")"#,
        r#"("@method"  "@authority" "@path" "content-digest" "content-type" "idempotency-key")"#,
        r#"("@Method" "@authority" "@path" "content-digest" "content-type" "idempotency-key")"#,
    ] {
        assert_eq!(Made::changed(|made| made.list = list.into()).err(), Some(SignatureRefusal::Components), "{list}");
    }
    for name in ["Content-Digest", "Content-Type", "Idempotency-Key"] {
        let mut headers = made.signed();
        headers.remove(name);
        assert_eq!(made.find_with(&headers).err(), Some(SignatureRefusal::Components), "{name}");
    }
    let query = |lines: &[(&'static str, &str)], list: &str| {
        Made::changed(|made| {
            made.path.push_str("?a=b&c");
            let lines = lines.iter().map(|(name, value)| (*name, (*value).to_owned()));
            made.lines.splice(2..3, lines);
            made.list = LIST.replace("\"@path\"", list);
        })
        .err()
    };
    let path = ("@path", BULK);
    assert_eq!(query(&[path, ("@query", "?a=b&c")], "\"@path\" \"@query\""), None);
    assert_eq!(query(&[path, ("@query", "?a=b")], "\"@path\" \"@query\""), Some(SignatureRefusal::Signature));
    assert_eq!(query(&[path], "\"@path\""), Some(SignatureRefusal::Components));
}

#[test]
fn a_body_must_have_a_digest_that_can_be_checked() {
    for field in [
        None,
        Some("sha-512=:AAAA:".to_owned()),
        Some("sha-256=:AAAA:".to_owned()),
        Some(digest(b"{}").replace("=:", "=")),
        Some(format!("{}, {}", digest(b"{}"), digest(b"[]"))),
        Some(digest(b"{}").to_uppercase()),
    ] {
        let found = Made::changed(|made| match &field {
            Some(field) => {
                made.headers.set("Content-Digest", field.as_str());
                made.lines[3].1.clone_from(field);
            }
            None => {
                made.headers.remove("Content-Digest");
                made.lines.remove(3);
                made.list = LIST.replace(r#" "content-digest""#, "");
            }
        });
        assert_eq!(found.err(), Some(SignatureRefusal::Digest), "{field:?}");
    }
}

#[test]
fn a_signature_holds_for_its_time_only() {
    let at = |now_s: u64| Made::changed(|made| made.now_s = now_s).err();
    assert_eq!(at(NOW_S - 31), Some(SignatureRefusal::NotYetValid));
    assert_eq!(at(NOW_S - 30), None);
    assert_eq!(at(NOW_S + 300), None);
    assert_eq!(at(NOW_S + 301), Some(SignatureRefusal::Expired));
}

#[test]
fn a_nonce_is_kept_for_longer_than_its_signature_holds() {
    for (max_age_s, skew_s) in [(300, 30), (1, 0), (2_147_483, 2_147_483), (1, 3_600)] {
        let options = SignatureOptions { max_age_s, skew_s };
        let requests = SignedRequests::new(vec![signer("erp", SECRET, "the ERP")], options).unwrap();
        let (made, headers) = (Made::default(), Made::default().signed());
        let head = SignedHead { method: &made.method, authority: &made.authority, path: &made.path, headers: &headers };
        let at = |now_s: u64| requests.find(head, now_s * 1000).err();
        let (first_s, last_s) = (NOW_S - skew_s, NOW_S + max_age_s);
        assert_eq!((at(first_s - 1), at(first_s)), (Some(SignatureRefusal::NotYetValid), None));
        assert_eq!((at(last_s), at(last_s + 1)), (None, Some(SignatureRefusal::Expired)));
        // Two clocks may differ by the skew, and by some seconds in any case.
        assert!(requests.nonce_keep_ms() >= (last_s - first_s + skew_s + 30) * 1000);
    }
}

#[test]
fn parameters_that_are_not_of_the_profile_are_refused() {
    let with = |from: &str, to: &str| {
        assert!(PARAMETERS.contains(from));
        Made::changed(|made| made.parameters = PARAMETERS.replace(from, to)).err()
    };
    for (from, to, refusal) in [
        (r#";nonce="0123456789abcdef""#, "", SignatureRefusal::Parameters),
        (";created=1800000000", "", SignatureRefusal::Parameters),
        (r#";keyid="erp""#, "", SignatureRefusal::Parameters),
        (r#";tag="pb-fulfillment""#, "", SignatureRefusal::Parameters),
        (r#";keyid="erp""#, r#";keyid="erp";keyid="erp""#, SignatureRefusal::Parameters),
        (r#";keyid="erp""#, r#";keyid="erp";expires=1900000000"#, SignatureRefusal::Parameters),
        (r#";keyid="erp""#, r#";keyid="erp";"#, SignatureRefusal::Malformed),
        (r#";keyid="erp""#, r#"; keyid="erp""#, SignatureRefusal::Parameters),
        ("0123456789abcdef", "0123456789abcde", SignatureRefusal::Malformed),
        ("0123456789abcdef", &"n".repeat(129), SignatureRefusal::Malformed),
        ("0123456789abcdef", "0123456789\\\"abcdef", SignatureRefusal::Malformed),
        ("1800000000", "\"1800000000\"", SignatureRefusal::Malformed),
        ("1800000000", "+1800000000", SignatureRefusal::Malformed),
        ("1800000000", "1800000000.0", SignatureRefusal::Malformed),
        ("hmac-sha256", "none", SignatureRefusal::Algorithm),
        ("hmac-sha256", "rsa-pss-sha512", SignatureRefusal::Algorithm),
        ("\"hmac-sha256\"", "hmac-sha256", SignatureRefusal::Algorithm),
        ("pb-fulfillment", "web-bot-auth", SignatureRefusal::Tag),
        ("\"erp\"", "\"nobody\"", SignatureRefusal::Key),
        ("\"erp\"", "\"\"", SignatureRefusal::Key),
    ] {
        assert_eq!(with(from, to), Some(refusal), "{from} -> {to}");
    }
}

#[test]
fn header_fields_that_are_not_of_the_profile_are_refused() {
    let made = Made::default();
    let good = made.signed();
    let find = |name: &str, change: &dyn Fn(&str) -> String| {
        made.find_with(&good.clone().with(name, change(good.get(name).unwrap()))).err()
    };
    for name in ["Signature", "Signature-Input"] {
        let mut headers = good.clone();
        headers.remove(name);
        assert_eq!(made.find_with(&headers).err(), Some(SignatureRefusal::Missing));
        assert_eq!(find(name, &|_| " ".into()), Some(SignatureRefusal::Missing));
        assert_eq!(find(name, &|value| value.replacen("sig", "Sig", 1)), Some(SignatureRefusal::Malformed));
        assert_eq!(find(name, &|value| value.replacen("sig", "other", 1)), Some(SignatureRefusal::Malformed));
    }
    // Two signatures: which of them would count?
    assert_eq!(find("Signature", &|value| format!("{value}, b={value}")), Some(SignatureRefusal::Malformed));
    assert_eq!(find("Signature", &|value| value.replace("=:", ":")), Some(SignatureRefusal::Malformed));
    assert_eq!(
        find("Signature", &|value| value.replace("=:", ":").replace("sig:", "sig=:")),
        Some(SignatureRefusal::Malformed)
    );
    assert_eq!(find("Signature", &|_| "sig=::".into()), Some(SignatureRefusal::Signature));
    let two = find("Signature-Input", &|value| format!("{value}, b={value}"));
    assert!(
        matches!(two, Some(SignatureRefusal::Parameters | SignatureRefusal::Malformed | SignatureRefusal::Tag)),
        "{two:?}"
    );
    assert_eq!(find("Signature-Input", &|_| "sig".into()), Some(SignatureRefusal::Malformed));
    assert_eq!(
        find("Signature-Input", &|value| format!("{value};x={}", "y".repeat(2000))),
        Some(SignatureRefusal::Malformed)
    );
    assert!(!format!("{:?}", SignedHead { method: "POST", authority: "a", path: "/", headers: &good }).contains("sig"));
}

#[test]
fn keys_have_names_of_their_own() {
    let made = |signers| SignedRequests::new(signers, SignatureOptions::default()).err();
    assert_eq!(made(Vec::new()), Some(SigningKeyError::None));
    let twice = vec![signer("a", SECRET, "one"), signer("a", SECRET, "two")];
    assert_eq!(made(twice), Some(SigningKeyError::Twice("a".into())));
}

#[test]
fn a_body_that_is_not_the_one_announced_is_refused() {
    let world = World::default();
    let send = |field: &str, body: Vec<u8>| {
        let headers = page_headers().with("Content-Digest", field);
        world.call("POST", BULK, &headers, WholeBody::new(body))
    };
    assert_eq!(send(&digest(&body(&["a"])), body(&["a"])).status, 200);
    assert_eq!(send(&format!("sha-512=:AAAA:, {}", digest(&body(&["b"]))), body(&["b"])).status, 200);
    problem(&send(&digest(&body(&["a"])), body(&["b"])), 400, "content_digest");
    assert_eq!(world.line.bulk_calls(), 2);
    // One that cannot be checked is refused before there is a body.
    let reads = Rc::new(Cell::new(0));
    for field in ["", "sha-512=:AAAA:", "sha-256=:AAAA:", "sha-256=AAAA"] {
        let pieces: VecDeque<Result<Vec<u8>, BodyError>> = VecDeque::from([Ok(body(&["a"]))]);
        let headers = page_headers().with("Content-Digest", field);
        problem(&world.call("POST", BULK, &headers, Pieces(pieces, reads.clone())), 400, "content_digest");
    }
    assert_eq!(reads.get(), 0);
}

proptest! {
    #[test]
    fn no_text_is_taken_for_a_signature(input in "\\PC{0,200}", signature in "\\PC{0,80}", parameters in "[ -~]{0,120}") {
        let made = Made::default();
        for input in [input, format!("sig={LIST}{parameters}")] {
            let headers = made.signed().with("Signature-Input", input).with("Signature", signature.as_str());
            prop_assert!(made.find_with(&headers).is_err());
        }
    }
}
