//! What can go wrong on request: scripted for one request after another, or by seed and probability.

mod plan;

pub use plan::FaultPlanError;

use super::{Reply, answer};
use crate::{ports::Headers, ports::Response, validate::OrderSpan};

/// Declares the kinds: variant, name, what it does.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal;)+) => {
        /// What goes wrong with a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum FaultKind { $($(#[doc = $doc])+ $variant,)+ }

        impl FaultKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in a plan.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it does, for the reference.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+),)+ }
            }
        }
    };
}

kinds! {
    /// Nothing: the request is handled as ever, after the latency if there is one.
    None "none";
    /// The connection is refused; nothing is acted on.
    Refuse "refuse";
    /// The connection ends before the request is acted on.
    CutBefore "cut_before";
    /// The request is acted on, and the connection ends without an answer.
    CutAfter "cut_after";
    /// The request is acted on, and the connection ends in the middle of the answer's body.
    CutBody "cut_body";
    /// 401, though the token or the credentials are good; nothing is acted on.
    Unauthorized "unauthorized";
    /// Every token runs out first.
    Expire "expire";
    /// 500; nothing is acted on.
    ServerError "server_error";
    /// 503, with `Retry-After` if the fault has one; nothing is acted on.
    Unavailable "unavailable";
    /// Throttling: `PB-APIM-ERR-1006` in a 500; nothing is acted on.
    Throttled "throttled";
    /// Some orders are refused, the others stored.
    RefuseOrders "refuse_orders";
    /// All is acted on, and the reply leaves some orders out.
    OmitEntries "omit_entries";
    /// The request is acted on and answered by 200 with a page of HTML.
    Html "html";
    /// The request is acted on and answered by 200 with the first half of the JSON.
    Truncated "truncated";
    /// The request is acted on and answered by 200 with no body.
    Empty "empty";
}

/// Which call a fault meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum On {
    /// The bulk order call.
    #[default]
    Orders,
    /// The token call.
    Token,
    /// Either.
    Any,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// Which call it meets.
    pub on: On,
    /// How long the answer, or the cut, is held back after acting, in milliseconds.
    pub latency_ms: u64,
    /// The value of `Retry-After` in an answer that refuses the request, seconds or an HTTP-date; none by default.
    pub retry_after: Option<String>,
    /// Which orders are refused or left out, by `clientOrderId`; if it is empty, `every` tells.
    pub client_order_ids: Vec<String>,
    /// Each how-manieth order of the request is refused or left out: 1 for all of them.
    pub every: usize,
}

impl Fault {
    /// A fault of this kind that meets the bulk order call, without latency.
    #[must_use]
    pub const fn new(kind: FaultKind) -> Self {
        Self { kind, on: On::Orders, latency_ms: 0, retry_after: None, client_order_ids: Vec::new(), every: 2 }
    }

    fn meets(&self, call: On) -> bool {
        self.on == call || self.on == On::Any
    }

    /// Whether this order of a request is one of those refused or left out.
    pub(super) fn hits(&self, order: &OrderSpan, index: usize) -> bool {
        if self.client_order_ids.is_empty() {
            return (index + 1).is_multiple_of(self.every.max(1));
        }
        order.client_order_id.as_ref().is_some_and(|id| self.client_order_ids.contains(id))
    }

    /// The reply of a fault that keeps the request from being acted on.
    pub(super) fn before_acting(&self, call: On) -> Option<Reply> {
        let mut answer = match self.kind {
            FaultKind::Refuse | FaultKind::CutBefore => return Some(Reply::Cut),
            FaultKind::Unauthorized if call == On::Token => {
                answer::error(401, "PB-APIM-ERR-0401", "Invalid API key or secret")
            }
            FaultKind::Unauthorized => answer::error(401, "PB-APIM-ERR-1002", "Invalid Access Token"),
            FaultKind::ServerError => answer::error(500, "1000005", "Internal server error"),
            FaultKind::Unavailable => answer::error(503, "emulator.unavailable", "Down for maintenance"),
            FaultKind::Throttled => answer::error(500, "PB-APIM-ERR-1006", "Spike arrest violation: too many requests"),
            _ => return None,
        };
        if let Some(retry_after) = &self.retry_after {
            answer.headers.set("Retry-After", retry_after.as_str());
        }
        Some(Reply::Answer(answer))
    }

    /// What becomes of the reply of a request that was acted on.
    pub(super) fn after_acting(&self, reply: Reply) -> Reply {
        let Reply::Answer(mut response) = reply else { return reply };
        let half = response.body.len() / 2;
        match self.kind {
            FaultKind::CutAfter => Reply::Cut,
            FaultKind::CutBody => {
                response.body.truncate(half);
                Reply::CutBody(response)
            }
            // An answer that refuses the request stays one: only what was acted on is garbled.
            FaultKind::Html if response.status == 200 => Reply::Answer(Response {
                status: 200,
                headers: Headers::new().with("Content-Type", "text/html"),
                body: b"<!doctype html><title>Gateway</title><h1>It works!</h1>".to_vec(),
            }),
            FaultKind::Truncated if response.status == 200 => {
                response.body.truncate(half);
                Reply::Answer(response)
            }
            FaultKind::Empty if response.status == 200 => {
                response.body.clear();
                Reply::Answer(response)
            }
            _ => Reply::Answer(response),
        }
    }
}

/// What goes wrong, and when. As JSON:
///
/// ```json
/// {
///   "script": ["cut_after", "none", { "fault": "unavailable", "retryAfter": "2", "on": "token", "latencyMs": 500 }],
///   "random": { "seed": 7, "probability": 0.25, "faults": ["cut_before", { "fault": "refuse_orders", "every": 3 }] }
/// }
/// ```
///
/// Members of a fault: `fault` (a name of [`FaultKind`]), `on` (`orders`, `token`, `any`), `latencyMs`, `retryAfter`,
/// `clientOrderIds`, `every`. A name alone stands for a fault without further members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultPlan {
    /// Each fault meets one request of the call it is for, in this order. It goes before `random`.
    pub script: Vec<Fault>,
    /// What goes wrong once nothing in the script is left for a call.
    pub random: Option<RandomFaults>,
}

/// Faults by chance, the same ones again for the same seed and the same requests.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomFaults {
    /// Chooses the run.
    pub seed: u64,
    /// How likely a request meets a fault, 0 to 1.
    pub probability: f64,
    /// The faults, each as likely as the others; one that is listed twice is twice as likely.
    pub faults: Vec<Fault>,
}

/// A plan that is being carried out.
pub(super) struct FaultSource {
    plan: FaultPlan,
    dice: u64,
}

impl FaultSource {
    pub(super) fn new(plan: FaultPlan) -> Self {
        let dice = plan.random.as_ref().map_or(0, |random| random.seed);
        Self { plan, dice }
    }

    /// What is left of the plan.
    pub(super) const fn plan(&self) -> &FaultPlan {
        &self.plan
    }

    /// The fault for the next request of this call.
    pub(super) fn next(&mut self, call: On) -> Option<Fault> {
        if let Some(at) = self.plan.script.iter().position(|fault| fault.meets(call)) {
            return Some(self.plan.script.remove(at));
        }
        let (chance, choice) = (self.roll(), self.roll());
        let random = self.plan.random.as_ref()?;
        // 53 bits are what a double can hold.
        let unit = (chance >> 11) as f64 / (1u64 << 53) as f64;
        let candidates: Vec<&Fault> = random.faults.iter().filter(|fault| fault.meets(call)).collect();
        let index = usize::try_from(choice % u64::try_from(candidates.len().max(1)).ok()?).ok()?;
        (unit < random.probability).then(|| candidates.get(index).map(|&fault| fault.clone())).flatten()
    }

    /// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    fn roll(&mut self) -> u64 {
        self.dice = self.dice.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
