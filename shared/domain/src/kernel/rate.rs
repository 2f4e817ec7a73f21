//! Tax rates and discounts: exact, bounded, text on the wire.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// A tax rate in per cent, with up to four decimals, from 0 to 100: `20`, `5.5`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    millionths: u32,
}

/// The part of a price that is waived: a fraction with up to four decimals, from 0 to 1: `0.15`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Discount {
    ten_thousandths: u16,
}

/// Why a number is no rate and no discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// No decimal in its shortest form with at most four places.
    #[error("not a decimal number of at most four places in its shortest form")]
    Malformed,
    /// Outside its range.
    #[error("outside its range")]
    OutOfRange,
}

impl Rate {
    /// No tax.
    pub const ZERO: Self = Self { millionths: 0 };

    /// From millionths: 55,000 is 5.5 %.
    pub const fn from_millionths(millionths: u32) -> Result<Self, RateError> {
        if millionths <= 1_000_000 { Ok(Self { millionths }) } else { Err(RateError::OutOfRange) }
    }

    /// In millionths: 5.5 % is 55,000.
    pub const fn millionths(self) -> u32 {
        self.millionths
    }
}

impl Discount {
    /// No discount.
    pub const NONE: Self = Self { ten_thousandths: 0 };

    /// From ten-thousandths: 1,500 is 15 % off.
    pub const fn from_ten_thousandths(ten_thousandths: u16) -> Result<Self, RateError> {
        if ten_thousandths <= 10_000 { Ok(Self { ten_thousandths }) } else { Err(RateError::OutOfRange) }
    }

    /// In ten-thousandths: 15 % off is 1,500.
    pub const fn ten_thousandths(self) -> u16 {
        self.ten_thousandths
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        Self::from_millionths(scaled(text)?)
    }
}

impl FromStr for Discount {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        Self::from_ten_thousandths(u16::try_from(scaled(text)?).map_err(|_| RateError::OutOfRange)?)
    }
}

/// Reads a decimal of at most four places as ten-thousandths.
fn scaled(text: &str) -> Result<u32, RateError> {
    let decimal = Decimal::from_str_exact(text).map_err(|_| RateError::Malformed)?.normalize();
    if decimal.scale() > 4 {
        return Err(RateError::Malformed);
    }
    decimal.checked_mul(Decimal::from(10_000)).and_then(|scaled| scaled.to_u32()).ok_or(RateError::OutOfRange)
}

macro_rules! text_on_the_wire {
    ($name:ident, $field:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&Decimal::new(i64::from(self.$field), 4).normalize(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let value: Self = text.parse().map_err(de::Error::custom)?;
                if value.to_string() == text { Ok(value) } else { Err(de::Error::custom(RateError::Malformed)) }
            }
        }
    };
}

text_on_the_wire!(Rate, millionths);
text_on_the_wire!(Discount, ten_thousandths);

holdfast_sync::schema_of!(Rate, { "type": "string", "pattern": "^(0|[1-9][0-9]{0,2}|(0|[1-9][0-9]?)[.][0-9]{0,3}[1-9])$", "examples": ["5.5"] });
holdfast_sync::schema_of!(Discount, { "type": "string", "pattern": "^(0|1|0[.][0-9]{0,3}[1-9])$", "examples": ["0.15"] });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_per_cent_and_a_discount_a_fraction() {
        assert_eq!("5.5".parse::<Rate>().map(Rate::millionths), Ok(55_000));
        assert_eq!("0.15".parse::<Discount>().map(Discount::ten_thousandths), Ok(1_500));
        assert_eq!("20".parse::<Rate>().map(|rate| rate.to_string()).as_deref(), Ok("20"));
        assert_eq!("1".parse::<Discount>().map(|all| all.to_string()).as_deref(), Ok("1"));
    }

    #[test]
    fn a_rate_above_a_hundred_or_below_zero_is_refused() {
        assert_eq!("100.0001".parse::<Rate>(), Err(RateError::OutOfRange));
        assert_eq!("-1".parse::<Rate>(), Err(RateError::OutOfRange));
        assert_eq!("1.0001".parse::<Discount>(), Err(RateError::OutOfRange));
        assert_eq!("0.00001".parse::<Discount>(), Err(RateError::Malformed));
    }
}
