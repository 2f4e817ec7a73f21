//! The engine: what works without a network, in a worker of its own.
//!
//! The page holds an [`client::Engine`]; the worker runs [`worker::run`]. They speak the [`protocol`].

pub mod catalogue;
pub mod client;
pub mod protocol;
pub mod worker;
