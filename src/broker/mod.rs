//! The token broker: it lets the merchant's own pages send orders, and keeps the merchant's credentials to itself.
//!
//! It has the shape of a backend for frontends (RFC 10017): a short, fixed list of routes is proxied, and a token never
//! leaves. Like all of the core it is pure: ports and a request in, an answer out. It never waits and repeats; that is the
//! client's business. Only a 401 of the API is answered by renewing the token, once. All of it has one time budget, so that the
//! answer comes before the client gives up.
//!
//! Checks come in this order, and the first that fails answers: route and method, origin, static header, content type,
//! idempotency key, rate of the address, `authorize`, rate of the subject, scope, size, digest, validity, at most 200 orders, `clientId`s, `approve_orders`. The bytes that
//! passed them are the bytes that are sent. Nothing of a caller's header fields goes to the API, and of the API's own only
//! the meaning of `Retry-After` comes back.
//!
//! The idempotency key is demanded and its form checked. With a [`Ledger`] it is kept, too: just before `approve_orders` the
//! ledger gives the right to send, or the recorded answer, and what became of the request is settled before it is answered.
//! Without one, whether a request is sent again is the client's decision alone.

#![allow(async_fn_in_trait, reason = "an isolate has one thread, so no bound is wanted")]

mod audit;
mod bulk;
mod calls;
mod checks;
mod digest;
mod hooks;
mod ledger;
mod log;
mod mac;
mod options;
mod rate;
pub(crate) mod request;
mod scope;
mod secret;
mod session;
mod signature;
mod time;
mod token;
mod upstream;
pub(crate) mod validity;
mod vault;

pub use audit::{AuditOutcome, AuditRecord, AuditedOrder};
pub(crate) use bulk::{check_clients, no_token, pass_on};
pub use calls::{CALLS_PER_SECOND, CallLeases, Calls, LEASE_MS, Lease, MAX_LEASE_MS};
pub use hooks::{Disapproval, Head, HookError, Hooks, OrderToApprove, Principal};
pub use ledger::{
    Begun, Claim, Digest, EntryName, Ledger, LedgerEntry, LedgerTimes, NoLedger, Recorded, Settlement, lease_ms,
};
pub(crate) use log::method_name;
pub use log::{Log, LogRecord};
pub use mac::{SigningKey, SigningKeyError};
pub use options::{BrokerOptions, BrokerOptionsError, Limits};
pub use rate::{Caller, Rate, Rates};
pub use request::{BodyError, BodySource, Incoming, WholeBody};
pub use scope::{SCOPE_DEAD_LETTERS, SCOPE_ORDERS, SCOPE_STATUS, Scope};
pub use secret::{Credentials, Secret};
pub use session::{IssuedSession, SESSION_TYPE, Session, SessionError, SessionOptions, SessionRefusal, Sessions};
pub use signature::{SIGNATURE_TAG, SignatureOptions, SignatureRefusal, Signed, SignedHead, SignedRequests, Signer};
pub(crate) use time::within;
pub use token::{Token, TokenError};
pub use upstream::{CustomOrigin, Upstream, UpstreamError};
pub use vault::{TokenVault, Vault};

use crate::{
    ports::{Clock, Headers, Http, Random, Response},
    wire::{self, Problem, ProblemCode, Processed, header, ids},
};
use checks::Route;
use rate::Buckets;
use std::cell::RefCell;

/// A broker. It lives as long as its isolate; what belongs to one request comes as [`Ports`].
#[derive(Debug)]
pub struct Broker {
    options: BrokerOptions,
    /// The token as a value. A promise must not be kept here: an isolate may not wait for another request's I/O.
    token: RefCell<Option<Token>>,
    /// The requests of each caller, counted.
    addresses: Buckets,
    subjects: Buckets,
}

/// What the broker asks of the outside for one request.
#[derive(Debug)]
pub struct Ports<H, C, R, V, K, L, G = NoLedger> {
    /// Reaches the upstream. It must not follow redirects: they would take the token elsewhere.
    pub http: H,
    /// Times out calls and stamps the log.
    pub clock: C,
    /// Makes request ids and transaction ids.
    pub random: R,
    /// Hands out tokens.
    pub vault: V,
    /// The merchant's decisions.
    pub hooks: K,
    /// Takes the record of the request.
    pub log: L,
    /// Remembers what became of requests, so that one that comes twice is sent once. Without it that is left to the caller.
    pub ledger: Option<G>,
}

/// An answer on its way, before the header fields that all answers have.
pub(crate) struct Outcome {
    pub(crate) result: Result<Response, Problem>,
    pub(crate) retry_after_s: Option<u64>,
}

impl From<Result<Response, Problem>> for Outcome {
    fn from(result: Result<Response, Problem>) -> Self {
        Self { result, retry_after_s: None }
    }
}

impl From<Problem> for Outcome {
    fn from(problem: Problem) -> Self {
        Err(problem).into()
    }
}

impl Broker {
    /// A broker with these options.
    ///
    /// # Errors
    /// If the options would never let a page in, or let in too much.
    pub fn new(options: BrokerOptions) -> Result<Self, BrokerOptionsError> {
        options.check()?;
        Ok(Self { options, token: RefCell::default(), addresses: Buckets::default(), subjects: Buckets::default() })
    }

    /// Answers one request. Whatever goes wrong is an answer too: problem details (RFC 9457) with a code of
    /// [`ProblemCode`].
    pub async fn handle<H, C, R, V, K, L, G>(
        &self,
        incoming: Incoming<'_, impl BodySource>,
        ports: &Ports<H, C, R, V, K, L, G>,
    ) -> Response
    where
        H: Http,
        C: Clock,
        R: Random,
        V: Vault,
        K: Hooks,
        L: Log,
        G: Ledger,
    {
        let began_ms = ports.clock.now_ms();
        let route = Route::of(&self.options.base_path, incoming.path);
        let mut record = LogRecord {
            request_id: ids::uuid(&ports.random),
            method: log::method_name(incoming.method),
            route: route.map_or("", Route::path),
            ..LogRecord::default()
        };
        let headers = incoming.headers;
        let mut audit = None;
        let outcome = match route {
            None => Problem::new(ProblemCode::NotFound).into(),
            Some(route) => match checks::preflight(&self.options, route, incoming.method, headers) {
                Some(answer) => Ok(answer).into(),
                None if incoming.method != route.method() => self.wrong_method(incoming.method, headers).into(),
                None if route == Route::Health => Ok(health()).into(),
                None => self.bulk(incoming, ports, &mut record, &mut audit).await,
            },
        };
        let allow = route.map_or("", Route::method);
        self.finish(outcome, headers, allow, began_ms, (&mut record, audit), &ports.clock, &ports.log)
    }

    /// Answers for an instance of the broker that died of a fault of its own in the middle of a request. `sent` tells whether
    /// the orders had been sent on, so that the caller does not take them for unsent; `subject` who had asked, if `authorize` had
    /// found somebody.
    pub fn broken<C: Clock>(
        &self,
        head: Head<'_>,
        sent: bool,
        subject: Option<String>,
        ports: (&C, &impl Random, &impl Log),
    ) -> Response {
        let (clock, random, log) = ports;
        let route = Route::of(&self.options.base_path, head.path);
        let mut record = LogRecord {
            request_id: ids::uuid(random),
            method: log::method_name(head.method),
            route: route.map_or("", Route::path),
            failed: "broker",
            ..LogRecord::default()
        };
        let mut problem = Problem::new(ProblemCode::Internal);
        if sent {
            problem = problem.detail("The broker failed after it had asked the API. Orders may have been created.");
            problem.processed = Processed::Unknown;
        }
        let audit = subject.map(|subject| AuditRecord { subject, ..AuditRecord::default() });
        self.finish(problem.into(), head.headers, "", clock.now_ms(), (&mut record, audit), clock, log)
    }

    /// Adds what all answers have, and logs.
    #[allow(clippy::too_many_arguments, reason = "all of it is of one request")]
    fn finish(
        &self,
        outcome: Outcome,
        headers: &Headers,
        allow: &'static str,
        began_ms: u64,
        (record, audit): (&mut LogRecord, Option<AuditRecord>),
        clock: &impl Clock,
        log: &impl Log,
    ) -> Response {
        record.code = outcome.result.as_ref().err().and_then(|problem| problem.code);
        let known = match &outcome.result {
            // A recorded refusal of the shop is an answer too, but not the API's.
            Ok(answer) if answer.status < 400 => AuditOutcome::Answered,
            Ok(_) => AuditOutcome::NotProcessed,
            Err(problem) if problem.processed == Processed::No => AuditOutcome::NotProcessed,
            Err(_) => AuditOutcome::Unknown,
        };
        let mut answer = outcome.result.unwrap_or_else(|problem| problem_answer(problem, &record.request_id));
        if answer.status == 405 {
            answer.headers.set("Allow", allow);
        }
        if let Some(seconds) = outcome.retry_after_s {
            answer.headers.set(header::RETRY_AFTER, seconds.to_string());
        }
        if record.replayed {
            answer.headers.set(header::REPLAYED, "true");
        }
        if !record.transaction_ids.is_empty() {
            answer.headers.set(header::TRANSACTION_ID, record.transaction_ids.join(", "));
        }
        answer.headers.set(header::REQUEST_ID, record.request_id.as_str());
        answer.headers.set("Cache-Control", "no-store");
        answer.headers.set("X-Content-Type-Options", "nosniff");
        checks::add_cors(&self.options, headers, &mut answer.headers);
        record.status = answer.status;
        record.duration_ms = clock.now_ms().saturating_sub(began_ms);
        log.log(record);
        if let Some(found) = audit {
            log.audit(&AuditRecord {
                at: clock.now_ms(),
                request_id: record.request_id.clone(),
                route: record.route,
                status: record.status,
                code: record.code,
                outcome: known,
                sent: record.sent,
                replayed: record.replayed,
                transaction_ids: record.transaction_ids.clone(),
                ..found
            });
        }
        answer
    }

    /// A preflight of a page that may not use the broker says so; any other method is wrong.
    fn wrong_method(&self, method: &str, headers: &Headers) -> Problem {
        let foreign = method == "OPTIONS" && !checks::origin_allowed(&self.options, headers);
        Problem::new(if foreign { ProblemCode::OriginNotAllowed } else { ProblemCode::MethodNotAllowed })
    }
}

/// The sign of life.
fn health() -> Response {
    let headers = Headers::new().with(header::CONTENT_TYPE, wire::JSON);
    Response { status: 200, headers, body: b"{\"status\":\"ok\"}".to_vec() }
}

pub(crate) fn problem_answer(mut problem: Problem, request_id: &str) -> Response {
    problem.request_id = Some(request_id.to_owned());
    let headers = Headers::new().with(header::CONTENT_TYPE, wire::PROBLEM_JSON);
    Response { status: problem.status, headers, body: problem.to_json() }
}
