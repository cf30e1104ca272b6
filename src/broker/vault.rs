//! The one place that holds credentials and asks for tokens: one refresh under way at a time, early renewal, one renewal for
//! each rejected token, and memory that outlives an eviction.

use super::{
    secret::{Credentials, Secret},
    token::{self, Token, TokenError},
    upstream::Upstream,
};
use crate::{
    json::{Tree, write_string},
    ports::{Clock, Http, Store},
};
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, Shared},
};
use std::{cell::RefCell, fmt, rc::Rc};

/// Where a broker gets its tokens.
pub trait Vault {
    /// A token that is valid for some time. `rejected` is one that the API has just refused: it is not handed out again.
    async fn get_token(&self, rejected: Option<&str>) -> Result<Token, TokenError>;
}

impl<T: Vault> Vault for Rc<T> {
    async fn get_token(&self, rejected: Option<&str>) -> Result<Token, TokenError> {
        (**self).get_token(rejected).await
    }
}

/// A token with less life than this is renewed while the old one still serves.
pub(super) const RENEW_MS: u64 = 120_000;
/// A token with less life than this no longer serves.
const TOO_SHORT_MS: u64 = 30_000;
/// How long after a failed early renewal the next is tried.
const RENEWAL_PAUSE_MS: u64 = 5_000;
/// Where the store keeps the token.
const STORE_KEY: &str = "token";

/// A vault for the credentials of one account. Cloning it gives another handle to the same vault.
pub struct TokenVault<H, C, S>(Rc<Inner<H, C, S>>);

struct Inner<H, C, S> {
    http: H,
    clock: C,
    store: S,
    upstream: Upstream,
    credentials: RefCell<Credentials>,
    state: RefCell<State>,
}

type Refresh = Shared<LocalBoxFuture<'static, Result<Token, TokenError>>>;

#[derive(Default)]
struct State {
    loaded: bool,
    token: Option<Token>,
    /// The refresh under way, for all to wait on. It ends by taking itself out of here.
    refresh: Option<Refresh>,
    no_renewal_before_ms: u64,
}

impl<H, C, S> Clone for TokenVault<H, C, S> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<H, C, S> fmt::Debug for TokenVault<H, C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVault").field("upstream", &self.0.upstream).finish_non_exhaustive()
    }
}

impl<H: Http + 'static, C: Clock + 'static, S: Store + 'static> TokenVault<H, C, S> {
    /// A vault for these credentials at this upstream. `store` keeps the token while the process is away.
    pub fn new(upstream: Upstream, credentials: Credentials, http: H, clock: C, store: S) -> Self {
        let (credentials, state) = (RefCell::new(credentials), RefCell::default());
        Self(Rc::new(Inner { http, clock, store, upstream, credentials, state }))
    }

    /// Asks for tokens with these credentials from now on, should they be others. The token at hand stays in use if only the secret
    /// has changed; whoever waits for one that was asked for with the old secret still gets what comes of it.
    pub fn set_credentials(&self, credentials: Credentials) {
        let before = self.0.credentials.replace(credentials);
        let credentials = self.0.credentials.borrow();
        if before == *credentials {
            return;
        }
        let mut state = self.0.state.borrow_mut();
        state.refresh = None;
        state.no_renewal_before_ms = 0;
        if before.api_key != credentials.api_key {
            // Nor is the one in the store, which may be of the other key.
            (state.token, state.loaded) = (None, true);
        }
    }

    /// Waits for the refresh under way, or starts one.
    async fn refreshed(&self) -> Result<Token, TokenError> {
        let refresh = self.0.state.borrow().refresh.clone();
        let refresh = refresh.unwrap_or_else(|| {
            let inner = Rc::clone(&self.0);
            let refresh = async move { inner.refresh().await }.boxed_local().shared();
            self.0.state.borrow_mut().refresh = Some(refresh.clone());
            refresh
        });
        refresh.await
    }
}

impl<H: Http, C: Clock, S: Store> Inner<H, C, S> {
    async fn refresh(&self) -> Result<Token, TokenError> {
        let credentials = self.credentials.borrow().clone();
        let fetched = token::fetch(&self.http, &self.clock, &self.upstream, &credentials).await;
        // Others have taken their place meanwhile, and with them another refresh.
        if credentials != *self.credentials.borrow() {
            return fetched;
        }
        {
            let mut state = self.state.borrow_mut();
            match &fetched {
                Ok(token) => state.token = Some(token.clone()),
                Err(_) => state.no_renewal_before_ms = self.clock.now_ms().saturating_add(RENEWAL_PAUSE_MS),
            }
            state.refresh = None;
        }
        if let Ok(token) = &fetched {
            // A token that is not kept costs one more call later, no more.
            let _ = self.store.put(STORE_KEY, &write(token)).await;
        }
        fetched
    }

    /// Takes over the token that an earlier life of this vault has kept.
    async fn load(&self) {
        if self.state.borrow().loaded {
            return;
        }
        let kept = self.store.get(STORE_KEY).await.ok().flatten().and_then(|bytes| read(&bytes));
        let mut state = self.state.borrow_mut();
        if !state.loaded && state.token.is_none() {
            state.token = kept;
        }
        state.loaded = true;
    }

    /// Forgets the token if it is the one that was rejected. Any other has been renewed since.
    async fn reject(&self, rejected: &str) {
        let rejected = Secret::new(rejected);
        let is_ours = |token: &Token| token.value == rejected;
        let forgotten = self.state.borrow_mut().token.take_if(|token| is_ours(token));
        if forgotten.is_some() {
            let _ = self.store.delete(STORE_KEY).await;
        }
    }
}

impl<H: Http + 'static, C: Clock + 'static, S: Store + 'static> Vault for TokenVault<H, C, S> {
    /// With more than 120 s left the token is handed out. With 30 to 120 s left the first caller renews it and the others get
    /// the old one meanwhile, as does the first if the renewal fails. With less, all wait for the renewal.
    async fn get_token(&self, rejected: Option<&str>) -> Result<Token, TokenError> {
        self.0.load().await;
        if let Some(rejected) = rejected {
            self.0.reject(rejected).await;
        }
        let now_ms = self.0.clock.now_ms();
        let (token, may_wait) = {
            let state = self.0.state.borrow();
            let may_wait = state.refresh.is_none() && state.no_renewal_before_ms <= now_ms;
            (state.token.clone(), may_wait)
        };
        let Some(token) = token else { return self.refreshed().await };
        match token.expires_at_ms.saturating_sub(now_ms) {
            left if left > RENEW_MS => Ok(token),
            left if left >= TOO_SHORT_MS && !may_wait => Ok(token),
            left if left >= TOO_SHORT_MS => self.refreshed().await.or(Ok(token)),
            _ => self.refreshed().await,
        }
    }
}

fn write(token: &Token) -> Vec<u8> {
    let mut out = b"{\"token\":".to_vec();
    write_string(&mut out, token.value.expose());
    out.extend_from_slice(format!(",\"expiresAtMs\":{}}}", token.expires_at_ms).as_bytes());
    out
}

fn read(bytes: &[u8]) -> Option<Token> {
    let tree = Tree::parse(bytes).ok()?;
    let expires_at_ms = tree.get("expiresAtMs")?.text()?.parse().ok()?;
    Some(Token { value: Secret::new(tree.get("token")?.str()?), expires_at_ms })
}
