//! Photos and papers, as the page shows them.

use holdfast_domain::kernel::{BlobRef, Timestamp};
use holdfast_sync::bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A blob, for whoever looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlobView {
    /// All of it.
    Here {
        /// As it was taken.
        bytes: Bytes,
    },
    /// It cannot be shown now.
    Missing {
        /// Why: `offline`, `session_lost`, `server_failed`, or the server's code, such as `blob_not_uploaded`.
        code: String,
    },
}

/// A blob that the server has not got yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedBlob {
    /// Which.
    pub blob: BlobRef,
    /// When it was taken.
    pub since: Timestamp,
    /// How many of its bytes the server has, as it last said.
    pub sent: u32,
    /// Why the server will not take it.
    pub refused: Option<String>,
}
