//! One batch on its way: sent, perhaps sent again, and its orders settled.

use super::{
    Client, ErrorCode, ErrorInfo, Event, Observer, OnAmbiguous, OrderResult, Outcome,
    attempt::{self, Answer, Failure},
    ledger::Ledger,
    refusal,
};
use crate::{
    batch,
    ports::{Clock, Http, HttpError, Random, Request, Response},
    validate::Validated,
    wire::{BULK_ORDERS_PATH, Entry, JSON, ProblemCode, Processed, Verdict, header, ids::quote_key, match_entries},
};
use std::{future::poll_fn, pin::pin, task::Poll};

/// The first wait is up to this long, each later one up to twice the one before.
const BACKOFF_MS: u64 = 500;
/// No wait is longer, unless the answer asks for it.
const MAX_BACKOFF_MS: u64 = 8000;
/// How long to keep asking what became of a request that is under way, in milliseconds. By then a broker's claim is over.
const MAX_ASKING_MS: u64 = 60_000;

/// What all batches of a submission have in common.
pub(super) struct Job<'a, O> {
    pub(super) submission_id: &'a str,
    pub(super) input: &'a [u8],
    pub(super) validated: &'a Validated,
    pub(super) ledger: &'a Ledger<'a, O>,
    /// When the whole submission must have ended.
    pub(super) deadline_at: Option<u64>,
}

impl<H: Http, C: Clock, R: Random> Client<H, C, R> {
    /// Sends a batch until every order in it has its outcome.
    pub(super) async fn send_batch<O: Observer>(&self, job: &Job<'_, O>, mut id: String, mut orders: Vec<usize>) {
        let mut is_rest = false;
        while let Some(refusal) = self.send_same(job, &id, &orders).await {
            orders = refusal::settle_named(job, &orders, &refusal);
            if is_rest {
                // Once is enough: whoever refuses again may do so for ever.
                settle_all(job.ledger, &orders, Outcome::Failed, &refusal.error);
            }
            if is_rest || orders.is_empty() {
                break;
            }
            // Other bytes, so another key.
            id.push_str(".rest");
            is_rest = true;
        }
        job.ledger.batch_done();
    }

    /// Sends the same bytes until there is an answer to stay with, and settles the orders. What remains is a failure that
    /// names single orders, none of which was processed.
    async fn send_same<O: Observer>(&self, job: &Job<'_, O>, id: &str, orders: &[usize]) -> Option<Box<Failure>> {
        let mut sending = Sending { job, id, orders, attempt: 1, asked: 0, asked_ms: 0, doubt: None };
        loop {
            sending.begin();
            let begun_at = self.clock.now_ms();
            let answer = {
                // Whichever is ready first ends the other.
                let mut answer = pin!(self.http.send(self.request(job, id, orders)));
                let mut time = pin!(self.clock.sleep(self.options.timeout_ms));
                poll_fn(|context| match answer.as_mut().poll(context) {
                    Poll::Ready(answer) => Poll::Ready(Some(answer)),
                    Poll::Pending => time.as_mut().poll(context).map(|()| None),
                })
                .await
            };
            match self.next(&mut sending, answer, begun_at) {
                Next::Again(delay_ms) => self.clock.sleep(delay_ms).await,
                Next::Done => return None,
                Next::Refused(failure) => return Some(failure),
            }
        }
    }

    /// What follows from an answer, or from none in time. All that needs no waiting is here, once and not in each state of
    /// the future above.
    #[inline(never)]
    fn next<O: Observer>(
        &self,
        sending: &mut Sending<'_, O>,
        answer: Option<Result<Response, HttpError>>,
        begun_at: u64,
    ) -> Next {
        let now_ms = self.clock.now_ms();
        let mut failure = match sending.read(answer, &self.options.url(BULK_ORDERS_PATH), begun_at, now_ms) {
            Answer::Reply { entries, doubt } => {
                // Of a request that was under way the broker's ledger tells itself whether it leaves doubt.
                let doubt = doubt || sending.doubt.as_ref().is_some_and(|doubt| !is_in_progress(doubt));
                settle_reply(sending.job, sending.orders, &entries, doubt);
                return Next::Done;
            }
            Answer::Failed(failure) => failure,
        };
        let resend = self.options.on_ambiguous == OnAmbiguous::Resend && !is(&failure.error, ProblemCode::KeyReused);
        let again = match failure.processed {
            Processed::No => failure.retryable,
            Processed::Unknown => failure.retryable || resend,
        };
        match failure.processed {
            // That a request is under way takes no other doubt away.
            Processed::Unknown if is_in_progress(&failure.error) && sending.doubt.is_some() => {}
            Processed::Unknown => sending.doubt = Some(failure.error.clone()),
            Processed::No if sending.doubt.is_none() => sending.job.ledger.not_processed(sending.orders),
            Processed::No => {}
        }
        // To ask what became of a request that is under way is not to try again.
        let asks = is_in_progress(&failure.error) && sending.asked_ms < MAX_ASKING_MS;
        let tried = sending.attempt - sending.asked;
        if asks || (again && tried <= self.options.max_retries) {
            let delay_ms = self.delay_ms(tried, failure.retry_after_ms);
            let wake_at = now_ms.saturating_add(delay_ms);
            if sending.job.deadline_at.is_none_or(|deadline| wake_at < deadline) {
                if asks {
                    sending.asked += 1;
                    sending.asked_ms = sending.asked_ms.saturating_add(delay_ms);
                }
                sending.retry(failure.error.code, delay_ms);
                return Next::Again(delay_ms);
            }
            failure.error.add("There was no time left to try again.");
        }
        match conclude(sending.job, sending.orders, failure, sending.doubt.take()) {
            Some(failure) => Next::Refused(failure),
            None => Next::Done,
        }
    }

    fn request<O>(&self, job: &Job<'_, O>, id: &str, orders: &[usize]) -> Request {
        let headers = self.options.headers.clone();
        let mut headers = headers
            .with(header::CONTENT_TYPE, JSON)
            .with(header::CLIENT, self.options.version.as_str())
            .with(header::IDEMPOTENCY_KEY, &*quote_key(id));
        // A broker with a ledger would else hold back what may have been sent before.
        if self.options.on_ambiguous == OnAmbiguous::Resend {
            headers.set(header::RESEND, "true");
        } else {
            headers.remove(header::RESEND);
        }
        Request {
            method: "POST",
            url: self.options.url(BULK_ORDERS_PATH),
            headers,
            body: batch::body_of(job.input, &job.validated.orders, orders),
        }
    }

    /// How long to wait after an attempt: as the answer asks, up to the cap, and never less than the back-off, which is
    /// spread over its whole range so that clients do not return together.
    fn delay_ms(&self, attempt: u32, retry_after_ms: Option<u64>) -> u64 {
        let range = BACKOFF_MS.saturating_mul(1 << (attempt - 1).min(10)).min(MAX_BACKOFF_MS);
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        let backoff_ms = ((range + 1) * u64::from(u32::from_le_bytes(bytes))) >> 32;
        retry_after_ms.unwrap_or(0).min(self.options.max_retry_after_ms).max(backoff_ms)
    }
}

/// The same bytes on their way, perhaps for the second time.
struct Sending<'a, O> {
    job: &'a Job<'a, O>,
    id: &'a str,
    orders: &'a [usize],
    /// From 1.
    attempt: u32,
    /// How many of the attempts were told that the same request is under way, and were followed by another for that.
    asked: u32,
    /// How long was waited after those, in milliseconds.
    asked_ms: u64,
    /// Why the orders may have been processed by an earlier attempt.
    doubt: Option<ErrorInfo>,
}

/// What follows from an attempt.
enum Next {
    /// Another one, after so many milliseconds.
    Again(u64),
    /// Nothing: the orders have their outcomes.
    Done,
    /// The orders that the failure names are told apart.
    Refused(Box<Failure>),
}

impl<O: Observer> Sending<'_, O> {
    /// The request leaves.
    fn begin(&self) {
        self.job.ledger.sent(self.orders);
        let mut orders = self.orders.to_vec();
        for index in &mut orders {
            *index += self.job.validated.first_order;
        }
        self.tell(&Event::Request { batch_id: self.id, attempt: self.attempt, orders });
    }

    /// It will leave again.
    fn retry(&mut self, code: ErrorCode, delay_ms: u64) {
        self.tell(&Event::Retry { batch_id: self.id, attempt: self.attempt, code, delay_ms });
        self.attempt += 1;
    }

    /// Reads what came back from the URL, if anything did in time, and tells of it.
    fn read(&self, answer: Option<Result<Response, HttpError>>, url: &str, begun_at: u64, now_ms: u64) -> Answer {
        let (batch_id, attempt, duration_ms) = (self.id, self.attempt, now_ms.saturating_sub(begun_at));
        let failure = match answer {
            Some(Ok(response)) => {
                self.job.ledger.transactions(self.orders, &attempt::transaction_ids(&response));
                let request_id = attempt::request_id(&response);
                self.tell(&Event::Response { batch_id, attempt, status: response.status, duration_ms, request_id });
                return attempt::read(&response, url, now_ms);
            }
            Some(Err(error)) => Failure::transport(error),
            None => Failure::timeout(),
        };
        self.tell(&Event::Failure { batch_id, attempt, code: failure.error.code, duration_ms });
        Answer::Failed(failure)
    }

    fn tell(&self, event: &Event<'_>) {
        self.job.ledger.observer().event(event);
    }
}

/// The broker's ledger says that the same request is under way. To ask again with the same key never doubles it.
fn is(error: &ErrorInfo, code: ProblemCode) -> bool {
    error.code == ErrorCode::Problem(code)
}

fn is_in_progress(error: &ErrorInfo) -> bool {
    is(error, ProblemCode::InProgress)
}

/// Settles the orders of a batch that will not be sent again, unless single orders are to be told apart.
fn conclude<O: Observer>(
    job: &Job<'_, O>,
    orders: &[usize],
    failure: Box<Failure>,
    doubt: Option<ErrorInfo>,
) -> Option<Box<Failure>> {
    match doubt {
        // A later refusal does not undo what an earlier attempt may have done.
        Some(mut doubt) => {
            doubt.add("The orders may have been created; look them up before you send them again.");
            settle_all(job.ledger, orders, Outcome::Unknown, &doubt);
        }
        None if failure.refused => settle_all(job.ledger, orders, Outcome::Rejected, &failure.error),
        None if refusal::names_orders(&failure, orders.len()) => return Some(failure),
        None => settle_all(job.ledger, orders, Outcome::Failed, &failure.error),
    }
    None
}

fn settle_all<O: Observer>(ledger: &Ledger<'_, O>, orders: &[usize], outcome: Outcome, error: &ErrorInfo) {
    let mut settled = Vec::new();
    for &index in orders {
        settled.push(OrderResult::new(index, outcome, Some(error.clone())));
    }
    ledger.settle(settled);
}

/// Settles the orders by the API's reply.
fn settle_reply<O: Observer>(job: &Job<'_, O>, orders: &[usize], entries: &[Entry], doubt: bool) {
    let mut keys = Vec::new();
    for &index in orders {
        let order = job.validated.orders.get(index);
        keys.push(order.map_or((None, None), |order| (order.client_id.as_deref(), order.client_order_id.as_deref())));
    }
    let mut list = Vec::new();
    for (&index, verdict) in orders.iter().zip(match_entries(entries, &keys)) {
        list.push(settled(index, verdict, doubt));
    }
    job.ledger.settle(list);
}

/// What a verdict of the reply makes of an order.
fn settled(index: usize, verdict: Verdict, doubt: bool) -> OrderResult {
    let error = match verdict {
        Verdict::Accepted { order_id, status } => {
            let order_id = Some(order_id);
            return OrderResult { order_id, status, ..OrderResult::new(index, Outcome::Accepted, None) };
        }
        Verdict::Rejected { errors, status } => {
            let mut error = ErrorInfo::new(ErrorCode::Rejected);
            if let Some(first) = errors.first() {
                error.add(&first.line());
            }
            error.errors = errors;
            // It may be refused because an earlier attempt created it.
            let outcome = if doubt { Outcome::Unknown } else { Outcome::Rejected };
            if doubt {
                error.add("An earlier attempt may have created it; look it up before you send it again.");
            }
            return OrderResult { status, ..OrderResult::new(index, outcome, Some(error)) };
        }
        Verdict::Missing => ErrorInfo::new(ErrorCode::MissingInReply),
        Verdict::Unreadable => ErrorInfo::new(ErrorCode::UnreadableInReply),
        Verdict::Contradictory => ErrorInfo::new(ErrorCode::ContradictoryReply),
    };
    OrderResult::new(index, Outcome::Unknown, Some(error))
}
