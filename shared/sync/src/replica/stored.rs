//! A document as the device stores it, with what the feed said of whose it is.

use super::is_zero;
use crate::bytes::Bytes;
use crate::ids::Epoch;
use crate::kind::{Audience, Kind};
use serde::{Deserialize, Serialize};

/// A document as the device stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDocument {
    /// Its kind.
    pub kind: String,
    /// Automerge save format.
    pub saved: Bytes,
    /// Keys of its view rows, so that those that vanish are removed.
    pub view_keys: Vec<(String, String)>,
    /// How often it was rebuilt. Whoever wrote it before writes it under another actor from then on: a change that fell may have used the numbers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rebuilt: u32,
    /// Who gets it, by its facts, or the last that said so; empty where none did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<Audience>,
    /// Who has it, as the feed said last: of a kind that moves from one audience to another. Nobody, where it went to somebody who is not followed. What its
    /// facts say besides may rest on what the server has not taken, or on less than it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Whose>,
    /// Its audiences were left while something of it was open: nothing shows it, and nobody writes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
}

/// The feed's word on who has a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whose {
    /// In which life of the server.
    pub epoch: Epoch,
    /// At which position. Pages of several audiences are behind each other, and the later word counts.
    pub position: u64,
    /// Who.
    pub audiences: Vec<Audience>,
}

impl Whose {
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        self.epoch != other.epoch || self.position >= other.position
    }
}

impl StoredDocument {
    /// Who has it: as the feed says, or its facts where that says nothing of its kind.
    pub fn whose(&self) -> &[Audience] {
        self.told.as_ref().map_or(&self.audiences, |said| &said.audiences)
    }

    /// Whether the feed has not said whose it is, as it does of each document of its kind: it is what was recorded here, and no more.
    pub fn is_unconfirmed(&self, kind: &dyn Kind) -> bool {
        kind.moves() && self.told.is_none()
    }
}
