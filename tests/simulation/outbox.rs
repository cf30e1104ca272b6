//! Outboxes: objects with a table and an alarm, both of which outlive them.

use crate::{
    line::Line,
    machine::{Machine, Process, SimClock},
    shop::VaultLine,
    support::{SeededRandom, table::up_to},
    weather::{Trouble, Weather},
    world::World,
};
use pb_fulfillment::{
    broker::{HookError, Upstream},
    outbox::{OrderOutcome, Outbox, OutboxOptions, Outcomes, WorkPorts},
    ports::{Clock, StoreError, Table, Wake, Write},
    wire::OnAmbiguous,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

pub type OutboxOf = Outbox<SimTable, SimClock, SeededRandom>;

/// How long the alarm waits before it rings again when its work has failed.
const AGAIN_MS: u64 = 2_000;

/// A table that outlives its outbox. Clones are the same one.
#[derive(Clone)]
pub struct SimTable(Rc<Rows>);

struct Rows {
    machine: Machine,
    weather: Weather,
    rows: RefCell<BTreeMap<String, Vec<u8>>>,
    alarm: Cell<Wake>,
    /// Whoever waits for the alarm to be set anew.
    waker: Cell<Option<Waker>>,
}

impl SimTable {
    fn new(machine: &Machine, weather: &Weather) -> Self {
        let (rows, waker) = Default::default();
        let (machine, weather, alarm) = (machine.clone(), weather.clone(), Cell::new(Wake::Never));
        Self(Rc::new(Rows { machine, weather, rows, alarm, waker }))
    }

    /// All that is in it.
    pub fn rows(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.rows.borrow().clone()
    }

    fn set_alarm(&self, wake: Wake) {
        self.0.alarm.set(wake);
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }

    /// Waits until the alarm has been set, to whatever it may be.
    async fn is_set(&self) {
        let mut polled = false;
        poll_fn(|context| {
            if std::mem::replace(&mut polled, true) {
                return Poll::Ready(());
            }
            self.0.waker.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    fn failure<T>() -> Result<T, StoreError> {
        Err(StoreError("the table does not answer".into()))
    }

    async fn read(&self) -> Result<(), StoreError> {
        self.0.machine.sleep(self.0.machine.below(2)).await;
        if self.0.weather.happens_in(Trouble::StoreFailedBefore, 4_000) { Self::failure() } else { Ok(()) }
    }
}

/// A write that has not ended.
struct Open<'a>(&'a Weather);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.saw(Trouble::TornWrite);
    }
}

impl Table for SimTable {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read().await?;
        Ok(self.0.rows.borrow().get(key).cloned())
    }

    async fn list(
        &self,
        from: &str,
        to: &str,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.read().await?;
        let rows = self.0.rows.borrow();
        let range = rows.range(from.to_owned()..to.to_owned());
        let range = range.take(limit).map(|(key, value)| (key.clone(), value.clone()));
        Ok(up_to(max_bytes, range))
    }

    /// All of it or nothing, at once or at the end of the wait, so that a crash on the way leaves either.
    async fn commit(&self, writes: Vec<Write>, wake: Wake) -> Result<(), StoreError> {
        let (machine, weather) = (&self.0.machine, &self.0.weather);
        if weather.happens(Trouble::StoreFailedBefore) {
            return Self::failure();
        }
        let early = machine.below(2) == 0;
        let mut writes = Some(writes);
        let mut act = || {
            for write in writes.take().into_iter().flatten() {
                match write {
                    Write::Put(key, value) => drop(self.0.rows.borrow_mut().insert(key, value)),
                    Write::Delete(key) => drop(self.0.rows.borrow_mut().remove(&key)),
                }
            }
            self.set_alarm(wake);
        };
        if early {
            act();
        }
        let open = Open(weather);
        machine.sleep(machine.below(4)).await;
        std::mem::forget(open);
        if !early {
            act();
        }
        if weather.happens(Trouble::StoreFailedAfter) { Self::failure() } else { Ok(()) }
    }
}

/// An outbox, in memory or not.
pub struct Box {
    pub process: Process,
    pub table: SimTable,
    pub on_ambiguous: OnAmbiguous,
    pub life: RefCell<Option<Rc<OutboxOf>>>,
}

impl Box {
    pub fn new(machine: &Machine, weather: &Weather) -> Self {
        let on_ambiguous = if machine.below(3) == 0 { OnAmbiguous::Resend } else { OnAmbiguous::Report };
        let (process, table) = (machine.new_process(), SimTable::new(machine, weather));
        Self { process, table, on_ambiguous, life: RefCell::default() }
    }
}

/// How long an order is tried, its data kept, its outcome kept, in milliseconds.
pub const GIVE_UP_MS: u64 = 1_200_000;
const PURGE_MS: u64 = 6 * 3_600_000;
const FORGET_MS: u64 = 24 * 3_600_000;

impl World {
    /// The outbox, made anew if it is not in memory.
    pub fn wake_outbox(&self, index: usize) -> Rc<OutboxOf> {
        let of = &self.outboxes[index];
        let make = || {
            let mut options = OutboxOptions::new(Upstream::Sandbox);
            options.on_ambiguous = of.on_ambiguous;
            options.give_up_after_ms = GIVE_UP_MS;
            options.purge_after_ms = PURGE_MS;
            options.forget_after_ms = FORGET_MS;
            options.limits.concurrency = 3;
            Rc::new(Outbox::new(options, of.table.clone(), self.machine.clock(of.process), self.random.clone()))
        };
        of.life.borrow_mut().get_or_insert_with(make).clone()
    }

    /// Rings the alarm of an outbox when it is due, as long as there is something to ring for.
    pub async fn ring(self: Rc<Self>, index: usize) {
        let of = &self.outboxes[index];
        let clock = self.machine.clock(of.process);
        loop {
            let Wake::At(at_ms) = of.table.0.alarm.get() else {
                of.table.is_set().await;
                continue;
            };
            let wait_ms = at_ms.saturating_sub(clock.now_ms());
            if wait_ms > 0 {
                // The clock may be set meanwhile, and so may the alarm.
                let (again, time) =
                    (std::pin::pin!(of.table.is_set()), std::pin::pin!(clock.sleep(wait_ms.min(600_000))));
                futures_util::future::select(again, time).await;
                continue;
            }
            of.table.0.alarm.set(Wake::Never);
            let world = self.clone();
            let work = async move {
                let ports = WorkPorts {
                    http: Line::of_outbox(&world),
                    vault: VaultLine(world.clone()),
                    outcomes: Listener(world.clone(), index),
                };
                world.wake_outbox(index).work(&ports).await
            };
            let done = matches!(self.machine.call(of.process, work).await, Some(Ok(())));
            if !done {
                self.machine.sleep(AGAIN_MS).await;
                // It rings again, and what was set since will be set anew.
                of.table.0.alarm.set(Wake::At(clock.now_ms()));
            }
        }
    }
}

/// Whoever hears of the outcomes of an outbox.
struct Listener(Rc<World>, usize);

impl Outcomes for Listener {
    async fn tell(&self, outcomes: &[OrderOutcome]) -> Result<usize, HookError> {
        let (machine, weather) = (&self.0.machine, &self.0.weather);
        machine.sleep(machine.below(20)).await;
        if weather.happens(Trouble::HookFailed) {
            return Err(HookError);
        }
        // It need not take all of them at once.
        let most = outcomes.len().min(1 + usize::try_from(machine.below(100)).unwrap());
        self.0.slips[self.1].told(&self.0, &outcomes[..most]);
        machine.sleep(machine.below(20)).await;
        if weather.happens(Trouble::HookFailed) { Err(HookError) } else { Ok(most) }
    }
}
