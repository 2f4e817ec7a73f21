//! The way back of a refusal, inside the transaction that brought it.

use super::marks::{mark_outbox, mark_views};
use super::records::{Key, Records};
use super::replica::{CHAIN, chain_missing, put_document, put_outbox};
use super::strides::each_waiting;
use super::transaction::{Access, Transaction};
use super::{Store, StoreError};
use crate::device::ids;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::ids::DocumentId;
use holdfast_sync::kind::Kinds;
use holdfast_sync::replica::{self, ChainHead, OutboxRow, OutboxState, Rebuild, StoredDocument};
use holdfast_sync::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use wasm_bindgen::JsValue;

/// What a rebuild reads and writes.
pub(super) const STORES: [Records; 4] = [Records::Meta, Records::Outbox, Records::Documents, Records::Views];

/// Documents of which something may have fallen, each with this device's changes whose intents are in the books in others.
pub(super) type Fallen = BTreeMap<DocumentId, BTreeSet<Digest32>>;

/// Rebuilds them, each after the answers that are written already, `reached` as [`Rebuild::reached`]. The transaction is strictly durable: what is replayed gets numbers of the chain.
pub(super) async fn rebuild(transaction: &Transaction, kinds: &Kinds, (fallen, reached): (&Fallen, Option<Timestamp>)) -> Result<bool, StoreError> {
    let mut any = false;
    for (document, doubled) in fallen {
        let Some(chain) = transaction.get::<ChainHead>(Records::Meta, CHAIN).await? else { return Err(chain_missing()) };
        let Some(stored) = transaction.get::<StoredDocument>(Records::Documents, Key::document(*document)).await? else { continue };
        // A kind that this build does not know was written by a newer one, which will do it.
        let Some(kind) = kinds.get(&stored.kind) else { continue };
        let mut rows: Vec<OutboxRow> = transaction.find_all(Records::Outbox, "document", &document.to_string()).await?;
        rows.sort_by_key(|row| row.seq);
        let actor = ids::random::<16>().to_vec();
        let of = Rebuild { document: *document, kind, stored: &stored, rows: &rows, doubled, reached, actor };
        let rebuilt = match replica::rebuild(&chain, of) {
            Ok(Some(rebuilt)) => rebuilt,
            Ok(None) => continue,
            // Such as a fact of a newer build. It stays as it is until a build that can read it starts, and holds up no other.
            Err(bad) => {
                web_sys::console::error_1(&JsValue::from_str(&bad.to_string()));
                continue;
            }
        };
        mark_outbox(transaction)?;
        mark_views(transaction)?;
        transaction.put(Records::Meta, CHAIN, &rebuilt.chain)?;
        for seq in &rebuilt.replaced {
            transaction.delete(Records::Outbox, Key::Number(*seq))?;
        }
        for row in &rebuilt.rows {
            put_outbox(transaction, Records::Outbox, row)?;
        }
        put_document(transaction, &rebuilt.document)?;
        any = true;
    }
    Ok(any)
}

/// Rebuilds what an earlier build of the app left with refused changes in it.
pub async fn rebuild_fallen(store: &Store, kinds: &Kinds) -> Result<bool, StoreError> {
    let mut fallen = Fallen::new();
    each_waiting(store, (&[Records::Outbox], Access::Read), |_, row| {
        if matches!(row.state, OutboxState::Attention(_)) && row.fallen.is_none() {
            fallen.entry(row.document).or_default();
        }
        Ok(())
    })
    .await?;
    if fallen.is_empty() {
        return Ok(false);
    }
    let left = async |transaction: &Transaction| rebuild(transaction, kinds, (&fallen, None)).await;
    store.transact(&STORES, Access::Strict, left).await
}
