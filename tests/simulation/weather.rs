//! What goes wrong, how often, and how often it did.

use crate::machine::Machine;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

macro_rules! trouble {
    ($($variant:ident $name:literal $per_mille:literal;)+) => {
        /// A kind of trouble.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Trouble { $($variant,)+ }

        impl Trouble {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How often it happens where it can and the seed has chosen it, in a thousand.
            const fn per_mille(self) -> u64 {
                match self { $(Self::$variant => $per_mille,)+ }
            }
        }
    };
}

trouble! {
    // Between a page and the broker.
    RequestCut "request cut before the broker" 60;
    RequestHung "request never answered" 30;
    RequestDelayed "request delayed by seconds" 60;
    RequestDoubled "request doubled on the way" 80;
    AnswerCut "answer to the page cut" 60;
    AnswerGarbled "answer to the page garbled" 30;
    ProxyDown "503 of a proxy" 40;
    CallerGone "request ended with its caller" 600;
    // Between the broker and the API.
    ApiCutBefore "call cut before the API" 60;
    ApiCutAfter "call cut after the API acted" 60;
    ApiHung "call never answered" 30;
    ApiDelayed "call delayed by seconds" 60;
    ApiDoubled "call doubled on the way" 40;
    // The API itself.
    ApiUnauthorized "401 of the API" 50;
    ApiExpire "all tokens expired" 50;
    ApiServerError "500 of the API" 60;
    ApiUnavailable "503 of the API" 60;
    ApiThrottled "throttled by the API" 60;
    ApiRefusedAll "whole request refused by the API" 40;
    ApiRefusedOrders "orders refused by the API" 60;
    ApiOmitted "orders left out of the reply" 40;
    ApiGarbled "reply of the API garbled" 60;
    TokenRefused "token call refused" 60;
    TokenCut "token call cut" 80;
    // Between the broker and its objects.
    ObjectCutBefore "call to an object lost" 30;
    ObjectCutAfter "answer of an object lost" 30;
    ObjectDelayed "call to an object delayed" 30;
    StoreFailedBefore "store failed without writing" 20;
    StoreFailedAfter "store failed after writing" 20;
    // What ends, and what is lost with it.
    OutboxCrash "outbox crashed" 6;
    IsolateCrash "isolate of the broker crashed" 12;
    ObjectCrash "object crashed" 6;
    PageCrash "page closed" 12;
    TornWrite "crash during a write" 0;
    // Clocks and people.
    ClockForward "clock set forward" 3;
    ClockBack "clock set back" 3;
    HookFailed "hook of the merchant failed" 30;
    HookSlow "hook of the merchant slow" 60;
    Guilty "order that the API refuses a whole request for" 60;
    SentAnew "order sent anew by a person" 0;
    Unpaid "order not approved" 60;
    Invalid "order with errors" 60;
    Twin "order twice in one submission" 60;
    Large "submission of more than one batch" 25;
    Edited "submission repeated with other bytes" 250;
    Repeated "submission repeated" 350;
    DoubleClick "submission twice at once" 150;
    Aborted "submission aborted" 120;
    Deadline "submission with a deadline" 120;
}

/// What happens in fair weather too.
const HARMLESS: &[Trouble] = &[Trouble::Twin, Trouble::Large, Trouble::Repeated, Trouble::DoubleClick, Trouble::Guilty];

/// Decides what goes wrong. Clones are the same.
#[derive(Clone)]
pub struct Weather(Rc<Inner>);

struct Inner {
    machine: Machine,
    /// What can happen in this run at all.
    chosen: BTreeSet<Trouble>,
    seen: RefCell<BTreeMap<Trouble, u64>>,
}

impl Weather {
    /// Some kinds of trouble, not all: a run in which everything happens reaches less than one in which something does. One run
    /// in eight is calm.
    pub fn choose(machine: &Machine) -> Self {
        let share = [0, 1, 2, 2, 3, 4, 6, 8][usize::try_from(machine.below(8)).unwrap()];
        let chosen = Trouble::ALL.iter().copied().filter(|kind| {
            let share = if share == 0 && HARMLESS.contains(kind) { 6 } else { share };
            machine.below(8) < share
        });
        let chosen = chosen.collect();
        Self(Rc::new(Inner { machine: machine.clone(), chosen, seen: RefCell::default() }))
    }

    pub fn can(&self, trouble: Trouble) -> bool {
        self.0.chosen.contains(&trouble)
    }

    /// Whether nothing can happen that would keep an order from being accepted, unless it is to blame itself.
    pub fn is_calm(&self) -> bool {
        self.0.chosen.iter().all(|trouble| HARMLESS.contains(trouble))
    }

    /// Whether it happens now.
    pub fn happens(&self, trouble: Trouble) -> bool {
        self.happens_in(trouble, 1000)
    }

    /// Whether it happens at one of so many thousandths of the usual occasions.
    pub fn happens_in(&self, trouble: Trouble, thousand: u64) -> bool {
        let happens = self.can(trouble) && self.0.machine.below(thousand) < trouble.per_mille();
        if happens {
            self.saw(trouble);
        }
        happens
    }

    /// It has happened.
    pub fn saw(&self, trouble: Trouble) {
        self.0.machine.tell(|| format!("! {}", trouble.name()));
        *self.0.seen.borrow_mut().entry(trouble).or_default() += 1;
    }

    pub fn seen(&self) -> BTreeMap<Trouble, u64> {
        self.0.seen.borrow().clone()
    }
}
