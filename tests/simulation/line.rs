//! The line from the broker and the vault to the API.

use crate::{page::Origin, weather::Trouble, world::World};
use pb_fulfillment::{
    emulator::{Call, Fault, FaultKind, FaultPlan, Reply},
    ports::{Headers, Http, HttpError, HttpErrorKind, Request, Response},
};
use std::{
    cell::RefCell,
    future::{Future, pending, poll_fn},
    pin::pin,
    rc::{Rc, Weak},
};

/// A line of one request of a page, or of the vault.
#[derive(Clone)]
pub struct Line {
    world: Weak<World>,
    of: Of,
    /// The values of Authorization that went over it.
    used: Rc<RefCell<Vec<String>>>,
}

#[derive(Clone, Copy)]
enum Of {
    Vault,
    Request(Origin),
    Outbox,
}

/// Counts a token call of the vault while it is under way.
struct Counted(Rc<World>, u64);

impl Drop for Counted {
    fn drop(&mut self) {
        // That of an earlier life ended with it.
        if self.0.vault_life.get() == self.1 {
            self.0.token_calls.set(self.0.token_calls.get() - 1);
        }
    }
}

impl Line {
    pub fn of_vault(world: &Rc<World>) -> Self {
        Self { world: Rc::downgrade(world), of: Of::Vault, used: Rc::default() }
    }

    pub fn of_outbox(world: &Rc<World>) -> Self {
        Self { world: Rc::downgrade(world), of: Of::Outbox, used: Rc::default() }
    }

    pub fn of_request(world: &Rc<World>, origin: Origin) -> Self {
        Self { world: Rc::downgrade(world), of: Of::Request(origin), used: Rc::default() }
    }
}

impl Http for Line {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let Some(world) = self.world.upgrade() else { return pending().await };
        let (machine, weather) = (world.machine.clone(), world.weather.clone());
        let is_token = request.url.ends_with("/oauth/token");
        world.judge.sent(&request);
        if matches!(self.of, Of::Outbox) {
            world.judge.began(&world);
        }
        if matches!(self.of, Of::Request(_)) {
            let authorization = request.headers.get("Authorization").unwrap_or_default().to_owned();
            let mut used = self.used.borrow_mut();
            assert!(!used.contains(&authorization), "a token is used again that was refused");
            used.push(authorization);
            assert!(used.len() <= 2, "a broker asks more than twice");
        }
        let _counted = is_token.then(|| {
            world.token_calls.set(world.token_calls.get() + 1);
            Counted(world.clone(), world.vault_life.get())
        });
        let origin = if let Of::Request(origin) = self.of { Some(origin) } else { None };
        let cut = |kind| Err(HttpError { kind, message: "the line went dead".into(), cause: Default::default() });
        let lost = if is_token { weather.happens(Trouble::TokenCut) } else { weather.happens(Trouble::ApiCutBefore) };
        if lost {
            machine.sleep(machine.below(100)).await;
            return cut(HttpErrorKind::Connection);
        }
        let delay_ms = || {
            let most = if weather.happens(Trouble::ApiDelayed) { 30_000 } else { 60 };
            machine.below(most)
        };
        let delays = (delay_ms(), delay_ms());
        let answer = machine.call(world.outside, deliver(world.clone(), request.clone(), origin, delays.0));
        if !is_token && weather.happens(Trouble::ApiDoubled) {
            // The same transaction id comes twice, by which the API knows the second.
            let (world, late_ms) = (world.clone(), delays.0 + 1 + machine.below(5_000));
            machine.spawn(world.outside, async move { drop(deliver(world, request, origin, late_ms).await) });
        }
        if !is_token && weather.happens(Trouble::ApiHung) {
            return pending().await;
        }
        let Some(answer) = answer.await else { return pending().await };
        machine.sleep(delays.1).await;
        if !is_token && weather.happens(Trouble::ApiCutAfter) {
            return cut(if machine.below(2) == 0 { HttpErrorKind::Connection } else { HttpErrorKind::Body });
        }
        answer
    }
}

/// The request arrives at the API, which acts, whether or not anybody waits for what it says.
async fn deliver(
    world: Rc<World>,
    request: Request,
    origin: Option<Origin>,
    delay_ms: u64,
) -> Result<Response, HttpError> {
    world.machine.sleep(delay_ms).await;
    let path = request.url.strip_prefix("https://shipping-api-sandbox.pitneybowes.com").unwrap_or("/");
    let is_token = path == "/oauth/token";
    let transaction = request.headers.get("X-PB-TransactionId").unwrap_or_default().to_owned();
    if !is_token {
        world.judge.arrived(&request);
        if !world.judge.is_new(&transaction) {
            let body = br#"{"errors":[{"errorCode":"1","errorDescription":"The transaction id was used before."}]}"#;
            return Ok(Response { status: 400, headers: Headers::new(), body: body.to_vec() });
        }
        if world.weather.happens(Trouble::ApiRefusedAll) || world.is_guilty(&request.body) {
            let body = br#"{"errors":[{"errorCode":"1000050","errorDescription":"No."}]}"#.to_vec();
            return Ok(Response { status: 400, headers: Headers::new(), body });
        }
    }
    let script = fault(&world, is_token).into_iter().collect();
    world.api.set_faults(FaultPlan { script, random: None });
    let call = Call { method: request.method, path, headers: &request.headers, body: &request.body };
    let mut handled = pin!(world.api.handle(call));
    let mut noted = false;
    let reply = poll_fn(|context| {
        let reply = handled.as_mut().poll(context);
        // It acts at once; what it then waits for is only the answer.
        if !std::mem::replace(&mut noted, true) && !is_token {
            let stored = world.api.orders();
            let stored = stored.iter().filter(|order| order.transaction_id == transaction);
            stored.for_each(|order| world.judge.stored(&world, order, origin));
        }
        reply
    });
    let cut = |kind| Err(HttpError { kind, message: "the line went dead".into(), cause: Default::default() });
    match reply.await {
        Reply::Answer(response) => {
            if is_token {
                world.judge.token(&response.body);
            }
            Ok(response)
        }
        Reply::Cut => cut(HttpErrorKind::Connection),
        Reply::CutBody(_) => cut(HttpErrorKind::Body),
    }
}

/// What goes wrong with the call, if anything does.
fn fault(world: &World, is_token: bool) -> Option<Fault> {
    use FaultKind as F;
    let kinds: &[(Trouble, &[FaultKind])] = if is_token {
        &[(Trouble::TokenRefused, &[F::Unauthorized, F::Throttled, F::Unavailable, F::ServerError, F::CutAfter])]
    } else {
        &[
            (Trouble::ApiUnauthorized, &[F::Unauthorized]),
            (Trouble::ApiExpire, &[F::Expire]),
            (Trouble::ApiServerError, &[F::ServerError]),
            (Trouble::ApiUnavailable, &[F::Unavailable]),
            (Trouble::ApiThrottled, &[F::Throttled]),
            (Trouble::ApiRefusedOrders, &[F::RefuseOrders]),
            (Trouble::ApiOmitted, &[F::OmitEntries]),
            (Trouble::ApiGarbled, &[F::Html, F::Truncated, F::Empty, F::CutBody]),
        ]
    };
    let below = |bound: usize| usize::try_from(world.machine.below(bound as u64)).unwrap();
    let (_, kinds) = kinds.iter().find(|(trouble, _)| world.weather.happens(*trouble))?;
    let mut fault = Fault::new(kinds[below(kinds.len())]);
    fault.every = 1 + below(3);
    fault.latency_ms = [0, 0, 400, 4_000][below(4)];
    fault.retry_after = [None, Some("2".to_owned()), Some("soon".to_owned())][below(3)].clone();
    Some(fault)
}
