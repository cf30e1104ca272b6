//! The orders that the emulator has taken.

use std::collections::{HashMap, HashSet};

/// What an order does that comes again, with the same `clientId` and `clientOrderId`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// It replaces the stored order, which keeps its id.
    #[default]
    Update,
    /// It is stored beside the other under an id of its own.
    Create,
}

/// An order in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOrder {
    /// The id it was given.
    pub order_id: String,
    /// Whose it is.
    pub client_id: String,
    /// Its id at that client.
    pub client_order_id: String,
    /// Its bytes, exactly as they came last.
    pub bytes: Vec<u8>,
    /// How many times it came: more than once if it was updated.
    pub revisions: u32,
    /// The transaction id of the request that brought it last.
    pub transaction_id: String,
    /// When it came last, in milliseconds since 1970.
    pub received_ms: u64,
}

/// All orders, in the order they came first.
#[derive(Debug, Default)]
pub(super) struct OrderStore {
    orders: Vec<StoredOrder>,
    ids: HashSet<String>,
    latest: HashMap<(String, String), usize>,
}

impl OrderStore {
    pub(super) fn orders(&self) -> &[StoredOrder] {
        &self.orders
    }

    /// Stores the order and returns the id it has from then on. `order.order_id` is left to the store; `seed` chooses a
    /// new id.
    pub(super) fn put(&mut self, order: StoredOrder, duplicates: Duplicates, seed: u64) -> String {
        let key = (order.client_id.clone(), order.client_order_id.clone());
        let known = self.latest.get(&key).and_then(|&index| self.orders.get_mut(index));
        if let (Duplicates::Update, Some(known)) = (duplicates, known) {
            let order_id = known.order_id.clone();
            *known = StoredOrder { order_id: order_id.clone(), revisions: known.revisions.saturating_add(1), ..order };
            return order_id;
        }
        let order_id = self.new_id(seed);
        self.latest.insert(key, self.orders.len());
        self.orders.push(StoredOrder { order_id: order_id.clone(), revisions: 1, ..order });
        order_id
    }

    /// An id that no order has: `ORA`, 19 digits, `US`.
    fn new_id(&mut self, seed: u64) -> String {
        const IDS: u64 = 10_000_000_000_000_000_000;
        let mut number = seed % IDS;
        loop {
            let id = format!("ORA{number:019}US");
            if self.ids.insert(id.clone()) {
                return id;
            }
            number = (number + 1) % IDS;
        }
    }
}
