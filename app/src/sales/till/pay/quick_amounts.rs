//! What a customer is likely to hand over for a total: the exact amount, then what the next notes make.

use crate::sales::till::cash::Denominations;

/// How many amounts are offered beside the exact one.
const OFFERED: usize = 5;
/// No customer pays a coffee with a heap of notes: larger notes than this many times the total are not offered …
const MOST_TIMES: i64 = 50;
/// … and at least this many are, where the currency has them.
const OFFERED_LEAST: usize = 2;

/// The likely amounts above the total, in minor units, ascending; none for a total of nothing.
pub fn above(total_minor: i64, denominations: Denominations) -> Vec<i64> {
    if total_minor <= 0 {
        return Vec::new();
    }
    let rounded_up = |note: i64| total_minor.checked_add(note - 1).map(|sum| sum / note * note);
    let mut amounts: Vec<i64> = denominations.notes.iter().filter_map(|note| rounded_up(*note)).filter(|amount| *amount > total_minor).collect();
    amounts.sort_unstable();
    amounts.dedup();
    let sensible = amounts.iter().take_while(|amount| **amount <= total_minor.saturating_mul(MOST_TIMES)).count();
    amounts.truncate(sensible.clamp(OFFERED_LEAST, OFFERED));
    amounts
}

/// What is given back; none while less than the total was handed over.
pub fn change(total_minor: i64, tendered_minor: i64) -> Option<i64> {
    tendered_minor.checked_sub(total_minor).filter(|change| *change >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(total_minor: i64) -> Vec<i64> {
        above(total_minor, Denominations::of("EUR"))
    }

    #[test]
    fn the_next_notes_are_offered() {
        for (total, expected) in [
            (8_450, vec![8_500, 9_000, 10_000, 20_000, 50_000]),
            (2_730, vec![3_000, 4_000, 5_000, 10_000, 20_000]),
            (340, vec![500, 1_000, 2_000, 5_000, 10_000]),
            (31_200, vec![31_500, 32_000, 35_000, 40_000, 50_000]),
            (500, vec![1_000, 2_000, 5_000, 10_000, 20_000]),
        ] {
            assert_eq!(euros(total), expected, "{total}");
        }
    }

    #[test]
    fn a_few_cents_are_not_paid_with_the_largest_notes() {
        assert_eq!(euros(20), vec![500, 1_000]);
    }

    #[test]
    fn nothing_to_pay_offers_nothing() {
        assert_eq!(euros(0), Vec::<i64>::new());
        assert_eq!(euros(-100), Vec::<i64>::new());
    }

    #[test]
    fn an_absurd_total_overflows_nothing() {
        assert_eq!(euros(i64::MAX), Vec::<i64>::new());
    }

    #[test]
    fn change_is_none_while_too_little_was_handed_over() {
        assert_eq!(change(8_450, 10_000), Some(1_550));
        assert_eq!(change(8_450, 8_450), Some(0));
        assert_eq!(change(8_450, 8_449), None);
        assert_eq!(change(i64::MIN, i64::MAX), None);
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_offer_covers_the_total_once_and_can_be_laid_down_in_notes(
            total in 1_i64..=5_000_000,
            code in prop::sample::select(vec!["EUR", "RON", "CHF", "TRY", "GBP", "USD", "SEK", "JPY"]),
        ) {
            let denominations = Denominations::of(code);
            let offered = above(total, denominations);
            prop_assert!(offered.len() <= OFFERED);
            prop_assert!(offered.is_sorted_by(|smaller, larger| smaller < larger));
            for amount in offered {
                prop_assert!(amount > total);
                prop_assert!(denominations.notes.iter().any(|note| amount % note == 0 && amount - total < *note), "{amount} is the next multiple of a note");
            }
        }
    }
}
