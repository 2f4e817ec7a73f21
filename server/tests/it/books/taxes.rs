//! A tax rate that changes on a day: tills reckon with it from that day on, and the books agree.

use super::scene::{EUR, STANDARD, Seller, Shop, coffee};
use holdfast_domain::catalog::TaxChange;
use holdfast_domain::kernel::resource::RecordView;
use holdfast_domain::kernel::{DocumentId, Money, RowVersion, Timestamp};
use holdfast_domain::sales::ticket::{SoldItem, TicketRuling};
use holdfast_server::rehearsal::Client;
use holdfast_sync::wire::Entry;
use serde_json::{Value, json};
use std::time::Duration;

const CHANGES: &str = "/api/v1/catalog/tax_changes";
const DAY: Duration = Duration::from_secs(24 * 3_600);
const DAY_MS: i64 = 24 * 3_600 * 1_000;
const HOUR_MS: i64 = 3_600 * 1_000;

/// 22 % from the 1st of December on, written on the 20th of November.
async fn announce(owner: &Client) -> RecordView {
    let values = json!({ "name": "Law 141", "tax_rate": STANDARD.0, "valid_from": "2026-12-01", "rate": "22" });
    let made = owner.post_json(CHANGES, &json!({ "values": values })).await;
    assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    made.json()
}

fn told(entries: &[Entry]) -> Vec<(RowVersion, Option<TaxChange>)> {
    let row = |entry: &Entry| match entry {
        Entry::Row { row, .. } if row.kind == "catalog.tax_change" => {
            let body = row.body.as_ref().map(|body| holdfast_sync::cbor::decode(body.as_ref()).unwrap());
            Some((RowVersion { row: row.id, version: row.version }, body))
        }
        _ => None,
    };
    entries.iter().filter_map(row).collect()
}

fn at_22(tax: RowVersion) -> SoldItem {
    SoldItem { tax, tax_rate: "22".parse().unwrap(), ..coffee() }
}

/// Sells while the till's clock says so.
fn sold_at(seller: &mut Seller, at: Timestamp, item: SoldItem) -> DocumentId {
    seller.till.now = at;
    seller.sell(&[item])
}

#[tokio::test]
async fn a_till_that_was_told_weeks_before_sells_by_the_day_and_is_ruled_on_by_nothing() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let owner = shop.company.sign_in("owner").await.0;
    seller.till.pull_all().await;
    let change = announce(&owner).await;
    let rows = told(&seller.till.pull_all().await);
    let row = RowVersion { row: change.id, version: 1 };
    let body = TaxChange { tax_rate: STANDARD, valid_from: "2026-12-01".parse().unwrap(), rate: "22".parse().unwrap() };
    assert_eq!(rows, [(row, Some(body))]);
    // The 20th, nine in the morning: ten days and fourteen hours later it is midnight in Paris.
    let midnight = shop.now().plus_ms(10 * DAY_MS + 14 * HOUR_MS);
    let before = sold_at(&mut seller, midnight.plus_ms(-1), coffee());
    let after = sold_at(&mut seller, midnight, at_22(row));
    let weeks_later = sold_at(&mut seller, midnight.plus_ms(20 * DAY_MS), at_22(row));
    shop.company.test.world.pass(40 * DAY);
    seller.push().await;
    for ticket in [before, after, weeks_later] {
        assert_eq!(shop.rulings(ticket).await, [""; 0]);
    }
    // Receipt, office and books say the same: 2.50 has 0.45 in it at 22 %.
    let detail = shop.ticket(after).await;
    assert_eq!((detail.taxes.len(), detail.taxes[0].rate.to_string().as_str(), detail.taxes[0].tax), (1, "22", Money::new(45, EUR)));
}

#[tokio::test]
async fn a_rate_of_another_day_is_ruled_on_with_the_one_that_held() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let owner = shop.company.sign_in("owner").await.0;
    let change = announce(&owner).await;
    let row = RowVersion { row: change.id, version: 1 };
    let midnight = shop.now().plus_ms(10 * DAY_MS + 14 * HOUR_MS);
    let early = sold_at(&mut seller, midnight.plus_ms(-HOUR_MS), at_22(row));
    let late = sold_at(&mut seller, midnight.plus_ms(HOUR_MS), coffee());
    // Opened before midnight and paid after it: the day of the opening holds for all of it.
    seller.till.now = midnight.plus_ms(-1);
    let across = seller.ring_up(&[coffee()]);
    seller.till.now = midnight.plus_ms(HOUR_MS);
    seller.till.act(super::scene::TICKET, across, &holdfast_domain::sales::ticket::AddLine { item: coffee() });
    seller.pay(across);
    shop.company.test.world.pass(12 * DAY);
    seller.push().await;
    let ruled = async |ticket| {
        let mut rulings = shop.ticket(ticket).await.rulings;
        assert_eq!(rulings.len(), 1, "{rulings:?}");
        rulings.remove(0).ruling
    };
    let in_force = |ruling: TicketRuling| match ruling {
        TicketRuling::TaxNotInForce { in_force, .. } => in_force.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!((in_force(ruled(early).await), in_force(ruled(late).await)), ("20".to_owned(), "22".to_owned()));
    assert_eq!(shop.exceptions(early).await, ["tax_not_in_force"]);
    assert_eq!(shop.rulings(across).await, [""; 0]);
    // A version that was never written, and one that says another rate, are what they were.
    let made_up = sold_at(&mut seller, shop.now(), at_22(RowVersion { row: change.id, version: 7 }));
    let differs = sold_at(&mut seller, shop.now(), SoldItem { tax: row, tax_rate: "21".parse().unwrap(), ..coffee() });
    seller.push().await;
    assert_eq!((shop.rulings(made_up).await, shop.rulings(differs).await), (vec!["tax_version_unknown".to_owned()], vec!["tax_differs".to_owned()]));
}

#[tokio::test]
async fn a_change_that_is_taken_back_is_gone_from_tills_and_holds_no_more() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let owner = shop.company.sign_in("owner").await.0;
    let change = announce(&owner).await;
    seller.till.pull_all().await;
    let away = owner.if_match(1).post_json(&format!("{CHANGES}/{}/archive", change.id), &json!({ "reason": "postponed" })).await;
    assert_eq!(away.status.as_u16(), 200, "{}", String::from_utf8_lossy(&away.body));
    assert_eq!(told(&seller.till.pull_all().await), [(RowVersion { row: change.id, version: 2 }, None)]);
    let ticket = sold_at(&mut seller, shop.now().plus_ms(12 * DAY_MS), coffee());
    shop.company.test.world.pass(13 * DAY);
    seller.push().await;
    assert_eq!(shop.rulings(ticket).await, [""; 0]);
}

#[tokio::test]
async fn a_tax_rate_changes_once_on_a_day() {
    let shop = Shop::open().await;
    let owner = shop.company.sign_in("owner").await.0;
    announce(&owner).await;
    let values = json!({ "name": "Law 142", "tax_rate": STANDARD.0, "valid_from": "2026-12-01", "rate": "23" });
    let refused = owner.post_json(CHANGES, &json!({ "values": values })).await;
    let said: Value = refused.json();
    assert_eq!((refused.status.as_u16(), &said["errors"]), (422, &json!([{ "field": "valid_from", "wrong": "taken" }])));
    let other_day = json!({ "name": "Law 142", "tax_rate": STANDARD.0, "valid_from": "2026-12-02", "rate": "23" });
    assert_eq!(owner.post_json(CHANGES, &json!({ "values": other_day })).await.status.as_u16(), 201);
    for (field, value) in [("valid_from", json!("2026-02-30")), ("rate", json!("101")), ("tax_rate", json!(uuid::Uuid::from_u128(5)))] {
        let mut values = json!({ "name": "Law", "tax_rate": STANDARD.0, "valid_from": "2027-01-01", "rate": "23" });
        values[field] = value;
        let said: Value = owner.post_json(CHANGES, &json!({ "values": values })).await.json();
        assert_eq!(said["errors"][0]["field"], field, "{said}");
    }
}
