//! The notes and coins of a currency, as a drawer holds them: for counting it, and for guessing what a customer hands over.

use holdfast_domain::kernel::Currency;

/// What circulates of a currency, in minor units, the largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denominations {
    /// Banknotes.
    pub notes: &'static [i64],
    /// Coins.
    pub coins: &'static [i64],
}

const EURO: Denominations = Denominations { notes: &[50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500], coins: &[200, 100, 50, 20, 10, 5, 2, 1] };
const LEU: Denominations = Denominations { notes: &[50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 100], coins: &[50, 10, 5, 1] };
const FRANC: Denominations = Denominations { notes: &[100_000, 20_000, 10_000, 5_000, 2_000, 1_000], coins: &[500, 200, 100, 50, 20, 10, 5] };
const LIRA: Denominations = Denominations { notes: &[20_000, 10_000, 5_000, 2_000, 1_000, 500], coins: &[500, 100, 50, 25, 10, 5] };
const POUND: Denominations = Denominations { notes: &[5_000, 2_000, 1_000, 500], coins: &[200, 100, 50, 20, 10, 5, 2, 1] };
const DOLLAR: Denominations = Denominations { notes: &[10_000, 5_000, 2_000, 1_000, 500, 100], coins: &[25, 10, 5, 1] };
/// For a currency whose cash we do not know: the steps that nearly all follow.
const UNKNOWN: Denominations = Denominations { notes: &[50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500], coins: &[200, 100, 50, 20, 10, 5, 2, 1] };
/// The same for a currency without minor units.
const UNKNOWN_WHOLE: Denominations = Denominations { notes: &[10_000, 5_000, 2_000, 1_000], coins: &[500, 100, 50, 10, 5, 1] };

impl Denominations {
    /// Of a currency, by its ISO 4217 code.
    pub fn of(code: &str) -> Self {
        match code {
            "EUR" => EURO,
            "RON" => LEU,
            "CHF" => FRANC,
            "TRY" => LIRA,
            "GBP" => POUND,
            "USD" => DOLLAR,
            _ if code.parse::<Currency>().is_ok_and(|currency| currency.decimals() == 0) => UNKNOWN_WHOLE,
            _ => UNKNOWN,
        }
    }

    /// Notes and then coins, the largest first.
    pub fn all(self) -> impl Iterator<Item = i64> {
        self.notes.iter().chain(self.coins).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: [&str; 8] = ["EUR", "RON", "CHF", "TRY", "GBP", "USD", "SEK", "JPY"];

    #[test]
    fn notes_and_coins_are_listed_from_the_largest_down() {
        for code in CODES {
            let Denominations { notes, coins } = Denominations::of(code);
            for list in [notes, coins] {
                assert!(list.is_sorted_by(|larger, smaller| larger > smaller), "{code}: {list:?}");
            }
            assert!(Denominations::of(code).all().all(|value| value > 0), "{code}");
        }
    }

    #[test]
    fn a_currency_without_minor_units_has_no_hundredths() {
        assert_eq!(Denominations::of("JPY").coins.last(), Some(&1));
        assert_eq!(Denominations::of("JPY").notes.first(), Some(&10_000), "ten thousand, not a hundred");
    }
}
