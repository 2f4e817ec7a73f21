//! What is of an audience that is no longer the account's leaves the device, inside the transaction of the page that says so.

use super::StoreError;
use super::marks::mark_views;
use super::records::{Key, Records};
use super::replica::{documents_at, put_document};
use super::transaction::Transaction;
use futures::future::try_join_all;
use holdfast_sync::bytes::Bytes;
use holdfast_sync::ids::DocumentId;
use holdfast_sync::kind::{Audience, Kinds};
use holdfast_sync::replica::{self, FeedState, OutboxRow, Place, Received};
use holdfast_sync::wire::{Entry, PullResponse, ReferenceRow};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use wasm_bindgen::JsValue;

/// How many documents are looked at at a time.
const STRIDE: usize = 100;

/// A reference row that came by itself, as it is stored: a [`ReferenceRow`] that knows whose it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptRow {
    pub kind: String,
    pub id: uuid::Uuid,
    version: u64,
    body: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
}

/// A row's key.
pub(super) fn row_key(kind: &str, id: uuid::Uuid) -> Key {
    Key::Text(format!("{kind}/{id}"))
}

/// A row in a newer version replaces the one that is there; two tabs may bring them in any order.
pub(super) async fn put_row(transaction: &Transaction, row: &ReferenceRow, audience: Option<&Audience>) -> Result<(), StoreError> {
    let key = row_key(&row.kind, row.id);
    let known: Option<ReferenceRow> = transaction.get(Records::Rows, key.clone()).await?;
    if known.is_none_or(|known| known.version < row.version) {
        let ReferenceRow { kind, id, version, body } = row.clone();
        transaction.put(Records::Rows, key, &KeptRow { kind, id, version, body, audience: audience.cloned() })?;
    }
    Ok(())
}

/// Notes which packed pages are whose.
pub(super) fn note_pages(transaction: &Transaction, page: &PullResponse) -> Result<(), StoreError> {
    for entry in &page.entries {
        if let Entry::Enter { audience, bootstrap: Some(manifest), .. } = entry {
            transaction.put(Records::Meta, pages_of(audience).as_str(), &manifest.pages)?;
        }
    }
    Ok(())
}

/// Hides or removes the documents that no followed audience gives, removes the rows and pages of audiences that were left, and answers the feed state
/// after that, with whether anything turned or went.
pub(super) async fn leave(
    transaction: &Transaction,
    kinds: &Kinds,
    (before, received): (&FeedState, &Received),
) -> Result<(FeedState, bool), StoreError> {
    let lost: BTreeSet<_> = replica::lost(before, received).cloned().collect();
    remove_rows(transaction, (&lost, &received.feed)).await?;
    let documents = match replica::to_place(before, received) {
        Some(some) => some,
        None => all_documents(transaction).await?,
    };
    let documents: Vec<_> = documents.into_iter().collect();
    let (mut outside, mut gone) = (BTreeSet::new(), Vec::new());
    let mut turned = !lost.is_empty();
    for some in documents.chunks(STRIDE) {
        let stored = documents_at(transaction, some.iter().copied()).await?;
        let rows = try_join_all(stored.keys().map(|document| rows_of(transaction, *document))).await?;
        for ((document, stored), rows) in stored.into_iter().zip(rows) {
            let Some(kind) = kinds.get(&stored.kind) else { continue };
            let placed = match replica::place(kind, (document, &stored), (before, received), &rows) {
                Ok(placed) => placed,
                // Such as a fact of a newer build, which will do it.
                Err(bad) => {
                    web_sys::console::error_1(&JsValue::from_str(&bad.to_string()));
                    continue;
                }
            };
            turned |= placed.place != Place::Stays;
            if matches!(placed.place, Place::Gone(_)) {
                gone.push(stored.rebuilt);
            }
            if placed.outside {
                outside.insert(document);
            }
            put_placed(transaction, document, placed.place)?;
        }
    }
    if turned {
        mark_views(transaction)?;
    }
    Ok((before.after(received, outside, &gone), turned))
}

async fn rows_of(transaction: &Transaction, document: DocumentId) -> Result<Vec<OutboxRow>, StoreError> {
    transaction.find_all(Records::Outbox, "document", &document.to_string()).await
}

fn put_placed(transaction: &Transaction, document: DocumentId, place: Place) -> Result<(), StoreError> {
    match place {
        Place::Stays => Ok(()),
        Place::Turns(write) => put_document(transaction, &write),
        Place::Gone(keys) => {
            transaction.delete(Records::Documents, Key::document(document))?;
            keys.iter().try_for_each(|(view, key)| transaction.delete(Records::Views, Key::view(view, key)))
        }
    }
}

async fn all_documents(transaction: &Transaction) -> Result<BTreeSet<DocumentId>, StoreError> {
    let keys = transaction.keys(Records::Documents).await?;
    Ok(keys.iter().filter_map(|key| uuid::Uuid::parse_str(key).ok()).map(DocumentId).collect())
}

async fn remove_rows(transaction: &Transaction, (lost, feed): (&BTreeSet<Audience>, &FeedState)) -> Result<(), StoreError> {
    if lost.is_empty() {
        return Ok(());
    }
    for row in transaction.all::<KeptRow>(Records::Rows).await? {
        if row.audience.is_some_and(|audience| lost.contains(&audience)) {
            transaction.delete(Records::Rows, row_key(&row.kind, row.id))?;
        }
    }
    let mut kept = BTreeSet::new();
    for audience in feed.cursors.keys() {
        kept.extend(transaction.get::<Vec<String>>(Records::Meta, pages_of(audience).as_str()).await?.unwrap_or_default());
    }
    for audience in lost {
        let key = pages_of(audience);
        for address in transaction.get::<Vec<String>>(Records::Meta, key.as_str()).await?.unwrap_or_default() {
            if !kept.contains(&address) {
                transaction.delete(Records::Pages, address.as_str())?;
            }
        }
        transaction.delete(Records::Meta, key.as_str())?;
    }
    Ok(())
}

fn pages_of(audience: &Audience) -> String {
    format!("pages/{audience}")
}
