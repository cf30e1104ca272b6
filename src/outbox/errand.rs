//! What an outbox is asked for from elsewhere, and how it answers.

use super::{Letter, List, Outbox, Page, Receipt, Refusal, keys, order::OrderRecord};
use crate::{
    json::to_ascii_json,
    ports::{Clock, Headers, Random, Response, Table},
    wire::{JSON, PROBLEM_JSON, ProblemCode, header},
};
use serde::Serialize;
use std::fmt;

/// What an outbox is asked for.
#[derive(Clone, PartialEq, Eq)]
pub enum Errand {
    /// To take the orders of this request body.
    Enqueue(Vec<u8>),
    /// What became of an order.
    Status(OrderName),
    /// A page of a list.
    List {
        /// Which list.
        list: List,
        /// Whose orders.
        client_id: String,
        /// Where the page begins.
        cursor: Cursor,
        /// How many entries it has at most; up to 200.
        limit: usize,
    },
    /// To send an order of a list anew, mended if one is given.
    Resend(OrderName, Option<Vec<u8>>),
    /// To take an order off its list.
    Dismiss(OrderName),
}

impl fmt::Debug for Errand {
    /// What is asked for, and of which order; never its bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enqueue(body) => write!(f, "enqueue {} bytes", body.len()),
            Self::Status(name) => write!(f, "status of {name:?}"),
            Self::List { list, .. } => write!(f, "list {list:?}"),
            Self::Resend(name, order) => write!(f, "resend {name:?}, mended: {}", order.is_some()),
            Self::Dismiss(name) => write!(f, "dismiss {name:?}"),
        }
    }
}

/// Which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderName {
    /// Whose it is.
    pub client_id: String,
    /// Its id at that client.
    pub client_order_id: String,
}

/// Where a page of a list begins: in which of a client's outboxes, and after which number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Which of the outboxes, from 0.
    pub shard: u32,
    /// The page begins after it.
    pub after: u64,
}

impl Cursor {
    /// Reads what [`fmt::Display`] writes.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (shard, after) = text.split_once('.')?;
        Some(Self { shard: shard.parse().ok()?, after: after.parse().ok()? })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.shard, self.after)
    }
}

/// Which of a client's outboxes has the order: the same for the same number of them.
#[must_use]
pub fn shard_of(client_order_id: &str, shards: u32) -> u32 {
    let digest = keys::digest(client_order_id.as_bytes());
    let prefix = digest.get(..8).and_then(|prefix| u32::from_str_radix(prefix, 16).ok());
    prefix.unwrap_or_default() % shards.max(1)
}

impl<T: Table, C: Clock, R: Random> Outbox<T, C, R> {
    /// Does an errand and answers as over HTTP: 202 with `{ "orders": [receipts] }`, 200 with a record or with a page of a list, or
    /// a problem. `shards` is how many outboxes the client has.
    pub async fn answer(&self, errand: &Errand, shards: u32) -> Response {
        let answered = match errand {
            Errand::Enqueue(body) => self.enqueue(body).await.map(|receipts| taken(&receipts)),
            Errand::Status(OrderName { client_id, client_order_id }) => {
                match self.status(client_id, client_order_id).await {
                    Ok(Some(record)) => Ok(json(200, &record)),
                    Ok(None) => Err(ProblemCode::NoSuchOrder.into()),
                    Err(error) => Err(error.into()),
                }
            }
            Errand::List { list, cursor, limit, .. } => {
                self.list(*list, cursor.after, *limit).await.map_err(Refusal::from).map(|Page { letters, next }| {
                    let next = match next {
                        Some(after) => Some(Cursor { after, ..*cursor }),
                        None => Some(cursor.shard.saturating_add(1))
                            .filter(|shard| *shard < shards)
                            .map(|shard| Cursor { shard, after: 0 }),
                    };
                    page(&letters, next)
                })
            }
            Errand::Resend(OrderName { client_id, client_order_id }, order) => {
                let resent = self.resend(client_id, client_order_id, order.as_deref()).await;
                resent.map(|record| json(202, &record))
            }
            Errand::Dismiss(OrderName { client_id, client_order_id }) => {
                self.dismiss(client_id, client_order_id).await.map(|record| json(200, &record))
            }
        };
        answered.unwrap_or_else(|refusal| refused(&refusal))
    }
}

/// The answer to what was refused.
pub(super) fn refused(Refusal { problem, retry_after_s }: &Refusal) -> Response {
    let mut headers = Headers::new().with(header::CONTENT_TYPE, PROBLEM_JSON);
    if let Some(seconds) = retry_after_s {
        headers.set(header::RETRY_AFTER, seconds.to_string());
    }
    Response { status: problem.status, headers, body: problem.to_json() }
}

fn taken(receipts: &[Receipt]) -> Response {
    #[derive(Serialize)]
    struct Taken<'a> {
        orders: &'a [Receipt],
    }
    json(202, &Taken { orders: receipts })
}

fn json(status: u16, value: &impl Serialize) -> Response {
    let body = to_ascii_json(value).unwrap_or_default();
    Response { status, headers: Headers::new().with(header::CONTENT_TYPE, JSON), body }
}

/// `{ "orders": [ { record, "order": { ... } }, ... ], "next": "..." }`, the orders as they are, byte for byte.
fn page(letters: &[Letter], next: Option<Cursor>) -> Response {
    let mut body = b"{\"orders\":[".to_vec();
    for (index, Letter { record, order }) in letters.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&written(record));
        if let Some(order) = order {
            body.pop();
            body.extend_from_slice(b",\"order\":");
            body.extend_from_slice(order);
            body.push(b'}');
        }
    }
    body.push(b']');
    if let Some(next) = next {
        body.extend_from_slice(format!(",\"next\":\"{next}\"").as_bytes());
    }
    body.push(b'}');
    Response { status: 200, headers: Headers::new().with(header::CONTENT_TYPE, JSON), body }
}

fn written(record: &OrderRecord) -> Vec<u8> {
    to_ascii_json(record).unwrap_or_default()
}
