//! What becomes of orders, whatever the broker does, on virtual time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use pb_fulfillment::{
    client::{
        Client, ErrorCode, ErrorInfo, Event, Observer, OnAmbiguous, OnInvalid, Options, OrderResult, Outcome, Progress,
        Submission, SubmitOptions,
    },
    ports::{Cause, Clock},
    validate::{self, Validated},
    wire::{Problem, ProblemCode, ProblemError, Processed, header, ids::read_key},
};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    future::pending,
    rc::Rc,
};
use support::{
    START_MS, SeededRandom, VirtualClock,
    broker::{Call, FakeBroker, Step, page, problem, reply, retry_after},
};

const BASE: &str = "https://shop.example/api";

fn order(id: &str) -> Value {
    json!({
        "clientId": "1234", "clientOrderId": id, "createDate": "2026-02-28T12:00:00Z",
        "inputShippingDetails": {"carrier": "PITNEY BOWES", "serviceId": "PARCEL"},
        "orderLines": [{"sku": "A-1", "orderedQuantity": 1}],
        "toAddress": {"name": "Ada", "addressLines": ["1 Main St"], "cityTown": "Auburn", "stateProvince": "AL",
            "postalCode": "36830", "countryCode": "US"},
    })
}

fn numbered(count: usize) -> Vec<Value> {
    (0..count).map(|number| order(&format!("o{number}"))).collect()
}

fn broken() -> Value {
    let mut order = order("broken");
    order["orderLines"] = json!([]);
    order
}

/// A broker with a script, a client in front of it, and all that was seen.
struct Bench {
    clock: VirtualClock,
    broker: FakeBroker,
    options: Options,
    submit: SubmitOptions,
    seed: u64,
    log: Log,
}

/// Keeps what an observer is told.
#[derive(Default)]
struct Log {
    events: RefCell<Vec<Value>>,
    progress: RefCell<Vec<Value>>,
    results: RefCell<Vec<OrderResult>>,
}

impl Observer for Log {
    fn event(&self, event: &Event<'_>) {
        self.events.borrow_mut().push(serde_json::to_value(event).unwrap());
    }
    fn progress(&self, progress: &Progress<'_>) {
        self.progress.borrow_mut().push(serde_json::to_value(progress).unwrap());
        self.results.borrow_mut().extend_from_slice(progress.results);
    }
}

impl Bench {
    fn new(script: impl IntoIterator<Item = Step>) -> Self {
        let clock = VirtualClock::default();
        let broker = FakeBroker::new(&clock, script);
        let submit = SubmitOptions { submission_id: Some("s".into()), ..SubmitOptions::default() };
        Self { clock, broker, options: Options::new(BASE), submit, seed: 1, log: Log::default() }
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    fn resend(self) -> Self {
        self.with(|options| options.on_ambiguous = OnAmbiguous::Resend)
    }

    fn skip(mut self) -> Self {
        self.submit.on_invalid = OnInvalid::Skip;
        self
    }

    fn try_submit(&self, input: &[u8], cancel: impl Future<Output = Cause>) -> Result<Submission, ErrorInfo> {
        let validated = validate::validate_orders(input, &validate::Options::default());
        self.submit_validated(input, &validated, cancel)
    }

    fn submit_validated(
        &self,
        input: &[u8],
        validated: &Validated,
        cancel: impl Future<Output = Cause>,
    ) -> Result<Submission, ErrorInfo> {
        let random = SeededRandom::new(self.seed);
        let client = Client::new(self.options.clone(), self.broker.clone(), self.clock.clone(), random)?;
        self.clock.run(client.submit(input, validated, self.submit.clone(), cancel, &self.log))
    }

    fn submit_until(&self, orders: &[Value], cancel: impl Future<Output = Cause>) -> Submission {
        let input = json!({"orders": orders}).to_string();
        let submission = self.try_submit(input.as_bytes(), cancel).unwrap();
        self.check(orders, &submission);
        submission
    }

    fn submit(&self, orders: &[Value]) -> Submission {
        self.submit_until(orders, pending())
    }

    /// What holds for every submission.
    fn check(&self, orders: &[Value], submission: &Submission) {
        assert_eq!(submission.results.len(), orders.len());
        for (index, (result, order)) in submission.results.iter().zip(orders).enumerate() {
            assert_eq!(result.order_index, index);
            assert_eq!(result.client_order_id.as_deref(), order["clientOrderId"].as_str());
            let accepted = result.outcome == Outcome::Accepted;
            assert_eq!((accepted, accepted), (result.order_id.is_some(), result.error.is_none()), "{result:?}");
        }
        let counts = serde_json::to_value(submission.counts).unwrap();
        for (name, count) in counts.as_object().unwrap() {
            let found = outcomes(submission).iter().filter(|outcome| *outcome == name).count();
            assert_eq!(found as u64, count.as_u64().unwrap(), "{name}");
        }
        let mut told: Vec<_> = self.log.results.borrow().iter().map(|result| result.order_index).collect();
        told.sort_unstable();
        assert_eq!(told, (0..orders.len()).collect::<Vec<_>>(), "each result is told once");
        assert_eq!(self.broker.in_flight(), 0, "no request goes on when the submission has ended");
    }

    fn calls(&self) -> Vec<Call> {
        self.broker.calls()
    }

    fn times(&self) -> Vec<u64> {
        self.calls().iter().map(|call| call.at_ms).collect()
    }

    fn delays(&self) -> Vec<u64> {
        let events = self.log.events.borrow();
        events.iter().filter(|event| event["type"] == "retry").map(|event| event["delayMs"].as_u64().unwrap()).collect()
    }
}

fn outcomes(submission: &Submission) -> Vec<String> {
    let name = |result: &OrderResult| serde_json::to_value(result.outcome).unwrap().as_str().unwrap().to_owned();
    submission.results.iter().map(name).collect()
}

fn codes(submission: &Submission) -> Vec<&'static str> {
    submission.results.iter().map(|result| result.error.as_ref().map_or("", |error| error.code.name())).collect()
}

fn answer(code: ProblemCode) -> Step {
    Step::Answer(problem(&Problem::new(code)))
}

fn key(call: &Call) -> String {
    read_key(call.headers.get(header::IDEMPOTENCY_KEY).unwrap()).unwrap()
}

/// One order through a script: the outcome, the code, how many requests.
#[track_caller]
fn check(bench: &Bench, outcome: &str, code: &str, calls: usize) -> OrderResult {
    let submission = bench.submit(&numbered(1));
    assert_eq!((outcomes(&submission)[0].as_str(), codes(&submission)[0], bench.calls().len()), (outcome, code, calls));
    submission.results.into_iter().next().unwrap()
}

// ---- What is sent -------------------------------------------------------------------------------------------------

#[test]
fn a_request_is_what_the_broker_demands() {
    let bench = Bench::new([]).with(|options| {
        options.headers.set("Authorization", "Session 1");
        options.headers.set("x-pb-fulfillment-client", "forged");
    });
    let orders = numbered(2);
    bench.submit(&orders);
    let call = &bench.calls()[0];
    assert_eq!(call.url, "https://shop.example/api/v1/orders/bulk");
    let header = |name| call.headers.get(name);
    assert_eq!(header("Content-Type"), Some("application/json"));
    assert_eq!(header("X-PB-Fulfillment-Client"), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(header("Idempotency-Key"), Some("\"s.1\""));
    assert_eq!(header("Authorization"), Some("Session 1"));
    assert_eq!(call.body, json!({"orders": orders}).to_string().into_bytes());
}

#[test]
fn every_order_is_accepted_once_in_input_order() {
    let bench = Bench::new([]);
    let submission = bench.submit(&numbered(830));
    assert_eq!(submission.counts.accepted, 830);
    assert_eq!(bench.calls().iter().map(|call| call.ids.len()).collect::<Vec<_>>(), [200, 200, 200, 200, 30]);
    assert_eq!(bench.broker.most_in_flight(), 3);
    let stored = bench.broker.stored();
    for result in &submission.results {
        assert_eq!(stored[result.client_order_id.as_ref().unwrap()], [result.order_id.clone().unwrap()]);
        assert_eq!((result.status.as_deref(), result.attempts), (Some("RECEIVED"), 1));
        assert_eq!(result.transaction_ids.len(), 1);
    }
}

#[test]
fn zero_orders_make_no_request() {
    let bench = Bench::new([]);
    let input = b"[]";
    let report = validate::Report {
        valid: true,
        order_count: 0,
        error_count: 0,
        warning_count: 0,
        truncated: false,
        issues: Vec::new(),
    };
    let validated = Validated { report, orders: Vec::new() };
    let submission = bench.submit_validated(input, &validated, pending()).unwrap();
    assert!(submission.results.is_empty() && bench.calls().is_empty());
}

#[test]
fn the_second_order_of_the_same_id_goes_after_the_first_has_ended() {
    let bench = Bench::new([Step::Slow(5000)]);
    let orders = [order("a"), order("b"), order("a"), order("a")];
    let submission = bench.submit(&orders);
    assert_eq!(submission.counts.accepted, 4);
    let calls = bench.calls();
    assert_eq!(calls.iter().map(|call| call.ids.join("")).collect::<Vec<_>>(), ["ab", "a", "a"]);
    assert!(calls[1].at_ms >= 5000 && calls[2].at_ms > calls[1].at_ms);
    assert_eq!(calls.iter().map(key).collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn a_submission_has_an_id_of_its_own_unless_one_is_given() {
    let mut bench = Bench::new([]);
    bench.submit.submission_id = None;
    let id = bench.submit(&numbered(1)).submission_id;
    assert_eq!(id.len(), 36);
    assert_eq!(key(&bench.calls()[0]), format!("{id}.1"));
    bench.submit.submission_id = Some("a b".into());
    let error = bench.try_submit(b"[]", pending()).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidOptions);
}

#[test]
fn a_client_without_a_usable_base_url_is_refused() {
    for url in ["", "/api", "ftp://shop.example", "https://"] {
        let bench = Bench::new([]).with(|options| options.base_url = url.into());
        let error = bench.try_submit(b"[]", pending()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidOptions);
        assert!(error.message.contains("https://shop.example/api"), "{}", error.message);
    }
}

// ---- Orders with errors -------------------------------------------------------------------------------------------

#[test]
fn if_one_order_has_errors_nothing_is_sent() {
    let bench = Bench::new([]);
    let submission = bench.submit(&[order("a"), broken(), order("b")]);
    assert_eq!(outcomes(&submission), ["failed", "invalid", "failed"]);
    assert_eq!(codes(&submission), ["not_sent", "invalid_order", "not_sent"]);
    assert_eq!(submission.results[1].issues[0].code.name(), "no_order_lines");
    assert!(bench.calls().is_empty());
}

#[test]
fn orders_with_errors_are_skipped_if_that_is_wanted() {
    let bench = Bench::new([]).skip();
    let submission = bench.submit(&[order("a"), broken(), order("b")]);
    assert_eq!(outcomes(&submission), ["accepted", "invalid", "accepted"]);
    assert_eq!(bench.calls()[0].ids, ["a", "b"]);
    let bench = Bench::new([]).skip();
    assert_eq!(outcomes(&bench.submit(&[broken()])), ["invalid"]);
    assert!(bench.calls().is_empty());
}

#[test]
fn an_input_that_is_no_list_of_orders_is_an_error() {
    let bench = Bench::new([]);
    for input in ["", "{", "3", "\"x\"", "{\"orders\":[{}]", "{\"orders\":[],\"orders\":[]}"] {
        let error = bench.try_submit(input.as_bytes(), pending()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidInput, "{input}");
    }
    assert!(bench.calls().is_empty());
}

// ---- Sending again ------------------------------------------------------------------------------------------------

#[test]
fn what_was_not_processed_is_sent_again_with_the_same_bytes_and_key() {
    for code in [ProblemCode::UpstreamThrottled, ProblemCode::UpstreamUnavailable, ProblemCode::TokenUnavailable] {
        let bench = Bench::new([answer(code), answer(code)]);
        let result = check(&bench, "accepted", "", 3);
        assert_eq!((result.attempts, result.transaction_ids), (3, vec!["tx-1".into(), "tx-2".into(), "tx-3".into()]));
        let calls = bench.calls();
        assert!(calls.iter().all(|call| call.body == calls[0].body && key(call) == key(&calls[0])));
    }
}

#[test]
fn what_was_never_processed_ends_as_failed() {
    let bench = Bench::new(vec![answer(ProblemCode::UpstreamUnavailable); 3]);
    let result = check(&bench, "failed", "upstream_unavailable", 3);
    let error = result.error.unwrap();
    assert_eq!((error.status, error.request_id.as_deref()), (Some(503), Some("req-3")));
    let bench = Bench::new(vec![Step::Answer(page(503, "down")); 3]);
    check(&bench, "failed", "unavailable", 3);
    let bench = Bench::new(vec![Step::Answer(page(429, "")); 3]);
    check(&bench, "failed", "throttled", 3);
    let bench = Bench::new([answer(ProblemCode::UpstreamThrottled)]).with(|options| options.max_retries = 0);
    check(&bench, "failed", "upstream_throttled", 1);
}

#[test]
fn waits_grow_are_spread_and_have_a_limit() {
    let mut seen = Vec::new();
    for seed in 1..200 {
        let mut bench =
            Bench::new(vec![answer(ProblemCode::UpstreamUnavailable); 9]).with(|options| options.max_retries = 8);
        bench.seed = seed;
        check(&bench, "failed", "upstream_unavailable", 9);
        seen.push(bench.delays());
    }
    for (attempt, range) in [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000].into_iter().enumerate() {
        let most = seen.iter().map(|delays| delays[attempt]).max().unwrap();
        let least = seen.iter().map(|delays| delays[attempt]).min().unwrap();
        assert!(most <= range && most > range * 9 / 10 && least < range / 10, "{attempt}: {least} to {most}");
    }
}

#[test]
fn retry_after_is_obeyed_in_seconds_and_as_a_date() {
    let date = "Sun, 01 Mar 2026 00:00:20 GMT";
    for (value, expected) in [("7", 7000), (date, 20_000 - 20)] {
        let unavailable = problem(&Problem::new(ProblemCode::UpstreamUnavailable));
        let bench = Bench::new([Step::Answer(retry_after(unavailable, value))]);
        bench.clock.run(bench.clock.sleep(10));
        check(&bench, "accepted", "", 2);
        assert_eq!(bench.delays(), [expected], "{value}");
    }
    assert_eq!(START_MS, 1_772_323_200_000);
}

#[test]
fn retry_after_in_the_past_or_in_no_known_form_means_the_usual_wait() {
    for value in ["0", "Sun, 06 Nov 1994 08:49:37 GMT", "soon", "-5"] {
        let bench = Bench::new([Step::Answer(retry_after(page(503, ""), value))]);
        check(&bench, "accepted", "", 2);
        assert!(bench.delays()[0] <= 500, "{value}");
    }
}

#[test]
fn a_huge_retry_after_is_cut_to_the_cap() {
    for value in ["86400", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let bench = Bench::new([Step::Answer(retry_after(page(503, ""), value))]);
        check(&bench, "accepted", "", 2);
        assert_eq!(bench.delays(), [60_000], "{value}");
    }
}

#[test]
fn a_wait_beyond_the_deadline_is_not_begun() {
    let unavailable = retry_after(problem(&Problem::new(ProblemCode::UpstreamUnavailable)), "30");
    let bench = Bench::new([Step::Answer(unavailable)]).with(|options| options.deadline_ms = Some(20_000));
    let result = check(&bench, "failed", "upstream_unavailable", 1);
    assert!(result.error.unwrap().message.contains("no time left"));
    assert_eq!(bench.clock.elapsed_ms(), 10);
}

// ---- Doubt --------------------------------------------------------------------------------------------------------

#[test]
fn after_a_lost_answer_orders_are_unknown_and_not_sent_again() {
    for store in [false, true] {
        let step = |a, b| if store { b } else { a };
        let garbled = page(200, "<!doctype html><h1>Welcome</h1>");
        let cases = [
            (step(Step::Cut, Step::StoreThenCut), if store { "reply_cut" } else { "connection" }),
            (step(Step::Hang, Step::StoreThenHang), "timeout"),
            (step(Step::Answer(garbled.clone()), Step::StoreThenAnswer(garbled)), "reply_garbled"),
            (step(Step::Answer(page(200, "")), Step::StoreThenAnswer(page(200, ""))), "reply_garbled"),
            (step(Step::Answer(page(502, "Bad")), Step::StoreThenAnswer(page(504, ""))), "server_error"),
            (Step::Answer(page(304, "")), "reply_garbled"),
            (answer(ProblemCode::UpstreamCut), "upstream_cut"),
            (answer(ProblemCode::UpstreamTimeout), "upstream_timeout"),
            (answer(ProblemCode::UpstreamGarbled), "upstream_garbled"),
        ];
        for (step, code) in cases {
            check(&Bench::new([step]), "unknown", code, 1);
        }
    }
}

#[test]
fn a_timeout_cuts_an_attempt_after_its_time() {
    let bench = Bench::new([Step::Slow(29_000)]);
    check(&bench, "accepted", "", 1);
    let bench = Bench::new([Step::Slow(30_000)]);
    check(&bench, "unknown", "timeout", 1);
    assert_eq!(bench.clock.elapsed_ms(), 30_000);
}

#[test]
fn after_a_lost_answer_orders_are_sent_again_if_that_is_wanted() {
    for step in [
        Step::StoreThenCut,
        Step::StoreThenHang,
        Step::StoreThenAnswer(page(200, "<html>")),
        answer(ProblemCode::UpstreamCut),
    ] {
        let bench = Bench::new([step]).resend();
        check(&bench, "accepted", "", 2);
        let calls = bench.calls();
        assert_eq!((&calls[0].body, key(&calls[0])), (&calls[1].body, key(&calls[1])));
    }
    let bench = Bench::new(vec![Step::StoreThenCut; 3]).resend();
    check(&bench, "unknown", "reply_cut", 3);
}

#[test]
fn a_server_error_is_safe_to_repeat_and_leaves_doubt() {
    let error = || answer(ProblemCode::UpstreamError);
    check(&Bench::new([error()]), "accepted", "", 2);
    check(&Bench::new([error(), error(), error()]), "unknown", "upstream_error", 3);
    check(&Bench::new([error(), Step::Cut]), "unknown", "connection", 2);
}

#[test]
fn doubt_remains_whatever_comes_after_it() {
    let after = |step: Step| Bench::new([Step::StoreThenCut, step.clone(), step]).resend();
    check(&after(answer(ProblemCode::UpstreamUnavailable)), "unknown", "reply_cut", 3);
    check(&after(answer(ProblemCode::UpstreamAuth)), "unknown", "reply_cut", 2);
    check(&after(answer(ProblemCode::UpstreamRefused)), "unknown", "reply_cut", 2);
    check(&after(Step::Refuse(vec![0])), "unknown", "rejected", 2);
    let named = Problem::new(ProblemCode::NotApproved).errors(vec![at("/orders/0", None)]);
    check(&after(Step::Answer(problem(&named))), "unknown", "reply_cut", 2);
}

#[test]
fn doubt_ends_with_a_reply() {
    let script = [Step::StoreThenCut, Step::Answer(page(503, "")), Step::Accept];
    check(&Bench::new(script).resend(), "accepted", "", 3);
}

#[test]
fn what_is_certainly_not_processed_is_not_repeated() {
    let cases = [
        (Step::Answer(page(401, "")), "unauthorized"),
        (Step::Answer(page(403, "Access denied")), "forbidden"),
        (Step::Answer(page(404, "<h1>Not here</h1>")), "not_found"),
        (Step::Answer(page(405, "")), "not_found"),
        (Step::Answer(page(418, "")), "refused"),
        (Step::Unsendable, "invalid_request"),
        (answer(ProblemCode::Unauthorized), "unauthorized"),
        (answer(ProblemCode::OriginNotAllowed), "origin_not_allowed"),
        (answer(ProblemCode::UpstreamAuth), "upstream_auth"),
        (answer(ProblemCode::UpstreamForbidden), "upstream_forbidden"),
        (answer(ProblemCode::Internal), "internal"),
    ];
    for (step, code) in cases {
        check(&Bench::new([step]).resend(), "failed", code, 1);
    }
}

#[test]
fn an_answer_from_somebody_else_names_the_address_and_what_it_said() {
    let bench = Bench::new([Step::Answer(page(404, "<title>Acme</title><h1>Not here</h1>"))]);
    let error = check(&bench, "failed", "not_found", 1).error.unwrap();
    assert!(error.message.contains("https://shop.example/api/v1/orders/bulk"), "{}", error.message);
    assert!(error.message.contains("Acme Not here"), "{}", error.message);
    let body = r#"{"errors":[{"errorCode":"PB-APIM-ERR-1002","errorDescription":"Invalid Access Token"}]}"#;
    let error = check(&Bench::new([Step::Answer(page(401, body))]), "failed", "unauthorized", 1).error.unwrap();
    assert_eq!(error.errors[0].error_code.as_deref(), Some("PB-APIM-ERR-1002"));
}

// ---- Replies ------------------------------------------------------------------------------------------------------

#[test]
fn a_reply_may_be_shuffled_and_have_entries_of_others() {
    let shuffle = |entries: &mut Vec<Value>| {
        entries.reverse();
        entries.insert(1, json!({"clientId": "9", "clientOrderId": "o0", "orderId": "ORA9"}));
        entries.push(entries[0].clone());
    };
    let bench = Bench::new([Step::Altered(shuffle)]);
    let submission = bench.submit(&numbered(5));
    assert_eq!(submission.counts.accepted, 5);
    for result in submission.results {
        assert_eq!(bench.broker.stored()[&result.client_order_id.unwrap()], [result.order_id.unwrap()]);
    }
}

#[test]
fn entries_that_are_missing_unreadable_or_contradictory_leave_their_orders_unknown() {
    let spoil = |entries: &mut Vec<Value>| {
        let mut other = entries[3].clone();
        other["orderId"] = "ORA-other".into();
        entries.push(other);
        entries[2]["orderId"] = Value::Null;
        entries[4]["orderId"] = entries[0]["orderId"].clone();
        entries.remove(1);
    };
    let bench = Bench::new([Step::Altered(spoil)]);
    let submission = bench.submit(&numbered(6));
    assert_eq!(outcomes(&submission), ["unknown", "unknown", "unknown", "unknown", "unknown", "accepted"]);
    assert_eq!(
        codes(&submission),
        [
            "contradictory_reply",
            "missing_in_reply",
            "unreadable_in_reply",
            "contradictory_reply",
            "contradictory_reply",
            ""
        ]
    );
    assert_eq!(bench.calls().len(), 1);
}

#[test]
fn orders_that_the_reply_refuses_are_rejected_with_its_reasons() {
    let bench = Bench::new([Step::Refuse(vec![1])]);
    let submission = bench.submit(&numbered(3));
    assert_eq!(outcomes(&submission), ["accepted", "rejected", "accepted"]);
    let error = submission.results[1].error.as_ref().unwrap();
    assert_eq!(error.errors[0].error_code.as_deref(), Some("8000001"));
    assert!(error.message.contains("no such sku (8000001)"), "{}", error.message);
}

#[test]
fn a_request_that_the_api_refuses_rejects_all_its_orders() {
    let refused = Problem::new(ProblemCode::UpstreamRefused).upstream(400, vec![]);
    let bench = Bench::new([Step::Answer(problem(&refused))]);
    let submission = bench.submit(&numbered(2));
    assert_eq!(outcomes(&submission), ["rejected", "rejected"]);
    let other = Problem { status: 502, ..Problem::new(ProblemCode::UpstreamRefused).upstream(409, vec![]) };
    check(&Bench::new([Step::Answer(problem(&other))]), "failed", "upstream_refused", 1);
}

// ---- Refusals of single orders ------------------------------------------------------------------------------------

fn at(pointer: &str, code: Option<&str>) -> ProblemError {
    ProblemError { detail: "because.".into(), pointer: pointer.into(), code: code.map(str::to_owned) }
}

#[test]
fn orders_that_are_not_approved_end_and_the_others_are_sent_again() {
    let refusal = Problem::new(ProblemCode::NotApproved).errors(vec![at("/orders/1", None), at("/orders/9", None)]);
    let bench = Bench::new([Step::Answer(problem(&refusal))]);
    let submission = bench.submit(&numbered(3));
    assert_eq!(outcomes(&submission), ["accepted", "failed", "accepted"]);
    assert_eq!(codes(&submission), ["", "not_approved", ""]);
    assert_eq!(submission.results[1].error.as_ref().unwrap().message, "because.");
    let calls = bench.calls();
    assert_eq!(calls[1].ids, ["o0", "o2"]);
    assert_ne!(key(&calls[0]), key(&calls[1]), "other bytes, other key");
    assert_eq!(submission.results.iter().map(|result| result.attempts).collect::<Vec<_>>(), [2, 1, 2]);
}

#[test]
fn the_others_are_sent_again_only_once() {
    let refusal = Problem::new(ProblemCode::ForbiddenClient).errors(vec![at("/orders/0/clientId", None)]);
    let bench = Bench::new(vec![Step::Answer(problem(&refusal)); 9]);
    let submission = bench.submit(&numbered(4));
    assert_eq!(outcomes(&submission), ["failed"; 4]);
    assert_eq!(bench.calls().len(), 2);
    let bench = Bench::new([Step::Answer(problem(&refusal))]);
    assert_eq!(outcomes(&bench.submit(&numbered(1))), ["failed"], "and not at all if there are none");
    assert_eq!(bench.calls().len(), 1);
}

#[test]
fn orders_that_the_broker_finds_invalid_have_its_issues_at_their_place_in_the_input() {
    let errors = vec![at("/orders/0/toAddress/name", Some("too_long")), at("/orders/0/a~1b", Some("later_rule"))];
    let refusal = Problem::new(ProblemCode::Invalid).errors(errors);
    let bench = Bench::new([Step::Answer(problem(&refusal))]).skip();
    let submission = bench.submit(&[broken(), order("a"), order("b")]);
    assert_eq!(outcomes(&submission), ["invalid", "invalid", "accepted"]);
    let issues = serde_json::to_value(&submission.results[1].issues).unwrap();
    assert_eq!(issues.as_array().unwrap().len(), 1);
    assert_eq!(issues[0]["path"], json!(["orders", 1, "toAddress", "name"]));
    assert_eq!(issues[0]["pointer"], "/orders/1/toAddress/name");
    assert_eq!(submission.results[1].error.as_ref().unwrap().message, "because. because.");
    // A problem that names no order is about all of them.
    check(&Bench::new([answer(ProblemCode::Invalid)]), "failed", "invalid", 1);
}

// ---- Stopping -----------------------------------------------------------------------------------------------------

async fn after(clock: &VirtualClock, ms: u64) -> Cause {
    clock.sleep(ms).await;
    Cause(Some(Rc::new("the person left")))
}

#[test]
fn a_submission_that_is_cancelled_beforehand_sends_nothing() {
    let bench = Bench::new([]);
    let submission = bench.submit_until(&numbered(2), std::future::ready(Cause::default()));
    assert_eq!(outcomes(&submission), ["failed", "failed"]);
    assert_eq!(codes(&submission), ["aborted", "aborted"]);
    assert!(bench.calls().is_empty());
}

#[test]
fn cancelling_in_flight_cuts_at_once_and_keeps_what_is_known() {
    let bench = Bench::new([Step::Accept, Step::StoreThenHang]).with(|options| options.concurrency = 1);
    let clock = bench.clock.clone();
    let submission = bench.submit_until(&numbered(500), after(&clock, 1000));
    assert_eq!(bench.clock.elapsed_ms(), 1000);
    let counts = submission.counts;
    assert_eq!((counts.accepted, counts.unknown, counts.failed), (200, 200, 100));
    let error = submission.results[450].error.as_ref().unwrap();
    assert_eq!(error.code, ErrorCode::Aborted);
    let reason = error.cause.0.as_ref().unwrap().downcast_ref::<&str>();
    assert_eq!(reason, Some(&"the person left"));
}

#[test]
fn cancelling_a_wait_ends_it_at_once_and_the_orders_were_not_processed() {
    let bench = Bench::new([Step::Answer(retry_after(page(503, ""), "50"))]);
    let clock = bench.clock.clone();
    let submission = bench.submit_until(&numbered(1), after(&clock, 2000));
    assert_eq!((outcomes(&submission)[0].as_str(), codes(&submission)[0]), ("failed", "aborted"));
    assert_eq!(bench.clock.elapsed_ms(), 2000);
}

#[test]
fn cancelling_a_wait_after_doubt_leaves_the_orders_unknown() {
    let bench = Bench::new([Step::StoreThenCut, Step::Answer(retry_after(page(503, ""), "50"))]).resend();
    let clock = bench.clock.clone();
    let submission = bench.submit_until(&numbered(1), after(&clock, 10_000));
    assert_eq!((outcomes(&submission)[0].as_str(), codes(&submission)[0]), ("unknown", "aborted"));
}

#[test]
fn at_the_deadline_orders_in_flight_are_unknown_and_the_others_failed() {
    let bench = Bench::new([Step::Accept, Step::StoreThenHang]).with(|options| {
        options.concurrency = 1;
        options.deadline_ms = Some(5000);
    });
    let submission = bench.submit(&numbered(401));
    assert_eq!(bench.clock.elapsed_ms(), 5000);
    let counts = submission.counts;
    assert_eq!((counts.accepted, counts.unknown, counts.failed), (200, 200, 1));
    assert_eq!(codes(&submission)[399..], ["deadline", "deadline"]);
}

// ---- Listening ----------------------------------------------------------------------------------------------------

#[test]
fn what_happens_is_told_as_it_happens() {
    let bench = Bench::new([Step::Cut, answer(ProblemCode::UpstreamThrottled)]).resend();
    bench.submit(&numbered(2));
    let events = bench.log.events.borrow();
    let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["plan", "request", "failure", "retry", "request", "response", "retry", "request", "response"]);
    assert_eq!(events[0], json!({"type": "plan", "submissionId": "s", "clientOrderIds": ["o0", "o1"], "batches": 1}));
    assert_eq!(events[1], json!({"type": "request", "batchId": "s.1", "attempt": 1, "orders": [0, 1]}));
    assert_eq!(
        events[2],
        json!({"type": "failure", "batchId": "s.1", "attempt": 1, "code": "connection", "durationMs": 10})
    );
    assert_eq!(events[6]["code"], "upstream_throttled");
    let response = json!({"type": "response", "batchId": "s.1", "attempt": 3, "status": 200, "durationMs": 10, "requestId": "req-3"});
    assert_eq!(events[8], response);
}

#[test]
fn progress_counts_orders_and_batches() {
    let bench = Bench::new([]).skip().with(|options| options.concurrency = 1);
    let mut orders = numbered(250);
    orders.push(broken());
    bench.submit(&orders);
    let progress = bench.log.progress.borrow();
    let steps = progress.iter().map(|step| (step["done"].as_u64(), step["batches"]["done"].as_u64()));
    let expected = [(1, 0), (201, 0), (201, 1), (251, 1), (251, 2)].map(|(done, batches)| (Some(done), Some(batches)));
    assert_eq!(steps.collect::<Vec<_>>(), expected);
    let last = progress.last().unwrap();
    assert_eq!(
        (&last["total"], &last["batches"]["total"], &last["submissionId"]),
        (&json!(251), &json!(2), &json!("s"))
    );
    assert_eq!(last["counts"], json!({"accepted": 250, "rejected": 0, "invalid": 1, "failed": 0, "unknown": 0}));
}

// ---- Whatever the broker does -------------------------------------------------------------------------------------

/// A step at random.
fn any_step(random: &SeededRandom) -> Step {
    let of_any_order = |code| {
        let errors = (0..random.below(4)).map(|_| at(&format!("/orders/{}", random.below(8)), Some("too_long")));
        Problem::new(code).errors(errors.collect())
    };
    let codes = ProblemCode::ALL;
    let code = codes[random.below(codes.len() as u64) as usize];
    let honest = |code: ProblemCode| match code.processed() {
        Processed::Unknown if random.below(2) == 0 => Step::StoreThenAnswer(problem(&Problem::new(code))),
        _ => answer(code),
    };
    let garbage =
        ["", "<html>", "[]", "{}", "{\"orders\":", "{\"orders\":{}}", "null", "\u{0}"][random.below(8) as usize];
    match random.below(16) {
        0 => Step::Altered(|entries| entries.reverse()),
        1 => Step::Altered(|entries| entries.truncate(entries.len() / 2)),
        2 => Step::Altered(|entries| entries.iter_mut().for_each(|entry| entry["orderId"] = Value::Null)),
        3 => Step::Altered(|entries| entries.extend_from_within(..)),
        4 => Step::Refuse((0..random.below(5) as usize).collect()),
        5 => Step::Cut,
        6 => Step::StoreThenCut,
        7 => Step::Hang,
        8 => Step::StoreThenHang,
        9 => Step::Slow(random.below(40_000)),
        10 => Step::StoreThenAnswer(page([200, 201, 302, 500, 502, 504][random.below(6) as usize], garbage)),
        11 => Step::Answer(page([200, 400, 401, 403, 404, 429, 503][random.below(7) as usize], garbage)),
        12 => Step::Answer(problem(&of_any_order(ProblemCode::NotApproved))),
        13 => Step::Answer(problem(&of_any_order(ProblemCode::Invalid))),
        14 => Step::Answer(retry_after(problem(&Problem::new(ProblemCode::UpstreamUnavailable)), "3")),
        _ => honest(code),
    }
}

#[test]
fn whatever_the_broker_does_each_order_has_one_outcome_and_it_is_true() {
    let mut seen = BTreeMap::new();
    for seed in 0..3000 {
        let random = SeededRandom::new(seed);
        let steps: Vec<_> = (0..random.below(12)).map(|_| any_step(&random)).collect();
        let mut bench = Bench::new(steps.clone()).with(|options| {
            options.max_retries = random.below(4) as u32;
            options.concurrency = 1 + random.below(4) as usize;
            options.deadline_ms = (random.below(3) == 0).then(|| 1 + random.below(60_000));
            if random.below(2) == 0 {
                options.on_ambiguous = OnAmbiguous::Resend;
            }
        });
        bench.seed = seed;
        let mut orders = numbered(1 + random.below(6) as usize);
        if random.below(20) == 0 {
            orders = numbered(450);
        }
        if random.below(4) == 0 {
            bench = bench.skip();
            orders.insert(0, broken());
        }
        let clock = bench.clock.clone();
        let cancel_at = if random.below(3) == 0 { random.below(50_000) } else { 100_000_000 };
        let submission = bench.submit_until(&orders, after(&clock, cancel_at));
        let stored = bench.broker.stored();
        for result in &submission.results {
            let found = stored.get(result.client_order_id.as_ref().unwrap());
            let holds = match result.outcome {
                Outcome::Accepted => found.unwrap().contains(result.order_id.as_ref().unwrap()),
                Outcome::Unknown => result.attempts > 0,
                Outcome::Rejected | Outcome::Invalid | Outcome::Failed => found.is_none(),
            };
            assert!(holds, "seed {seed}: {result:?}\n{found:?}\n{steps:#?}");
            *seen.entry(serde_json::to_value(result.outcome).unwrap().to_string()).or_insert(0) += 1;
        }
        if bench.options.on_ambiguous == OnAmbiguous::Report {
            let once = |ids: &Vec<String>| ids.len() == 1;
            let repeated = steps.iter().any(|step| {
                matches!(step, Step::StoreThenAnswer(response) if problem(&Problem::new(ProblemCode::UpstreamError)).body == response.body)
            });
            assert!(repeated || stored.values().all(once), "seed {seed}: doubled");
        }
    }
    assert!(seen.len() == 5 && seen.values().all(|&count| count > 100), "{seen:?}");
}
