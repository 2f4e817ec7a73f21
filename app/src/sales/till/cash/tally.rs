//! A drawer being counted: how many of each note and coin.

use super::denominations::Denominations;

/// How many of each were counted; what was not looked at yet is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    counted: Vec<(i64, Option<u32>)>,
}

/// More of one coin than this is a slip of the finger: no drawer holds it.
const MOST_OF_ONE: u32 = 99_999;

impl Tally {
    /// Nothing counted yet.
    pub fn of(denominations: Denominations) -> Self {
        Self { counted: denominations.all().map(|value| (value, None)).collect() }
    }

    /// How many of one were counted.
    pub fn count(&self, value_minor: i64) -> Option<u32> {
        self.counted.iter().find(|(value, _)| *value == value_minor).and_then(|(_, count)| *count)
    }

    /// Says how many of one there are, as typed; what is no number is not taken, nothing typed is not counted.
    pub fn say(&mut self, value_minor: i64, typed: &str) {
        let typed = typed.trim();
        let count = if typed.is_empty() { Some(None) } else { typed.parse().ok().filter(|count| *count <= MOST_OF_ONE).map(Some) };
        if let (Some(count), Some(place)) = (count, self.counted.iter_mut().find(|(value, _)| *value == value_minor)) {
            place.1 = count;
        }
    }

    /// One more, or one less but never below none.
    pub fn step(&mut self, value_minor: i64, up: bool) {
        if let Some((_, count)) = self.counted.iter_mut().find(|(value, _)| *value == value_minor) {
            let now = count.unwrap_or(0);
            *count = Some(if up { now.saturating_add(1).min(MOST_OF_ONE) } else { now.saturating_sub(1) });
        }
    }

    /// What lies there in all, in minor units; none before anything was counted.
    pub fn sum_minor(&self) -> Option<i64> {
        let counted = self.counted.iter().filter_map(|(value, count)| count.map(|count| value * i64::from(count)));
        counted.fold(None, |sum, amount| Some(sum.unwrap_or(0) + amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros() -> Tally {
        Tally::of(Denominations::of("EUR"))
    }

    #[test]
    fn a_drawer_adds_up() {
        let mut tally = euros();
        for (value, count) in [(5_000, "2"), (1_000, " 3 "), (200, "7"), (1, "4")] {
            tally.say(value, count);
        }
        assert_eq!(tally.sum_minor(), Some(10_000 + 3_000 + 1_400 + 4));
    }

    #[test]
    fn nothing_counted_is_not_an_empty_drawer() {
        let mut tally = euros();
        assert_eq!(tally.sum_minor(), None);
        tally.say(5_000, "0");
        assert_eq!(tally.sum_minor(), Some(0));
        tally.say(5_000, "");
        assert_eq!(tally.sum_minor(), None, "taken back");
    }

    #[test]
    fn what_is_no_number_of_coins_is_not_taken() {
        let mut tally = euros();
        tally.say(100, "12");
        for wrong in ["-1", "1.5", "x", "100000", "99999999999999999999"] {
            tally.say(100, wrong);
            assert_eq!(tally.count(100), Some(12), "{wrong:?}");
        }
        tally.say(3, "1");
        assert_eq!(tally.sum_minor(), Some(1_200), "there is no coin of three cents");
    }

    #[test]
    fn steps_never_go_below_none() {
        let mut tally = euros();
        tally.step(50, false);
        assert_eq!(tally.count(50), Some(0));
        tally.step(50, true);
        tally.step(50, true);
        assert_eq!(tally.sum_minor(), Some(100));
    }
}
