//! A product.

use crate::kernel::{CategoryId, Reference, TaxRateId};
use serde::{Deserialize, Serialize};

/// A product; the row's id is a `ProductId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// As shown and printed.
    pub name: String,
    /// Where it is found without a code.
    pub category: CategoryId,
    /// What one of it is.
    pub unit: Unit,
    /// The tax in its price.
    pub tax_rate: TaxRateId,
    /// How its tile looks.
    pub picture: Picture,
    /// Every code it bears, as printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barcodes: Vec<String>,
}

/// What a quantity counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Whole pieces.
    Piece,
    /// Weighed, to the gram.
    Kilogram,
    /// Poured, to the millilitre.
    Litre,
    /// Cut, to the centimetre.
    Metre,
}

/// A tile's picture where there is no photograph: a pictogram on a coloured ground.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// The ground's hue in degrees, 0 to 359.
    pub hue: u16,
    /// One character of a pictogram.
    pub glyph: String,
}

impl Unit {
    /// The stable name, as on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Piece => "piece",
            Self::Kilogram => "kilogram",
            Self::Litre => "litre",
            Self::Metre => "metre",
        }
    }

    /// The decimals of its quantities.
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Piece => 0,
            Self::Kilogram | Self::Litre => 3,
            Self::Metre => 2,
        }
    }
}

impl Reference for Product {
    const KIND: &'static str = "catalog.product";
}
