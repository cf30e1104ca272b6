//! A plan of faults as JSON.

use super::{Fault, FaultKind, FaultPlan, On, RandomFaults};
use crate::{emulator::answer, json::Tree};

/// A plan of faults that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultPlanError(String);

impl FaultPlan {
    /// Reads a plan.
    ///
    /// # Errors
    /// If it is not JSON, or a member is unknown or has a value that it cannot have; the error names it.
    pub fn from_json(text: &[u8]) -> Result<Self, FaultPlanError> {
        let tree = Tree::parse(text).map_err(|error| FaultPlanError(format!("the plan is not JSON: {error}")))?;
        let mut plan = Self::default();
        for (name, value) in object(&tree, "the plan")? {
            match &**name {
                "script" => plan.script = faults(value, "script")?,
                "random" if *value == Tree::Null => plan.random = None,
                "random" => plan.random = Some(random(value)?),
                _ => return unknown(name, "script, random"),
            }
        }
        Ok(plan)
    }

    /// Writes the plan, so that [`FaultPlan::from_json`] reads it back.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let list = |faults: &[Fault]| Tree::Array(faults.iter().map(fault_tree).collect());
        let random = self.random.as_ref().map_or(Tree::Null, |random| {
            answer::object([
                ("seed", number(random.seed)),
                ("probability", Tree::Number(random.probability.to_string().into())),
                ("faults", list(&random.faults)),
            ])
        });
        let mut out = Vec::new();
        crate::json::write_tree(&mut out, &answer::object([("script", list(&self.script)), ("random", random)]));
        out
    }
}

fn fault_tree(fault: &Fault) -> Tree<'static> {
    let on = match fault.on {
        On::Orders => "orders",
        On::Token => "token",
        On::Any => "any",
    };
    let ids = fault.client_order_ids.iter().map(|id| answer::text(id)).collect();
    answer::object([
        ("fault", answer::text(fault.kind.name())),
        ("on", answer::text(on)),
        ("latencyMs", number(fault.latency_ms)),
        ("retryAfter", fault.retry_after.as_deref().map_or(Tree::Null, answer::text)),
        ("clientOrderIds", Tree::Array(ids)),
        ("every", Tree::Number(fault.every.to_string().into())),
    ])
}

fn number(value: u64) -> Tree<'static> {
    Tree::Number(value.to_string().into())
}

fn random(tree: &Tree<'_>) -> Result<RandomFaults, FaultPlanError> {
    let mut random = RandomFaults { seed: 0, probability: 0.25, faults: Vec::new() };
    for (name, value) in object(tree, "random")? {
        match &**name {
            "seed" => random.seed = whole(value, "seed")?,
            "probability" => {
                let probability = value.text().and_then(|text| text.parse().ok());
                random.probability = probability
                    .filter(|probability| (0.0..=1.0).contains(probability))
                    .ok_or_else(|| FaultPlanError("probability must be a number from 0 to 1".into()))?;
            }
            "faults" => random.faults = faults(value, "faults")?,
            _ => return unknown(name, "seed, probability, faults"),
        }
    }
    Ok(random)
}

fn faults(tree: &Tree<'_>, name: &str) -> Result<Vec<Fault>, FaultPlanError> {
    let list = tree.array().ok_or_else(|| FaultPlanError(format!("{name} must be an array")))?;
    list.iter().map(fault).collect()
}

fn fault(tree: &Tree<'_>) -> Result<Fault, FaultPlanError> {
    if let Some(name) = tree.str() {
        return Ok(Fault::new(kind(name)?));
    }
    let mut fault = Fault::new(FaultKind::None);
    for (name, value) in object(tree, "a fault")? {
        let wrong = |wanted: &str| FaultPlanError(format!("{name} must be {wanted}"));
        match &**name {
            "fault" => fault.kind = kind(value.str().ok_or_else(|| wrong("the name of a fault"))?)?,
            "on" => {
                fault.on = match value.str() {
                    Some("orders") => On::Orders,
                    Some("token") => On::Token,
                    Some("any") => On::Any,
                    _ => return Err(wrong("orders, token or any")),
                };
            }
            "latencyMs" => fault.latency_ms = whole(value, name)?,
            "retryAfter" if *value == Tree::Null => fault.retry_after = None,
            "retryAfter" => {
                fault.retry_after = Some(value.text().ok_or_else(|| wrong("seconds or a date"))?.to_owned())
            }
            "clientOrderIds" => {
                let ids = value.array().and_then(|ids| ids.iter().map(|id| id.str().map(str::to_owned)).collect());
                fault.client_order_ids = ids.ok_or_else(|| wrong("an array of strings"))?;
            }
            "every" => {
                let every = usize::try_from(whole(value, name)?).ok().filter(|&every| every > 0);
                fault.every = every.ok_or_else(|| wrong("above 0"))?;
            }
            _ => return unknown(name, "fault, on, latencyMs, retryAfter, clientOrderIds, every"),
        }
    }
    Ok(fault)
}

fn kind(name: &str) -> Result<FaultKind, FaultPlanError> {
    let found = FaultKind::ALL.iter().copied().find(|kind| kind.name() == name);
    found.ok_or_else(|| {
        let names: Vec<_> = FaultKind::ALL.iter().map(|kind| kind.name()).collect();
        FaultPlanError(format!("there is no fault {name:?}; there are {}", names.join(", ")))
    })
}

fn whole(tree: &Tree<'_>, name: &str) -> Result<u64, FaultPlanError> {
    let number = if let Tree::Number(text) = tree { text.parse().ok() } else { None };
    number.ok_or_else(|| FaultPlanError(format!("{name} must be a whole number from 0")))
}

type Members<'t, 'a> = &'t [(std::borrow::Cow<'a, str>, Tree<'a>)];

fn object<'t, 'a>(tree: &'t Tree<'a>, what: &str) -> Result<Members<'t, 'a>, FaultPlanError> {
    if matches!(tree, Tree::Object(_)) {
        Ok(tree.members())
    } else {
        Err(FaultPlanError(format!("{what} must be an object")))
    }
}

fn unknown<T>(name: &str, known: &str) -> Result<T, FaultPlanError> {
    Err(FaultPlanError(format!("{name:?} is unknown; known are {known}")))
}
