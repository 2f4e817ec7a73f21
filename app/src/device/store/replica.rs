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
use holdfast_sync::ids::{AccountId, DocumentId, IntentId};
use holdfast_sync::kind::Kinds;
use holdfast_sync::replica::{self, ChainHead, Clocks, DocumentWrite, FeedState, KEEP_ACCEPTED_MS, OutboxRow, OutboxState, Received, StoredDocument};
use holdfast_sync::time::Timestamp;
use holdfast_sync::wire::{Answer, PullResponse};
use std::collections::{BTreeMap, BTreeSet};

/// The chain head's name among the single records.
pub const CHAIN: &str = "chain";

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

/// Rows of the outbox by their numbers. What a push carries lies side by side, mostly: then it is one request, and else they are asked for at once. One after
/// the other they take most of the time that a push takes.
async fn rows_at(transaction: &Transaction, seqs: &[u64]) -> Result<Vec<Option<OutboxRow>>, StoreError> {
    let (Some(first), Some(last)) = (seqs.iter().min(), seqs.iter().max()) else { return Ok(Vec::new()) };
    if (last - first) as usize >= 2 * seqs.len() {
        return try_join_all(seqs.iter().map(|seq| transaction.get::<OutboxRow>(Records::Outbox, Key::Number(*seq)))).await;
    }
    let rows: Vec<OutboxRow> = transaction.all_between(Records::Outbox, (Key::Number(*first), Key::Number(*last))).await?;
    let mut rows: BTreeMap<u64, OutboxRow> = rows.into_iter().map(|row| (row.seq, row)).collect();
    Ok(seqs.iter().map(|seq| rows.remove(seq)).collect())
}

/// Takes rows out of the outbox, by their numbers: those side by side in one request.
fn delete_rows(transaction: &Transaction, seqs: BTreeSet<u64>) -> Result<(), StoreError> {
    let mut seqs = seqs.into_iter().peekable();
    while let Some(first) = seqs.next() {
        let mut last = first;
        while let Some(next) = seqs.next_if_eq(&last.saturating_add(1)) {
            last = next;
        }
        transaction.delete_between(Records::Outbox, (Key::Number(first), Key::Number(last)))?;
    }
    Ok(())
}

/// The rows after that number that the next push carries, once they are signed, in the order of its envelopes. What fell goes last, and by itself.
pub async fn next_to_push(store: &Store, after: u64) -> Result<Vec<OutboxRow>, StoreError> {
    let ready = |fallen: bool| move |row: &OutboxRow| replica::is_ready(row) && row.fallen.is_some() == fallen;
    let read = async |transaction: &Transaction| match some_of(transaction, after, &ready(false)).await? {
        none if none.is_empty() => some_of(transaction, after, &ready(true)).await,
        some => Ok(some),
    };
    store.transact(&[Records::Outbox], Access::Read, read).await
}

/// Whether there is something that goes before any blob.
pub async fn a_fact_waits(store: &Store) -> Result<bool, StoreError> {
    let read = async |transaction: &Transaction| some_of(transaction, 0, &blob::goes_first).await;
    Ok(!store.transact(&[Records::Outbox], Access::Read, read).await?.is_empty())
}

/// Marks rows as sent, by their number, and signs those of them that were not: from now on nobody knows whether they arrived, until an answer says so.
pub async fn mark_sent(store: &Store, rows: &[u64], signatures: &BTreeMap<u64, Vec<u8>>) -> Result<(), StoreError> {
    store
        .transact(&[Records::Meta, Records::Outbox], Access::Relaxed, async |transaction| {
            mark_outbox(transaction)?;
            let saved = rows_at(transaction, rows).await?.into_iter().flatten().filter(|row| row.state == OutboxState::Saved);
            saved.into_iter().try_for_each(|row| {
                let row = match signatures.get(&row.seq) {
                    Some(signature) => replica::signed(row, signature.clone()),
                    None => row,
                };
                put_outbox(transaction, Records::Outbox, &OutboxRow { state: OutboxState::Sent, ..row })
            })
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
            let (mut fallen, mut open, mut rows) = (Fallen::new(), Vec::new(), Vec::new());
            let seqs: Vec<_> = answers.iter().map(|(seq, _)| *seq).collect();
            for ((_, answer), row) in answers.iter().zip(rows_at(transaction, &seqs).await?) {
                if let Some(row) = row {
                    if answer.is_adverse() {
                        fallen.entry(row.document).or_default();
                    }
                    let answered = replica::answered(row, answer, now);
                    open.extend(Hindrance::left_by(answer, &answered).map(|why| (answered.seq, answered.document, why)));
                    rows.push(answered);
                }
            }
            put_answered(transaction, rows)?;
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
            let stored = documents_at(transaction, replica::documents_of(page)).await?;
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
            let chain = ChainHead { clock_offset_ms, feed: received.feed.clone(), ..chain };
            transaction.put(Records::Meta, CHAIN, &chain)?;
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
            let accepted = waiting_of(transaction, received.accepted.clone()).await?;
            put_answered(transaction, accepted.into_iter().map(|(row, change)| replica::booked(row, change, now)).collect())?;
            let mut answers: BTreeMap<IntentId, Vec<&Answer>> = BTreeMap::new();
            received.answers.iter().for_each(|(intent, answer)| answers.entry(*intent).or_default().push(answer));
            let mut heard = Vec::new();
            for (mut row, answers) in waiting_of(transaction, answers).await? {
                for answer in answers {
                    if answer.is_adverse() {
                        fallen.entry(row.document).or_default();
                    }
                    row = replica::heard(row, answer, now);
                    if !waits_here(&row) {
                        break;
                    }
                }
                heard.push(row);
            }
            put_answered(transaction, heard)?;
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
                // What was replayed has moved the chain.
                let moved = if rebuilt { transaction.get(Records::Meta, CHAIN).await? } else { Some(chain) };
                let chain: ChainHead = moved.ok_or_else(chain_missing)?;
                transaction.put(Records::Meta, CHAIN, &ChainHead { feed, ..chain })?;
            }
            Ok(Taken { received, epoch_changed, rebuilt, left })
        })
        .await
}

/// Documents as they are stored, as far as they are here; asked for at once.
pub(super) async fn documents_at(
    transaction: &Transaction,
    documents: impl IntoIterator<Item = DocumentId>,
) -> Result<BTreeMap<DocumentId, StoredDocument>, StoreError> {
    let read = async |id: DocumentId| Ok::<_, StoreError>((id, transaction.get(Records::Documents, Key::document(id)).await?));
    let read = try_join_all(documents.into_iter().map(read)).await?;
    Ok(read.into_iter().filter_map(|(id, stored)| Some((id, stored?))).collect())
}

/// The rows of the outbox of which a page tells something, each with that. Mostly little waits when a device hears of its own work: then the outbox is read as
/// it is, and else the rows are asked for at once.
async fn waiting_of<T>(transaction: &Transaction, mut told: BTreeMap<IntentId, T>) -> Result<Vec<(OutboxRow, T)>, StoreError> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    if transaction.count(Records::Outbox).await? as usize <= told.len() {
        let rows: Vec<OutboxRow> = transaction.all(Records::Outbox).await?;
        // Another row is found by the intent of one that was replaced.
        return Ok(rows
            .into_iter()
            .filter(|row| !row.replaced)
            .filter_map(|row| Some((told.remove(&row.intent_id)?, row)))
            .map(|(told, row)| (row, told))
            .collect());
    }
    let find = async |(intent, told): (IntentId, T)| {
        let row: Option<OutboxRow> = transaction.find(Records::Outbox, "intent", &intent.to_string()).await?;
        Ok::<_, StoreError>(row.map(|row| (row, told)))
    };
    Ok(try_join_all(told.into_iter().map(find)).await?.into_iter().flatten().collect())
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

/// Rows after what was said of them: what is in the books moves to `accepted`.
fn put_answered(transaction: &Transaction, rows: Vec<OutboxRow>) -> Result<(), StoreError> {
    let (waiting, settled): (Vec<_>, Vec<_>) = rows.into_iter().partition(waits_here);
    delete_rows(transaction, settled.iter().map(|row| row.seq).collect())?;
    waiting.iter().try_for_each(|row| put_outbox(transaction, Records::Outbox, row))?;
    settled.iter().filter(|row| !row.is_over()).try_for_each(|row| put_outbox(transaction, Records::Accepted, row))
}

/// Whether the row stays in the outbox.
fn waits_here(row: &OutboxRow) -> bool {
    !row.is_over() && !matches!(row.state, OutboxState::Accepted { .. })
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
