//! A client on the ports of the runtime, in front of a broker and the emulator, which answer as its `fetch`.

use crate::js;
use js_sys::{Function, Promise, Reflect};
use pb_fulfillment::{
    client::{Client, ErrorCode, OnInvalid, Options, OrderResult, Outcome, Submission, SubmitOptions},
    ports::{Cause, Clock},
    validate::validate_orders,
    wasm::{
        broker::answer_as_broker, emulator::answer_as_emulator, entropy::Entropy, fetch::Fetch, signal::aborted,
        submit::submit, timers::Timers, values::field, vault::get_token,
    },
    wire::ProblemCode,
};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    future::{Future, pending},
    rc::Rc,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::wasm_bindgen_test;

const BASE: &str = "https://shop.example/api";

/// What the glue does, without its care: it makes calls of requests, and responses of answers.
const GLUE: &str = "
    const asked = ({ method, url, headers }) => ({ method, path: new URL(url).pathname, headers: [...headers] });
    const beginningOf = (body, pulls = 0) => new ReadableStream({
        pull: (controller) => (pulls++ ? controller.error(new TypeError('cut')) : controller.enqueue(body)),
    });
    const response = ({ status, headers, body, cut }) => new Response(cut ? beginningOf(body) : body, { status, headers });
    async function upstream(request) {
        const body = new Uint8Array(await request.arrayBuffer());
        const options = { apiKey: 'key', apiSecret: 'secret', seed: 7, faults };
        const answer = await answerAsEmulator({ emulator: number, options, ...asked(request), body });
        if (!answer) throw new TypeError('cut');
        return response(answer);
    }
    async function fetch(request) {
        fetch.requests.push(request);
        const pieces = [new Uint8Array(await request.arrayBuffer())];
        return response(await answerAsBroker({
            broker: number,
            options: { basePath: '/api', allowMissingOrigin: true },
            ...asked(request),
            chunk: async () => pieces.shift(),
            fetch: upstream,
            getToken: (rejected) => getToken({ apiKey: 'key', apiSecret: 'secret', fetch: upstream, rejected }),
            authorize: async () => ({ subject: 'me', clientIds: ['1234'], scopes: ['orders:write'] }),
            approveOrders: async () => [],
            log: () => {},
        }));
    }
    fetch.requests = [];
    fetch.upstream = upstream;
    return fetch;
";

/// An export of the program, as a function that gives a promise.
fn export<F: Future<Output = Result<JsValue, JsValue>> + 'static>(answer: fn(JsValue) -> F) -> JsValue {
    Closure::<dyn Fn(JsValue) -> Promise>::new(move |call| future_to_promise(answer(call))).into_js_value()
}

/// A broker with the emulator behind it.
struct World(Function);

impl World {
    fn new(faults: &Value) -> Self {
        thread_local! {
            static WORLDS: Cell<u32> = const { Cell::new(0) };
        }
        let number = WORLDS.replace(WORLDS.get() + 1);
        let given = [
            ("number", &number.into()),
            ("faults", &faults.to_string().into()),
            ("answerAsBroker", &export(answer_as_broker)),
            ("answerAsEmulator", &export(answer_as_emulator)),
            ("getToken", &export(get_token)),
        ];
        Self(js::run(&given, GLUE).unchecked_into())
    }

    /// The faults of the calls with orders, one after another.
    fn with_faults(kinds: &[&str]) -> Self {
        Self::new(&json!({ "script": kinds.iter().map(|kind| json!({ "fault": kind })).collect::<Vec<_>>() }))
    }

    async fn submit(&self, input: &[u8], change: impl FnOnce(&mut Options)) -> Submission {
        self.submit_until(input, change, pending()).await
    }

    async fn submit_until(
        &self,
        input: &[u8],
        change: impl FnOnce(&mut Options),
        cancel: impl Future<Output = Cause>,
    ) -> Submission {
        let mut options = Options::new(BASE);
        change(&mut options);
        let client = Client::new(options, Fetch::new(self.0.clone(), 1 << 20), Timers, Entropy).unwrap();
        let how = SubmitOptions { on_invalid: OnInvalid::Skip, ..SubmitOptions::default() };
        client.submit(input, &validate_orders(input, &Default::default()), how, cancel, &()).await.unwrap()
    }

    /// The ids under which the API has orders, by their own.
    async fn stored(&self) -> Vec<(String, String)> {
        let ask =
            "return fetch.upstream(new Request('https://api.example/emulator/orders')).then((told) => told.json());";
        let told = js::run(&[("fetch", &self.0)], ask).unchecked_into::<Promise>();
        let told = js::json(&JsFuture::from(told).await.unwrap());
        let text = |order: &Value, name: &str| order[name].as_str().unwrap().to_owned();
        let ids = |order| (text(order, "clientOrderId"), text(order, "orderId"));
        told["orders"].as_array().unwrap().iter().map(ids).collect()
    }

    fn requests(&self) -> Vec<JsValue> {
        field(&self.0, "requests").unchecked_into::<js_sys::Array>().iter().collect()
    }
}

fn orders(count: usize) -> Vec<Value> {
    (1..=count)
        .map(|number| {
            json!({
                "clientId": "1234", "clientOrderId": format!("W-{number}"), "createDate": "2026-02-28T12:00:00Z",
                "inputShippingDetails": { "carrier": "PITNEY BOWES", "serviceId": "PARCEL" },
                "orderLines": [{ "lineId": 1, "sku": "A-1", "orderedQuantity": 1 }],
                "toAddress": { "name": "Ada", "addressLines": ["1 Main St"], "cityTown": "Auburn", "stateProvince": "AL",
                               "postalCode": "36830", "countryCode": "US" },
            })
        })
        .collect()
}

fn input(count: usize) -> Vec<u8> {
    Value::from(orders(count)).to_string().into_bytes()
}

fn outcomes(submission: &Submission) -> Vec<Outcome> {
    submission.results.iter().map(|result| result.outcome).collect()
}

fn code(result: &OrderResult) -> Option<ErrorCode> {
    result.error.as_ref().map(|error| error.code)
}

fn cause(result: &OrderResult) -> Option<&JsValue> {
    result.error.as_ref()?.cause.0.as_ref()?.downcast_ref()
}

#[wasm_bindgen_test]
async fn orders_are_stored_under_the_ids_that_their_results_name() {
    let world = World::with_faults(&[]);
    let submission = world.submit(&input(450), |_| ()).await;
    assert_eq!(submission.counts.accepted, 450);
    let told = submission
        .results
        .iter()
        .map(|result| (result.client_order_id.clone().unwrap(), result.order_id.clone().unwrap()));
    let (mut told, mut stored) = (told.collect::<Vec<_>>(), world.stored().await);
    told.sort_unstable();
    stored.sort_unstable();
    assert_eq!(told, stored);
    assert_eq!(world.requests().len(), 3);
    assert!(world.requests().iter().all(|request| !js::is(&field(request, "signal"), "aborted")));
}

#[wasm_bindgen_test]
async fn each_submission_has_an_id_of_its_own() {
    let world = World::with_faults(&[]);
    let (first, second) = (world.submit(&input(1), |_| ()).await, world.submit(&input(1), |_| ()).await);
    assert_ne!(first.submission_id, second.submission_id);
    let key = |index: usize| js::call(&field(&world.requests()[index], "headers"), "get", &["Idempotency-Key".into()]);
    assert_eq!(key(0), format!("\"{}.1\"", first.submission_id).as_str());
    assert_eq!(key(1), format!("\"{}.1\"", second.submission_id).as_str());
}

#[wasm_bindgen_test]
async fn an_invalid_order_is_not_sent_and_a_refused_one_is_not_stored() {
    let world = World::with_faults(&["refuse_orders"]);
    let mut orders = orders(3);
    orders[0]["orderLines"] = json!([]);
    let submission = world.submit(Value::from(orders).to_string().as_bytes(), |_| ()).await;
    assert_eq!(outcomes(&submission), [Outcome::Invalid, Outcome::Accepted, Outcome::Rejected]);
    assert_eq!(world.stored().await.iter().map(|(id, _)| &**id).collect::<Vec<_>>(), ["W-2"]);
}

#[wasm_bindgen_test]
async fn an_answer_that_is_lost_leaves_the_order_unknown() {
    for fault in ["cut_after", "cut_body", "truncated", "html", "empty"] {
        let world = World::with_faults(&[fault]);
        let submission = world.submit(&input(1), |_| ()).await;
        assert_eq!(outcomes(&submission), [Outcome::Unknown], "{fault}");
        assert_eq!((world.requests().len(), world.stored().await.len()), (1, 1), "{fault}");
    }
}

#[wasm_bindgen_test]
async fn what_was_certainly_not_processed_is_sent_again_after_a_wait() {
    let world = World::with_faults(&["throttled"]);
    let submission = world.submit(&input(2), |_| ()).await;
    assert_eq!((outcomes(&submission), world.requests().len()), (vec![Outcome::Accepted; 2], 2));

    let world = World::with_faults(&["unavailable"]);
    let submission = world.submit(&input(1), |options| options.max_retries = 0).await;
    assert_eq!(outcomes(&submission), [Outcome::Failed]);
    assert_eq!(code(&submission.results[0]), Some(ErrorCode::Problem(ProblemCode::UpstreamUnavailable)));
    assert!(world.stored().await.is_empty());
}

#[wasm_bindgen_test]
async fn a_request_that_takes_too_long_is_aborted() {
    let world = World::new(&json!({ "script": [{ "fault": "none", "latencyMs": 60_000 }] }));
    let start = Timers.now_ms();
    let submission = world.submit(&input(1), |options| options.timeout_ms = 50).await;
    assert_eq!(
        (outcomes(&submission), code(&submission.results[0])),
        (vec![Outcome::Unknown], Some(ErrorCode::Timeout))
    );
    assert!(Timers.now_ms() - start < 5_000);
    assert!(js::is(&field(&world.requests()[0], "signal"), "aborted"));
}

#[wasm_bindgen_test]
async fn an_abort_stops_the_submission_with_its_reason() {
    let world = World::new(&json!({ "script": [{ "fault": "none", "latencyMs": 60_000 }] }));
    let controller = js::value("new AbortController()");
    let signal = field(&controller, "signal");
    let leaves = async {
        aborted(signal.clone().unchecked_into()).await;
        Cause(Some(Rc::new(field(&signal, "reason"))))
    };
    js::run(&[("controller", &controller)], "setTimeout(() => controller.abort('they left'), 30);");
    let submission = world.submit_until(&input(1), |_| (), leaves).await;
    assert_eq!(
        (outcomes(&submission), code(&submission.results[0])),
        (vec![Outcome::Unknown], Some(ErrorCode::Aborted))
    );
    assert_eq!(cause(&submission.results[0]), Some(&"they left".into()));
    assert!(js::is(&field(&world.requests()[0], "signal"), "aborted"));
}

/// The export that the glue calls, with the fields that it fills in.
async fn call_submit(fetch: &Function, input: &[u8], more: &str) -> Result<JsValue, JsValue> {
    let call = js::value(&format!("{{ baseURL: '{BASE}', heard: [], ...({more}) }}"));
    let given = [("call", &call), ("fetch", fetch), ("input", &js_sys::Uint8Array::from(input))];
    js::run(
        &given,
        "const listen = (what, value) => call.heard.push([what, value]);
        Object.assign(call, { fetch, input, listen });",
    );
    let submission = JsFuture::from(submit(call.clone())?).await?;
    Reflect::set(&submission, &"heard".into(), &field(&call, "heard")).unwrap();
    Ok(submission)
}

#[wasm_bindgen_test]
async fn the_export_gives_the_submission_and_tells_of_each_step() {
    let world = World::with_faults(&[]);
    let given = call_submit(&world.0, &input(2), "{ submissionId: 's', headers: [['X-Shop', '1']] }").await.unwrap();
    let given = js::json(&given);
    assert_eq!((&given["submissionId"], &given["counts"]["accepted"]), (&json!("s"), &json!(2)));
    let heard = given["heard"].as_array().unwrap();
    let types: Vec<_> = heard.iter().map(|told| told[1]["type"].as_str().or(told[0].as_str()).unwrap()).collect();
    assert_eq!(types, ["plan", "request", "response", "progress", "progress"]);
    assert_eq!(js::call(&field(&world.requests()[0], "headers"), "get", &["X-Shop".into()]), "1");
}

/// Serde does not carry them.
#[wasm_bindgen_test]
async fn the_export_keeps_what_the_runtime_has_thrown_as_the_cause() {
    let thrown = js::value("new TypeError('no net')");
    let fetch = js::run(&[("thrown", &thrown)], "return () => Promise.reject(thrown);");
    let given = call_submit(fetch.unchecked_ref(), &input(2), "{}").await.unwrap();
    for index in 0..2 {
        let error = |results: &JsValue| field(&js_sys::Array::from(results).get(index), "error");
        assert_eq!(field(&error(&field(&given, "results")), "cause"), thrown);
    }

    let reason = "{ signal: AbortSignal.abort('they left') }";
    let given = call_submit(&World::with_faults(&[]).0, &input(1), reason).await.unwrap();
    let error = field(&js_sys::Array::from(&field(&given, "results")).get(0), "error");
    assert_eq!((field(&error, "code"), field(&error, "cause")), ("aborted".into(), "they left".into()));
}

#[wasm_bindgen_test]
async fn the_export_refuses_what_is_no_list_of_orders_and_a_wrong_option() {
    let fetch = js::value("() => { throw new Error('nothing may be sent'); }").unchecked_into();
    for (input, more, code) in [
        (&b"[{"[..], "{}", "invalid_json"),
        (b"{}", "{}", "invalid_input"),
        (b"[]", "{ baseURL: 'ftp://a' }", "invalid_options"),
        (b"[]", "{ timeout: 2 ** 31 }", "invalid_options"),
        (b"[]", "{ severity: [['x', 'off']] }", "wrong_call"),
    ] {
        let error = call_submit(&fetch, input, more).await.unwrap_err();
        assert_eq!(field(&error, "code"), code, "{more}");
        assert_eq!(field(&error, "report").is_object(), code.ends_with("json") || code == "invalid_input");
    }
}
