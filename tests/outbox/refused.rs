//! Requests that the API does not take, for reasons that its reference does not name.

use crate::support::VirtualClock;
use crate::world::*;
use pb_fulfillment::{
    outbox::WorkPorts,
    ports::{Clock, Headers, Http, HttpError, Request, Response},
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

type Refuses = Box<dyn Fn(&[String]) -> bool>;

/// A line to an API that answers by a status of its own whatever has one of the orders in it; by default nothing has.
struct Picky {
    line: Rc<Line>,
    clock: VirtualClock,
    status: u16,
    refuses: Refuses,
    refused: Cell<usize>,
    /// The orders of each request.
    asked: RefCell<Vec<Vec<String>>>,
}

impl Http for Picky {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        if request.url.ends_with("/bulk") {
            self.clock.sleep(100).await;
            self.asked.borrow_mut().push(ids_in(&request.body));
            if (self.refuses)(&ids_in(&request.body)) {
                self.refused.set(self.refused.get() + 1);
                return Ok(Response { status: self.status, headers: Headers::new(), body: b"{}".to_vec() });
            }
        }
        self.line.send(request).await
    }
}

struct Case {
    world: World,
    picky: Rc<Picky>,
    ports: WorkPorts<Rc<Picky>, Rc<Keeper>, Rc<Ear>>,
}

fn case(status: u16, lanes: usize, refuses: impl Fn(&[String]) -> bool + 'static) -> Case {
    let world = World::new(|options| options.limits.concurrency = lanes);
    let picky = Rc::new(Picky {
        line: world.line.clone(),
        clock: world.clock.clone(),
        status,
        refuses: Box::new(refuses),
        refused: Cell::new(0),
        asked: RefCell::default(),
    });
    let ports = WorkPorts { http: picky.clone(), vault: world.keeper.clone(), outcomes: world.ear.clone() };
    Case { world, picky, ports }
}

impl Case {
    /// Lets so much time pass, and does all that the alarm asks for in it.
    fn settle(&self, within_ms: u64) {
        let until_ms = self.world.clock.now_ms() + within_ms;
        while let Some(at_ms) = self.world.table.alarm().filter(|at_ms| *at_ms <= until_ms) {
            self.world.wait(at_ms.saturating_sub(self.world.clock.now_ms()));
            self.world.clock.run(self.world.outbox.work(&self.ports)).unwrap();
        }
        self.world.wait(until_ms.saturating_sub(self.world.clock.now_ms()));
    }
}

#[test]
fn an_order_for_which_the_api_does_not_take_a_request_stands_alone_soon() {
    for (status, lanes) in [(409, 1), (409, 4), (451, 4)] {
        let case = case(status, lanes, |ids| ids.contains(&"W-3".to_owned()));
        case.world.take(&ids(0, 200));
        case.settle(120_000);
        let others: Vec<_> = ids(0, 200).into_iter().filter(|id| id != "W-3").collect();
        let states = case.world.states(&others);
        assert!(states.iter().all(|state| *state == "accepted"), "{status}, {lanes} lanes: {states:?}");
        assert!(case.picky.refused.get() < 30, "{} calls", case.picky.refused.get());
        // Others pass and it does not: that proves it.
        case.world.take(&ids(200, 201));
        case.settle(600_000);
        let record = case.world.status("W-3");
        assert_eq!((record.state.name(), record.code.as_deref()), ("rejected", Some("upstream_refused")));
        assert!(case.world.at_api("W-3").is_empty());
    }
}

#[test]
fn later_orders_go_on_beside_one_that_is_not_taken() {
    let case = case(409, 1, |ids| ids.contains(&"W-3".to_owned()));
    case.world.take(&ids(0, 4));
    case.settle(1_200);
    assert_eq!(case.picky.refused.get(), 1);
    case.world.take(&ids(4, 6));
    // Both are due when the alarm rings.
    case.world.wait(10_000);
    case.world.clock.run(case.world.outbox.work(&case.ports)).unwrap();
    assert_eq!(case.picky.asked.borrow()[..2], [ids(0, 4), ids(4, 6)]);
    assert_eq!(case.world.states(&ids(4, 6)), ["accepted"; 2]);
}

#[test]
fn an_api_that_takes_nothing_for_an_hour_costs_no_order() {
    let open = Rc::new(Cell::new(false));
    let shut = open.clone();
    let case = case(409, 4, move |_| !shut.get());
    case.world.take(&ids(0, 20));
    case.settle(3_600_000);
    assert!(case.world.states(&ids(0, 20)).iter().all(|state| *state == "pending"));
    assert!(case.picky.refused.get() < 100, "{} calls", case.picky.refused.get());
    open.set(true);
    case.settle(1_000_000);
    assert!(case.world.states(&ids(0, 20)).iter().all(|state| *state == "accepted"));
}
