//! Money: integer minor units with their currency. Arithmetic is checked; nothing here knows how money is written on a screen.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 code: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// An amount in the currency's smallest unit: cents, bani, öre.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The amount in minor units.
    pub minor: i64,
    /// What they are units of.
    pub currency: Currency,
}

/// Why amounts do not combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three capital letters.
    #[error("a currency is three capital letters, such as EUR")]
    BadCurrency,
    /// Two currencies do not add up.
    #[error("{0} and {1} do not add up")]
    CurrenciesDiffer(Currency, Currency),
    /// Beyond what can be counted.
    #[error("the amount is too large")]
    TooLarge,
}

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII capitals are let in")
    }

    /// How many decimals the currency is written with (ISO 4217's minor unit).
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF"
            | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl Money {
    /// An amount.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in that currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        let minor = self.same(other)?.checked_add(other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    /// The difference.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        let minor = self.same(other)?.checked_sub(other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    fn same(self, other: Self) -> Result<i64, MoneyError> {
        if self.currency == other.currency { Ok(self.minor) } else { Err(MoneyError::CurrenciesDiffer(self.currency, other.currency)) }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| MoneyError::BadCurrency)?;
        if code.iter().all(u8::is_ascii_uppercase) { Ok(Self(code)) } else { Err(MoneyError::BadCurrency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

holdfast_sync::schema_of!(Currency, { "type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR"] });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_two_currencies_do_not_add_up() {
        let ron = "RON".parse().unwrap();
        assert_eq!(Money::new(1, Currency::EUR).checked_add(Money::new(1, ron)), Err(MoneyError::CurrenciesDiffer(Currency::EUR, ron)));
        assert_eq!(Money::new(1, ron).checked_sub(Money::new(1, Currency::EUR)), Err(MoneyError::CurrenciesDiffer(ron, Currency::EUR)));
    }

    #[test]
    fn a_sum_beyond_the_countable_is_an_error_not_a_wrap() {
        assert_eq!(Money::new(i64::MAX, Currency::EUR).checked_add(Money::new(1, Currency::EUR)), Err(MoneyError::TooLarge));
        assert_eq!(Money::new(i64::MIN, Currency::EUR).checked_sub(Money::new(1, Currency::EUR)), Err(MoneyError::TooLarge));
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        for bad in ["", "EU", "EURO", "eur", "E1R", "É"] {
            assert_eq!(bad.parse::<Currency>(), Err(MoneyError::BadCurrency), "{bad:?}");
        }
        assert_eq!("JPY".parse::<Currency>().map(Currency::decimals), Ok(0));
        assert_eq!(Currency::EUR.decimals(), 2);
    }
}
