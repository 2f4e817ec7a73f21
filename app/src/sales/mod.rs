//! Selling.

mod measure;
pub mod office;
pub mod till;
