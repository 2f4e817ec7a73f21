//! Sends what was taken here, chunk by chunk, by the one tab that sends at all. No chunk begins while a fact waits, and no fact waits for a chunk: this runs beside the
//! rounds, and each round that ends well rouses it. After a break the server says where to go on.

use super::{BlobRecord, BlobState, key, make_room, put, unsent};
use crate::device::http::{self, HttpError};
use crate::device::store::{self, Access, Records, Store, StoreError, Transaction};
use crate::device::{clock, ids};
use crate::engine::core::{Core, Told, log};
use crate::engine::events;
use crate::engine::sync::backoff;
use crate::engine::sync::wake::Nudge;
use holdfast_domain::blobs::{CHUNK_TYPE, UPLOAD_OFFSET, UploadBegin, UploadState};
use holdfast_domain::kernel::{BlobRef, Timestamp};
use std::rc::Rc;

/// What one request carries: a slow line carries it within its time.
const CHUNK_BYTES: usize = 128 * 1024;
/// What the server will not take is offered again after this.
const AGAIN_AFTER_MS: i64 = 10 * 60 * 1_000;
/// How often the server may say in a row that it goes on elsewhere.
const MAX_DETOURS: u8 = 3;
/// Roused by each round; this is for a clock that stood still.
const IDLE_MS: u32 = 10 * 60 * 1_000;

/// Sends for ever.
pub async fn run(core: Rc<Core>) {
    let mut failures = 0_u32;
    loop {
        let (pause, least) = match send(&core).await {
            Ok(()) => {
                failures = 0;
                (IDLE_MS, Nudge::Work)
            }
            Err(error) => {
                failures += 1;
                if let Failed::Store(error) = &error {
                    log(error);
                }
                (backoff::wait_ms(failures, u32::from_le_bytes(ids::random())), Nudge::Now)
            }
        };
        core.blob_wake.sleep(pause, least).await;
    }
}

/// Why sending stopped for now.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The server is out of reach, or failed.
    #[error("the server was not reached")]
    Server,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends what is due, until all of it is up or a fact waits.
pub async fn send(core: &Core) -> Result<(), Failed> {
    let Some(store) = core.store() else { return Ok(()) };
    while core.contact.borrow().online && !facts_wait(&store).await? {
        let Some(csrf) = core.session(&store).await?.filter(|session| !session.lost).map(|session| session.view.csrf) else { return Ok(()) };
        let Some(record) = next(&store, clock::now()).await? else { return Ok(()) };
        match send_one(core, (&store, &csrf), &record.blob).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(Stopped::Refused(code)) => refuse(core, &store, (record, code)).await?,
            Err(Stopped::Http(HttpError::Refused(code))) => refuse(core, &store, (record, code)).await?,
            // The rounds ask for a sign-in.
            Err(Stopped::Http(HttpError::SessionLost)) => return Ok(()),
            Err(Stopped::Http(HttpError::Unreachable(_) | HttpError::Failed(_))) => return Err(Failed::Server),
            Err(Stopped::Store(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

enum Stopped {
    Refused(String),
    Http(HttpError),
    Store(StoreError),
}

impl From<HttpError> for Stopped {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Whether there is something that goes before.
async fn facts_wait(store: &Store) -> Result<bool, StoreError> {
    Ok(!store::next_to_push(store, 0).await?.is_empty() || !store::unsigned(store, 0).await?.is_empty())
}

async fn next(store: &Store, now: Timestamp) -> Result<Option<BlobRecord>, StoreError> {
    let unsent = store.transact(&[Records::Blobs], Access::Read, unsent).await?;
    let due = |record: &BlobRecord| !matches!(&record.state, BlobState::Unsent { refused: Some((_, not_before)), .. } if *not_before > now);
    Ok(unsent.into_iter().find(due))
}

/// Sends one from where the server is; whether all of it is up.
async fn send_one(core: &Core, (store, csrf): (&Store, &str), blob: &BlobRef) -> Result<bool, Stopped> {
    let address = format!("/api/v1/blobs/{}/upload", blob.sha256);
    let read = async |transaction: &Transaction| transaction.bytes_at(Records::BlobBytes, key(blob).as_str()).await;
    let bytes = store.transact(&[Records::BlobBytes], Access::Read, read).await?;
    let Some(bytes) = bytes.filter(|bytes| bytes.len() == blob.bytes as usize) else { return Err(Stopped::Refused("blob_gone_here".to_owned())) };
    let begin = UploadBegin { bytes: blob.bytes, media_type: blob.media_type };
    for _ in 0..MAX_DETOURS {
        let mut state: UploadState = http::put_json(&address, csrf, &begin).await?;
        loop {
            note(core, store, (blob, state)).await?;
            if state.complete {
                return Ok(true);
            }
            if facts_wait(store).await? {
                return Ok(false);
            }
            let from = state.offset as usize;
            let Some(chunk) = bytes.get(from..bytes.len().min(from + CHUNK_BYTES)) else { break };
            let headers = [("content-type", CHUNK_TYPE.to_owned()), (UPLOAD_OFFSET, state.offset.to_string())];
            match http::patch_bytes(&address, csrf, (&headers, chunk)).await {
                Ok(next) => state = next,
                // Another tab, or an answer that was lost: the server says where it is.
                Err(HttpError::Refused(code)) if code == "blob_offset_differs" || code == "blob_upload_unknown" => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Err(Stopped::Http(HttpError::Unreachable("the server goes on elsewhere each time".to_owned())))
}

/// Writes down how far it is, and tells.
async fn note(core: &Core, store: &Store, (blob, state): (&BlobRef, UploadState)) -> Result<(), StoreError> {
    let write = async |transaction: &Transaction| -> Result<(), StoreError> {
        let Some(record) = transaction.get::<BlobRecord>(Records::Blobs, key(blob).as_str()).await? else { return Ok(()) };
        let next = if state.complete { BlobState::Kept } else { BlobState::Unsent { offset: state.offset, refused: None } };
        put(transaction, &BlobRecord { state: next, ..record })?;
        if state.complete { make_room(transaction).await } else { Ok(()) }
    };
    store.transact(&[Records::Blobs, Records::BlobBytes], Access::Relaxed, write).await?;
    tell(core).await;
    Ok(())
}

/// Kept and said; others go on.
async fn refuse(core: &Core, store: &Store, (record, code): (BlobRecord, String)) -> Result<(), StoreError> {
    let write = async |transaction: &Transaction| -> Result<(), StoreError> {
        let Some(now) = transaction.get::<BlobRecord>(Records::Blobs, key(&record.blob).as_str()).await? else { return Ok(()) };
        let BlobState::Unsent { offset, .. } = now.state else { return Ok(()) };
        let refused = Some((code, clock::now().plus_ms(AGAIN_AFTER_MS)));
        put(transaction, &BlobRecord { state: BlobState::Unsent { offset, refused }, ..now })
    };
    store.transact(&[Records::Blobs], Access::Relaxed, write).await?;
    tell(core).await;
    Ok(())
}

async fn tell(core: &Core) {
    core.tell(Told::Settled);
    events::tell_sync(core).await;
}
