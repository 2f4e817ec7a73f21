//! The envelope: one change, who made it on which device, and the signature over that statement. Wire version 1.
//!
//! The header's field names, order and types are frozen by golden files, and a header is read in that one form only: a signature covers the header's bytes as they were
//! sent, and devices keep sending what they signed weeks ago.

use crate::bytes::{Bytes, Digest32};
use crate::cbor;
use crate::ids::{AccountId, ChainId, DeviceId, DocumentId, Epoch, GrantId, IntentId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The wire version this code writes.
pub const WIRE_VERSION: u8 = 1;
/// The largest header that is read, in bytes.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// The largest change that is read, in bytes: the cap of a document.
pub const MAX_CHANGE_BYTES: usize = 64 * 1024;

/// What the author signs. Its CBOR is a map with exactly these keys in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Wire version, [`WIRE_VERSION`].
    pub v: u8,
    /// The company this belongs to.
    pub tenant: TenantId,
    /// The document that is changed.
    pub document: DocumentId,
    /// The document's kind, such as `sales.ticket`.
    pub kind: String,
    /// The device that made the change; [`DeviceId::SERVER`] for the server's own.
    pub device: DeviceId,
    /// The device's database; none for the server's own.
    pub chain: Option<ChainId>,
    /// 1, 2, 3 … within the chain; 0 for the server's own.
    pub device_seq: u64,
    /// SHA-256 of the previous header's bytes within the chain; none for the first.
    pub prev: Option<Digest32>,
    /// The Automerge hash of the change.
    pub change_hash: Digest32,
    /// The Automerge actor of the change.
    pub actor: Bytes,
    /// Born with the tap.
    pub intent_id: IntentId,
    /// What the person meant to do.
    pub intent: IntentCall,
    /// Who did it, and by which right.
    pub author: Author,
    /// The second person of a four-eyes act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub co_author: Option<Author>,
    /// Up to where the device had seen the feed.
    pub basis: Basis,
    /// The device's clock, corrected by the offset to the server's that it last knew.
    pub wall_time_ms: Timestamp,
}

/// An intent by name, with its payload as the CBOR that its version fixes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntentCall {
    /// Such as `sales.ticket.add_line`.
    pub name: String,
    /// The version of payload and `apply`.
    pub version: u16,
    /// CBOR of the intent.
    pub payload: Bytes,
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// The account that was signed in.
    pub account: Principal,
    /// The grant it acted under; none for the server itself and for the office, whose session is checked live.
    pub grant: Option<GrantId>,
}

/// An account, or one of the server's own voices.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// A person signed in.
    Account(AccountId),
    /// A module of the server, such as `sales`.
    System(String),
    /// Whoever holds a signed link.
    Invitation(uuid::Uuid),
}

/// What the author had seen when acting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Where the feed came from.
    pub source: BasisSource,
    /// The feed's epoch.
    pub epoch: Epoch,
    /// The last position that was stored.
    pub position: u64,
}

/// Where a device's feed comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisSource {
    /// The server itself.
    Server,
    /// A relay on the site's network.
    Relay,
}

/// One change on its way: the header's bytes as signed, the change's bytes, the signature over the header's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// CBOR of [`Header`], kept as it was signed.
    pub header: Bytes,
    /// The Automerge change.
    pub change: Bytes,
    /// By the device's key over `header`; ours over the server's own.
    pub signature: Bytes,
}

/// Why bytes are no envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEnvelope {
    /// A part is larger than the limit.
    #[error("the {0} is larger than its limit")]
    TooLarge(&'static str),
    /// The header is not what wire version 1 says.
    #[error("the header is malformed: {0}")]
    Header(String),
    /// Another wire version.
    #[error("wire version {0} is not known here")]
    Version(u8),
}

impl Header {
    /// The bytes that are signed and hashed.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }
}

impl Envelope {
    /// Reads the header, within the limits.
    pub fn read_header(&self) -> Result<Header, BadEnvelope> {
        if self.header.0.len() > MAX_HEADER_BYTES {
            return Err(BadEnvelope::TooLarge("header"));
        }
        if self.change.0.len() > MAX_CHANGE_BYTES {
            return Err(BadEnvelope::TooLarge("change"));
        }
        let header: Header = cbor::decode(&self.header.0).map_err(|error| self.unreadable(error.0))?;
        if header.v != WIRE_VERSION {
            return Err(BadEnvelope::Version(header.v));
        }
        if header.to_bytes() != self.header.0 {
            return Err(BadEnvelope::Header("it is not in its one form".to_owned()));
        }
        Ok(header)
    }

    /// A header of a later wire version may well have other fields: then its version is what there is to say.
    fn unreadable(&self, cause: String) -> BadEnvelope {
        #[derive(Deserialize)]
        struct Versioned {
            v: u8,
        }
        match cbor::decode(&self.header.0) {
            Ok(Versioned { v }) if v != WIRE_VERSION => BadEnvelope::Version(v),
            _ => BadEnvelope::Header(cause),
        }
    }

    /// What the next header of the chain names as `prev`.
    pub fn header_hash(&self) -> Digest32 {
        Digest32::of(&self.header.0)
    }
}
