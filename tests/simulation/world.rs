//! What there is: pages, isolates of the broker, the objects of its ledger, the vault, the API.

use crate::{
    disk::Disk,
    judge::Judge,
    line::Line,
    machine::{Machine, Process, SimClock},
    outbox::Box,
    page::Page,
    support::SeededRandom,
    till::Slips,
    weather::{Trouble, Weather},
};
use pb_fulfillment::{
    broker::{Broker, BrokerOptions, CallLeases, Credentials, LedgerEntry, LedgerTimes, Secret, TokenVault, Upstream},
    emulator::{Duplicates, Emulator, EmulatorOptions},
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

pub const ORIGIN: &str = "https://shop.example.com";
/// Characters that base64 and URLs write in other ways.
pub const API_KEY: &str = "k3y/K\u{e9}y+0123456789";
pub const API_SECRET: &str = "s3cr3t?>~\u{ff}&=%:+/9876543210";

/// How many calls a second the vault leases out to outboxes.
pub const CALLS_PER_SECOND: u32 = 3;

/// How long a run may last before it counts as one that never ends: longer than all waits and clock jumps together.
const LONGEST_MS: u64 = 96 * 3_600_000;
const MOST_STEPS: u64 = 400_000;

pub type Vault = TokenVault<Line, SimClock, Disk>;
pub type Entry = LedgerEntry<SimClock, Disk>;

/// What is left of an object when it crashes, and what is not.
pub struct Object<T> {
    pub process: Process,
    pub disk: Disk,
    pub life: RefCell<Option<Rc<T>>>,
}

impl<T> Object<T> {
    fn new(machine: &Machine, weather: &Weather) -> Rc<Self> {
        let process = machine.new_process();
        Rc::new(Self { process, disk: Disk::new(machine, weather), life: RefCell::default() })
    }

    /// The object, made anew if it is not in memory.
    pub fn wake(&self, make: impl FnOnce() -> T) -> Rc<T> {
        self.life.borrow_mut().get_or_insert_with(|| Rc::new(make())).clone()
    }
}

/// A broker as it is in one isolate.
pub struct Isolate {
    pub process: Process,
    pub broker: RefCell<Rc<Broker>>,
}

pub struct World {
    pub machine: Machine,
    pub weather: Weather,
    pub random: SeededRandom,
    pub judge: Judge,
    /// The outside: the API, the people, the alarms. It never crashes.
    pub outside: Process,
    pub api: Emulator<SimClock, SeededRandom>,
    pub isolates: Vec<Isolate>,
    pub vault: Rc<Object<Vault>>,
    /// How many token calls of the vault's present life are under way.
    pub token_calls: Cell<u64>,
    /// What the vault leases out, as long as it lives.
    pub leases: RefCell<Option<Rc<CallLeases<SimClock>>>>,
    /// Which life of the vault it is.
    pub vault_life: Cell<u64>,
    pub has_ledger: bool,
    pub ledger: RefCell<BTreeMap<String, Rc<Object<Entry>>>>,
    pub pages: Vec<Page>,
    pub outboxes: Vec<Box>,
    /// What the tills of each outbox know.
    pub slips: Vec<Slips>,
}

impl World {
    pub fn new(seed: u64) -> Rc<Self> {
        let machine = Machine::new(seed);
        let weather = Weather::choose(&machine);
        let random = SeededRandom::new(!seed);
        let outside = machine.new_process();
        let below = |bound| machine.below(bound);
        let options = EmulatorOptions {
            api_key: API_KEY.into(),
            api_secret: API_SECRET.into(),
            duplicates: if below(2) == 0 { Duplicates::Create } else { Duplicates::Update },
            // A life too short to be kept, one that ends on the way, the documented one.
            token_lifetime_s: [20, 100, 200, 35_999][usize::try_from(below(4)).unwrap()],
            ..EmulatorOptions::default()
        };
        let api = Emulator::new(options, machine.clock(outside), random.clone());
        let has_ledger = below(6) > 0;
        let isolates =
            (0..1 + below(2)).map(|_| Isolate { process: machine.new_process(), broker: RefCell::new(new_broker()) });
        let isolates = isolates.collect();
        // Pages and a broker, tills and outboxes, or both.
        let (pages, outboxes) = [(1 + below(3), 0), (0, 1 + below(2)), (1, 1)][usize::try_from(below(3)).unwrap()];
        let pages: Vec<Page> = (0..pages).map(|number| Page::new(&machine, &weather, number, has_ledger)).collect();
        let outboxes: Vec<Box> = (0..outboxes).map(|_| Box::new(&machine, &weather)).collect();
        let slips: Vec<Slips> = (0..outboxes.len()).map(|number| Slips::new(&machine, &weather, number)).collect();
        let judge = Judge::new(&pages, &slips);
        Rc::new(Self {
            vault: Object::new(&machine, &weather),
            token_calls: Cell::new(0),
            vault_life: Cell::new(0),
            leases: RefCell::default(),
            ledger: RefCell::default(),
            machine,
            weather,
            random,
            judge,
            outside,
            api,
            isolates,
            has_ledger,
            pages,
            outboxes,
            slips,
        })
    }

    /// Runs it to its end, and judges each step.
    pub fn run(self: &Rc<Self>) {
        for page in 0..self.pages.len() {
            let world = self.clone();
            self.machine.spawn(self.outside, async move { world.person(page).await });
        }
        for outbox in 0..self.outboxes.len() {
            self.machine.spawn(self.outside, self.clone().ring(outbox));
            for body in 0..self.slips[outbox].bodies.len() {
                self.machine.spawn(self.outside, self.clone().till(outbox, body));
            }
        }
        let mut steps = 0;
        while let Some(process) = self.machine.step() {
            self.judge.step(self);
            self.trouble(process);
            steps += 1;
            assert!(steps < MOST_STEPS && self.machine.elapsed_ms() < LONGEST_MS, "it never ends");
        }
        self.judge.end(self);
    }

    /// What may happen between two steps: what the process that just ran waits for never comes.
    fn trouble(self: &Rc<Self>, process: Process) {
        if let Some(isolate) = self.isolates.iter().find(|isolate| isolate.process == process) {
            if self.weather.happens(Trouble::IsolateCrash) {
                self.machine.crash(process);
                isolate.broker.replace(new_broker());
            }
        } else if self.pages.iter().any(|page| page.process == process) {
            if self.weather.happens(Trouble::PageCrash) {
                self.machine.crash(process);
            }
        } else if let Some(outbox) = self.outboxes.iter().find(|outbox| outbox.process == process) {
            if self.weather.happens(Trouble::OutboxCrash) {
                self.machine.crash(process);
                outbox.life.take();
            }
        } else if process != self.outside && self.weather.happens(Trouble::ObjectCrash) {
            self.machine.crash(process);
            if process == self.vault.process {
                self.vault.life.take();
                self.leases.take();
                self.vault_life.set(self.vault_life.get() + 1);
                self.token_calls.set(0);
            }
            if let Some(object) = self.ledger.borrow().values().find(|object| object.process == process) {
                object.life.take();
            }
        }
        for (trouble, sign) in [(Trouble::ClockForward, 1), (Trouble::ClockBack, -1)] {
            if process != self.outside && self.weather.happens(trouble) {
                // Seconds mostly, an hour at most: the ledger's day is not to be jumped over.
                let most = [2_000, 60_000, 3_600_000][usize::try_from(self.machine.below(3)).unwrap()];
                self.machine.jump(process, sign * i64::try_from(self.machine.below(most)).unwrap());
            }
        }
    }

    /// The object of the ledger that keeps this entry.
    pub fn entry(&self, name: String) -> Rc<Object<Entry>> {
        let make = || Object::new(&self.machine, &self.weather);
        self.ledger.borrow_mut().entry(name).or_insert_with(make).clone()
    }

    pub fn wake_entry(&self, object: &Object<Entry>) -> Rc<Entry> {
        let clock = self.machine.clock(object.process);
        object.wake(|| LedgerEntry::new(clock, object.disk.clone(), LedgerTimes::default()))
    }

    /// The leases of the vault; those of an earlier life are not remembered.
    pub fn wake_leases(&self) -> Rc<CallLeases<SimClock>> {
        let make = || Rc::new(CallLeases::new(self.machine.clock(self.vault.process), CALLS_PER_SECOND));
        self.leases.borrow_mut().get_or_insert_with(make).clone()
    }

    pub fn wake_vault(self: &Rc<Self>) -> Rc<Vault> {
        let (clock, disk) = (self.machine.clock(self.vault.process), self.vault.disk.clone());
        let credentials = Credentials { api_key: Secret::new(API_KEY), api_secret: Secret::new(API_SECRET) };
        self.vault.wake(|| TokenVault::new(Upstream::Sandbox, credentials, Line::of_vault(self), clock, disk))
    }
}

fn new_broker() -> Rc<Broker> {
    let mut options = BrokerOptions::new(Upstream::Sandbox, [ORIGIN]);
    options.base_path = "/api".into();
    Rc::new(Broker::new(options).unwrap())
}
