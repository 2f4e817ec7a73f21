//! Lines whose price follows from how many there are.

use crate::rules::{Attempt, merged};
use crate::scene::{Scene, bread, eur, receipt};
use holdfast_domain::kernel::{FactId, Quantity, RowVersion, line_gross};
use holdfast_domain::sales::ticket::{AddLineWithBreaks, ChangeQuantity, MAX_BREAKS, PayCash, PriceBreak, Ticket};
use proptest::prelude::*;

/// Three of bread at 1.20, with these breaks.
pub fn with_breaks(breaks: &[(&str, i64)]) -> AddLineWithBreaks {
    let at = |(n, (from, minor)): (u64, &(&str, i64))| PriceBreak {
        from: from.parse().unwrap(),
        unit_price: eur(*minor),
        price: RowVersion { row: uuid::Uuid::from_bytes([0xbb; 16]), version: n },
    };
    AddLineWithBreaks { item: bread().item, breaks: (1..).zip(breaks).map(at).collect() }
}

/// None at all, one from none on, not in order, twice from the same, too many.
pub fn invalid() -> Vec<Attempt> {
    let many: Vec<String> = (1..=MAX_BREAKS + 1).map(|from| from.to_string()).collect();
    let many: Vec<(&str, i64)> = many.iter().map(|from| (from.as_str(), 100)).collect();
    let wrong: [&[(&str, i64)]; 6] = [&[], &[("0", 100)], &[("-1", 100)], &[("12", 80), ("4", 100)], &[("4", 100), ("4", 80)], &many];
    wrong.iter().map(|breaks| Scene::ticket().tries(&with_breaks(breaks))).collect()
}

fn line_of(scene: &Scene) -> (i64, i64) {
    let ticket = scene.folded::<Ticket>();
    (ticket.lines[0].unit_price().minor, ticket.totals().gross_minor)
}

#[test]
fn all_of_a_line_costs_what_its_quantity_reaches_up_and_down() {
    let mut scene = Scene::ticket();
    let line = scene.does(&with_breaks(&[("4", 100), ("12", 80)]));
    assert_eq!(line_of(&scene), (120, 360));
    for (by, expected) in
        [("1", (100, 400)), ("7", (100, 1_100)), ("1", (80, 960)), ("-9", (120, 360)), ("0.999999", (120, 480)), ("0.000001", (100, 400))]
    {
        scene.does(&ChangeQuantity { line, by: by.parse().unwrap() });
        assert_eq!(line_of(&scene), expected, "after {by}");
    }
    scene.does(&PayCash { tendered: eur(400), receipt: receipt(1) });
    assert_eq!(scene.folded::<Ticket>().paid_minor(), 400);
}

#[test]
fn two_tabs_that_each_add_some_come_to_the_price_of_all() {
    let mut scene = Scene::ticket();
    let line: FactId = scene.does(&with_breaks(&[("12", 80)]));
    let (mut one, mut other) = (Scene { facts: scene.facts.clone(), ..Scene::ticket() }, Scene { facts: scene.facts.clone(), ..Scene::ticket() });
    one.step = 20;
    other.step = 30;
    one.does(&ChangeQuantity { line, by: "4".parse().unwrap() });
    other.does(&ChangeQuantity { line, by: "5".parse().unwrap() });
    assert_eq!((line_of(&one), line_of(&other)), ((120, 840), (120, 960)));
    let ticket = merged(&one, &other);
    assert_eq!((ticket.lines[0].unit_price().minor, ticket.totals().gross_minor), (80, 960));
}

proptest! {
    #[test]
    fn a_line_comes_to_the_price_of_the_last_break_that_it_reaches(
        breaks in prop::collection::btree_map(1_i64..50_000_000, 0_i64..1_000, 1..MAX_BREAKS), quantity in 1_i64..60_000_000,
    ) {
        let mut add = with_breaks(&[]);
        add.item.quantity = Quantity::from_millionths(quantity).unwrap();
        add.breaks = breaks.iter().map(|(from, minor)| PriceBreak {
            from: Quantity::from_millionths(*from).unwrap(), unit_price: eur(*minor), price: add.item.price,
        }).collect();
        let expected = breaks.range(..=quantity).next_back().map_or(120, |(_, minor)| *minor);
        let mut scene = Scene::ticket();
        scene.does(&add);
        prop_assert_eq!(line_of(&scene), (expected, line_gross(expected, add.item.quantity, add.item.discount).unwrap()));
    }
}
