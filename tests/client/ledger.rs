//! A broker that remembers what it has sent.

use crate::{
    bench::*,
    support::broker::{Step, page, problem, retry_after},
};
use pb_fulfillment::wire::{Problem, ProblemCode, header};

fn in_progress(wait_s: u64) -> Step {
    Step::Answer(retry_after(problem(&Problem::new(ProblemCode::InProgress)), &wait_s.to_string()))
}

#[test]
fn a_request_that_is_under_way_is_asked_for_again_when_the_broker_says_and_with_the_same_key() {
    let bench = Bench::new([in_progress(33)]);
    check(&bench, "accepted", "", 2);
    assert_eq!(bench.delays(), [33_000]);
    let calls = bench.calls();
    assert_eq!((&calls[0].body, key(&calls[0])), (&calls[1].body, key(&calls[1])));
}

#[test]
fn a_reply_to_a_request_that_was_under_way_is_the_truth_about_it() {
    check(&Bench::new([in_progress(1), Step::Refuse(vec![0])]), "rejected", "rejected", 2);
    check(&Bench::new([in_progress(1), Step::Refuse(vec![0])]).resend(), "rejected", "rejected", 2);
    // Unless an earlier one was in doubt, by what the broker says or by what this client has seen.
    check(&Bench::new([in_progress(1), Step::RefuseInDoubt(vec![0])]), "unknown", "rejected", 2);
    let error = answer(ProblemCode::UpstreamError);
    check(&Bench::new([error, in_progress(1), Step::Refuse(vec![0])]), "unknown", "rejected", 3);
}

#[test]
fn a_request_that_stays_under_way_ends_as_unknown() {
    // A minute of asking, and then what is left of the attempts.
    check(&Bench::new(vec![in_progress(2); 99]), "unknown", "in_progress", 30 + 3);
    // Whatever else is answered to this attempt tells nothing of the one under way.
    check(&Bench::new([in_progress(1), Step::Answer(page(401, ""))]), "unknown", "in_progress", 2);
    check(&Bench::new([in_progress(1), answer(ProblemCode::InDoubt)]), "unknown", "in_doubt", 2);
}

#[test]
fn asking_for_a_request_under_way_costs_no_attempt() {
    let unavailable = || answer(ProblemCode::UpstreamUnavailable);
    let bench = Bench::new([vec![in_progress(2); 9], vec![unavailable(), unavailable()]].concat());
    check(&bench, "accepted", "", 12);
    assert_eq!(bench.delays()[..9], [2_000; 9]);
}

#[test]
fn what_a_reply_refuses_after_an_attempt_in_doubt_is_unknown() {
    let error = check(&Bench::new([Step::RefuseInDoubt(vec![0])]), "unknown", "rejected", 1).error.unwrap();
    assert!(error.message.contains("An earlier attempt may have created it"), "{}", error.message);
}

#[test]
fn a_request_in_doubt_ends_as_unknown() {
    check(&Bench::new([answer(ProblemCode::InDoubt)]), "unknown", "in_doubt", 1);
}

#[test]
fn orders_whose_key_was_used_for_other_bytes_may_have_been_among_those() {
    check(&Bench::new([answer(ProblemCode::KeyReused)]).resend(), "unknown", "key_reused", 1);
    let error = check(&Bench::new([answer(ProblemCode::KeyReused)]), "unknown", "key_reused", 1).error.unwrap();
    assert!(error.message.contains("used before, for other bytes"), "{}", error.message);
}

#[test]
fn only_a_client_that_was_told_to_resend_asks_for_it() {
    let asks = |bench: Bench| {
        check(&bench, "accepted", "", 2);
        let asks = bench.calls().into_iter().map(|call| call.headers.get(header::RESEND).is_some());
        asks.collect::<Vec<_>>()
    };
    let unavailable = || [answer(ProblemCode::UpstreamUnavailable)];
    assert_eq!(asks(Bench::new(unavailable())), [false, false]);
    assert_eq!(asks(Bench::new(unavailable()).resend()), [true, true]);
    let forged = Bench::new(unavailable()).with(|options| options.headers.set(header::RESEND, "true"));
    assert_eq!(asks(forged), [false, false], "not by a header of one's own");
}
