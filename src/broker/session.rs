//! Sessions of pages: tokens that the merchant's server issues and the broker checks, with nothing stored on either side.
//!
//! A token is a JWT (RFC 7519) in the compact form of a JWS (RFC 7515), signed by HMAC-SHA-256 and nothing else, so that a
//! server in any language can issue it with a library. It is checked as RFC 8725 advises: one algorithm, an explicit type, an
//! audience. It holds for one origin and a short time: a token that was stolen is of no use on another site's page, and soon of
//! no use at all, which is how it is revoked.

use super::{
    hooks::Principal,
    mac::{SigningKey, SigningKeyError, check_keys},
    options::is_origin,
    scope::Scope,
};
use crate::{
    json::{Names, Tree, to_ascii_json},
    ports::Headers,
    wire::header,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use std::{borrow::Cow, fmt};

/// The `typ` of a token (RFC 8725, section 3.11), so that no token that was signed for another use is taken for a session.
pub const SESSION_TYPE: &str = "pb-fulfillment-session+jwt";
/// The one algorithm (RFC 7518, section 3.2).
const ALGORITHM: &str = "HS256";
/// The longest token that is read, in characters. Browsers keep no longer cookies.
const MAX_TOKEN: usize = 4000;

/// How sessions are made and checked.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Whom tokens are meant for, the claim `aud`. Default `pb-fulfillment`; differing names keep brokers apart that share keys.
    pub audience: String,
    /// How long a new session lasts, and the longest that is accepted, in seconds. Default 900.
    pub ttl_s: u64,
    /// How far the clocks of the issuing server and of the broker may be apart, in seconds. Default 30.
    pub skew_s: u64,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { audience: "pb-fulfillment".into(), ttl_s: 900, skew_s: 30 }
    }
}

/// Who may use a session, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The caller and what it may do.
    pub principal: Principal,
    /// The origin of the page, such as `https://shop.example`.
    pub origin: String,
}

/// A session that was issued.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedSession {
    /// The token, for the page.
    pub token: String,
    /// When it runs out, in milliseconds since 1970.
    pub expires_at_ms: u64,
}

impl fmt::Debug for IssuedSession {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedSession").field("expires_at_ms", &self.expires_at_ms).finish_non_exhaustive()
    }
}

/// A session that cannot be issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The subject is empty.
    #[error("subject is empty; it must name the caller, such as by the id of a user")]
    Subject,
    /// There is no client id, or an empty one.
    #[error("clientIds must name at least one client, and none by an empty text")]
    ClientIds,
    /// A scope that does not exist.
    #[error("there is no scope {0:?}; there are orders:write, orders:read and dead-letters:write")]
    Scope(String),
    /// The origin is none.
    #[error("{0:?} is no origin; an origin is a scheme and a host such as https://shop.example.com, without a path")]
    Origin(String),
    /// The token would be too long to be read.
    #[error("the session has too much in it: its token would have {0} characters, and 4000 are the most")]
    TooLong(usize),
}

/// Why a request has no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionRefusal {
    /// It has no token.
    Missing,
    /// It has two tokens, or what it has is no token of this form.
    Malformed,
    /// The token names another algorithm.
    Algorithm,
    /// The token is of another type.
    Type,
    /// The token names no key, or one that is not known.
    Key,
    /// The signature is not that of the key.
    Signature,
    /// The token is meant for somebody else.
    Audience,
    /// The token has run out.
    Expired,
    /// The token is of the future.
    NotYetValid,
    /// The token lasts longer than sessions may.
    LongLived,
    /// The request comes from a page of another origin, or does not tell of which.
    Origin,
    /// A claim is missing or is not what it must be.
    Claims,
}

impl SessionRefusal {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::LongLived => "long_lived",
            Self::Origin => "origin",
            Self::Claims => "claims",
        }
    }
}

/// Issues sessions and knows them again.
#[derive(Debug)]
pub struct Sessions {
    /// Signs.
    first: SigningKey,
    /// Only known again.
    others: Vec<SigningKey>,
    options: SessionOptions,
}

impl Sessions {
    /// Sessions signed by the first of the keys; those signed by any of them are known. To change keys: put the new one
    /// last, then first, then take the old one away, each a session's life after the other.
    ///
    /// # Errors
    /// If there is no key, or two have one name.
    pub fn new(keys: Vec<SigningKey>, options: SessionOptions) -> Result<Self, SigningKeyError> {
        check_keys(keys.iter())?;
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(SigningKeyError::None)?;
        Ok(Self { first, others: keys.collect(), options })
    }

    /// A token for a page. To be called by the merchant's server, once it knows who is there.
    ///
    /// # Errors
    /// If the session would let nobody in, or would not be read.
    pub fn issue(&self, session: &Session, now_ms: u64) -> Result<IssuedSession, SessionError> {
        let Session { principal, origin } = session;
        if principal.subject.is_empty() {
            return Err(SessionError::Subject);
        }
        if principal.client_ids.is_empty() || principal.client_ids.iter().any(String::is_empty) {
            return Err(SessionError::ClientIds);
        }
        if let Some(scope) = principal.scopes.iter().find(|scope| Scope::from_name(scope).is_none()) {
            return Err(SessionError::Scope(scope.clone()));
        }
        if !is_origin(origin) {
            return Err(SessionError::Origin(origin.clone()));
        }
        let now_s = now_ms / 1000;
        let expires_s = now_s.saturating_add(self.options.ttl_s);
        let header = Header { alg: ALGORITHM, typ: SESSION_TYPE, kid: self.first.id() };
        let claims = Claims {
            aud: &self.options.audience,
            sub: &principal.subject,
            iat: now_s,
            exp: expires_s,
            scope: &principal.scopes.join(" "),
            client_ids: &principal.client_ids,
            origin,
        };
        let mut token = [part(&header), part(&claims)].join(".");
        let signature = self.first.sign(token.as_bytes());
        token.push('.');
        token.push_str(&Base64UrlUnpadded::encode_string(&signature));
        if token.len() > MAX_TOKEN {
            return Err(SessionError::TooLong(token.len()));
        }
        Ok(IssuedSession { token, expires_at_ms: expires_s.saturating_mul(1000) })
    }

    /// The caller that a request's token names: that of `Authorization: Bearer`, or else of the cookie of that name. `origin` is
    /// that of the page which asks.
    ///
    /// # Errors
    /// Why it names none. To be told to the merchant, not to the caller.
    pub fn find(
        &self,
        headers: &Headers,
        cookie: Option<&str>,
        origin: Option<&str>,
        now_ms: u64,
    ) -> Result<Principal, SessionRefusal> {
        self.verify(token_of(headers, cookie)?, origin, now_ms)
    }

    /// Checks a token.
    fn verify(&self, token: &str, origin: Option<&str>, now_ms: u64) -> Result<Principal, SessionRefusal> {
        if token.len() > MAX_TOKEN {
            return Err(SessionRefusal::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(SessionRefusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(SessionRefusal::Malformed)?;
        if claims.contains('.') {
            return Err(SessionRefusal::Malformed);
        }
        let key = self.key_of(&decode(header)?)?;
        if !key.verifies(signed.as_bytes(), &decode(signature)?) {
            return Err(SessionRefusal::Signature);
        }
        // Nothing of the claims is looked at before they are known to be the merchant's.
        let claims = decode(claims)?;
        let claims = object_of(&claims)?;
        self.check_times(&claims, now_ms / 1000)?;
        let is_ours = |audience: &Tree<'_>| audience.str() == Some(&self.options.audience);
        let audience = claims.get("aud").ok_or(SessionRefusal::Audience)?;
        if !is_ours(audience) && !audience.array().is_some_and(|audiences| audiences.iter().any(is_ours)) {
            return Err(SessionRefusal::Audience);
        }
        let bound = claims.get("origin").and_then(Tree::str).ok_or(SessionRefusal::Claims)?;
        if origin != Some(bound) {
            return Err(SessionRefusal::Origin);
        }
        let principal = principal_of(&claims).ok_or(SessionRefusal::Claims)?;
        Ok(principal)
    }

    /// The key that a header names, for the one algorithm there is.
    fn key_of(&self, header: &[u8]) -> Result<&SigningKey, SessionRefusal> {
        let header = object_of(header)?;
        let is = |name: &str, value: &str| header.get(name).and_then(Tree::str) == Some(value);
        if !is("alg", ALGORITHM) {
            return Err(SessionRefusal::Algorithm);
        }
        if !header.get("typ").and_then(Tree::str).is_some_and(|kind| kind.eq_ignore_ascii_case(SESSION_TYPE)) {
            return Err(SessionRefusal::Type);
        }
        // What is critical must be understood (RFC 7515, section 4.1.11), and nothing is.
        if header.get("crit").is_some() {
            return Err(SessionRefusal::Malformed);
        }
        let mut keys = std::iter::once(&self.first).chain(&self.others);
        keys.find(|key| is("kid", key.id())).ok_or(SessionRefusal::Key)
    }

    fn check_times(&self, claims: &Tree<'_>, now_s: u64) -> Result<(), SessionRefusal> {
        let skew_s = self.options.skew_s;
        let time = |name| match claims.get(name) {
            Some(Tree::Number(number)) => number.parse::<u64>().map(Some).map_err(|_| SessionRefusal::Claims),
            Some(_) => Err(SessionRefusal::Claims),
            None => Ok(None),
        };
        let (issued_s, expires_s) = (time("iat")?, time("exp")?);
        let (Some(issued_s), Some(expires_s)) = (issued_s, expires_s) else { return Err(SessionRefusal::Claims) };
        let begins_s = time("nbf")?.map_or(issued_s, |not_before_s| not_before_s.max(issued_s));
        if now_s >= expires_s.saturating_add(skew_s) {
            return Err(SessionRefusal::Expired);
        }
        if begins_s > now_s.saturating_add(skew_s) {
            return Err(SessionRefusal::NotYetValid);
        }
        if expires_s.saturating_sub(issued_s) > self.options.ttl_s { Err(SessionRefusal::LongLived) } else { Ok(()) }
    }
}

/// The one token of a request.
fn token_of<'a>(headers: &'a Headers, cookie: Option<&str>) -> Result<&'a str, SessionRefusal> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.trim().split_once(' ').ok_or(SessionRefusal::Malformed)?;
        return if scheme.eq_ignore_ascii_case("Bearer") { Ok(token.trim()) } else { Err(SessionRefusal::Malformed) };
    }
    let cookies = headers.get("Cookie").unwrap_or_default();
    let named = |pair: &'a str| pair.trim().split_once('=').filter(|(name, _)| Some(*name) == cookie);
    let mut tokens = cookies.split(';').filter_map(named).map(|(_, token)| token);
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => Ok(token),
        (None, _) => Err(SessionRefusal::Missing),
        // Another site of the domain may have set the second one.
        (Some(_), Some(_)) => Err(SessionRefusal::Malformed),
    }
}

/// Strict: no padding, and no bits but those of the bytes, so that one token has one text.
fn decode(part: &str) -> Result<Vec<u8>, SessionRefusal> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| SessionRefusal::Malformed)
}

/// An object in which no name is given twice: readers differ in which of the two they take.
fn object_of(text: &[u8]) -> Result<Tree<'_>, SessionRefusal> {
    let tree = Tree::parse(text).map_err(|_| SessionRefusal::Malformed)?;
    let is_object = matches!(tree, Tree::Object(_));
    if is_object && !has_twins(&tree) { Ok(tree) } else { Err(SessionRefusal::Malformed) }
}

fn has_twins(tree: &Tree<'_>) -> bool {
    let mut names = Names::new();
    let mut is_twin = |name| names.insert((Cow::Borrowed(name), Cow::Borrowed("")), 0).is_some();
    tree.members().iter().any(|(name, value)| is_twin(&**name) || has_twins(value))
        || tree.array().is_some_and(|elements| elements.iter().any(has_twins))
}

fn principal_of(claims: &Tree<'_>) -> Option<Principal> {
    let full = |value: &Tree<'_>| value.str().filter(|text| !text.is_empty()).map(str::to_owned);
    let client_ids = claims.get("client_ids")?.array()?.iter().map(full).collect::<Option<Vec<_>>>()?;
    Some(Principal {
        subject: full(claims.get("sub")?)?,
        client_ids,
        scopes: claims.get("scope")?.str()?.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
    })
}

/// What a token begins with.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

/// What a token says.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    sub: &'a str,
    iat: u64,
    exp: u64,
    scope: &'a str,
    client_ids: &'a [String],
    origin: &'a str,
}

/// Texts and whole numbers can always be written.
fn part(value: &impl Serialize) -> String {
    Base64UrlUnpadded::encode_string(&to_ascii_json(value).unwrap_or_default())
}
