//! The token call: `POST /oauth/token` (reference: post-oauth-token).

use super::{Call, Emulator, answer};
use crate::ports::{Clock, Headers, Random, Response};
use base64ct::{Base64, Encoding};
use subtle::ConstantTimeEq;

/// A token that was handed out.
#[derive(Clone)]
pub(super) struct IssuedToken {
    token: String,
    expires_ms: u64,
}

/// Tokens beyond this many are forgotten, the oldest first.
const MAX_TOKENS: usize = 1000;

const ALPHANUMERICS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Whether a request may act.
pub(super) enum Access {
    Granted,
    /// The token has run out.
    Expired,
    /// There is no token, or none that was handed out.
    Unknown,
}

impl<C: Clock, R: Random> Emulator<C, R> {
    /// Hands out a token for the right credentials. Several tokens may be valid at once, as documented.
    pub(super) fn token_call(&self, call: Call<'_>) -> Response {
        let credentials = call.headers.get("Authorization").and_then(basic);
        let expected = format!("{}:{}", self.options.api_key, self.options.api_secret);
        if credentials.is_none_or(|found| !bool::from(found.ct_eq(expected.as_bytes()))) {
            return answer::error(401, "PB-APIM-ERR-0401", "Invalid API key or secret");
        }
        let content_type = call.headers.get("Content-Type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let wanted = "Content-Type must be application/x-www-form-urlencoded";
            return answer::error(400, "emulator.content_type", wanted);
        }
        if !call.body.split(|&byte| byte == b'&').any(|pair| pair == b"grant_type=client_credentials") {
            let wanted = "grant_type must be client_credentials";
            return answer::error(400, "emulator.grant_type", wanted);
        }
        let issued_ms = self.clock.now_ms();
        let lifetime_s = self.options.token_lifetime_s;
        let token: String = self.bytes::<28>().iter().filter_map(|&byte| alphanumeric(byte)).collect();
        let mut state = self.state.borrow_mut();
        if state.tokens.len() >= MAX_TOKENS {
            state.tokens.remove(0);
        }
        let expires_ms = issued_ms.saturating_add(lifetime_s.saturating_mul(1000));
        state.tokens.push(IssuedToken { token: token.clone(), expires_ms });
        answer::tree(
            200,
            &answer::object([
                ("access_token", answer::text(&token)),
                ("tokenType", answer::text("BearerToken")),
                ("issuedAt", answer::text(&issued_ms.to_string())),
                ("expiresIn", answer::text(&lifetime_s.to_string())),
                ("clientID", answer::text(&self.options.api_key)),
                ("org", answer::text("pitneybowes")),
            ]),
        )
    }

    /// Looks at the token of a call.
    pub(super) fn access(&self, headers: &Headers) -> Access {
        let token = headers.get("Authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let is_it = |issued: &&IssuedToken| issued.token.as_bytes().ct_eq(token.as_bytes()).into();
        match self.state.borrow().tokens.iter().find(is_it) {
            Some(issued) if self.clock.now_ms() < issued.expires_ms => Access::Granted,
            Some(_) => Access::Expired,
            None => Access::Unknown,
        }
    }

    /// Lets every token run out now.
    pub(super) fn expire_tokens(&self) {
        for issued in &mut self.state.borrow_mut().tokens {
            issued.expires_ms = 0;
        }
    }
}

fn alphanumeric(byte: u8) -> Option<char> {
    ALPHANUMERICS.get(usize::from(byte) % ALPHANUMERICS.len()).map(|&byte| char::from(byte))
}

/// The `user:password` of a Basic authorization (RFC 7617).
fn basic(value: &str) -> Option<Vec<u8>> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    Base64::decode_vec(encoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_decoded_and_nothing_else_is() {
        assert_eq!(basic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==").unwrap(), b"Aladdin:open sesame");
        assert_eq!(basic("basic YTpi").unwrap(), b"a:b");
        for value in ["Basic", "Basic YTp", "Bearer YTpi", "Basic YT!i", "Basic A==="] {
            assert_eq!(basic(value), None, "{value}");
        }
    }
}
