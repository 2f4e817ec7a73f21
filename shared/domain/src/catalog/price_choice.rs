//! Which price holds, of a product's own and those that price lists say: pure, so that whoever sells and whoever checks it come to the same.
//!
//! A line counts where its list is for everybody or for the customer's group, holds on the day, and begins at no more than the quantity. Of the lines that count, one for a
//! group goes before one for everybody; then that of the list that began last (one that always held began first of all), then that of the list whose name comes first, by its
//! bytes, then by its id; of one list, the line that begins at the largest quantity. Where none counts, the product's own price holds. So no order of the lines, and no chance,
//! says what somebody pays.

use super::Unit;
use crate::kernel::{CustomerGroupId, Day, Money, PriceListId, PriceListLineId, ProductId, Quantity};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// The most lines that an answer tells; the one that holds is always among them.
pub const MOST_LISTED_PRICES: usize = 200;

/// A line that prices a product, with what of its list decides. Nothing that is archived becomes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListedPrice {
    /// The line.
    pub line: PriceListLineId,
    /// Its list.
    pub price_list: PriceListId,
    /// What the list is called.
    pub list_name: String,
    /// For whom; none for everybody.
    pub customer_group: Option<CustomerGroupId>,
    /// The first day on which the list holds; none where it always did.
    pub valid_from: Option<Day>,
    /// The last day on which the list holds; none where there is none yet.
    pub valid_until: Option<Day>,
    /// From which quantity on, in the product's unit.
    pub from_quantity: Quantity,
    /// Of one unit, tax included.
    pub price: Money,
}

/// For whom, how much, when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceQuestion {
    /// The group of whoever buys; none where nobody knows them, or they are in none.
    pub customer_group: Option<CustomerGroupId>,
    /// How much, in the product's unit.
    pub quantity: Quantity,
    /// In the calendar of where it is sold.
    pub day: Day,
}

/// What becomes of a line, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is the price.
    Holds,
    /// It counts, and another goes before it.
    Yields,
    /// Its list has not begun.
    NotYet,
    /// Its list is over.
    NoLonger,
    /// Its list is for others.
    OtherGroup,
    /// It begins at more than that.
    MoreNeeded,
}

/// A line with what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StandingPrice {
    /// The line.
    #[serde(flatten)]
    pub listed: ListedPrice,
    /// What the group is called that it is for; none for everybody, or where the reader may not look at groups.
    pub group_name: Option<String>,
    /// What becomes of it.
    pub standing: Standing,
}

/// What one unit of a product costs, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PriceAnswer {
    /// Of what.
    pub product: ProductId,
    /// What one of it is.
    pub unit: Unit,
    /// How much was asked about.
    pub quantity: Quantity,
    /// The day that was asked about.
    pub day: Day,
    /// The customer's group; none where no customer was named, or they are in none.
    pub customer_group: Option<CustomerGroupId>,
    /// One unit, tax included; none where nothing says a price.
    pub price: Option<Money>,
    /// The line that says so; none where the product's own price holds.
    pub line: Option<PriceListLineId>,
    /// What the product itself says; of a variant that says nothing, what its product does.
    pub own_price: Option<Money>,
    /// The lines that price it, in the order in which they go before each other, those that do not count behind; no more than 200.
    pub lines: Vec<StandingPrice>,
}

/// The line that holds; none where the product's own price does.
pub fn chosen<'a>(question: &PriceQuestion, lines: impl IntoIterator<Item = &'a ListedPrice>) -> Option<&'a ListedPrice> {
    lines.into_iter().filter(|line| hindrance(question, line).is_none()).max_by_key(|line| precedence(line))
}

/// The lines that hold on that day for that group, each from a quantity on, the smallest first: what is below the first, none of them prices. A line that holds again further up
/// stands again.
pub fn stepped((customer_group, day): (Option<CustomerGroupId>, Day), lines: &[ListedPrice]) -> Vec<(Quantity, &ListedPrice)> {
    let at = |quantity| chosen(&PriceQuestion { customer_group, quantity, day }, lines).map(|line| (quantity, line));
    let mut from: Vec<Quantity> = lines.iter().map(|line| line.from_quantity).collect();
    from.sort_unstable();
    let mut steps: Vec<(Quantity, &ListedPrice)> = from.into_iter().filter_map(at).collect();
    steps.dedup_by_key(|(_, line)| line.line);
    steps
}

/// What becomes of each line, in their order.
pub fn judged(question: &PriceQuestion, lines: &[ListedPrice]) -> Vec<Standing> {
    let holds = chosen(question, lines).map(|line| line.line);
    let standing = |line: &ListedPrice| match hindrance(question, line) {
        Some(hindrance) => hindrance,
        None if Some(line.line) == holds => Standing::Holds,
        None => Standing::Yields,
    };
    lines.iter().map(standing).collect()
}

/// Why a line does not count.
fn hindrance(question: &PriceQuestion, line: &ListedPrice) -> Option<Standing> {
    if line.valid_from.is_some_and(|first| question.day < first) {
        Some(Standing::NotYet)
    } else if line.valid_until.is_some_and(|last| last < question.day) {
        Some(Standing::NoLonger)
    } else if line.customer_group.is_some_and(|group| Some(group) != question.customer_group) {
        Some(Standing::OtherGroup)
    } else if question.quantity < line.from_quantity {
        Some(Standing::MoreNeeded)
    } else {
        None
    }
}

/// The largest goes first. The SQL that reads lines sorts them alike (`server/src/catalog/prices`).
fn precedence(line: &ListedPrice) -> impl Ord + '_ {
    (line.customer_group.is_some(), line.valid_from, Reverse((line.list_name.as_str(), line.price_list)), line.from_quantity, Reverse(line.line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    const WHOLESALE: CustomerGroupId = CustomerGroupId(Uuid::from_u128(1));
    const STAFF: CustomerGroupId = CustomerGroupId(Uuid::from_u128(2));

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn quantity(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    /// A list for everybody and for ever, with one line from the first on.
    fn line(n: u128, list: &str, minor: i64) -> ListedPrice {
        ListedPrice {
            line: PriceListLineId(Uuid::from_u128(n)),
            price_list: PriceListId(Uuid::from_u128(list.bytes().fold(0, |id, byte| id * 256 + u128::from(byte)))),
            list_name: list.to_owned(),
            customer_group: None,
            valid_from: None,
            valid_until: None,
            from_quantity: Quantity::ZERO,
            price: Money::new(minor, "EUR".parse().unwrap()),
        }
    }

    fn asked(customer_group: Option<CustomerGroupId>, count: &str, on: &str) -> PriceQuestion {
        PriceQuestion { customer_group, quantity: quantity(count), day: day(on) }
    }

    fn price(question: &PriceQuestion, lines: &[ListedPrice]) -> Option<i64> {
        chosen(question, lines).map(|line| line.price.minor)
    }

    #[test]
    fn a_list_for_the_customers_group_goes_before_one_for_everybody_and_is_nobody_elses() {
        let lines = [
            ListedPrice { valid_from: Some(day("2026-06-01")), ..line(1, "Summer", 100) },
            ListedPrice { customer_group: Some(WHOLESALE), ..line(2, "Trade", 110) },
        ];
        assert_eq!(price(&asked(Some(WHOLESALE), "1", "2026-06-01"), &lines), Some(110), "even where the other is cheaper");
        for group in [None, Some(STAFF)] {
            assert_eq!(price(&asked(group, "1", "2026-06-01"), &lines), Some(100));
        }
    }

    #[test]
    fn a_list_holds_from_its_first_day_to_its_last() {
        let lines = [ListedPrice { valid_from: Some(day("2026-06-01")), valid_until: Some(day("2026-08-31")), ..line(1, "Summer", 100) }];
        for (on, expected) in [("2026-05-31", None), ("2026-06-01", Some(100)), ("2026-08-31", Some(100)), ("2026-09-01", None)] {
            assert_eq!(price(&asked(None, "1", on), &lines), expected, "{on}");
        }
    }

    #[test]
    fn of_two_lists_that_began_the_later_goes_first_and_of_two_of_one_day_the_first_by_name() {
        let begun = |n, list: &str, minor, on: &str| ListedPrice { valid_from: Some(day(on)), ..line(n, list, minor) };
        let lines = [line(1, "Always", 120), begun(2, "B", 110, "2026-01-01"), begun(3, "A", 115, "2026-01-01"), begun(4, "C", 90, "2026-07-01")];
        for (on, expected) in [("2025-12-31", 120), ("2026-01-01", 115), ("2026-07-01", 90)] {
            assert_eq!(price(&asked(None, "1", on), &lines), Some(expected), "{on}");
        }
    }

    #[test]
    fn a_break_holds_from_its_quantity_on_and_below_the_first_another_list_does() {
        let from =
            |n, count: &str, minor| ListedPrice { from_quantity: quantity(count), valid_from: Some(day("2026-01-01")), ..line(n, "Crates", minor) };
        let lines = [from(1, "12", 100), from(2, "0.5", 110), from(3, "100", 80), line(4, "Always", 130)];
        for (count, expected) in [("0.499", 130), ("0.5", 110), ("11.999", 110), ("12", 100), ("99", 100), ("100", 80)] {
            assert_eq!(price(&asked(None, count, "2026-02-01"), &lines), Some(expected), "{count}");
        }
    }

    #[test]
    fn each_line_is_told_why_it_does_not_hold() {
        let lines = [
            line(1, "Always", 130),
            ListedPrice { customer_group: Some(STAFF), ..line(2, "Staff", 90) },
            ListedPrice { valid_from: Some(day("2026-02-02")), ..line(3, "Soon", 90) },
            ListedPrice { valid_until: Some(day("2026-01-31")), ..line(4, "Over", 90) },
            ListedPrice { from_quantity: quantity("2"), ..line(5, "Two", 90) },
            ListedPrice { valid_from: Some(day("2026-02-01")), ..line(6, "New", 120) },
        ];
        let told = judged(&asked(None, "1", "2026-02-01"), &lines);
        let expected = [Standing::Yields, Standing::OtherGroup, Standing::NotYet, Standing::NoLonger, Standing::MoreNeeded, Standing::Holds];
        assert_eq!(told, expected);
        assert_eq!(chosen(&asked(None, "1", "2026-02-01"), &[]), None, "the product's own");
    }

    prop_compose! {
        fn any_day()(month in 1_u8..=3, at in 1_u8..=5) -> Day {
            Day::new(2026, month, at).unwrap()
        }
    }

    fn any_group() -> impl Strategy<Value = Option<CustomerGroupId>> {
        prop_oneof![Just(None), Just(Some(WHOLESALE)), Just(Some(STAFF))]
    }

    /// Lists whose lines say of themselves what their list says, with few names, so that some are equal in everything but their ids.
    fn any_lines() -> impl Strategy<Value = Vec<ListedPrice>> {
        let list = (any_group(), prop::option::of(any_day()), prop::option::of(any_day()), "[ab]", prop::collection::btree_set(0_u32..6, 0..4));
        prop::collection::vec(list, 0..6).prop_map(|lists| {
            let lines = lists.into_iter().enumerate().flat_map(|(n, (customer_group, valid_from, valid_until, list_name, breaks))| {
                let n = n as u128 * 10;
                breaks.into_iter().enumerate().map(move |(place, count)| ListedPrice {
                    line: PriceListLineId(Uuid::from_u128(n + place as u128)),
                    price_list: PriceListId(Uuid::from_u128(n)),
                    list_name: list_name.clone(),
                    customer_group,
                    valid_from,
                    valid_until,
                    from_quantity: Quantity::whole(count).unwrap(),
                    price: Money::new(i64::from(count) + 1, "EUR".parse().unwrap()),
                })
            });
            lines.collect()
        })
    }

    proptest! {
        #[test]
        fn what_is_chosen_follows_from_the_lines_and_not_from_their_order(
            (lines, shuffled) in any_lines().prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle())),
            customer_group in any_group(), count in 0_u32..7, day in any_day(),
        ) {
            let question = PriceQuestion { customer_group, quantity: Quantity::whole(count).unwrap(), day };
            prop_assert_eq!(chosen(&question, &lines), chosen(&question, &shuffled));
        }

        #[test]
        fn what_is_chosen_counts_and_nothing_that_counts_is_passed_over(
            lines in any_lines(), customer_group in any_group(), count in 0_u32..7, day in any_day(),
        ) {
            let question = PriceQuestion { customer_group, quantity: Quantity::whole(count).unwrap(), day };
            let counts = |line: &&ListedPrice| {
                line.valid_from.is_none_or(|first| first <= day) && line.valid_until.is_none_or(|last| day <= last)
                    && (line.customer_group.is_none() || line.customer_group == customer_group) && line.from_quantity <= question.quantity
            };
            let Some(holds) = chosen(&question, &lines) else {
                prop_assert_eq!(lines.iter().find(counts), None, "no line counts, and the product's own price holds");
                return Ok(());
            };
            prop_assert!(counts(&holds));
            for other in lines.iter().filter(counts) {
                prop_assert!(holds.customer_group.is_some() || other.customer_group.is_none(), "a group's goes first");
                if holds.customer_group == other.customer_group {
                    prop_assert!(holds.valid_from >= other.valid_from, "what began last goes first");
                }
                if holds.price_list == other.price_list {
                    prop_assert!(holds.from_quantity >= other.from_quantity, "the largest break goes first");
                }
            }
            let told = judged(&question, &lines);
            prop_assert_eq!(told.iter().filter(|standing| **standing == Standing::Holds).count(), 1);
            prop_assert_eq!(lines.iter().filter(counts).count(), told.iter().filter(|standing| matches!(standing, Standing::Holds | Standing::Yields)).count());
        }

        #[test]
        fn the_steps_say_of_every_quantity_what_would_be_chosen(lines in any_lines(), customer_group in any_group(), count in 0_u32..7, day in any_day()) {
            let quantity = Quantity::whole(count).unwrap();
            let steps = stepped((customer_group, day), &lines);
            let reached = steps.iter().rev().find(|(from, _)| *from <= quantity).map(|(_, line)| *line);
            prop_assert_eq!(reached, chosen(&PriceQuestion { customer_group, quantity, day }, &lines));
            prop_assert!(steps.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1.line != pair[1].1.line), "each begins once");
        }

        #[test]
        fn more_of_it_never_leads_back_to_an_earlier_break(lines in any_lines(), count in 0_u32..6, day in any_day()) {
            let at = |count| chosen(&PriceQuestion { customer_group: None, quantity: Quantity::whole(count).unwrap(), day }, &lines);
            if let (Some(less), Some(more)) = (at(count), at(count + 1)) && less.price_list == more.price_list {
                prop_assert!(less.from_quantity <= more.from_quantity);
            }
        }
    }
}
