//! What the page and the engine worker say to each other: JSON text in `postMessage`.
//!
//! The worker says [`FromEngine::Ready`] once it listens; the page queues until then. Every request gets one answer with its id. The page
//! holds no rule: it shows what the engine tells, and an intent is confirmed only by an answer, which is sent after the
//! transaction's `complete`.

use holdfast_domain::catalog::{Picture, Unit};
use holdfast_domain::identity::SessionView;
use holdfast_domain::kernel::{AccountId, DocumentId, FactId, ProductId, SiteId, TillId, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// From the page to the engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ToEngine {
    /// Chosen by the page, echoed in the answer.
    pub id: u64,
    /// Born with the tap: the request may be asked again after the engine broke and is still done once.
    pub tap: uuid::Uuid,
    /// What is asked.
    pub request: Request,
}

/// From the engine to the page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromEngine {
    /// The engine listens now.
    Ready,
    /// The engine met a fault it cannot survive. The page starts another and asks again what was not answered.
    Broken {
        /// For the console; never shown to the person.
        cause: String,
    },
    /// The answer to a request.
    Answer {
        /// The request's id.
        id: u64,
        /// What came of it.
        result: Result<Answer, EngineRefusal>,
    },
    /// Something changed; nobody asked.
    Event(Event),
}

/// What a page can ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Whether the engine still listens. Answer: [`Answer::Alive`].
    Ping,
    /// Who and where this device is. Answer: [`Answer::Device`].
    Device,
    /// A sign-in with the server succeeded: remember the person, renew the grant, go on sending. Answer: [`Answer::Device`].
    SignedIn {
        /// As the server told it.
        session: SessionView,
    },
    /// Makes this device a till: key, enrolment, first load. Needs the network. Answer: [`Answer::Device`].
    BecomeTill {
        /// The site.
        site: SiteId,
        /// One of its tills.
        till: TillId,
    },
    /// Someone known here takes over. Works offline. Answer: [`Answer::Device`].
    SwitchPerson {
        /// Who.
        account: AccountId,
        /// Their PIN here, where they set one.
        pin: Option<String>,
    },
    /// Sets the PIN of whoever is signed in, on this device only. Answer: [`Answer::Device`].
    SetPin {
        /// Four to eight digits.
        pin: String,
    },
    /// Nobody is signed in any more; the queue waits. Answer: [`Answer::Device`].
    SignOut,
    /// Forgets everything on this device; refused while work is unsent. Answer: [`Answer::Erased`].
    Erase,
    /// Asks the browser to keep the data. Answer: [`Answer::Device`].
    KeepStorage,

    /// The till as it stands. Answer: [`Answer::Till`].
    Till,
    /// Opens the till. Answer: [`Answer::Till`].
    OpenTillSession {
        /// The counted float, in minor units.
        counted_minor: i64,
    },
    /// Closes it. Answer: [`Answer::Till`].
    CloseTillSession {
        /// The counted cash, in minor units.
        counted_minor: i64,
    },
    /// A barcode from a scanner. Opens a ticket where none is open. Answer: [`Answer::Till`]; refusal `barcode_unknown`.
    Scan {
        /// As read.
        code: String,
        /// How many.
        quantity: Decimal,
    },
    /// A product picked by hand. Answer: [`Answer::Till`].
    AddProduct {
        /// Which.
        product: ProductId,
        /// How many.
        quantity: Decimal,
    },
    /// Answer: [`Answer::Till`].
    ChangeQuantity {
        /// Which line.
        line: FactId,
        /// By how many, may be negative; a line never goes to zero or below (remove it instead).
        by: Decimal,
    },
    /// Answer: [`Answer::Till`].
    RemoveLine {
        /// Which line.
        line: FactId,
    },
    /// Takes cash and completes the open ticket. Answer: [`Answer::Paid`].
    PayCash {
        /// What the customer hands over, in minor units.
        tendered_minor: i64,
    },
    /// Puts the open ticket away unsold. Answer: [`Answer::Till`].
    AbandonTicket,
    /// Products by name, or by category with an empty text; always in the same order, a page at a time. Answer: [`Answer::Products`].
    SearchProducts {
        /// Words or parts of words.
        text: String,
        /// Only this category.
        category: Option<String>,
        /// How many of those found are on the page already.
        skip: usize,
        /// The most wanted.
        limit: usize,
    },
    /// Answer: [`Answer::Categories`].
    Categories,
    /// The tickets of the open till session, newest first. Answer: [`Answer::Tickets`].
    Tickets {
        /// The most wanted.
        limit: usize,
    },
    /// One ticket in full, for its receipt. Answer: [`Answer::Ticket`].
    Ticket {
        /// Which.
        document: DocumentId,
    },

    /// Answer: [`Answer::Sync`].
    Sync,
    /// Tries now. Answer: [`Answer::Sync`].
    SyncNow,
    /// The page has read a refusal or ruling. Answer: [`Answer::Sync`].
    Dismiss {
        /// Of the task.
        task: String,
    },
}

/// What the engine answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It listens.
    Alive,
    /// Who and where.
    Device(Box<DeviceView>),
    /// The till.
    Till(Box<TillState>),
    /// A completed ticket.
    Paid(Box<TicketView>),
    /// Found products.
    Products(ProductsPage),
    /// Category names, in order, with how many products each has.
    Categories(Vec<CategoryView>),
    /// Tickets.
    Tickets(Vec<TicketRow>),
    /// A ticket.
    Ticket(Box<TicketView>),
    /// Sync.
    Sync(Box<SyncView>),
    /// Everything is forgotten.
    Erased,
}

/// What happens unasked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Person, storage, till or update state changed.
    Device(Box<DeviceView>),
    /// The open ticket or session changed, here or in another tab.
    Till(Box<TillState>),
    /// The list of tickets changed: ask again.
    TicketsMoved,
    /// The sync state changed.
    Sync(Box<SyncView>),
    /// The first load of the catalogue.
    Loading {
        /// Rows stored.
        rows: u64,
        /// Rows in all.
        of: u64,
    },
    /// Prices and products changed: ask again.
    CatalogueMoved,
}

/// Why the engine did not do what was asked. Shown to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineRefusal {
    /// Stable code, such as `barcode_unknown`, `storage_full`, `pin_wrong`, `pin_locked`, `unsent_work`, `offline`.
    pub code: String,
    /// What the message needs: the code that was scanned, seconds to wait, how much waits.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

impl EngineRefusal {
    /// A refusal that needs no values.
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), values: BTreeMap::new() }
    }

    /// The refusal with a value for its message.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.values.insert(name.to_owned(), value.to_string());
        self
    }
}

/// This device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceView {
    /// Whoever is signed in.
    pub person: Option<PersonView>,
    /// Everybody known here.
    pub people: Vec<PersonView>,
    /// The till it is, once enrolled.
    pub till: Option<EnrolledTill>,
    /// Whether the server was reached lately.
    pub online: bool,
    /// Whether the session with the server still stands; where not, someone signs in again to send.
    pub session_lost: bool,
    /// What the browser promised.
    pub storage: StorageView,
    /// The database was gone when the device opened although it had been enrolled.
    pub evicted: bool,
}

/// Someone known on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// The account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether a PIN is asked.
    pub has_pin: bool,
    /// What the grant allows.
    pub permissions: Vec<String>,
}

/// The till this device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolledTill {
    /// The till.
    pub till: TillId,
    /// Its name.
    pub till_name: String,
    /// The site.
    pub site: SiteId,
    /// Its name.
    pub site_name: String,
    /// The company's name.
    pub tenant_name: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
}

/// Storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageView {
    /// The browser promised to keep it.
    pub persisted: bool,
    /// Bytes used.
    pub used: u64,
    /// Bytes there may be.
    pub quota: u64,
}

/// The till as it stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TillState {
    /// The open till session.
    pub session: Option<TillSessionView>,
    /// The open ticket.
    pub ticket: Option<TicketView>,
    /// What the last closing found, until the till opens again.
    pub closed: Option<ClosingView>,
}

/// An open till session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TillSessionView {
    /// The document.
    pub document: DocumentId,
    /// Since when.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: String,
    /// The float, in minor units.
    pub float_minor: i64,
    /// Cash taken, in minor units.
    pub cash_minor: i64,
    /// What should be in the drawer, in minor units.
    pub expected_minor: i64,
    /// Completed tickets.
    pub tickets: u32,
}

/// A closing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClosingView {
    /// The document.
    pub document: DocumentId,
    /// When.
    pub closed_at: Timestamp,
    /// What should have been there.
    pub expected_minor: i64,
    /// What was.
    pub counted_minor: i64,
    /// How many tickets the session had.
    pub tickets: u32,
    /// How many of them the server has not confirmed yet.
    pub unsent: u32,
}

/// A ticket in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketView {
    /// The document.
    pub document: DocumentId,
    /// Its lines, in order of entry, without the removed.
    pub lines: Vec<LineView>,
    /// Sum, tax included, in minor units.
    pub total_minor: i64,
    /// Tax contained, per rate.
    pub taxes: Vec<TaxView>,
    /// How far it is.
    pub status: TicketStatus,
    /// The receipt's number, once completed.
    pub receipt_number: Option<String>,
    /// What was handed over.
    pub tendered_minor: Option<i64>,
    /// What was given back.
    pub change_minor: Option<i64>,
    /// Begun.
    pub opened_at: Timestamp,
    /// Completed.
    pub completed_at: Option<Timestamp>,
    /// Who served.
    pub by: String,
    /// How far it has come.
    pub progress: Progress,
    /// What the server ruled on it, as message keys.
    pub rulings: Vec<String>,
}

/// How far a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Being rung up.
    Open,
    /// Paid.
    Completed,
    /// Put away unsold.
    Abandoned,
}

/// How far what was done here has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Durable on this device.
    SavedHere,
    /// On its way; not confirmed yet.
    Sent,
    /// In the books.
    Accepted,
    /// Held, refused, or ruled against.
    NeedsAttention,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineView {
    /// The fact that added it.
    pub id: FactId,
    /// The product.
    pub product: ProductId,
    /// Its name at the time.
    pub name: String,
    /// How many.
    pub quantity: Decimal,
    /// Each, tax included, in minor units.
    pub unit_minor: i64,
    /// The line's sum, in minor units.
    pub gross_minor: i64,
    /// The tax rate in percent.
    pub tax_percent: Decimal,
}

/// The tax of one rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaxView {
    /// In percent.
    pub percent: Decimal,
    /// Tax included, in minor units.
    pub gross_minor: i64,
    /// The tax in it, in minor units.
    pub tax_minor: i64,
}

/// A ticket in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketRow {
    /// The document.
    pub document: DocumentId,
    /// The receipt's number.
    pub receipt_number: Option<String>,
    /// The till that rang it up.
    pub till_name: String,
    /// Completed, or begun.
    pub at: Timestamp,
    /// Who served.
    pub by: String,
    /// How many lines.
    pub lines: u32,
    /// In minor units.
    pub total_minor: i64,
    /// How far it is.
    pub status: TicketStatus,
    /// How far it has come.
    pub progress: Progress,
}

/// A page of found products.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProductsPage {
    /// At most as many as were wanted, after those skipped.
    pub products: Vec<ProductView>,
    /// How many were found in all.
    pub of: u32,
}

/// A product in the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProductView {
    /// The product.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Tax included, in minor units; none where it has no price.
    pub price_minor: Option<i64>,
    /// What one of it is.
    pub unit: Unit,
    /// How its tile looks.
    pub picture: Picture,
    /// One of its barcodes.
    pub barcode: Option<String>,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryView {
    /// Its name.
    pub name: String,
    /// How many products.
    pub products: u32,
}

/// Sync, as the indicator and its sheet show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SyncView {
    /// Whether the server was reached lately.
    pub online: bool,
    /// Since when it was not.
    pub offline_since: Option<Timestamp>,
    /// When it was last reached.
    pub last_contact: Option<Timestamp>,
    /// Changes not confirmed yet.
    pub waiting: u32,
    /// What waits, per document, oldest first, at most 50.
    pub queue: Vec<QueuedDocument>,
    /// What needs the person.
    pub tasks: Vec<TaskView>,
    /// Whether the queue is paused because nobody is signed in or the session is lost.
    pub paused: bool,
    /// Storage.
    pub storage: StorageView,
}

/// A document with unconfirmed changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueuedDocument {
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: String,
    /// Such as a receipt's number.
    pub label: String,
    /// How many changes.
    pub changes: u32,
    /// The oldest of them.
    pub since: Timestamp,
}

/// Something a person must know: a refusal, a hold, an adverse ruling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskView {
    /// Its id.
    pub id: String,
    /// The document.
    pub document: DocumentId,
    /// Such as a receipt's number.
    pub label: String,
    /// Stable code; the message catalogue says what happened and what to do.
    pub code: String,
    /// When.
    pub at: Timestamp,
}
