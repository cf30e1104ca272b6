//! The routes of the desk, and what each asks for.

use super::{
    Errand, List, PAGE_SIZE, Refusal,
    errand::{Cursor, OrderName},
};
use crate::{
    broker::{Principal, Scope},
    wire::{OUTBOX_PATH, Problem, ProblemCode},
};
use percent_encoding::percent_decode_str;

/// A path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Orders,
    Order(OrderName),
    Resend(OrderName),
    List(List),
}

/// A path with a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Enqueue,
    Status(OrderName),
    Dismiss(OrderName),
    Resend(OrderName),
    List(List),
}

impl Route {
    /// The route of a path below the desk's base. Only ids are decoded, each by itself; nothing is resolved.
    pub(super) fn of(base: &str, path: &str) -> Option<Self> {
        let mut steps = path.strip_prefix(base)?.strip_prefix(OUTBOX_PATH)?.strip_prefix('/')?.split('/');
        let route = match (steps.next()?, steps.next(), steps.next(), steps.next()) {
            ("orders", None, ..) => Self::Orders,
            ("orders", Some(client_id), Some(id), None) => Self::Order(name(client_id, id)?),
            ("orders", Some(client_id), Some(id), Some("resend")) => Self::Resend(name(client_id, id)?),
            ("dead-letters", None, ..) => Self::List(List::DeadLetters),
            ("unknown", None, ..) => Self::List(List::Unknown),
            _ => return None,
        };
        steps.next().is_none().then_some(route)
    }

    /// The route without ids, for the log.
    pub(super) const fn path(&self) -> &'static str {
        match self {
            Self::Orders => "/v1/outbox/orders",
            Self::Order(_) => "/v1/outbox/orders/{clientId}/{clientOrderId}",
            Self::Resend(_) => "/v1/outbox/orders/{clientId}/{clientOrderId}/resend",
            Self::List(List::DeadLetters) => "/v1/outbox/dead-letters",
            Self::List(List::Unknown) => "/v1/outbox/unknown",
        }
    }

    /// The methods that it takes.
    pub(super) const fn methods(&self) -> &'static str {
        match self {
            Self::Orders | Self::Resend(_) => "POST",
            Self::Order(_) => "GET, DELETE",
            Self::List(_) => "GET",
        }
    }

    /// What is asked for by that method; nothing if the route has no such method.
    pub(super) fn asked(&self, method: &str) -> Option<Asked> {
        match (self, method) {
            (Self::Orders, "POST") => Some(Asked::Enqueue),
            (Self::Order(name), "GET") => Some(Asked::Status(name.clone())),
            (Self::Order(name), "DELETE") => Some(Asked::Dismiss(name.clone())),
            (Self::Resend(name), "POST") => Some(Asked::Resend(name.clone())),
            (Self::List(list), "GET") => Some(Asked::List(*list)),
            _ => None,
        }
    }
}

impl Asked {
    /// The scope that it takes.
    pub(super) const fn scope(&self) -> Scope {
        match self {
            Self::Enqueue => Scope::Orders,
            Self::Status(_) => Scope::Status,
            Self::Dismiss(_) | Self::Resend(_) | Self::List(_) => Scope::DeadLetters,
        }
    }

    pub(super) const fn has_body(&self) -> bool {
        matches!(self, Self::Enqueue | Self::Resend(_))
    }

    /// The errand with what the request has besides its path.
    pub(super) fn errand(
        self,
        query: &[(String, String)],
        body: Vec<u8>,
        principal: &Principal,
    ) -> Result<Errand, Refusal> {
        let of = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let wrong = |detail: &str| Refusal::from(Problem::new(ProblemCode::Malformed).detail(detail));
        Ok(match self {
            Self::Enqueue => Errand::Enqueue(body),
            Self::Status(name) => Errand::Status(name),
            Self::Dismiss(name) => Errand::Dismiss(name),
            Self::Resend(name) => Errand::Resend(name, Some(body).filter(|body| !body.is_empty())),
            Self::List(list) => {
                let only = match &*principal.client_ids {
                    [only] => Some(only.as_str()),
                    _ => None,
                };
                let client_id = of("clientId").or(only).ok_or_else(|| wrong("Name the client: ?clientId=..."))?;
                let cursor = of("cursor").map(|text| Cursor::read(text).ok_or(text)).transpose();
                let cursor =
                    cursor.map_err(|_| wrong("The cursor is none; give the member next of the page before."))?;
                let limit = of("limit").map(str::parse).transpose();
                let limit = limit.map_err(|_| wrong("The limit must be a whole number from 1 to 200."))?;
                Errand::List {
                    list,
                    client_id: client_id.to_owned(),
                    cursor: cursor.unwrap_or_default(),
                    limit: limit.unwrap_or(PAGE_SIZE),
                }
            }
        })
    }
}

/// The ids of an order in a path; nothing if one is empty or no UTF-8.
fn name(client_id: &str, client_order_id: &str) -> Option<OrderName> {
    let decoded =
        |step: &str| Some(percent_decode_str(step).decode_utf8().ok()?.into_owned()).filter(|id| !id.is_empty());
    Some(OrderName { client_id: decoded(client_id)?, client_order_id: decoded(client_order_id)? })
}
