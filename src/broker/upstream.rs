//! Where the API is, and one bulk call to it.

use super::{secret::Secret, time::within};
use crate::{
    ports::{Clock, Headers, Http, HttpError, HttpErrorKind, Request, Response},
    wire::{self, ProblemCode, header},
};

/// The API that a broker speaks to. It is fixed when the broker is made: nothing in a request can change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// The API for trials.
    Sandbox,
    /// The API for real orders.
    Production,
    /// Behind a service binding: the host of the URL does not matter.
    Binding,
    /// Another origin; made by [`Upstream::custom`].
    Custom(CustomOrigin),
}

/// An origin that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomOrigin(String);

/// An upstream that credentials may not be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the upstream must be an origin such as https://api.example.com, or http on this machine such as http://localhost:8080"
)]
pub struct UpstreamError;

impl Upstream {
    /// An origin of one's own: https, or http on the loopback interface for development.
    ///
    /// # Errors
    /// If it is anything else: another scheme, http elsewhere, a path, a user name.
    pub fn custom(origin: &str) -> Result<Self, UpstreamError> {
        let (scheme, authority) = origin.split_once("://").ok_or(UpstreamError)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let digits = |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
        let name = |host: &str| {
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        };
        let address = |host: &str| {
            let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
            inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
        };
        let loopback = host.eq_ignore_ascii_case("localhost") || host == "[::1]" || {
            host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        };
        let secure = scheme == "https" || (scheme == "http" && loopback);
        if secure && port.is_none_or(digits) && (name(host) || address(host)) {
            Ok(Self::Custom(CustomOrigin([scheme, "://", authority].concat())))
        } else {
            Err(UpstreamError)
        }
    }

    pub(crate) fn origin(&self) -> &str {
        match self {
            Self::Sandbox => wire::SANDBOX_ORIGIN,
            Self::Production => wire::PRODUCTION_ORIGIN,
            // RFC 6761: this name never resolves, should the binding be missing.
            Self::Binding => "https://pb-api.invalid",
            Self::Custom(CustomOrigin(origin)) => origin,
        }
    }

    /// Where tokens are had; not below the API's base path (documented).
    pub(super) fn token_url(&self) -> String {
        [self.origin(), wire::TOKEN_PATH].concat()
    }

    fn bulk_url(&self) -> String {
        [self.origin(), wire::API_BASE_PATH, wire::BULK_ORDERS_PATH].concat()
    }

    /// Sends the bytes as they are. Nothing of the caller's own headers goes with them.
    pub(crate) async fn send_bulk(
        &self,
        http: &impl Http,
        clock: &impl Clock,
        timeout_ms: u64,
        token: &Secret,
        transaction_id: &str,
        body: &[u8],
    ) -> Result<Response, ProblemCode> {
        let request = Request {
            method: "POST",
            url: self.bulk_url(),
            headers: Headers::new()
                .with(header::AUTHORIZATION, ["Bearer ", token.expose()].concat())
                .with(header::TRANSACTION_ID, transaction_id)
                .with(header::CONTENT_TYPE, wire::JSON)
                .with(header::UNIFIED_ERRORS, "true")
                .with("Accept", wire::JSON),
            body: body.to_vec(),
        };
        match within(clock, timeout_ms, http.send(request)).await {
            Some(Ok(response)) => Ok(response),
            Some(Err(HttpError { kind: HttpErrorKind::Invalid, .. })) => Err(ProblemCode::Internal),
            Some(Err(HttpError { kind: HttpErrorKind::TooLarge, .. })) => Err(ProblemCode::UpstreamGarbled),
            Some(Err(_)) => Err(ProblemCode::UpstreamCut),
            None => Err(ProblemCode::UpstreamTimeout),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_taken() {
        for good in [
            "https://api.example.com",
            "https://api.example.com:8443/",
            "https://[2001:db8::1]:443",
            "http://localhost:8787",
            "http://127.0.0.1",
            "http://[::1]:80",
        ] {
            let upstream = Upstream::custom(good).unwrap();
            assert_eq!(upstream.token_url(), format!("{}/oauth/token", good.trim_end_matches('/')));
        }
        for bad in [
            "api.example.com",
            "http://api.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://user:pass@a",
            "https://a:b",
            "https://a\r\nb",
            "ftp://localhost",
            "https://[x]",
            "HTTPS://a b",
        ] {
            assert_eq!(Upstream::custom(bad), Err(UpstreamError), "{bad}");
        }
    }

    #[test]
    fn the_documented_addresses_are_used() {
        assert_eq!(Upstream::Sandbox.token_url(), "https://shipping-api-sandbox.pitneybowes.com/oauth/token");
        assert_eq!(
            Upstream::Production.bulk_url(),
            "https://shipping-api.pitneybowes.com/shippingservices/fulfillment/v1/orders/bulk"
        );
    }
}
