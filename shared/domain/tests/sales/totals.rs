//! Whatever is rung up, the sums hold.

use crate::scene::{Scene, bread, eur, receipt};
use holdfast_domain::kernel::{Discount, Quantity, Rate, contained_tax, line_gross};
use holdfast_domain::sales::ticket::{AddLine, PayCash, Ticket};
use proptest::prelude::*;

fn any_line() -> impl Strategy<Value = AddLine> {
    (0_i64..5_000_000, 1_i64..50_000_000, 0_u16..=10_000, prop::sample::select(vec![0_u32, 55_000, 100_000, 200_000])).prop_map(
        |(price, millionths, discount, rate)| {
            let mut line = bread();
            line.item.unit_price = eur(price);
            line.item.quantity = Quantity::from_millionths(millionths).unwrap();
            line.item.discount = Discount::from_ten_thousandths(discount).unwrap();
            line.item.tax_rate = Rate::from_millionths(rate).unwrap();
            line
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nets_and_taxes_of_all_rates_are_what_the_lines_come_to_and_what_is_paid(lines in prop::collection::vec(any_line(), 1..20)) {
        let mut scene = Scene::ticket();
        for line in &lines {
            scene.does(line);
        }
        let totals = scene.folded::<Ticket>().totals();
        let sum: i64 = lines.iter().map(|line| line_gross(line.item.unit_price.minor, line.item.quantity, line.item.discount).unwrap()).sum();
        prop_assert_eq!(totals.gross_minor, sum);
        prop_assert_eq!(totals.by_rate.iter().map(|rate| rate.net_minor + rate.tax_minor).sum::<i64>(), sum);
        prop_assert_eq!(totals.by_rate.iter().map(|rate| rate.tax_minor).sum::<i64>(), totals.tax_minor);
        for rate in &totals.by_rate {
            prop_assert_eq!(rate.tax_minor, contained_tax(rate.gross_minor, rate.rate), "once per rate, not line by line");
        }
        scene.does(&PayCash { tendered: eur(sum + 5), receipt: receipt(1) });
        let ticket = scene.folded::<Ticket>();
        prop_assert_eq!(ticket.paid_minor(), sum);
        prop_assert_eq!(ticket.payments[0].1.fact.change, eur(5));
    }

    #[test]
    fn facts_fold_the_same_in_whatever_order_they_arrive(lines in prop::collection::vec(any_line(), 1..10), order: u64) {
        let mut scene = Scene::ticket();
        for line in &lines {
            scene.does(line);
        }
        let mut facts: Vec<_> = scene.facts.iter().map(|(container, id, bytes)| (container.to_owned(), id, bytes.to_vec())).collect();
        facts.sort_by_key(|(_, id, _)| u128::from_be_bytes(*id.as_bytes()).wrapping_mul(u128::from(order) | 1));
        let mut arrived = holdfast_sync::kind::Facts::default();
        for (container, id, bytes) in facts {
            arrived.insert(&container, id, bytes);
        }
        prop_assert_eq!(&holdfast_domain::kernel::fold::<Ticket>(&arrived).document, &scene.folded::<Ticket>());
    }
}

#[test]
fn tax_is_worked_out_per_rate_on_the_ticket() {
    let mut scene = Scene::ticket();
    for _ in 0..3 {
        let mut line = bread();
        line.item.quantity = Quantity::ONE;
        line.item.unit_price = eur(1);
        line.item.tax_rate = "20".parse().unwrap();
        scene.does(&line);
    }
    let totals = scene.folded::<Ticket>().totals();
    assert_eq!((totals.gross_minor, totals.tax_minor), (3, 1), "line by line it would be nothing");
}
