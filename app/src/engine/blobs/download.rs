//! Looking at a blob: from here, else from the server.

use super::{BlobRecord, BlobState, key, make_room, put};
use crate::device::clock;
use crate::device::http::{self, HttpError};
use crate::device::store::{Access, Records, Store, StoreError, Transaction};
use crate::engine::core::Core;
use crate::engine::protocol::{BlobView, EngineRefusal};
use holdfast_domain::kernel::BlobRef;
use holdfast_sync::bytes::{Bytes, Digest32};

const STORES: [Records; 2] = [Records::Blobs, Records::BlobBytes];

/// The blob, or why it cannot be shown now.
pub async fn look(core: &Core, blob: BlobRef) -> Result<BlobView, EngineRefusal> {
    let store = core.need_store()?;
    if let Some(bytes) = read(&store, &blob).await? {
        return Ok(BlobView::Here { bytes: Bytes(bytes) });
    }
    let missing = |code: &str| Ok(BlobView::Missing { code: code.to_owned() });
    match http::get_bytes(&format!("/api/v1/blobs/{}", blob.sha256)).await {
        Ok(bytes) if Digest32::of(&bytes) == blob.sha256 => {
            store_fetched(&store, blob, &bytes).await?;
            Ok(BlobView::Here { bytes: Bytes(bytes) })
        }
        // Something between us and the server answered in its place.
        Ok(_) | Err(HttpError::Unreachable(_)) => missing("offline"),
        Err(HttpError::SessionLost) => missing("session_lost"),
        Err(HttpError::Failed(_)) => missing("server_failed"),
        Err(HttpError::Refused(code)) => missing(&code),
    }
}

/// From here; and it was looked at now.
async fn read(store: &Store, blob: &BlobRef) -> Result<Option<Vec<u8>>, StoreError> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let Some(record) = transaction.get::<BlobRecord>(Records::Blobs, key(blob).as_str()).await? else { return Ok(None) };
        if !record.is_unsent() {
            put(transaction, &BlobRecord { at: clock::now(), ..record })?;
        }
        transaction.bytes_at(Records::BlobBytes, key(blob).as_str()).await
    };
    store.transact(&STORES, Access::Relaxed, read).await
}

async fn store_fetched(store: &Store, blob: BlobRef, bytes: &[u8]) -> Result<(), StoreError> {
    let write = async |transaction: &Transaction| -> Result<(), StoreError> {
        let before = transaction.get::<BlobRecord>(Records::Blobs, key(&blob).as_str()).await?.map(|record| record.state);
        put(transaction, &BlobRecord { blob, at: clock::now(), state: BlobState::fetched(before) })?;
        transaction.put_bytes(Records::BlobBytes, key(&blob).as_str(), bytes)?;
        make_room(transaction).await
    };
    match store.transact(&STORES, Access::Relaxed, write).await {
        // It can be looked at all the same, and is fetched again the next time.
        Err(StoreError::Full) => Ok(()),
        stored => stored,
    }
}
