//! The catalogue: products with their codes, categories, tax rates and prices.
//!
//! The tables here are what the office searches and what keeps the catalogue whole (a code names one product, a product has one price); each row is
//! also a reference row, which is what tills read. [`write()`] keeps both in step, in one transaction.

mod queries;
mod write;

pub(crate) use queries::units;
pub use write::{CatalogChange, store, write};
