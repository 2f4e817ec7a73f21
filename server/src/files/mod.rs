//! Files that records have: pictures of products, contracts of suppliers. Their bytes lie in one [object store](ObjectFiles), by company and SHA-256.
//!
//! Flow: the bytes are uploaded for a field (`POST <path>/files/<field>`, `records/files.rs`), judged by what they are ([`judged`]), kept, and only then known; a record that is written names them
//! ([`unknown`] refuses what its writer has not uploaded); who reads the record reads them. What no record names any more is thrown away after a month ([`sweep`]).
//!
//! Absent on purpose: any way to read bytes by their hash, and any that decodes a picture.

mod judged;
mod queries;
mod store;
mod sweep;

use crate::failure::{Failure, Fault, Refusal};
use crate::identity::SignedIn;
use crate::tenancy::{Database, TenantTx};
use axum::body::Bytes;
use holdfast_domain::kernel::resource::{Field, FieldProblem, Resource, Values, Wrong};
use holdfast_domain::kernel::{AccountId, StoredFile, TenantId};
use serde::Deserialize as _;
use std::collections::BTreeMap;
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

pub use store::{Bucket, ObjectFiles};
pub use sweep::sweep;

/// How many files that no record names an account may have here, and what they may weigh.
const MAX_UNNAMED: u64 = 100;
const MAX_UNNAMED_BYTES: u64 = 256 * 1024 * 1024;

/// So many uploads at once on a server: each holds a whole file, and a connection to the database while it is kept.
static PLACES: Semaphore = Semaphore::const_new(8);

/// Where files are kept, and how much of them.
#[derive(Debug, Clone)]
pub struct Files {
    /// The store.
    pub store: ObjectFiles,
    /// What those of one company may weigh together, photos and papers of facts included.
    pub quota_bytes: u64,
}

/// A place among the uploads under way.
pub(crate) fn place() -> Result<SemaphorePermit<'static>, Refusal> {
    PLACES.try_acquire().map_err(|_| {
        let refusal = Refusal::new(503, "uploads_busy", "Other files are being uploaded", "Try again in a moment.");
        Refusal { retry_after_s: Some(5), ..refusal }
    })
}

/// Judges what was uploaded for a field and keeps it; what is said of it from then on. The same bytes again are the same file.
pub(crate) async fn keep(
    (database, files): (&Database, &Files),
    signed_in: &SignedIn,
    field: &'static Field,
    (called, bytes): (String, Bytes),
) -> Result<StoredFile, Failure> {
    let judged = tokio::task::spawn_blocking(move || judged::judge(field, &called, bytes)).await;
    let judged::Judged { bytes, file } = judged.map_err(|error| Fault::new("judge an upload", error))??;
    let mut tx = database.tenant(signed_in.scope()).await?;
    // Nobody throws the same bytes away while they are kept anew.
    queries::lock(&mut tx, file.sha256).await?;
    check_room(&mut tx, files, signed_in.account, &file).await?;
    files.store.put(signed_in.tenant, file.sha256, bytes).await?;
    queries::insert_file(&mut tx, signed_in.account, &file).await?;
    tx.commit().await?;
    Ok(file)
}

/// The bytes of a file that a record names.
pub(crate) async fn read(files: &Files, tenant: TenantId, file: &StoredFile) -> Result<Bytes, Failure> {
    let found = files.store.get(tenant, file.sha256).await?;
    found.ok_or_else(|| {
        tracing::error!(tenant.id = %tenant, file.sha256 = %file.sha256, "a file that a record names is not in the store, or not what it was");
        Refusal::new(404, "file_lost", "The file is missing", "The server has lost it. Upload it again.").into()
    })
}

/// What of these values of records names a file that the account has not uploaded, or says something else of it than was found. What passes stays until the transaction ends.
pub(crate) async fn unknown(
    tx: &mut TenantTx,
    resource: &Resource,
    account: AccountId,
    written: &[(Uuid, &Values)],
) -> Result<Vec<(Uuid, FieldProblem)>, Fault> {
    let named = |(id, values): &(Uuid, &Values)| -> Vec<(Uuid, &'static str, Option<StoredFile>)> {
        let fields = resource.fields.iter().filter(|field| field.shape.is_file());
        let said = fields.filter_map(|field| Some((field, values.get(field.name).filter(|value| !value.is_null())?)));
        said.map(|(field, value)| (*id, field.name, StoredFile::deserialize(value).ok())).collect()
    };
    let named: Vec<_> = written.iter().flat_map(named).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let hashes = named.iter().filter_map(|(.., file)| file.as_ref()).map(|file| file.sha256).collect();
    let held: BTreeMap<_, _> = queries::lock_held(tx, account, hashes).await?.into_iter().map(|held| (held.sha256, held)).collect();
    // The name is whoever writes' to choose.
    let is_it = |file: &StoredFile| held.get(&file.sha256).is_some_and(|held| *file == StoredFile { name: file.name.clone(), ..held.clone() });
    let unknown = named.into_iter().filter(|(.., file)| !file.as_ref().is_some_and(is_it));
    Ok(unknown.map(|(id, field, _)| (id, FieldProblem::new(field, Wrong::UnknownFile))).collect())
}

/// Two that are uploaded at once may together be a little more than there is room for: at most as much as there are places.
async fn check_room(tx: &mut TenantTx, files: &Files, account: AccountId, file: &StoredFile) -> Result<(), Failure> {
    let used = queries::weigh(tx, account, file.sha256).await?;
    let more = u64::from(file.bytes);
    let (code, title, detail) = if used.unnamed >= MAX_UNNAMED || used.unnamed_bytes + more > MAX_UNNAMED_BYTES {
        let detail = "You have uploaded many files that no record names. Save the records that they are for first.";
        ("file_account_limit", "There are too many files of yours that nothing names", detail)
    } else if used.bytes + more > files.quota_bytes {
        (
            "file_quota_reached",
            "There is no room for more files",
            "Your company has used up its room for photos and files. Whoever runs the server can give it more.",
        )
    } else {
        return Ok(());
    };
    Err(Refusal::new(507, code, title, detail).into())
}
