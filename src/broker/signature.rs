//! Requests that programs sign: HTTP Message Signatures (RFC 9421) in one narrow profile.
//!
//! A request has one signature, by HMAC-SHA-256. It covers the method, the host, the path, the query if there is one, and each
//! of the header fields that the broker acts on and the request has, `Content-Digest` (RFC 9530) in place of the body, in one
//! order:
//!
//! ```text
//! Content-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
//! Signature-Input: sig=("@method" "@authority" "@path" "content-digest" "content-type" "idempotency-key");created=1800000000;nonce="Yw6hTZq0Tq2fLm1c";keyid="erp";tag="pb-fulfillment"
//! Signature: sig=:pGmNn3Ui...:
//! ```
//!
//! The text that is signed has a line for each component and one for the parameters, joined by line feeds:
//!
//! ```text
//! "@method": POST
//! "@authority": broker.example
//! "@path": /api/v1/orders/bulk
//! "content-digest": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
//! "content-type": application/json
//! "idempotency-key": "batch-1"
//! "@signature-params": ("@method" "@authority" "@path" "content-digest" "content-type" "idempotency-key");created=1800000000;nonce="Yw6hTZq0Tq2fLm1c";keyid="erp";tag="pb-fulfillment"
//! ```
//!
//! A signature holds for a few minutes, and its nonce once: who has seen a request cannot send it again. That the nonce is
//! new is looked up elsewhere; that the body is that of the digest, when the body has been read.

use super::{
    digest::Announced,
    hooks::Principal,
    mac::{SigningKey, SigningKeyError, check_keys},
};
use crate::{ports::Headers, wire::header};
use base64ct::{Base64, Encoding};

/// The value of `tag`, so that no signature that was made for another use is taken for one of these (RFC 9421, section 2.3).
pub const SIGNATURE_TAG: &str = "pb-fulfillment";
/// The components that every signature covers.
const ALWAYS: [&str; 3] = ["@method", "@authority", "@path"];
/// The component that it covers if there is a query, with its question mark.
const QUERY: &str = "@query";
/// The header fields that it covers if the request has them: all that a broker acts on and a program may send.
const FIELDS: [&str; 4] = [header::CONTENT_DIGEST, header::CONTENT_TYPE, header::IDEMPOTENCY_KEY, header::RESEND];
/// The longest `Signature-Input` that is read, in bytes.
const MAX_INPUT: usize = 1024;
/// A nonce is not guessed, nor does it fill a store.
const NONCE_LENGTH: std::ops::RangeInclusive<usize> = 16..=128;

/// A program, and the key that it signs with.
#[derive(Clone, Debug)]
pub struct Signer {
    /// Its key.
    pub key: SigningKey,
    /// Who it is and what it may do.
    pub principal: Principal,
}

/// How old a signature may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureOptions {
    /// How long a signature holds, in seconds. Default 300.
    pub max_age_s: u64,
    /// How far the clock of the signer may be ahead, in seconds. Default 30.
    pub skew_s: u64,
}

impl Default for SignatureOptions {
    fn default() -> Self {
        Self { max_age_s: 300, skew_s: 30 }
    }
}

/// What of a request is signed.
#[derive(Clone, Copy)]
pub struct SignedHead<'a> {
    /// The method in capitals.
    pub method: &'a str,
    /// The host of the URL in small letters, with its port if that is not the scheme's own.
    pub authority: &'a str,
    /// The path of the URL as it was sent, with its query.
    pub path: &'a str,
    /// The header fields.
    pub headers: &'a Headers,
}

impl std::fmt::Debug for SignedHead<'_> {
    /// Without the header fields.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}{}", self.method, self.authority, self.path)
    }
}

/// Who signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The program.
    pub principal: Principal,
    /// The name of its key. One program may have several.
    pub key_id: String,
    /// What must not have come before under that key.
    pub nonce: String,
}

/// Why a request is not signed well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureRefusal {
    /// It has no signature.
    Missing,
    /// The header fields are not of the profile.
    Malformed,
    /// It does not cover what it must, in the order of the profile.
    Components,
    /// A parameter is missing, twice there, or not known.
    Parameters,
    /// It names another algorithm.
    Algorithm,
    /// It was made for another use.
    Tag,
    /// It names a key that is not known.
    Key,
    /// It is too old.
    Expired,
    /// It is of the future.
    NotYetValid,
    /// The request has a body and tells no digest of it that can be checked.
    Digest,
    /// The signature is not that of the key.
    Signature,
    /// The same has come before.
    Replayed,
}

impl SignatureRefusal {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Components => "components",
            Self::Parameters => "parameters",
            Self::Algorithm => "algorithm",
            Self::Tag => "tag",
            Self::Key => "key",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Digest => "digest",
            Self::Signature => "signature",
            Self::Replayed => "replayed",
        }
    }
}

/// Knows the requests of some programs.
#[derive(Debug)]
pub struct SignedRequests {
    signers: Vec<Signer>,
    options: SignatureOptions,
}

impl SignedRequests {
    /// The requests of these programs.
    ///
    /// # Errors
    /// If there is none, or two of their keys have one name.
    pub fn new(signers: Vec<Signer>, options: SignatureOptions) -> Result<Self, SigningKeyError> {
        check_keys(signers.iter().map(|signer| &signer.key))?;
        Ok(Self { signers, options })
    }

    /// How long a nonce must be remembered, from when it was first seen, so that its signature has ended before: the time in which
    /// a signature holds, once more the skew and a minute, since who remembers may have another clock. In milliseconds.
    #[must_use]
    pub const fn nonce_keep_ms(&self) -> u64 {
        let SignatureOptions { max_age_s, skew_s } = self.options;
        max_age_s.saturating_add(skew_s.saturating_mul(2)).saturating_add(60).saturating_mul(1000)
    }

    /// Who signed the request. The nonce is still to be looked up, and remembered for [`nonce_keep_ms`](Self::nonce_keep_ms).
    ///
    /// # Errors
    /// Why nobody has. To be told to the merchant, not to the caller.
    pub fn find(&self, head: SignedHead<'_>, now_ms: u64) -> Result<Signed, SignatureRefusal> {
        let field = |name| head.headers.get(name).map(str::trim).filter(|value| !value.is_empty());
        let (Some(input), Some(signature)) = (field("Signature-Input"), field("Signature")) else {
            return Err(SignatureRefusal::Missing);
        };
        let (label, parameters) = input.split_once('=').ok_or(SignatureRefusal::Malformed)?;
        if input.len() > MAX_INPUT || !is_label(label) {
            return Err(SignatureRefusal::Malformed);
        }
        let signature = signature.strip_prefix(label).and_then(|rest| rest.strip_prefix("=:")?.strip_suffix(':'));
        let signature = signature.and_then(|text| Base64::decode_vec(text).ok()).ok_or(SignatureRefusal::Malformed)?;
        let (list, rest) = parameters.split_once(')').ok_or(SignatureRefusal::Malformed)?;
        let components = components_of(head);
        let names: Vec<_> = components.iter().map(|(name, _)| ["\"", name, "\""].concat()).collect();
        if list != ["(", &names.join(" ")].concat() {
            return Err(SignatureRefusal::Components);
        }
        let Parameters { created_s, nonce, key_id } = Parameters::read(rest)?;
        let signer = self.signers.iter().find(|signer| signer.key.id() == key_id).ok_or(SignatureRefusal::Key)?;
        if !signer.key.verifies(base(&components, parameters).as_bytes(), &signature) {
            return Err(SignatureRefusal::Signature);
        }
        let now_s = now_ms / 1000;
        if created_s > now_s.saturating_add(self.options.skew_s) {
            return Err(SignatureRefusal::NotYetValid);
        }
        if now_s.saturating_sub(created_s) > self.options.max_age_s {
            return Err(SignatureRefusal::Expired);
        }
        // Nobody reads a body of these.
        let has_none = matches!(head.method, "GET" | "HEAD" | "DELETE");
        match Announced::of(head.headers) {
            Announced::Digest(_) => {}
            Announced::Nothing if has_none => {}
            Announced::Nothing | Announced::Unreadable => return Err(SignatureRefusal::Digest),
        }
        Ok(Signed { principal: signer.principal.clone(), key_id: key_id.to_owned(), nonce: nonce.to_owned() })
    }
}

/// The text that is signed (RFC 9421, section 2.5).
fn base(components: &[(String, &str)], parameters: &str) -> String {
    let lines = components.iter().map(|(name, value)| ["\"", name, "\": ", value, "\n"].concat());
    lines.chain([["\"@signature-params\": ", parameters].concat()]).collect()
}

/// What the signature of this request has to cover, and the values.
fn components_of(head: SignedHead<'_>) -> Vec<(String, &str)> {
    let (path, query) = head.path.split_at(head.path.find('?').unwrap_or(head.path.len()));
    let always = ALWAYS.into_iter().zip([head.method, head.authority, path]);
    let query = Some((QUERY, query)).filter(|(_, query)| !query.is_empty());
    let fields = FIELDS.into_iter().filter_map(|name| Some((name, head.headers.get(name)?.trim())));
    always.chain(query).chain(fields).map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

/// The parameters of a signature, in any order, each once and none but these.
struct Parameters<'a> {
    created_s: u64,
    nonce: &'a str,
    key_id: &'a str,
}

impl<'a> Parameters<'a> {
    fn read(text: &'a str) -> Result<Self, SignatureRefusal> {
        let [mut created, mut nonce, mut key_id, mut tag, mut algorithm] = [None; 5];
        let mut members = text.split(';');
        if members.next() != Some("") {
            return Err(SignatureRefusal::Malformed);
        }
        for member in members {
            let (name, value) = member.split_once('=').ok_or(SignatureRefusal::Malformed)?;
            let slot = match name {
                "created" => &mut created,
                "nonce" => &mut nonce,
                "keyid" => &mut key_id,
                "tag" => &mut tag,
                "alg" => &mut algorithm,
                _ => return Err(SignatureRefusal::Parameters),
            };
            if slot.replace(value).is_some() {
                return Err(SignatureRefusal::Parameters);
            }
        }
        if algorithm.is_some_and(|algorithm| algorithm != "\"hmac-sha256\"") {
            return Err(SignatureRefusal::Algorithm);
        }
        let required = |value: Option<&'a str>| value.ok_or(SignatureRefusal::Parameters);
        if string(required(tag)?) != Some(SIGNATURE_TAG) {
            return Err(SignatureRefusal::Tag);
        }
        let created = required(created)?;
        let is_number = created.bytes().all(|byte| byte.is_ascii_digit()) && created.len() <= 15;
        let created_s = created.parse().ok().filter(|_| is_number).ok_or(SignatureRefusal::Malformed)?;
        let nonce = string(required(nonce)?).filter(|nonce| NONCE_LENGTH.contains(&nonce.len()));
        Ok(Self {
            created_s,
            nonce: nonce.ok_or(SignatureRefusal::Malformed)?,
            key_id: string(required(key_id)?).ok_or(SignatureRefusal::Malformed)?,
        })
    }
}

/// A string of RFC 9651 without escapes, and without the characters that end something elsewhere in the field.
fn string(value: &str) -> Option<&str> {
    let text = value.strip_prefix('"')?.strip_suffix('"')?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"\\;,".contains(&byte);
    text.bytes().all(plain).then_some(text)
}

/// A key of RFC 9651, as far as it is plain.
fn is_label(label: &str) -> bool {
    label.starts_with(|first: char| first.is_ascii_lowercase())
        && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    #[test]
    fn the_text_that_is_signed_is_that_of_the_rfc() {
        // RFC 9421, appendix B.2.5.
        let components = [
            ("date".to_owned(), "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("@authority".to_owned(), "example.com"),
            ("content-type".to_owned(), "application/json"),
        ];
        let parameters = "(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"";
        let secret = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
        let mut mac = Hmac::<Sha256>::new_from_slice(&Base64::decode_vec(secret).unwrap()).unwrap();
        mac.update(base(&components, parameters).as_bytes());
        let signature = Base64::encode_string(&mac.finalize().into_bytes());
        assert_eq!(signature, "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
    }
}
