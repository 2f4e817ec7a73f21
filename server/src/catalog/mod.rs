//! The catalogue: products with their codes, categories, tax rates, prices and price lists.
//!
//! The tables here are what the office keeps ([`records`](crate::records)) and what keeps the catalogue whole (a code names one product); what of a row tills read is a
//! reference row, made of the tables by [`rows`] alone. Whoever writes, a form, a file or [`write()`], both are kept in step in one transaction.

mod effects;
mod prices;
mod queries;
mod rows;
mod variants;
mod write;

pub use effects::{Categories, Products, TaxChanges, TaxRates};
pub(crate) use prices::ListedThen;
pub use prices::{PriceListLines, PriceLists, routes};
pub(crate) use queries::{TaxHistory, tax_histories, units};
pub use write::{CatalogChange, store, write};
