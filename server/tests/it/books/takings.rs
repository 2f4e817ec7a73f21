//! Takings by the clock of the site.

use super::scene::{Seller, Shop, bread, coffee};
use holdfast_domain::kernel::Timestamp;
use std::time::Duration;

/// The shop as of that instant, in seconds since 1970.
async fn shop_at(seconds: u64) -> Shop {
    let shop = Shop::open().await;
    let now = u64::try_from(shop.now().0).unwrap();
    shop.company.test.world.pass(Duration::from_millis(seconds * 1_000 - now));
    shop
}

async fn sell_at(seller: &mut Seller, shop: &Shop, seconds: i64) {
    let wait = u64::try_from(seconds * 1_000 - shop.now().0).unwrap();
    shop.company.test.world.pass(Duration::from_millis(wait));
    seller.till.now = shop.now();
    seller.sell(&[coffee()]);
}

#[tokio::test]
async fn a_sale_counts_on_the_day_and_in_the_hour_that_the_sites_clock_shows() {
    // 2026-12-31 23:59:59 and 2027-01-01 00:00:00 in Paris, an hour ahead of UTC.
    let midnight = 1_798_758_000;
    let shop = shop_at(midnight as u64 - 3_600).await;
    let mut seller = shop.seller(0, 1).await;
    sell_at(&mut seller, &shop, midnight - 1).await;
    sell_at(&mut seller, &shop, midnight).await;
    seller.push().await;
    shop.hear().await;
    let till = seller.till.till;
    assert_eq!(shop.takings("2026-12-31").await, [(till, Timestamp((midnight - 3_600) * 1_000), 250, 1)]);
    assert_eq!(shop.takings("2027-01-01").await, [(till, Timestamp(midnight * 1_000), 250, 1)]);
}

#[tokio::test]
async fn takings_beyond_what_can_be_counted_stop_there_and_stop_nothing_else() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee()]);
    seller.push().await;
    shop.hear().await;
    let mut tx = shop.company.test.tenant(shop.tenant()).await;
    sqlx::query("update reporting_takings set gross_minor = 9223372036854775807").execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    seller.sell(&[bread()]);
    seller.push().await;
    shop.hear().await;
    let mut tx = shop.company.test.tenant(shop.tenant()).await;
    let counted: (i64, i64) = sqlx::query_as("select gross_minor, tickets from reporting_takings").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(counted, (i64::MAX, 2));
}

#[tokio::test]
async fn the_hour_that_an_autumn_night_repeats_is_two() {
    // 2027-10-31 in Paris: 02:30 summer time is 00:30 UTC, 02:30 winter time is 01:30 UTC.
    let half_past_midnight = 1_824_942_600;
    let shop = shop_at(half_past_midnight as u64 - 3_600).await;
    let mut seller = shop.seller(0, 1).await;
    sell_at(&mut seller, &shop, half_past_midnight).await;
    sell_at(&mut seller, &shop, half_past_midnight + 3_600).await;
    sell_at(&mut seller, &shop, half_past_midnight + 3_601).await;
    seller.push().await;
    shop.hear().await;
    let (till, began) = (seller.till.till, (half_past_midnight - 1_800) * 1_000);
    assert_eq!(shop.takings("2027-10-31").await, [(till, Timestamp(began), 250, 1), (till, Timestamp(began + 3_600_000), 500, 2)]);
}

#[tokio::test]
async fn the_hour_that_a_spring_night_leaves_out_is_not_there() {
    // 2027-03-28 in Paris: 01:59:59 is followed by 03:00:00, at 01:00 UTC.
    let leap = 1_806_195_600;
    let shop = shop_at(leap as u64 - 3_600).await;
    let mut seller = shop.seller(0, 1).await;
    sell_at(&mut seller, &shop, leap - 1).await;
    sell_at(&mut seller, &shop, leap).await;
    seller.push().await;
    shop.hear().await;
    let till = seller.till.till;
    let hours = [(till, Timestamp((leap - 3_600) * 1_000), 250, 1), (till, Timestamp(leap * 1_000), 250, 1)];
    assert_eq!(shop.takings("2027-03-28").await, hours);
}

#[tokio::test]
async fn takings_are_the_sum_of_the_payments_per_till() {
    let shop = Shop::open().await;
    let mut first = shop.seller(0, 1).await;
    let mut second = shop.seller(1, 2).await;
    first.sell(&[coffee(), bread()]);
    first.sell(&[coffee()]);
    second.sell(&[bread()]);
    second.ring_up(&[coffee()]);
    first.push().await;
    second.push().await;
    shop.hear().await;
    let hour = shop.now();
    assert_eq!(shop.takings("2026-11-20").await, [(first.till.till, hour, 620, 2), (second.till.till, hour, 120, 1)]);
    assert_eq!(shop.takings("2026-11-19").await, []);
}
