//! Digits typed or tapped outside any field: how many of the next product, or of the chosen line; many digits are a code typed by hand.

use rust_decimal::Decimal;

/// From so many digits on, the entry is a code: no till sells a hundred thousand of anything.
const CODE_LEAST: usize = 6;
/// The longest code, with room.
const MOST: usize = 20;
/// Digits behind the point: grams of a kilogram.
const DECIMALS: u32 = 3;

/// What was entered so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuantityEntry(String);

impl QuantityEntry {
    /// The entry as shown.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether nothing was entered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a digit, a point or a comma; no other character.
    pub fn push(&mut self, character: char) {
        match character {
            '0'..='9' if self.0.len() < MOST => self.0.push(character),
            '.' | ',' if self.0.is_empty() => self.0.push_str("0."),
            '.' | ',' if !self.0.contains('.') => self.0.push('.'),
            _ => {}
        }
    }

    /// Takes the last character back.
    pub fn pop(&mut self) {
        self.0.pop();
        if self.0 == "0" {
            self.0.clear();
        }
    }

    /// The quantity, where it is one.
    pub fn quantity(&self) -> Option<Decimal> {
        if self.code().is_some() {
            return None;
        }
        let quantity: Decimal = self.0.parse().ok()?;
        (quantity.scale() <= DECIMALS && quantity > Decimal::ZERO).then_some(quantity)
    }

    /// The code, where it is one.
    pub fn code(&self) -> Option<&str> {
        (self.0.len() >= CODE_LEAST && !self.0.contains('.')).then_some(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(text: &str) -> QuantityEntry {
        let mut entry = QuantityEntry::default();
        text.chars().for_each(|character| entry.push(character));
        entry
    }

    #[test]
    fn digits_are_a_quantity_and_many_digits_a_code() {
        for (text, quantity, code) in [
            ("3", Some("3"), None),
            ("12", Some("12"), None),
            ("0,482", Some("0.482"), None),
            (".5", Some("0.5"), None),
            ("99999", Some("99999"), None),
            ("952123", None, Some("952123")),
            ("9521234543213", None, Some("9521234543213")),
            ("0", None, None),
            ("0.0001", None, None),
            ("", None, None),
        ] {
            let entry = entered(text);
            assert_eq!(entry.quantity().map(|quantity| quantity.to_string()).as_deref(), quantity, "{text:?}");
            assert_eq!(entry.code(), code, "{text:?}");
        }
    }

    #[test]
    fn a_letter_is_no_part_of_a_quantity() {
        let mut entry = entered("3");
        entry.push('x');
        assert_eq!(entry.text(), "3");
    }

    #[test]
    fn a_second_point_and_endless_digits_are_not_taken() {
        assert_eq!(entered("1.5,5").text(), "1.55");
        assert_eq!(entered(&"7".repeat(50)).text().len(), MOST);
    }

    #[test]
    fn taking_back_leaves_no_zero_behind() {
        let mut entry = entered(".");
        entry.pop();
        assert!(entry.is_empty());
    }
}
