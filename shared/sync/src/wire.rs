//! The bodies of push, pull and bootstrap. `application/cbor`, or `application/json` for whoever asks.

use crate::bytes::{Bytes, Digest32};
use crate::envelope::Envelope;
use crate::ids::{DeviceId, DocumentId, Epoch, GrantId, IntentId};
use crate::kind::Audience;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most envelopes of one push.
pub const MAX_PUSH: usize = 500;
/// The most grants one push may bring.
pub const MAX_GRANTS: usize = 100;
/// The code of an envelope whose device the server does not know: not yet, or no longer after a restore from a backup. Once the device has enrolled, the
/// same envelope is judged like any other, so the device keeps it as unsent.
pub const DEVICE_UNKNOWN: &str = "device_unknown";
/// The code of an envelope that rests on a refused one; see [`Answer::rests_on_another`].
pub const DEPENDS_ON_REFUSED: &str = "depends_on_refused";
/// The code of an envelope that rests on a held one; see [`Answer::rests_on_another`].
pub const DEPENDS_ON_HELD: &str = "depends_on_held";
/// The most bytes of headers, changes and signatures of one push, which a server takes in any encoding.
pub const MAX_PUSH_BYTES: usize = 2 * 1024 * 1024;
/// The most entries of one pull.
pub const MAX_PULL: u32 = 1_000;

/// `POST /api/v1/sync/push`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PushRequest {
    /// The grants that the envelopes name, as the server issued them (JWT); the server knows most already.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_GRANTS)))]
    pub grants: Vec<String>,
    /// In the order of the chain.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PUSH)))]
    pub envelopes: Vec<Envelope>,
}

/// One answer per envelope, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushResponse {
    /// One per envelope.
    pub answers: Vec<Answer>,
    /// The server's clock, for the device's offset.
    pub server_time_ms: Timestamp,
}

/// What became of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Answer {
    /// Merged; visible in the feed at that position.
    Accepted {
        /// Feed position.
        position: u64,
    },
    /// This intent was answered before; the first answer stands.
    Duplicate {
        /// The first answer.
        first: Box<Answer>,
    },
    /// It rests on changes that have not arrived, or on an intent this server does not know yet; kept, send the missing.
    Waiting {
        /// Hashes of the changes that are missing; empty where the intent is not known yet.
        missing: Vec<Digest32>,
    },
    /// Kept for a decision in the office.
    Held {
        /// Stable code, such as `grant_revoked`.
        code: String,
    },
    /// Never merged.
    Refused {
        /// Stable code, such as `signature_wrong`.
        code: String,
    },
    /// A passing fault of the server; send it again later.
    Retry,
}

impl Answer {
    /// Whether it speaks of what the envelope rests on and not of its intent: the device replays the intent in a new envelope, which is judged anew.
    pub fn rests_on_another(&self) -> bool {
        match self {
            Self::Held { code } | Self::Refused { code } => code == DEPENDS_ON_REFUSED || code == DEPENDS_ON_HELD,
            Self::Duplicate { first } => first.rests_on_another(),
            Self::Accepted { .. } | Self::Waiting { .. } | Self::Retry => false,
        }
    }

    /// Whether it keeps the change out of the books, for now or for good.
    pub fn is_adverse(&self) -> bool {
        match self {
            Self::Held { .. } | Self::Refused { .. } => true,
            Self::Duplicate { first } => first.is_adverse(),
            Self::Accepted { .. } | Self::Waiting { .. } | Self::Retry => false,
        }
    }
}

/// `POST /api/v1/sync/pull`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PullRequest {
    /// The epoch the cursors belong to; none at first.
    pub epoch: Option<Epoch>,
    /// The last stored position per audience. An audience of the account's that is absent is entered.
    pub cursors: BTreeMap<Audience, u64>,
    /// The asking device: it is also told what became of its own envelopes.
    #[serde(default)]
    pub device: Option<DeviceId>,
    /// The till the device works at, which adds the audience `till:<id>`.
    #[serde(default)]
    pub till: Option<uuid::Uuid>,
    /// The most entries wanted, up to [`MAX_PULL`].
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_PULL)))]
    pub limit: u32,
}

/// A page of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PullResponse {
    /// The feed's epoch; where it differs from the request's, all cursors were ignored.
    pub epoch: Epoch,
    /// In order.
    pub entries: Vec<Entry>,
    /// The cursors after this page, to be stored with its entries in one transaction.
    pub cursors: BTreeMap<Audience, u64>,
    /// Whether more is there already.
    pub more: bool,
    /// The server's clock.
    pub server_time_ms: Timestamp,
    /// The grants that the proofs in it name, as the server issued them (JWT): without them a server that was restored knows nothing of younger ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<NamedGrant>,
}

/// A grant and its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedGrant {
    /// Its id, as headers name it.
    pub id: GrantId,
    /// As the server issued it (JWT).
    pub token: String,
}

/// What proves a change of the feed: the rest of its envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proof {
    /// CBOR of the header, as it was signed.
    pub header: Bytes,
    /// By its device's key; ours over the server's own.
    pub signature: Bytes,
}

/// An entry of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// An accepted change.
    Change {
        /// Feed position.
        position: u64,
        /// The document.
        document: DocumentId,
        /// Its kind.
        kind: String,
        /// The Automerge change.
        change: Bytes,
        /// The intent behind it.
        intent_id: IntentId,
        /// Who has the document from here on, where its kind goes from one audience to another and the change says so: as far as the reader follows them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audiences: Option<Vec<Audience>>,
        /// What proves it, for as long as devices keep it; none where the asking device keeps the change as its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Proof>,
    },
    /// A reference row in its newest version.
    Row {
        /// Feed position.
        position: u64,
        /// The row.
        row: ReferenceRow,
        /// Whose it is, where it is not everybody's: it goes with that audience.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audience: Option<Audience>,
    },
    /// What became of an envelope of this device's: held, refused, released.
    Answer {
        /// Feed position.
        position: u64,
        /// The intent.
        intent_id: IntentId,
        /// The answer.
        answer: Answer,
    },
    /// The audience begins here: what it holds as of a position.
    Enter {
        /// The audience.
        audience: Audience,
        /// As of this position.
        position: u64,
        /// Its documents.
        documents: Vec<Snapshot>,
        /// Where its reference rows lie as packed pages.
        bootstrap: Option<BootstrapManifest>,
    },
    /// A document went to somebody whom the account does not follow. Neither to whom nor by what is told, and nothing that comes after it.
    Departed {
        /// Feed position.
        position: u64,
        /// The document.
        document: DocumentId,
    },
    /// The audience is no longer the account's.
    Leave {
        /// The audience.
        audience: Audience,
    },
    /// An app older than this must update before it may pull on. It is the page's only entry, and the page's cursors are those that were sent.
    MinimumVersion {
        /// Feed position.
        position: u64,
        /// The oldest [`APP_VERSION`] that may pull.
        version: u32,
    },
}

/// What this app says of itself when it pulls: one more with each release that writes or reads what older ones cannot read. An app that says nothing is the
/// first.
pub const APP_VERSION: u32 = 1;

impl PullResponse {
    /// Whether an app of that version must be updated before it may pull on. Such a page brings nothing and says nothing of what came of one's own work.
    pub fn asks_for_newer_than(&self, version: u32) -> bool {
        self.entries.iter().any(|entry| matches!(entry, Entry::MinimumVersion { version: oldest, .. } if *oldest > version))
    }
}

/// A document as of a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: String,
    /// Automerge save format, genesis included.
    pub saved: Bytes,
    /// The intents merged in it that came from the asking device, so that it can clear its outbox.
    #[serde(default)]
    pub intents: Vec<IntentId>,
    /// The position of the last change in it, where it is of a kind that moves: who has it is as of then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// What proves those of its changes that devices keep, in the order in which they were told: each change lies in `saved`, under the hash that the header names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Proof>,
}

/// A reference row: written by the office, read on devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReferenceRow {
    /// Such as `catalog.product`.
    pub kind: String,
    /// The row's id.
    pub id: uuid::Uuid,
    /// Grows with every change of the row.
    pub version: u64,
    /// CBOR of the row; none where it is gone.
    pub body: Option<Bytes>,
}

/// The packed pages of an audience's reference rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BootstrapManifest {
    /// Immutable addresses, each a CBOR array of up to 500 [`ReferenceRow`].
    pub pages: Vec<String>,
    /// How many rows there are in all.
    pub rows: u64,
}
