//! The engine: what works without a network, in a worker of its own.

pub mod protocol;
