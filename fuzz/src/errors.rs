//! Whatever answers, the client gives each order one outcome that the answer bears out, and texts of errors are read as what
//! they are.
//!
//! The input is the answers to one request, the first and those to its repeats.

use crate::{message::Message, reference, support::VirtualClock};
use pb_fulfillment::{
    client::{Client, OnInvalid, Options, Outcome, SubmitOptions},
    ports::{Http, HttpError, Request, Response},
    validate::{self, validate_orders},
    wire::{ErrorBody, PROBLEM_JSON, Problem, Verdict, header, ids, match_entries, read_reply, retry_after_ms},
};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::{HashSet, VecDeque},
    future::pending,
    rc::Rc,
    time::{Duration, UNIX_EPOCH},
};

const IDS: [&str; 3] = ["a", "b", "c"];
const NOW_MS: u64 = 1_772_323_200_000;

pub fn check(data: &[u8]) {
    let messages = Message::all(data);
    for message in &messages {
        texts_are_cut(message.body);
        a_problem_is_written_as_it_was_read(message);
        a_reply_says_nothing_that_is_not_in_it(message.body);
        waits_are_those_of_the_field(message.headers.get(header::RETRY_AFTER).unwrap_or(&message.first));
        if let Some(key) = ids::read_key(&message.first) {
            assert_eq!(ids::read_key(&ids::quote_key(&key)), Some(key));
        }
    }
    every_order_has_an_outcome(&messages);
}

fn texts_are_cut(body: &[u8]) {
    let read = ErrorBody::read(body);
    let long = |text: &Option<String>, most| text.as_ref().is_some_and(|text| text.chars().count() > most);
    assert!(read.errors.len() <= 200 && !long(&read.text, 201));
    for error in &read.errors {
        assert!(error.error_code.is_some() || error.error_description.is_some());
        let texts = [&error.error_code, &error.error_description, &error.additional_info];
        assert!(texts.into_iter().all(|text| !long(text, 501)));
        assert!(!error.line().is_empty());
    }
}

fn a_problem_is_written_as_it_was_read(message: &Message<'_>) {
    let Some(problem) = Problem::read(message.status(), Some(PROBLEM_JSON), message.body) else { return };
    let written = problem.to_json();
    assert!(serde_json::from_slice::<Value>(&written).is_ok());
    let again = Problem::read(message.status(), Some(PROBLEM_JSON), &written).unwrap();
    let essence = |problem: &Problem| (problem.code, problem.processed, problem.retryable, problem.request_id.clone());
    assert_eq!(essence(&problem), essence(&again));
    assert_eq!(problem.errors.len(), again.errors.len());
}

fn a_reply_says_nothing_that_is_not_in_it(body: &[u8]) {
    let Some(entries) = read_reply(body) else { return };
    assert!(reference::is_json(body));
    let verdicts = match_entries(&entries, &IDS.map(|id| (Some("1234"), Some(id))));
    let mut given = HashSet::new();
    for (id, verdict) in IDS.iter().zip(verdicts) {
        let of_order = || {
            entries.iter().filter(|entry| {
                entry.client_id.as_deref() == Some("1234") && entry.client_order_id.as_deref() == Some(id)
            })
        };
        match verdict {
            Verdict::Accepted { order_id, .. } => {
                assert!(of_order().any(|entry| entry.order_id.as_ref() == Some(&order_id)));
                assert!(of_order().all(|entry| entry.errors.is_empty()));
                assert!(!order_id.trim().is_empty() && given.insert(order_id), "two orders have one id");
            }
            Verdict::Rejected { errors, .. } => {
                assert!(!errors.is_empty() && of_order().all(|entry| entry.order_id.is_none()));
            }
            Verdict::Missing => assert_eq!(of_order().count(), 0),
            Verdict::Unreadable | Verdict::Contradictory => assert!(of_order().count() > 0),
        }
    }
}

fn waits_are_those_of_the_field(field: &str) {
    let wait = retry_after_ms(field, NOW_MS);
    if let Ok(seconds) = field.trim().parse::<u32>()
        && !field.trim().starts_with('+')
    {
        assert_eq!(wait, Some(u64::from(seconds) * 1000));
    }
    // Years of two digits are read by a rule that needs the present, which the other reader does not know.
    if let Ok(date) = httpdate::parse_http_date(field.trim())
        && !field.contains('-')
    {
        let at = date.duration_since(UNIX_EPOCH).unwrap_or_default();
        assert_eq!(wait, Some(at.saturating_sub(Duration::from_millis(NOW_MS)).as_millis() as u64), "{field}");
    }
}

/// The broker, or what stands in its place.
struct Answers {
    left: RefCell<VecDeque<Response>>,
    given: Cell<usize>,
}

impl Http for Answers {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        let answer = self.left.borrow_mut().pop_front();
        let Some(answer) = answer else { return pending().await };
        self.given.set(self.given.get() + 1);
        Ok(answer)
    }
}

fn every_order_has_an_outcome(messages: &[Message<'_>]) {
    let clock = VirtualClock::default();
    let answer = |message: &Message<'_>| Response {
        status: message.status(),
        headers: message.headers.clone(),
        body: message.body.to_vec(),
    };
    let http = Rc::new(Answers { left: RefCell::new(messages.iter().map(answer).collect()), given: Cell::new(0) });
    let orders: Vec<_> = IDS.map(order).into();
    let input = Value::from(orders).to_string();
    let validated = validate_orders(input.as_bytes(), &validate::Options::default());
    let options = Options::new("https://broker.example/api");
    let random = crate::support::SeededRandom::new(1);
    let client = Client::new(options, http.clone(), clock.clone(), random).unwrap();
    let how = SubmitOptions { on_invalid: OnInvalid::Skip, ..SubmitOptions::default() };
    let submission = clock.run(client.submit(input.as_bytes(), &validated, how, pending(), &())).unwrap();

    let given = &messages[..http.given.get()];
    assert_eq!(submission.results.iter().map(|result| result.order_index).collect::<Vec<_>>(), [0, 1, 2]);
    for result in &submission.results {
        let success = |message: &Message<'_>| (200..300).contains(&message.status());
        match result.outcome {
            Outcome::Accepted => {
                let id = Value::from(result.order_id.clone().unwrap());
                let names = |message: &Message<'_>| {
                    let Some(reply) = reference::value(message.body) else { return reference::is_json(message.body) };
                    let entries = reply["orders"].as_array().cloned().unwrap_or_default();
                    // Of a number the text is kept, which serde_json does not have any more.
                    entries.iter().any(|entry| entry["orderId"] == id || entry["orderId"].is_number())
                };
                assert!(given.iter().any(|message| success(message) && names(message)), "{id}");
            }
            // Provably not processed: a success is no such proof, and neither is silence.
            Outcome::Failed | Outcome::Invalid => {
                let its = &given[..usize::try_from(result.attempts).unwrap()];
                assert!(!its.is_empty() && !its.iter().any(success) && result.error.is_some());
            }
            Outcome::Rejected => assert!(result.error.is_some()),
            Outcome::Unknown => assert!(result.error.is_some()),
        }
    }
}

/// An order that has no issue.
fn order(id: &str) -> Value {
    json!({
        "clientId": "1234", "clientOrderId": id, "createDate": "2022-02-07T01:20:00Z",
        "inputShippingDetails": { "carrier": "PITNEY BOWES", "serviceId": "PARCEL" },
        "orderLines": [{ "lineId": 1, "sku": "0001-0001", "orderedQuantity": 5 }],
        "toAddress": { "name": "A", "addressLines": ["1 Main St"], "cityTown": "Opelika", "stateProvince": "AL",
                       "postalCode": "36801", "countryCode": "US" }
    })
}
