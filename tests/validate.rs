//! What the validator says of real and of hostile inputs.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

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
        // A total that is not above zero is no sum either.
        .filter(|issue| code != Code::NotPositive || issue.code == code)
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

#[test]
fn a_rule_of_a_field_names_its_code_severity_and_mend() {
    use Code::*;
    use Severity::{Error, Warning};
    for (path, json, code, severity, fix) in [
        ("/clientId", "-", Required, Error, None),
        ("/clientId", "\"\"", Required, Error, None),
        ("/clientId", "null", Required, Error, None),
        ("/clientId", "12", Type, Error, None),
        ("/clientOrderId", "\"123456789012345678901234567890123456789012345678901\"", TooLong, Error, None),
        ("/fromNode", "null", Type, Error, Some("-")),
        ("/orderType", "\"ecom\"", NotAllowed, Error, Some("\"eCom\"")),
        ("/orderType", "\"Wholesale\"", NotAllowed, Error, None),
        ("/orderHandling", "\"R\"", ReservedValue, Warning, None),
        ("/createDate", "\"1996-07-04 00:00:00.000\"", DateTime, Error, None),
        ("/createDate", "\"2022-02-30T00:00:00Z\"", DateTime, Error, None),
        ("/createDate", "\"2022-02-07T01:20:00.5Z\"", DateTimeForm, Warning, Some("\"2022-02-07T01:20:00Z\"")),
        ("/createDate", "\"2022-02-07T03:20:00+02:00\"", DateTimeForm, Warning, Some("\"2022-02-07T01:20:00Z\"")),
        ("/shipOnDate", "\"\"", DateTime, Error, None),
        ("/shipOnDate", "\"2021-02-08T01:20:00Z\"", DateOrder, Warning, None),
        ("/shipOnDate", "\"2022-02-11T01:20:00Z\"", DateOrder, Warning, None),
        ("/isGift", "\"true\"", Type, Error, Some("true")),
        ("/isGift", "\"yes\"", Type, Error, None),
        ("/orderLines", "[]", NoOrderLines, Error, None),
        ("/orderLines", "{}", Type, Error, None),
        ("/orderLines/0", "7", Type, Error, None),
        ("/orderLines/0/orderedQuantity", "0", OrderedQuantity, Error, None),
        ("/orderLines/0/orderedQuantity", "-0.0e5", OrderedQuantity, Error, None),
        ("/orderLines/0/orderedQuantity", "-1", OrderedQuantity, Error, None),
        ("/orderLines/0/orderedQuantity", "\"5\"", Type, Error, Some("5")),
        ("/orderLines/0/lineTotal", "49.99", LineTotal, Warning, None),
        ("/orderLines/0/unitPrice", "1e400", NumberRange, Error, None),
        ("/orderLines/0/originCountryCode", "\"us\"", CountryCode, Warning, Some("\"US\"")),
        ("/orderCharges/orderCurrency", "\"usd\"", CurrencyCode, Warning, Some("\"USD\"")),
        ("/orderCharges/orderCurrency", "\"US$\"", CurrencyCode, Warning, None),
        ("/orderCharges/totalOrderAmount", "0", NotPositive, Error, None),
        ("/orderCharges/totalOrderAmount", "161", TotalOrderAmount, Warning, None),
        ("/orderCharges/totalTaxAmount", "6", TotalTaxAmount, Warning, None),
        ("/orderCharges/totalDiscountAmount", "6", TotalDiscountAmount, Warning, None),
        ("/orderCharges/taxDetails/0/fee", "true", Type, Warning, None),
        ("/toAddress/addressLines", "[]", AddressIncomplete, Error, None),
        ("/toAddress/addressLines", "[\"\"]", AddressIncomplete, Error, None),
        ("/toAddress/addressLines", "[\"a\",\"b\",\"c\",\"d\"]", TooMany, Error, None),
        ("/toAddress/cityTown", "-", AddressIncomplete, Error, None),
        ("/toAddress/countryCode", "-", AddressIncomplete, Error, None),
        ("/toAddress/countryCode", "\"UK\"", CountryCode, Warning, Some("\"GB\"")),
        ("/toAddress/countryCode", "\"Germany\"", TooLong, Error, Some("\"DE\"")),
        ("/toAddress/countryCode", "\"XX\"", CountryCode, Warning, None),
        ("/toAddress/stateProvince", "\"Alabama\"", StateProvince, Warning, Some("\"AL\"")),
        ("/toAddress/stateProvince", "\"QQ\"", StateProvince, Warning, None),
        ("/toAddress/stateProvince", "-", AddressRegion, Warning, None),
        ("/toAddress/postalCode", "-", AddressRegion, Warning, None),
        ("/toAddress/postalCode", "36830", PostalCodeNumber, Warning, Some("\"36830\"")),
        ("/toAddress/postalCode", "8901", PostalCodeZero, Warning, Some("\"08901\"")),
        ("/toAddress/postalCode", "\"8901\"", PostalCodeZero, Warning, Some("\"08901\"")),
        ("/toAddress/postalCode", "\"368\"", PostalCode, Warning, None),
        ("/billingAddress/postalCode", "\"368\"", PostalCode, Warning, None),
        ("/valueAddedServices", "[1]", ReservedField, Warning, None),
        ("/clientReference", "1", UnknownField, Warning, None),
        ("/internalNotes", r#""\ud83d""#, LoneSurrogate, Error, None),
    ] {
        expect(path, json, code, severity, fix);
    }
    assert!(issues_at("/createDate", "\"2022-02-07T01:20:00.000Z\"").is_empty(), "a JavaScript date passes");
    assert!(issues_at("/orderCharges/totalOrderAmount", "165").is_empty(), "the duty may be in the total");
    assert!(issues_at("/orderLines/0/lineTotal", "50.000").is_empty(), "decimals are compared by value");
}

#[test]
fn a_delivery_to_nobody_is_a_warning_and_a_bill_may_be_sparse() {
    let mut order: serde_json::Value =
        serde_json::from_slice::<serde_json::Value>(SAMPLE).unwrap()["orders"][0].clone();
    for member in ["name", "company"] {
        order["toAddress"].as_object_mut().unwrap().remove(member);
    }
    order["billingAddress"] = serde_json::json!({});
    let report = validate_order(order.to_string().as_bytes(), &Options::default()).report;
    let found: Vec<_> = report.issues.iter().filter(|issue| issue.code == Code::AddressName).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "Delivery address: neither a name nor a company is given.");
    assert!(report.issues.iter().all(|issue| !issue.pointer.starts_with("/billingAddress")));
}

#[test]
fn lengths_count_characters_and_not_bytes_or_code_units() {
    let filled = |character: &str, count| format!("\"{}\"", character.repeat(count));
    for character in ["é", "\u{1F600}", "\\u00e9", "\\ud83d\\ude00"] {
        assert!(issues_at("/customerOrderId", &filled(character, 50)).is_empty(), "{character}");
        expect("/customerOrderId", &filled(character, 51), Code::TooLong, Severity::Error, None);
    }
}

#[test]
fn messages_say_where_what_and_how() {
    let only = |path: &str, json: &str| {
        let issue = issues_at(path, json).remove(0);
        (issue.message, issue.help.unwrap_or_default())
    };
    for (path, json, message, help) in [
        (
            "/toAddress/countryCode",
            "\"Germany\"",
            "Delivery address: country is “Germany”, which is not a two-letter code.",
            "Use the two-letter code: “DE”.",
        ),
        ("/orderLines/0/sku", "-", "Order line 1: SKU is missing.", "Fill it in."),
        (
            "/createDate",
            "\"1996-07-04 00:00:00.000\"",
            "Creation date is “1996-07-04 00:00:00.000”; it does not have the form YYYY-MM-DDThh:mm:ssZ: the time zone is not told.",
            "If the time is in UTC, write 1996-07-04T00:00:00Z.",
        ),
        (
            "/orderLines/0/unitPrice",
            "\"10 USD\"",
            "Order line 1: unit price must be a number, and is text (“10 USD”).",
            "",
        ),
        (
            "/orderCharges/totalOrderAmount",
            "161",
            "Charges: order total is 161, but items + shipping + tax - discount is 160.",
            "Correct whichever of them is wrong.",
        ),
        (
            "/shipOnDate",
            "\"2022-02-11T01:20:00Z\"",
            "Ship date (2022-02-11T01:20:00Z) is after the promised delivery date (2022-02-10T01:20:00Z).",
            "Check both dates.",
        ),
        (
            "/toAddress/zip",
            "1",
            "Delivery address: “zip” is not a field that the API documents here.",
            "Leave it out, or check its spelling.",
        ),
        (
            "/toAddress/addressLines/0",
            "5",
            "Delivery address: street line 1 must be text, and is a number (“5”).",
            "Put it in quotes.",
        ),
    ] {
        assert_eq!(only(path, json), (message.to_owned(), help.to_owned()));
    }
}

#[test]
fn the_severity_of_a_code_can_be_set_but_not_that_of_json_itself() {
    let severity =
        vec![(Code::PostalCodeNumber, Some(Severity::Error)), (Code::ReservedField, None), (Code::DuplicateKey, None)];
    let options = Options { severity, ..Options::default() };
    let report = validate_orders(SAMPLE, &options).report;
    assert_eq!(report.error_count, 2);
    assert!(report.issues.iter().all(|issue| issue.code != Code::ReservedField));
    let twice = validate_order(br#"{"a":1,"a":2}"#, &options).report;
    assert!(twice.issues.iter().any(|issue| issue.code == Code::DuplicateKey && issue.severity == Severity::Error));
}

#[test]
fn the_issue_list_is_capped_and_says_so() {
    let report = validate_orders(RAW, &Options { max_issues: 10, ..Options::default() }).report;
    assert!(report.truncated && report.issues.len() == 10);
    assert_eq!((report.error_count, report.warning_count), (830 + 830 + 809 + 774, 579 + 56));
}

#[test]
fn an_order_twice_names_both_places_in_either_form_of_input() {
    let sample: serde_json::Value = serde_json::from_slice(SAMPLE).unwrap();
    let order = sample["orders"][0].to_string();
    for (input, pointer) in [
        (format!("{{\"orders\":[{order},{{}},{order}]}}"), "/orders/2/clientOrderId"),
        (format!("[{order},{{}},{order}]"), "/2/clientOrderId"),
    ] {
        let found = validated(input);
        let twice: Vec<_> = found.report.issues.iter().filter(|issue| issue.code == Code::DuplicateOrder).collect();
        assert_eq!(twice.len(), 1);
        assert_eq!((twice[0].pointer.as_str(), twice[0].order_index), (pointer, Some(2)));
        assert!(twice[0].message.contains("also that of order 1"), "{}", twice[0].message);
        assert_eq!(twice[0].client_order_id.as_deref(), Some("1643724181678"));
        assert_eq!(found.orders.len(), 3);
    }
}

#[test]
fn every_element_has_a_span_and_a_count_of_its_own_errors() {
    let input = br#" [ {"clientId":"a"} , 7 , {} ] "#;
    let found = validated(input);
    let spans: Vec<_> = found.orders.iter().map(|order| std::str::from_utf8(order.span.of(input)).unwrap()).collect();
    assert_eq!(spans, [r#"{"clientId":"a"}"#, "7", "{}"]);
    assert_eq!(found.orders.iter().map(|order| order.errors).sum::<usize>(), found.report.error_count);
    assert!(found.orders.iter().all(|order| order.errors > 0));
}

#[test]
fn text_that_is_not_json_has_one_issue_with_its_place() {
    for (input, line, column, part) in [
        (&b""[..], 1, 1, "expected a value"),
        (b"{\"orders\": [\n  {\"a\": 1,}\n]}", 2, 11, "a name in double quotes"),
        (b"{\"orders\": [{}] } x", 1, 19, "nothing more"),
        (b"[{\"a\":01}]", 1, 8, "expected the end of the number"),
        (b"[\"\xFF\"]", 1, 3, "not UTF-8"),
        (b"{'orders': []}", 1, 2, "a name in double quotes"),
        (b"[{\"a\":\"\x01\"}]", 1, 8, "raw control character"),
    ] {
        let found = validated(input);
        assert_eq!(found.report.issues.len(), 1, "{found:#?}");
        let issue = &found.report.issues[0];
        let position = issue.position.unwrap();
        assert_eq!((position.line, position.column), (line, column), "{}", issue.message);
        assert!(issue.message.contains(part), "{}", issue.message);
        assert!(!found.report.valid && found.orders.is_empty());
    }
}

#[test]
fn hostile_inputs_have_a_clear_answer() {
    let deep = format!("[{{\"x\":{}", "[".repeat(10_000));
    let found = validated(&deep);
    assert_eq!(found.report.issues[0].code, Code::TooDeep, "{:?}", found.report);

    let long = format!("[{{\"clientId\":\"{}\"}}]", "x".repeat(10_000_000));
    assert!(validated(&long).report.issues.iter().all(|issue| issue.message.len() < 500));

    let long = format!("[{{\"{}\":1}}]", "x".repeat(10_000_000));
    assert!(validated(&long).report.issues.iter().any(|issue| issue.code == Code::UnknownField));

    let options = Options { max_bytes: 10, ..Options::default() };
    let large = validate_orders(b"{\"orders\":[]}", &options).report;
    assert_eq!(large.issues[0].code, Code::TooLarge);

    for (input, code) in [("7", Code::Type), ("\"x\"", Code::Type), ("null", Code::Type), ("{}", Code::Required)] {
        assert_eq!(validated(input).report.issues[0].code, code, "{input}");
    }
    assert!(validated("[]").report.valid && validated("{\"orders\":[]}").report.valid, "no orders are no error");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let mut input = b"\xEF\xBB\xBF".to_vec();
    input.extend_from_slice(SAMPLE);
    assert_eq!(validated(&input).report.issues.len(), validated(SAMPLE).report.issues.len());
}

#[test]
fn a_key_twice_is_found_wherever_and_however_it_is_written() {
    for order in [
        r#"{"clientId":"a","cl\u0069entId":"b"}"#,
        r#"{"x":1,"x":2}"#,
        r#"{"x":{"y":1,"\u0079":2}}"#,
        r#"{"toAddress":{"name":"a","name":"b"}}"#,
    ] {
        let report = validate_order(order.as_bytes(), &Options::default()).report;
        let found = report.issues.iter().filter(|issue| issue.code == Code::DuplicateKey).count();
        assert_eq!(found, 1, "{order}");
    }
}

#[test]
fn one_request_has_at_most_200_orders_where_that_is_asked() {
    let options = Options { max_orders: Some(200), ..Options::default() };
    let orders = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
    let over = |count| {
        validate_orders(orders(count).as_bytes(), &options)
            .report
            .issues
            .iter()
            .any(|issue| issue.code == Code::TooManyOrders)
    };
    assert!(over(201) && !over(200));
}

#[test]
fn certain_mends_are_applied_and_gone_when_looked_at_again() {
    let order = |body: &str| format!("{{\"orders\":[ {{{body}}} ]}}");
    for (before, after) in [
        (r#""fromNode":null"#, ""),
        (r#""fromNode":null , "clientId":"1""#, r#" "clientId":"1""#),
        (r#""clientId":"1", "fromNode":null, "isGift":null"#, r#""clientId":"1""#),
        (r#""clientId":"1", "fromNode":null,"isGift":"true""#, r#""clientId":"1", "isGift":true"#),
        (
            r#""orderType":"ECOM","toAddress":{"postalCode":1234,"countryCode":"Austria"}"#,
            r#""orderType":"eCom","toAddress":{"postalCode":"1234","countryCode":"AT"}"#,
        ),
    ] {
        let fixed = apply_fixes(order(before).as_bytes(), |_, _| true);
        assert_eq!(String::from_utf8(fixed.bytes).unwrap(), order(after));
    }
    for input in [RAW, NORTHWIND, SAMPLE] {
        let fixable = |issues: &[Issue]| issues.iter().filter(|issue| issue.fix.is_some()).count();
        let before = validated(input).report;
        let fixed = apply_fixes(input, |_, _| true);
        assert_eq!(fixed.applied, fixable(&before.issues));
        // A mend may let another rule see its value for the first time; that is found on the next round.
        let again = apply_fixes(&fixed.bytes, |_, _| true);
        assert_eq!(fixable(&validated(&again.bytes).report.issues), 0);
    }
}

#[test]
fn only_the_chosen_mends_are_applied() {
    let fixed = apply_fixes(SAMPLE, |code, pointer| {
        code == Code::PostalCodeNumber && pointer.starts_with("/orders/0/toAddress")
    });
    assert_eq!(fixed.applied, 1);
    assert_eq!(apply_fixes(SAMPLE, |_, _| false).bytes, SAMPLE);
    assert_eq!(apply_fixes(b"{not json", |_, _| true).bytes, b"{not json");
}

#[test]
fn beyond_the_limit_of_one_request_orders_are_counted_and_not_kept() {
    let options = Options { max_orders: Some(200), ..Options::default() };
    let found = validate_orders(format!("[{}0]", "0,".repeat(100_000)).as_bytes(), &options);
    assert_eq!(found.orders.len(), 200);
    let over = found.report.issues.iter().find(|issue| issue.code == Code::TooManyOrders).unwrap();
    assert_eq!(over.received.as_deref(), Some("100001"));
}

#[test]
fn warnings_that_are_not_listed_leave_their_places_to_errors() {
    let options = Options { max_issues: 10, list_warnings: false, ..Options::default() };
    let input = format!(r#"[{{{}}}]"#, (0..20).map(|number| format!(r#""x{number}":1"#)).collect::<Vec<_>>().join(","));
    let report = validate_orders(input.as_bytes(), &options).report;
    assert_eq!(report.warning_count, 20);
    assert!(!report.issues.is_empty() && report.issues.iter().all(|issue| issue.severity == Severity::Error));
}

#[test]
fn a_field_that_is_there_again_with_other_capitals_is_there_twice() {
    for order in [r#"{"clientId":"a","ClientID":"b"}"#, r#"{"ClientID":"b","clientId":"a"}"#] {
        let report = validate_order(order.as_bytes(), &Options::default()).report;
        assert!(report.issues.iter().any(|issue| issue.code == Code::DuplicateKey && issue.pointer == "/ClientID"));
    }
    let alone = validate_order(br#"{"ClientID":"b"}"#, &Options::default()).report;
    assert!(alone.issues.iter().all(|issue| issue.code != Code::DuplicateKey));
}

#[test]
fn issues_do_not_repeat_names_and_ids_of_any_length() {
    let name = "x".repeat(100_000);
    for input in
        [format!(r#"[{{"{name}":["\ud800","\ud800"]}}]"#), format!(r#"[{{"clientId":"1","clientOrderId":"{name}"}}]"#)]
    {
        for issue in validated(input).report.issues {
            assert!(issue.pointer.len() < 2_000 && issue.client_order_id.is_none_or(|id| id.len() < 2_000));
        }
    }
}

/// Were it read whole for each issue below it, a request could keep a broker busy for minutes.
#[test]
fn a_long_name_is_not_read_again_for_each_issue_below_it() {
    let (name, values) = ("b".repeat(1 << 20), ["1e999"; 10_000].join(","));
    let input = format!(r#"[{{"\u0061{name}":[{values}]}}]"#);
    let start = std::time::Instant::now();
    assert_eq!(validated(&input).report.issues.len(), 10_000);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    // However it is written, the name is shown up to the same character.
    for written in ["a", "é", "\u{1F600}", "\\u00e9", "\\ud83d\\ude00", "\\ud83d"] {
        for length in [255, 256, 257, 300] {
            let input = format!(r#"[{{"{}":1e999}}]"#, written.repeat(length));
            let issues = validated(&input).report.issues;
            let issue = issues.iter().find(|issue| issue.code == Code::NumberRange).unwrap();
            let shown = issue.pointer.trim_start_matches("/0/");
            assert_eq!(shown.chars().count(), length.min(257), "{written} {length}");
            assert_eq!(shown.ends_with('…'), length > 256);
        }
    }
}

#[test]
fn no_mend_is_offered_that_may_be_wrong() {
    let fix = |path: &str, json: &str| issues_at(path, json).into_iter().find_map(|issue| issue.fix);
    assert_eq!(fix("/orderLines/0/unitPrice", "\"1e400\""), None);
    assert_eq!(fix("/createDate", "\"9999-12-31T23:30:00-01:00\""), None);
    assert_eq!(fix("/toAddress/countryCode", "\"Congo\""), None);
    assert_eq!(fix("/toAddress/postalCode", "501"), None, "two zeros may be lost");
}
