//! Uploading a blob: `PUT /api/v1/blobs/{sha256}/upload` begins it or tells how far it is, `PATCH` of the same address appends a chunk at the offset that the
//! header `Upload-Offset` names. Both answer [`UploadState`]. `GET /api/v1/blobs/{sha256}` is the blob.

use crate::kernel::MediaType;
use serde::{Deserialize, Serialize};

/// The header that says where a chunk goes, and, in an answer, where the next one does.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// What a chunk's `Content-Type` is.
pub const CHUNK_TYPE: &str = "application/partial-upload";
/// The largest chunk that is taken.
pub const MAX_CHUNK_BYTES: usize = 1024 * 1024;

/// What is going to be uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadBegin {
    /// Its size.
    pub bytes: u32,
    /// Its type.
    pub media_type: MediaType,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadState {
    /// How many bytes the server has, durably: where the next chunk begins.
    pub offset: u32,
    /// Whether it has all of them and found them to be what they were said to be.
    pub complete: bool,
}
