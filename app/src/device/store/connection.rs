//! A connection to the database, opened when first needed and again when the browser closed it.

use super::records::Records;
use super::transaction::{Access, Transaction};
use super::{StoreError, transaction};
use futures::lock::Mutex;
use idb::builder::{IndexBuilder, ObjectStoreBuilder};
use idb::{Database, Factory, KeyPath};
use js_sys::{Array, Function, Promise, Reflect};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, IdbDatabase};

/// Grows when stores or indexes are added; none is ever removed, because an older build may still be open in another tab. 2: blobs; 3: what was
/// witnessed.
const SCHEMA: u32 = 3;

/// A database. Clones share the connection.
#[derive(Clone)]
pub struct Store(Rc<Shared>);

struct Shared {
    name: String,
    connection: Mutex<Option<Connection>>,
    retired: Cell<bool>,
}

struct Connection {
    database: IdbDatabase,
    closed: Rc<Cell<bool>>,
    _on_close: Closure<dyn Fn(Event)>,
    _on_version_change: Closure<dyn Fn(Event)>,
}

impl Store {
    /// A database of that name; it is created with its first transaction.
    pub fn named(name: &str) -> Self {
        Self(Rc::new(Shared { name: name.to_owned(), connection: Mutex::new(None), retired: Cell::new(false) }))
    }

    /// The names of all databases of this origin; none where the browser does not tell.
    pub async fn all_names() -> Result<Vec<String>, StoreError> {
        let global = js_sys::global();
        let factory = Reflect::get(&global, &"indexedDB".into()).map_err(transaction::thrown)?;
        let Ok(databases) = Reflect::get(&factory, &"databases".into()).map_err(transaction::thrown)?.dyn_into::<Function>() else {
            return Ok(Vec::new());
        };
        let told: Promise = databases.call0(&factory).map_err(transaction::thrown)?.unchecked_into();
        let all: Array = JsFuture::from(told).await.map_err(transaction::thrown)?.unchecked_into();
        Ok(all.iter().filter_map(|one| Reflect::get(&one, &"name".into()).ok()?.as_string()).collect())
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Runs `work` in one transaction: what it returns is true once this returns `Ok`, and never was when it returns `Err`.
    pub async fn transact<T, E: From<StoreError>>(
        &self,
        stores: &[Records],
        access: Access,
        work: impl AsyncFnOnce(&Transaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.begin(stores, access).await?;
        let done = work(&transaction).await?;
        transaction.complete().await?;
        Ok(done)
    }

    /// Closes the connection; the next transaction opens another.
    pub async fn close(&self) {
        if let Some(connection) = self.0.connection.lock().await.take() {
            connection.database.close();
        }
    }

    /// Deletes the database for good: what is still on its way finds it lost, and does not make it anew. Clones share this.
    pub async fn delete_for_good(&self) -> Result<(), StoreError> {
        self.0.retired.set(true);
        self.delete().await
    }

    /// Whether it was deleted for good.
    pub fn is_retired(&self) -> bool {
        self.0.retired.get()
    }

    /// Deletes the database. Other tabs close it when they are told.
    pub async fn delete(&self) -> Result<(), StoreError> {
        self.close().await;
        let factory = Factory::new().map_err(transaction::fault)?;
        factory.delete(&self.0.name).map_err(transaction::fault)?.await.map_err(transaction::fault)
    }

    async fn begin(&self, stores: &[Records], access: Access) -> Result<Transaction, StoreError> {
        let mut connection = self.0.connection.lock().await;
        if self.is_retired() {
            return Err(StoreError::Lost);
        }
        if let Some(open) = connection.take_if(|open| open.closed.get()) {
            open.database.close();
        }
        if let Some(open) = connection.as_ref() {
            match Transaction::begin(&open.database, stores, access) {
                Ok(transaction) => return Ok(transaction),
                // The handle is dead without having said so.
                Err(_) => *connection = None,
            }
        }
        let fresh = open(&self.0.name).await?;
        let transaction = Transaction::begin(&fresh.database, stores, access);
        *connection = Some(fresh);
        transaction
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.set_onclose(None);
        self.database.set_onversionchange(None);
        // Else it stays open until the browser collects it, and whoever deletes the database waits for that. Running transactions still end.
        self.database.close();
    }
}

async fn open(name: &str) -> Result<Connection, StoreError> {
    let builder = Records::ALL.into_iter().fold(Database::builder(name).version(SCHEMA), |builder, records| {
        let store = records.indexes().iter().fold(ObjectStoreBuilder::new(records.name()), |store, index| {
            store.add_index(IndexBuilder::new((*index).to_owned(), KeyPath::new_single(index)))
        });
        builder.add_object_store(store)
    });
    let database: IdbDatabase = builder.build().await.map_err(transaction::fault)?.into();
    let closed = Rc::new(Cell::new(false));
    let gone = Rc::clone(&closed);
    let on_close = Closure::<dyn Fn(Event)>::new(move |_| gone.set(true));
    database.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    let gone = Rc::clone(&closed);
    // Another tab upgrades or erases the database and waits for us to let go. Running transactions still end.
    let on_version_change = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        gone.set(true);
        if let Some(database) = event.target().and_then(|target| target.dyn_into::<IdbDatabase>().ok()) {
            database.close();
        }
    });
    database.set_onversionchange(Some(on_version_change.as_ref().unchecked_ref()));
    Ok(Connection { database, closed, _on_close: on_close, _on_version_change: on_version_change })
}
