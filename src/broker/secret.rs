//! Values that must not be seen, and what takes them out of texts.

use crate::wire::ApiError;
use base64ct::{Base64, Encoding};
use std::fmt;
use subtle::ConstantTimeEq;

/// A credential or a token. It is shown nowhere: `Debug` hides it, and there is no `Display`.
#[derive(Clone, Eq)]
pub struct Secret(String);

impl PartialEq for Secret {
    /// Takes the same time wherever the two differ, so that nobody can guess one piece by piece. Only the length shows.
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Secret {
    /// Hides the text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that sends it to the API.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The merchant's API key and secret. They differ per environment (documented).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The API key.
    pub api_key: Secret,
    /// The API secret.
    pub api_secret: Secret,
}

impl Credentials {
    /// The value of `Authorization` at the token call (RFC 7617).
    pub(super) fn basic(&self) -> Secret {
        let pair = [self.api_key.expose(), ":", self.api_secret.expose()].concat();
        Secret(["Basic ", &Base64::encode_string(pair.as_bytes())].concat())
    }
}

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";
/// Shorter secrets are not looked for: they would be found in ordinary words.
const MIN_LENGTH: usize = 8;

/// Takes the secrets out of the body of an answer, in case the API repeats what it was sent. What takes their place may stand
/// in a JSON string too.
pub(super) fn redact_bytes(body: &mut Vec<u8>, secrets: &[&Secret]) {
    for secret in secrets.iter().filter(|secret| secret.0.len() >= MIN_LENGTH) {
        let needle = secret.0.as_bytes();
        let find = |text: &[u8]| text.windows(needle.len()).position(|window| window == needle);
        let (mut clean, mut rest) = (Vec::new(), body.as_slice());
        while let Some((before, from)) = find(rest).and_then(|at| rest.split_at_checked(at)) {
            clean.extend_from_slice(before);
            clean.extend_from_slice(REDACTED.as_bytes());
            rest = from.get(needle.len()..).unwrap_or_default();
        }
        if !clean.is_empty() {
            clean.extend_from_slice(rest);
            *body = clean;
        }
    }
}

/// Takes the secrets out of what the API said about an error.
pub(super) fn redact_errors(errors: &mut [ApiError], secrets: &[&Secret]) {
    let redact = |text: &mut String| {
        for secret in secrets.iter().filter(|secret| secret.0.len() >= MIN_LENGTH) {
            *text = text.replace(&secret.0, REDACTED);
        }
    };
    for error in errors {
        let texts = [&mut error.error_code, &mut error.error_description, &mut error.additional_info];
        texts.into_iter().flatten().chain(&mut error.parameters).for_each(redact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_sent_as_the_rfc_has_it() {
        let credentials = Credentials { api_key: Secret::new("Aladdin"), api_secret: Secret::new("open sesame") };
        assert_eq!(credentials.basic().expose(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn secrets_are_the_same_if_all_of_their_bytes_are() {
        assert_eq!(Secret::new("abc"), Secret::new("abc"));
        for other in ["", "ab", "abd", "bbc", "abcd", "ABC"] {
            assert_ne!(Secret::new("abc"), Secret::new(other));
        }
    }

    #[test]
    fn a_secret_is_not_shown_and_is_taken_out() {
        let secret = Secret::new("s3cret-s3cret");
        let credentials = Credentials { api_key: Secret::new("key-key-key"), api_secret: secret.clone() };
        assert!(!format!("{credentials:?}").contains("key-key"));
        let mut body = b"as3cret-s3crets3cret-s3cretb".to_vec();
        redact_bytes(&mut body, &[&secret]);
        assert_eq!(body, b"a[redacted][redacted]b");
        let mut errors = [ApiError { error_description: Some("bad s3cret-s3cret".into()), ..ApiError::default() }];
        redact_errors(&mut errors, &[&secret]);
        assert_eq!(errors[0].error_description.as_deref(), Some("bad [redacted]"));
    }
}
