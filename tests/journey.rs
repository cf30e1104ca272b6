//! From a client through the broker to the emulator, in one process on virtual time: the 830 Northwind orders, in fair
//! weather and under faults.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "the helpers of a test may fail it")]

mod harness;
mod support;

use harness::{BULK, Books, ORIGIN, World};
use pb_fulfillment::{
    broker::WholeBody,
    client::{
        Client, ErrorCode, Event, Observer, OnAmbiguous, OnInvalid, Options, OrderResult, Outcome, Progress,
        Submission, SubmitOptions,
    },
    emulator::{Duplicates, EmulatorOptions, FaultPlan},
    ports::{Clock, Headers, Http, HttpError, HttpErrorKind, Request, Response},
    validate::{self, Code, Severity, Validated, validate_orders},
    wire::ProblemCode,
};
use serde_json::{Value, json};
use std::{cell::RefCell, collections::HashMap, collections::HashSet, future::pending, rc::Rc};
use support::SeededRandom;

const NORTHWIND: &[u8] = include_bytes!("data/northwind-orders.json");
const SAMPLE: &[u8] = include_bytes!("data/documented-sample.json");
const RAW: &[u8] = include_bytes!("data/northwind-raw.json");

/// What the browser is to a page: it adds the origin and carries requests to the broker, if the weather lets it.
#[derive(Clone)]
struct Road {
    world: Rc<World>,
    weather: Option<SeededRandom>,
    /// The batches, by key, an answer to which got lost on this road.
    lost: Rc<RefCell<HashSet<String>>>,
}

impl Http for Road {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let path = request.url.strip_prefix("https://broker.example").unwrap().to_owned();
        assert_eq!(path, BULK);
        let headers = request.headers.clone().with("Origin", ORIGIN);
        let key = headers.get("Idempotency-Key").unwrap().to_owned();
        let weather = self.weather.as_ref().map_or(99, |weather| weather.below(24));
        let cut = |kind, message: &str| Err(HttpError { kind, message: message.into(), cause: Default::default() });
        let page = |status, body: &str| Response { status, headers: Headers::new(), body: body.as_bytes().to_vec() };
        match weather {
            // The connection ends before the broker has seen anything; but who could know.
            0 => {
                self.lost.borrow_mut().insert(key);
                return cut(HttpErrorKind::Connection, "refused");
            }
            // A proxy is down; but it says so as well when the broker took too long for it.
            1 => {
                self.lost.borrow_mut().insert(key);
                return Ok(page(503, "<h1>503 Service Temporarily Unavailable</h1>"));
            }
            _ => {}
        }
        let answer = self.world.ask("POST", &path, &headers, WholeBody::new(request.body)).await;
        if weather < 6 {
            self.lost.borrow_mut().insert(key);
        }
        match weather {
            2 => cut(HttpErrorKind::Connection, "cut"),
            3 => cut(HttpErrorKind::Body, "cut"),
            4 => Ok(page(200, "<html>Welcome to the hotel's network")),
            5 => {
                self.world.clock.sleep(40_000).await;
                Ok(answer)
            }
            _ => Ok(answer),
        }
    }
}

/// Hears all that is told.
#[derive(Default)]
struct Witness {
    told: RefCell<Vec<OrderResult>>,
    shown: RefCell<Vec<String>>,
    batches: RefCell<HashMap<usize, String>>,
}

impl Observer for Witness {
    fn event(&self, event: &Event<'_>) {
        self.shown.borrow_mut().push(format!("{event:?} {}", serde_json::to_string(event).unwrap()));
        if let Event::Request { batch_id, orders, .. } = event {
            self.batches.borrow_mut().extend(orders.iter().map(|&index| (index, format!("\"{batch_id}\""))));
        }
    }

    fn progress(&self, progress: &Progress<'_>) {
        self.told.borrow_mut().extend_from_slice(progress.results);
        assert_eq!(progress.done, self.told.borrow().len());
    }
}

/// A submission with all that is needed to judge it.
struct Journey {
    world: Rc<World>,
    input: Vec<u8>,
    validated: Validated,
    submission: Submission,
    witness: Witness,
    road: Road,
}

struct Trip<'a> {
    input: &'a [u8],
    faults: Value,
    duplicates: Duplicates,
    on_ambiguous: OnAmbiguous,
    on_invalid: OnInvalid,
    max_retries: u32,
    weather: Option<u64>,
    seed: u64,
    /// Orders that the merchant does not approve.
    refused_ids: &'a [&'a str],
    /// Rules that are stricter at the broker than at the page.
    severity: Vec<(Code, Option<Severity>)>,
}

impl Default for Trip<'_> {
    fn default() -> Self {
        Self {
            input: NORTHWIND,
            faults: json!({}),
            duplicates: Duplicates::Update,
            on_ambiguous: OnAmbiguous::Report,
            on_invalid: OnInvalid::Stop,
            max_retries: 2,
            weather: None,
            seed: 1,
            refused_ids: &[],
            severity: Vec::new(),
        }
    }
}

impl Trip<'_> {
    fn go(self) -> Journey {
        let faults = FaultPlan::from_json(self.faults.to_string().as_bytes()).unwrap();
        let emulator = EmulatorOptions { duplicates: self.duplicates, faults, ..EmulatorOptions::default() };
        let world = Rc::new(World::new(|options| options.severity = self.severity, emulator));
        *world.ports.hooks.refused_ids.borrow_mut() = self.refused_ids.iter().map(|&id| id.to_owned()).collect();
        let road = Road { world: world.clone(), weather: self.weather.map(SeededRandom::new), lost: Rc::default() };
        let options = Options {
            on_ambiguous: self.on_ambiguous,
            max_retries: self.max_retries,
            ..Options::new("https://broker.example/api")
        };
        let client = Client::new(options, road.clone(), world.clock.clone(), SeededRandom::new(self.seed)).unwrap();
        let input = self.input.to_vec();
        let validated = validate_orders(&input, &validate::Options::default());
        let witness = Witness::default();
        let submit = SubmitOptions { on_invalid: self.on_invalid, ..SubmitOptions::default() };
        let submission = world.clock.run(client.submit(&input, &validated, submit, pending(), &witness)).unwrap();
        world.leaks.shown(&format!("{submission:?} {}", serde_json::to_string(&submission).unwrap()));
        witness.shown.borrow().iter().for_each(|text| world.leaks.shown(text));
        Journey { world, input, validated, submission, witness, road }
    }
}

impl Journey {
    fn count(&self, outcome: Outcome) -> usize {
        self.submission.results.iter().filter(|result| result.outcome == outcome).count()
    }

    /// What must hold whatever went wrong: one outcome for each order, and each is true.
    #[track_caller]
    fn is_honest(&self) {
        let (results, counts) = (&self.submission.results, self.submission.counts);
        assert_eq!(results.len(), self.validated.orders.len());
        for (outcome, count) in [
            (Outcome::Accepted, counts.accepted),
            (Outcome::Rejected, counts.rejected),
            (Outcome::Invalid, counts.invalid),
            (Outcome::Failed, counts.failed),
            (Outcome::Unknown, counts.unknown),
        ] {
            assert_eq!(self.count(outcome), count);
        }
        let told: HashMap<_, _> =
            self.witness.told.borrow().iter().map(|told| (told.order_index, told.outcome)).collect();
        assert_eq!((told.len(), self.witness.told.borrow().len()), (results.len(), results.len()));

        let stored = self.world.api.orders();
        let by_id: HashMap<_, _> = stored.iter().map(|order| (order.order_id.as_str(), order)).collect();
        assert_eq!(by_id.len(), stored.len());
        let mut copies: HashMap<&str, usize> = HashMap::new();
        for order in &stored {
            *copies.entry(&order.client_order_id).or_default() += 1;
        }
        for (index, (result, order)) in results.iter().zip(&self.validated.orders).enumerate() {
            let client_order_id = order.client_order_id.as_deref().unwrap_or_default();
            let copies = copies.get(client_order_id).copied().unwrap_or_default();
            assert_eq!(
                (result.order_index, result.client_order_id.as_deref()),
                (index, order.client_order_id.as_deref())
            );
            assert_eq!(told[&index], result.outcome);
            match result.outcome {
                Outcome::Accepted => {
                    let kept = by_id[result.order_id.as_deref().unwrap()];
                    assert_eq!((kept.client_order_id.as_str(), copies), (client_order_id, 1));
                    assert_eq!(
                        kept.bytes,
                        order.span.of(&self.input),
                        "the bytes that were checked are the bytes that are stored"
                    );
                    assert!(result.transaction_ids.contains(&kept.transaction_id));
                }
                Outcome::Unknown => assert!(self.answer_was_lost(index), "{:?}", result.error),
                Outcome::Rejected | Outcome::Invalid | Outcome::Failed => {
                    assert_eq!(copies, 0, "{:?}", result.error);
                    assert!(result.error.is_some() && result.order_id.is_none());
                }
            }
        }
    }

    /// Whether an answer about the order got lost, on the road to the broker or behind it.
    fn answer_was_lost(&self, index: usize) -> bool {
        let key = &self.witness.batches.borrow()[&index];
        let lost = self.world.line.lost.borrow();
        self.road.lost.borrow().contains(key)
            || self.submission.results[index].transaction_ids.iter().any(|id| lost.contains(id))
    }

    /// How many orders the store has more than once.
    fn doubled(&self) -> usize {
        let stored = self.world.api.orders();
        let distinct: HashSet<_> = stored.iter().map(|order| &order.client_order_id).collect();
        stored.len() - distinct.len()
    }
}

/// One call in four fails.
fn faults(seed: u64) -> Value {
    json!({ "random": { "seed": seed, "probability": 0.25, "faults": [
        "unauthorized", "expire",
        { "fault": "unavailable", "retryAfter": "1", "on": "any" }, { "fault": "unavailable" },
        { "fault": "refuse", "on": "any" }, "cut_before",
        { "fault": "cut_after", "on": "any" }, "cut_body",
        { "fault": "none", "latencyMs": 5_000, "on": "any" }, { "fault": "none", "latencyMs": 60_000 },
        { "fault": "html", "on": "any" }, "truncated", "empty",
    ] } })
}

#[test]
fn eight_hundred_and_thirty_orders_arrive_once_and_in_order() {
    let journey = Trip::default().go();
    journey.is_honest();
    assert_eq!(journey.count(Outcome::Accepted), 830);
    assert_eq!((journey.world.line.bulk_calls(), journey.world.line.token_calls()), (5, 1));
    assert_eq!(journey.world.api.orders().len(), 830);
    assert!(journey.world.api.orders().iter().all(|order| order.revisions == 1));
    assert!(journey.submission.results.iter().all(|result| result.status.as_deref() == Some("RECEIVED")));
}

#[test]
fn the_documented_sample_arrives() {
    let journey = Trip { input: SAMPLE, ..Trip::default() }.go();
    journey.is_honest();
    assert_eq!(journey.count(Outcome::Accepted), 1);
}

#[test]
fn orders_with_errors_stay_at_home() {
    let journey = Trip { input: RAW, ..Trip::default() }.go();
    journey.is_honest();
    assert_eq!((journey.count(Outcome::Invalid), journey.world.line.sent.borrow().len()), (830, 0));
}

#[test]
fn under_faults_nothing_is_doubled_and_each_outcome_is_true() {
    let mut seen = HashSet::new();
    for seed in 1..=12 {
        let duplicates = Duplicates::Create;
        let journey = Trip { faults: faults(seed), duplicates, seed, ..Trip::default() }.go();
        journey.is_honest();
        assert_eq!(journey.doubled(), 0, "seed {seed}");
        seen.extend(journey.submission.results.iter().map(|result| result.outcome as u8));
    }
    assert!(seen.contains(&(Outcome::Accepted as u8)) && seen.contains(&(Outcome::Unknown as u8)));
}

/// None of these seeds refuses a token twice in a row: that ends a batch as failed, since the credentials are wrong then.
#[test]
fn under_faults_all_arrive_if_sending_again_is_allowed() {
    for seed in 1..=12 {
        let on_ambiguous = OnAmbiguous::Resend;
        let journey = Trip { faults: faults(seed), on_ambiguous, max_retries: 12, seed, ..Trip::default() }.go();
        journey.is_honest();
        assert_eq!(journey.count(Outcome::Accepted), 830, "seed {seed}: {:?}", journey.submission.counts);
        assert_eq!(journey.doubled(), 0);
    }
}

#[test]
fn a_bad_road_to_the_broker_doubles_nothing_and_hides_nothing() {
    for seed in 1..=6 {
        let (weather, duplicates) = (Some(seed), Duplicates::Create);
        let journey = Trip { faults: faults(seed), weather, duplicates, seed, ..Trip::default() }.go();
        journey.is_honest();
        assert_eq!(journey.doubled(), 0, "seed {seed}");

        let on_ambiguous = OnAmbiguous::Resend;
        let journey =
            Trip { faults: faults(seed), weather, on_ambiguous, max_retries: 20, seed, ..Trip::default() }.go();
        journey.is_honest();
        assert_eq!(journey.count(Outcome::Accepted), 830, "seed {seed}: {:?}", journey.submission.counts);
    }
}

#[test]
fn orders_that_the_api_refuses_are_rejected_and_the_others_accepted() {
    let faults = json!({ "random": { "probability": 1, "faults": [{ "fault": "refuse_orders", "every": 7 }] } });
    let journey = Trip { faults, ..Trip::default() }.go();
    journey.is_honest();
    // 28 of each 200, 4 of the last 30.
    assert_eq!((journey.count(Outcome::Rejected), journey.count(Outcome::Accepted)), (116, 714));
    let rejected = journey.submission.results.iter().find(|result| result.outcome == Outcome::Rejected).unwrap();
    assert_eq!(rejected.error.as_ref().unwrap().errors[0].error_code.as_deref(), Some("emulator.refused"));
}

#[test]
fn orders_that_the_reply_leaves_out_are_unknown() {
    let faults = json!({ "script": [{ "fault": "omit_entries", "every": 100 }] });
    let journey = Trip { faults, ..Trip::default() }.go();
    assert_eq!((journey.count(Outcome::Unknown), journey.count(Outcome::Accepted)), (2, 828));
    assert_eq!(journey.world.api.orders().len(), 830);
}

#[test]
fn orders_that_the_merchant_does_not_approve_fail_and_the_others_arrive() {
    let refused_ids = ["NW-10248", "NW-10300", "NW-11077"];
    let journey = Trip { refused_ids: &refused_ids, ..Trip::default() }.go();
    journey.is_honest();
    assert_eq!((journey.count(Outcome::Failed), journey.count(Outcome::Accepted)), (3, 827));
    for result in journey.submission.results.iter().filter(|result| result.outcome == Outcome::Failed) {
        assert!(refused_ids.contains(&result.client_order_id.as_deref().unwrap()));
        assert_eq!(result.error.as_ref().unwrap().code, ErrorCode::Problem(ProblemCode::NotApproved));
    }
    assert_eq!(journey.world.line.bulk_calls(), 5);
}

#[test]
fn orders_that_only_the_broker_finds_invalid_stay_behind_and_the_others_arrive() {
    let severity = vec![(Code::DateOrder, Some(Severity::Error))];
    let journey = Trip { severity, ..Trip::default() }.go();
    journey.is_honest();
    // 37 of the Northwind orders were promised before they were shipped.
    assert_eq!((journey.count(Outcome::Invalid), journey.count(Outcome::Accepted)), (37, 793));
}

#[test]
fn orders_of_another_client_fail_and_the_others_arrive() {
    let mut orders: Value = serde_json::from_slice(NORTHWIND).unwrap();
    orders["orders"][250]["clientId"] = "SOUTHWIND".into();
    let input = orders.to_string().into_bytes();
    let journey = Trip { input: &input, ..Trip::default() }.go();
    journey.is_honest();
    assert_eq!((journey.count(Outcome::Failed), journey.count(Outcome::Accepted)), (1, 829));
    assert_eq!(journey.submission.results[250].outcome, Outcome::Failed);
}

#[test]
fn wrong_credentials_fail_every_order_and_say_so() {
    let faults = json!({ "random": { "probability": 1, "faults": [{ "fault": "unauthorized", "on": "token" }] } });
    let journey = Trip { faults, ..Trip::default() }.go();
    journey.is_honest();
    assert_eq!(journey.count(Outcome::Failed), 830);
    let codes: HashSet<_> =
        journey.submission.results.iter().map(|result| result.error.as_ref().unwrap().code).collect();
    assert_eq!(codes, HashSet::from([ErrorCode::Problem(ProblemCode::UpstreamAuth)]));
}

/// In a world where an order that comes twice is stored twice, on a road that loses one answer in six, a page submits the
/// Northwind orders under one id again and again, as a shop does that was cut off. The ledger sends nothing twice, and in the
/// end tells of each order what became of it.
#[test]
fn submitted_again_under_the_same_id_nothing_is_doubled_and_nothing_stays_unknown() {
    for seed in 0..4 {
        let emulator = EmulatorOptions { duplicates: Duplicates::Create, ..EmulatorOptions::default() };
        let mut world = World::new(|_| (), emulator);
        world.ports.ledger = Some(Rc::new(Books::new(&world.clock)));
        let world = Rc::new(world);
        let validated = validate_orders(NORTHWIND, &validate::Options::default());
        let mut lost = 0;
        for round in 0..20 {
            let weather = Some(SeededRandom::new(100 * seed + round));
            let road = Road { world: world.clone(), weather, lost: Rc::default() };
            let options = Options::new("https://broker.example/api");
            let client = Client::new(options, road, world.clock.clone(), SeededRandom::new(seed)).unwrap();
            let submit = SubmitOptions { submission_id: Some("checkout-7".into()), ..SubmitOptions::default() };
            let witness = Witness::default();
            let asked = client.submit(NORTHWIND, &validated, submit, pending(), &witness);
            let submission = world.clock.run(asked).unwrap();
            lost += submission.counts.unknown;

            let stored = world.api.orders();
            let by_id: HashMap<_, _> = stored.iter().map(|order| (&*order.client_order_id, &*order.order_id)).collect();
            assert_eq!(by_id.len(), stored.len(), "seed {seed}, round {round}: doubled");
            for result in submission.results.iter().filter(|result| result.outcome == Outcome::Accepted) {
                let id = result.client_order_id.as_deref().unwrap();
                assert_eq!(result.order_id.as_deref(), by_id.get(id).copied(), "seed {seed}, round {round}");
            }
            if submission.counts.accepted == validated.orders.len() {
                break;
            }
            assert!(round < 19, "seed {seed}: {:?}", submission.counts);
        }
        assert!(lost > 0 || seed > 0, "the weather was too good to show anything");
    }
}
