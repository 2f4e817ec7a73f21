//! What the page and the engine worker say to each other: JSON text in `postMessage`.
//!
//! The worker says [`FromEngine::Ready`] once it listens; the page queues until then. Every request gets one answer with its id. The page
//! holds no rule: it shows what the engine tells, and an intent is confirmed only by an answer, which is sent after the
//! transaction's `complete`.

mod blob;
mod device;
mod sync;
mod till;

use holdfast_domain::identity::SessionView;
use holdfast_domain::kernel::{AccountId, BlobRef, DocumentId, FactId, ProductId, SiteId, TillId};
use holdfast_sync::bytes::Bytes;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use blob::{BlobView, QueuedBlob};
pub use device::{DeviceView, EnrolledTill, OwnView, PersonView, StorageView};
pub use sync::{APP_TOO_OLD, CarriedView, Hindrance, OutboxFile, QueueState, QueuedDocument, SyncView, TaskEntry, TaskView, Tried};
pub use till::{
    CategoryView, ClosingView, LineView, ProductView, ProductsPage, Progress, TaxView, TicketRow, TicketStatus, TicketView, TicketsOf,
    TillSessionView, TillState,
};

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
    /// Whoever is signed in works here no more: they are forgotten, what they did is not. Answer: [`Answer::Device`].
    TakeOff,
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
        /// Photos of the count, as they were encoded.
        #[serde(default)]
        photos: Vec<Bytes>,
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
    /// Tickets, newest first. Answer: [`Answer::Tickets`].
    Tickets {
        /// Whose.
        of: TicketsOf,
        /// The most wanted.
        limit: usize,
    },
    /// One ticket in full, for its receipt. Answer: [`Answer::Ticket`].
    Ticket {
        /// Which.
        document: DocumentId,
    },

    /// A photo or paper that a document names. Answer: [`Answer::Blob`].
    Blob {
        /// Which.
        blob: BlobRef,
    },
    /// Answer: [`Answer::Sync`].
    Sync,
    /// Tries now. Answer: [`Answer::Sync`].
    SyncNow,
    /// An entry that is not in the books, as a text to keep. Answer: [`Answer::Exported`].
    Export {
        /// Of the task.
        task: String,
    },
    /// What waits here as a file that somebody else can carry. Answer: [`Answer::OutboxFile`]; refusals `nothing_to_hand_over`, `no_sealing_key`.
    ExportOutbox,
    /// Another device's file, to be sent from here. Answer: [`Answer::Sync`]; refusals `no_outbox_file`, `too_many_files`.
    TakeFile {
        /// As the file is called.
        name: String,
        /// All of it.
        text: String,
    },
    /// The page has read what came of a file. Answer: [`Answer::Sync`].
    PutFileAway {
        /// Its id.
        file: uuid::Uuid,
    },
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
    /// A JSON text.
    Exported(String),
    /// What waits, sealed.
    OutboxFile(Box<OutboxFile>),
    /// A photo or paper, or why it cannot be shown.
    Blob(BlobView),
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
