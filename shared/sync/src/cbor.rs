//! CBOR (RFC 8949) in and out. Reading is strict: nothing may follow the value.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that are not the CBOR of the expected value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the CBOR that is expected here: {0}")]
pub struct BadCbor(pub String);

/// The CBOR of `value`: definite lengths, fields in the order of their declaration.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("writing to memory cannot fail, and our types have no map with failing keys");
    bytes
}

/// Reads exactly one value.
pub fn decode<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<T, BadCbor> {
    let value = ciborium::from_reader(&mut bytes).map_err(|error| BadCbor(error.to_string()))?;
    if bytes.is_empty() { Ok(value) } else { Err(BadCbor("bytes follow the value".to_owned())) }
}
