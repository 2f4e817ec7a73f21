//! Reading the changes of a store a stride at a time: after weeks offline all of them at once are tens of megabytes, which a wasm memory never gives back.

use super::records::{Key, Records};
use super::transaction::Transaction;
use super::{Store, StoreError};
use crate::device::store::Access;
use holdfast_sync::replica::OutboxRow;
use std::ops::ControlFlow;

/// How many changes are read at a time.
pub const STRIDE: u32 = 500;

/// Hands over the changes after that number in the order of the chain, each decoded alone. What it takes them for may write in the same transaction: what
/// is written at or below the number that was read last is not read again.
pub async fn each_change(
    transaction: &Transaction,
    records: Records,
    after: u64,
    take: &mut dyn FnMut(OutboxRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut next = after;
    while let ControlFlow::Continue(last) = stride(transaction, records, next, take).await? {
        next = last;
    }
    Ok(())
}

/// The same through the whole outbox, each stride in a transaction of its own: nobody who sells waits for all of it.
pub(super) async fn each_waiting(
    store: &Store,
    (stores, access): (&[Records], Access),
    mut take: impl FnMut(&Transaction, OutboxRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut next = 0;
    loop {
        let some = async |transaction: &Transaction| stride(transaction, Records::Outbox, next, &mut |row| take(transaction, row)).await;
        match store.transact(stores, access, some).await? {
            ControlFlow::Continue(last) => next = last,
            ControlFlow::Break(()) => return Ok(()),
        }
    }
}

/// Hands over one stride; goes on after its last, unless it was the end.
async fn stride(
    transaction: &Transaction,
    records: Records,
    after: u64,
    take: &mut dyn FnMut(OutboxRow) -> Result<(), StoreError>,
) -> Result<ControlFlow<(), u64>, StoreError> {
    let mut last = after;
    let read = transaction
        .each_from(records, (Key::Number(after.saturating_add(1)), STRIDE), &mut |row: OutboxRow| {
            last = row.seq;
            take(row)
        })
        .await?;
    Ok(if read == STRIDE { ControlFlow::Continue(last) } else { ControlFlow::Break(()) })
}
