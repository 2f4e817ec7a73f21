//! Tills sell by the price lists for everybody: what the office says reaches them at once, and what they sold weeks later by it the books agree with.

use super::rulings::two_at_one_ticket;
use super::scene::{COFFEE, EUR, Seller, Shop, TICKET, bread, coffee};
use holdfast_domain::catalog::{PriceList, PriceListLine};
use holdfast_domain::kernel::resource::RecordView;
use holdfast_domain::kernel::{DocumentId, FactId, Money, PriceListId, Quantity, Reference, RowVersion, Timestamp};
use holdfast_domain::sales::ticket::{AddLine, AddLineWithBreaks, ChangeQuantity, PriceBreak, SoldItem, TicketRuling};
use holdfast_server::rehearsal::Client;
use holdfast_sync::wire::Entry;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const LISTS: &str = "/api/v1/catalog/price_lists";
const LINES: &str = "/api/v1/catalog/price_list_lines";
const DAY: Duration = Duration::from_secs(24 * 3_600);
const DAY_MS: i64 = 24 * 3_600 * 1_000;
const HOUR_MS: i64 = 3_600_000;

async fn open() -> (Shop, Seller, Client) {
    let shop = Shop::open().await;
    let seller = shop.seller(0, 1).await;
    let owner = shop.company.sign_in("owner").await.0;
    (shop, seller, owner)
}

async fn make(owner: &Client, path: &str, values: Value) -> RecordView {
    let made = owner.post_json(path, &json!({ "values": values })).await;
    assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    made.json()
}

async fn change(owner: &Client, path: &str, record: &RecordView, values: Value) -> RecordView {
    let changed = owner.if_match(record.version).patch_json(&format!("{path}/{}", record.id), &json!({ "values": values })).await;
    assert_eq!(changed.status.as_u16(), 200, "{}", String::from_utf8_lossy(&changed.body));
    changed.json()
}

async fn put_away(owner: &Client, path: &str, record: &RecordView, how: &str) -> RecordView {
    let done = owner.if_match(record.version).post_json(&format!("{path}/{}/{how}", record.id), &json!({})).await;
    assert_eq!(done.status.as_u16(), 200, "{}", String::from_utf8_lossy(&done.body));
    done.json()
}

async fn coffee_line(owner: &Client, list: &RecordView, from: &str, minor: i64) -> RecordView {
    let price = json!({ "minor": minor, "currency": "EUR" });
    make(owner, LINES, json!({ "price_list": list.id, "product": COFFEE.0, "from_quantity": from, "price": price })).await
}

/// The rows of a kind that a till was told of, in order.
fn told<R: Reference>(entries: &[Entry]) -> Vec<(RowVersion, Option<R>)> {
    let row = |entry: &Entry| match entry {
        Entry::Row { row, .. } if row.kind == R::KIND => Some((RowVersion { row: row.id, version: row.version }, R::of(row).map(|row| row.unwrap()))),
        _ => None,
    };
    entries.iter().filter_map(row).collect()
}

fn version(row: Uuid, version: u64) -> RowVersion {
    RowVersion { row, version }
}

fn at(price: RowVersion, minor: i64) -> SoldItem {
    SoldItem { price, unit_price: Money::new(minor, EUR), ..coffee() }
}

fn sold_at(seller: &mut Seller, now: Timestamp, item: SoldItem) -> DocumentId {
    seller.till.now = now;
    seller.sell(&[item])
}

/// A ticket with one line of coffee, which has these breaks, in so many at last.
fn sold_with_breaks(seller: &mut Seller, item: SoldItem, breaks: &[PriceBreak], more: u32) -> DocumentId {
    let ticket = seller.ring_up(&[]);
    let line = seller.till.act(TICKET, ticket, &AddLineWithBreaks { item, breaks: breaks.to_vec() });
    if more > 0 {
        seller.till.act(TICKET, ticket, &ChangeQuantity { line: FactId::of(line, 0), by: Quantity::whole(more).unwrap() });
    }
    seller.pay(ticket);
    ticket
}

fn ruled(ruling: &TicketRuling) -> i64 {
    match ruling {
        TicketRuling::PriceNotInForce { in_force, .. } => in_force.minor,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_list_reaches_tills_with_its_lines_as_long_as_it_is_for_everybody_and_not_put_away() {
    let (_shop, mut seller, owner) = open().await;
    seller.till.pull_all().await;
    let list = make(&owner, LISTS, json!({ "name": "Winter", "valid_from": "2026-12-01" })).await;
    let line = coffee_line(&owner, &list, "0", 200).await;
    let news = seller.till.pull_all().await;
    let winter = PriceList { name: "Winter".to_owned(), valid_from: Some("2026-12-01".parse().unwrap()), valid_until: None };
    let coffee = PriceListLine { price_list: PriceListId(list.id), product: COFFEE, from_quantity: Quantity::ZERO, price: Money::new(200, EUR) };
    assert_eq!(told::<PriceList>(&news), [(version(list.id, 1), Some(winter.clone()))]);
    assert_eq!(told::<PriceListLine>(&news), [(version(line.id, 1), Some(coffee.clone()))]);
    // Another day is the list's affair alone.
    let list = change(&owner, LISTS, &list, json!({ "valid_until": "2026-12-31" })).await;
    let news = seller.till.pull_all().await;
    assert_eq!((told::<PriceList>(&news).len(), told::<PriceListLine>(&news).len()), (1, 0));
    // What a group pays is nobody's business at a till.
    let trade = make(&owner, "/api/v1/sales/customer_groups", json!({ "name": "Trade" })).await;
    let list = change(&owner, LISTS, &list, json!({ "customer_group": trade.id })).await;
    let news = seller.till.pull_all().await;
    assert_eq!(told::<PriceList>(&news), [(version(list.id, 3), None)]);
    assert_eq!(told::<PriceListLine>(&news), [(version(line.id, 2), None)]);
    coffee_line(&owner, &list, "12", 150).await;
    assert_eq!(told::<PriceListLine>(&seller.till.pull_all().await), []);
    // For everybody again, with the line that came meanwhile.
    let list = change(&owner, LISTS, &list, json!({ "customer_group": null })).await;
    assert_eq!(told::<PriceListLine>(&seller.till.pull_all().await).len(), 2);
    let list = put_away(&owner, LISTS, &list, "archive").await;
    let news = seller.till.pull_all().await;
    assert!(told::<PriceList>(&news).iter().all(|(_, list)| list.is_none()) && told::<PriceListLine>(&news).iter().all(|(_, line)| line.is_none()));
    put_away(&owner, LISTS, &list, "restore").await;
    let back = told::<PriceListLine>(&seller.till.pull_all().await);
    assert!(back.len() == 2 && back.iter().any(|(_, line)| line.as_ref() == Some(&coffee)), "{back:?}");
}

#[tokio::test]
async fn a_till_that_was_told_before_sells_by_the_day_and_the_quantity_and_is_ruled_on_by_nothing() {
    let (shop, mut seller, owner) = open().await;
    let list = make(&owner, LISTS, json!({ "name": "Winter", "valid_from": "2026-12-01", "valid_until": "2026-12-20" })).await;
    let (each, dozen) = (coffee_line(&owner, &list, "0", 200).await, coffee_line(&owner, &list, "12", 150).await);
    let breaks = [PriceBreak { from: "12".parse().unwrap(), unit_price: Money::new(150, EUR), price: version(dozen.id, 1) }];
    let midnight = shop.now().plus_ms(10 * DAY_MS + 14 * HOUR_MS);
    let before = sold_at(&mut seller, midnight.plus_ms(-1), coffee());
    seller.till.now = midnight;
    let one = sold_with_breaks(&mut seller, at(version(each.id, 1), 200), &breaks, 0);
    let twelve = sold_with_breaks(&mut seller, at(version(each.id, 1), 200), &breaks, 11);
    let weeks_later = sold_at(&mut seller, midnight.plus_ms(20 * DAY_MS), coffee());
    shop.company.test.world.pass(40 * DAY);
    seller.push().await;
    for ticket in [before, one, twelve, weeks_later] {
        assert_eq!(shop.rulings(ticket).await, [""; 0]);
    }
    let (one, twelve) = (shop.ticket(one).await, shop.ticket(twelve).await);
    assert_eq!((one.lines[0].unit_price.minor, one.lines[0].gross.minor), (200, 200));
    assert_eq!((twelve.lines[0].unit_price.minor, twelve.lines[0].gross.minor, twelve.ticket.total.minor), (150, 1_800, 1_800));
}

#[tokio::test]
async fn a_price_that_no_list_gives_for_that_day_or_quantity_is_ruled_on_with_the_one_that_held() {
    let (shop, mut seller, owner) = open().await;
    let list = make(&owner, LISTS, json!({ "name": "Winter", "valid_from": "2026-12-01" })).await;
    let (each, dozen) = (coffee_line(&owner, &list, "0", 200).await, coffee_line(&owner, &list, "12", 150).await);
    let midnight = shop.now().plus_ms(10 * DAY_MS + 14 * HOUR_MS);
    let early = sold_at(&mut seller, midnight.plus_ms(-HOUR_MS), at(version(each.id, 1), 200));
    let unaware = sold_at(&mut seller, midnight.plus_ms(HOUR_MS), coffee());
    // The price of twelve for one, by a line that never was twelve, and by one that was.
    let cheap = sold_at(&mut seller, midnight.plus_ms(HOUR_MS), at(version(dozen.id, 1), 150));
    let ticket = seller.ring_up(&[]);
    let twelve = SoldItem { quantity: Quantity::whole(12).unwrap(), ..at(version(dozen.id, 1), 150) };
    let line = seller.till.act(TICKET, ticket, &AddLine { item: twelve });
    seller.till.act(TICKET, ticket, &ChangeQuantity { line: FactId::of(line, 0), by: "-11".parse().unwrap() });
    seller.pay(ticket);
    shop.company.test.world.pass(12 * DAY);
    seller.push().await;
    for (ticket, in_force) in [(early, 250), (unaware, 200), (cheap, 200), (ticket, 200)] {
        let rulings = shop.ticket(ticket).await.rulings;
        assert_eq!(rulings.iter().map(|ruling| ruled(&ruling.ruling)).collect::<Vec<_>>(), [in_force]);
    }
    assert_eq!(shop.exceptions(cheap).await, ["price_not_in_force"]);
}

#[tokio::test]
async fn a_line_of_a_list_that_says_something_else_or_of_another_product_is_ruled_on() {
    let (shop, mut seller, owner) = open().await;
    let list = make(&owner, LISTS, json!({ "name": "Always" })).await;
    let line = coffee_line(&owner, &list, "0", 200).await;
    seller.till.now = shop.now().plus_ms(HOUR_MS);
    let differs = seller.sell(&[at(version(line.id, 1), 1)]);
    let never = seller.sell(&[at(version(line.id, 9), 200)]);
    let of_another = seller.sell(&[SoldItem { price: version(line.id, 1), unit_price: Money::new(200, EUR), ..bread() }]);
    let made_up = PriceBreak { from: Quantity::ONE, unit_price: Money::new(1, EUR), price: version(line.id, 1) };
    let broken = sold_with_breaks(&mut seller, at(version(line.id, 1), 200), &[made_up], 0);
    shop.company.test.world.pass(DAY);
    seller.push().await;
    assert_eq!(shop.rulings(differs).await, ["price_differs"], "looked at once");
    assert_eq!(shop.rulings(never).await, ["price_version_unknown"]);
    assert_eq!(shop.rulings(of_another).await, ["price_version_unknown"]);
    assert_eq!(shop.rulings(broken).await, ["price_differs"]);
}

#[tokio::test]
async fn a_sale_is_judged_by_what_the_office_had_said_when_it_was_rung_up() {
    let (shop, mut seller, owner) = open().await;
    let list = make(&owner, LISTS, json!({ "name": "Always" })).await;
    let line = coffee_line(&owner, &list, "0", 200).await;
    seller.till.now = shop.now().plus_ms(HOUR_MS);
    let before = seller.sell(&[at(version(line.id, 1), 200)]);
    shop.company.test.world.pass(DAY);
    put_away(&owner, LISTS, &list, "archive").await;
    seller.till.now = shop.now().plus_ms(HOUR_MS);
    let after = seller.sell(&[at(version(line.id, 1), 200)]);
    let own = seller.sell(&[coffee()]);
    shop.company.test.world.pass(DAY);
    seller.push().await;
    assert_eq!(shop.rulings(before).await, [""; 0]);
    assert_eq!((shop.rulings(after).await, shop.rulings(own).await), (vec!["price_not_in_force".to_owned()], vec![]));
}

#[tokio::test]
async fn only_a_list_has_breaks_and_no_product_is_sold_by_them_at_what_it_once_cost() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    // In force is 2.50; the row's own version as a break from next to nothing on is no list's.
    let own = PriceBreak { from: "0.000001".parse().unwrap(), unit_price: Money::new(250, EUR), price: coffee().price };
    let of_product = sold_with_breaks(&mut seller, coffee(), &[own], 0);
    let made_up = sold_with_breaks(&mut seller, coffee(), &[PriceBreak { unit_price: Money::new(1, EUR), ..own }], 0);
    seller.push().await;
    for ticket in [of_product, made_up] {
        assert_eq!(shop.rulings(ticket).await, ["price_version_unknown"]);
    }
}

#[tokio::test]
async fn a_line_is_judged_in_whichever_push_it_came_also_after_the_payment() {
    let shop = Shop::open().await;
    let (mut first, mut second, ticket) = two_at_one_ticket(&shop).await;
    let owner = shop.company.sign_in("owner").await.0;
    let list = make(&owner, LISTS, json!({ "name": "Dozens" })).await;
    let dozen = coffee_line(&owner, &list, "12", 120).await;
    for till in [&mut first.till, &mut second.till] {
        till.now = shop.now().plus_ms(HOUR_MS);
    }
    shop.company.test.world.pass(DAY);
    // Rung up, and paid, in pushes of their own; the price of a dozen for one.
    let cheap = AddLine { item: at(version(dozen.id, 1), 120) };
    first.till.act(TICKET, ticket, &cheap);
    first.push().await;
    assert_eq!(shop.rulings(ticket).await, [""; 0], "nobody knows yet how many there will be");
    first.pay(ticket);
    first.push().await;
    let rulings = shop.ticket(ticket).await.rulings;
    assert_eq!(rulings.iter().map(|ruling| ruled(&ruling.ruling)).collect::<Vec<_>>(), [250]);
    // Another device's, which had not heard of the payment.
    second.till.act(TICKET, ticket, &cheap);
    second.push().await;
    let mut rulings = shop.rulings(ticket).await;
    rulings.sort();
    assert_eq!(rulings, ["changed_while_paid", "price_not_in_force", "price_not_in_force"]);
}
