//! What the validator says of real and of hostile inputs.

use pb_fulfillment::validate::{
    Code, Fix, Issue, Options, Severity, Validated, apply_fixes, validate_order, validate_orders,
};
use std::collections::BTreeMap;

const SAMPLE: &[u8] = include_bytes!("data/documented-sample.json");
const NORTHWIND: &[u8] = include_bytes!("data/northwind-orders.json");
const RAW: &[u8] = include_bytes!("data/northwind-raw.json");

fn validated(input: impl AsRef<[u8]>) -> Validated {
    validate_orders(input.as_ref(), &Options::default())
}

fn counts(input: &[u8]) -> BTreeMap<(String, &'static str), usize> {
    let mut counts = BTreeMap::new();
    for issue in validated(input).report.issues {
        let field = issue.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or("").to_owned();
        *counts.entry((field, issue.code.name())).or_default() += 1;
    }
    counts
}

/// The documented sample's order with a member set to a JSON text; a path leads there, `-` removes it.
fn sample_with(path: &str, json: &str) -> String {
    let mut order = serde_json::from_slice::<serde_json::Value>(SAMPLE).unwrap()["orders"][0].clone();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = order.pointer_mut(parent).unwrap();
    match (parent, json) {
        (serde_json::Value::Object(members), "-") => drop(members.remove(name)),
        (serde_json::Value::Array(items), _) => items[name.parse::<usize>().unwrap()] = "@".into(),
        (parent, _) => parent[name] = "@".into(),
    }
    order.to_string().replace("\"@\"", json)
}

#[track_caller]
fn issues_at(path: &str, json: &str) -> Vec<Issue> {
    let order = sample_with(path, json);
    let report = validate_order(order.as_bytes(), &Options::default()).report;
    report.issues.into_iter().filter(|issue| issue.pointer == path).collect()
}

#[track_caller]
fn expect(path: &str, json: &str, code: Code, severity: Severity, fix: Option<&str>) {
    let issues = issues_at(path, json);
    let found: Vec<_> = issues
        .iter()
        .map(|issue| {
            let fix = match &issue.fix {
                Some(Fix::Replace { json }) => Some(json.as_str()),
                Some(Fix::Remove) => Some("-"),
                None => None,
            };
            (issue.code, issue.severity, fix)
        })
        .collect();
    assert_eq!(found, [(code, severity, fix)], "{path} = {json}: {issues:#?}");
}

#[test]
fn the_documented_sample_has_no_error() {
    let report = validated(SAMPLE).report;
    assert!(report.valid, "{:#?}", report.issues);
    let found: Vec<_> = report.issues.iter().map(|issue| issue.code.name()).collect();
    assert_eq!(
        found,
        [
            "reserved_field",
            "reserved_field",
            "reserved_value",
            "postal_code_number",
            "postal_code_number",
            "total_item_amount",
        ]
    );
}

#[test]
fn northwind_has_the_doubts_that_were_counted_and_no_error() {
    let report = validated(NORTHWIND).report;
    assert!(report.valid && report.order_count == 830);
    let expected = [
        (("postalCode", "postal_code"), 135),
        (("shipOnDate", "date_order"), 37),
        (("stateProvince", "state_province"), 13),
    ];
    assert_eq!(counts(NORTHWIND), expected.map(|((field, code), count)| ((field.to_owned(), code), count)).into());
}

#[test]
fn the_careless_export_has_the_defects_that_were_counted_and_none_invented() {
    let expected = [
        (("countryCode", "country_code"), 56),
        (("countryCode", "too_long"), 774),
        (("createDate", "date_time"), 830),
        (("postalCode", "postal_code_number"), 579),
        (("promisedDeliveryDate", "date_time"), 830),
        (("shipOnDate", "date_time"), 809),
    ];
    assert_eq!(counts(RAW), expected.map(|((field, code), count)| ((field.to_owned(), code), count)).into());
}
