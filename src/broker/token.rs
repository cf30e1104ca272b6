//! The token call: what is asked, and what may be made of the answer.

use super::{
    secret::{Credentials, Secret, redact_bytes, redact_errors},
    time::within,
    upstream::Upstream,
};
use crate::{
    json::Tree,
    ports::{Clock, Headers, Http, Request, Response},
    wire::{self, ApiError, ErrorBody, header, retry_after_ms},
};

/// A token and when it runs out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What is sent.
    pub value: Secret,
    /// When it runs out, in milliseconds since 1970.
    pub expires_at_ms: u64,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The credentials are wrong, or not enabled.
    #[error("the API does not accept the credentials")]
    Refused {
        /// The status of the answer.
        status: u16,
        /// What the API said, secrets taken out.
        errors: Vec<ApiError>,
    },
    /// No answer, or none that can be used; later there may be one.
    #[error("no token could be had")]
    Unavailable {
        /// How long the API asked to wait, in seconds.
        retry_after_s: Option<u64>,
    },
}

impl TokenError {
    const UNAVAILABLE: Self = Self::Unavailable { retry_after_s: None };
}

/// How long the token call may take.
const TIMEOUT_MS: u64 = 10_000;
/// A token reply is a few hundred bytes; more is none.
const MAX_REPLY: usize = 64 << 10;
/// The longest token that is believed.
const MAX_TOKEN: usize = 4096;
/// The life of a token whose reply does not tell it.
const UNKNOWN_LIFETIME_S: u64 = 600;
/// The longest life that is believed.
const MAX_LIFETIME_S: u64 = 24 * 3600;

/// Asks the API for a token.
pub(super) async fn fetch(
    http: &impl Http,
    clock: &impl Clock,
    upstream: &Upstream,
    credentials: &Credentials,
) -> Result<Token, TokenError> {
    let basic = credentials.basic();
    let request = Request {
        method: "POST",
        url: upstream.token_url(),
        headers: Headers::new()
            .with(header::AUTHORIZATION, basic.expose())
            .with(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .with("Accept", wire::JSON),
        body: b"grant_type=client_credentials".to_vec(),
    };
    // A token's life counts from before the call, so that a slow answer does not lengthen it.
    let asked_ms = clock.now_ms();
    let Some(Ok(response)) = within(clock, TIMEOUT_MS, http.send(request)).await else {
        return Err(TokenError::UNAVAILABLE);
    };
    match response.status {
        200..=299 => read(&response, asked_ms).ok_or(TokenError::UNAVAILABLE),
        status => {
            let encoded = Secret::new(basic.expose().trim_start_matches("Basic "));
            let secrets = [&encoded, &credentials.api_secret, &credentials.api_key];
            // Before anything is read of it: a text that is cut short could hold half a secret.
            let mut body = response.body;
            redact_bytes(&mut body, &secrets);
            let mut errors = ErrorBody::read(&body).errors;
            if matches!(status, 400 | 401 | 403) && !errors.iter().any(ApiError::is_throttling) {
                redact_errors(&mut errors, &secrets);
                return Err(TokenError::Refused { status, errors });
            }
            let wait = response.headers.get(header::RETRY_AFTER);
            let wait_ms = wait.and_then(|value| retry_after_ms(value, clock.now_ms()));
            Err(TokenError::Unavailable { retry_after_s: wait_ms.map(|ms| ms.div_ceil(1000)) })
        }
    }
}

/// Reads the reply: the documented names and those of RFC 6749, numbers as strings or as numbers.
fn read(response: &Response, asked_ms: u64) -> Option<Token> {
    let body = Some(&response.body).filter(|body| body.len() <= MAX_REPLY)?;
    let tree = Tree::parse(body).ok()?;
    let either = |names: [&str; 2]| names.into_iter().find_map(|name| tree.get(name)?.text());
    let value = either(["access_token", "accessToken"])?;
    if !(1..=MAX_TOKEN).contains(&value.len()) || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let bearer = |kind: &str| kind.eq_ignore_ascii_case("BearerToken") || kind.eq_ignore_ascii_case("Bearer");
    if !either(["tokenType", "token_type"]).is_none_or(bearer) {
        return None;
    }
    let whole = |names| either(names).and_then(|text: &str| text.trim().parse::<u64>().ok());
    let lifetime_s = whole(["expiresIn", "expires_in"]).unwrap_or(UNKNOWN_LIFETIME_S).min(MAX_LIFETIME_S);
    let expires_at = |from_ms: u64| from_ms.saturating_add(lifetime_s * 1000);
    // A gateway may hand out a token that it issued earlier. Its own clock may also be wrong, so only a moment that lies in
    // the past, and leaves the token some life, is believed.
    let issued_ms =
        whole(["issuedAt", "issued_at"]).filter(|&issued| issued < asked_ms && expires_at(issued) > asked_ms);
    Some(Token { value: Secret::new(value), expires_at_ms: expires_at(issued_ms.unwrap_or(asked_ms)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED_MS: u64 = 1_800_000_000_000;

    fn lifetime_of(body: &str) -> Option<u64> {
        let response = Response { status: 200, headers: Headers::new(), body: body.as_bytes().to_vec() };
        read(&response, ASKED_MS).map(|token| token.expires_at_ms - ASKED_MS)
    }

    #[test]
    fn the_documented_reply_and_its_neighbours_are_read() {
        let documented = r#"{"access_token":"abc","tokenType":"BearerToken","issuedAt":"1800000000005","expiresIn":"35999","clientID":"k","org":"pitneybowes"}"#;
        assert_eq!(lifetime_of(documented), Some(35_999_000));
        let standard = r#"{"access_token":"abc","token_type":"bearer","expires_in":3600}"#;
        assert_eq!(lifetime_of(standard), Some(3_600_000));
        assert_eq!(lifetime_of(r#"{"access_token":"abc"}"#), Some(600_000));
        assert_eq!(lifetime_of(r#"{"access_token":"abc","expiresIn":"soon"}"#), Some(600_000));
        assert_eq!(lifetime_of(r#"{"access_token":"abc","expiresIn":"99999999999999"}"#), Some(86_400_000));
    }

    #[test]
    fn an_older_token_has_less_life_left() {
        let issued = |at: u64| lifetime_of(&format!(r#"{{"access_token":"abc","issuedAt":"{at}","expiresIn":"100"}}"#));
        assert_eq!(issued(ASKED_MS - 40_000), Some(60_000));
        assert_eq!(issued(ASKED_MS - 200_000), Some(100_000), "the gateway's clock is slow");
        assert_eq!(issued(ASKED_MS + 40_000), Some(100_000), "the gateway's clock is fast");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let long = format!(r#"{{"access_token":"{}"}}"#, "a".repeat(5000));
        let padded = format!(r#"{{"access_token":"abc","x":"{}"}}"#, "a".repeat(70_000));
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"access_token":""}"#,
            r#"{"access_token":"a\r\nb"}"#,
            r#"{"access_token":null}"#,
            r#"{"access_token":"abc","tokenType":"MAC"}"#,
            &long,
            &padded,
        ] {
            assert_eq!(lifetime_of(body), None, "{body}");
        }
    }
}
