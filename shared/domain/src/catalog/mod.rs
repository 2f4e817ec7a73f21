//! What is sold: products, categories, prices, tax rates, as reference rows, and as the office keeps them ([`records`]).
//!
//! A till finds a product by its code or name, its price by the product, its tax rate by the product's: all on the device. A price is a row of
//! its own, so that it can change and be proven without touching the product.

mod product;
pub mod records;

use crate::kernel::{Money, ProductId, Rate, Reference, Timestamp};
use serde::{Deserialize, Serialize};

pub use product::{Picture, Product, Unit};
pub use records::{CategoryRecord, ProductRecord, TaxRateRecord};

/// A product's price; the row's id is a `PriceId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of what.
    pub product: ProductId,
    /// One unit of it, tax included.
    pub amount: Money,
    /// In force from then on; until the row's next version takes over.
    pub valid_from: Timestamp,
}

/// A tax rate; the row's id is a `TaxRateId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// Such as `Reduced`.
    pub name: String,
    /// In per cent.
    pub rate: Rate,
}

/// A category of products; the row's id is a `CategoryId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Such as `Bakery`.
    pub name: String,
    /// Where it stands among the others.
    pub place: u16,
    /// How its tile looks.
    pub picture: Picture,
}

impl Reference for Price {
    const KIND: &'static str = "catalog.price";
}

impl Reference for TaxRate {
    const KIND: &'static str = "catalog.tax_rate";
}

impl Reference for Category {
    const KIND: &'static str = "catalog.category";
}
