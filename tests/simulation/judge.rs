//! What must hold, whatever happens.

use crate::{
    leaks::Leaks,
    page::{Origin, Page, Run},
    till::Slips,
    weather::Trouble,
    world::{API_KEY, API_SECRET, CALLS_PER_SECOND, World},
};
use pb_fulfillment::{
    client::{OnAmbiguous, OrderResult, Outcome},
    emulator::StoredOrder,
    outbox::OrderState,
    ports::{Request, Response},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
};

/// Notes what happens, and says when something does not hold.
pub struct Judge {
    /// The texts of the orders that may be sent, as they were checked.
    checked: RefCell<BTreeSet<Vec<u8>>>,
    leaks: Leaks,
    /// Each time that the API stored an order.
    stored: RefCell<Vec<Stored>>,
    transactions: RefCell<BTreeSet<String>>,
    /// When the latest calls of outboxes began.
    begun: RefCell<VecDeque<u64>>,
    /// How many orders ended how.
    pub outcomes: RefCell<BTreeMap<&'static str, u64>>,
}

struct Stored {
    client_order_id: String,
    bytes: Vec<u8>,
    order_id: String,
    transaction_id: String,
    /// Which request of a page it was for; nothing for an outbox.
    origin: Option<Origin>,
}

impl Judge {
    pub fn new(pages: &[Page], slips: &[Slips]) -> Self {
        let valid = |page: &Page| -> Vec<Vec<u8>> {
            let orders =
                page.inputs.iter().flat_map(|(input, found)| found.orders.iter().map(move |order| (input, order)));
            orders.filter(|(_, order)| order.errors == 0).map(|(input, order)| order.span.of(input).to_vec()).collect()
        };
        let handed_in = slips.iter().flat_map(|slips| slips.bodies.iter().flatten().map(|(_, bytes)| bytes.clone()));
        Self {
            checked: RefCell::new(pages.iter().flat_map(valid).chain(handed_in).collect()),
            begun: RefCell::default(),
            leaks: Leaks::new(&[API_KEY, API_SECRET]),
            stored: RefCell::default(),
            transactions: RefCell::default(),
            outcomes: RefCell::default(),
        }
    }

    /// Somebody is shown this who must not see a secret.
    pub fn shown(&self, text: &str) {
        self.leaks.shown(text);
    }

    /// The API has handed out a token.
    pub fn token(&self, body: &[u8]) {
        let reply: Value = serde_json::from_slice(body).unwrap_or_default();
        if let Some(token) = reply["access_token"].as_str() {
            self.leaks.secret(token);
        }
    }

    /// A request leaves for the API: secrets are in its Authorization and nowhere else.
    pub fn sent(&self, request: &Request) {
        self.shown(&request.url);
        let others = request.headers.iter().filter(|(name, _)| *name != "Authorization");
        others.for_each(|(name, value)| self.shown(&format!("{name}: {value}")));
        assert!(request.headers.get("Authorization").is_some());
    }

    /// A bulk request arrives at the API: each of its orders is one that was checked, byte for byte.
    pub fn arrived(&self, request: &Request) {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            orders: Vec<&'a RawValue>,
        }
        let body: Body<'_> = serde_json::from_slice(&request.body).expect("the API got what is no request");
        assert!((1..=200).contains(&body.orders.len()));
        for order in body.orders {
            assert!(self.checked.borrow().contains(order.get().as_bytes()), "the API got other bytes: {order}");
        }
    }

    /// Whether the API gets this transaction id for the first time.
    pub fn is_new(&self, transaction: &str) -> bool {
        self.transactions.borrow_mut().insert(transaction.to_owned())
    }

    /// Orders that are given to be sent.
    pub fn check_in(&self, texts: impl Iterator<Item = Vec<u8>>) {
        self.checked.borrow_mut().extend(texts);
    }

    /// A call of an outbox begins: never more within a second than are leased out. A vault whose clock is set forward cannot know.
    pub fn began(&self, world: &World) {
        let (now_ms, mut begun) = (world.machine.elapsed_ms(), self.begun.borrow_mut());
        begun.push_back(now_ms);
        begun.retain(|at_ms| at_ms + 1_000 > now_ms);
        let jumps = world.weather.can(Trouble::ClockForward) || world.weather.can(Trouble::ClockBack);
        let most = usize::try_from(CALLS_PER_SECOND).unwrap();
        assert!(jumps || begun.len() <= most, "{} calls began within a second", begun.len());
    }

    /// The API has stored an order.
    pub fn stored(&self, world: &World, order: &StoredOrder, origin: Option<Origin>) {
        let (client_order_id, order_id) = (order.client_order_id.clone(), order.order_id.clone());
        world.machine.note(client_order_id.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte)));
        world.machine.tell(|| format!("the API stores {client_order_id} as {order_id}, for {origin:?}"));
        let (bytes, transaction_id) = (order.bytes.clone(), order.transaction_id.clone());
        self.stored.borrow_mut().push(Stored { client_order_id, bytes, order_id, transaction_id, origin });
    }

    /// Whether the API has an order of that id.
    pub fn is_stored(&self, client_order_id: &str) -> bool {
        self.stored.borrow().iter().any(|stored| stored.client_order_id == client_order_id)
    }

    /// Whether the API has these very bytes.
    pub fn has_stored(&self, bytes: &[u8]) -> bool {
        self.stored.borrow().iter().any(|stored| stored.bytes == bytes)
    }

    /// The broker answers.
    pub fn answered(&self, answer: &Response) {
        for (name, value) in answer.headers.iter() {
            self.shown(&format!("{name}: {value}"));
        }
        self.shown(&String::from_utf8_lossy(&answer.body));
    }

    /// What holds after each step.
    pub fn step(&self, world: &World) {
        let calls = world.token_calls.get();
        assert!(calls <= 1, "{calls} refreshes of one token are under way");
    }

    /// What holds when all is over.
    pub fn end(&self, world: &World) {
        for object in world.ledger.borrow().values() {
            object.disk.values().values().for_each(|value| self.shown(&String::from_utf8_lossy(value)));
        }
        for outbox in &world.outboxes {
            outbox.table.rows().values().for_each(|value| self.shown(&String::from_utf8_lossy(value)));
        }
        self.leaks.check();
        for (outbox, slips) in world.outboxes.iter().zip(&world.slips) {
            self.slips_are_true(world, outbox.on_ambiguous, slips);
        }
        let kept = world.api.orders().into_iter().map(|order| (order.order_id.clone(), order)).collect();
        for (number, page) in world.pages.iter().enumerate() {
            let runs = page.runs.borrow();
            for (index, run) in runs.iter().enumerate() {
                self.run_is_whole(page, run);
                run.told.iter().for_each(|result| self.result_is_true(&kept, (page, number), (run, index), result));
            }
            // Whoever sends again what is in doubt has chosen that there may be two.
            if page.on_ambiguous == OnAmbiguous::Report {
                self.runs_agree(&runs);
                self.nothing_is_doubled(page);
            }
            if world.weather.is_calm() {
                all_is_well(&runs);
            }
        }
    }

    /// The table of outcomes, for an outbox.
    fn slips_are_true(&self, world: &World, on_ambiguous: OnAmbiguous, slips: &Slips) {
        assert!(slips.done.get(), "a till has never ended");
        let (stored, receipts) = (self.stored.borrow(), slips.receipts.borrow());
        for (number, told) in slips.told.borrow().iter() {
            *self.outcomes.borrow_mut().entry(told.outcome.name()).or_default() += 1;
            let Some((id, bytes)) = receipts.get(number) else { continue };
            let mut its = stored
                .iter()
                .filter(|stored| &stored.bytes == bytes && told.transaction_ids.contains(&stored.transaction_id));
            match told.outcome {
                OrderState::Accepted => {
                    let given = told.order_id.as_deref().unwrap();
                    let ever = stored.iter().any(|stored| &stored.bytes == bytes && stored.order_id == given);
                    assert!(ever, "{id} was never stored as {given}, not with these bytes");
                }
                OrderState::Rejected | OrderState::Dead => {
                    assert!(its.next().is_none(), "{id} is {:?} and was stored", told.outcome);
                }
                // One that was unknown before may be given up without another attempt.
                OrderState::Unknown => assert!(told.attempts > 0 || slips.resent.borrow().contains(id), "{told:?}"),
                state => panic!("{id} is told to have ended as {state:?}"),
            }
            if world.weather.is_calm() {
                let expected = if slips.guilty.contains(id) { OrderState::Rejected } else { OrderState::Accepted };
                assert_eq!(told.outcome, expected, "{told:?}");
            }
        }
        if on_ambiguous == OnAmbiguous::Report {
            let ids: BTreeSet<&str> = receipts.values().map(|(id, _)| id.as_str()).collect();
            for id in ids {
                let times = stored.iter().filter(|stored| stored.client_order_id == id).count();
                assert!(times <= 1, "{id} was stored {times} times");
            }
        }
    }

    /// Each order has one outcome, which is the one that was told on the way.
    fn run_is_whole(&self, page: &Page, run: &Run) {
        let told: BTreeSet<_> = run.told.iter().map(|result| result.order_index).collect();
        assert_eq!(told.len(), run.told.len(), "a result was told twice");
        let Some(end) = &run.end else { return };
        let indices: Vec<_> = end.results.iter().map(|result| result.order_index).collect();
        assert_eq!(indices, (0..page.inputs[0].1.orders.len()).collect::<Vec<_>>());
        for result in &end.results {
            let told = run.told.iter().find(|told| told.order_index == result.order_index).expect("never told");
            assert_eq!((told.outcome, &told.order_id), (result.outcome, &result.order_id));
            *self.outcomes.borrow_mut().entry(name(result.outcome)).or_default() += 1;
        }
    }

    /// The table of outcomes: what is accepted is there, and of what is anything but unknown nothing was stored.
    fn result_is_true(
        &self,
        kept: &BTreeMap<String, StoredOrder>,
        (page, number): (&Page, usize),
        (run, index): (&Run, usize),
        result: &OrderResult,
    ) {
        let order = &page.inputs[run.input].1.orders[result.order_index];
        let id = order.client_order_id.as_deref().unwrap();
        let stored = self.stored.borrow();
        let bytes = page.bytes(run, result.order_index);
        // A doubled request that arrives when its own answer is long known is one of nobody's any more.
        let mut its = stored.iter().filter(|stored| {
            let is_its = |origin: Origin| (origin.page, origin.run) == (number, index) && !origin.copy;
            stored.bytes == bytes && stored.origin.is_some_and(is_its)
        });
        match result.outcome {
            Outcome::Accepted => {
                let given = result.order_id.as_deref().unwrap();
                let ever = stored.iter().any(|stored| stored.bytes == bytes && stored.order_id == given);
                assert!(ever, "{id} was never stored as {given}, not with these bytes");
                let kept = kept.get(given).expect("what was accepted is lost");
                assert!(self.checked.borrow().contains(&kept.bytes));
            }
            Outcome::Invalid => {
                assert!(order.errors > 0 && stored.iter().all(|stored| stored.bytes != bytes), "{id}");
            }
            Outcome::Rejected | Outcome::Failed => {
                assert!(its.next().is_none(), "{id} is {:?} and was stored", result.outcome);
            }
            Outcome::Unknown => assert!(result.attempts > 0 && result.error.is_some()),
        }
    }

    /// Whoever asks again is told the same.
    fn runs_agree(&self, runs: &[Run]) {
        let mut ended: Vec<&Run> = runs.iter().filter(|run| run.ended > 0).collect();
        ended.sort_by_key(|run| run.ended);
        for (index, earlier) in ended.iter().enumerate() {
            let later = ended[index + 1..].iter().filter(|later| later.after >= earlier.ended);
            for later in later.filter(|later| later.input == earlier.input) {
                for (before, after) in earlier.told.iter().zip_by(&later.told) {
                    if before.outcome == Outcome::Accepted {
                        let same = after.outcome != Outcome::Accepted || after.order_id == before.order_id;
                        let told = (after.outcome, &after.order_id);
                        assert!(same && after.outcome != Outcome::Rejected, "{before:?}, and later {told:?}");
                    }
                }
            }
        }
    }

    /// No order is stored twice, neither as it was nor as it was changed.
    fn nothing_is_doubled(&self, page: &Page) {
        let [(input, found), (edited, found_again)] = &page.inputs;
        for (order, again) in found.orders.iter().zip(&found_again.orders) {
            let texts = [order.span.of(input), again.span.of(edited)];
            let times = self.stored.borrow().iter().filter(|stored| texts.contains(&stored.bytes.as_slice())).count();
            assert!(times <= 1, "{:?} was stored {times} times", order.client_order_id);
        }
    }
}

/// Where nothing goes wrong, all is accepted, at the first attempt and by whoever asks again.
fn all_is_well(runs: &[Run]) {
    for run in runs {
        let end = run.end.as_ref().expect("a page in fair weather came to an end");
        for result in &end.results {
            assert_eq!(result.outcome, Outcome::Accepted, "{result:?}");
        }
    }
}

trait ZipBy<'a>: Iterator<Item = &'a OrderResult> + Sized {
    /// Each result with that for the same order.
    fn zip_by(self, others: &'a [OrderResult]) -> impl Iterator<Item = (&'a OrderResult, &'a OrderResult)> {
        self.filter_map(|one| {
            others.iter().find(|other| other.order_index == one.order_index).map(|other| (one, other))
        })
    }
}

impl<'a, I: Iterator<Item = &'a OrderResult>> ZipBy<'a> for I {}

const fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Rejected => "rejected",
        Outcome::Invalid => "invalid",
        Outcome::Failed => "failed",
        Outcome::Unknown => "unknown",
    }
}
