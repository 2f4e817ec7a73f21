//! The sync state as the indicator and its sheet show it.

use super::{QueuedBlob, StorageView};
pub use crate::device::store::{Hindrance, Tried};
use holdfast_domain::import::{ImportTally, OutsideTheBooks};
use holdfast_domain::kernel::{DocumentId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The code of what the server says to an app that cannot read its news; what was done here goes up all the same.
pub const APP_TOO_OLD: &str = "app_too_old";

/// Sync, as the indicator and its sheet show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SyncView {
    /// Whether the server was reached lately.
    pub online: bool,
    /// Since when it was not.
    pub offline_since: Option<Timestamp>,
    /// When it was last reached.
    pub last_contact: Option<Timestamp>,
    /// How often it was tried since without being reached.
    pub tries: u32,
    /// When it is tried next, where it is out of reach or asked to be tried later.
    pub next_try: Option<Timestamp>,
    /// Server clock minus device clock, in milliseconds, as last known; none before the first contact.
    pub clock_offset_ms: Option<i64>,
    /// The code of what it then refused to do for this device as a whole, such as `device_revoked`.
    pub refused: Option<String>,
    /// Changes not confirmed yet.
    pub waiting: u32,
    /// What waits, per document, oldest first, at most 50.
    pub queue: Vec<QueuedDocument>,
    /// How many documents more there are.
    pub more_documents: u32,
    /// What needs the person.
    pub tasks: Vec<TaskView>,
    /// Whether the queue is paused because nobody is signed in or the session is lost.
    pub paused: bool,
    /// Storage.
    pub storage: StorageView,
    /// Files of other devices that were handed in here, the newest first.
    pub carried: Vec<CarriedView>,
    /// Photos and papers taken here that the server has not got yet, the oldest first; they count among what waits.
    #[serde(default)]
    pub blobs: Vec<QueuedBlob>,
}

/// A file of another device, handed in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedView {
    /// Its id here.
    pub id: Uuid,
    /// As the file is called.
    pub name: String,
    /// When it was handed in here.
    pub taken_at: Timestamp,
    /// How many lines it has.
    pub lines: u32,
    /// How many of them are not sent yet.
    pub left: u32,
    /// Whether something of it is to be sent yet.
    pub waits: bool,
    /// Whether it has all lines that its device wrote, as far as that is known.
    pub whole: bool,
    /// The device that wrote it, once the server has said so.
    pub device: Option<String>,
    /// What came of it so far.
    pub tally: ImportTally,
    /// Some of what is not in the books.
    pub outside: Vec<OutsideTheBooks>,
    /// The code of why the server will never take it.
    pub refused: Option<String>,
}

/// What waits here, as a file for somebody else to carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxFile {
    /// The till's name, for the file's.
    pub till: String,
    /// Its lines.
    pub text: String,
    /// How many changes are in it.
    pub changes: u32,
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
    /// How far it has come: of its changes, the one that is stuck the most.
    pub state: QueueState,
    /// How often it was sent and did not come into the books, when last, and why; none where it was not sent yet.
    pub tried: Option<Tried>,
    /// When it is sent again, where that is known.
    pub next_try: Option<Timestamp>,
}

/// How far a document's unconfirmed changes have come, the least stuck first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    /// Durable here, never sent.
    Saved,
    /// Sent; nobody knows whether it arrived.
    Sent,
    /// The server keeps it until what it rests on has come.
    AtServer,
    /// It rests on something that was held or refused, and is being replayed.
    Blocked {
        /// The answer's code.
        code: String,
    },
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
    /// What the person had entered, where it is not in the books; none for a ruling.
    pub entry: Option<TaskEntry>,
}

/// An entry that is not in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEntry {
    /// What was done, as the intent's name.
    pub intent: String,
    /// By whom; empty where the name is not known here.
    pub by: String,
    /// The rest in a few words, such as `2 × Espresso`.
    pub what: String,
    /// An amount that belongs to it, in minor units.
    pub amount_minor: Option<i64>,
    /// Whether what was kept of the document can be opened.
    pub openable: bool,
}
