//! Pages and the people in front of them, who close them, abort, and ask again.

use crate::{
    machine::{Machine, Process},
    road::Road,
    weather::{Trouble, Weather},
    world::World,
};
use pb_fulfillment::{
    client::{
        Client, Event, Observer, OnAmbiguous, OnInvalid, Options, OrderResult, Outcome, Progress, Submission,
        SubmitOptions,
    },
    ports::{Cause, Headers},
    validate::{self, Validated, validate_orders},
};
use std::{cell::RefCell, collections::BTreeSet, future::pending, rc::Rc};

/// What a request was made for.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    pub page: usize,
    /// Which call of `submit` it was.
    pub run: usize,
    /// Whether it is the second of a request that was doubled on the way.
    pub copy: bool,
}

/// A page, and the orders that its person wants to send.
pub struct Page {
    pub process: Process,
    /// The submission, and what becomes of it when its first valid order is changed.
    pub inputs: [(Vec<u8>, Validated); 2],
    pub on_ambiguous: OnAmbiguous,
    pub max_retries: u32,
    /// How often the person asks at most. Without a ledger nobody may ask twice.
    pub most_runs: usize,
    /// Orders that the merchant approves late, if ever.
    pub unpaid: BTreeSet<String>,
    /// When they are paid, if ever.
    pub paid_at_ms: u64,
    pub runs: RefCell<Vec<Run>>,
}

/// One call of `submit`.
#[derive(Default)]
pub struct Run {
    /// Which of the inputs was sent.
    pub input: usize,
    /// What was told on the way.
    pub told: Vec<OrderResult>,
    /// What it came to, if the page lived that long.
    pub end: Option<Submission>,
    /// How many runs of the page had ended when this one began.
    pub after: usize,
    /// Which of the runs of the page it was to end, from 1; 0 if it has not ended.
    pub ended: usize,
}

impl Page {
    pub fn new(machine: &Machine, weather: &Weather, number: u64, has_ledger: bool) -> Self {
        let count = if weather.happens(Trouble::Large) { 201 + machine.below(4) } else { 1 + machine.below(8) };
        let (mut orders, mut unpaid) = (Vec::new(), BTreeSet::new());
        for index in 0..count {
            let id = format!("p{number}-{index}");
            let valid = !weather.happens(Trouble::Invalid);
            orders.push(order(&id, "first", valid, machine));
            if valid && weather.happens(Trouble::Twin) {
                orders.push(order(&id, "second", true, machine));
            }
            if valid && weather.happens(Trouble::Unpaid) {
                unpaid.insert(id);
            }
        }
        let input = |orders: &[String]| {
            let input = format!("{{\"orders\": [\n{}\n] }}", orders.join(" ,\n ")).into_bytes();
            let validated = validate_orders(&input, &validate::Options::default());
            (input, validated)
        };
        let original = input(&orders);
        orders[0] = orders[0].replace("\"Ada\"", "\"Ada Byron\"");
        Self {
            process: machine.new_process(),
            inputs: [original, input(&orders)],
            on_ambiguous: if machine.below(3) == 0 { OnAmbiguous::Resend } else { OnAmbiguous::Report },
            // In fair weather somebody who clicks twice has to be told so and to ask again.
            max_retries: u32::try_from(u64::from(weather.is_calm()) + machine.below(4)).unwrap(),
            most_runs: if has_ledger { 4 } else { 1 },
            unpaid,
            paid_at_ms: if machine.below(2) == 0 { machine.below(120_000) } else { u64::MAX },
            runs: RefCell::default(),
        }
    }
}

/// An order with blanks and numbers that nothing but a copy of the bytes would keep.
pub fn order(id: &str, which: &str, valid: bool, machine: &Machine) -> String {
    let blank = ["", " ", "\n  ", "\t"][usize::try_from(machine.below(4)).unwrap()];
    let price = ["19.90", "1.0E1", "0.100", "5"][usize::try_from(machine.below(4)).unwrap()];
    let quantity = if valid { "1" } else { "0" };
    format!(
        "{{{blank}\"clientId\":{blank}\"1234\", \"clientOrderId\":\"{id}\",\"createDate\":\"2022-02-07T01:20:00Z\",{blank}\
         \"inputShippingDetails\":{{\"carrier\":\"PITNEY BOWES\",\"serviceId\":\"PARCEL\"}},\
         \"orderLines\":[{{\"sku\":\"{which} T\\u00e9\",\"unitPrice\":{price},\"orderedQuantity\":{quantity}}}]{blank},\
         \"toAddress\":{{\"name\":\"Ada\",\"addressLines\":[\"1 Road\"],\"cityTown\":\"Auburn\",\"stateProvince\":\"AL\",\
         \"postalCode\":\"36830\",\"countryCode\":\"US\"}}{blank}}}"
    )
}

impl Page {
    /// The text of an order as a run sent it.
    pub fn bytes(&self, run: &Run, order_index: usize) -> &[u8] {
        let (input, validated) = &self.inputs[run.input];
        validated.orders[order_index].span.of(input)
    }
}

impl World {
    /// A person sends the orders of a page, and asks again if nothing came of it or to be sure.
    pub async fn person(self: Rc<Self>, page: usize) {
        let (machine, weather) = (&self.machine, &self.weather);
        machine.sleep(machine.below(5_000)).await;
        let most = self.pages[page].most_runs;
        while self.pages[page].runs.borrow().len() < most {
            let first = self.submit(page);
            let double = most > 1 && weather.happens(Trouble::DoubleClick);
            let second = double.then(|| self.submit(page));
            let closed = first.await.is_none();
            if let Some(second) = second {
                second.await;
            }
            if !closed && !weather.happens(Trouble::Repeated) {
                return;
            }
            let pause_ms = [500, 20_000, 60_000, 7_200_000][usize::try_from(machine.below(4)).unwrap()];
            machine.sleep(machine.below(pause_ms)).await;
        }
    }

    /// Begins a submission in the page.
    fn submit(self: &Rc<Self>, page: usize) -> crate::machine::Answer<()> {
        let mut runs = self.pages[page].runs.borrow_mut();
        let ended = runs.iter().filter(|run| run.ended > 0).count();
        let input = usize::from(!runs.is_empty() && self.weather.happens(Trouble::Edited));
        runs.push(Run { input, after: ended, ..Run::default() });
        let (world, run) = (self.clone(), runs.len() - 1);
        self.machine.call(self.pages[page].process, async move { world.run_of(page, run).await })
    }

    async fn run_of(self: Rc<Self>, number: usize, run: usize) {
        let (machine, weather, page) = (&self.machine, &self.weather, &self.pages[number]);
        let mut options = Options::new("https://broker.example/api");
        options.headers = Headers::new().with("Authorization", format!("Session {number}"));
        options.on_ambiguous = page.on_ambiguous;
        options.max_retries = page.max_retries;
        options.concurrency = 1 + run % 3;
        options.deadline_ms = weather.happens(Trouble::Deadline).then(|| 1 + machine.below(40_000));
        let road = Road { world: self.clone(), origin: Origin { page: number, run, copy: false } };
        let client = Client::new(options, road, machine.clock(page.process), self.random.clone()).unwrap();
        let how = SubmitOptions { submission_id: Some(format!("submission-of-{number}")), on_invalid: OnInvalid::Skip };
        let abort_ms = weather.happens(Trouble::Aborted).then(|| machine.below(30_000));
        let cancel = async {
            match abort_ms {
                Some(ms) => machine.sleep(ms).await,
                None => pending().await,
            }
            Cause::default()
        };
        let witness = Witness { world: &self, page: number, run };
        let input = page.runs.borrow()[run].input;
        let (input, validated) = &page.inputs[input];
        let submission = client.submit(input, validated, how, cancel, &witness).await.unwrap();
        let mut runs = page.runs.borrow_mut();
        let ended = runs.iter().filter(|run| run.ended > 0).count() + 1;
        runs[run].ended = ended;
        runs[run].end = Some(submission);
    }
}

/// Hears what a page hears.
struct Witness<'a> {
    world: &'a World,
    page: usize,
    run: usize,
}

impl Observer for Witness<'_> {
    fn event(&self, event: &Event<'_>) {
        self.world.judge.shown(&serde_json::to_string(event).unwrap());
    }

    fn progress(&self, progress: &Progress<'_>) {
        self.world.judge.shown(&serde_json::to_string(progress.results).unwrap());
        for result in progress.results {
            let (id, code) = (&result.client_order_id, result.error.as_ref().map(|error| error.code.name()));
            let what = || format!("page {} run {} hears {id:?} {:?} {code:?}", self.page, self.run, result.outcome);
            self.world.machine.tell(what);
            if result.outcome == Outcome::Rejected && self.world.has_ledger {
                let page = &self.world.pages[self.page];
                let runs = page.runs.borrow();
                // Not even by an earlier attempt, of whoever made it: the ledger knows of it.
                let bytes = page.bytes(&runs[self.run], result.order_index);
                assert!(!self.world.judge.has_stored(bytes), "{id:?} is rejected and is there");
            }
        }
        let told = &mut self.world.pages[self.page].runs.borrow_mut()[self.run].told;
        told.extend_from_slice(progress.results);
        assert_eq!(progress.done, told.len(), "a result was told twice, or not at all");
    }
}
