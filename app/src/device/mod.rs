//! What the device offers the engine: its clock, randomness, keys and storage.

pub mod clock;
pub mod ids;
pub mod store;
