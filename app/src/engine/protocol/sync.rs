//! The sync state as the indicator and its sheet show it.

use super::StorageView;
use holdfast_domain::kernel::{DocumentId, Timestamp};
use serde::{Deserialize, Serialize};

/// Sync, as the indicator and its sheet show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SyncView {
    /// Whether the server was reached lately.
    pub online: bool,
    /// Since when it was not.
    pub offline_since: Option<Timestamp>,
    /// When it was last reached.
    pub last_contact: Option<Timestamp>,
    /// The code of what it then refused to do for this device as a whole, such as `device_revoked`.
    pub refused: Option<String>,
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
