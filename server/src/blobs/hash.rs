//! The hash in an address. It is read as 32 bytes and nothing else, so no text of a request ever becomes part of a path.

use holdfast_domain::kernel::blob_hash;
use holdfast_sync::bytes::Digest32;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// 64 lower-case hex digits.
pub(super) struct Hash(pub Digest32);

holdfast_sync::schema_of!(Hash, {
    "type": "string",
    "pattern": "^[0-9a-f]{64}$",
    "examples": ["2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"],
});

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        blob_hash(&text).map(Self).ok_or_else(|| D::Error::custom("a blob's address is its SHA-256, 64 lower-case hex digits"))
    }
}
