//! A table in the SQLite of a Durable Object, by the functions of the glue that know SQL.

use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{
    exchange::{function, settle},
    values::{describe, field},
};
use crate::ports::{StoreError, Table, Wake, Write};

/// More rows or bytes are never asked for; the runtime binds numbers as doubles.
const MOST: usize = 1 << 30;

/// The table as four functions: `(key) => Uint8Array | undefined`, `(from, to, limit, maxBytes) => [key, Uint8Array][]`,
/// `([key, Uint8Array | null][], alarm | null) => Promise<void>`, where `null` removes the key or the alarm, and
/// `() => Promise<void>`, which resolves once all is durable.
#[derive(Debug)]
pub struct Rows {
    get: Function,
    list: Function,
    commit: Function,
    sync: Function,
}

impl Rows {
    /// The table of a call.
    #[must_use]
    pub fn of(call: &JsValue) -> Self {
        let rows = field(call, "rows");
        let function = |name| function(&rows, name);
        Self { get: function("get"), list: function("list"), commit: function("commit"), sync: function("sync") }
    }
}

impl Table for Rows {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.get.call1(&JsValue::UNDEFINED, &key.into()).map_err(failed)?;
        Ok(value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
    }

    async fn list(
        &self,
        from: &str,
        to: &str,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let most = |number: usize| JsValue::from(number.min(MOST) as f64);
        let range = Array::of4(&from.into(), &to.into(), &most(limit), &most(max_bytes));
        let rows = self.list.apply(&JsValue::UNDEFINED, &range).map_err(failed)?;
        let row = |row: JsValue| {
            let row = row.unchecked_into::<Array>();
            Some((row.get(0).as_string()?, row.get(1).dyn_into::<Uint8Array>().ok()?.to_vec()))
        };
        let rows = rows.unchecked_into::<Array>().iter().map(row).collect::<Option<_>>();
        rows.ok_or_else(|| StoreError("a row cannot be read".into()))
    }

    async fn commit(&self, writes: Vec<Write>, wake: Wake) -> Result<(), StoreError> {
        let row = |write: &Write| match write {
            Write::Put(key, value) => JsValue::from(Array::of2(&key.into(), &Uint8Array::from(value.as_slice()))),
            Write::Delete(key) => JsValue::from(Array::of2(&key.into(), &JsValue::NULL)),
        };
        let rows = writes.iter().map(row).collect::<Array>();
        let alarm = match wake {
            Wake::At(at_ms) => JsValue::from(at_ms as f64),
            Wake::Never => JsValue::NULL,
        };
        settle(self.commit.call2(&JsValue::UNDEFINED, &rows, &alarm)).await.map(drop).map_err(failed)
    }

    async fn sync(&self) -> Result<(), StoreError> {
        settle(self.sync.call0(&JsValue::UNDEFINED)).await.map(drop).map_err(failed)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn failed(thrown: JsValue) -> StoreError {
    StoreError(describe(&thrown))
}
