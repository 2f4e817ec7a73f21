//! What the outbox holds, folded: kept in memory and caught up at each look, so that neither memory nor a look grows with what waits.
//!
//! What people do is added at the outbox's end; whatever else happens to it (a push, an answer, a page of the feed, a start) changes its mark, in the same
//! transaction. While the mark is that of the look before, only what was added since is read; else all of it, a stride at a time. So it is exact, however
//! many tabs work on one database.

use super::core::Core;
use super::lost::{self, Lost};
use super::progress::Unsettled;
use super::protocol::{EngineRefusal, QueueState};
use crate::device::store::{Access, Records, Store, StoreError, Transaction, each_change, outbox_mark};
use holdfast_domain::kernel::{DocumentId, Timestamp};
use holdfast_sync::replica::{OutboxRow, OutboxState, is_undecided};
use holdfast_sync::wire::Answer;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The outbox as it stood at a look.
#[derive(Default)]
pub struct Queue {
    /// Whose outbox, and its mark.
    of: Option<(String, Option<Uuid>)>,
    /// The last number that was read.
    last: u64,
    /// Changes the server has not decided.
    pub undecided: usize,
    /// Of these, what a person waits for.
    pub waiting: usize,
    /// How far each document is.
    pub unsettled: Unsettled,
    /// What the server holds or refused, and what fell with it.
    pub lost: Vec<Lost>,
    documents: Vec<Waits>,
    places: BTreeMap<DocumentId, usize>,
}

/// A document of which something waits.
pub struct Waits {
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: String,
    /// How many changes.
    pub changes: u32,
    /// The number of the oldest of them.
    pub first: u64,
    /// When that was done.
    pub since: Timestamp,
    /// How far it has come: of its changes, the one that is stuck the most.
    pub state: QueueState,
}

/// Looks at what waits, in a transaction that reads these stores too. One look at a time: the next finds what this one read.
pub async fn look<T>(
    core: &Core,
    (store, stores): (&Store, &[Records]),
    read: impl AsyncFnOnce(&Transaction, &Queue) -> Result<T, EngineRefusal>,
) -> Result<T, EngineRefusal> {
    let mut kept = core.queue.lock().await;
    // Of a look that breaks off halfway nothing is kept.
    let before = std::mem::take(&mut *kept);
    let (queue, found) = store
        .transact(&[&[Records::Meta, Records::Outbox], stores].concat(), Access::Read, async |transaction| {
            let queue = before.caught_up(store, transaction).await?;
            let found = read(transaction, &queue).await?;
            Ok::<_, EngineRefusal>((queue, found))
        })
        .await?;
    *kept = queue;
    Ok(found)
}

/// What a look cannot know has happened: a tab of an older build leaves no mark.
pub async fn forget(core: &Core) {
    *core.queue.lock().await = Queue::default();
}

impl Queue {
    /// Documents of which something waits, the oldest first.
    pub fn documents(&self) -> &[Waits] {
        &self.documents
    }

    async fn caught_up(self, store: &Store, transaction: &Transaction) -> Result<Self, StoreError> {
        let of = Some((store.name().to_owned(), outbox_mark(transaction).await?));
        let mut queue = if self.of == of { self } else { Self { of, ..Self::default() } };
        let last = queue.last;
        let mut take = |row| {
            queue.take(&row);
            Ok(())
        };
        each_change(transaction, Records::Outbox, last, &mut take).await?;
        Ok(queue)
    }

    fn take(&mut self, row: &OutboxRow) {
        self.last = row.seq;
        self.unsettled.take(row);
        self.lost.extend(lost::of(row));
        if !is_undecided(row) {
            return;
        }
        self.undecided += 1;
        // What fell is sent for the record alone; its person has a task.
        if row.fallen.is_some() || row.replaced {
            return;
        }
        self.waiting += 1;
        let place = *self.places.entry(row.document).or_insert_with(|| {
            let (document, kind, first, since) = (row.document, row.kind.clone(), row.seq, row.at);
            self.documents.push(Waits { document, kind, changes: 0, first, since, state: QueueState::Saved });
            self.documents.len() - 1
        });
        let queued = &mut self.documents[place];
        queued.changes += 1;
        queued.state = queued.state.clone().max(state(row));
    }
}

fn state(row: &OutboxRow) -> QueueState {
    match (row.resting.as_ref().map(|resting| &resting.answer), &row.state) {
        (Some(Answer::Held { code } | Answer::Refused { code }), _) => QueueState::Blocked { code: code.clone() },
        (_, OutboxState::Saved) => QueueState::Saved,
        (_, OutboxState::Waiting) => QueueState::AtServer,
        // The others do not wait.
        (_, OutboxState::Sent | OutboxState::Attention(_) | OutboxState::Accepted { .. }) => QueueState::Sent,
    }
}
