//! What the device offers the engine: its clock, randomness, keys, storage and network.

pub mod clock;
pub mod crypto;
pub mod http;
pub mod ids;
pub mod json;
pub mod keyboard;
pub mod picture;
pub mod report;
pub mod scale;
pub mod scanner;
pub mod sound;
pub mod store;
