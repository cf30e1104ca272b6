//! A turn of work: what is due is given up, sent, told, purged and forgotten.

use super::{Outbox, claim::Flight, tidy::Outcomes};
use crate::{
    batch,
    broker::{Calls, LEASE_MS, MAX_LEASE_MS, Token, TokenError, Vault, no_token, pass_on, within},
    ports::{Clock, Http, Random, Response, StoreError, Table},
    wire::{BULK_ORDERS_PATH, Problem, ProblemCode},
};
use futures_util::future::{join, join_all};
use std::cell::Cell;

/// What the outbox asks of the outside to send orders and to tell of them.
#[derive(Debug)]
pub struct WorkPorts<H, V, O> {
    /// Reaches the upstream. It must not follow redirects: they would take the token elsewhere.
    pub http: H,
    /// Hands out tokens, and the right to make calls.
    pub vault: V,
    /// Hears what orders have ended with.
    pub outcomes: O,
}

/// How long a turn goes on to begin calls, in milliseconds. With what is under way then it stays within the quarter of an hour that
/// an alarm may take on Cloudflare.
const TURN_MS: u64 = 600_000;
/// How long to wait for something to be due while a turn goes on: a quarter of the delay, within these. In milliseconds.
const LEAST_PAUSE_MS: u64 = 10;
const MOST_PAUSE_MS: u64 = 250;

/// What the lanes of one turn have in common.
struct Turn {
    calls_left: Cell<usize>,
    until_ms: u64,
    /// How many of them wait for an answer.
    calling: Cell<usize>,
    /// Whether somebody tells of outcomes as they come.
    tells: Cell<bool>,
}

/// The right to begin a call.
#[derive(Clone, Copy)]
struct Leased {
    /// When it was asked for, in milliseconds since 1970.
    since_ms: u64,
    /// How long it is good from then on, in milliseconds.
    good_ms: u64,
}

/// Why a call was not made, and how long to wait.
type NotCalled = (Problem, Option<u64>);

impl<T: Table, C: Clock, R: Random> Outbox<T, C, R> {
    /// Does what is due, and sets the alarm for what is not. Several turns at once do no harm.
    ///
    /// # Errors
    /// If the table fails. What was on its way may be in doubt then; the alarm must ring again.
    pub async fn work<H, V, O>(&self, ports: &WorkPorts<H, V, O>) -> Result<(), StoreError>
    where
        H: Http,
        V: Vault + Calls,
        O: Outcomes,
    {
        self.give_up().await?;
        let turn = Turn {
            calls_left: Cell::new(self.options.limits.calls_per_turn),
            until_ms: self.clock.now_ms().saturating_add(TURN_MS),
            calling: Cell::new(0),
            tells: Cell::new(true),
        };
        let lanes = (0..self.options.limits.concurrency).map(|_| self.send_all(ports, &turn));
        // A listener that takes long keeps no order back: whoever tells is beside those who send.
        let (over, left) = (Cell::new(false), Cell::new(self.options.limits.outcomes_per_turn));
        let tell = async {
            loop {
                let told = self.tell(&ports.outcomes, &left).await;
                if over.get() || told.is_err() || left.get() == 0 {
                    turn.tells.set(false);
                    return told;
                }
                self.pause().await;
            }
        };
        let send = async {
            let sent = join_all(lanes).await;
            over.set(true);
            sent.into_iter().collect::<Result<(), _>>()
        };
        let (sent, told) = join(send, tell).await;
        sent.and(told)?;
        self.tidy().await?;
        // The alarm that rang is over, and what was set since may have been done.
        let mut slot = self.turn.lock().await;
        let memory = self.take(&mut slot).await?;
        self.table.commit(Vec::new(), self.wake(&memory)).await?;
        Self::keep(&mut slot, memory);
        drop(slot);
        self.synced().await
    }

    /// Sends one batch after another, until none is due and nothing else is going on: while a turn waits for an answer or a listener,
    /// the alarm may not ring, and what comes in meanwhile must not wait for them.
    async fn send_all<H: Http, V: Vault + Calls, O>(
        &self,
        ports: &WorkPorts<H, V, O>,
        turn: &Turn,
    ) -> Result<(), StoreError> {
        while turn.calls_left.get() > 0 && self.clock.now_ms() < turn.until_ms {
            let Some(place) = self.place().await? else {
                let idle = turn.calling.get() == 0 && self.preparing.get() == 0;
                if idle && !(turn.tells.get() && self.has_news().await?) {
                    break;
                }
                self.pause().await;
                self.give_up().await?;
                continue;
            };
            // Before anything is claimed: what fails here leaves no doubt about any order.
            let ready = async {
                let token = self.token(&ports.vault, None).await?;
                Ok((token, self.lease(&ports.vault).await?))
            };
            let (token, lease) = match ready.await {
                Ok(ready) => ready,
                Err((problem, retry_after_ms)) => return self.hold_all(&problem, retry_after_ms).await,
            };
            // Others may have claimed what was due, or have met with something that keeps all back.
            let claimed = self.claim().await;
            drop(place);
            let Some(mut flight) = claimed? else { continue };
            turn.calls_left.set(turn.calls_left.get().saturating_sub(1));
            turn.calling.set(turn.calling.get() + 1);
            let answer = self.call(&mut flight, ports, token, lease).await;
            turn.calling.set(turn.calling.get() - 1);
            let (answer, retry_after_ms) = answer?;
            self.settle(&mut flight, answer, retry_after_ms).await?;
        }
        Ok(())
    }

    /// Waits until something may be due.
    async fn pause(&self) {
        self.clock.sleep((self.options.delay_ms / 4).clamp(LEAST_PAUSE_MS, MOST_PAUSE_MS)).await;
    }

    /// Makes the call that is written down, and once more with a new token if the API has refused the first.
    async fn call<H: Http, V: Vault + Calls, O>(
        &self,
        flight: &mut Flight<'_>,
        ports: &WorkPorts<H, V, O>,
        mut token: Token,
        lease: Leased,
    ) -> Result<(Result<Response, Problem>, Option<u64>), StoreError> {
        let body = batch::join(flight.orders.iter().map(|order| &*order.bytes));
        let mut rejected = false;
        let mut lease = Some(lease);
        loop {
            // Each call has a lease of its own, and writing it down may have taken longer than that is good for.
            if !lease.take().is_some_and(|lease| self.is_good(lease))
                && let Err((problem, retry_after_ms)) = self.lease(&ports.vault).await
            {
                return Ok((Err(problem), retry_after_ms));
            }
            let (upstream, timeout_ms) = (&self.options.upstream, self.options.limits.upstream_timeout_ms);
            let id = &flight.transaction_id;
            let answer = upstream.send_bulk(&ports.http, &self.clock, timeout_ms, &token.value, id, &body).await;
            match answer {
                Err(code) => return Ok((Err(Problem::new(code)), None)),
                Ok(answer) if answer.status == 401 && !rejected => {
                    rejected = true;
                    match self.token(&ports.vault, Some(&token)).await {
                        Ok(renewed) => token = renewed,
                        Err((problem, retry_after_ms)) => return Ok((Err(problem), retry_after_ms)),
                    }
                    self.claim_again(flight).await?;
                }
                Ok(answer) => {
                    let outcome = pass_on(answer, &token, self.clock.now_ms());
                    return Ok((outcome.result, outcome.retry_after_s.map(|s| s.saturating_mul(1000))));
                }
            }
        }
    }

    async fn token(&self, vault: &impl Vault, rejected: Option<&Token>) -> Result<Token, NotCalled> {
        let asked = vault.get_token(rejected.map(|token| token.value.expose()));
        let answer = within(&self.clock, self.options.limits.token_timeout_ms, asked).await;
        answer.unwrap_or(Err(TokenError::Unavailable { retry_after_s: None })).map_err(|error| {
            let outcome = no_token(error);
            let problem = outcome.result.err().unwrap_or_else(|| Problem::new(ProblemCode::TokenUnavailable));
            (problem, outcome.retry_after_s.map(|s| s.saturating_mul(1000)))
        })
    }

    /// Whether a call may begin by that lease now. The further away the vault turns out to be, the longer those are good for that are
    /// asked for next.
    fn is_good(&self, lease: Leased) -> bool {
        let asked_for_ms = self.lease_ms.get();
        let taken_ms = self.clock.now_ms().checked_sub(lease.since_ms);
        let good = taken_ms.is_some_and(|taken_ms| taken_ms <= lease.good_ms);
        if !good {
            self.lease_ms.set((lease.good_ms.saturating_mul(2)).clamp(asked_for_ms, MAX_LEASE_MS));
        } else if taken_ms.is_some_and(|taken_ms| taken_ms <= asked_for_ms / 4) {
            self.lease_ms.set((asked_for_ms / 2).max(LEASE_MS));
        }
        good
    }

    /// Waits for the right to begin a call now. All the asking has one time limit, so that a vault too far away is not asked for ever.
    async fn lease(&self, vault: &impl Calls) -> Result<Leased, NotCalled> {
        let leased = async {
            loop {
                let since_ms = self.clock.now_ms();
                let lease = vault.lease_calls(BULK_ORDERS_PATH, 1, self.lease_ms.get()).await?;
                let leased = Leased { since_ms, good_ms: lease.good_ms };
                match lease.granted {
                    0 => self.clock.sleep(lease.wait_ms.max(1)).await,
                    _ if self.is_good(leased) => return Ok::<_, StoreError>(leased),
                    _ => {}
                }
            }
        };
        match within(&self.clock, self.options.limits.lease_timeout_ms, leased).await {
            Some(Ok(leased)) => Ok(leased),
            Some(Err(_)) | None => Err((Problem::new(ProblemCode::CallsUnavailable), None)),
        }
    }
}
