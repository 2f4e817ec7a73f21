//! Handing in what another device could not send itself: `POST /api/v1/sync/import` takes one line of an outbox file
//! ([`SealedPart`](holdfast_sync::outbox_file::SealedPart), JSON) and answers [`Imported`].
//!
//! Whoever is signed in may carry it, as with a push: what is in it proves itself, and each envelope is answered as if its device had sent it. Handing in the same
//! line again, or syncing afterwards, changes nothing more.
//!
//! Problems: `import_malformed`, `import_damaged` (a byte was changed, or it was cut off), `import_version_unknown` (422), `import_key_unknown` (sealed to a key that
//! this server does not have: 409), `import_of_another_company` (403), `push_too_large` (413).

use crate::kernel::{AccountId, DeviceId, DocumentId, IntentId, Timestamp};
use serde::{Deserialize, Serialize};

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Imported {
    /// The device that wrote the file.
    pub device: DeviceId,
    /// Its name; none where it never enrolled here.
    pub device_name: Option<String>,
    /// When it was written.
    pub exported_at: Timestamp,
    /// Which line of the file it was, from 1.
    pub part: u32,
    /// How many lines the file has.
    pub parts: u32,
    /// What became of its envelopes.
    pub tally: ImportTally,
    /// Those that are held or refused, in their order.
    pub outside: Vec<OutsideTheBooks>,
}

/// Envelopes, counted by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportTally {
    /// In the books.
    pub accepted: u32,
    /// Waits for what it rests on.
    pub waiting: u32,
    /// The office decides.
    pub held: u32,
    /// Never merged.
    pub refused: u32,
    /// The server could not do it now: hand the line in again.
    pub again: u32,
    /// How many of all of these had been answered before.
    pub known: u32,
}

/// An envelope that is not in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutsideTheBooks {
    /// Its intent; none where the envelope cannot be read.
    pub intent: Option<IntentId>,
    /// The intent's name; empty where it cannot be read.
    pub name: String,
    /// The document.
    pub document: Option<DocumentId>,
    /// When it was done.
    pub at: Option<Timestamp>,
    /// Whether the office decides; otherwise it is refused.
    pub held: bool,
    /// Why.
    pub code: String,
}

impl ImportTally {
    /// How many envelopes there were.
    pub fn envelopes(&self) -> u32 {
        self.accepted + self.waiting + self.held + self.refused + self.again
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            accepted: self.accepted + other.accepted,
            waiting: self.waiting + other.waiting,
            held: self.held + other.held,
            refused: self.refused + other.refused,
            again: self.again + other.again,
            known: self.known + other.known,
        }
    }
}

/// `sync.outbox.imported`: somebody handed in a line of a device's outbox file. Published once per line, however often it is handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboxImported {
    /// The device that wrote the file.
    pub device: DeviceId,
    /// When, by its clock, in milliseconds since 1970.
    pub exported_at_ms: Timestamp,
    /// Which line of the file it was, from 1.
    pub part: u32,
    /// How many lines the file has.
    pub parts: u32,
    /// What became of its envelopes then.
    pub tally: ImportTally,
    /// Who handed it in.
    pub by: AccountId,
}

impl OutboxImported {
    /// The event's type.
    pub const KIND: &'static str = "sync.outbox.imported";
}
