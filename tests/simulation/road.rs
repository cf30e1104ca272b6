//! The road from a page to a broker: a browser, a network, a proxy.

use crate::{
    line::Line,
    machine::Process,
    page::Origin,
    shop::{Books, Journal, Shop, VaultLine},
    weather::Trouble,
    world::{ORIGIN, World},
};
use pb_fulfillment::{
    broker::{Incoming, Ports, WholeBody},
    ports::{Headers, Http, HttpError, HttpErrorKind, Request, Response},
};
use std::{cell::Cell, future::pending, rc::Rc};

pub struct Road {
    pub world: Rc<World>,
    pub origin: Origin,
}

/// Ends the work on a request whose caller is gone, as some runtimes do.
struct Hold<'a>(&'a World, u64, Cell<bool>);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if self.2.get() && self.0.weather.happens(Trouble::CallerGone) {
            self.0.machine.abort(self.1);
        }
    }
}

impl Http for Road {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let (machine, weather) = (&self.world.machine, &self.world.weather);
        let cut = |kind| Err(HttpError { kind, message: "Failed to fetch".into(), cause: Default::default() });
        let page = |status, body: &str| Ok(Response { status, headers: Headers::new(), body: body.into() });
        if weather.happens(Trouble::RequestCut) {
            machine.sleep(machine.below(100)).await;
            return cut(HttpErrorKind::Connection);
        }
        if weather.happens(Trouble::ProxyDown) {
            machine.sleep(machine.below(100)).await;
            return page(503, "<h1>503 Service Temporarily Unavailable</h1>");
        }
        let most_ms = if weather.happens(Trouble::RequestDelayed) { 35_000 } else { 80 };
        let (process, arrival) = self.arrive(&request, self.origin, machine.below(most_ms));
        let answer = machine.call(process, arrival);
        // Without a ledger nothing tells a double from a request of its own.
        if self.world.has_ledger && weather.happens(Trouble::RequestDoubled) {
            let copy = Origin { copy: true, ..self.origin };
            let (process, arrival) = self.arrive(&request, copy, machine.below(6_000));
            machine.spawn(process, async move { drop(arrival.await) });
        }
        let hold = Hold(&self.world, answer.task, Cell::new(true));
        if weather.happens(Trouble::RequestHung) {
            return pending().await;
        }
        let answer = answer.await;
        hold.2.set(false);
        // An isolate that dies takes its connections with it.
        let Some(answer) = answer else { return cut(HttpErrorKind::Connection) };
        machine.sleep(machine.below(80)).await;
        if weather.happens(Trouble::AnswerCut) {
            return cut(if machine.below(2) == 0 { HttpErrorKind::Connection } else { HttpErrorKind::Body });
        }
        if weather.happens(Trouble::AnswerGarbled) {
            let status = [200, 500, 502, 504][usize::try_from(machine.below(4)).unwrap()];
            return page(status, "<html>Welcome to the hotel's network");
        }
        Ok(answer)
    }
}

impl Road {
    /// The request arrives at some isolate, with the header fields that a browser adds.
    fn arrive(
        &self,
        request: &Request,
        origin: Origin,
        delay_ms: u64,
    ) -> (Process, impl Future<Output = Response> + 'static) {
        let (world, request) = (self.world.clone(), request.clone());
        let index = usize::try_from(world.machine.below(world.isolates.len() as u64)).unwrap();
        let arrival = async move {
            world.machine.sleep(delay_ms).await;
            let path = request.url.strip_prefix("https://broker.example").unwrap();
            let headers = request.headers.clone().with("Origin", ORIGIN);
            world.handle(index, path, &headers, request.body, origin).await
        };
        (self.world.isolates[index].process, arrival)
    }
}

impl World {
    async fn handle(
        self: &Rc<Self>,
        isolate: usize,
        path: &str,
        headers: &Headers,
        body: Vec<u8>,
        origin: Origin,
    ) -> Response {
        let isolate = &self.isolates[isolate];
        let broker = isolate.broker.borrow().clone();
        let ports = Ports {
            http: Line::of_request(self, origin),
            clock: self.machine.clock(isolate.process),
            random: self.random.clone(),
            vault: VaultLine(self.clone()),
            hooks: Shop { world: self.clone(), page: origin.page },
            log: Journal(self.clone()),
            ledger: self.has_ledger.then(|| Books(self.clone())),
        };
        let incoming = Incoming { method: "POST", path, headers, body: WholeBody::new(body) };
        let key = headers.get("Idempotency-Key").unwrap_or_default();
        self.machine.tell(|| format!("isolate {} gets {key} for {origin:?}", isolate.process));
        let answer = broker.handle(incoming, &ports).await;
        let text = || String::from_utf8_lossy(&answer.body).chars().take(200).collect::<String>();
        self.machine.tell(|| format!("isolate {} answers {key} by {} {}", isolate.process, answer.status, text()));
        self.judge.answered(&answer);
        answer
    }
}
