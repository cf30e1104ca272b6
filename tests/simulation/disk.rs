//! The storage of an object: what it has written survives it.

use crate::{
    machine::Machine,
    weather::{Trouble, Weather},
};
use pb_fulfillment::ports::{Store, StoreError};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// A store that outlives its object. Clones are the same one.
#[derive(Clone)]
pub struct Disk {
    machine: Machine,
    weather: Weather,
    values: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
}

/// A write that has not ended.
struct Open<'a>(&'a Weather);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.saw(Trouble::TornWrite);
    }
}

impl Disk {
    pub fn new(machine: &Machine, weather: &Weather) -> Self {
        Self { machine: machine.clone(), weather: weather.clone(), values: Rc::default() }
    }

    /// All that is on it.
    pub fn values(&self) -> BTreeMap<String, Vec<u8>> {
        self.values.borrow().clone()
    }

    /// Writes at once or at the end of the wait, so that a crash on the way leaves either.
    async fn write(&self, change: impl Fn(&mut BTreeMap<String, Vec<u8>>)) -> Result<(), StoreError> {
        let failure = || Err(StoreError("the disk is full".into()));
        if self.weather.happens(Trouble::StoreFailedBefore) {
            return failure();
        }
        let early = self.machine.below(2) == 0;
        if early {
            change(&mut self.values.borrow_mut());
        }
        let open = Open(&self.weather);
        self.machine.sleep(self.machine.below(4)).await;
        std::mem::forget(open);
        if !early {
            change(&mut self.values.borrow_mut());
        }
        if self.weather.happens(Trouble::StoreFailedAfter) { failure() } else { Ok(()) }
    }
}

impl Store for Disk {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.machine.sleep(self.machine.below(2)).await;
        if self.weather.happens(Trouble::StoreFailedBefore) {
            return Err(StoreError("the disk does not answer".into()));
        }
        Ok(self.values.borrow().get(key).cloned())
    }

    async fn put(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.write(|values| drop(values.insert(key.to_owned(), value.to_vec()))).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.write(|values| drop(values.remove(key))).await
    }
}
