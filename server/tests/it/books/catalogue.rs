//! What the office does to the catalogue while tills sell from it.

use super::scene::{COFFEE, COFFEE_PRICE, EUR, Shop, coffee};
use holdfast_domain::catalog::{Price, Product};
use holdfast_domain::kernel::resource::{Page, RecordView};
use holdfast_domain::kernel::{Money, Reference as _, RowVersion};
use holdfast_domain::sales::ticket::SoldItem;
use holdfast_server::rehearsal::Client;
use holdfast_sync::wire::Entry;
use serde_json::{Value, json};
use std::time::Duration;

const PRODUCTS: &str = "/api/v1/catalog/products";
const HOUR: Duration = Duration::from_secs(3_600);
const HOUR_MS: i64 = 3_600_000;

async fn office(shop: &Shop) -> (Client, RecordView) {
    let owner = shop.company.sign_in("owner").await.0;
    let listed: Page = owner.get(PRODUCTS).await.json();
    let names: Vec<&Value> = listed.records.iter().map(|record| &record.values["name"]).collect();
    assert_eq!(names, ["Bread", "Coffee"], "what the catalogue was written with is the office's");
    let coffee = listed.records.into_iter().find(|record| record.id == COFFEE.0).unwrap();
    assert_eq!(coffee.values["price"], json!({ "minor": 250, "currency": "EUR" }));
    (owner, coffee)
}

/// The newest version of coffee's price that a till was told of.
fn price_told(entries: &[Entry]) -> (u64, Option<Money>) {
    let mut prices = entries.iter().filter_map(|entry| match entry {
        Entry::Row { row, .. } if row.kind == Price::KIND && row.id == COFFEE_PRICE.0 => Some(row),
        _ => None,
    });
    let row = prices.next_back().unwrap();
    (row.version, Price::of(row).map(|price| price.unwrap().amount))
}

#[tokio::test]
async fn a_price_that_the_office_changes_is_the_tills_and_a_sale_at_the_former_one_is_ruled_on_as_ever() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    seller.till.pull_all().await;
    let (owner, product) = office(&shop).await;
    shop.company.test.world.pass(HOUR);
    let dearer = json!({ "values": { "price": { "minor": 300, "currency": "EUR" } } });
    let changed = owner.if_match(product.version).patch_json(&format!("{PRODUCTS}/{}", product.id), &dearer).await;
    assert_eq!(changed.status.as_u16(), 200, "{}", String::from_utf8_lossy(&changed.body));
    let before = seller.sell(&[coffee()]);
    seller.till.now = shop.now().plus_ms(HOUR_MS);
    let unaware = seller.sell(&[coffee()]);
    shop.company.test.world.pass(2 * HOUR);
    let (version, amount) = price_told(&seller.till.pull_all().await);
    assert_eq!((version, amount), (2, Some(Money::new(300, EUR))));
    let price = RowVersion { row: COFFEE_PRICE.0, version };
    let aware = seller.sell(&[SoldItem { price, unit_price: Money::new(300, EUR), ..coffee() }]);
    seller.push().await;
    assert_eq!(shop.rulings(before).await, [""; 0], "it was sold before the change");
    assert_eq!(shop.rulings(unaware).await, ["price_not_in_force"]);
    assert_eq!(shop.rulings(aware).await, [""; 0]);
}

#[tokio::test]
async fn a_new_product_never_takes_the_row_of_anothers_price() {
    let shop = Shop::open().await;
    let owner = shop.company.sign_in("owner").await.0;
    let values = json!({ "name": "Cuckoo", "price": { "minor": 1, "currency": "EUR" } });
    let refused = owner.post_json(PRODUCTS, &json!({ "id": COFFEE_PRICE.0, "values": values })).await;
    let said: Value = refused.json();
    assert_eq!((refused.status.as_u16(), &said["errors"]), (422, &json!([{ "field": "id", "wrong": "taken" }])));
}

#[tokio::test]
async fn an_archived_product_is_gone_from_tills_and_what_was_sold_of_it_stands() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    seller.till.pull_all().await;
    let before = seller.sell(&[coffee()]);
    seller.push().await;
    let (owner, product) = office(&shop).await;
    shop.company.test.world.pass(HOUR);
    let archived = owner.if_match(product.version).post_json(&format!("{PRODUCTS}/{}/archive", product.id), &json!({})).await;
    assert_eq!(archived.status.as_u16(), 200, "{}", String::from_utf8_lossy(&archived.body));
    let entries = seller.till.pull_all().await;
    let gone = |kind| entries.iter().any(|entry| matches!(entry, Entry::Row { row, .. } if row.kind == kind && row.body.is_none()));
    assert!(gone(Product::KIND) && gone(Price::KIND), "no till finds it any more");
    let (version, _) = price_told(&entries);
    seller.till.now = shop.now();
    // Whoever names the row in its new version names nothing that was ever for sale.
    let made_up = seller.sell(&[SoldItem { price: RowVersion { row: COFFEE_PRICE.0, version }, ..coffee() }]);
    seller.push().await;
    assert_eq!(shop.rulings(made_up).await, ["price_version_unknown"]);
    let ticket = shop.ticket(before).await;
    assert_eq!((ticket.rulings.len(), ticket.lines[0].name.as_str(), ticket.lines[0].unit_price), (0, "Coffee", Money::new(250, EUR)));
}
