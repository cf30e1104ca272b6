//! What the merchant decides: who is asking, and whether these orders may be sent.

use super::{Caller, Scope};
use crate::ports::Headers;
use std::fmt;

/// Who is asking, as the merchant's `authorize` found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// The caller's name at the merchant: a session, a user, a service.
    pub subject: String,
    /// Whose orders it may send.
    pub client_ids: Vec<String>,
    /// What it may do, by the names of [`Scope`]; others are of no effect.
    pub scopes: Vec<String>,
}

impl Principal {
    /// Whether it has the scope.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|name| name == scope.name())
    }
}

/// What `authorize` is shown of a request. The body has not been read.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// The method in capitals.
    pub method: &'a str,
    /// The path of the URL, the broker's base included.
    pub path: &'a str,
    /// The header fields, among them the merchant's own credentials of the caller.
    pub headers: &'a Headers,
}

impl fmt::Debug for Head<'_> {
    /// Method and path only: headers hold the caller's credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// One order of a request, for `approve_orders`.
#[derive(Clone, Copy)]
pub struct OrderToApprove<'a> {
    /// Whose it is.
    pub client_id: &'a str,
    /// Its id at that client.
    pub client_order_id: &'a str,
    /// Its JSON text, exactly as it will be sent.
    pub json: &'a [u8],
}

impl fmt::Debug for OrderToApprove<'_> {
    /// Ids only: the text holds a buyer's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({} bytes)", self.client_id, self.client_order_id, self.json.len())
    }
}

/// An order that may not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disapproval {
    /// Its index in the request, from 0.
    pub index: usize,
    /// Why, for the person at the page; nothing for a general sentence.
    pub detail: Option<String>,
}

/// A hook failed. What happened is the merchant's own to report: nothing of it reaches the caller or the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hook failed")]
pub struct HookError;

/// The merchant's decisions. There are no defaults: whoever sets up a broker has to make them. A hook that fails, or takes
/// too long, lets nothing through.
pub trait Hooks {
    /// Who is asking; nothing if that is unknown, which is answered by 401.
    async fn authorize(&self, head: Head<'_>) -> Result<Option<Principal>, HookError>;

    /// Which of the orders may not be sent. A page may claim anything: this is where the merchant looks whether the checkout
    /// is paid and these are its items.
    async fn approve_orders(
        &self,
        principal: &Principal,
        orders: &[OrderToApprove<'_>],
    ) -> Result<Vec<Disapproval>, HookError>;

    /// Whether the caller may ask once more, by a count of the merchant's own that goes beyond this broker's memory; if not,
    /// after how many seconds it may. A count that fails, or takes more than a second, lets the request through: it guards
    /// against load, and all other checks still stand.
    async fn count(&self, caller: Caller<'_>) -> Result<Option<u64>, HookError> {
        let _ = caller;
        Ok(None)
    }
}
