//! Photos and papers on this device: those taken here until the server has them, and those that somebody looked at, as long as there is room.
//!
//! What is taken here is stored in the transaction of the intent that names it. It goes up on a channel of its own ([`upload`]), after all facts and in no fact's
//! way. What others took comes when somebody looks ([`download`]). What the server has not got is never thrown away to make room. What is decided about all this is the
//! core's ([`holdfast_sync::blob`]).

pub mod download;
pub mod upload;

pub use holdfast_sync::blob::holding::BlobState;

use super::protocol::QueuedBlob;
use crate::device::store::{Access, Records, Store, StoreError, Transaction};
use holdfast_domain::kernel::{BlobRef, Timestamp};
use holdfast_sync::blob::holding::{Cached, to_throw_away};
use serde::{Deserialize, Serialize};

/// What those that the server has may take here.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// A blob that is here; its bytes lie beside it, under the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRecord {
    /// Which.
    pub blob: BlobRef,
    /// When it was taken, or last looked at.
    pub at: Timestamp,
    /// How it stands with the server.
    pub state: BlobState,
}

impl BlobRecord {
    /// Whether the server has not got all of it.
    pub fn is_unsent(&self) -> bool {
        self.state.is_unsent()
    }
}

/// Keeps what was taken here, in the transaction of what names it.
pub fn keep(transaction: &Transaction, (blob, bytes): (BlobRef, &[u8]), at: Timestamp) -> Result<(), StoreError> {
    put(transaction, &BlobRecord { blob, at, state: BlobState::to_send() })?;
    transaction.put_bytes(Records::BlobBytes, key(&blob).as_str(), bytes)
}

/// Those that the server has not got, the oldest first.
pub async fn unsent(transaction: &Transaction) -> Result<Vec<BlobRecord>, StoreError> {
    let mut unsent: Vec<BlobRecord> = transaction.all(Records::Blobs).await?;
    unsent.retain(BlobRecord::is_unsent);
    unsent.sort_by_key(|record| (record.at, record.blob.sha256));
    Ok(unsent)
}

/// The server came back from a backup: it is asked about all that are here, and gets those that it has forgotten.
pub async fn offer_again(store: &Store) -> Result<(), StoreError> {
    let offer = async |transaction: &Transaction| -> Result<(), StoreError> {
        let kept = transaction.all::<BlobRecord>(Records::Blobs).await?.into_iter().filter(|record| !record.is_unsent());
        kept.map(|record| BlobRecord { state: record.state.offered_again(), ..record }).try_for_each(|record| put(transaction, &record))
    };
    store.transact(&[Records::Blobs], Access::Strict, offer).await
}

/// As the page shows it.
pub fn queued(unsent: &[BlobRecord]) -> Vec<QueuedBlob> {
    let view = |record: &BlobRecord| match &record.state {
        BlobState::Unsent { offset, refused } => {
            let refused = refused.as_ref().map(|(code, _)| code.clone());
            Some(QueuedBlob { blob: record.blob, since: record.at, sent: *offset, refused })
        }
        BlobState::Kept => None,
    };
    unsent.iter().filter_map(view).collect()
}

fn key(blob: &BlobRef) -> String {
    blob.sha256.to_string()
}

fn put(transaction: &Transaction, record: &BlobRecord) -> Result<(), StoreError> {
    transaction.put(Records::Blobs, key(&record.blob).as_str(), record)
}

/// Throws away what was looked at the longest ago, of what the server has.
async fn make_room(transaction: &Transaction) -> Result<(), StoreError> {
    let kept = transaction.all::<BlobRecord>(Records::Blobs).await?.into_iter().filter(|record| !record.is_unsent());
    let cached = kept.map(|BlobRecord { blob, at, .. }| Cached { sha256: blob.sha256, at, bytes: blob.bytes });
    for sha256 in to_throw_away(cached.collect(), CACHE_BYTES) {
        transaction.delete(Records::Blobs, sha256.to_string().as_str())?;
        transaction.delete(Records::BlobBytes, sha256.to_string().as_str())?;
    }
    Ok(())
}
