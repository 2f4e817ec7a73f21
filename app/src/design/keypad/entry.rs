//! An amount as it is keyed in: digits push in from the right, so 8 4 5 0 is 84.50 and no separator is ever typed.

use super::Key;

/// An amount being entered, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AmountEntry(Option<i64>);

/// Nobody pays more than this in cash at a till; longer entries are slips of the finger.
const MOST_MINOR: i64 = 99_999_999;

impl AmountEntry {
    /// Nothing entered yet.
    pub const EMPTY: Self = Self(None);

    /// An amount offered, such as a banknote's; the next digit begins anew only after a clear.
    pub const fn of(minor: i64) -> Self {
        Self(Some(minor))
    }

    /// The amount; none before the first digit.
    pub const fn minor(self) -> Option<i64> {
        self.0
    }

    /// The entry after a key. A digit that would make the amount too large is not taken.
    #[must_use]
    pub fn after(self, key: Key) -> Self {
        let pushed = |factor: i64, digit: i64| {
            let minor = self.0.unwrap_or(0).saturating_mul(factor).saturating_add(digit);
            if minor > MOST_MINOR { self } else { Self(Some(minor)) }
        };
        match key {
            Key::Digit(digit) => pushed(10, i64::from(digit)),
            Key::DoubleZero => pushed(100, 0),
            Key::Backspace => Self(self.0.map(|minor| minor / 10).filter(|minor| *minor > 0)),
            Key::Clear => Self::EMPTY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[Key]) -> Option<i64> {
        keys.iter().fold(AmountEntry::EMPTY, |entry, key| entry.after(*key)).minor()
    }

    #[test]
    fn digits_fill_an_amount_from_the_right() {
        assert_eq!(typed(&[Key::Digit(8), Key::Digit(4), Key::Digit(5), Key::Digit(0)]), Some(8450));
        assert_eq!(typed(&[Key::Digit(5), Key::DoubleZero, Key::DoubleZero]), Some(50_000));
    }

    #[test]
    fn taking_back_the_last_digit_leaves_nothing_entered() {
        assert_eq!(typed(&[Key::Digit(8), Key::Digit(4), Key::Backspace]), Some(8));
        assert_eq!(typed(&[Key::Digit(8), Key::Backspace]), None);
        assert_eq!(typed(&[Key::Digit(8), Key::Digit(4), Key::Clear]), None);
    }

    #[test]
    fn nothing_entered_is_not_zero() {
        assert_eq!(typed(&[]), None);
        assert_eq!(typed(&[Key::Digit(0)]), Some(0));
    }

    #[test]
    fn an_absurd_amount_stops_growing() {
        assert_eq!(typed(&[Key::Digit(9); 12]), Some(99_999_999));
        assert_eq!(typed(&[Key::Digit(9), Key::DoubleZero, Key::DoubleZero, Key::DoubleZero, Key::DoubleZero]), Some(9_000_000));
    }

    #[test]
    fn only_keys_of_the_pad_are_read_from_a_keyboard() {
        assert_eq!(Key::of_keyboard("7"), Some(Key::Digit(7)));
        assert_eq!(Key::of_keyboard("Backspace"), Some(Key::Backspace));
        assert_eq!(Key::of_keyboard("F7"), None);
        assert_eq!(Key::of_keyboard("07"), None);
    }
}
