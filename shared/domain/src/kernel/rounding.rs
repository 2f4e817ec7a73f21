//! How amounts are rounded, in one place.
//!
//! - A line's gross = unit price × quantity × (1 − discount), rounded half up to the minor unit. Prices are tax-inclusive.
//! - The tax in a ticket is worked out once per rate, on the sum of the rate's lines, as EN 16931 does per category (BT-117 from
//!   BT-116), not line by line: tax = gross × rate ÷ (1 + rate), rounded half up; net = gross − tax, so both add up to what is paid.
//! - Half up means away from zero: a refund mirrors its sale to the cent.
//!
//! Source: Union law sets no method of rounding tax; Member States do, within the principles of the VAT system (ECJ C-484/06
//! *Ahold*, 10 July 2008; C-302/07 *Wetherspoon*, 5 March 2009). Half up to the cent is the method in common use.
//! All of it is exact integer arithmetic: the products fit 128 bits for every price, quantity and discount there can be.

use super::{Discount, MoneyError, Quantity, Rate};

/// What a line costs, tax included, in minor units.
pub fn line_gross(unit_price_minor: i64, quantity: Quantity, discount: Discount) -> Result<i64, MoneyError> {
    let kept = i128::from(10_000 - discount.ten_thousandths());
    let exact = i128::from(unit_price_minor) * i128::from(quantity.millionths()) * kept;
    i64::try_from(divide_half_up(exact, 1_000_000 * 10_000)).map_err(|_| MoneyError::TooLarge)
}

/// The tax contained in a tax-inclusive amount.
pub fn contained_tax(gross_minor: i64, rate: Rate) -> i64 {
    let rate = i128::from(rate.millionths());
    i64::try_from(divide_half_up(i128::from(gross_minor) * rate, 1_000_000 + rate)).expect("tax contained in an amount is at most half of it")
}

/// Division by a positive number, rounded to the nearest; a half goes away from zero.
fn divide_half_up(dividend: i128, divisor: i128) -> i128 {
    let (whole, rest) = (dividend.abs() / divisor, dividend.abs() % divisor);
    let magnitude = if 2 * rest >= divisor { whole + 1 } else { whole };
    if dividend < 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::{Decimal, RoundingStrategy};

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    #[test]
    fn a_half_cent_goes_up_and_for_a_refund_away_from_zero() {
        let half: Quantity = "0.5".parse().unwrap();
        let minus_half: Quantity = "-0.5".parse().unwrap();
        assert_eq!(line_gross(101, half, Discount::NONE), Ok(51));
        assert_eq!(line_gross(101, minus_half, Discount::NONE), Ok(-51));
        assert_eq!(line_gross(99, half, Discount::NONE), Ok(50));
        assert_eq!(line_gross(1_800, Quantity::whole(5).unwrap(), "0.15".parse().unwrap()), Ok(7_650));
    }

    #[test]
    fn known_taxes() {
        for (gross, percent, tax) in
            [(12_000, "20", 2_000), (1_055, "5.5", 55), (100, "20", 17), (100, "10", 9), (1, "20", 0), (3, "20", 1), (-100, "20", -17), (500, "0", 0)]
        {
            assert_eq!(contained_tax(gross, rate(percent)), tax, "{gross} at {percent} %");
        }
    }

    #[test]
    fn the_extremes_are_an_error_or_exact_never_a_panic() {
        assert_eq!(line_gross(i64::MAX, Quantity::MAX, Discount::NONE), Err(MoneyError::TooLarge));
        assert_eq!(line_gross(i64::MIN, Quantity::MAX, Discount::NONE), Err(MoneyError::TooLarge));
        assert_eq!(line_gross(i64::MAX, Quantity::ONE, Discount::NONE), Ok(i64::MAX));
        assert_eq!(contained_tax(i64::MAX, rate("100")), i64::MAX / 2 + 1);
        assert_eq!(contained_tax(i64::MIN, rate("100")), i64::MIN / 2);
    }

    proptest! {
        #[test]
        fn a_line_is_what_decimals_say_rounded_half_away_from_zero(price in 0_i64..1_000_000, millionths in -9_999_000_000_i64..9_999_000_000, discount in 0_u16..=10_000) {
            let quantity = Quantity::from_millionths(millionths).unwrap();
            let kept = Decimal::ONE - Decimal::new(i64::from(discount), 4);
            let exact = Decimal::from(price) * quantity.to_decimal() * kept;
            let expected = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
            let gross = line_gross(price, quantity, Discount::from_ten_thousandths(discount).unwrap()).unwrap();
            prop_assert_eq!(Decimal::from(gross), expected);
        }

        #[test]
        fn more_of_it_never_costs_less_and_more_discount_never_more(price in 0_i64..10_000_000, a in 0_i64..1_000_000_000, b in 0_i64..1_000_000_000, off in 0_u16..10_000) {
            let (less, more) = (Quantity::from_millionths(a.min(b)).unwrap(), Quantity::from_millionths(a.max(b)).unwrap());
            let (some, further) = (Discount::from_ten_thousandths(off).unwrap(), Discount::from_ten_thousandths(off + 1).unwrap());
            prop_assert!(line_gross(price, less, some).unwrap() <= line_gross(price, more, some).unwrap());
            prop_assert!(line_gross(price, more, further).unwrap() <= line_gross(price, more, some).unwrap());
        }

        #[test]
        fn tax_lies_between_nothing_and_the_amount_and_grows_with_it(gross in 0_i64..i64::MAX - 1, millionths in 0_u32..=1_000_000) {
            let rate = Rate::from_millionths(millionths).unwrap();
            let tax = contained_tax(gross, rate);
            prop_assert!((0..=gross).contains(&tax));
            prop_assert!(tax <= contained_tax(gross + 1, rate));
            prop_assert_eq!(contained_tax(-gross, rate), -tax);
        }

        #[test]
        fn no_input_panics(price: i64, millionths in -1_000_000_000_000_000_i64..=1_000_000_000_000_000, discount in 0_u16..=10_000, rate in 0_u32..=1_000_000, gross: i64) {
            let _ = line_gross(price, Quantity::from_millionths(millionths).unwrap(), Discount::from_ten_thousandths(discount).unwrap());
            let _ = contained_tax(gross, Rate::from_millionths(rate).unwrap());
        }
    }
}
