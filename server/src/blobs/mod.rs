//! Blobs: photos and papers that facts name by SHA-256, on a channel of their own. A blob that is missing never delays its fact.
//!
//! Flow: `PUT …/upload` begins an upload or tells how far it is; `PATCH …/upload` appends a chunk, durable before it is answered; the last one has size, hash and
//! type checked, and only then is the blob here. Files lie by tenant and hash in the data folder ([`BlobFiles`]), how far an upload is lies in the database.
//! Each account uploads for itself, so nobody spoils another's upload; what two of them sent is kept once.
//!
//! Who may look: to know a hash is no right, and to name it in a document of one's own is none either. A document's audiences may see the blob that it names if
//! whoever named it, or the device it was named on, has sent the bytes ([`rights`]).
//! Absent on purpose: deleting a blob, and any way to give a blob a name or an address of its own.

mod download;
mod files;
mod hash;
mod queries;
mod rights;
mod sweep;
mod upload;

use crate::failure::Fault;
use crate::http::Routes;
use crate::tenancy::TenantTx;
use holdfast_domain::blobs::MAX_CHUNK_BYTES;
use holdfast_domain::kernel::{AccountId, DocumentId};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::kind::Audience;
use std::collections::BTreeSet;

pub use files::BlobFiles;
pub use queries::fingerprint;
pub use sweep::sweep;

/// What all of a company's blobs may weigh, where the operator says nothing else.
pub const DEFAULT_QUOTA_BYTES: u64 = 10 * 1024 * 1024 * 1024;

/// Where blobs are kept, and how much of them.
#[derive(Debug, Clone)]
pub struct Blobs {
    /// The files.
    pub files: BlobFiles,
    /// What those of one company may weigh together, unfinished uploads included.
    pub quota_bytes: u64,
}

/// `/api/v1/blobs/…`
pub fn routes() -> Routes {
    Routes::new()
        .patch("/api/v1/blobs/{sha256}/upload", upload::append)
        .body_limit(MAX_CHUNK_BYTES)
        .put("/api/v1/blobs/{sha256}/upload", upload::begin)
        .get("/api/v1/blobs/{sha256}", download::download)
}

/// Writes down which blobs a document names, and who said so; whatever it named before and does not now is forgotten.
pub async fn name(tx: &mut TenantTx, document: DocumentId, audiences: &[Audience], named: BTreeSet<(Digest32, AccountId)>) -> Result<(), Fault> {
    let audiences: Vec<_> = audiences.iter().map(Audience::to_string).collect();
    queries::put_names(tx, document, &audiences, named).await
}
