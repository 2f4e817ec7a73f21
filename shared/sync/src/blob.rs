//! Blobs: what a device and a server decide about a photo or a paper that a fact names by its hash. Pure like all of the core: bytes, files, requests and tables
//! are the shells'.
//!
//! Flow: a device [`holds`](holding) what was taken there until the server has it, and asks for one thing after the other ([`sending`]): begin, a chunk from
//! where the server is, until it has all of it. The server takes a chunk whole or not at all, and checks the last one's blob before it is there ([`taking`]).
//! Nothing of a blob goes up while a fact waits ([`goes_first`]).
//! Absent on purpose: what types there are, and how large a blob may be; that is the domain's.

pub mod holding;
pub mod sending;
pub mod taking;

use crate::replica::{OutboxRow, OutboxState, is_ready};
use serde::{Deserialize, Serialize};

/// The answer to a chunk that goes elsewhere.
pub const OFFSET_DIFFERS: &str = "blob_offset_differs";
/// The answer to a chunk of an upload that was not begun, or thrown away.
pub const UPLOAD_UNKNOWN: &str = "blob_upload_unknown";

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadState {
    /// How many bytes the server has, durably: where the next chunk begins.
    pub offset: u32,
    /// Whether it has all of them and found them to be what they were said to be.
    pub complete: bool,
}

/// Whether a row of the outbox goes before any blob: it is to be signed or sent, or its answer is missing.
pub fn goes_first(row: &OutboxRow) -> bool {
    is_ready(row) || (row.signature.is_none() && !matches!(row.state, OutboxState::Attention(_)))
}
