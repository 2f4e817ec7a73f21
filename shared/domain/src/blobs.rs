//! Uploading a blob: `PUT /api/v1/blobs/{sha256}/upload` begins it or tells how far it is, `PATCH` of the same address appends a chunk at the offset that the
//! header `Upload-Offset` names. Both answer [`UploadState`]. `GET /api/v1/blobs/{sha256}` is the blob.

use crate::kernel::MediaType;
use serde::{Deserialize, Serialize};

pub use holdfast_sync::blob::UploadState;

/// The header that says where a chunk goes, and, in an answer, where the next one does.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// What a chunk's `Content-Type` is.
pub const CHUNK_TYPE: &str = "application/partial-upload";
/// The largest chunk that is taken.
pub const MAX_CHUNK_BYTES: usize = 1024 * 1024;

/// What is going to be uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UploadBegin {
    /// Its size.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::kernel::MAX_BLOB_BYTES)))]
    pub bytes: u32,
    /// Its type.
    pub media_type: MediaType,
}
