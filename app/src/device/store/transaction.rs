//! One transaction: typed reads and writes, and an end that is heard.

use super::StoreError;
use super::records::{Key, Records};
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use holdfast_sync::cbor;
use idb::{KeyRange, ObjectStore, Query};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, Event, IdbDatabase, IdbTransaction};

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads only.
    Read,
    /// Writes what could be fetched or computed again: feed pages, view rows, signatures.
    Relaxed,
    /// Writes what a person did: on the disk before it is confirmed.
    Strict,
}

/// A running transaction. Dropped without [`Transaction::complete`] it is undone.
pub struct Transaction {
    inner: IdbTransaction,
    access: Access,
    completed: Cell<bool>,
    ended: RefCell<Option<oneshot::Receiver<Result<(), StoreError>>>>,
    _on_complete: Closure<dyn FnMut(Event)>,
    _on_abort: Closure<dyn FnMut(Event)>,
}

impl Transaction {
    pub(super) fn begin(database: &IdbDatabase, stores: &[Records], access: Access) -> Result<Self, StoreError> {
        let names: Array = stores.iter().map(|records| JsValue::from_str(records.name())).collect();
        let mode = JsValue::from_str(if access == Access::Read { "readonly" } else { "readwrite" });
        let options = Object::new();
        let durability = if access == Access::Strict { "strict" } else { "relaxed" };
        Reflect::set(&options, &"durability".into(), &durability.into()).map_err(thrown)?;
        // web-sys has the options behind its unstable gate only.
        let transaction: Function = Reflect::get(database, &"transaction".into()).map_err(thrown)?.unchecked_into();
        let inner: IdbTransaction = transaction.call3(database, &names, &mode, &options).map_err(thrown)?.unchecked_into();
        let (end, ended) = oneshot::channel();
        let end = Rc::new(RefCell::new(Some(end)));
        let tell = move |result| {
            if let Some(end) = end.borrow_mut().take() {
                // Nobody listens to the end of a transaction that was dropped.
                let _ = end.send(result);
            }
        };
        let told = tell.clone();
        let on_complete = Closure::<dyn FnMut(Event)>::new(move |_| told(Ok(())));
        inner.set_oncomplete(Some(on_complete.as_ref().unchecked_ref()));
        let on_abort = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let transaction = event.target().and_then(|target| target.dyn_into::<IdbTransaction>().ok());
            tell(Err(transaction.and_then(|transaction| transaction.error()).map_or(StoreError::Lost, |error| named(&error))));
        });
        inner.set_onabort(Some(on_abort.as_ref().unchecked_ref()));
        Ok(Self { inner, access, completed: Cell::new(false), ended: RefCell::new(Some(ended)), _on_complete: on_complete, _on_abort: on_abort })
    }

    /// Waits until everything is written; strictly durable transactions are then on the disk. What was only read is true already.
    #[expect(deprecated, reason = "web-sys alone calls it so; Indexed Database API 3.0 has it in section 4.10")]
    pub(super) async fn complete(self) -> Result<(), StoreError> {
        // Asked for, the end does not wait for the last write to be told of first. A browser that cannot, or has ended it by itself, ends it all the same.
        let _ = self.inner.commit();
        self.completed.set(true);
        if self.access == Access::Read {
            return Ok(());
        }
        let ended = self.ended.borrow_mut().take().expect("a transaction completes once, because it is consumed");
        ended.await.unwrap_or(Err(StoreError::Lost))
    }

    /// Reads a record.
    pub async fn get<T: DeserializeOwned>(&self, records: Records, key: impl Into<Key>) -> Result<Option<T>, StoreError> {
        let value = self.get_value(records, key).await?;
        value.map(|value| decode(records, &value)).transpose()
    }

    /// Reads a record as the browser holds it.
    pub fn get_value(&self, records: Records, key: impl Into<Key>) -> LocalBoxFuture<'_, Result<Option<JsValue>, StoreError>> {
        self.value(records, key.into())
    }

    /// Boxed, as its likes below: else every type that is read has its own copy of it in the program.
    fn value(&self, records: Records, key: Key) -> LocalBoxFuture<'_, Result<Option<JsValue>, StoreError>> {
        Box::pin(async move {
            let request = self.store(records)?.get(JsValue::from(&key)).map_err(fault)?;
            Ok(request.await.map_err(fault)?.filter(|value| !value.is_undefined()))
        })
    }

    fn values(&self, records: Records, query: Option<Query>, limit: Option<u32>) -> LocalBoxFuture<'_, Result<Vec<JsValue>, StoreError>> {
        Box::pin(async move { self.store(records)?.get_all(query, limit).map_err(fault)?.await.map_err(fault) })
    }

    fn indexed<'f>(
        &'f self,
        records: Records,
        (property, value): (&'static str, &'f str),
        limit: Option<u32>,
    ) -> LocalBoxFuture<'f, Result<Vec<JsValue>, StoreError>> {
        Box::pin(async move {
            let index = self.store(records)?.index(property).map_err(fault)?;
            index.get_all(Some(JsValue::from_str(value).into()), limit).map_err(fault)?.await.map_err(fault)
        })
    }

    /// Reads the records from `lower` on, up to `limit`, in the order of their keys.
    pub async fn all_from<T: DeserializeOwned>(&self, records: Records, lower: Option<Key>, limit: u32) -> Result<Vec<T>, StoreError> {
        let range = lower.map(|key| KeyRange::lower_bound(&JsValue::from(&key), None)).transpose().map_err(fault)?;
        self.read_many(records, range.map(Query::from), Some(limit)).await
    }

    /// Reads the records between two keys, both of them included, in the order of their keys.
    pub async fn all_between<T: DeserializeOwned>(&self, records: Records, (lower, upper): (Key, Key)) -> Result<Vec<T>, StoreError> {
        self.read_many(records, Some(between(&lower, &upper)?.into()), None).await
    }

    /// Hands over the records from `lower` on, up to `limit`, in the order of their keys; each is decoded when its turn comes. Answers how many there were.
    pub async fn each_from<T: DeserializeOwned>(
        &self,
        records: Records,
        (lower, limit): (Key, u32),
        take: &mut dyn FnMut(T) -> Result<(), StoreError>,
    ) -> Result<u32, StoreError> {
        let range = KeyRange::lower_bound(&JsValue::from(&lower), None).map_err(fault)?;
        let mut read = 0;
        for value in self.values(records, Some(range.into()), Some(limit)).await? {
            take(decode(records, &value)?)?;
            read += 1;
        }
        Ok(read)
    }

    /// Reads up to `limit` rows of a view, in the order of their keys, after the one whose key is given; each with its key.
    pub async fn view_page<T: DeserializeOwned>(&self, view: &str, after: Option<&str>, limit: u32) -> Result<Vec<(String, T)>, StoreError> {
        let prefix = format!("{view}\u{0}");
        let lower = JsValue::from_str(&format!("{prefix}{}", after.unwrap_or_default()));
        let range = KeyRange::bound(&lower, &format!("{view}\u{1}").into(), Some(true), Some(true)).map_err(fault)?;
        let store = self.store(Records::Views)?;
        // Listened to at once: its event comes before that of the rows.
        let keys = store.get_all_keys(Some(range.clone().into()), Some(limit)).map_err(fault)?.into_future();
        let rows: Vec<T> = self.read_many(Records::Views, Some(range.into()), Some(limit)).await?;
        let keys = keys.await.map_err(fault)?.into_iter().filter_map(|key| key.as_string()?.strip_prefix(&prefix).map(str::to_owned));
        Ok(keys.zip(rows).collect())
    }

    /// All records whose indexed property has that value.
    pub async fn find_all<T: DeserializeOwned>(&self, records: Records, property: &'static str, value: &str) -> Result<Vec<T>, StoreError> {
        self.indexed(records, (property, value), None).await?.iter().map(|value| decode(records, value)).collect()
    }

    /// Reads all records of a store.
    pub async fn all<T: DeserializeOwned>(&self, records: Records) -> Result<Vec<T>, StoreError> {
        self.read_many(records, None, None).await
    }

    /// The first record whose indexed property has that value.
    pub async fn find<T: DeserializeOwned>(&self, records: Records, property: &'static str, value: &str) -> Result<Option<T>, StoreError> {
        self.indexed(records, (property, value), Some(1)).await?.first().map(|value| decode(records, value)).transpose()
    }

    /// The bytes of all records, undecoded.
    pub async fn all_bytes(&self, records: Records) -> Result<Vec<Vec<u8>>, StoreError> {
        self.values(records, None, None).await?.iter().map(|value| bytes(records, value)).collect()
    }

    /// The bytes of one record, undecoded.
    pub async fn bytes_at(&self, records: Records, key: impl Into<Key>) -> Result<Option<Vec<u8>>, StoreError> {
        self.get_value(records, key).await?.map(|value| bytes(records, &value)).transpose()
    }

    /// The text keys of all records.
    pub async fn keys(&self, records: Records) -> Result<Vec<String>, StoreError> {
        let keys = self.store(records)?.get_all_keys(None, None).map_err(fault)?.await.map_err(fault)?;
        Ok(keys.iter().filter_map(JsValue::as_string).collect())
    }

    /// How many records there are.
    pub async fn count(&self, records: Records) -> Result<u32, StoreError> {
        self.store(records)?.count(None).map_err(fault)?.await.map_err(fault)
    }

    /// Writes a record.
    pub fn put<T: Serialize>(&self, records: Records, key: impl Into<Key>, value: &T) -> Result<(), StoreError> {
        self.put_bytes(records, key, &cbor::encode(value))
    }

    /// Writes a record that is CBOR already.
    pub fn put_bytes(&self, records: Records, key: impl Into<Key>, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_value(records, key, &Uint8Array::from(bytes))
    }

    /// Writes a record with properties the browser indexes.
    pub fn put_indexed<T: Serialize>(&self, records: Records, key: impl Into<Key>, (value, properties): (&T, &[String])) -> Result<(), StoreError> {
        let object = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&object, &name.into(), value).map_err(thrown);
        set("cbor", &Uint8Array::from(cbor::encode(value).as_slice()))?;
        for (name, property) in records.indexes().iter().zip(properties) {
            set(name, &property.into())?;
        }
        self.put_value(records, key, &object)
    }

    /// Writes what only the browser can read.
    pub fn put_value(&self, records: Records, key: impl Into<Key>, value: &JsValue) -> Result<(), StoreError> {
        // Not awaited: a failed request ends the transaction, and that is heard.
        self.store(records)?.put(value, Some(&JsValue::from(&key.into()))).map_err(fault)?;
        Ok(())
    }

    /// Deletes a record, if it is there.
    pub fn delete(&self, records: Records, key: impl Into<Key>) -> Result<(), StoreError> {
        self.store(records)?.delete(JsValue::from(&key.into())).map_err(fault)?;
        Ok(())
    }

    /// Deletes the records between two keys, both of them included.
    pub fn delete_between(&self, records: Records, (lower, upper): (Key, Key)) -> Result<(), StoreError> {
        self.store(records)?.delete(between(&lower, &upper)?).map_err(fault)?;
        Ok(())
    }

    /// Deletes all of them.
    pub fn clear(&self, records: Records) -> Result<(), StoreError> {
        self.store(records)?.clear().map_err(fault)?;
        Ok(())
    }

    async fn read_many<T: DeserializeOwned>(&self, records: Records, query: Option<Query>, limit: Option<u32>) -> Result<Vec<T>, StoreError> {
        self.values(records, query, limit).await?.iter().map(|value| decode(records, value)).collect()
    }

    fn store(&self, records: Records) -> Result<ObjectStore, StoreError> {
        self.inner.object_store(records.name()).map(ObjectStore::from).map_err(thrown)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.inner.set_oncomplete(None);
        self.inner.set_onabort(None);
        if !self.completed.get() {
            // It may have ended by itself, which is what we want.
            let _ = self.inner.abort();
        }
    }
}

fn between(lower: &Key, upper: &Key) -> Result<KeyRange, StoreError> {
    KeyRange::bound(&JsValue::from(lower), &JsValue::from(upper), None, None).map_err(fault)
}

fn bytes(records: Records, value: &JsValue) -> Result<Vec<u8>, StoreError> {
    let bytes = match value.dyn_ref::<Uint8Array>() {
        Some(bytes) => Some(bytes.to_vec()),
        None => Reflect::get(value, &"cbor".into()).ok().and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec()),
    };
    bytes.ok_or_else(|| StoreError::Unreadable { records: records.name(), cause: "it holds no bytes".to_owned() })
}

fn decode<T: DeserializeOwned>(records: Records, value: &JsValue) -> Result<T, StoreError> {
    cbor::decode(&bytes(records, value)?).map_err(|bad| StoreError::Unreadable { records: records.name(), cause: bad.0 })
}

/// What the browser threw, as ours.
pub(super) fn thrown(error: JsValue) -> StoreError {
    match error.dyn_ref::<DomException>() {
        Some(exception) => named(exception),
        None => StoreError::Fault(format!("{error:?}")),
    }
}

fn named(exception: &DomException) -> StoreError {
    match exception.name().as_str() {
        "QuotaExceededError" => StoreError::Full,
        "VersionError" => StoreError::Outdated,
        "InvalidStateError" | "TransactionInactiveError" | "UnknownError" | "AbortError" => StoreError::Lost,
        name => StoreError::Fault(format!("{name}: {}", exception.message())),
    }
}

/// What `idb` says, as ours.
pub(super) fn fault(error: idb::Error) -> StoreError {
    use idb::Error as E;
    match error {
        E::DomException(exception) => named(&exception),
        E::GetFailed(value)
        | E::GetAllFailed(value)
        | E::GetAllKeysFailed(value)
        | E::UpdateFailed(value)
        | E::DeleteFailed(value)
        | E::CountFailed(value)
        | E::IndexNotFound(value)
        | E::IndexedDbOpenFailed(value)
        | E::IndexedDbDeleteFailed(value) => thrown(value),
        other => StoreError::Fault(other.to_string()),
    }
}
