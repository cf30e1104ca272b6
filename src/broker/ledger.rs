//! One entry of the idempotency ledger: what has become of the request that was sent under one key of one principal
//! (draft-ietf-httpapi-idempotency-key-header-07).
//!
//! An entry is absent, running, done or in doubt. It is stored as running before the API is asked and as done before the
//! answer is given, so after a crash at any point a repeat finds at worst a running entry whose lease is over. That one is in
//! doubt: nobody knows whether the API acted, and only a caller who asks for it in so many words sends again. A failure after
//! which the API's reference calls a repeat safe leaves doubt too, but a doubt that lets the repeat through.

use super::Limits;
use crate::{
    json::{Tree, write_string},
    ports::{Clock, Store, StoreError},
};
use futures_util::lock::Mutex;
use std::{fmt, rc::Rc};

/// Where a broker keeps what became of the requests it has sent: an entry for each key of each principal. Calls about one entry
/// come to one [`LedgerEntry`], whichever broker makes them.
pub trait Ledger {
    /// Asks for the right to send this body; see [`LedgerEntry::begin`].
    async fn begin(&self, entry: EntryName<'_>, body: &[u8], resend: bool) -> Result<Begun, StoreError>;
    /// Tells what became of it; see [`LedgerEntry::settle`].
    async fn settle(&self, entry: EntryName<'_>, claim: Claim, settlement: Settlement) -> Result<(), StoreError>;
}

impl<T: Ledger> Ledger for Rc<T> {
    async fn begin(&self, entry: EntryName<'_>, body: &[u8], resend: bool) -> Result<Begun, StoreError> {
        (**self).begin(entry, body, resend).await
    }

    async fn settle(&self, entry: EntryName<'_>, claim: Claim, settlement: Settlement) -> Result<(), StoreError> {
        (**self).settle(entry, claim, settlement).await
    }
}

/// The ledger of a broker that has none.
#[derive(Clone, Copy, Debug)]
pub enum NoLedger {}

impl Ledger for NoLedger {
    async fn begin(&self, _: EntryName<'_>, _: &[u8], _: bool) -> Result<Begun, StoreError> {
        match *self {}
    }

    async fn settle(&self, _: EntryName<'_>, _: Claim, _: Settlement) -> Result<(), StoreError> {
        match *self {}
    }
}

/// Which entry.
#[derive(Clone, Copy)]
pub struct EntryName<'a> {
    /// Who is asking: [`Principal::subject`](super::Principal::subject).
    pub subject: &'a str,
    /// The idempotency key, without quotes.
    pub key: &'a str,
}

impl fmt::Debug for EntryName<'_> {
    /// The key only: the subject may be a session of the merchant's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)
    }
}

/// The SHA-256 of a request's body.
pub type Digest = [u8; 32];

/// Where the store keeps the entry.
const STORE_KEY: &str = "entry";
/// The longest reply that is recorded, in bytes; the reply to 200 orders has some 30 kB. A longer one leaves the entry in doubt.
const MAX_REPLY: usize = 1 << 20;

/// How long an entry lasts. In milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerTimes {
    /// How long one attempt may be running before it is given up for dead. Default 33,000, more than a broker takes by default.
    pub lease_ms: u64,
    /// How long an entry is kept, from the first attempt. Default 86,400,000 (24 hours). An entry never ends during a lease.
    pub keep_ms: u64,
}

impl Default for LedgerTimes {
    fn default() -> Self {
        Self { lease_ms: lease_ms(Limits::default().request_timeout_ms), keep_ms: 24 * 3_600_000 }
    }
}

/// How long an attempt of a broker may be running whose requests may take that long: what began has ended by then, for it is
/// timed from before it asked for the right to begin. In milliseconds.
#[must_use]
pub const fn lease_ms(request_timeout_ms: u64) -> u64 {
    request_timeout_ms.saturating_add(5_000)
}

/// What a repeat is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The status of the answer.
    pub status: u16,
    /// Its media type.
    pub content_type: String,
    /// The transaction ids of the calls to the API.
    pub transaction_ids: Vec<String>,
    /// Its body: ids and errors, none of the buyers' data.
    pub body: Vec<u8>,
}

/// What the ledger says to a request that wants to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Send it, then settle this claim.
    Send(Claim),
    /// It was answered before.
    Replay {
        /// The answer.
        recorded: Recorded,
        /// Whether an attempt before the one that was answered may have acted, too.
        doubt: bool,
    },
    /// The same request is under way; ask again after this many milliseconds at the latest.
    Running {
        /// What is left of the lease.
        lease_left_ms: u64,
    },
    /// It was sent before, and nobody knows what became of it.
    InDoubt,
    /// The key was used for other bytes.
    OtherBytes,
}

/// The right to send, of one attempt. A claim whose lease ran out and was taken over settles nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its number, from 1.
    pub number: u64,
    /// Whether an earlier attempt may have acted. Then a refusal of this one says nothing about the orders.
    pub doubt: bool,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The API answered.
    Done(Recorded),
    /// The API provably did nothing.
    NotProcessed,
    /// Nobody knows, but the API's reference says that a repeat is safe.
    Repeatable,
    /// Nobody knows.
    Unknown,
}

/// One entry, in a store of its own. All calls about it must come to one instance, as they do in a Durable Object.
#[derive(Debug)]
pub struct LedgerEntry<C, S> {
    clock: C,
    store: S,
    times: LedgerTimes,
    /// Held from reading the store to writing it, so that no call decides by what another is about to change.
    turn: Mutex<()>,
}

/// What the store holds.
struct Kept {
    digest: Digest,
    claim: u64,
    /// What earlier claims have left: that this one did nothing proves nothing about them.
    doubt: Doubt,
    ends_at_ms: u64,
    state: State,
}

enum State {
    Running {
        until_ms: u64,
    },
    /// The last claim is over, without an answer to keep; what is left is the doubt.
    Open,
    Done(Recorded),
}

/// Whether the API may have acted on a claim that is over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    None,
    /// It may, and may be asked again.
    Repeatable,
    /// It may.
    Full,
}

impl<C: Clock, S: Store> LedgerEntry<C, S> {
    /// The entry in that store.
    pub fn new(clock: C, store: S, times: LedgerTimes) -> Self {
        Self { clock, store, times, turn: Mutex::new(()) }
    }

    /// Asks for the right to send a request with these bytes. With `resend` the right is also given when an earlier attempt is
    /// in doubt. Once it is given, it is stored.
    ///
    /// # Errors
    /// If the store fails; then nothing may be sent.
    pub async fn begin(&self, digest: &Digest, resend: bool) -> Result<Begun, StoreError> {
        let _turn = self.turn.lock().await;
        let now_ms = self.clock.now_ms();
        let kept = self.load().await?;
        let before = kept.filter(|kept| kept.lasts(now_ms));
        if let Some(kept) = &before {
            if kept.digest != *digest {
                return Ok(Begun::OtherBytes);
            }
            match &kept.state {
                State::Done(recorded) => {
                    return Ok(Begun::Replay { recorded: recorded.clone(), doubt: kept.doubt != Doubt::None });
                }
                State::Running { until_ms } if *until_ms > now_ms => {
                    return Ok(Begun::Running { lease_left_ms: until_ms.saturating_sub(now_ms) });
                }
                _ if kept.doubt_now() == Doubt::Full && !resend => return Ok(Begun::InDoubt),
                _ => {}
            }
        }
        let number = before.as_ref().map_or(0, |kept| kept.claim).saturating_add(1);
        let doubt = before.as_ref().map_or(Doubt::None, Kept::doubt_now);
        let next = Kept {
            digest: *digest,
            claim: number,
            doubt,
            ends_at_ms: before.map_or(now_ms.saturating_add(self.times.keep_ms), |kept| kept.ends_at_ms),
            state: State::Running { until_ms: now_ms.saturating_add(self.times.lease_ms) },
        };
        self.store.put(STORE_KEY, &next.write()).await?;
        Ok(Begun::Send(Claim { number, doubt: doubt != Doubt::None }))
    }

    /// Stores what became of an attempt. One that did nothing frees the key, unless an earlier one is still in doubt. A claim
    /// that another has taken over changes nothing.
    ///
    /// # Errors
    /// If the store fails; then the entry is in doubt when its lease is over.
    pub async fn settle(&self, claim: Claim, settlement: Settlement) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let Some(mut kept) = self.load().await?.filter(|kept| kept.claim == claim.number) else { return Ok(()) };
        let left = match settlement {
            Settlement::NotProcessed if kept.doubt == Doubt::None => return self.store.delete(STORE_KEY).await,
            Settlement::NotProcessed => Doubt::None,
            Settlement::Repeatable => Doubt::Repeatable,
            Settlement::Unknown | Settlement::Done(_) => Doubt::Full,
        };
        (kept.state, kept.doubt) = match settlement {
            Settlement::Done(recorded) if recorded.body.len() <= MAX_REPLY => (State::Done(recorded), kept.doubt),
            _ => (State::Open, kept.doubt.max(left)),
        };
        self.store.put(STORE_KEY, &kept.write()).await
    }

    /// When the entry ends, in milliseconds since 1970; nothing if there is none. To be asked again when that time has come:
    /// it removes the entry that has ended.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn sweep(&self) -> Result<Option<u64>, StoreError> {
        let _turn = self.turn.lock().await;
        let Some(kept) = self.load().await? else { return Ok(None) };
        if kept.lasts(self.clock.now_ms()) {
            return Ok(Some(kept.lasts_until_ms()));
        }
        self.store.delete(STORE_KEY).await.map(|()| None)
    }

    /// What cannot be read is an error, not an absence: taking it for one would send again.
    async fn load(&self) -> Result<Option<Kept>, StoreError> {
        let Some(bytes) = self.store.get(STORE_KEY).await? else { return Ok(None) };
        Kept::read(&bytes).map(Some).ok_or_else(|| StoreError("the ledger's entry cannot be read".into()))
    }
}

impl Kept {
    /// The doubt when nothing is running any more: of a claim whose lease is over nobody has heard.
    fn doubt_now(&self) -> Doubt {
        if matches!(self.state, State::Running { .. }) { Doubt::Full } else { self.doubt }
    }

    fn lasts_until_ms(&self) -> u64 {
        match self.state {
            State::Running { until_ms } => self.ends_at_ms.max(until_ms),
            State::Open | State::Done(_) => self.ends_at_ms,
        }
    }

    fn lasts(&self, now_ms: u64) -> bool {
        self.lasts_until_ms() > now_ms
    }

    /// A line of JSON, then the recorded body as it is.
    fn write(&self) -> Vec<u8> {
        let digest: String = self.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let (claim, doubt, ends) = (self.claim, self.doubt as u8, self.ends_at_ms);
        let head = format!("{{\"digest\":\"{digest}\",\"claim\":{claim},\"doubt\":{doubt},\"endsAtMs\":{ends}");
        let mut out = head.into_bytes();
        let mut body: &[u8] = &[];
        match &self.state {
            State::Running { until_ms } => out.extend_from_slice(format!(",\"untilMs\":{until_ms}").as_bytes()),
            State::Open => {}
            State::Done(recorded) => {
                out.extend_from_slice(format!(",\"status\":{},\"contentType\":", recorded.status).as_bytes());
                write_string(&mut out, &recorded.content_type);
                out.extend_from_slice(b",\"transactionIds\":");
                write_string(&mut out, &recorded.transaction_ids.join(" "));
                body = &recorded.body;
            }
        }
        out.extend_from_slice(b"}\n");
        out.extend_from_slice(body);
        out
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
        let (head, body) = (Tree::parse(parts.next()?).ok()?, parts.next()?);
        let number = |name: &str| head.get(name)?.text()?.parse::<u64>().ok();
        let state = match (number("status"), number("untilMs")) {
            (Some(status), _) => State::Done(Recorded {
                status: status.try_into().ok()?,
                content_type: head.get("contentType")?.str()?.to_owned(),
                transaction_ids: head.get("transactionIds")?.str()?.split_whitespace().map(str::to_owned).collect(),
                body: body.to_vec(),
            }),
            (None, Some(until_ms)) => State::Running { until_ms },
            (None, None) => State::Open,
        };
        Some(Self {
            digest: read_digest(head.get("digest")?.str()?)?,
            claim: number("claim")?,
            doubt: match number("doubt")? {
                0 => Doubt::None,
                1 => Doubt::Repeatable,
                _ => Doubt::Full,
            },
            ends_at_ms: number("endsAtMs")?,
            state,
        })
    }
}

fn read_digest(hex: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    if hex.len() != 2 * digest.len() {
        return None;
    }
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(digest)
}
