//! A broker that does what a script says, with the API behind it reduced to a map of what was stored.

use super::VirtualClock;
use pb_fulfillment::{
    ports::{Cause, Clock, Headers, Http, HttpError, HttpErrorKind, Request, Response},
    wire::{JSON, PROBLEM_JSON, Problem, header},
};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    future::pending,
    rc::Rc,
};

/// What the broker does with one request.
#[derive(Clone, Debug)]
pub enum Step {
    /// Stores the orders and says so.
    Accept,
    /// Stores the orders, and changes the entries of the reply before it sends it.
    Altered(fn(&mut Vec<Value>)),
    /// Refuses these orders (by position) in the reply and stores the others.
    Refuse(Vec<usize>),
    /// The same, and says that an earlier attempt may have stored them.
    RefuseInDoubt(Vec<usize>),
    /// Answers without storing anything.
    Answer(Response),
    /// Stores the orders, then answers this.
    StoreThenAnswer(Response),
    /// Is cut before it stores anything.
    Cut,
    /// Stores the orders, then is cut, while the body is read.
    StoreThenCut,
    /// Never answers and stores nothing.
    Hang,
    /// Stores the orders and never answers.
    StoreThenHang,
    /// Stores the orders and answers after so many milliseconds.
    Slow(u64),
    /// The request could not be formed.
    Unsendable,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Call {
    /// When, since virtual time began.
    pub at_ms: u64,
    pub url: String,
    pub headers: Headers,
    pub body: Vec<u8>,
    /// The clientOrderId of each order in it.
    pub ids: Vec<String>,
}

/// The broker. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct FakeBroker(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    clock: VirtualClock,
    script: RefCell<VecDeque<Step>>,
    calls: RefCell<Vec<Call>>,
    stored: RefCell<BTreeMap<String, Vec<String>>>,
    in_flight: Cell<usize>,
    most_in_flight: Cell<usize>,
    next: Cell<u64>,
}

impl FakeBroker {
    /// Does these steps in turn, then accepts everything.
    pub fn new(clock: &VirtualClock, script: impl IntoIterator<Item = Step>) -> Self {
        let script = RefCell::new(script.into_iter().collect());
        Self(Rc::new(Inner { clock: clock.clone(), script, ..Inner::default() }))
    }

    pub fn calls(&self) -> Vec<Call> {
        self.0.calls.borrow().clone()
    }

    /// The ids that each clientOrderId was stored under.
    pub fn stored(&self) -> BTreeMap<String, Vec<String>> {
        self.0.stored.borrow().clone()
    }

    pub fn most_in_flight(&self) -> usize {
        self.0.most_in_flight.get()
    }

    pub fn in_flight(&self) -> usize {
        self.0.in_flight.get()
    }

    /// Stores the orders, those at the refused positions excepted, and makes the reply's entries.
    fn store(&self, orders: &[Value], refused: &[usize]) -> Vec<Value> {
        let entry = |(position, order): (usize, &Value)| {
            let ids = json!({"clientId": order["clientId"], "clientOrderId": order["clientOrderId"]});
            let Value::Object(mut entry) = ids else { return Value::Null };
            if refused.contains(&position) {
                entry.insert("errors".into(), json!([{"errorCode": "8000001", "errorDescription": "no such sku"}]));
            } else {
                let number = self.0.next.replace(self.0.next.get() + 1);
                let order_id = format!("ORA{number:019}US");
                let key = order["clientOrderId"].as_str().unwrap_or_default().to_owned();
                self.0.stored.borrow_mut().entry(key).or_default().push(order_id.clone());
                entry.insert("orderId".into(), order_id.into());
                entry.insert("status".into(), "RECEIVED".into());
            }
            Value::Object(entry)
        };
        orders.iter().enumerate().map(entry).collect()
    }

    async fn act(&self, step: Step, orders: &[Value]) -> Result<Response, HttpError> {
        let refused = match &step {
            Step::Refuse(positions) | Step::RefuseInDoubt(positions) => positions.as_slice(),
            _ => &[],
        };
        let stores = !matches!(step, Step::Answer(_) | Step::Cut | Step::Hang | Step::Unsendable);
        let mut entries = if stores { self.store(orders, refused) } else { Vec::new() };
        let in_doubt = matches!(step, Step::RefuseInDoubt(_));
        match step {
            Step::Answer(response) | Step::StoreThenAnswer(response) => return Ok(response),
            Step::Cut => return Err(http_error(HttpErrorKind::Connection)),
            Step::StoreThenCut => return Err(http_error(HttpErrorKind::Body)),
            Step::Unsendable => return Err(http_error(HttpErrorKind::Invalid)),
            Step::Hang | Step::StoreThenHang => return pending().await,
            Step::Slow(ms) => self.0.clock.sleep(ms).await,
            Step::Altered(change) => change(&mut entries),
            Step::Accept | Step::Refuse(_) | Step::RefuseInDoubt(_) => {}
        }
        let mut response = reply(&json!({"orders": entries}));
        if in_doubt {
            response.headers.set(header::DOUBT, "true");
        }
        Ok(response)
    }
}

struct Flight<'a>(&'a Cell<usize>);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Http for FakeBroker {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let inner = &*self.0;
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let orders = body["orders"].as_array().cloned().unwrap_or_default();
        let ids = orders.iter().map(|order| order["clientOrderId"].as_str().unwrap_or_default().to_owned());
        inner.calls.borrow_mut().push(Call {
            at_ms: inner.clock.elapsed_ms(),
            url: request.url,
            headers: request.headers,
            body: request.body,
            ids: ids.collect(),
        });
        inner.in_flight.set(inner.in_flight.get() + 1);
        inner.most_in_flight.set(inner.most_in_flight.get().max(inner.in_flight.get()));
        let _flight = Flight(&inner.in_flight);
        inner.clock.sleep(10).await;
        let step = inner.script.borrow_mut().pop_front().unwrap_or(Step::Accept);
        let number = inner.calls.borrow().len();
        let mut response = self.act(step, &orders).await?;
        if response.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind != "text/html") {
            response.headers.set(header::TRANSACTION_ID, format!("tx-{number}"));
            response.headers.set(header::REQUEST_ID, format!("req-{number}"));
        }
        Ok(response)
    }
}

fn http_error(kind: HttpErrorKind) -> HttpError {
    HttpError { kind, message: "Failed to fetch".into(), cause: Cause::default() }
}

/// A JSON answer of status 200.
pub fn reply(body: &Value) -> Response {
    let headers = Headers::new().with(header::CONTENT_TYPE, JSON);
    Response { status: 200, headers, body: body.to_string().into_bytes() }
}

/// An answer of the broker that is a problem.
pub fn problem(problem: &Problem) -> Response {
    let headers = Headers::new().with(header::CONTENT_TYPE, PROBLEM_JSON);
    Response { status: problem.status, headers, body: problem.to_json() }
}

/// An answer of a stranger: a proxy, a login page.
pub fn page(status: u16, body: &str) -> Response {
    let headers = Headers::new().with(header::CONTENT_TYPE, "text/html");
    Response { status, headers, body: body.into() }
}

/// The same answer with a wait.
pub fn retry_after(mut response: Response, value: &str) -> Response {
    response.headers.set(header::RETRY_AFTER, value);
    response
}
