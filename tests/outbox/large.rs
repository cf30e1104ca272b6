//! Orders that are large: what is read of them at a time has its limits.

use crate::support::table::MemoryTable;
use crate::world::*;
use pb_fulfillment::{
    outbox::{Cursor, Errand, List, Outbox},
    ports::{StoreError, Table, Wake, Write},
};
use serde_json::{Value, json};
use std::{cell::Cell, rc::Rc};

/// A table that notes the most that one call has read, in bytes.
#[derive(Clone)]
struct Weighed {
    table: MemoryTable,
    most: Rc<Cell<usize>>,
}

impl Table for Weighed {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.table.get(key).await
    }

    async fn list(
        &self,
        from: &str,
        to: &str,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let rows = self.table.list(from, to, limit, max_bytes).await?;
        let size = rows.iter().map(|(_, value)| value.len()).sum();
        self.most.set(self.most.get().max(size));
        Ok(rows)
    }

    async fn commit(&self, writes: Vec<Write>, wake: Wake) -> Result<(), StoreError> {
        self.table.commit(writes, wake).await
    }
}

/// A request with so many orders of a megabyte.
fn large(from: usize, to: usize) -> Vec<u8> {
    let large = |id: &String| {
        let mut order = order(id);
        order["note"] = "x".repeat(1_000_000).into();
        order
    };
    let orders: Vec<Value> = ids(from, to).iter().map(large).collect();
    serde_json::to_vec(&json!({ "orders": orders })).unwrap()
}

#[test]
fn no_more_of_large_orders_is_read_at_a_time_than_travels_together() {
    let world = World::default();
    let most = Rc::new(Cell::new(0));
    let table = Weighed { table: world.table.clone(), most: most.clone() };
    let outbox = Outbox::new(world.options.clone(), table, world.clock.clone(), world.random.clone());
    for from in (0..36).step_by(6) {
        world.clock.run(outbox.enqueue(&large(from, from + 6))).unwrap();
    }
    world.wait(1_000);
    world.clock.run(outbox.work(&world.ports)).unwrap();
    let batches = world.line.batches();
    assert_eq!(batches.concat().len(), 36);
    assert!(batches.iter().all(|batch| batch.len() == 4), "{:?}", batches.iter().map(Vec::len).collect::<Vec<_>>());
    assert!(most.get() < 6 << 20, "{} bytes", most.get());
}

#[test]
fn a_page_of_large_letters_is_cut_and_the_next_goes_on_behind_it() {
    let world = World::new(|options| options.give_up_after_ms = 0);
    for from in (0..12).step_by(6) {
        world.enqueue(&large(from, from + 6)).unwrap();
    }
    world.settle(60_000);
    let (mut cursor, mut seen, mut pages) = (Cursor::default(), Vec::new(), 0);
    loop {
        let errand = Errand::List { list: List::DeadLetters, client_id: "1234".into(), cursor, limit: 50 };
        let answer = world.clock.run(world.outbox.answer(&errand, 1));
        assert!(answer.body.len() < 6 << 20, "{} bytes", answer.body.len());
        let page: Value = serde_json::from_slice(&answer.body).unwrap();
        let orders = page["orders"].as_array().unwrap();
        seen.extend(orders.iter().map(|order| order["clientOrderId"].as_str().unwrap().to_owned()));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = Cursor::read(next).unwrap(),
            None => break,
        }
    }
    assert_eq!((seen, pages), (ids(0, 12), 3));
}
