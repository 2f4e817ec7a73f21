//! Selling.

pub mod office;
pub mod till;
