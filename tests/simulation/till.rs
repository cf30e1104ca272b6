//! Tills: programs that hand orders to an outbox until they have receipts, and the person who looks after its lists.

use crate::{
    machine::Machine,
    outbox::GIVE_UP_MS,
    page::order,
    weather::{Trouble, Weather},
    world::World,
};
use pb_fulfillment::{
    outbox::{List, OrderOutcome, OrderRecord, OrderState, Receipt, Refusal},
    wire::ProblemCode,
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// How long after the last receipt all orders must have ended, in milliseconds: the time to give up, the longest wait and what
/// clocks that are set back add to it.
const PATIENCE_MS: u64 = GIVE_UP_MS + 3 * 3_600_000;

/// What the tills of an outbox know.
#[derive(Default)]
pub struct Slips {
    /// The orders that are to be sent, as bodies; a few orders each.
    pub bodies: Vec<Vec<(String, Vec<u8>)>>,
    /// The texts of orders that the outbox may have stored: not all of them have a receipt.
    pub handed_in: RefCell<BTreeSet<Vec<u8>>>,
    /// The orders that have a receipt: number and bytes.
    pub receipts: RefCell<BTreeMap<u64, (String, Vec<u8>)>>,
    /// What was told, by number.
    pub told: RefCell<BTreeMap<u64, OrderOutcome>>,
    /// Orders that the API refuses a whole request for.
    pub guilty: BTreeSet<String>,
    /// Orders that were sent again by a person although nobody knew what had become of them.
    pub resent: RefCell<BTreeSet<String>>,
    /// How many tills have not ended.
    pub busy: Cell<usize>,
    pub done: Cell<bool>,
}

impl Slips {
    pub fn new(machine: &Machine, weather: &Weather, number: usize) -> Self {
        let mut slips = Self::default();
        let count = if weather.happens(Trouble::Large) { 201 + machine.below(40) } else { 1 + machine.below(10) };
        let mut left: Vec<String> = (0..count).map(|index| format!("o{number}-{index}")).collect();
        while !left.is_empty() {
            let most = if count > 100 { 60 } else { 4 };
            let size = usize::try_from(1 + machine.below(most)).unwrap().min(left.len());
            let orders: Vec<_> = left.drain(..size).collect();
            for id in &orders {
                if weather.happens(Trouble::Guilty) {
                    slips.guilty.insert(id.clone());
                }
            }
            let text = |id: String| {
                let text = order(&id, "first", true, machine).into_bytes();
                (id, text)
            };
            slips.bodies.push(orders.into_iter().map(text).collect());
        }
        slips.busy.set(slips.bodies.len());
        slips
    }

    /// An outcome is told: once or more often, but always the same.
    pub fn told(&self, world: &World, outcomes: &[OrderOutcome]) {
        world.judge.shown(&serde_json::to_string(outcomes).unwrap());
        for outcome in outcomes {
            let what = || {
                format!("told {} {} {:?} {:?}", outcome.client_order_id, outcome.number, outcome.outcome, outcome.code)
            };
            world.machine.tell(what);
            let plain = OrderOutcome { errors: Vec::new(), ..outcome.clone() };
            let before = self.told.borrow_mut().insert(outcome.number, plain.clone());
            assert!(before.is_none_or(|before| before == plain), "an order ends in two ways: {plain:?}");
        }
    }
}

fn body(orders: &[(String, Vec<u8>)]) -> Vec<u8> {
    let texts: Vec<_> = orders.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    format!("{{ \"orders\" :[{}]}}", texts.join(" , ")).into_bytes()
}

impl World {
    /// Whether the request has an order that the API refuses it for.
    pub fn is_guilty(&self, body: &[u8]) -> bool {
        let body = String::from_utf8_lossy(body);
        let mut guilty = self.slips.iter().flat_map(|slips| &slips.guilty);
        guilty.any(|id| body.contains(&format!("\"{id}\"")))
    }

    /// Hands in the orders of a body until there is a receipt for each of them.
    pub async fn till(self: Rc<Self>, index: usize, number: usize) {
        let slips = &self.slips[index];
        let orders = slips.bodies[number].clone();
        self.machine.sleep(self.machine.below(20_000)).await;
        let mut again = true;
        while again {
            again = match self.hand_in(index, &orders).await {
                // Somebody who has a receipt may ask for another.
                Some(Ok(_)) => self.weather.happens(Trouble::Repeated),
                Some(Err(refusal)) => {
                    let codes = [ProblemCode::OutboxUnavailable, ProblemCode::OutboxFull];
                    assert!(codes.map(Some).contains(&refusal.problem.code), "{refusal:?}");
                    true
                }
                None => true,
            };
            self.machine.sleep(self.machine.below(5_000)).await;
        }
        if self.weather.happens(Trouble::Edited) {
            self.hand_in_edited(index, &orders).await;
        }
        slips.busy.set(slips.busy.get() - 1);
        if slips.busy.get() == 0 {
            self.look_after(index).await;
        }
    }

    /// What the outbox answers; nothing if the answer is lost.
    async fn hand_in(
        self: &Rc<Self>,
        index: usize,
        orders: &[(String, Vec<u8>)],
    ) -> Option<Result<Vec<Receipt>, Refusal>> {
        let slips = &self.slips[index];
        slips.handed_in.borrow_mut().extend(orders.iter().map(|(_, bytes)| bytes.clone()));
        if self.weather.happens(Trouble::RequestDoubled) {
            let (world, orders) = (self.clone(), orders.to_vec());
            let process = self.outboxes[index].process;
            self.machine.spawn(process, async move {
                world.machine.sleep(world.machine.below(6_000)).await;
                drop(world.wake_outbox(index).enqueue(&body(&orders)).await);
            });
        }
        let (world, text) = (self.clone(), body(orders));
        let work = async move { world.wake_outbox(index).enqueue(&text).await };
        let answer = self.call(self.outboxes[index].process, work).await;
        if let Some(Ok(receipts)) = &answer {
            assert_eq!(receipts.len(), orders.len());
            for (receipt, (id, bytes)) in receipts.iter().zip(orders) {
                assert_eq!(&receipt.client_order_id, id);
                self.machine.tell(|| format!("receipt of {id}: {}", receipt.number));
                slips.receipts.borrow_mut().insert(receipt.number, (id.clone(), bytes.clone()));
            }
        }
        answer
    }

    /// Other bytes under the ids of orders that the outbox has: it takes them only in the place of what ended absent.
    async fn hand_in_edited(self: &Rc<Self>, index: usize, orders: &[(String, Vec<u8>)]) {
        let edit = |(id, bytes): &(String, Vec<u8>)| {
            let text = String::from_utf8_lossy(bytes).replace("\"Ada\"", "\"Ada Byron\"");
            (id.clone(), text.into_bytes())
        };
        let edited: Vec<_> = orders.iter().map(edit).collect();
        self.judge.check_in(edited.iter().map(|(_, bytes)| bytes.clone()));
        if let Some(Err(refusal)) = self.hand_in(index, &edited).await {
            let code = refusal.problem.code.unwrap();
            self.machine.tell(|| format!("other bytes are refused by {}", code.name()));
        }
    }

    /// Waits until all orders have ended, then does something about those that ended badly, and waits again.
    async fn look_after(self: &Rc<Self>, index: usize) {
        let slips = &self.slips[index];
        self.all_end(index).await;
        // What is still on its way to the API is there by then.
        self.machine.sleep(120_000).await;
        for list in [List::Unknown, List::DeadLetters] {
            for record in self.letters(index, list).await {
                if self.machine.below(3) > 0 {
                    continue;
                }
                let (client_id, id) = (record.client_id.clone(), record.client_order_id.clone());
                let there = self.judge.is_stored(&id);
                assert!(!there || record.state == OrderState::Unknown, "{id} is {:?} and there", record.state);
                self.machine.tell(|| format!("a person looks after {id}, which is {:?}", record.state));
                let world = self.clone();
                let process = self.outboxes[index].process;
                if there {
                    let work = async move { world.wake_outbox(index).dismiss(&client_id, &id).await.map(drop) };
                    drop(self.call(process, work).await);
                } else {
                    self.weather.saw(Trouble::SentAnew);
                    slips.resent.borrow_mut().insert(id.clone());
                    let work = async move { world.wake_outbox(index).resend(&client_id, &id, None).await };
                    if let Some(Ok(again)) = self.call(process, work).await {
                        let receipt = (again.client_order_id, self.bytes_of(index, record.number));
                        slips.receipts.borrow_mut().insert(again.number, receipt);
                    }
                }
            }
        }
        self.all_end(index).await;
        slips.done.set(true);
    }

    fn bytes_of(&self, index: usize, number: u64) -> Vec<u8> {
        let receipts = self.slips[index].receipts.borrow();
        receipts.get(&number).map(|(_, bytes)| bytes.clone()).unwrap_or_default()
    }

    async fn letters(self: &Rc<Self>, index: usize, list: List) -> Vec<OrderRecord> {
        for _ in 0..20 {
            let world = self.clone();
            let work = async move { world.wake_outbox(index).list(list, 0, 200).await };
            if let Some(Ok(page)) = self.call(self.outboxes[index].process, work).await {
                return page.letters.into_iter().map(|letter| letter.record).collect();
            }
        }
        Vec::new()
    }

    /// An order with a receipt is never lost: its outcome is told, and whoever asks hears the same.
    async fn all_end(self: &Rc<Self>, index: usize) {
        let slips = &self.slips[index];
        let until_ms = self.machine.elapsed_ms() + PATIENCE_MS;
        loop {
            let open: Vec<u64> = {
                let (receipts, told) = (slips.receipts.borrow(), slips.told.borrow());
                receipts.keys().filter(|number| !told.contains_key(number)).copied().collect()
            };
            if open.is_empty() {
                break;
            }
            assert!(self.machine.elapsed_ms() < until_ms, "outbox {index} has lost the orders {open:?}");
            self.machine.sleep(5_000).await;
        }
        let ids: BTreeSet<String> = slips.receipts.borrow().values().map(|(id, _)| id.clone()).collect();
        for id in ids {
            let (world, asked) = (self.clone(), id.clone());
            let work = async move { world.wake_outbox(index).status("1234", &asked).await };
            // The answer may take its time, and more be told meanwhile.
            let told = slips.told.borrow().clone();
            let Some(Ok(record)) = self.call(self.outboxes[index].process, work).await else { continue };
            let record = record.expect("an order that was not forgotten is not known");
            let told = told.get(&record.number).cloned();
            // One that was sent anew has not ended yet, perhaps.
            if let Some(told) = told {
                assert_eq!((told.outcome, &told.order_id), (record.state, &record.order_id), "{id}");
                assert_eq!((told.code, told.transaction_ids), (record.code, record.transaction_ids), "{id}");
            } else {
                assert!(!record.state.has_ended() || !slips.receipts.borrow().contains_key(&record.number), "{id}");
            }
        }
    }
}
