//! Changes of others with what proves them: kept inside the transaction of the page that brought them, and what is said of them after a restore.

use super::rebuild::{self, Fallen};
use super::records::{Key, Records};
use super::replica::{CHAIN, chain_missing};
use super::transaction::{Access, Transaction};
use super::{Store, StoreError};
use futures::future::try_join_all;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::ids::{DeviceId, DocumentId};
use holdfast_sync::kind::Kinds;
use holdfast_sync::replica::{self, ChainHead, KEEP_ACCEPTED_MS, MAX_WITNESSED, OutboxRow, Said, StoredDocument, WitnessLog, Witnessed};
use holdfast_sync::time::Timestamp;
use holdfast_sync::wire::{Answer, Entry, PullResponse};
use std::collections::{BTreeMap, BTreeSet};

/// How many are read at a time.
const STRIDE: u32 = 500;

/// Keeps what the page proves, once, and notes what of it the server has.
pub(super) async fn keep(
    transaction: &Transaction,
    kinds: &Kinds,
    (log, own): (&mut WitnessLog, DeviceId),
    (page, device_now): (&PullResponse, Timestamp),
) -> Result<(), StoreError> {
    let seen = replica::proven(page, device_now);
    for seen in seen.chunks(STRIDE as usize) {
        // Asked at once: the first page of an audience may prove thousands, and one after the other they would keep whoever works waiting.
        let kept = try_join_all(seen.iter().map(|seen| find(transaction, seen.change_hash))).await?;
        let mut here = BTreeSet::new();
        for (seen, kept) in seen.iter().zip(kept).filter(|(seen, _)| here.insert(seen.change_hash)) {
            match kept {
                Some(kept) => keep_on(transaction, log, kept)?,
                None if is_own(transaction, own, seen).await? => {}
                None => put(transaction, &log.keep(seen.clone()))?,
            }
        }
    }
    if log.offered_below == 0 {
        return Ok(());
    }
    let mut offered = Vec::new();
    for document in entered(page) {
        offered.extend(of(transaction, document).await?.into_iter().filter(|kept| log.offers(kept)));
    }
    let confirmed = replica::confirmed(kinds, page, &offered);
    offered.into_iter().filter(|kept| confirmed.contains(&kept.number)).try_for_each(|kept| keep_on(transaction, log, kept))
}

/// What the documents here hold, and the restored server whose page this is does not, and nobody here can bring back.
pub(super) async fn lost_here(
    transaction: &Transaction,
    kinds: &Kinds,
    (page, stored): (&PullResponse, &BTreeMap<DocumentId, StoredDocument>),
) -> Result<Fallen, StoreError> {
    let mut provable: BTreeSet<Digest32> = BTreeSet::new();
    for document in entered(page).filter(|document| stored.contains_key(document)) {
        for records in [Records::Outbox, Records::Accepted] {
            let rows: Vec<OutboxRow> = transaction.find_all(records, "document", &document.to_string()).await?;
            provable.extend(rows.iter().filter_map(OutboxRow::change_hash));
        }
        provable.extend(of(transaction, document).await?.iter().map(|kept| kept.change_hash));
    }
    Ok(replica::lost_here(kinds, page, (stored, &provable)))
}

/// What is to be offered from that number on, some of it.
pub async fn next_to_offer(store: &Store, from: u64) -> Result<Vec<Witnessed>, StoreError> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let Some(chain) = transaction.get::<ChainHead>(Records::Meta, CHAIN).await? else { return Ok(Vec::new()) };
        let log = chain.feed.witness;
        if from >= log.offered_below {
            return Ok(Vec::new());
        }
        let kept: Vec<Witnessed> = transaction.all_from(Records::Witnessed, Some(Key::Number(from)), STRIDE).await?;
        Ok(kept.into_iter().take_while(|kept| log.offers(kept)).collect())
    };
    store.transact(&[Records::Meta, Records::Witnessed], Access::Read, read).await
}

/// Stores the answers to what was offered, by the numbers. Answers whether something fell with it, and was replayed.
pub async fn offer_answered(store: &Store, kinds: &Kinds, answers: Vec<(u64, Answer)>) -> Result<bool, StoreError> {
    let stores = [&rebuild::STORES[..], &[Records::Witnessed]].concat();
    let falls = answers.iter().any(|(_, answer)| replica::said(answer) == Said::Outside);
    let access = if falls { Access::Strict } else { Access::Relaxed };
    store
        .transact(&stores, access, async |transaction| {
            let Some(mut chain) = transaction.get::<ChainHead>(Records::Meta, CHAIN).await? else { return Err(chain_missing()) };
            let mut fallen = Fallen::new();
            for (number, answer) in &answers {
                let kept = transaction.get::<Witnessed>(Records::Witnessed, Key::Number(*number)).await?;
                let Some(kept) = kept.filter(|kept| chain.feed.witness.offers(kept)) else { continue };
                match replica::said(answer) {
                    Said::InTheBooks => keep_on(transaction, &mut chain.feed.witness, kept)?,
                    Said::Outside => {
                        transaction.delete(Records::Witnessed, Key::Number(*number))?;
                        fallen.entry(kept.document).or_default().insert(kept.change_hash);
                    }
                    Said::Open => {}
                }
            }
            transaction.put(Records::Meta, CHAIN, &chain)?;
            rebuild::rebuild(transaction, kinds, (&fallen, None)).await
        })
        .await
}

/// Forgets what has been kept for long enough, and the oldest of what is too much; a stride at a time.
pub async fn prune_witnessed(store: &Store, device_now: Timestamp) -> Result<(), StoreError> {
    let stride = async |transaction: &Transaction| -> Result<bool, StoreError> {
        let beyond = transaction.count(Records::Witnessed).await?.saturating_sub(MAX_WITNESSED) as usize;
        let oldest: Vec<Witnessed> = transaction.all_from(Records::Witnessed, None, STRIDE).await?;
        let forgotten = |(place, kept): &(usize, &Witnessed)| *place < beyond || kept.at.plus_ms(KEEP_ACCEPTED_MS) < device_now;
        let forgotten: Vec<_> = oldest.iter().enumerate().filter(forgotten).map(|(_, kept)| kept.number).collect();
        forgotten.iter().try_for_each(|number| transaction.delete(Records::Witnessed, Key::Number(*number)))?;
        Ok(!forgotten.is_empty())
    };
    while store.transact(&[Records::Witnessed], Access::Relaxed, stride).await? {}
    Ok(())
}

async fn find(transaction: &Transaction, change: Digest32) -> Result<Option<Witnessed>, StoreError> {
    transaction.find(Records::Witnessed, "change", &change.to_string()).await
}

/// The server has it: it is kept under a new number, unless it has been.
fn keep_on(transaction: &Transaction, log: &mut WitnessLog, kept: Witnessed) -> Result<(), StoreError> {
    if !log.offers(&kept) {
        return Ok(());
    }
    transaction.delete(Records::Witnessed, Key::Number(kept.number))?;
    put(transaction, &log.keep(kept))
}

fn put(transaction: &Transaction, kept: &Witnessed) -> Result<(), StoreError> {
    let properties = [kept.change_hash.to_string(), kept.document.to_string()];
    transaction.put_indexed(Records::Witnessed, Key::Number(kept.number), (kept, &properties))
}

async fn of(transaction: &Transaction, document: DocumentId) -> Result<Vec<Witnessed>, StoreError> {
    transaction.find_all(Records::Witnessed, "document", &document.to_string()).await
}

/// Whether the device keeps the change as its own; what it did again itself it does not.
async fn is_own(transaction: &Transaction, own: DeviceId, seen: &Witnessed) -> Result<bool, StoreError> {
    let Some(header) = seen.envelope.read_header().ok().filter(|header| header.device == own) else { return Ok(false) };
    let intent = header.intent_id.to_string();
    for records in [Records::Outbox, Records::Accepted] {
        let row: Option<OutboxRow> = transaction.find(records, "intent", &intent).await?;
        if row.is_some_and(|row| row.change_hash() == Some(seen.change_hash)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The documents of the page's snapshots.
fn entered(page: &PullResponse) -> impl Iterator<Item = DocumentId> {
    let entered = page.entries.iter().filter_map(|entry| if let Entry::Enter { documents, .. } = entry { Some(documents) } else { None });
    entered.flatten().map(|snapshot| snapshot.document)
}
