//! Files of other devices, handed in here: kept as they are, which nobody here can read, and sent when there is a network.
//!
//! A line is gone from here once the server has answered for all that is in it. Each stands alone: what the server can never take of one keeps no other
//! from being sent, and is kept and said until somebody takes it away.

use super::core::Core;
use super::protocol::{CarriedView, EngineRefusal};
use super::records::{CarriedFile, DeviceRecord, name};
use crate::device::http::{self, HttpError};
use crate::device::store::{Access, Records, Store, StoreError, Transaction};
use crate::device::{clock, ids, json};
use holdfast_domain::import::Imported;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::outbox_file::{MAX_PARTS, SealedPart};
use holdfast_sync::wire::DEVICE_UNKNOWN;
use uuid::Uuid;

/// A file of more than this is none of ours: a till that was offline for weeks writes a tenth of it.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// So many files are kept at a time.
const MAX_FILES: usize = 20;
/// What is told of a file's changes that are not in the books.
const MAX_OUTSIDE: usize = 50;
/// A line that the server could not finish is not sent again before.
const AGAIN_AFTER_MS: i64 = 60 * 1_000;

/// Takes a file in. The same one again is no other file.
pub async fn take(core: &Core, (file_name, text): (&str, &str)) -> Result<(), EngineRefusal> {
    let store = core.need_store()?;
    let lines = read(text)?;
    let digest = Digest32::of(text.as_bytes()).to_string();
    store
        .transact(&[Records::Meta], Access::Strict, async |transaction| {
            // Nothing is taken on a device that is being erased.
            if transaction.get::<DeviceRecord>(Records::Meta, name::DEVICE).await?.is_none() {
                return Err(EngineRefusal::new("not_signed_in"));
            }
            let mut files = stored(transaction).await?;
            if let Some(at) = files.iter().position(|file| file.digest == digest) {
                if files[at].is_waiting() {
                    return Ok(());
                }
                forget(transaction, &files.remove(at))?;
            }
            if files.len() >= MAX_FILES {
                return Err(EngineRefusal::new("too_many_files"));
            }
            let file = CarriedFile::taken((ids::fresh(), digest, file_name.to_owned()), clock::now(), lines.len());
            for (line, n) in lines.iter().zip(0_u32..) {
                transaction.put(Records::Meta, line_key(file.id, n).as_str(), line)?;
            }
            files.push(file);
            Ok(transaction.put(Records::Meta, name::CARRIED, &files)?)
        })
        .await?;
    core.recorded();
    Ok(())
}

/// What is handed in here and what came of it, the newest first.
pub fn views(files: &[CarriedFile]) -> Vec<CarriedView> {
    files.iter().rev().map(CarriedFile::view).collect()
}

/// All that are kept here.
pub async fn stored(transaction: &Transaction) -> Result<Vec<CarriedFile>, StoreError> {
    Ok(transaction.get(Records::Meta, name::CARRIED).await?.unwrap_or_default())
}

/// How many lines wait here to be sent.
pub fn waiting(files: &[CarriedFile]) -> usize {
    files.iter().filter(|file| file.is_waiting()).map(|file| file.left.len()).sum()
}

/// Somebody has read what came of a file. One that still waits stays.
pub async fn put_away(core: &Core, id: Uuid) -> Result<(), EngineRefusal> {
    let store = core.need_store()?;
    let put_away = async |transaction: &Transaction| -> Result<(), StoreError> {
        let (gone, kept): (Vec<_>, Vec<_>) = stored(transaction).await?.into_iter().partition(|file| file.id == id && !file.is_waiting());
        gone.iter().try_for_each(|file| forget(transaction, file))?;
        transaction.put(Records::Meta, name::CARRIED, &kept)
    };
    Ok(store.transact(&[Records::Meta], Access::Strict, put_away).await?)
}

/// Sends one line that waits, the oldest file's first. Whether there is another one to be sent now.
pub async fn send_next(core: &Core, store: &Store, csrf: &str) -> Result<bool, StoreError> {
    let files = store.transact(&[Records::Meta], Access::Read, stored).await?;
    let now = clock::now();
    let mut due = files.iter().filter(|file| file.is_waiting() && file.is_due(now)).flat_map(|file| file.left.iter().map(|n| (file.id, *n)));
    let Some((id, n)) = due.next() else { return Ok(false) };
    let key = line_key(id, n);
    let read = async |transaction: &Transaction| transaction.get::<SealedPart>(Records::Meta, key.as_str()).await;
    let outcome = match store.transact(&[Records::Meta], Access::Read, read).await? {
        None => Outcome::Gone,
        Some(line) => came_of(http::post_json("/api/v1/sync/import", csrf, &line).await),
    };
    let later = matches!(outcome, Outcome::Later);
    settle(store, (id, n), outcome).await?;
    core.tell(super::core::Told::Settled);
    core.telling.of_sync();
    Ok(!later && due.next().is_some())
}

/// What came of sending a line.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// All in it was answered.
    Answered(Box<Imported>),
    /// The server will never take it, or not before somebody has seen to it.
    Refused(String),
    /// It is sent again after a while.
    Later,
    /// Another tab has sent it.
    Gone,
}

fn came_of(sent: Result<Imported, HttpError>) -> Outcome {
    match sent {
        // Only whoever enrols the device that wrote it can change that; until then the same would be sent for ever.
        Ok(imported) if imported.outside.iter().any(|envelope| envelope.code == DEVICE_UNKNOWN) => Outcome::Refused(DEVICE_UNKNOWN.to_owned()),
        Ok(imported) if imported.tally.again > 0 => Outcome::Later,
        Ok(imported) => Outcome::Answered(Box::new(imported)),
        Err(HttpError::Refused(code)) if is_final(&code) => Outcome::Refused(code),
        Err(HttpError::Refused(_) | HttpError::Failed(_) | HttpError::Unreachable(_) | HttpError::SessionLost) => Outcome::Later,
    }
}

/// Writes down what came of a line, and lets it go where all in it was answered.
async fn settle(store: &Store, (id, n): (Uuid, u32), outcome: Outcome) -> Result<(), StoreError> {
    let settle = async |transaction: &Transaction| -> Result<(), StoreError> {
        let mut files = stored(transaction).await?;
        let Some(file) = files.iter_mut().find(|file| file.id == id) else { return Ok(()) };
        match outcome {
            // Where there are no locks between tabs, another one may have been answered first.
            _ if !file.left.contains(&n) => return Ok(()),
            Outcome::Later => file.not_before = Some(clock::now().plus_ms(AGAIN_AFTER_MS)),
            Outcome::Gone => file.left.retain(|left| *left != n),
            Outcome::Refused(code) => file.refuse(n, code),
            Outcome::Answered(imported) => {
                file.left.retain(|left| *left != n);
                transaction.delete(Records::Meta, line_key(id, n).as_str())?;
                file.add(*imported, MAX_OUTSIDE);
            }
        }
        transaction.put(Records::Meta, name::CARRIED, &files)
    };
    store.transact(&[Records::Meta], Access::Strict, settle).await
}

/// Whether the server will say the same another time.
fn is_final(code: &str) -> bool {
    code.starts_with("import_") || matches!(code, "push_too_large" | "body_too_large" | "invalid_body" | "status_413")
}

fn read(text: &str) -> Result<Vec<SealedPart>, EngineRefusal> {
    let refusal = |code| Err(EngineRefusal::new(code));
    if text.len() > MAX_BYTES {
        return refusal("no_outbox_file");
    }
    // Each line stands alone: of a file that was cut off, what is whole is as good as ever, and the server says how much is missing.
    let lines: Vec<SealedPart> = text.lines().filter_map(|line| json::read(line).ok()).collect();
    if lines.is_empty() || lines.len() > MAX_PARTS as usize { refusal("no_outbox_file") } else { Ok(lines) }
}

fn forget(transaction: &Transaction, file: &CarriedFile) -> Result<(), StoreError> {
    file.left.iter().chain(&file.refused_lines).try_for_each(|n| transaction.delete(Records::Meta, line_key(file.id, *n).as_str()))
}

fn line_key(id: Uuid, n: u32) -> String {
    format!("{}:{id}:{n}", name::CARRIED)
}
