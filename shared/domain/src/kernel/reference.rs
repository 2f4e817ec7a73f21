//! Reference rows: what the office writes and devices read.

use holdfast_sync::cbor::{self, BadCbor};
use holdfast_sync::wire::ReferenceRow;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The body of a kind of reference row.
pub trait Reference: Serialize + DeserializeOwned {
    /// Such as `catalog.product`.
    const KIND: &'static str;

    /// The row's body on the wire.
    fn to_body(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Reads the body of a row of this kind; none where the row is gone or of another kind.
    fn of(row: &ReferenceRow) -> Option<Result<Self, BadCbor>> {
        let body = row.body.as_ref().filter(|_| row.kind == Self::KIND)?;
        Some(cbor::decode(body.as_ref()))
    }
}

/// The row a value was taken from, as it stood then. Settle looks it up among the versions kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RowVersion {
    /// The row.
    pub row: Uuid,
    /// Its version.
    pub version: u64,
}
