//! The sync state as the indicator and its sheet show it.

use super::core::Core;
use super::lost::Lost;
use super::protocol::{EngineRefusal, QueueState, QueuedDocument, SyncView, TaskView};
use super::queue::{self, Queue, Waits};
use super::records::{DeviceRecord, SessionRecord, name};
use super::till::{needs_attention, people_names};
use super::{blobs, carried};
use crate::device::store::{CHAIN, Records, StoreError, Transaction, Tried, tried_of};
use futures::future::{join, join3, join5};
use holdfast_domain::kernel::{AccountId, Document, DocumentId, Timestamp};
use holdfast_domain::sales::ticket::{TICKETS_VIEW, Ticket, TicketRow};
use holdfast_domain::sales::till_session::{TILL_SESSIONS_VIEW, TillSession, TillSessionRow};
use holdfast_sync::replica::ChainHead;
use std::collections::{BTreeMap, BTreeSet};

pub use super::lost::{dismiss, export};

/// Documents listed at most.
const MAX_LISTED: usize = 50;
/// Tickets looked through for rulings.
const LOOKED_THROUGH: u32 = 500;
/// And so many sessions of tills.
const SESSIONS_LOOKED_THROUGH: u32 = 50;

/// As it stands.
pub async fn read(core: &Core) -> Result<SyncView, EngineRefusal> {
    let contact = core.contact.borrow().clone();
    let storage = core.storage.borrow().clone();
    let empty = SyncView {
        online: contact.online,
        offline_since: contact.offline_since,
        last_contact: contact.last,
        tries: contact.tries,
        next_try: contact.next_try,
        clock_offset_ms: None,
        refused: contact.refused,
        waiting: 0,
        queue: Vec::new(),
        more_documents: 0,
        tasks: Vec::new(),
        paused: true,
        storage,
        carried: Vec::new(),
        blobs: Vec::new(),
    };
    let Some(store) = core.store() else { return Ok(empty) };
    let stores = [Records::Views, Records::People, Records::Dismissed, Records::Blobs];
    queue::look(core, (&store, &stores), async |transaction, queue| {
        // Asked for at once: whoever sells waits for this transaction.
        let of_device = join5(
            transaction.get::<DeviceRecord>(Records::Meta, name::DEVICE),
            transaction.get::<AccountId>(Records::Meta, name::SIGNED_IN),
            transaction.get::<SessionRecord>(Records::Meta, name::SESSION),
            transaction.get::<ChainHead>(Records::Meta, CHAIN),
            people_names(transaction),
        );
        let waits = join3(transaction.keys(Records::Dismissed), carried::stored(transaction), blobs::unsent(transaction));
        let rows = join(
            transaction.view_page::<TicketRow>(TICKETS_VIEW, None, LOOKED_THROUGH),
            transaction.view_page::<TillSessionRow>(TILL_SESSIONS_VIEW, None, SESSIONS_LOOKED_THROUGH),
        );
        let ((device, account, session, chain, names), (dismissed, files, unsent), (tickets, sessions)) = join3(of_device, waits, rows).await;
        let (device, account, session, chain, names) = (device?, account?, session?, chain?, names?);
        let (dismissed, files, unsent, sessions) = (BTreeSet::from_iter(dismissed?), files?, unsent?, sessions?);
        let tickets: BTreeMap<DocumentId, TicketRow> = tickets?.into_iter().map(|(_, row)| (row.document, row)).collect();
        let waiting = queue.waiting + carried::waiting(&files) + unsent.len();
        let tasks = refusals(&queue.lost, &tickets, &names).chain(rulings(&tickets, &sessions, device.as_ref()));
        let mut tasks: Vec<TaskView> = tasks.filter(|task| !dismissed.contains(&task.id)).collect();
        let paused = account.is_none() || session.is_none_or(|session| session.lost);
        let next_try = empty.next_try.filter(|_| !paused);
        tasks.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        Ok(SyncView {
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            clock_offset_ms: chain.filter(|chain| chain.feed.epoch.is_some()).map(|chain| chain.clock_offset_ms),
            more_documents: u32::try_from(queue.documents().len().saturating_sub(MAX_LISTED)).unwrap_or(u32::MAX),
            queue: listed(transaction, queue, (&tickets, next_try)).await?,
            tasks,
            carried: carried::views(&files),
            blobs: blobs::queued(&unsent),
            paused,
            ..empty
        })
    })
    .await
}

fn label(tickets: &BTreeMap<DocumentId, TicketRow>, document: DocumentId) -> String {
    let receipt = tickets.get(&document).and_then(|ticket| ticket.receipt);
    receipt.map(|receipt| receipt.number.to_string()).unwrap_or_default()
}

/// What waits, per document, the oldest first, as far as it is listed.
async fn listed(
    transaction: &Transaction,
    queue: &Queue,
    (tickets, next_try): (&BTreeMap<DocumentId, TicketRow>, Option<Timestamp>),
) -> Result<Vec<QueuedDocument>, StoreError> {
    let oldest = &queue.documents()[..queue.documents().len().min(MAX_LISTED)];
    let tried = tried_of(transaction, &oldest.iter().map(|waits| (waits.document, waits.first)).collect::<Vec<_>>()).await?;
    let view = |(waits, tried): (&Waits, Option<Tried>)| QueuedDocument {
        document: waits.document,
        kind: waits.kind.clone(),
        label: label(tickets, waits.document),
        changes: waits.changes,
        since: waits.since,
        state: waits.state.clone(),
        // What the server keeps is not sent again by itself, and what was not sent yet goes once all before it has.
        next_try: next_try.filter(|_| tried.is_some() && waits.state != QueueState::AtServer),
        tried,
    };
    Ok(oldest.iter().zip(tried).map(view).collect())
}

/// What the server holds or refused, and what fell with it.
fn refusals(lost: &[Lost], tickets: &BTreeMap<DocumentId, TicketRow>, names: &BTreeMap<AccountId, String>) -> impl Iterator<Item = TaskView> {
    lost.iter().map(move |lost| TaskView {
        id: lost.task.clone(),
        document: lost.document,
        label: label(tickets, lost.document),
        code: lost.code.clone(),
        at: lost.at,
        entry: lost.shown(tickets, names),
    })
}

/// What the server ruled on this till's tickets and sessions.
fn rulings(
    tickets: &BTreeMap<DocumentId, TicketRow>,
    sessions: &[(String, TillSessionRow)],
    device: Option<&DeviceRecord>,
) -> impl Iterator<Item = TaskView> {
    let till = device.and_then(|device| device.till.as_ref()).map(|till| till.till);
    let of_tickets = tickets.values().filter(move |ticket| Some(ticket.till) == till).flat_map(|ticket| {
        let label = ticket.receipt.map(|receipt| receipt.number.to_string()).unwrap_or_default();
        ruled(&ticket.rulings, (Ticket::KIND, ticket.document, label, ticket.ended_at.unwrap_or(ticket.opened_at)))
    });
    let of_sessions = sessions.iter().filter(move |(_, session)| Some(session.till) == till).flat_map(|(_, session)| {
        ruled(&session.rulings, (TillSession::KIND, session.document, String::new(), session.closed_at.unwrap_or(session.opened_at)))
    });
    of_tickets.chain(of_sessions)
}

/// The rulings that a person must know of, as tasks.
fn ruled(rulings: &[String], (kind, document, label, at): (&'static str, DocumentId, String, Timestamp)) -> impl Iterator<Item = TaskView> {
    rulings.iter().filter(|code| needs_attention(std::slice::from_ref(code))).map(move |code| TaskView {
        id: format!("{kind}:{document}:{code}"),
        document,
        label: label.clone(),
        code: format!("ruling.{code}"),
        at,
        entry: None,
    })
}
