//! `POST {base}/v1/orders/bulk`: from a request to the API's reply.

use super::{
    AuditRecord, AuditedOrder, Begun, BodySource, Broker, Caller, Claim, EntryName, Head, HookError, Hooks, Incoming,
    Ledger, LogRecord, OrderToApprove, Outcome, Ports, Principal, Recorded, Scope, Settlement, Token, TokenError,
    Vault, checks,
    log::Log,
    rate, request,
    secret::{redact_bytes, redact_errors},
    time::{Deadline, Late, within},
    validity,
    vault::RENEW_MS,
};
use crate::{
    batch::MAX_ORDERS,
    ports::{Clock, Headers, Http, Random, Response},
    validate::OrderSpan,
    wire::{self, Problem, ProblemCode, ProblemError, Processed, header, ids, problem_of_answer, retry_after_ms},
};

/// The least time to settle an entry of the ledger, in milliseconds, even if the request's own is over. With the default limits
/// the answer still comes before a client gives up.
const LEAST_SETTLE_MS: u64 = 1_000;
/// The most.
const MOST_SETTLE_MS: u64 = 5_000;
/// How soon a caller is asked to come again while the same request is under way, in seconds.
const LONGEST_POLL_S: u64 = 2;

/// How long the merchant's count of a caller's requests may take, in milliseconds.
const COUNT_MS: u64 = 1_000;

/// A request that has passed all checks that need nobody else.
struct Admitted {
    principal: Principal,
    key: String,
    body: Vec<u8>,
    orders: Vec<OrderSpan>,
}

impl Broker {
    /// Checks the request and sends its body on.
    pub(super) async fn bulk<H, C, R, V, K, L, G>(
        &self,
        incoming: Incoming<'_, impl BodySource>,
        ports: &Ports<H, C, R, V, K, L, G>,
        record: &mut LogRecord,
        audit: &mut Option<AuditRecord>,
    ) -> Outcome
    where
        H: Http,
        C: Clock,
        R: Random,
        V: Vault,
        K: Hooks,
        L: Log,
        G: Ledger,
    {
        let deadline = Deadline::of(&ports.clock, self.options.limits.request_timeout_ms);
        let headers = incoming.headers;
        let admitted = match self.admit(incoming, ports, deadline, (record, audit)).await {
            Ok(admitted) => admitted,
            Err(refused) => return refused,
        };
        let Some(ledger) = &ports.ledger else {
            return self.approve_and_send(&admitted, ports, deadline, record).await;
        };
        let entry = EntryName { subject: &admitted.principal.subject, key: &admitted.key };
        let resend = headers.get(header::RESEND).is_some();
        let asked = ledger.begin(entry, &admitted.body, resend);
        let claim = match deadline.within(&ports.clock, self.options.limits.ledger_timeout_ms, asked).await {
            Ok(Ok(Begun::Send(claim))) => claim,
            Ok(Ok(begun)) => return begun_before(begun, record),
            Err(Late::Request) => return out_of_time().into(),
            Ok(Err(_)) | Err(Late::Step) => {
                record.failed = "ledger";
                return Problem::new(ProblemCode::LedgerUnavailable).into();
            }
        };
        let outcome = self.approve_and_send(&admitted, ports, deadline, record).await;
        let settled = ledger.settle(entry, claim, settlement_of(&outcome, admitted.orders.len(), claim, record));
        // What happened is answered in any case. An entry that could not be settled is in doubt when its lease is over.
        let time_ms = deadline.left_ms(&ports.clock).clamp(LEAST_SETTLE_MS, MOST_SETTLE_MS);
        let is_settled = matches!(within(&ports.clock, time_ms, settled).await, Some(Ok(())));
        if !is_settled && record.failed.is_empty() {
            record.failed = "ledger";
        }
        if claim.doubt { in_doubt(outcome) } else { outcome }
    }

    /// What the ledger has given the right to, or nobody forbids.
    async fn approve_and_send<H: Http, C: Clock, R: Random, V: Vault, K: Hooks, L, G>(
        &self,
        admitted: &Admitted,
        ports: &Ports<H, C, R, V, K, L, G>,
        deadline: Deadline,
        record: &mut LogRecord,
    ) -> Outcome {
        match self.approve(admitted, ports, deadline, record).await {
            Ok(()) => self.send(&admitted.body, ports, deadline, record).await,
            Err(problem) => problem.into(),
        }
    }

    /// All checks but those that ask the ledger or about the orders.
    async fn admit<H, C: Clock, R, V, K: Hooks, L: Log, G>(
        &self,
        incoming: Incoming<'_, impl BodySource>,
        ports: &Ports<H, C, R, V, K, L, G>,
        deadline: Deadline,
        (record, audit): (&mut LogRecord, &mut Option<AuditRecord>),
    ) -> Result<Admitted, Outcome> {
        let Incoming { method, path, headers, body } = incoming;
        let key = checks::check_headers(&self.options, headers)?;
        let limits = &self.options.limits;
        // Before the merchant is asked, so that nobody can storm `authorize`.
        if let Some(address) = headers.get(header::CONNECTING_IP).map(rate::network) {
            self.count(Caller::Address(&address), ports, deadline, record).await?;
        }
        let head = Head { method, path, headers };
        let principal = deadline.within(&ports.clock, limits.hook_timeout_ms, ports.hooks.authorize(head)).await;
        let principal = decided(principal, record, "authorize")?;
        let principal = principal.ok_or_else(|| Problem::new(ProblemCode::Unauthorized))?;
        self.count(Caller::Subject(&principal.subject), ports, deadline, record).await?;
        // From here on, so that nobody can flood the audit: the request is of somebody, and counted.
        let audit = audit.insert(AuditRecord { subject: principal.subject.clone(), ..AuditRecord::default() });
        if !principal.may(Scope::Orders) {
            return Err(Problem::new(ProblemCode::ForbiddenScope).into());
        }
        let read = request::read(headers, body, limits.max_body_bytes);
        let read = deadline.within(&ports.clock, u64::MAX, read).await.map_err(|_| out_of_time())?;
        let body = read.map_err(|unread| unread.problem(limits.max_body_bytes, record))?;
        record.body_bytes = body.len();
        let validated = validity::check(&body, &self.options.severity, limits, Some(MAX_ORDERS))?;
        record.orders = validated.orders.len();
        audit.orders = validated.orders.iter().filter_map(audited).collect();
        check_clients(&principal, &validated.orders)?;
        Ok(Admitted { principal, key, body, orders: validated.orders })
    }

    /// Counts a request of the caller: first in this broker's memory, then, if it may go, by what the merchant counts with.
    async fn count<H, C: Clock, R, V, K: Hooks, L, G>(
        &self,
        caller: Caller<'_>,
        ports: &Ports<H, C, R, V, K, L, G>,
        deadline: Deadline,
        record: &mut LogRecord,
    ) -> Result<(), Outcome> {
        let rates = self.options.rates;
        let (rate, buckets, name) = match caller {
            Caller::Address(address) => (rates.address, &self.addresses, address),
            Caller::Subject(subject) => (rates.subject, &self.subjects, subject),
        };
        let Some(rate) = rate else { return Ok(()) };
        if let Err(wait_ms) = buckets.take(rate, name, ports.clock.now_ms()) {
            return Err(rate_limited(wait_ms.div_ceil(1000)));
        }
        match deadline.within(&ports.clock, COUNT_MS, ports.hooks.count(caller)).await {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(Some(wait_s))) => Err(rate_limited(wait_s)),
            Err(Late::Request) => Err(out_of_time().into()),
            Ok(Err(HookError)) | Err(Late::Step) => {
                record.failed = "count";
                Ok(())
            }
        }
    }

    /// Asks the merchant.
    async fn approve<H, C: Clock, R, V, K: Hooks, L, G>(
        &self,
        admitted: &Admitted,
        ports: &Ports<H, C, R, V, K, L, G>,
        deadline: Deadline,
        record: &mut LogRecord,
    ) -> Result<(), Problem> {
        let Admitted { principal, body, orders, .. } = admitted;
        let shown: Vec<OrderToApprove<'_>> = orders
            .iter()
            .map(|order| OrderToApprove {
                client_id: order.client_id.as_deref().unwrap_or_default(),
                client_order_id: order.client_order_id.as_deref().unwrap_or_default(),
                json: order.span.of(body),
            })
            .collect();
        let asked = ports.hooks.approve_orders(principal, &shown);
        let answer = deadline.within(&ports.clock, self.options.limits.hook_timeout_ms, asked).await;
        let refused = decided(answer, record, "approve_orders")?;
        if refused.is_empty() {
            return Ok(());
        }
        // A refusal of an order that is not there is meant for some other: nothing may be sent.
        if refused.iter().any(|refusal| refusal.index >= orders.len()) {
            return Err(failed(record, "approve_orders"));
        }
        let errors = refused.into_iter().map(|refusal| ProblemError {
            detail: refusal.detail.unwrap_or_else(|| "The shop has not approved this order.".into()),
            pointer: format!("/orders/{}", refusal.index),
            code: None,
        });
        Err(Problem::new(ProblemCode::NotApproved).errors(errors.collect()))
    }

    /// Sends the bytes to the API, and once more with a new token if the first was refused.
    async fn send<H: Http, C: Clock, R: Random, V: Vault, K, L, G>(
        &self,
        body: &[u8],
        ports: &Ports<H, C, R, V, K, L, G>,
        deadline: Deadline,
        record: &mut LogRecord,
    ) -> Outcome {
        let (clock, limits) = (&ports.clock, &self.options.limits);
        let mut rejected: Option<Token> = None;
        loop {
            let began_ms = clock.now_ms();
            let token = self.token(ports, deadline, rejected.as_ref()).await;
            record.token_ms = record.token_ms.saturating_add(clock.now_ms().saturating_sub(began_ms));
            let token = match token {
                Ok(token) => token,
                Err(outcome) => return outcome,
            };
            // A call that is begun too late ends in doubt; one that is not begun provably created nothing.
            let left_ms = deadline.left_ms(clock);
            if left_ms < limits.least_upstream_ms() {
                return out_of_time().into();
            }
            let timeout_ms = left_ms.min(limits.upstream_timeout_ms);
            let transaction_id = ids::transaction_id(&ports.random);
            record.transaction_ids.push(transaction_id.clone());
            record.sent = record.orders;
            let began_ms = clock.now_ms();
            let upstream = &self.options.upstream;
            let answer = upstream.send_bulk(&ports.http, clock, timeout_ms, &token.value, &transaction_id, body).await;
            record.upstream_ms = record.upstream_ms.saturating_add(clock.now_ms().saturating_sub(began_ms));
            record.upstream_status = answer.as_ref().ok().map(|answer| answer.status);
            match answer {
                Err(code) => return Problem::new(code).into(),
                Ok(answer) if answer.status == 401 && rejected.is_none() => rejected = Some(token),
                Ok(answer) => {
                    if answer.status == 401 {
                        self.forget(&token);
                    }
                    return pass_on(answer, &token, clock.now_ms());
                }
            }
        }
    }

    /// A token from this isolate's memory, or from the vault. The vault renews the one that was rejected.
    async fn token<H, C: Clock, R, V: Vault, K, L, G>(
        &self,
        ports: &Ports<H, C, R, V, K, L, G>,
        deadline: Deadline,
        rejected: Option<&Token>,
    ) -> Result<Token, Outcome> {
        if let Some(rejected) = rejected {
            self.forget(rejected);
        }
        let lasts = |token: &Token| token.expires_at_ms.saturating_sub(ports.clock.now_ms()) > RENEW_MS;
        // Another request may have fetched a new one since.
        if let Some(token) = self.token.borrow().as_ref().filter(|token| lasts(token)) {
            return Ok(token.clone());
        }
        let asked = ports.vault.get_token(rejected.map(|token| token.value.expose()));
        let answer = deadline.within(&ports.clock, self.options.limits.token_timeout_ms, asked).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(Late::Step) => Err(TokenError::Unavailable { retry_after_s: None }),
            // It had not its own full time: what came before took it.
            Err(Late::Request) => return Err(out_of_time().into()),
        };
        let token = answer.map_err(no_token)?;
        *self.token.borrow_mut() = Some(token.clone());
        Ok(token)
    }

    /// Takes the token out of this isolate's memory, unless another has taken its place.
    fn forget(&self, rejected: &Token) {
        self.token.borrow_mut().take_if(|token| token.value == rejected.value);
    }
}

/// The answer to a request that the ledger does not let go.
fn begun_before(begun: Begun, record: &mut LogRecord) -> Outcome {
    match begun {
        Begun::Replay { recorded, doubt } => {
            record.replayed = true;
            record.transaction_ids = recorded.transaction_ids;
            let Recorded { status, content_type, body, .. } = recorded;
            let refusal =
                (content_type == wire::PROBLEM_JSON).then(|| Problem::read(status, Some(&content_type), &body));
            let outcome = refusal.flatten().map_or_else(
                || {
                    Ok(Response { status, headers: Headers::new().with(header::CONTENT_TYPE, content_type), body })
                        .into()
                },
                Outcome::from,
            );
            if doubt { in_doubt(outcome) } else { outcome }
        }
        Begun::Running { lease_left_ms } => {
            let retry_after_s = Some(lease_left_ms.div_ceil(1000).clamp(1, LONGEST_POLL_S));
            Outcome { retry_after_s, ..Problem::new(ProblemCode::InProgress).into() }
        }
        Begun::OtherBytes => Problem::new(ProblemCode::KeyReused).into(),
        Begun::InDoubt | Begun::Send(_) => Problem::new(ProblemCode::InDoubt).into(),
    }
}

/// The same outcome for a caller whose earlier attempt may have created the orders.
fn in_doubt(mut outcome: Outcome) -> Outcome {
    match &mut outcome.result {
        Ok(answer) => answer.headers.set(header::DOUBT, "true"),
        Err(problem) => problem.processed = Processed::Unknown,
    }
    outcome
}

/// Whether some of so many orders are not named by the problem.
fn leaves_some(problem: &Problem, orders: usize) -> bool {
    let is_named = |order| problem.errors.iter().any(|error| error.order().is_some_and(|(named, _)| named == order));
    !(0..orders).all(is_named)
}

/// What the ledger is told of the outcome of a request with so many orders.
fn settlement_of(outcome: &Outcome, orders: usize, claim: Claim, record: &LogRecord) -> Settlement {
    match &outcome.result {
        // The client then sends the others under a key of their own. Who repeats it all must be led the same way, or those
        // would be sent again under this one.
        Err(problem)
            if problem.code == Some(ProblemCode::NotApproved) && leaves_some(problem, orders) && !claim.doubt =>
        {
            Settlement::Done(Recorded {
                status: problem.status,
                content_type: wire::PROBLEM_JSON.to_owned(),
                transaction_ids: Vec::new(),
                body: problem.to_json(),
            })
        }
        Ok(answer) => Settlement::Done(Recorded {
            status: answer.status,
            content_type: answer.headers.get(header::CONTENT_TYPE).unwrap_or(wire::JSON).to_owned(),
            transaction_ids: record.transaction_ids.clone(),
            body: answer.body.clone(),
        }),
        Err(problem) => match problem.processed {
            Processed::No => Settlement::NotProcessed,
            Processed::Unknown if problem.retryable => Settlement::Repeatable,
            Processed::Unknown => Settlement::Unknown,
        },
    }
}

/// A hook failed: nothing is let through.
fn failed(record: &mut LogRecord, what: &'static str) -> Problem {
    record.failed = what;
    Problem::new(ProblemCode::HookFailed)
}

/// What a hook decided. One that had its full time and gave no answer has failed; one that was cut short by the end of the
/// request's time has not.
fn decided<T>(
    answer: Result<Result<T, HookError>, Late>,
    record: &mut LogRecord,
    what: &'static str,
) -> Result<T, Problem> {
    match answer {
        Ok(Ok(decision)) => Ok(decision),
        Err(Late::Request) => Err(out_of_time()),
        Ok(Err(HookError)) | Err(Late::Step) => Err(failed(record, what)),
    }
}

/// The caller asks too often.
fn rate_limited(wait_s: u64) -> Outcome {
    Outcome { retry_after_s: Some(wait_s.max(1)), ..Problem::new(ProblemCode::RateLimited).into() }
}

/// The request's time was over before the API was asked.
fn out_of_time() -> Problem {
    Problem::new(ProblemCode::OutOfTime)
}

/// An order that is valid has both ids.
fn audited(order: &OrderSpan) -> Option<AuditedOrder> {
    Some(AuditedOrder { client_id: order.client_id.clone()?, client_order_id: order.client_order_id.clone()? })
}

/// Every order must be of a client that the caller may send for.
pub(crate) fn check_clients(principal: &Principal, orders: &[OrderSpan]) -> Result<(), Problem> {
    let foreign = |order: &OrderSpan| order.client_id.as_ref().is_none_or(|id| !principal.client_ids.contains(id));
    let errors: Vec<ProblemError> = orders
        .iter()
        .enumerate()
        .filter(|(_, order)| foreign(order))
        .map(|(index, _)| ProblemError {
            detail: ProblemCode::ForbiddenClient.detail().to_owned(),
            pointer: format!("/orders/{index}/clientId"),
            code: None,
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::new(ProblemCode::ForbiddenClient).errors(errors)) }
}

/// The answer for a page when there is no token.
pub(crate) fn no_token(error: TokenError) -> Outcome {
    match error {
        TokenError::Refused { status, errors } => {
            Problem::new(ProblemCode::UpstreamAuth).upstream(status, errors).into()
        }
        TokenError::Unavailable { retry_after_s } => {
            Outcome { retry_after_s, ..Problem::new(ProblemCode::TokenUnavailable).into() }
        }
    }
}

/// The answer for a page that an answer of the API stands for. The token is taken out of it, should the API repeat it.
pub(crate) fn pass_on(mut answer: Response, token: &Token, now_ms: u64) -> Outcome {
    // Before anything is read of it: a text that is cut short could hold half a token.
    redact_bytes(&mut answer.body, &[&token.value]);
    if let Some(mut problem) = problem_of_answer(answer.status, &answer.body) {
        if let Some(upstream) = &mut problem.upstream {
            redact_errors(&mut upstream.errors, &[&token.value]);
        }
        let wait_ms = answer.headers.get(header::RETRY_AFTER).and_then(|value| retry_after_ms(value, now_ms));
        let retry_after_s = wait_ms.filter(|_| problem.retryable).map(|ms| ms.div_ceil(1000));
        return Outcome { result: Err(problem), retry_after_s };
    }
    let headers = Headers::new().with(header::CONTENT_TYPE, wire::JSON);
    Ok(Response { status: answer.status, headers, body: answer.body }).into()
}
