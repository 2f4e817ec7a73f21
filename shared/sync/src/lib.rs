//! The sync core of Holdfast. It does no IO: inputs in, effects out; time, ids and randomness are parameters.

pub mod blob;
pub mod bytes;
pub mod cbor;
mod chunk;
pub mod document;
pub mod envelope;
pub mod hub;
pub mod ids;
pub mod kind;
mod outbox;
pub mod outbox_file;
pub mod replica;
mod schema;
#[cfg(feature = "sim")]
pub mod sim;
pub mod time;
pub mod verify;
pub mod wire;

#[cfg(feature = "schema")]
#[doc(hidden)]
pub use schemars;
