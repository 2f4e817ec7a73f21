//! Quantities: decimals of up to six places, exact. On the wire they are text in one canonical form (`1`, `0.25`), never a float.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// A number of pieces, or kilograms, litres … with up to six decimals, within ±1,000,000,000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    millionths: i64,
}

/// Why a number is no quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// No decimal number in canonical form.
    #[error("not a decimal number in its shortest form")]
    Malformed,
    /// More than six decimals.
    #[error("a quantity has at most six decimals")]
    TooFine,
    /// Beyond the bound.
    #[error("a quantity is at most 1,000,000,000")]
    TooLarge,
}

const ONE: i64 = 1_000_000;
const BOUND: i64 = 1_000_000_000 * ONE;

impl Quantity {
    /// None.
    pub const ZERO: Self = Self { millionths: 0 };
    /// One.
    pub const ONE: Self = Self { millionths: ONE };
    /// The largest.
    pub const MAX: Self = Self { millionths: BOUND };

    /// A whole number.
    pub fn whole(count: u32) -> Result<Self, QuantityError> {
        Self::from_millionths(i64::from(count) * ONE)
    }

    /// From millionths.
    pub fn from_millionths(millionths: i64) -> Result<Self, QuantityError> {
        if millionths.unsigned_abs() <= BOUND.unsigned_abs() { Ok(Self { millionths }) } else { Err(QuantityError::TooLarge) }
    }

    /// In millionths.
    pub const fn millionths(self) -> i64 {
        self.millionths
    }

    /// The same number as a decimal, in its shortest form.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.millionths, 6).normalize()
    }

    /// From a decimal.
    pub fn from_decimal(decimal: Decimal) -> Result<Self, QuantityError> {
        let decimal = decimal.normalize();
        if decimal.scale() > 6 {
            return Err(QuantityError::TooFine);
        }
        let millionths = decimal.checked_mul(Decimal::from(ONE)).and_then(|scaled| scaled.to_i64()).ok_or(QuantityError::TooLarge)?;
        Self::from_millionths(millionths)
    }

    /// The sum, within the bound.
    pub fn checked_add(self, other: Self) -> Result<Self, QuantityError> {
        Self::from_millionths(self.millionths.checked_add(other.millionths).ok_or(QuantityError::TooLarge)?)
    }

    /// Whether more than none.
    pub const fn is_positive(self) -> bool {
        self.millionths > 0
    }

    /// Whether it counts pieces.
    pub const fn is_whole(self) -> bool {
        self.millionths % ONE == 0
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    /// Reads a decimal as people type it; see `Deserialize` for the strict form.
    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::from_decimal(Decimal::from_str_exact(text).map_err(|_| QuantityError::Malformed)?)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_decimal(), f)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let quantity: Self = text.parse().map_err(de::Error::custom)?;
        if quantity.to_string() == text { Ok(quantity) } else { Err(de::Error::custom(QuantityError::Malformed)) }
    }
}

holdfast_sync::schema_of!(Quantity, { "type": "string", "pattern": "^(0|-?([1-9][0-9]{0,9}([.][0-9]{0,5}[1-9])?|0[.][0-9]{0,5}[1-9]))$", "examples": ["1.5"] });

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_sync::cbor;

    #[test]
    fn a_quantity_has_one_form_on_the_wire() {
        for text in ["0", "1", "0.25", "-3", "999999999.999999", "0.000001"] {
            let quantity: Quantity = cbor::decode(&cbor::encode(&text)).unwrap();
            assert_eq!(quantity.to_string(), text);
        }
        for bad in ["1.0", "01", "+1", "", " 1", "1e3", "-0", "0.0000001", "1000000001", "1_000", ".5"] {
            assert!(cbor::decode::<Quantity>(&cbor::encode(&bad)).is_err(), "{bad:?}");
        }
        // 1.5 as a float of half precision.
        assert!(cbor::decode::<Quantity>(&[0xf9, 0x3e, 0x00]).is_err(), "a float is no quantity");
        assert!(cbor::decode::<Quantity>(&cbor::encode(&1)).is_err(), "a number is not the canonical text");
    }

    #[test]
    fn the_bound_holds_for_sums_and_for_any_decimal() {
        assert_eq!(Quantity::MAX.checked_add(Quantity::ONE), Err(QuantityError::TooLarge));
        assert_eq!(Quantity::from_decimal(Decimal::MAX), Err(QuantityError::TooLarge));
        assert_eq!(Quantity::from_decimal(Decimal::new(1, 7)), Err(QuantityError::TooFine));
        assert_eq!("1.500".parse::<Quantity>().map(Quantity::millionths), Ok(1_500_000));
    }
}
