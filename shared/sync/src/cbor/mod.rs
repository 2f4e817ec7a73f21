//! CBOR (RFC 8949) in and out, for the types of the wire and of the device's database.
//!
//! Our own, because every device downloads it: it knows what our types need and no more (no floats, no big numbers, no tags), and where it runs in a
//! browser it says only *that* bytes are not what was expected; the words for it, for every field of every type, would weigh more than all of this.
//! What it writes is byte for byte what `ciborium` writes, and what it reads is what `ciborium` reads: `tests/core/cbor.rs` compares the two.
//! Reading is strict: nothing may follow the value, and nothing is nested deeper than [`MAX_DEPTH`].

mod read;
mod write;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use read::MAX_DEPTH;

/// Bytes that are not the CBOR of the expected value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the CBOR that is expected here: {0}")]
pub struct BadCbor(pub String);

/// The CBOR of `value`: definite lengths, fields in the order of their declaration.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut writer = write::Writer::default();
    value.serialize(&mut writer).expect("writing to memory cannot fail, and our types have no floats and no map with failing keys");
    writer.bytes
}

/// Reads exactly one value.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BadCbor> {
    read_one(read::Reader::new(bytes, false))
}

/// Reads a value from another that says the same with ids and bytes as text, such as what JSON was read into. A program that reads both forms of a
/// type so holds one reader of it.
pub fn convert<T: DeserializeOwned>(readable: &impl Serialize) -> Result<T, BadCbor> {
    let mut writer = write::Writer::default();
    readable.serialize(&mut writer).map_err(|unwritable| BadCbor(unwritable.to_string()))?;
    read_one(read::Reader::new(&writer.bytes, true))
}

fn read_one<T: DeserializeOwned>(mut reader: read::Reader<'_>) -> Result<T, BadCbor> {
    let value = T::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|bad| BadCbor(bad.to_string()))
}
