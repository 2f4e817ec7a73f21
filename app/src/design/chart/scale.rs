//! The axis of a chart: from zero to a round number.

/// An axis that ends at a round number at or above the largest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    top: i64,
}

impl Scale {
    /// The axis for values up to `most`: it ends at 1, 2, 4, 5 or 8 times a power of ten, which four equal steps divide evenly.
    pub fn up_to(most: i64) -> Self {
        let mut unit: i64 = 100;
        loop {
            for factor in [1, 2, 4, 5, 8] {
                let top = unit.saturating_mul(factor);
                if top >= most {
                    return Self { top };
                }
            }
            unit = unit.saturating_mul(10);
        }
    }

    /// The five marks of the axis, from the top down.
    pub fn marks(self) -> [i64; 5] {
        [4, 3, 2, 1, 0].map(|step| self.top / 4 * step)
    }

    /// A value's share of the axis, in `of` parts; below zero is zero.
    pub fn share(self, value: i64, of: i64) -> i64 {
        let share = i128::from(value.clamp(0, self.top)) * i128::from(of) / i128::from(self.top);
        i64::try_from(share).expect("no more than `of`")
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn an_axis_ends_at_a_round_number_above_the_largest_value() {
        for (most, top) in [(0, 100), (100, 100), (101, 200), (3_999, 4_000), (4_001, 5_000), (5_001, 8_000), (8_001, 10_000), (123_456, 200_000)] {
            assert_eq!(Scale::up_to(most).marks()[0], top, "{most}");
        }
    }

    #[test]
    fn an_axis_holds_even_the_largest_number_there_is() {
        let scale = Scale::up_to(i64::MAX);
        assert_eq!(scale.share(i64::MAX, 1_000), 1_000);
    }

    #[test]
    fn a_bar_is_as_high_as_its_value_is_large() {
        let scale = Scale::up_to(8_000);
        assert_eq!([0, 2_000, 8_000, -5].map(|value| scale.share(value, 1_000)), [0, 250, 1_000, 0]);
    }
}
