//! What holds for every input, tried on many.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use pb_fulfillment::{
    batch,
    json::{Decimal, Lexer, Tree, write_tree},
    validate::{Code, Options, apply_fixes, validate_order, validate_orders},
};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("data/documented-sample.json");

/// Any JSON value, a few levels deep, with names that the tables know among its keys.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let key = prop_oneof![
        "[a-z]{0,3}",
        Just("orders".to_owned()),
        Just("orderLines".to_owned()),
        Just("toAddress".to_owned()),
        Just("postalCode".to_owned()),
        Just("countryCode".to_owned()),
        Just("createDate".to_owned()),
        Just("orderCharges".to_owned()),
        Just("taxDetails".to_owned()),
        Just("fee".to_owned()),
        Just("isGift".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        Just("2022-02-07T03:20:00+02:00".into()),
        Just("US".into()),
        Just("12.50".into()),
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::hash_map(key.clone(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The sample with one byte changed, one stretch cut out, or one doubled.
fn damaged_sample() -> impl Strategy<Value = Vec<u8>> {
    let length = SAMPLE.len();
    (0..length, 0..40usize, any::<u8>(), 0..3u8).prop_map(move |(at, stretch, byte, how)| {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        let end = (at + stretch).min(length);
        match how {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|old| *old = byte),
            1 => drop(bytes.drain(at..end)),
            _ => drop(bytes.splice(at..at, SAMPLE.as_bytes().iter().copied().skip(at).take(stretch))),
        }
        bytes
    })
}

fn agrees_with_serde_json(input: &[u8]) -> Result<(), TestCaseError> {
    let ours = validate_orders(input, &Options::default()).report;
    let refused = ours.issues.iter().any(|issue| matches!(issue.code, Code::JsonSyntax | Code::InvalidUtf8));
    // It does not look at the bytes of strings that it ignores.
    let theirs = std::str::from_utf8(input)
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| error.to_string()));
    match theirs {
        Ok(_) => prop_assert!(!refused, "serde_json takes it: {ours:?}"),
        Err(error) => prop_assert!(refused, "serde_json does not: {error}: {ours:?}"),
    }
    Ok(())
}

/// The body of a request, its orders as text.
#[derive(serde::Deserialize)]
struct Body {
    orders: Vec<Box<serde_json::value::RawValue>>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_a_verdict(input in prop::collection::vec(any::<u8>(), 0..200)) {
        agrees_with_serde_json(&input)?;
        let _ = validate_order(&input, &Options::default());
        let _ = apply_fixes(&input, |_, _| true);
    }

    #[test]
    fn json_is_what_serde_json_says_it_is(input in damaged_sample()) {
        agrees_with_serde_json(&input)?;
    }

    #[test]
    fn every_json_value_is_read_and_counted(value in json()) {
        let text = value.to_string();
        let found = validate_orders(text.as_bytes(), &Options::default());
        agrees_with_serde_json(text.as_bytes())?;
        let orders = value.as_array().or_else(|| value.get("orders")?.as_array()).map_or(0, Vec::len);
        prop_assert_eq!(found.orders.len(), orders);
        prop_assert!(found.orders.iter().map(|order| order.errors).sum::<usize>() <= found.report.error_count);
    }

    #[test]
    fn pointers_lead_to_values_that_are_there(value in json()) {
        let text = value.to_string();
        for issue in validate_orders(text.as_bytes(), &Options::default()).report.issues {
            let parent = issue.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            prop_assert!(value.pointer(parent).is_some(), "{}", issue.pointer);
        }
    }

    #[test]
    fn a_tree_is_written_as_it_was_read(value in json()) {
        let text = value.to_string();
        let mut out = Vec::new();
        write_tree(&mut out, &Tree::parse(text.as_bytes()).unwrap());
        prop_assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn mends_leave_json_and_end(value in json()) {
        let mut text = value.to_string().into_bytes();
        for _ in 0..10 {
            let fixed = apply_fixes(&text, |_, _| true);
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&fixed.bytes).is_ok());
            if fixed.applied == 0 {
                return Ok(());
            }
            text = fixed.bytes;
        }
        prop_assert!(false, "mends go on for ever");
    }

    #[test]
    fn bodies_are_made_of_the_bytes_of_their_orders(values in prop::collection::vec(json(), 0..9), limit in 1..4usize) {
        let text = format!(" [ {} ] ", values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" , "));
        let found = validate_orders(text.as_bytes(), &Options::default());
        let mut sent = Vec::new();
        for batch in batch::plan(&found.orders, &(0..values.len()).collect::<Vec<_>>(), limit) {
            prop_assert!(batch.orders.len() <= limit);
            let spans = batch.orders.iter().map(|&index| found.orders.get(index).unwrap().span);
            let body = batch::body(text.as_bytes(), spans);
            let body: Body = serde_json::from_slice(&body).unwrap();
            sent.extend(batch.orders.iter().copied().zip(body.orders.iter().map(|order| order.get().to_owned())));
        }
        sent.sort_by_key(|(index, _)| *index);
        let sent: Vec<_> = sent.into_iter().map(|(_, order)| order).collect();
        prop_assert_eq!(sent, values.iter().map(ToString::to_string).collect::<Vec<_>>());
    }

    #[test]
    fn decimals_add_and_multiply_as_whole_numbers_do(a in -1_000_000_000i64..1_000_000_000, b in -1_000_000_000i64..1_000_000_000, scale in 0..6u32) {
        let shifted = |number: i128, scale: u32| Decimal::parse(format!("{number}e-{scale}").as_bytes()).unwrap();
        let (x, y) = (shifted(a.into(), scale), shifted(b.into(), 2));
        let sum = i128::from(a) * 100 + i128::from(b) * 10i128.pow(scale);
        prop_assert_eq!(x.checked_add(y).unwrap(), shifted(sum, scale + 2));
        prop_assert_eq!(x.checked_mul(y).unwrap(), shifted(i128::from(a) * i128::from(b), scale + 2));
        prop_assert_eq!(x.cmp(&y), (i128::from(a) * 100).cmp(&(i128::from(b) * 10i128.pow(scale))));
        prop_assert_eq!(Decimal::parse(x.to_string().as_bytes()).unwrap(), x);
    }

    #[test]
    fn any_text_is_one_string_to_the_lexer(text in "\\PC*") {
        let json = serde_json::to_string(&text).unwrap();
        let mut lexer = Lexer::new(json.as_bytes()).unwrap();
        let found = lexer.string().unwrap();
        prop_assert_eq!(found.decode(&json), text);
        prop_assert!(lexer.end().is_ok());
    }
}
