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
use crate::openapi::About;
use crate::tenancy::TenantTx;
use holdfast_domain::blobs::{CHUNK_TYPE, MAX_CHUNK_BYTES, UPLOAD_OFFSET, UploadState};
use holdfast_domain::kernel::{AccountId, DocumentId, MAX_BLOB_BYTES, MediaType};
use holdfast_sync::blob::{OFFSET_DIFFERS, UPLOAD_UNKNOWN};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::kind::Audience;
use serde_json::json;
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
        .told(
            About::new("blobs.upload.append", "Appends a chunk")
                .takes(CHUNK_TYPE, json!({ "type": "string", "format": "binary", "maxLength": MAX_CHUNK_BYTES }), json!("the bytes"))
                .parameter(json!({
                    "name": UPLOAD_OFFSET,
                    "in": "header",
                    "required": true,
                    "description": "Where the chunk goes, in bytes.",
                    "schema": { "type": "integer", "minimum": 0, "maximum": MAX_BLOB_BYTES },
                    "example": 0,
                }))
                .answers::<UploadState>(200)
                .with_header(UPLOAD_OFFSET, "Where the next chunk goes.")
                .refuses(&[(400, "upload_offset_invalid"), (400, "body_cut_off"), (404, UPLOAD_UNKNOWN), (409, OFFSET_DIFFERS)])
                .refuses(&[(413, "body_too_large"), (413, "blob_longer_than_said"), (415, "unsupported_content_type")])
                .refuses(&[(422, "blob_hash_differs"), (422, "blob_type_differs")]),
        )
        .body_limit(MAX_CHUNK_BYTES)
        .put("/api/v1/blobs/{sha256}/upload", upload::begin)
        .told(
            About::new("blobs.upload.begin", "Begins an upload, or tells how far it is")
                .answers::<UploadState>(200)
                .with_header(UPLOAD_OFFSET, "Where the next chunk goes.")
                .refuses(&[(413, "blob_too_large"), (507, "blob_account_limit"), (507, "blob_quota_reached")]),
        )
        .get("/api/v1/blobs/{sha256}", download::download)
        .told(
            About::new("blobs.blob.read", "The blob, or a part of it")
                .detail("Ranges and conditions (RFC 9110) are answered as well.")
                .answers_any(200, MediaType::ALL.map(MediaType::as_str))
                .answers_any(206, MediaType::ALL.map(MediaType::as_str))
                .answers_nothing(304)
                .answers_nothing(412)
                .answers_nothing(416)
                .refuses(&[(404, "blob_unknown"), (404, "blob_not_uploaded"), (404, "blob_lost")]),
        )
}

/// Writes down which blobs a document names, and who said so; whatever it named before and does not now is forgotten.
pub async fn name(tx: &mut TenantTx, document: DocumentId, audiences: &[Audience], named: BTreeSet<(Digest32, AccountId)>) -> Result<(), Fault> {
    let audiences: Vec<_> = audiences.iter().map(Audience::to_string).collect();
    queries::put_names(tx, document, &audiences, named).await
}
