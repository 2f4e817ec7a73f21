//! Sends what was taken here, chunk by chunk, by the one tab that sends at all. No chunk begins while a fact waits, and no fact waits for a chunk: this runs beside the
//! rounds, and each round that ends well rouses it. After a break the server says where to go on.

use super::{BlobRecord, BlobState, key, make_room, put, unsent};
use crate::device::http::{self, HttpError};
use crate::device::store::{self, Access, Records, Store, StoreError, Transaction};
use crate::device::{clock, ids};
use crate::engine::core::{Core, Told, log};
use crate::engine::sync::backoff;
use crate::engine::sync::wake::Nudge;
use holdfast_domain::blobs::{CHUNK_TYPE, UPLOAD_OFFSET, UploadBegin, UploadState};
use holdfast_domain::kernel::{BlobRef, Timestamp};
use holdfast_sync::blob::sending::{Ask, Heard, Next, Sending};
use std::ops::Range;
use std::rc::Rc;

/// What one request carries: a slow line carries it within its time.
const CHUNK_BYTES: u32 = 128 * 1024;
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
    while core.contact.borrow().online {
        let Some(csrf) = core.session(&store).await?.filter(|session| !session.lost).map(|session| session.view.csrf) else { return Ok(()) };
        let Some(record) = next(&store, clock::now()).await? else { return Ok(()) };
        match send_one(core, (&store, &csrf), &record.blob).await? {
            Ended::Done => {}
            Ended::SetAside(code) => set_aside(core, &store, (record, &code)).await?,
            // The round that is next, or the sign-in that the rounds ask for, rouses this.
            Ended::FactsFirst | Ended::SignedOut => return Ok(()),
            Ended::Unreachable => return Err(Failed::Server),
        }
    }
    Ok(())
}

/// How it ended with one, for now.
enum Ended {
    Done,
    SetAside(String),
    FactsFirst,
    SignedOut,
    Unreachable,
}

async fn next(store: &Store, now: Timestamp) -> Result<Option<BlobRecord>, StoreError> {
    let unsent = store.transact(&[Records::Blobs], Access::Read, unsent).await?;
    Ok(unsent.into_iter().find(|record| record.state.is_due(now)))
}

/// Sends one from where the server is.
async fn send_one(core: &Core, (store, csrf): (&Store, &str), blob: &BlobRef) -> Result<Ended, StoreError> {
    let address = format!("/api/v1/blobs/{}/upload", blob.sha256);
    let mut bytes = None;
    let mut sending = Sending::new(blob.bytes);
    loop {
        if store::a_fact_waits(store).await? {
            return Ok(Ended::FactsFirst);
        }
        if bytes.is_none() {
            bytes = read(store, blob).await?;
        }
        let Some(bytes) = &bytes else { return Ok(Ended::SetAside("blob_gone_here".to_owned())) };
        let answer: Result<UploadState, HttpError> = match sending.ask(CHUNK_BYTES) {
            Ask::Begin => http::put_json(&address, csrf, &UploadBegin { bytes: blob.bytes, media_type: blob.media_type }).await,
            Ask::Chunk(Range { start, end }) => {
                let headers = [("content-type", CHUNK_TYPE.to_owned()), (UPLOAD_OFFSET, start.to_string())];
                http::patch_bytes(&address, csrf, (&headers, &bytes[start as usize..end as usize])).await
            }
        };
        if let Ok(state) = answer {
            note(core, store, (blob, state)).await?;
        }
        match sending.hears(heard(&answer)) {
            Next::GoesOn => {}
            Next::Done => return Ok(Ended::Done),
            Next::SetAside(code) => return Ok(Ended::SetAside(code)),
            Next::SignIn => return Ok(Ended::SignedOut),
            Next::TryLater => return Ok(Ended::Unreachable),
        }
    }
}

/// Its bytes, if all of them are here.
async fn read(store: &Store, blob: &BlobRef) -> Result<Option<Vec<u8>>, StoreError> {
    let read = async |transaction: &Transaction| transaction.bytes_at(Records::BlobBytes, key(blob).as_str()).await;
    let bytes = store.transact(&[Records::BlobBytes], Access::Read, read).await?;
    Ok(bytes.filter(|bytes| bytes.len() == blob.bytes as usize))
}

fn heard(answer: &Result<UploadState, HttpError>) -> Heard<'_> {
    match answer {
        Ok(state) => Heard::At(*state),
        Err(HttpError::Refused(code)) => Heard::Refused(code),
        Err(HttpError::SessionLost) => Heard::SignedOut,
        Err(HttpError::Unreachable(_) | HttpError::Failed(_)) => Heard::Nothing,
    }
}

/// Writes down how far it is, and tells.
async fn note(core: &Core, store: &Store, (blob, state): (&BlobRef, UploadState)) -> Result<(), StoreError> {
    let write = async |transaction: &Transaction| -> Result<(), StoreError> {
        let Some(record) = transaction.get::<BlobRecord>(Records::Blobs, key(blob).as_str()).await? else { return Ok(()) };
        put(transaction, &BlobRecord { state: BlobState::told(state), ..record })?;
        if state.complete { make_room(transaction).await } else { Ok(()) }
    };
    store.transact(&[Records::Blobs, Records::BlobBytes], Access::Relaxed, write).await?;
    tell(core);
    Ok(())
}

/// Kept and said; others go on.
async fn set_aside(core: &Core, store: &Store, (record, code): (BlobRecord, &str)) -> Result<(), StoreError> {
    let write = async |transaction: &Transaction| -> Result<(), StoreError> {
        let Some(record) = transaction.get::<BlobRecord>(Records::Blobs, key(&record.blob).as_str()).await? else { return Ok(()) };
        put(transaction, &BlobRecord { state: record.state.clone().refused(code, clock::now()), ..record })
    };
    store.transact(&[Records::Blobs], Access::Relaxed, write).await?;
    tell(core);
    Ok(())
}

fn tell(core: &Core) {
    core.tell(Told::Settled);
    core.telling.of_sync();
}
