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

/// What a quantity counts: a closed list, because tills show its sign and know how finely it is divided.
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
    /// Two that belong together.
    Pair,
    /// Several that are sold as one.
    Pack,
    /// Weighed in small quantities, to the tenth.
    Gram,
    /// Cut from a sheet or laid on a floor.
    SquareMetre,
    /// Poured from a lorry, to the litre.
    CubicMetre,
    /// Of somebody's work.
    Hour,
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
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 10] =
        [Self::Piece, Self::Pair, Self::Pack, Self::Kilogram, Self::Gram, Self::Litre, Self::Metre, Self::SquareMetre, Self::CubicMetre, Self::Hour];
    /// Their names.
    pub const NAMES: [&'static str; 10] = {
        let mut names = [""; 10];
        let mut n = 0;
        while n < names.len() {
            names[n] = Self::ALL[n].name();
            n += 1;
        }
        names
    };

    /// The stable name, as on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Piece => "piece",
            Self::Kilogram => "kilogram",
            Self::Litre => "litre",
            Self::Metre => "metre",
            Self::Pair => "pair",
            Self::Pack => "pack",
            Self::Gram => "gram",
            Self::SquareMetre => "square_metre",
            Self::CubicMetre => "cubic_metre",
            Self::Hour => "hour",
        }
    }

    /// The unit of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.name() == name)
    }

    /// The decimals of its quantities.
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Piece | Self::Pair | Self::Pack => 0,
            Self::Gram => 1,
            Self::Metre | Self::SquareMetre | Self::Hour => 2,
            Self::Kilogram | Self::Litre | Self::CubicMetre => 3,
        }
    }

    /// Whether it is counted, in whole ones, rather than measured.
    pub const fn is_counted(self) -> bool {
        self.decimals() == 0
    }
}

impl Reference for Product {
    const KIND: &'static str = "catalog.product";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_called_the_same_everywhere() {
        for unit in Unit::ALL {
            assert_eq!(serde_json::to_value(unit).unwrap(), unit.name());
            assert_eq!(Unit::from_name(unit.name()), Some(unit));
        }
        assert_eq!((Unit::from_name("Piece"), Unit::NAMES.len()), (None, Unit::ALL.len()));
    }
}
