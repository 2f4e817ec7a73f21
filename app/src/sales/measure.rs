//! Quantities and prices with what they are of: 1.250 kg at 1.89 / kg, while pieces are only counted.

use crate::language::{decimal, decimal_fixed};
use holdfast_domain::catalog::Unit;
use rust_decimal::Decimal;

/// The sign of a unit, the same in every language we speak; none for what is counted.
const fn sign(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Piece | Unit::Pair | Unit::Pack => None,
        Unit::Kilogram => Some("kg"),
        Unit::Gram => Some("g"),
        Unit::Litre => Some("l"),
        Unit::Metre => Some("m"),
        Unit::SquareMetre => Some("m²"),
        Unit::CubicMetre => Some("m³"),
        Unit::Hour => Some("h"),
    }
}

/// A quantity with its unit, to the gram where it is weighed; a bare number where it is counted, or nobody knows what it is of.
pub fn measure(quantity: Decimal, unit: Option<Unit>) -> String {
    match unit.and_then(|unit| Some((unit, sign(unit)?))) {
        Some((unit, sign)) => format!("{} {sign}", decimal_fixed(quantity, unit.decimals())),
        None => decimal(quantity),
    }
}

/// A price, with what it is for where that is not a piece.
pub fn price_per(price: &str, unit: Unit) -> String {
    sign(unit).map_or_else(|| price.to_owned(), |sign| format!("{price} / {sign}"))
}

/// Whether it is counted in whole pieces.
pub fn is_counted(unit: Option<Unit>) -> bool {
    unit.is_some_and(Unit::is_counted)
}

/// Whether it is weighed, poured or cut.
pub fn is_measured(unit: Option<Unit>) -> bool {
    unit.is_some_and(|unit| !unit.is_counted())
}
