//! Marks that lie in the database beside what they speak of: whoever keeps something of it in memory sees whether another tab has changed it since, also
//! one that died before it could say so.

use super::StoreError;
use super::records::Records;
use super::replica::CHAIN;
use super::transaction::Transaction;
use crate::device::ids;
use futures::future::join;
use holdfast_sync::replica::ChainHead;
use uuid::Uuid;

/// Where the outbox's mark lies among the single records.
const OUTBOX: &str = "outbox_mark";
/// And that of the view rows.
const VIEWS: &str = "views_mark";

/// How the view rows stand: two that are equal speak of the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewsMark {
    /// Changes with whatever else happens to them than that somebody here records.
    pub others: Option<Uuid>,
    /// The chain's next number, which moves with each that is recorded here.
    pub next_seq: u64,
}

/// The outbox's mark. While it is the same, nothing has happened to the outbox but that changes were added at its end and signed.
pub async fn outbox_mark(transaction: &Transaction) -> Result<Option<Uuid>, StoreError> {
    transaction.get(Records::Meta, OUTBOX).await
}

/// Something else happens to the outbox, in this transaction.
pub fn mark_outbox(transaction: &Transaction) -> Result<(), StoreError> {
    transaction.put(Records::Meta, OUTBOX, &ids::fresh())
}

/// The mark of the view rows.
pub async fn views_mark(transaction: &Transaction) -> Result<ViewsMark, StoreError> {
    let (chain, others) = join(transaction.get::<ChainHead>(Records::Meta, CHAIN), transaction.get(Records::Meta, VIEWS)).await;
    Ok(ViewsMark { others: others?, next_seq: chain?.map_or(0, |chain| chain.next_seq) })
}

/// View rows come, change or go, in this transaction, by something else than being recorded.
pub(super) fn mark_views(transaction: &Transaction) -> Result<(), StoreError> {
    transaction.put(Records::Meta, VIEWS, &ids::fresh())
}
