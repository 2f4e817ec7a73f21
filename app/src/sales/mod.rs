//! Selling.

pub mod till;
