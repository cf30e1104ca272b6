//! A stream is validated as the whole input would be, in whatever pieces it comes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use pb_fulfillment::validate::{Code, Issue, Options, Part, Reader, ReaderOptions, validate_orders};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Instant;

const SAMPLE: &str = include_str!("data/documented-sample.json");
const NORTHWIND: &[u8] = include_bytes!("data/northwind-orders.json");

/// Reads an input that comes in pieces of these sizes, over and over.
fn read(input: &[u8], sizes: &[usize], options: ReaderOptions) -> Vec<Part> {
    let mut reader = Reader::new(options);
    let (mut parts, mut rest) = (Vec::new(), input);
    for &size in sizes.iter().cycle() {
        let (chunk, behind) = rest.split_at(size.min(rest.len()));
        reader.push(chunk);
        parts.extend(std::iter::from_fn(|| reader.next()));
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    reader.end();
    parts.extend(std::iter::from_fn(|| reader.next()));
    assert!(reader.next().is_none(), "it has ended");
    parts
}

fn issues(parts: &[Part]) -> Vec<Issue> {
    parts.iter().flat_map(|part| part.validated.report.issues.clone()).collect()
}

/// What an issue says, apart from where the bytes are.
fn told(issues: Vec<Issue>) -> Vec<Value> {
    issues.iter().map(|issue| serde_json::to_value(issue).unwrap()).collect()
}

fn count(parts: &[Part]) -> usize {
    parts.iter().map(|part| part.validated.report.order_count).sum()
}

fn codes(parts: &[Part]) -> Vec<&'static str> {
    issues(parts).iter().map(|issue| issue.code.name()).collect()
}

fn order(id: &str) -> Value {
    let mut order = serde_json::from_str::<Value>(SAMPLE).unwrap()["orders"][0].clone();
    order["clientOrderId"] = id.into();
    order
}

fn lines(orders: &[Value]) -> String {
    orders.iter().map(|order| format!("{order}\n")).collect()
}

/// Texts of the three forms, good and bad.
fn texts() -> Vec<String> {
    let orders = [order("a"), json!({}), order("é\u{1F600}"), order("a"), json!(5), json!({"orderLines": [], "x": 1})];
    let list = json!(orders);
    vec![
        list.to_string(),
        format!("\u{FEFF} {list:#}\r\n"),
        format!("{{\"first\": [1, {{}}], \"orders\": {list}, \"last\": null, \"last\": 2}}"),
        format!("{{\r\n\"orders\":{list:#}\r\n, \"orders\": [{{}}]}}"),
        "[]".into(),
        " [ ] ".into(),
        "{\"orders\":[]}".into(),
        "{\"orders\": 5}".into(),
        "{\"orders\": \"text\", \"more\": 1}".into(),
        format!("[{},]", order("a")),
        format!("[{} {}]", order("a"), order("b")),
        format!("[{},\n{{\"clientId\": \"x\"]\n, {}]", order("a"), order("b")),
        format!("[{},\n{{\"clientId\": \"\\ud83d\\uzz\"}}]", order("a")),
        format!("[{},\n{{\"clientId\": tru}}]", order("a")),
        format!("[{}", order("a")),
        format!("[{},", order("a")),
        format!("[{}]]", order("a")),
        format!("{{\"orders\":[{}]", order("a")),
        format!("{{\"orders\":[{}], 5}}", order("a")),
        format!("{{\"orders\":[{}]}} x", order("a")),
        "[".into(),
    ]
}

#[test]
fn a_list_in_pieces_has_the_issues_of_the_whole() {
    for text in texts() {
        let whole = validate_orders(text.as_bytes(), &Options::default());
        let whole_told = told(whole.report.issues.clone());
        for sizes in [&[1][..], &[7, 1], &[64], &[1000], &[usize::MAX]] {
            let parts = read(text.as_bytes(), sizes, ReaderOptions::default());
            let found = told(issues(&parts));
            if whole.orders.is_empty() && whole.report.error_count == 1 {
                // Those before the fault have been told already.
                assert_eq!(found.last(), whole_told.last(), "{text} by {sizes:?}");
            } else {
                let by_order = |issues: &[Value]| {
                    let mut issues = issues.to_vec();
                    // What stands around the orders is told last.
                    issues.sort_by_key(|issue| issue["orderIndex"].as_u64().unwrap_or(u64::MAX));
                    issues
                };
                assert_eq!(by_order(&found), by_order(&whole_told), "{text} by {sizes:?}");
                assert_eq!(count(&parts), whole.report.order_count);
            }
        }
    }
}

#[test]
fn orders_in_lines_have_the_issues_of_a_list_of_them() {
    let orders = [order("a"), json!({}), order("é\u{1F600}"), order("a"), json!({"orderLines": [], "x": 1})];
    let whole = validate_orders(json!(orders).to_string().as_bytes(), &Options::default()).report;
    let joined = orders.iter().map(Value::to_string).collect::<String>();
    let pretty = orders.iter().map(|order| format!("{order:#}\r\n\r\n")).collect::<String>();
    for text in [lines(&orders), joined, pretty, format!("\u{FEFF}\n{}", lines(&orders).trim_end())] {
        for sizes in [&[1][..], &[64], &[usize::MAX]] {
            let parts = read(text.as_bytes(), sizes, ReaderOptions::default());
            assert_eq!(told(issues(&parts)), told(whole.issues.clone()), "{text} by {sizes:?}");
        }
    }
}

#[test]
fn a_line_that_is_not_json_is_an_order_with_an_error_and_the_next_is_read() {
    let good = |id| order(id).to_string();
    let bad = ["{\"a\":1]", "{\"a\":", "{\"a\":[", "{\"a\":\"x", "x", "{}}", "{\"a\":\"\\q\"}", "]", "tru"];
    for bad in bad {
        let text = format!("{}\n{bad}\n{}\n\n{}", good("a"), good("b"), good("c"));
        for sizes in [&[1][..], &[64], &[usize::MAX]] {
            let parts = read(text.as_bytes(), sizes, ReaderOptions::default());
            let faults: Vec<_> = issues(&parts).into_iter().filter(|issue| issue.code == Code::JsonSyntax).collect();
            let [fault] = &faults[..] else { panic!("{bad} by {sizes:?}: {faults:?}") };
            assert_eq!(fault.position.unwrap().line, 2, "{bad}: {}", fault.message);
            let ids: Vec<_> = parts.iter().flat_map(|part| &part.validated.orders).collect();
            let ids: Vec<_> = ids.iter().filter_map(|order| order.client_order_id.as_deref()).collect();
            assert_eq!(ids, ["a", "b", "c"], "{bad} by {sizes:?}");
            assert_eq!(fault.order_index, Some(if bad == "{}}" { 2 } else { 1 }), "{bad}");
        }
    }
}

#[test]
fn bytes_that_are_not_utf8_are_told_where_they_are() {
    let mut text = lines(&[order("a")]).into_bytes();
    text.extend_from_slice(b"{\"clientId\": \"\xFF\"}\n\xC3\n");
    text.extend_from_slice(lines(&[order("b")]).as_bytes());
    text.extend_from_slice(b"\xE2\x82");
    for sizes in [&[1][..], &[64], &[usize::MAX]] {
        let parts = read(&text, sizes, ReaderOptions::default());
        let faults: Vec<_> = issues(&parts).into_iter().filter(|issue| issue.code == Code::InvalidUtf8).collect();
        let places: Vec<_> =
            faults.iter().map(|issue| issue.position.unwrap()).map(|at| (at.line, at.column)).collect();
        assert_eq!(places, [(2, 15), (3, 1), (5, 1)], "by {sizes:?}");
        assert!(faults[0].message.contains("0xFF"), "{}", faults[0].message);
        assert_eq!(count(&parts), 5);
    }
    for text in [&b"[{\"a\":\"\xFF\"}]"[..], b"\xFF", b"{\"orders\":[]\xFF}", b"[]\xFF", b"[{\"a\":\"\xE2\x82"] {
        let whole = validate_orders(text, &Options::default()).report;
        for sizes in [&[1][..], &[usize::MAX]] {
            assert_eq!(
                told(issues(&read(text, sizes, ReaderOptions::default()))),
                told(whole.issues.clone()),
                "{text:?}"
            );
        }
    }
}

#[test]
fn what_holds_no_order_has_a_verdict() {
    let verdict = |text: &str| codes(&read(text.as_bytes(), &[1], ReaderOptions::default()));
    assert!(verdict("").is_empty() && verdict(" \r\n").is_empty(), "no order is no fault");
    for text in ["5", "<html>\n<p>", "\"text\""] {
        assert_eq!(verdict(text), ["json_syntax"], "{text}");
    }
    assert_eq!(count(&read(b"{}", &[1], ReaderOptions::default())), 1, "a line with an empty order");
}

#[test]
fn an_order_that_comes_again_in_a_later_part_is_told_and_the_part_says_so() {
    let orders: Vec<_> =
        (0..10).map(|index| order(["a", "b", "c", "d", "e", "f", "b", "g", "h", "b"][index])).collect();
    let parts =
        read(lines(&orders).as_bytes(), &[100], ReaderOptions { part_orders: Some(3), ..ReaderOptions::default() });
    assert_eq!(parts.iter().map(|part| part.validated.orders.len()).collect::<Vec<_>>(), [3, 3, 3, 1]);
    assert_eq!(parts.iter().map(|part| part.repeats).collect::<Vec<_>>(), [false, false, true, true]);
    let doubles: Vec<_> = issues(&parts).into_iter().filter(|issue| issue.code == Code::DuplicateOrder).collect();
    assert_eq!(
        doubles.iter().map(|issue| issue.pointer.as_str()).collect::<Vec<_>>(),
        ["/6/clientOrderId", "/9/clientOrderId"]
    );
    assert!(doubles[1].message.contains("order 2 of the input"), "{}", doubles[1].message);
}

#[test]
fn parts_of_a_number_of_orders_are_the_same_in_whatever_pieces_they_come() {
    let options = || ReaderOptions { part_orders: Some(200), ..ReaderOptions::default() };
    let spans = |parts: &[Part]| {
        let orders =
            |part: &Part| part.validated.orders.iter().map(|order| order.span.of(&part.bytes).to_vec()).collect();
        parts.iter().map(|part| (part.validated.first_order, orders(part))).collect::<Vec<(usize, Vec<Vec<u8>>)>>()
    };
    let whole = spans(&read(NORTHWIND, &[usize::MAX], options()));
    assert_eq!(
        whole.iter().map(|(first, orders)| (*first, orders.len())).collect::<Vec<_>>(),
        [(0, 200), (200, 200), (400, 200), (600, 200), (800, 30)]
    );
    let all = validate_orders(NORTHWIND, &Options::default()).orders;
    let expected: Vec<_> = all.iter().map(|order| order.span.of(NORTHWIND)).collect();
    assert_eq!(whole.iter().flat_map(|(_, orders)| orders).map(Vec::as_slice).collect::<Vec<_>>(), expected);
    for sizes in [&[3000][..], &[65_536], &[1, 50_000]] {
        assert!(spans(&read(NORTHWIND, sizes, options())) == whole, "{sizes:?}");
    }
    let large = lines(&vec![json!({"clientId": "x".repeat(1 << 20)}); 10]);
    let sizes: Vec<_> =
        read(large.as_bytes(), &[70_000], options()).iter().map(|part| part.validated.orders.len()).collect();
    assert_eq!(sizes, [4, 4, 2], "orders of a mebibyte each");
}

#[test]
fn an_order_beyond_the_limit_ends_the_stream() {
    let options =
        || ReaderOptions { validate: Options { max_bytes: 5000, ..Options::default() }, ..ReaderOptions::default() };
    let huge = json!({"clientId": "x".repeat(6000)});
    for text in [lines(&[order("a"), huge.clone(), order("b")]), json!([order("a"), huge, order("b")]).to_string()] {
        for sizes in [&[100][..], &[usize::MAX]] {
            let parts = read(text.as_bytes(), sizes, options());
            assert_eq!((count(&parts), codes(&parts).last().copied()), (1, Some("too_large")));
            assert!(parts.last().unwrap().last);
        }
    }
    let parts = read(format!("[{}]{}", order("a"), "x".repeat(6000)).as_bytes(), &[100], options());
    assert_eq!(codes(&parts).last().copied(), Some("too_large"), "behind the list");
    let parts = read(format!("{}[{}]", " ".repeat(20_000), order("a")).as_bytes(), &[100], options());
    assert_eq!(count(&parts), 1, "white space is no order");
}

#[test]
fn each_issue_has_its_place_if_that_is_wanted() {
    let text = format!("{}\n{{\n  \"clientId\": 5,\n  \"é\": 1, \"isGift\": 0}}\n", order("a"));
    for sizes in [&[1][..], &[usize::MAX]] {
        let parts = read(text.as_bytes(), sizes, ReaderOptions { positions: true, ..ReaderOptions::default() });
        let place = |pointer: &str| {
            let issues = issues(&parts);
            let issue = issues.iter().find(|issue| issue.pointer == pointer).unwrap();
            issue.position.map(|at| (at.line, at.column)).unwrap()
        };
        assert_eq!(place("/1/clientId"), (3, 15));
        assert_eq!(place("/1/isGift"), (4, 21));
        assert_eq!(place("/1/orderLines"), (2, 1), "what is missing is at its order");
    }
}

#[test]
fn only_what_is_not_read_counts_as_large() {
    let options = |part_orders| ReaderOptions {
        validate: Options { max_bytes: 1000, ..Options::default() },
        part_orders,
        ..ReaderOptions::default()
    };
    let blank = "\n".repeat(5000);
    let long = "{}".repeat(3000);
    let gap = format!("{{}}\n{blank}{{}}\n");
    let list = format!("{blank}[{{}}{blank},{blank}{{}}]");
    let faults = format!("{}{{}}\n", "{x\n".repeat(3000));
    for (text, orders) in [(long, 3000), (gap, 2), (list, 2), (faults, 3001)] {
        for part_orders in [None, Some(200)] {
            for sizes in [&[1][..], &[4096], &[usize::MAX]] {
                let parts = read(text.as_bytes(), sizes, options(part_orders));
                assert_eq!(count(&parts), orders, "{text:.20} by {sizes:?}");
                assert!(!codes(&parts).contains(&"too_large"), "{text:.20} by {sizes:?}");
            }
        }
    }
    for text in [
        format!("{{\"x\": \"{}\", \"orders\": [{{}}]}}", "x".repeat(1000)),
        format!("{{\"x\": \"{0}\", \"orders\": [{{}}], \"y\": \"{0}\"}}", "x".repeat(600)),
    ] {
        let whole = told(issues(&read(text.as_bytes(), &[usize::MAX], options(None))));
        assert_eq!(whole.last().unwrap()["code"], "too_large", "what stands around the orders");
        for sizes in [&[1][..], &[300]] {
            assert_eq!(told(issues(&read(text.as_bytes(), sizes, options(None)))), whole, "{sizes:?}");
        }
    }
}

#[test]
fn an_order_as_large_as_may_be_is_read_in_whatever_pieces_it_comes() {
    let order = json!({"clientId": "x".repeat(299_985)}).to_string();
    assert_eq!(order.len(), 300_000);
    let text = format!("{order}\n{}", "{}\n".repeat(50_000));
    let options =
        || ReaderOptions { validate: Options { max_bytes: 300_000, ..Options::default() }, ..ReaderOptions::default() };
    for sizes in [&[7_919][..], &[9_001], &[11_003], &[299_000], &[usize::MAX]] {
        assert_eq!(count(&read(text.as_bytes(), sizes, options())), 50_001, "{sizes:?}");
    }
}

#[test]
fn lines_that_are_no_json_take_time_as_they_are_many() {
    for bad in [&b"{x\n"[..], b"\xFF\n"] {
        let time = |lines| {
            let text = [&b"{}\n"[..], &bad.repeat(lines)].concat();
            let options = Options { max_issues: 1, ..Options::default() };
            let start = Instant::now();
            let parts = read(&text, &[usize::MAX], ReaderOptions { validate: options, ..ReaderOptions::default() });
            assert_eq!(count(&parts), lines + 1);
            start.elapsed()
        };
        // Ten times the lines would take a hundred times as long, if each went over those before.
        let (few, many) = (time(10_000), time(100_000));
        assert!(many < 40 * few, "{many:?} for ten times what took {few:?}");
    }
}

#[test]
fn what_stands_around_the_orders_has_its_place_too() {
    let text = format!(
        "\r\n\r\n{{\"first\": 1,\n \"orders\":\n[{}\n,\n{}],\n\n \"é\": 2, \"last\": 3}}",
        order("a"),
        order("b")
    );
    for sizes in [&[1][..], &[7], &[usize::MAX]] {
        let parts = read(text.as_bytes(), sizes, ReaderOptions { positions: true, ..ReaderOptions::default() });
        let places: Vec<_> = issues(&parts)
            .into_iter()
            .filter(|issue| issue.order_index.is_none())
            .map(|issue| (issue.pointer, issue.position.map(|at| (at.line, at.column)).unwrap()))
            .collect();
        let expected = [("/first", (3, 11)), ("/é", (9, 7)), ("/last", (9, 18))];
        assert_eq!(places, expected.map(|(pointer, at)| (pointer.to_owned(), at)), "by {sizes:?}");
    }
}

/// What texts of orders are made of, and what should not be in them.
const TOKENS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\n",
    b"\r",
    b" ",
    b"\\",
    b"\\u",
    b"\\ud83d",
    b"1",
    b"-",
    b"true",
    b"nul",
    b"\"a\"",
    b"\"orders\"",
    b"\"clientId\":\"b\"",
    b"{\"clientOrderId\":\"c\",\"clientId\":\"b\"}",
    b"{}",
    b"{\"orders\":[",
    b"\xC3\xA9",
    b"\xFF",
    b"\xE2\x82",
    b"\xEF\xBB\xBF",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_list_in_pieces_has_the_fault_of_the_whole(at in 0..SAMPLE.len(), byte: u8, size in 1..2000usize) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        bytes[at] = byte;
        let whole = validate_orders(&bytes, &Options::default());
        let parts = read(&bytes, &[size], ReaderOptions::default());
        let faulty = |issue: &&Issue| matches!(issue.code, Code::JsonSyntax | Code::InvalidUtf8 | Code::TooDeep);
        if let Some(fault) = whole.report.issues.iter().find(faulty) {
            let found = issues(&parts);
            let found = found.iter().find(faulty);
            // Before the list begins, it might as well be lines; and what is not UTF-8 may come behind what is no JSON either.
            if fault.code == Code::JsonSyntax && at > 20 {
                prop_assert_eq!(found.map(|issue| &issue.message), Some(&fault.message));
            } else {
                prop_assert!(found.is_some());
            }
        } else if at > 20 {
            prop_assert_eq!(issues(&parts).len(), whole.report.issues.len());
        }
    }

    #[test]
    fn the_pieces_make_no_difference(
        pieces in prop::collection::vec(
            prop::sample::select(TOKENS),
            0..30,
        ),
        size in 1..12usize,
    ) {
        let input = pieces.concat();
        let whole = read(&input, &[usize::MAX], ReaderOptions::default());
        let parts = read(&input, &[size], ReaderOptions::default());
        prop_assert_eq!(told(issues(&parts)), told(issues(&whole)), "{}", String::from_utf8_lossy(&input));
        prop_assert_eq!(count(&parts), count(&whole));
    }

    #[test]
    fn the_pieces_make_no_difference_to_what_is_too_large(
        pieces in prop::collection::vec(prop::sample::select(TOKENS), 0..60),
        size in 1..12usize,
        max_bytes in 1..60usize,
    ) {
        let input = pieces.concat();
        let options = || ReaderOptions { validate: Options { max_bytes, ..Options::default() }, ..ReaderOptions::default() };
        let whole = read(&input, &[usize::MAX], options());
        let parts = read(&input, &[size], options());
        prop_assert_eq!(told(issues(&parts)), told(issues(&whole)), "{}", String::from_utf8_lossy(&input));
        prop_assert_eq!(count(&parts), count(&whole));
    }
}
