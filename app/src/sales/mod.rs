//! Selling.

pub(crate) mod measure;
pub mod office;
pub mod photos;
pub mod till;
