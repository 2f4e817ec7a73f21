//! Records that are probably the same one: they say the same of something that mostly belongs to one person or company alone.
//!
//! It is a hint and no rule, because a household shares a telephone and two branches a tax number: nothing is refused for it. Whoever looks at a record is told, and may merge the two.

use crate::kernel::resource::Values;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The last digits of a telephone number that tell it from others, however its country is written before them: `+49 30 0074321`, `0049300074321`, `030 0074321`.
const TELLING_DIGITS: usize = 9;
/// A number of fewer digits is a short code or an extension.
const FEWEST_DIGITS: usize = 6;
/// A tax number of fewer characters tells nothing.
const FEWEST_CHARACTERS: usize = 4;
/// What stands before tax numbers across borders: VIES, and its neighbours.
const TAX_COUNTRIES: [&str; 34] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
    "NO", "PL", "PT", "RO", "SE", "SI", "SK", "TR", "UA", "XI",
];

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// As an e-mail address, in any case.
    Email,
    /// As a telephone number: by its last nine digits.
    Phone,
    /// As a tax number: without the country before it, spaces and dots, in any case.
    TaxNumber,
}

impl Likeness {
    /// The form in which values are compared; none for one that tells nobody from others.
    pub fn key(self, text: &str) -> Option<String> {
        match self {
            Self::Email => Some(text.trim().to_lowercase()).filter(|email| !email.is_empty()),
            Self::Phone => {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                let telling = digits.len() >= FEWEST_DIGITS && !is_one_character(&digits);
                telling.then(|| digits[digits.len().saturating_sub(TELLING_DIGITS)..].to_owned())
            }
            Self::TaxNumber => {
                let whole: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
                let behind = TAX_COUNTRIES.iter().find_map(|country| whole.strip_prefix(country)).filter(|rest| rest.len() >= FEWEST_CHARACTERS);
                let number = behind.unwrap_or(&whole);
                (number.len() >= FEWEST_CHARACTERS && !is_one_character(number)).then(|| number.to_owned())
            }
        }
    }

    /// The same of a field's value.
    pub fn key_of(self, values: &Values, field: &str) -> Option<String> {
        self.key(values.get(field)?.as_str()?)
    }
}

/// `000000`: typed where something had to be.
fn is_one_character(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    characters.all(|character| Some(character) == first)
}

/// Another record that is probably the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alike {
    /// Which.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// The fields in which both say the same.
    pub fields: Vec<String>,
}

/// The body of `POST <path>/<id>/merge`, with the version of the record that stays in `If-Match`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MergeRecords {
    /// The other record: it is archived, and says into which one it was merged.
    pub from: Uuid,
    /// Its version that was looked at.
    pub from_version: u64,
    /// The fields whose values are taken from it; all others stay as they are.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 50)))]
    pub take: Vec<String>,
    /// Why, for the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_alike(likeness: Likeness, texts: &[&str]) -> bool {
        let keys: Vec<_> = texts.iter().map(|text| likeness.key(text)).collect();
        keys.iter().all(|key| key.is_some() && *key == keys[0])
    }

    #[test]
    fn an_address_is_the_same_in_any_case() {
        assert!(all_alike(Likeness::Email, &["Maria.Anders@Alfreds.Example", " maria.anders@alfreds.example "]));
    }

    #[test]
    fn a_telephone_number_is_the_same_with_and_without_its_country() {
        assert!(all_alike(Likeness::Phone, &["030-0074321", "+49 30 0074321", "0049 (30) 007.43.21"]));
        assert!(all_alike(Likeness::Phone, &["0721 234 567", "+40 721 234 567"]));
        assert!(!all_alike(Likeness::Phone, &["0721 234 567", "0721 234 568"]));
    }

    #[test]
    fn a_tax_number_is_the_same_with_and_without_its_country() {
        assert!(all_alike(Likeness::TaxNumber, &["RO 4221306", "4221306", "ro4221306", "4.221.306"]));
        assert!(all_alike(Likeness::TaxNumber, &["ATU12345675", "u12345675"]));
        // Letters that are part of the number stay.
        assert!(!all_alike(Likeness::TaxNumber, &["ESB12345678", "12345678"]));
    }

    #[test]
    fn what_somebody_typed_to_fill_a_line_tells_nothing() {
        for (likeness, text) in [
            (Likeness::Phone, "112"),
            (Likeness::Phone, "000 000 000"),
            (Likeness::TaxNumber, "-"),
            (Likeness::TaxNumber, "RO0000"),
            (Likeness::Email, " "),
        ] {
            assert_eq!(likeness.key(text), None, "{text}");
        }
    }
}
