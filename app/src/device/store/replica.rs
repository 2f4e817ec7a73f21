//! The replica's operations, each as one transaction.

use super::leave;
use super::marks::{mark_outbox, mark_views};
use super::personal::{self, is_personal};
use super::rebuild::{self, Fallen};
use super::records::{Key, Records};
use super::strides::{STRIDE, each_change, each_waiting};
use super::transaction::{Access, Transaction};
use super::tries::{self, Hindrance};
use super::{Store, StoreError, witness};
use futures::future::try_join_all;
use holdfast_sync::blob;
use holdfast_sync::ids::{AccountId, IntentId};
use holdfast_sync::kind::Kinds;
use holdfast_sync::replica::{
    self, ChainHead, Clocks, DocumentWrite, Draft, FeedState, KEEP_ACCEPTED_MS, OutboxRow, OutboxState, Received, RecordError, StoredDocument,
};
use holdfast_sync::time::Timestamp;
use holdfast_sync::wire::{Answer, PullResponse};
use std::collections::BTreeMap;

/// The chain head's name among the single records.
pub const CHAIN: &str = "chain";

/// Why nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordRefusal {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The intent's own rule, the document's cap, or a stored document that cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// What a person does, being recorded: the intents of one tap, in one transaction that names
/// [`Work::STORES`].
pub struct Work<'t> {
    transaction: &'t Transaction,
    chain: ChainHead,
}

impl<'t> Work<'t> {
    /// What recording reads and writes.
    pub const STORES: [Records; 5] = [Records::Meta, Records::Outbox, Records::Accepted, Records::Documents, Records::Views];

    /// Reads the chain's head.
    pub async fn begin(transaction: &'t Transaction) -> Result<Self, StoreError> {
        let chain = transaction.get(Records::Meta, CHAIN).await?;
        Ok(Self { transaction, chain: chain.ok_or_else(chain_missing)? })
    }

    /// The chain as it stands after what was recorded so far.
    pub fn chain(&self) -> &ChainHead {
        &self.chain
    }

    /// The change that this intent became before, if it was recorded: a tap is done once, however often it is asked.
    pub async fn recorded(&self, intent: IntentId) -> Result<Option<OutboxRow>, StoreError> {
        let intent = intent.to_string();
        match self.transaction.find(Records::Outbox, "intent", &intent).await? {
            Some(row) => Ok(Some(row)),
            None => self.transaction.find(Records::Accepted, "intent", &intent).await,
        }
    }

    /// Records one intent: next number, header, change, document, view rows.
    pub async fn record(&mut self, draft: Draft) -> Result<OutboxRow, RecordRefusal> {
        let stored: Option<StoredDocument> = self.transaction.get(Records::Documents, Key::document(draft.document)).await?;
        let recorded = replica::record(&self.chain, stored.as_ref(), draft)?;
        self.transaction.put(Records::Meta, CHAIN, &recorded.chain)?;
        put_outbox(self.transaction, Records::Outbox, &recorded.outbox)?;
        put_document(self.transaction, &recorded.document)?;
        self.chain = recorded.chain;
        Ok(recorded.outbox)
    }
}

/// Rows that are not signed yet, oldest first, after that number: some of them, and none where there are no more.
pub async fn unsigned(store: &Store, after: u64) -> Result<Vec<OutboxRow>, StoreError> {
    let unsigned = |row: &OutboxRow| row.signature.is_none() && !matches!(row.state, OutboxState::Attention(_));
    let read = async |transaction: &Transaction| some_of(transaction, after, &unsigned).await;
    store.transact(&[Records::Outbox], Access::Read, read).await
}

/// The first rows after that number that are meant, some hundreds at most. Read in strides: after weeks offline the whole outbox takes a while to read.
async fn some_of(transaction: &Transaction, after: u64, is_meant: &impl Fn(&OutboxRow) -> bool) -> Result<Vec<OutboxRow>, StoreError> {
    let (mut found, mut next) = (Vec::new(), after.saturating_add(1));
    loop {
        let rows: Vec<OutboxRow> = transaction.all_from(Records::Outbox, Some(Key::Number(next)), STRIDE).await?;
        let Some(last) = rows.last().map(|row| row.seq) else { return Ok(found) };
        let whole = rows.len() == STRIDE as usize;
        found.extend(rows.into_iter().filter(is_meant));
        found.truncate(STRIDE as usize);
        if !whole || found.len() == STRIDE as usize {
            return Ok(found);
        }
        next = last.saturating_add(1);
    }
}

/// Puts signatures on rows, by their number. The row is read again: an answer may have come meanwhile.
pub async fn sign(store: &Store, signatures: Vec<(u64, Vec<u8>)>) -> Result<(), StoreError> {
    store
        .transact(&[Records::Outbox], Access::Relaxed, async |transaction| {
            let (seqs, signatures): (Vec<_>, Vec<_>) = signatures.into_iter().unzip();
            for (row, signature) in rows_at(transaction, &seqs).await?.into_iter().zip(signatures) {
                if let Some(row) = row {
                    put_outbox(transaction, Records::Outbox, &replica::signed(row, signature))?;
                }
            }
            Ok(())
        })
        .await
}

/// Rows of the outbox by their numbers, asked for at once: one after the other they take most of the time that a push takes.
async fn rows_at(transaction: &Transaction, seqs: &[u64]) -> Result<Vec<Option<OutboxRow>>, StoreError> {
    try_join_all(seqs.iter().map(|seq| transaction.get::<OutboxRow>(Records::Outbox, Key::Number(*seq)))).await
}

/// The rows after that number that the next push carries, in the order of its envelopes. What fell goes last, and by itself.
pub async fn next_to_push(store: &Store, after: u64) -> Result<Vec<OutboxRow>, StoreError> {
    let ready = |fallen: bool| move |row: &OutboxRow| replica::is_ready(row) && row.fallen.is_some() == fallen;
    let read = async |transaction: &Transaction| match some_of(transaction, after, &ready(false)).await? {
        none if none.is_empty() => some_of(transaction, after, &ready(true)).await,
        some => Ok(some),
    };
    let rows = store.transact(&[Records::Outbox], Access::Read, read).await?;
    Ok(rows.into_iter().take_while(|row| row.signature.is_some()).collect())
}

/// Whether there is something that goes before any blob.
pub async fn a_fact_waits(store: &Store) -> Result<bool, StoreError> {
    let read = async |transaction: &Transaction| some_of(transaction, 0, &blob::goes_first).await;
    Ok(!store.transact(&[Records::Outbox], Access::Read, read).await?.is_empty())
}

/// Marks rows as sent, by their number: from now on nobody knows whether they arrived, until an answer says so.
pub async fn mark_sent(store: &Store, rows: &[u64]) -> Result<(), StoreError> {
    store
        .transact(&[Records::Meta, Records::Outbox], Access::Relaxed, async |transaction| {
            mark_outbox(transaction)?;
            let saved = rows_at(transaction, rows).await?.into_iter().flatten().filter(|row| row.state == OutboxState::Saved);
            saved.map(|row| OutboxRow { state: OutboxState::Sent, ..row }).try_for_each(|row| put_outbox(transaction, Records::Outbox, &row))
        })
        .await
}

/// Stores the answers to a push, by the rows' numbers: what is in the books moves to `accepted`, and what was refused or is held falls from its
/// document. Answers whether something was replayed, which is to be signed and sent.
pub async fn answer(store: &Store, kinds: &Kinds, answers: Vec<(u64, Answer)>, now: Clocks) -> Result<bool, StoreError> {
    let adverse = answers.iter().any(|(_, answer)| answer.is_adverse());
    let stores = [&rebuild::STORES[..], &[Records::Accepted]].concat();
    let access = if adverse { Access::Strict } else { Access::Relaxed };
    store
        .transact(&stores, access, async |transaction| {
            mark_outbox(transaction)?;
            let (mut fallen, mut open) = (Fallen::new(), Vec::new());
            let seqs: Vec<_> = answers.iter().map(|(seq, _)| *seq).collect();
            for ((_, answer), row) in answers.iter().zip(rows_at(transaction, &seqs).await?) {
                if let Some(row) = row {
                    if answer.is_adverse() {
                        fallen.entry(row.document).or_default();
                    }
                    let answered = replica::answered(row, answer, now);
                    open.extend(Hindrance::left_by(answer, &answered).map(|why| (answered.seq, answered.document, why)));
                    put_answered(transaction, answered)?;
                }
            }
            tries::note(transaction, &open, now.device).await?;
            rebuild::rebuild(transaction, kinds, (&fallen, None)).await
        })
        .await
}

/// What a page of the feed brought, beyond what the replica says.
pub struct Taken {
    /// What the replica wrote.
    pub received: Received,
    /// The server came back from a backup: what was in the books here is offered again.
    pub epoch_changed: bool,
    /// Something fell, and what rested on it was replayed.
    pub rebuilt: bool,
    /// Something was hidden, shown again or removed, because of the audiences that are followed.
    pub left: bool,
}

/// Why a page is not stored.
enum NotStored {
    /// It makes something fall, which is to be strictly durable.
    Strictly,
    Store(StoreError),
}

impl From<StoreError> for NotStored {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Stores a page of the feed with its cursors, in one transaction, but for what is the account's own that asked for it. What it names must be there already:
/// packed pages are stored before. Where it makes something fall, that one is strictly durable.
pub(super) async fn receive(store: &Store, kinds: &Kinds, page: (&PullResponse, AccountId), device_now: Timestamp) -> Result<Taken, StoreError> {
    match receive_as(store, Access::Relaxed, (kinds, page), device_now).await {
        Err(NotStored::Strictly) => match receive_as(store, Access::Strict, (kinds, page), device_now).await {
            Ok(taken) => Ok(taken),
            Err(NotStored::Store(error)) => Err(error),
            Err(NotStored::Strictly) => Err(StoreError::Fault("a strictly durable transaction was asked to be one".to_owned())),
        },
        Err(NotStored::Store(error)) => Err(error),
        Ok(taken) => Ok(taken),
    }
}

async fn receive_as(
    store: &Store,
    access: Access,
    (kinds, (page, asked_by)): (&Kinds, (&PullResponse, AccountId)),
    device_now: Timestamp,
) -> Result<Taken, NotStored> {
    let stores =
        [Records::Meta, Records::Outbox, Records::Accepted, Records::Witnessed, Records::Documents, Records::Views, Records::Rows, Records::Pages];
    store
        .transact(&stores, access, async |transaction| {
            let Some(chain) = transaction.get::<ChainHead>(Records::Meta, CHAIN).await? else { return Err(chain_missing().into()) };
            if !chain.feed.is_followed_by(page) {
                return Ok(Taken { received: Received::default(), epoch_changed: false, rebuilt: false, left: false });
            }
            mark_outbox(transaction)?;
            let mut stored = BTreeMap::new();
            for id in replica::documents_of(page) {
                if let Some(document) = transaction.get::<StoredDocument>(Records::Documents, Key::document(id)).await? {
                    stored.insert(id, document);
                }
            }
            let mut received = replica::receive(kinds, (&chain.feed, &stored), page);
            received.feed.cursors.extend(personal::others(transaction, asked_by, (&chain.feed, page)).await?);
            received.rows.retain(|(_, audience)| !audience.as_ref().is_some_and(is_personal));
            if !received.documents.is_empty() {
                mark_views(transaction)?;
            }
            for document in &received.documents {
                put_document(transaction, document)?;
            }
            let epoch_changed = chain.feed.epoch.is_some_and(|epoch| epoch != page.epoch);
            let mut before = chain.feed.clone();
            if before.begins(page) {
                offer_anew(transaction, (&before, page)).await?;
                before.witness.begin_epoch();
            }
            witness::keep(transaction, kinds, (&mut before.witness, chain.device), (page, device_now)).await?;
            if epoch_changed {
                // Their versions are those of a past that did not happen.
                transaction.clear(Records::Rows)?;
            }
            for (row, audience) in &received.rows {
                leave::put_row(transaction, row, audience.as_ref()).await?;
            }
            leave::note_pages(transaction, page)?;
            let clock_offset_ms = page.server_time_ms.0 - device_now.0;
            transaction.put(Records::Meta, CHAIN, &ChainHead { clock_offset_ms, feed: received.feed.clone(), ..chain })?;
            let now = Clocks { device: device_now, server: page.server_time_ms };
            if received.entered {
                offer_waiting_again(transaction, now).await?;
            }
            let mut fallen = received.doubled.clone();
            if before.enters_anew(page) {
                for (document, lost) in witness::lost_here(transaction, kinds, (page, &stored)).await? {
                    fallen.entry(document).or_default().extend(lost);
                }
            }
            for (intent, change) in &received.accepted {
                if let Some(row) = transaction.find::<OutboxRow>(Records::Outbox, "intent", &intent.to_string()).await? {
                    put_answered(transaction, replica::booked(row, *change, now))?;
                }
            }
            for (intent, answer) in &received.answers {
                if let Some(row) = transaction.find::<OutboxRow>(Records::Outbox, "intent", &intent.to_string()).await? {
                    if answer.is_adverse() {
                        fallen.entry(row.document).or_default();
                    }
                    put_answered(transaction, replica::heard(row, answer, now))?;
                }
            }
            if received.reached.is_some() {
                // What fell is told of nothing more: it does not make a page strictly durable.
                each_change(transaction, Records::Outbox, 0, &mut |row| {
                    if row.resting.is_some() && row.fallen.is_none() {
                        fallen.entry(row.document).or_default();
                    }
                    Ok(())
                })
                .await?;
            }
            if !fallen.is_empty() && access != Access::Strict {
                return Err(NotStored::Strictly);
            }
            let rebuilt = rebuild::rebuild(transaction, kinds, (&fallen, received.reached)).await?;
            let (feed, left) = leave::leave(transaction, kinds, (&before, &received)).await?;
            if feed != received.feed {
                // Read again: what was replayed has moved the chain.
                let Some(chain) = transaction.get::<ChainHead>(Records::Meta, CHAIN).await? else { return Err(chain_missing().into()) };
                transaction.put(Records::Meta, CHAIN, &ChainHead { feed, ..chain })?;
            }
            Ok(Taken { received, epoch_changed, rebuilt, left })
        })
        .await
}

/// All that was ever sent goes back to the outbox: the server may have forgotten it. It answers what it knows as it did before.
async fn offer_anew(transaction: &Transaction, (before, page): (&FeedState, &PullResponse)) -> Result<(), StoreError> {
    for records in [Records::Outbox, Records::Accepted] {
        each_change(transaction, records, 0, &mut |row| {
            if !before.offers_anew(page, &row) {
                return Ok(());
            }
            transaction.delete(records, Key::Number(row.seq))?;
            put_outbox(transaction, Records::Outbox, &replica::offered_anew(row))
        })
        .await?;
    }
    Ok(())
}

/// What waited at the server is sent again: the device may have missed what came of it.
async fn offer_waiting_again(transaction: &Transaction, now: Clocks) -> Result<(), StoreError> {
    let offer = &mut |row| put_outbox(transaction, Records::Outbox, &replica::offered_again(row, now));
    each_change(transaction, Records::Outbox, 0, offer).await
}

/// At the start: what waited at the server when the device was last on is asked about once more.
pub async fn resume(store: &Store) -> Result<(), StoreError> {
    each_waiting(store, (&[Records::Meta, Records::Outbox], Access::Relaxed), |transaction, row| {
        if row.state != OutboxState::Waiting {
            return Ok(());
        }
        mark_outbox(transaction)?;
        put_outbox(transaction, Records::Outbox, &replica::resumed(row))
    })
    .await
}

/// Forgets accepted changes after [`KEEP_ACCEPTED_MS`], a stride at a time, so that nobody who sells waits for long.
pub async fn prune_accepted(store: &Store, device_now: Timestamp) -> Result<(), StoreError> {
    let stride = async |transaction: &Transaction| -> Result<bool, StoreError> {
        let mut forgotten = false;
        // The oldest come first; where all of a stride are younger, so is what comes after.
        for row in transaction.all_from::<OutboxRow>(Records::Accepted, None, STRIDE).await? {
            if let OutboxState::Accepted { at } = row.state
                && at.plus_ms(KEEP_ACCEPTED_MS) < device_now
            {
                transaction.delete(Records::Accepted, Key::Number(row.seq))?;
                forgotten = true;
            }
        }
        Ok(forgotten)
    };
    while store.transact(&[Records::Accepted], Access::Relaxed, stride).await? {}
    Ok(())
}

pub(super) fn chain_missing() -> StoreError {
    StoreError::Unreadable { records: Records::Meta.name(), cause: "the chain's head is missing".to_owned() }
}

fn put_answered(transaction: &Transaction, row: OutboxRow) -> Result<(), StoreError> {
    if row.is_over() {
        return transaction.delete(Records::Outbox, Key::Number(row.seq));
    }
    if matches!(row.state, OutboxState::Accepted { .. }) {
        transaction.delete(Records::Outbox, Key::Number(row.seq))?;
        put_outbox(transaction, Records::Accepted, &row)
    } else {
        put_outbox(transaction, Records::Outbox, &row)
    }
}

pub(super) fn put_outbox(transaction: &Transaction, records: Records, row: &OutboxRow) -> Result<(), StoreError> {
    // Another row is found by the intent of one that was replaced.
    let intent = if row.replaced { String::new() } else { row.intent_id.to_string() };
    transaction.put_indexed(records, Key::Number(row.seq), (row, &[intent, row.document.to_string()]))
}

pub(super) fn put_document(transaction: &Transaction, write: &DocumentWrite) -> Result<(), StoreError> {
    transaction.put(Records::Documents, Key::document(write.document), &write.stored)?;
    for (view, key) in &write.gone {
        transaction.delete(Records::Views, Key::view(view, key))?;
    }
    for row in &write.rows {
        transaction.put_bytes(Records::Views, Key::view(&row.view, &row.key), &row.bytes.0)?;
    }
    Ok(())
}
