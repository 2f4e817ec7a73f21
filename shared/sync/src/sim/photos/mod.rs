//! Photos: the blobs of a history, a few bytes each, named by marks, and sent in pieces over the same network as all else.
//!
//! A device keeps what is taken there ([`device`]) and asks; the server answers, whoever asks; each answer is compared with the model's
//! ([`asked`]), and so is what either side has.

pub mod asked;
pub mod device;
mod fakes;
mod uploads;

use crate::blob::UploadState;
use crate::bytes::{Bytes, Digest32};
use crate::ids::{AccountId, DeviceId};
use serde::{Deserialize, Serialize};

/// What one request carries, small here, so that each photo needs several.
pub const CHUNK_BYTES: u32 = 4;
/// What a device keeps of those that the server has.
pub const CACHE_BYTES: u64 = 16;
/// A photo's type, and what a fake is said to be.
pub const JPEG: u8 = b'j';
/// Another type.
pub const PDF: u8 = b'p';

/// What the server is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhotoAsk {
    /// To begin an upload, or tell how far it is.
    Begin {
        /// Of which.
        sha256: Digest32,
        /// Its size.
        bytes: u32,
        /// Its type.
        media_type: u8,
    },
    /// To take a piece.
    Chunk {
        /// Of which.
        sha256: Digest32,
        /// Where it goes.
        offset: u32,
        /// The piece.
        bytes: Bytes,
    },
    /// To show it.
    Look {
        /// Which.
        sha256: Digest32,
    },
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhotoAnswer {
    /// So far it is.
    At(UploadState),
    /// A stable code.
    Refused(String),
    /// All of it.
    Shown(Bytes),
}

/// Who is signed in, and where, if the session is a device's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// Who.
    pub account: AccountId,
    /// On which device.
    pub device: Option<DeviceId>,
}

impl PhotoAsk {
    /// Which photo it is about.
    pub fn sha256(&self) -> Digest32 {
        match self {
            Self::Begin { sha256, .. } | Self::Chunk { sha256, .. } | Self::Look { sha256 } => *sha256,
        }
    }
}

/// What the first bytes say that it is.
pub fn sniffed(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(JPEG),
        [b'%', b'P', b'D', b'F', ..] => Some(PDF),
        _ => None,
    }
}
