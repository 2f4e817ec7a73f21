//! Entries that are not in the books: readable and exportable until someone dismisses them.

use super::protocol::TaskEntry;
use crate::device::store::{Access, Key, Records, StoreError, Transaction, mark_outbox};
use crate::engine::core::Core;
use crate::engine::protocol::EngineRefusal;
use holdfast_domain::kernel::{AccountId, DocumentId, Intent, Timestamp};
use holdfast_domain::sales::ticket::{AddLine, ChangeQuantity, PayCash, TicketRow};
use holdfast_domain::sales::till_session;
use holdfast_sync::cbor;
use holdfast_sync::envelope::{Header, IntentCall, Principal};
use holdfast_sync::ids::IntentId;
use holdfast_sync::replica::{OutboxRow, OutboxState};
use holdfast_sync::wire::Answer;
use serde_json::json;
use std::collections::BTreeMap;

/// A change that is not in the books, as far as a task tells of it.
pub struct Lost {
    /// The task's id.
    pub task: String,
    /// Its code.
    pub code: String,
    /// The document.
    pub document: DocumentId,
    /// When it was done.
    pub at: Timestamp,
    entry: Option<Entry>,
}

/// Who did what.
struct Entry {
    intent: String,
    by: Option<AccountId>,
    what: String,
    amount_minor: Option<i64>,
}

/// What a row's task tells, if it has one.
pub fn of(row: &OutboxRow) -> Option<Lost> {
    let (task, code) = task_of(row)?;
    Some(Lost { task, code, document: row.document, at: row.at, entry: entry(row) })
}

/// A row's task: its id, which changes with the answer (a hold that was rejected is news to whoever read of the hold), and its code.
fn task_of(row: &OutboxRow) -> Option<(String, String)> {
    if row.replaced {
        return None;
    }
    let (outcome, code) = match (&row.state, &row.fallen) {
        // What could not be replayed says why; that it rested on something refused is known from that one's own task.
        (OutboxState::Attention(answer), Some(reason)) if answer.rests_on_another() => ("fallen", reason),
        (OutboxState::Attention(Answer::Held { code }), _) => ("held", code),
        (OutboxState::Attention(Answer::Refused { code }), _) => ("refused", code),
        (_, Some(reason)) => ("fallen", reason),
        _ => return None,
    };
    Some((format!("{outcome}:{}", row.intent_id), format!("{outcome}.{code}")))
}

fn entry(row: &OutboxRow) -> Option<Entry> {
    let header: Header = cbor::decode(&row.header.0).ok()?;
    let by = match &header.author.account {
        Principal::Account(account) => Some(*account),
        Principal::System(_) | Principal::Invitation(_) => None,
    };
    let (what, amount_minor) = details(&header.intent);
    Some(Entry { intent: header.intent.name, by, what, amount_minor })
}

impl Lost {
    /// The entry as it is shown.
    pub fn shown(&self, tickets: &BTreeMap<DocumentId, TicketRow>, names: &BTreeMap<AccountId, String>) -> Option<TaskEntry> {
        let Entry { intent, by, what, amount_minor } = self.entry.as_ref()?;
        let by = by.and_then(|account| names.get(&account).cloned()).unwrap_or_default();
        let openable = tickets.contains_key(&self.document);
        Some(TaskEntry { intent: intent.clone(), by, what: what.clone(), amount_minor: *amount_minor, openable })
    }
}

/// The payload in a few words, of the intents that have any.
fn details(call: &IntentCall) -> (String, Option<i64>) {
    let payload = &call.payload.0;
    match (call.name.as_str(), call.version) {
        (AddLine::NAME, AddLine::VERSION) => match cbor::decode::<AddLine>(payload) {
            Ok(AddLine { item }) => (format!("{} × {}", item.quantity, item.name), None),
            Err(_) => Default::default(),
        },
        (ChangeQuantity::NAME, ChangeQuantity::VERSION) => {
            (cbor::decode::<ChangeQuantity>(payload).map(|change| change.by.to_string()).unwrap_or_default(), None)
        }
        (PayCash::NAME, PayCash::VERSION) => match cbor::decode::<PayCash>(payload) {
            Ok(paid) => (paid.receipt.number.to_string(), Some(paid.tendered.minor)),
            Err(_) => Default::default(),
        },
        (till_session::Open::NAME, till_session::Open::VERSION) => {
            (String::new(), cbor::decode::<till_session::Open>(payload).ok().map(|open| open.float.minor))
        }
        _ => Default::default(),
    }
}

/// The entry as a JSON text, whole: header, change and signature as they were or would have been sent.
pub async fn export(core: &Core, task: &str) -> Result<String, EngineRefusal> {
    let store = core.need_store()?;
    let intent = intent_of(task).ok_or_else(|| EngineRefusal::new("task_gone"))?;
    let find = async |transaction: &Transaction| transaction.find::<OutboxRow>(Records::Outbox, "intent", &intent.to_string()).await;
    let row = store.transact(&[Records::Outbox], Access::Read, find).await?.ok_or_else(|| EngineRefusal::new("task_gone"))?;
    let header: Header = cbor::decode(&row.header.0).map_err(|_| EngineRefusal::new("document_broken"))?;
    let exported = json!({
        "format": "holdfast.entry.1",
        "intent_id": row.intent_id,
        "reason": row.fallen,
        "document": row.document,
        "kind": row.kind,
        "intent": header.intent,
        "author": header.author,
        "at_ms": row.at,
        "header": row.header,
        "change": row.change,
        "signature": row.signature,
        "grant": row.grant,
    });
    Ok(format!("{exported:#}\n"))
}

/// Someone has read a task. What is refused for good is gone with it; what is held may yet be released.
pub async fn dismiss(core: &Core, task: &str) -> Result<(), EngineRefusal> {
    let store = core.need_store()?;
    let dismissed = async |transaction: &Transaction| -> Result<(), StoreError> {
        if let Some(intent) = intent_of(task)
            && let Some(row) = transaction.find::<OutboxRow>(Records::Outbox, "intent", &intent.to_string()).await?
            && row.fallen.is_some()
            && matches!(row.state, OutboxState::Attention(Answer::Refused { .. }))
        {
            mark_outbox(transaction)?;
            transaction.delete(Records::Outbox, Key::Number(row.seq))?;
        }
        transaction.put(Records::Dismissed, task, &true)
    };
    Ok(store.transact(&[Records::Meta, Records::Outbox, Records::Dismissed], Access::Strict, dismissed).await?)
}

fn intent_of(task: &str) -> Option<IntentId> {
    let (outcome, intent) = task.split_once(':')?;
    matches!(outcome, "held" | "refused" | "fallen").then(|| uuid::Uuid::parse_str(intent).ok().map(IntentId))?
}
