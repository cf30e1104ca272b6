//! Lost answers, and what is certain.

use crate::{
    bench::*,
    support::broker::{Step, page, problem},
};
use pb_fulfillment::wire::{Problem, ProblemCode};

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
fn a_problem_that_comes_as_a_success_proves_nothing() {
    let strange = Problem { status: 200, ..Problem::new(ProblemCode::NotApproved) };
    check(&Bench::new([Step::StoreThenAnswer(problem(&strange))]), "unknown", "reply_garbled", 1);
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
