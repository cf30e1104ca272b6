//! HMAC-SHA-256 (RFC 2104), by the crates of RustCrypto, and the keys that callers sign with.

use super::secret::Secret;
use crate::json::Names;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::borrow::Cow;

/// The least length of a secret, in bytes: that of the digest (RFC 7518, section 3.2).
const MIN_SECRET: usize = 32;
/// The longest name of a key.
const MAX_ID: usize = 128;

/// A secret and its name, which goes along with each signature, so that a new key can come into use before the old one goes.
#[derive(Clone, Debug)]
pub struct SigningKey {
    id: String,
    secret: Secret,
}

/// A key that would sign nothing well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// The name has characters that a header field cannot carry, or none at all, or too many.
    #[error("{0:?} is no id of a key; it must be 1 to 128 letters, digits, dots, hyphens or underscores")]
    Id(String),
    /// The secret is too short to be one.
    #[error("the secret of the key {id} has {length} bytes; it must have at least 32, made by chance")]
    Secret {
        /// The name of the key.
        id: String,
        /// How many bytes its secret has.
        length: usize,
    },
    /// Two keys have one name.
    #[error("there are two keys with the id {0}")]
    Twice(String),
    /// There is no key.
    #[error("there is no key")]
    None,
}

impl SigningKey {
    /// A key; its secret are the bytes of the text in UTF-8.
    ///
    /// # Errors
    /// If the name is none, or the secret has less than 32 bytes.
    pub fn new(id: impl Into<String>, secret: Secret) -> Result<Self, SigningKeyError> {
        let id = id.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=MAX_ID).contains(&id.len()) || !id.bytes().all(plain) {
            return Err(SigningKeyError::Id(id));
        }
        let length = secret.expose().len();
        if length < MIN_SECRET { Err(SigningKeyError::Secret { id, length }) } else { Ok(Self { id, secret }) }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The signature of a message.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        hmac(self.secret.expose().as_bytes(), message).map_or_else(Vec::new, |mac| mac.finalize().into_bytes().to_vec())
    }

    /// Whether this is the signature of the message. It takes the same time wherever the two differ.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        hmac(self.secret.expose().as_bytes(), message).is_some_and(|mac| mac.verify_slice(signature).is_ok())
    }
}

/// Looks at the keys of one set: there is one, and none has the name of another.
pub(super) fn check_keys<'a>(keys: impl Iterator<Item = &'a SigningKey>) -> Result<(), SigningKeyError> {
    let mut names = Names::new();
    for key in keys {
        if names.insert((Cow::Borrowed(key.id()), Cow::Borrowed("")), 0).is_some() {
            return Err(SigningKeyError::Twice(key.id().to_owned()));
        }
    }
    if names.len() == 0 { Err(SigningKeyError::None) } else { Ok(()) }
}

/// Keys of all lengths are taken, so there always is one.
fn hmac(key: &[u8], message: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_signature_is_that_of_the_rfc() {
        let key = SigningKey::new("a", Secret::new("a".repeat(32))).unwrap();
        let other = SigningKey::new("a", Secret::new("b".repeat(32))).unwrap();
        let signature = key.sign(b"message");
        assert!(key.verifies(b"message", &signature));
        assert!(!other.verifies(b"message", &signature));
        assert!(!key.verifies(b"messagf", &signature));
        assert!(!key.verifies(b"message", &signature[..31]));
        assert!(!key.verifies(b"message", &[]));
        // RFC 4231, test case 2.
        let rfc = hmac(b"Jefe", b"what do ya want for nothing?").unwrap().finalize().into_bytes();
        assert_eq!(hex(&rfc), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_key_has_a_name_and_a_secret_of_its_length() {
        let key = |id: &str, secret: &str| SigningKey::new(id, Secret::new(secret)).err();
        let secret = "s".repeat(32);
        assert_eq!(key("2026-11", &secret), None);
        assert_eq!(key("a", "short"), Some(SigningKeyError::Secret { id: "a".into(), length: 5 }));
        for id in ["", "a b", "a\"", "\u{fc}", &"a".repeat(129)] {
            assert_eq!(key(id, &secret), Some(SigningKeyError::Id(id.into())));
        }
        let key = SigningKey::new("a", Secret::new(secret)).unwrap();
        assert_eq!(check_keys([&key, &key].into_iter()), Err(SigningKeyError::Twice("a".into())));
        assert_eq!(check_keys(std::iter::empty()), Err(SigningKeyError::None));
    }
}
