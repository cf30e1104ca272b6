//! An order in the outbox: what is known of it, what it ended with, and how both are kept.

use super::keys;
use crate::{
    json::{Tree, to_ascii_json, write_string},
    wire::{ApiError, ProblemCode},
};
use serde::Serialize;

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderState {
    /// It waits to be sent.
    Pending,
    /// It is on its way to the API.
    Sending,
    /// The reply names it with an id: it is stored.
    Accepted,
    /// The API answered that it refuses this order: it is not stored.
    Rejected,
    /// It was given up; provably it was not processed.
    Dead,
    /// It was sent and may have been processed.
    Unknown,
}

impl OrderState {
    const ALL: [Self; 6] = [Self::Pending, Self::Sending, Self::Accepted, Self::Rejected, Self::Dead, Self::Unknown];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more will happen unless somebody asks for it.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        !matches!(self, Self::Pending | Self::Sending)
    }
}

/// Declares the outbox's own reasons: variant, code, sentence for a person.
macro_rules! reasons {
    ($($variant:ident $name:literal $detail:literal;)+) => {
        /// Why an order was not accepted: the outbox's own reasons, and those of the broker's table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason {
            $(#[doc = $detail] $variant,)+
            /// What the API, the vault or the way to them met with last.
            Problem(ProblemCode),
        }

        impl Reason {
            /// The code, in reports and in what is stored.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ Self::Problem(code) => code.name() }
            }

            /// What happened and what to do, for a person.
            #[must_use]
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$variant => $detail,)+ Self::Problem(code) => code.detail() }
            }

            /// The reason of that code.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => ProblemCode::from_name(name).map(Self::Problem) }
            }
        }
    };
}

reasons! {
    Refused "rejected" "Pitney Bowes refused the order.";
    MissingInReply "missing_in_reply" "The reply does not mention the order. Look it up before you send it again.";
    UnreadableInReply "unreadable_in_reply" "The reply has neither an id nor an error for the order. Look it up before you send it again.";
    ContradictoryReply "contradictory_reply" "The reply contradicts itself about the order. Look it up before you send it again.";
    Interrupted "interrupted" "The outbox was stopped while the order was on its way. Look it up before you send it again.";
    GivenUp "given_up" "The time for the order ran out before it could be sent.";
    UpstreamChanged "upstream_changed" "The outbox was set to another API before the order had ended. Send it anew if it belongs there.";
}

/// What an order ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) state: OrderState,
    pub(super) order_id: Option<String>,
    pub(super) status: Option<String>,
    pub(super) reason: Option<Reason>,
    pub(super) errors: Vec<ApiError>,
}

impl Ended {
    pub(super) const fn of(state: OrderState, reason: Reason) -> Self {
        Self { state, order_id: None, status: None, reason: Some(reason), errors: Vec::new() }
    }
}

/// What is known of an order. Nothing of a buyer, but what the API's errors may quote; they go with the order's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderRecord {
    /// Whose it is.
    pub client_id: String,
    /// Its id at that client.
    pub client_order_id: String,
    /// Its number in this outbox, from 1; a new one each time that it is sent anew.
    pub number: u64,
    /// How far it has come.
    pub state: OrderState,
    /// When it was stored, in milliseconds since 1970.
    pub stored_at: u64,
    /// When it ended, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<u64>,
    /// Its id at Pitney Bowes, if it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Its status there, such as `RECEIVED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Why it was not accepted, or what the last attempt to send it met with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The same in a sentence for a person; not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'static str>,
    /// What the API said, in its own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ApiError>,
    /// The ids of the calls that it was part of, the last 20 of them.
    pub transaction_ids: Vec<String>,
    /// How many calls it was part of.
    pub attempts: u32,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub digest: String,
    /// Whether its data has been removed.
    pub purged: bool,
    /// Whether it is on the list of dead letters or on that of the unknown.
    pub listed: bool,
}

impl OrderRecord {
    pub(super) fn write(&self) -> Vec<u8> {
        to_ascii_json(&Self { detail: None, ..self.clone() }).unwrap_or_default()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let tree = Tree::parse(bytes).ok()?;
        let code = text(&tree, "code");
        Some(Self {
            client_id: text(&tree, "clientId")?,
            client_order_id: text(&tree, "clientOrderId")?,
            number: number(&tree, "number")?,
            state: OrderState::from_name(tree.get("state")?.str()?)?,
            stored_at: number(&tree, "storedAt")?,
            ended_at: number(&tree, "endedAt"),
            order_id: text(&tree, "orderId"),
            status: text(&tree, "status"),
            detail: code.as_deref().and_then(Reason::from_name).map(Reason::detail),
            code,
            errors: tree.get("errors").map(ApiError::read_all).unwrap_or_default(),
            transaction_ids: texts(&tree, "transactionIds"),
            attempts: number(&tree, "attempts")?.try_into().ok()?,
            digest: text(&tree, "digest")?,
            purged: flag(&tree, "purged"),
            listed: flag(&tree, "listed"),
        })
    }
}

/// An order's bytes, and what must be known of it to send them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) number: u64,
    pub(super) client_id: String,
    pub(super) client_order_id: String,
    pub(super) stored_at: u64,
    /// Whether an earlier sending of it may have been processed.
    pub(super) doubt: bool,
    /// Exactly as they were validated.
    pub(super) bytes: Vec<u8>,
}

impl Content {
    /// A line of JSON, then the bytes as they are.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = b"{\"clientId\":".to_vec();
        write_string(&mut out, &self.client_id);
        out.extend_from_slice(b",\"clientOrderId\":");
        write_string(&mut out, &self.client_order_id);
        out.extend_from_slice(format!(",\"storedAt\":{},\"doubt\":{}}}\n", self.stored_at, self.doubt).as_bytes());
        out.extend_from_slice(&self.bytes);
        out
    }

    pub(super) fn read(key: &str, value: Vec<u8>) -> Option<Self> {
        let end = value.iter().position(|byte| *byte == b'\n')?;
        let (head, rest) = value.split_at_checked(end)?;
        let tree = Tree::parse(head).ok()?;
        Some(Self {
            number: keys::number_of(key)?,
            client_id: text(&tree, "clientId")?,
            client_order_id: text(&tree, "clientOrderId")?,
            stored_at: number(&tree, "storedAt")?,
            doubt: flag(&tree, "doubt"),
            bytes: rest.get(1..)?.to_vec(),
        })
    }
}

pub(super) fn text(tree: &Tree<'_>, name: &str) -> Option<String> {
    tree.get(name)?.str().map(str::to_owned)
}

pub(super) fn number(tree: &Tree<'_>, name: &str) -> Option<u64> {
    tree.get(name)?.text()?.parse().ok()
}

pub(super) fn flag(tree: &Tree<'_>, name: &str) -> bool {
    matches!(tree.get(name), Some(Tree::Bool(true)))
}

pub(super) fn texts(tree: &Tree<'_>, name: &str) -> Vec<String> {
    let list = tree.get(name).and_then(Tree::array).unwrap_or_default();
    list.iter().filter_map(Tree::str).map(str::to_owned).collect()
}
