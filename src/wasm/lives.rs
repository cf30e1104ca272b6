//! What Durable Objects keep in memory between calls, by the id of the object.

use std::{collections::HashMap, rc::Rc};

use wasm_bindgen::prelude::*;

use super::call::number;

/// The most that are kept while no call is using them.
const MOST: usize = 1_000;

/// One of each object. The runtime tells nobody when it puts an object out of memory, so that what is left of those that are gone
/// is let go when there are many: all that no call is using. An object that is still there then goes on as after an eviction, by
/// what its storage holds.
#[derive(Debug)]
pub struct Lives<T>(HashMap<String, (u64, Rc<T>)>);

impl<T> Default for Lives<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Lives<T> {
    /// That of an object, made if need be. The number tells one life of the object from the next: when it has been away, its
    /// storage and its bindings are new.
    ///
    /// # Errors
    /// What `make` failed with.
    pub fn of<E>(&mut self, id: &str, life: u64, make: impl FnOnce() -> Result<T, E>) -> Result<Rc<T>, E> {
        if let Some((_, kept)) = self.0.get(id).filter(|(known, _)| *known == life) {
            return Ok(Rc::clone(kept));
        }
        let made = Rc::new(make()?);
        if self.0.len() >= MOST {
            self.0.retain(|_, (_, kept)| Rc::strong_count(kept) > 1);
        }
        self.0.insert(id.to_owned(), (life, Rc::clone(&made)));
        Ok(made)
    }
}

/// Which life of its object a call is of.
pub fn life(call: &JsValue) -> u64 {
    number(call, "life").unwrap_or_default()
}
