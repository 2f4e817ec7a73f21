//! The engine's state: which database is open, what is in memory, and how other tabs and the page hear of changes.

use super::catalogue::Catalogue;
use super::own;
use super::protocol::{EngineRefusal, Event, FromEngine, StorageView};
use super::queue::{self, Queue};
use super::records::{Contact, DeviceRecord, PersonRecord, SessionRecord, name};
use super::sync::pages;
use super::sync::wake::{Nudge, Wake};
use super::telling::Telling;
use super::till::Takings;
use crate::device::crypto::DeviceKey;
use crate::device::store::{Access, PersonalStore, Records, Store, StoreError, ViewsMark};
use crate::device::{clock, ids};
use futures::lock::Mutex;
use holdfast_domain::kernel::{AccountId, DocumentId, TenantId, Timestamp};
use holdfast_sync::wire::MAX_PUSH;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasm_bindgen::JsValue;
use web_sys::BroadcastChannel;

/// The engine of one tab.
pub struct Core {
    /// Remembers which tenant's database is this device's.
    directory: Store,
    store: RefCell<Option<Store>>,
    /// The accounts' own databases that are open.
    own: RefCell<BTreeMap<AccountId, PersonalStore>>,
    /// What is sold; locked while it is loaded.
    pub catalogue: Arc<Mutex<Catalogue>>,
    /// When the server was reached.
    pub contact: RefCell<Contact>,
    /// What the browser promised about storage.
    pub storage: RefCell<StorageView>,
    /// The database was gone although there had been one.
    pub evicted: Cell<bool>,
    /// Rouses the one that sends.
    pub wake: Wake,
    /// Rouses the one that sends blobs.
    pub blob_wake: Wake,
    /// How many changes the next push may bring.
    pub push_size: Cell<usize>,
    /// What others made is offered from this number on: below, a restored server has been asked since the device started.
    pub offers_from: Cell<u64>,
    takings: Cell<Option<KeptTakings>>,
    /// What waits, as it was looked at last.
    pub queue: Mutex<Queue>,
    /// What the page is about to be told.
    pub telling: Telling,
    actors: RefCell<BTreeMap<DocumentId, [u8; 16]>>,
    channel: Option<BroadcastChannel>,
    post: fn(&FromEngine),
}

/// What one tab tells the others: that something moved. They read it themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Someone did something.
    Recorded,
    /// The feed brought something, or the server answered.
    Settled,
    /// Products or prices changed.
    Catalogue,
    /// Person, till or session changed.
    Device,
    /// The server was reached, or not any more.
    Contact,
    /// Somebody wants it tried at once.
    TryNow,
}

/// The sums of a till session, and as of when.
#[derive(Debug, Clone, Copy)]
pub struct KeptTakings {
    /// How the view rows stood that they were added up from.
    pub at: ViewsMark,
    /// The till session.
    pub session: DocumentId,
    /// The sums.
    pub sums: Takings,
}

/// Who acts here, and by which right.
pub struct Standing {
    /// This device.
    pub device: DeviceRecord,
    /// Whoever is signed in.
    pub person: Option<PersonRecord>,
}

const CHANNEL: &str = "holdfast-engine";
const DIRECTORY: &str = "holdfast";

impl KeptTakings {
    /// The sums, if they are those of that session, as the view rows stand.
    pub fn of(self, at: ViewsMark, session: DocumentId) -> Option<Takings> {
        ((self.at, self.session) == (at, session)).then_some(self.sums)
    }
}

impl Core {
    /// Opens the database that was used last.
    pub async fn open(post: fn(&FromEngine)) -> Result<Self, StoreError> {
        let directory = Store::named(DIRECTORY);
        let current: Option<TenantId> =
            directory.transact(&[Records::Meta], Access::Read, async |transaction| transaction.get(Records::Meta, name::CURRENT).await).await?;
        let core = Self {
            directory,
            store: RefCell::new(current.map(database)),
            own: RefCell::default(),
            catalogue: Arc::default(),
            contact: RefCell::new(Contact::default()),
            storage: RefCell::new(StorageView::default()),
            evicted: Cell::new(false),
            wake: Wake::default(),
            blob_wake: Wake::default(),
            push_size: Cell::new(MAX_PUSH),
            offers_from: Cell::new(0),
            takings: Cell::new(None),
            queue: Mutex::default(),
            telling: Telling::default(),
            actors: RefCell::new(BTreeMap::new()),
            channel: BroadcastChannel::new(CHANNEL).ok(),
            post,
        };
        core.reread_contact().await?;
        Ok(core)
    }

    /// The device's database; none before anybody signed in here.
    pub fn store(&self) -> Option<Store> {
        self.store.borrow().clone()
    }

    /// The device's database, or the refusal that there is none.
    pub fn need_store(&self) -> Result<Store, EngineRefusal> {
        self.store().ok_or_else(|| EngineRefusal::new("not_signed_in"))
    }

    /// An account's own database.
    pub fn own(&self, device: &Store, account: AccountId) -> PersonalStore {
        self.own.borrow_mut().entry(account).or_insert_with(|| PersonalStore::of(device, account)).clone()
    }

    /// Somebody else works here: what was open of others is closed, and opened again for whom it is needed.
    pub async fn close_own(&self) {
        let open = std::mem::take(&mut *self.own.borrow_mut());
        for own in open.into_values() {
            own.close().await;
        }
    }

    /// The database in use, where it is another company's.
    pub fn other_company(&self, tenant: TenantId) -> Option<Store> {
        self.store().filter(|open| open.name() != database(tenant).name())
    }

    /// Uses the tenant's database from now on.
    pub async fn use_tenant(&self, tenant: TenantId) -> Result<Store, StoreError> {
        let store = database(tenant);
        if let Some(open) = self.store().filter(|open| open.name() == store.name()) {
            return Ok(open);
        }
        self.directory.transact(&[Records::Meta], Access::Strict, async |transaction| transaction.put(Records::Meta, name::CURRENT, &tenant)).await?;
        self.put_store(Some(store.clone())).await?;
        Ok(store)
    }

    /// Now, for a price: no earlier than the last contact, which a clock that lost its battery may say.
    pub fn price_time(&self) -> Timestamp {
        self.contact.borrow().last.max(Some(clock::now())).unwrap_or_else(clock::now)
    }

    /// Another tab may have signed in with another tenant, or forgotten the device.
    pub async fn reopen(&self) -> Result<(), StoreError> {
        let read = async |transaction: &crate::device::store::Transaction| transaction.get(Records::Meta, name::CURRENT).await;
        let current: Option<TenantId> = self.directory.transact(&[Records::Meta], Access::Read, read).await?;
        let name = current.map(|tenant| database(tenant).name().to_owned());
        if self.store().map(|store| store.name().to_owned()) != name {
            self.put_store(current.map(database)).await?;
        }
        Ok(())
    }

    /// Works on another database; whoever asks for the catalogue waits until it is that one's.
    async fn put_store(&self, store: Option<Store>) -> Result<(), StoreError> {
        let mut catalogue = self.catalogue.lock().await;
        *catalogue = Catalogue::default();
        self.forget_takings();
        queue::forget(self).await;
        self.close_own().await;
        self.store.replace(store.clone());
        match store {
            Some(store) => pages::load(&mut catalogue, &store).await,
            None => Ok(()),
        }
    }

    /// Forgets the device. What is people's own goes first, while the device still knows whose there is.
    pub async fn forget(&self) -> Result<(), StoreError> {
        if let Some(store) = self.store() {
            own::forget_all(self, &store).await?;
        }
        self.directory.transact(&[Records::Meta], Access::Strict, async |transaction| transaction.delete(Records::Meta, name::CURRENT)).await?;
        let store = self.store();
        self.put_store(None).await?;
        self.contact.replace(Contact::default());
        if let Some(store) = store {
            store.delete_for_good().await?;
        }
        // A page of news that was on its way may have made a database of somebody's own anew.
        own::sweep(self).await
    }

    /// The actor of this tab for a document: random per document and tab, or two tabs would write the same numbers.
    pub fn actor(&self, document: DocumentId) -> Vec<u8> {
        self.actors.borrow_mut().entry(document).or_insert_with(ids::random).to_vec()
    }

    /// The sums of a till session, where they are known as of that mark.
    pub fn takings(&self, at: ViewsMark, session: DocumentId) -> Option<Takings> {
        self.takings.get().and_then(|kept| kept.of(at, session))
    }

    /// Remembers them, unless what is known is of later.
    pub fn keep_takings(&self, takings: KeptTakings) {
        let is_later = |kept: KeptTakings| kept.at.others == takings.at.others && kept.at.next_seq > takings.at.next_seq;
        if !self.takings.get().is_some_and(is_later) {
            self.takings.set(Some(takings));
        }
    }

    /// Something was recorded here, and perhaps sold in a till session: what was known before it is known after it.
    pub fn carry_takings(&self, marks: (ViewsMark, ViewsMark), sold: Option<(DocumentId, i64)>) {
        if let Some(carried) = self.carried_takings(marks, sold) {
            self.takings.set(Some(carried));
        }
    }

    /// What [`Self::carry_takings`] keeps.
    pub fn carried_takings(&self, (before, after): (ViewsMark, ViewsMark), sold: Option<(DocumentId, i64)>) -> Option<KeptTakings> {
        let kept = self.takings.get().filter(|kept| kept.at == before)?;
        let sums = match sold {
            Some((session, paid_minor)) if session == kept.session => kept.sums.plus(paid_minor),
            _ => kept.sums,
        };
        Some(KeptTakings { at: after, sums, ..kept })
    }

    /// What a mark cannot say: a tab of an older build changes no mark.
    pub fn forget_takings(&self) {
        self.takings.set(None);
    }

    /// This device, and who is signed in on it.
    pub async fn standing(&self, store: &Store) -> Result<Option<Standing>, StoreError> {
        store
            .transact(&[Records::Meta, Records::People], Access::Read, async |transaction| {
                let Some(device) = transaction.get(Records::Meta, name::DEVICE).await? else { return Ok(None) };
                let account: Option<AccountId> = transaction.get(Records::Meta, name::SIGNED_IN).await?;
                let person = match account {
                    Some(account) => transaction.get(Records::People, account.to_string().as_str()).await?,
                    None => None,
                };
                Ok(Some(Standing { device, person }))
            })
            .await
    }

    /// The session with the server.
    pub async fn session(&self, store: &Store) -> Result<Option<SessionRecord>, StoreError> {
        store.transact(&[Records::Meta], Access::Read, async |transaction| transaction.get(Records::Meta, name::SESSION).await).await
    }

    /// The device's key, if it has one.
    pub async fn key(&self, store: &Store) -> Result<Option<DeviceKey>, EngineRefusal> {
        let read = async |transaction: &crate::device::store::Transaction| transaction.get_value(Records::Keys, name::KEY).await;
        let stored = store.transact(&[Records::Keys], Access::Read, read).await?;
        Ok(stored.map(DeviceKey::from_stored).transpose()?)
    }

    /// The server was reached.
    pub async fn reached(&self) -> Result<(), StoreError> {
        self.note_contact(Contact::reached(clock::now(), None)).await
    }

    /// The server was reached, and refused what was asked with this code.
    pub async fn refused(&self, code: &str) -> Result<(), StoreError> {
        self.note_contact(Contact::reached(clock::now(), Some(code.to_owned()))).await
    }

    /// The same, and it is tried again after so long.
    pub async fn refused_until(&self, code: &str, pause_ms: u32) -> Result<(), StoreError> {
        let now = clock::now();
        self.note_contact(Contact::reached(now, Some(code.to_owned())).put_off(now.plus_ms(pause_ms.into()))).await
    }

    /// It is tried again after so long.
    pub async fn put_off(&self, pause_ms: u32) -> Result<(), StoreError> {
        let contact = self.contact.borrow().clone();
        self.note_contact(contact.put_off(clock::now().plus_ms(pause_ms.into()))).await
    }

    /// The server was not reached, and is tried again after so long.
    pub async fn missed(&self, pause_ms: u32) -> Result<(), StoreError> {
        let now = clock::now();
        let contact = self.contact.borrow().missed(now, now.plus_ms(pause_ms.into()));
        self.note_contact(contact).await
    }

    /// Notes it for every tab, and tells of a turn.
    async fn note_contact(&self, contact: Contact) -> Result<(), StoreError> {
        let before = self.contact.replace(contact.clone());
        let told = |contact: &Contact| (contact.online, contact.refused.clone(), contact.tries, contact.next_try);
        let turned = told(&before) != told(&contact);
        if let Some(store) = self.store() {
            let put = async |transaction: &crate::device::store::Transaction| transaction.put(Records::Meta, name::CONTACT, &contact);
            store.transact(&[Records::Meta], Access::Relaxed, put).await?;
        }
        if turned {
            self.tell(Told::Contact);
            super::events::tell_device(self).await;
        }
        Ok(())
    }

    /// Reads what the leading tab noted.
    pub async fn reread_contact(&self) -> Result<(), StoreError> {
        let Some(store) = self.store() else { return Ok(()) };
        let read = async |transaction: &crate::device::store::Transaction| transaction.get(Records::Meta, name::CONTACT).await;
        let contact: Option<Contact> = store.transact(&[Records::Meta], Access::Read, read).await?;
        self.contact.replace(contact.unwrap_or_default());
        Ok(())
    }

    /// Tells the other tabs.
    pub fn tell(&self, told: Told) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(&told)) {
            // A closed channel means that this tab is going.
            let _ = channel.post_message(&JsValue::from_str(&text));
        }
    }

    /// Where the other tabs are heard.
    pub fn channel(&self) -> Option<&BroadcastChannel> {
        self.channel.as_ref()
    }

    /// Tells the page.
    pub fn emit(&self, event: Event) {
        (self.post)(&FromEngine::Event(event));
    }

    /// Something was recorded: the other tabs look, and the sender sends.
    pub fn recorded(&self) {
        self.tell(Told::Recorded);
        self.wake.nudge(Nudge::Work);
    }
}

fn database(tenant: TenantId) -> Store {
    Store::named(&format!("holdfast-{tenant}"))
}

/// Says a fault on the console, once, where it becomes a refusal.
pub fn log(error: &dyn std::error::Error) {
    web_sys::console::error_1(&JsValue::from_str(&error.to_string()));
}
