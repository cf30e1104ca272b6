//! The storage of a Durable Object, and the table in its SQLite. What keeps them is in memory here; tests/workerd has
//! the real ones.

use crate::js;
use pb_fulfillment::{
    ports::{Store, Table, Wake, Write},
    wasm::{rows::Rows, storage::ObjectStorage, values::field},
};
use serde_json::json;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

fn storage(expression: &str) -> ObjectStorage {
    js::value(expression).unchecked_into()
}

/// Keeps what it is given, as it is given it.
const KEEPS: &str = "{
    kept: new Map(),
    async get(key) { return this.kept.get(key); },
    async put(key, value) { this.kept.set(key, value); },
    async delete(key) { return this.kept.delete(key); },
}";

#[wasm_bindgen_test]
async fn a_value_is_kept_until_it_is_deleted() {
    let storage = storage(KEEPS);
    assert_eq!(Store::get(&storage, "token").await.unwrap(), None);
    for value in [&b"\0\xffbytes"[..], b"others", b""] {
        Store::put(&storage, "token", value).await.unwrap();
        assert_eq!(Store::get(&storage, "token").await.unwrap().as_deref(), Some(value));
    }
    assert_eq!(Store::get(&storage, "entry").await.unwrap(), None);
    Store::delete(&storage, "token").await.unwrap();
    Store::delete(&storage, "token").await.unwrap();
    assert_eq!(Store::get(&storage, "token").await.unwrap(), None);
}

/// A storage may write a value down after the call, when the memory of the program holds something else.
#[wasm_bindgen_test]
async fn what_is_put_is_a_copy() {
    let storage = storage(KEEPS);
    let mut value = *b"before";
    Store::put(&storage, "key", &value).await.unwrap();
    value.copy_from_slice(b"after!");
    assert_eq!(Store::get(&storage, "key").await.unwrap().as_deref(), Some(&b"before"[..]));
}

#[wasm_bindgen_test]
async fn what_this_store_did_not_put_there_is_not_there() {
    for value in ["'text'", "{}", "null", "[1, 2]", "new Uint16Array(2)"] {
        let storage = storage(&format!("{{ get: async () => ({value}) }}"));
        assert_eq!(Store::get(&storage, "key").await.unwrap(), None, "{value}");
    }
}

#[wasm_bindgen_test]
async fn a_storage_that_fails_says_why() {
    for (failing, why) in [
        ("() => Promise.reject(new Error('overloaded'))", "overloaded"),
        ("() => { throw new TypeError('gone'); }", "gone"),
        ("() => Promise.reject('a text')", "a text"),
        ("() => Promise.reject(7)", "a value that is no error was thrown"),
    ] {
        let storage = storage(&format!("{{ get: {failing}, put: {failing}, delete: {failing} }}"));
        assert_eq!(Store::get(&storage, "key").await.unwrap_err().0, why);
        assert_eq!(Store::put(&storage, "key", b"").await.unwrap_err().0, why);
        assert_eq!(Store::delete(&storage, "key").await.unwrap_err().0, why);
    }
}

/// A table in the order of its keys, and what was committed last.
fn table() -> JsValue {
    js::value(
        "((kept) => ({
            get: (key) => kept.get(key),
            list(from, to, limit, maxBytes) {
                this.asked = [from, to, limit, maxBytes];
                return [...kept].filter(([key]) => from <= key && key < to).sort().slice(0, limit);
            },
            async commit(writes, alarm) {
                this.alarm = alarm;
                for (const [key, value] of writes) value === null ? kept.delete(key) : kept.set(key, value);
            },
            async sync() { this.synced = true; },
        }))(new Map())",
    )
}

/// The table as a call brings it along: functions that belong to no object.
fn rows(table: &JsValue) -> Rows {
    let bound = "return { rows: Object.fromEntries(Object.entries(table).map(([name, f]) => [name, f.bind(table)])) };";
    Rows::of(&js::run(&[("table", table)], bound))
}

fn put(key: &str, value: &[u8]) -> Write {
    Write::Put(key.into(), value.into())
}

#[wasm_bindgen_test]
async fn a_table_takes_its_writes_with_the_alarm_and_lists_them() {
    let table = table();
    let rows = rows(&table);
    rows.commit(vec![put("b", b"2"), put("a", b"\xff"), put("c", b"")], Wake::At(1_772_323_200_000)).await.unwrap();
    assert_eq!(field(&table, "alarm").as_f64(), Some(1_772_323_200_000.0));
    assert_eq!(rows.get("a").await.unwrap().as_deref(), Some(&b"\xff"[..]));
    assert_eq!(rows.get("d").await.unwrap(), None);

    let listed = rows.list("a", "c", usize::MAX, 5).await.unwrap();
    assert_eq!(listed, [("a".into(), b"\xff".to_vec()), ("b".into(), b"2".to_vec())]);
    assert_eq!(js::json(&field(&table, "asked")), json!(["a", "c", 1 << 30, 5]), "in numbers that SQLite takes");

    rows.commit(vec![Write::Delete("a".into())], Wake::Never).await.unwrap();
    assert!(field(&table, "alarm").is_null());
    assert_eq!(rows.list("a", "z", 1, 100).await.unwrap(), [("b".into(), b"2".to_vec())]);

    assert!(!js::is(&table, "synced"));
    rows.sync().await.unwrap();
    assert!(js::is(&table, "synced"));
}

#[wasm_bindgen_test]
async fn a_row_that_cannot_be_read_fails_the_list() {
    for row in ["['key', 'text']", "[7, new Uint8Array()]", "[]"] {
        let table = js::value(&format!("{{ list: () => [['a', new Uint8Array()], {row}] }}"));
        assert_eq!(rows(&table).list("", "~", 9, 9).await.unwrap_err().0, "a row cannot be read", "{row}");
    }
}

#[wasm_bindgen_test]
async fn a_table_that_fails_says_why() {
    let throws =
        js::value("((get) => ({ get, list: get, commit: get, sync: get }))(() => { throw new Error('full'); })");
    let rejects = js::value("((get) => ({ commit: get, sync: get }))(() => Promise.reject(new Error('full')))");
    let throws = rows(&throws);
    assert_eq!(throws.get("key").await.unwrap_err().0, "full");
    assert_eq!(throws.list("", "~", 9, 9).await.unwrap_err().0, "full");
    for rows in [throws, rows(&rejects)] {
        assert_eq!(rows.commit(Vec::new(), Wake::Never).await.unwrap_err().0, "full");
        assert_eq!(rows.sync().await.unwrap_err().0, "full");
    }
}
