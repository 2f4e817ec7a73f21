//! Procurement: who we buy from.

mod supplier;

pub use supplier::Supplier;
