//! The engine: what works without a network, in a worker of its own.
//!
//! The page holds a [`client::Engine`]; the worker runs [`worker::run`]. They speak the [`protocol`]. In the worker, [`core::Core`] is the state of one tab; everything
//! that lasts lies in the device's database, which all tabs share.

pub mod blobs;
pub mod carried;
pub mod catalogue;
pub mod client;
pub mod core;
mod enrol;
mod events;
mod lost;
pub mod outbox_file;
pub mod own;
pub mod people;
mod progress;
pub mod protocol;
pub mod queue;
pub mod records;
mod refusals;
mod storage;
pub mod sync;
pub mod sync_view;
pub mod telling;
pub mod till;
pub mod worker;
