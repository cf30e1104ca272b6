//! A store in the storage of a Durable Object.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::values::describe;
use crate::ports::{Store, StoreError};

#[wasm_bindgen]
extern "C" {
    /// What is used of `DurableObjectStorage`.
    #[derive(Clone, Debug)]
    pub type ObjectStorage;
    #[wasm_bindgen(method, catch)]
    fn get(this: &ObjectStorage, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &ObjectStorage, key: &str, value: &Uint8Array) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &ObjectStorage, key: &str) -> Result<Promise, JsValue>;
}

impl Store for ObjectStorage {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let value = settle(Self::get(self, key)).await?;
        // Anything else under the key was not put there by this store.
        Ok(value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
    }

    async fn put(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        settle(Self::put(self, key, &Uint8Array::from(value))).await.map(drop)
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        settle(Self::delete(self, key)).await.map(drop)
    }
}

async fn settle(promise: Result<Promise, JsValue>) -> Result<JsValue, StoreError> {
    let settled = match promise {
        Ok(promise) => JsFuture::from(promise).await,
        Err(thrown) => Err(thrown),
    };
    settled.map_err(|thrown| StoreError(describe(&thrown)))
}
