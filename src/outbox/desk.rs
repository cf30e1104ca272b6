//! The desk in front of the outboxes: it knows the caller, divides what was asked for among the outboxes, and puts their answers
//! together.
//!
//! There is an outbox for each client, or several, so that many work side by side. The desk keeps nothing. Checks come in this
//! order, and the first that fails answers: no page, route and method, `authorize`, scope, content type, size, validity,
//! number of orders, `clientId`s. Pages have no business here: what only browsers send, `Origin` and `Sec-Fetch-Site` (Fetch Metadata
//! Request Headers), is refused, and no answer has CORS fields.

use super::{
    Errand, Refusal,
    errand::{OrderName, refused, shard_of},
    route::Route,
};
use crate::{
    batch,
    broker::{
        BodySource, Head, HookError, Incoming, Limits, Log, LogRecord, Principal, check_clients, problem_answer,
        request, validity, within,
    },
    json::{Names, Tree, write_tree},
    ports::{Clock, Headers, Random, Response, StoreError},
    validate::{Code, OrderSpan, Severity},
    wire::{self, Problem, ProblemCode, ProblemError, header, ids},
};
use futures_util::future::join_all;
use std::rc::Rc;

/// How a desk is set up.
#[derive(Clone, Debug)]
pub struct DeskOptions {
    /// What precedes the routes in a path, such as `/api`; empty by default.
    pub base_path: String,
    /// How many outboxes each client has. Default 1. An order is looked for where this number says it is, so that it may change
    /// only while the outboxes are empty.
    pub shards: u32,
    /// Severities of rules that differ from their defaults; the same as the outboxes'.
    pub severity: Vec<(Code, Option<Severity>)>,
    /// The largest body in bytes. Default 8 MiB.
    pub max_body_bytes: usize,
    /// How many issues an answer lists. Default 1,000.
    pub max_issues: usize,
    /// How many orders one request may have. Default 1,000.
    pub max_orders: usize,
    /// How long `authorize` may take, in milliseconds. Default 10,000.
    pub hook_timeout_ms: u64,
    /// How long an outbox may take to answer, in milliseconds. Default 20,000.
    pub outbox_timeout_ms: u64,
}

impl Default for DeskOptions {
    fn default() -> Self {
        Self {
            base_path: String::new(),
            shards: 1,
            severity: Vec::new(),
            max_body_bytes: 8 << 20,
            max_issues: 1000,
            max_orders: 1000,
            hook_timeout_ms: 10_000,
            outbox_timeout_ms: 20_000,
        }
    }
}

/// The outboxes, by client and number.
#[allow(async_fn_in_trait, reason = "an isolate has one thread, so no bound is wanted")]
pub trait Outboxes {
    /// Lets an outbox do an errand; see [`Outbox::answer`](super::Outbox::answer).
    async fn ask(&self, at: OutboxName<'_>, errand: Errand) -> Result<Response, StoreError>;
}

impl<T: Outboxes> Outboxes for Rc<T> {
    async fn ask(&self, at: OutboxName<'_>, errand: Errand) -> Result<Response, StoreError> {
        (**self).ask(at, errand).await
    }
}

/// Which outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxName<'a> {
    /// Whose.
    pub client_id: &'a str,
    /// Which of the client's, from 0.
    pub shard: u32,
}

/// Who is asking.
#[allow(async_fn_in_trait, reason = "an isolate has one thread, so no bound is wanted")]
pub trait Authorize {
    /// Who is asking; nothing if that is unknown, which is answered by 401.
    async fn authorize(&self, head: Head<'_>) -> Result<Option<Principal>, HookError>;
}

/// What the desk asks of the outside for one request.
#[derive(Debug)]
pub struct DeskPorts<C, R, A, O, L> {
    /// Times out what the request waits for.
    pub clock: C,
    /// Makes request ids.
    pub random: R,
    /// Knows callers.
    pub authorize: A,
    /// The outboxes.
    pub outboxes: O,
    /// Takes the record of the request.
    pub log: L,
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    options: DeskOptions,
}

impl Desk {
    /// A desk with these options.
    #[must_use]
    pub const fn new(options: DeskOptions) -> Self {
        Self { options }
    }

    /// Answers one request over HTTP. `query` holds names and values, decoded.
    pub async fn handle<C: Clock, R: Random, A: Authorize, O: Outboxes, L: Log>(
        &self,
        incoming: Incoming<'_, impl BodySource>,
        query: &[(String, String)],
        ports: &DeskPorts<C, R, A, O, L>,
    ) -> Response {
        let began_ms = ports.clock.now_ms();
        let route = Route::of(&self.options.base_path, incoming.path);
        let mut record = LogRecord {
            request_id: ids::uuid(&ports.random),
            method: crate::broker::method_name(incoming.method),
            route: route.as_ref().map_or("", Route::path),
            ..LogRecord::default()
        };
        let mut answer = match self.admit(incoming, route.as_ref(), query, ports, &mut record).await {
            Ok((Errand::Enqueue(body), orders)) => self.enqueue(&body, &orders, ports).await,
            Ok((errand, _)) => self.serve(errand, ports).await,
            Err(refusal) => refused(&refusal),
        };
        if let Some(mut problem) = problem_of(&answer) {
            record.code = problem.code;
            let headers = std::mem::take(&mut answer.headers);
            problem.request_id = Some(record.request_id.clone());
            answer = problem_answer(problem, &record.request_id);
            if let Some(wait) = headers.get(header::RETRY_AFTER) {
                answer.headers.set(header::RETRY_AFTER, wait);
            }
        }
        if answer.status == 405 {
            answer.headers.set("Allow", route.as_ref().map_or("", Route::methods));
        }
        answer.headers.set(header::REQUEST_ID, record.request_id.as_str());
        answer.headers.set("Cache-Control", "no-store");
        answer.headers.set("X-Content-Type-Options", "nosniff");
        record.status = answer.status;
        record.duration_ms = ports.clock.now_ms().saturating_sub(began_ms);
        ports.log.log(&record);
        answer
    }

    /// All that a caller has to pass, up to what is asked for, and where its orders are.
    async fn admit<C: Clock, R, A: Authorize, O, L>(
        &self,
        incoming: Incoming<'_, impl BodySource>,
        route: Option<&Route>,
        query: &[(String, String)],
        ports: &DeskPorts<C, R, A, O, L>,
        record: &mut LogRecord,
    ) -> Result<(Errand, Vec<OrderSpan>), Refusal> {
        let Incoming { method, path, headers, body } = incoming;
        // Not every GET of a page has an `Origin`; all that a browser sends to an origin it trusts have the other.
        if ["Origin", "Sec-Fetch-Site"].iter().any(|name| headers.get(name).is_some()) {
            return Err(Problem::new(ProblemCode::OriginNotAllowed).detail("The outbox answers no page.").into());
        }
        let asked = route.ok_or(ProblemCode::NotFound)?.asked(method).ok_or(ProblemCode::MethodNotAllowed)?;
        let head = Head { method, path, headers };
        let decided = within(&ports.clock, self.options.hook_timeout_ms, ports.authorize.authorize(head)).await;
        let Some(Ok(principal)) = decided else {
            record.failed = "authorize";
            return Err(ProblemCode::HookFailed.into());
        };
        let principal = principal.ok_or(ProblemCode::Unauthorized)?;
        if !principal.may(asked.scope()) {
            let detail = format!("The caller has not the scope {}.", asked.scope().name());
            return Err(Problem::new(ProblemCode::ForbiddenScope).detail(detail).into());
        }
        let body = if asked.has_body() { self.read(headers, body, record).await? } else { Vec::new() };
        if !body.is_empty() && !request::is_json(headers) {
            return Err(ProblemCode::ContentType.into());
        }
        let errand = asked.errand(query, body, &principal)?;
        match &errand {
            Errand::Enqueue(body) => {
                let orders = self.validate(body)?;
                record.orders = orders.len();
                check_clients(&principal, &orders)?;
                return Ok((errand, orders));
            }
            Errand::Status(OrderName { client_id, .. })
            | Errand::List { client_id, .. }
            | Errand::Resend(OrderName { client_id, .. }, _)
            | Errand::Dismiss(OrderName { client_id, .. }) => {
                if !principal.client_ids.contains(client_id) {
                    return Err(ProblemCode::ForbiddenClient.into());
                }
            }
        }
        Ok((errand, Vec::new()))
    }

    async fn read(&self, headers: &Headers, body: impl BodySource, record: &mut LogRecord) -> Result<Vec<u8>, Refusal> {
        let limit = self.options.max_body_bytes;
        match request::read(headers, body, limit).await {
            Ok(body) => {
                record.body_bytes = body.len();
                Ok(body)
            }
            Err(unread) => Err(unread.problem(limit, record).into()),
        }
    }

    /// Does an errand of somebody who may ask for it: over HTTP, or of the merchant's own code.
    pub async fn serve<C: Clock, R, A, O: Outboxes, L>(
        &self,
        errand: Errand,
        ports: &DeskPorts<C, R, A, O, L>,
    ) -> Response {
        let shards = self.options.shards.max(1);
        let (client_id, shard) = match &errand {
            Errand::Enqueue(body) => {
                return match self.validate(body) {
                    Ok(orders) => self.enqueue(body, &orders, ports).await,
                    Err(refusal) => refused(&refusal),
                };
            }
            Errand::List { client_id, cursor, .. } => (client_id.clone(), cursor.shard % shards),
            Errand::Status(name) | Errand::Resend(name, _) | Errand::Dismiss(name) => {
                (name.client_id.clone(), shard_of(&name.client_order_id, shards))
            }
        };
        self.ask(OutboxName { client_id: &client_id, shard }, errand, ports).await
    }

    /// Divides the orders among their outboxes, and puts the receipts together again. Each outbox takes all that it is given or
    /// nothing; what one has taken stays, though another may refuse.
    async fn enqueue<C: Clock, R, A, O: Outboxes, L>(
        &self,
        body: &[u8],
        orders: &[OrderSpan],
        ports: &DeskPorts<C, R, A, O, L>,
    ) -> Response {
        // The orders of each outbox by their indices, the outboxes as they come.
        let mut groups: Vec<(OutboxName<'_>, Vec<usize>)> = Vec::new();
        let mut places = Names::new();
        for (index, order) in orders.iter().enumerate() {
            let client_id = order.client_id.as_deref().unwrap_or_default();
            let shard = shard_of(order.client_order_id.as_deref().unwrap_or_default(), self.options.shards);
            let place = (client_id.into(), shard.to_string().into());
            let group = places.get(&place).copied().unwrap_or(groups.len());
            places.insert(place, group);
            match groups.get_mut(group) {
                Some((_, indices)) => indices.push(index),
                None => groups.push((OutboxName { client_id, shard }, vec![index])),
            }
        }
        let asked = groups.iter().map(|(at, indices)| {
            let spans = indices.iter().filter_map(|&index| orders.get(index)).map(|order| order.span);
            self.ask(*at, Errand::Enqueue(batch::body(body, spans)), ports)
        });
        let answers = join_all(asked).await;
        let mut receipts: Vec<Option<Vec<u8>>> = vec![None; orders.len()];
        for ((_, indices), answer) in groups.iter().zip(answers) {
            if answer.status != 202 {
                return in_request(answer, indices, groups.len() > 1);
            }
            let tree = Tree::parse(&answer.body).ok();
            let told = tree.as_ref().and_then(|tree| tree.get("orders")?.array()).unwrap_or_default();
            for (&index, receipt) in indices.iter().zip(told) {
                let mut written = Vec::new();
                write_tree(&mut written, receipt);
                if let Some(place) = receipts.get_mut(index) {
                    *place = Some(written);
                }
            }
        }
        // An order without a receipt is not acknowledged.
        let Some(receipts) = receipts.into_iter().collect::<Option<Vec<_>>>() else {
            return refused(&ProblemCode::OutboxUnavailable.into());
        };
        let headers = Headers::new().with(header::CONTENT_TYPE, wire::JSON);
        Response { status: 202, headers, body: batch::join(receipts.iter().map(|receipt| &**receipt)) }
    }

    async fn ask<C: Clock, R, A, O: Outboxes, L>(
        &self,
        at: OutboxName<'_>,
        errand: Errand,
        ports: &DeskPorts<C, R, A, O, L>,
    ) -> Response {
        match within(&ports.clock, self.options.outbox_timeout_ms, ports.outboxes.ask(at, errand)).await {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => refused(&error.into()),
            None => refused(&ProblemCode::OutboxUnavailable.into()),
        }
    }

    fn validate(&self, body: &[u8]) -> Result<Vec<OrderSpan>, Refusal> {
        let DeskOptions { max_body_bytes, max_issues, max_orders, severity, .. } = &self.options;
        if body.len() > *max_body_bytes {
            return Err(too_large(*max_body_bytes));
        }
        let limits = Limits { max_body_bytes: *max_body_bytes, max_issues: *max_issues, ..Limits::default() };
        let orders = validity::check(body, severity, &limits, None)?.orders;
        if orders.len() > *max_orders {
            return Err(too_many_orders(orders.len(), *max_orders));
        }
        Ok(orders)
    }
}

pub(super) fn too_large(limit: usize) -> Refusal {
    let detail = format!("The request is larger than the {limit} bytes that are taken.");
    Problem::new(ProblemCode::TooLarge).detail(detail).into()
}

pub(super) fn too_many_orders(given: usize, most: usize) -> Refusal {
    let detail = format!("The request has {given} orders; the outbox takes {most} at once. Divide it.");
    Problem::new(ProblemCode::TooManyOrders).detail(detail).into()
}

fn problem_of(answer: &Response) -> Option<Problem> {
    Problem::read(answer.status, answer.headers.get(header::CONTENT_TYPE), &answer.body)
}

/// A refusal of one outbox as one of the whole request: its pointers name the orders by their places there.
fn in_request(answer: Response, indices: &[usize], others: bool) -> Response {
    let Some(mut problem) = problem_of(&answer) else { return refused(&ProblemCode::OutboxUnavailable.into()) };
    problem.errors = problem.errors.iter().map(|error| moved(error, indices)).collect();
    if others {
        problem.detail.push_str(" Orders of the request that belong to other outboxes may have been stored; sent again, they get the same receipts.");
    }
    let retry_after_s = answer.headers.get(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
    refused(&Refusal { problem: Box::new(problem), retry_after_s })
}

fn moved(error: &ProblemError, indices: &[usize]) -> ProblemError {
    let place = error.order().and_then(|(position, rest)| Some((indices.get(position)?, rest)));
    match place {
        Some((index, rest)) => ProblemError { pointer: format!("/orders/{index}{rest}"), ..error.clone() },
        None => error.clone(),
    }
}
