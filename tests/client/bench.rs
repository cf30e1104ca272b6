//! A broker with a script, a client in front of it, and what holds for every submission.

use crate::support::{
    SeededRandom, VirtualClock,
    broker::{Call, FakeBroker, Step, problem},
};
use pb_fulfillment::{
    client::{
        Client, ErrorInfo, Event, Observer, OnAmbiguous, OnInvalid, Options, OrderResult, Outcome, Progress,
        Submission, SubmitOptions,
    },
    ports::{Cause, Clock},
    validate,
    wire::{Problem, ProblemCode, ProblemError, header, ids::read_key},
};
use serde_json::{Value, json};
use std::{cell::RefCell, future::pending, rc::Rc};

pub const BASE: &str = "https://shop.example/api";

pub fn order(id: &str) -> Value {
    json!({
        "clientId": "1234", "clientOrderId": id, "createDate": "2026-02-28T12:00:00Z",
        "inputShippingDetails": {"carrier": "PITNEY BOWES", "serviceId": "PARCEL"},
        "orderLines": [{"sku": "A-1", "orderedQuantity": 1}],
        "toAddress": {"name": "Ada", "addressLines": ["1 Main St"], "cityTown": "Auburn", "stateProvince": "AL",
            "postalCode": "36830", "countryCode": "US"},
    })
}

pub fn numbered(count: usize) -> Vec<Value> {
    (0..count).map(|number| order(&format!("o{number}"))).collect()
}

pub fn broken() -> Value {
    let mut order = order("broken");
    order["orderLines"] = json!([]);
    order
}

/// A broker with a script, a client in front of it, and all that was seen.
pub struct Bench {
    pub clock: VirtualClock,
    pub broker: FakeBroker,
    pub options: Options,
    pub submit: SubmitOptions,
    pub seed: u64,
    pub log: Log,
}

/// Keeps what an observer is told.
#[derive(Default)]
pub struct Log {
    pub events: RefCell<Vec<Value>>,
    pub progress: RefCell<Vec<Value>>,
    pub results: RefCell<Vec<OrderResult>>,
}

impl Observer for Log {
    fn event(&self, event: &Event<'_>) {
        self.events.borrow_mut().push(serde_json::to_value(event).unwrap());
    }
    fn progress(&self, progress: &Progress<'_>) {
        self.progress.borrow_mut().push(serde_json::to_value(progress).unwrap());
        self.results.borrow_mut().extend_from_slice(progress.results);
    }
}

impl Bench {
    pub fn new(script: impl IntoIterator<Item = Step>) -> Self {
        let clock = VirtualClock::default();
        let broker = FakeBroker::new(&clock, script);
        let submit = SubmitOptions { submission_id: Some("s".into()), ..SubmitOptions::default() };
        Self { clock, broker, options: Options::new(BASE), submit, seed: 1, log: Log::default() }
    }

    pub fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    pub fn resend(self) -> Self {
        self.with(|options| options.on_ambiguous = OnAmbiguous::Resend)
    }

    pub fn skip(mut self) -> Self {
        self.submit.on_invalid = OnInvalid::Skip;
        self
    }

    pub fn try_submit(&self, input: &[u8], cancel: impl Future<Output = Cause>) -> Result<Submission, ErrorInfo> {
        let validated = validate::validate_orders(input, &validate::Options::default());
        let random = SeededRandom::new(self.seed);
        let client = Client::new(self.options.clone(), self.broker.clone(), self.clock.clone(), random)?;
        self.clock.run(client.submit(input, &validated, self.submit.clone(), cancel, &self.log))
    }

    /// Submits a stream part by part, one after another.
    pub fn submit_parts(&self, input: &[u8], orders: usize) -> Vec<Submission> {
        let options = validate::ReaderOptions { part_orders: Some(orders), ..validate::ReaderOptions::default() };
        let mut reader = validate::Reader::new(options);
        reader.push(input);
        reader.end();
        let submit = |part: validate::Part| {
            let random = SeededRandom::new(self.seed);
            let client = Client::new(self.options.clone(), self.broker.clone(), self.clock.clone(), random).unwrap();
            let submit = client.submit(&part.bytes, &part.validated, self.submit.clone(), pending(), &self.log);
            self.clock.run(submit).unwrap()
        };
        std::iter::from_fn(|| reader.next()).map(submit).collect()
    }

    pub fn submit_until(&self, orders: &[Value], cancel: impl Future<Output = Cause>) -> Submission {
        let input = json!({"orders": orders}).to_string();
        let submission = self.try_submit(input.as_bytes(), cancel).unwrap();
        self.check(orders, &submission);
        submission
    }

    pub fn submit(&self, orders: &[Value]) -> Submission {
        self.submit_until(orders, pending())
    }

    /// What holds for every submission.
    fn check(&self, orders: &[Value], submission: &Submission) {
        assert_eq!(submission.results.len(), orders.len());
        for (index, (result, order)) in submission.results.iter().zip(orders).enumerate() {
            assert_eq!(result.order_index, index);
            assert_eq!(result.client_order_id.as_deref(), order["clientOrderId"].as_str());
            let accepted = result.outcome == Outcome::Accepted;
            assert_eq!((accepted, accepted), (result.order_id.is_some(), result.error.is_none()), "{result:?}");
        }
        let counts = serde_json::to_value(submission.counts).unwrap();
        for (name, count) in counts.as_object().unwrap() {
            let found = outcomes(submission).iter().filter(|outcome| *outcome == name).count();
            assert_eq!(found as u64, count.as_u64().unwrap(), "{name}");
        }
        let mut told: Vec<_> = self.log.results.borrow().iter().map(|result| result.order_index).collect();
        told.sort_unstable();
        assert_eq!(told, (0..orders.len()).collect::<Vec<_>>(), "each result is told once");
        assert_eq!(self.broker.in_flight(), 0, "no request goes on when the submission has ended");
    }

    pub fn calls(&self) -> Vec<Call> {
        self.broker.calls()
    }

    pub fn delays(&self) -> Vec<u64> {
        let events = self.log.events.borrow();
        events.iter().filter(|event| event["type"] == "retry").map(|event| event["delayMs"].as_u64().unwrap()).collect()
    }
}

pub fn outcomes(submission: &Submission) -> Vec<String> {
    let name = |result: &OrderResult| serde_json::to_value(result.outcome).unwrap().as_str().unwrap().to_owned();
    submission.results.iter().map(name).collect()
}

pub fn codes(submission: &Submission) -> Vec<&'static str> {
    submission.results.iter().map(|result| result.error.as_ref().map_or("", |error| error.code.name())).collect()
}

pub fn answer(code: ProblemCode) -> Step {
    Step::Answer(problem(&Problem::new(code)))
}

pub fn key(call: &Call) -> String {
    read_key(call.headers.get(header::IDEMPOTENCY_KEY).unwrap()).unwrap()
}

/// One order through a script: the outcome, the code, how many requests.
#[track_caller]
pub fn check(bench: &Bench, outcome: &str, code: &str, calls: usize) -> OrderResult {
    let submission = bench.submit(&numbered(1));
    assert_eq!((outcomes(&submission)[0].as_str(), codes(&submission)[0], bench.calls().len()), (outcome, code, calls));
    submission.results.into_iter().next().unwrap()
}

/// What the broker says about one order.
pub fn at(pointer: &str, code: Option<&str>) -> ProblemError {
    ProblemError { detail: "because.".into(), pointer: pointer.into(), code: code.map(str::to_owned) }
}

/// Resolves with a reason after so many milliseconds.
pub async fn after(clock: &VirtualClock, ms: u64) -> Cause {
    clock.sleep(ms).await;
    Cause(Some(Rc::new("the person left")))
}
