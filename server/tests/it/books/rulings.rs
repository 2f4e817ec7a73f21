//! What the server rules on a ticket. The sale stands, whatever it says.

use super::scene::{COFFEE_PRICE, EUR, Seller, Shop, TICKET, bread, coffee};
use holdfast_domain::kernel::{BlockId, DocumentId, FactId, Money, RowVersion};
use holdfast_domain::sales::ReceiptNumber;
use holdfast_domain::sales::ticket::{Abandon, AddLine, Open, PayCash, RemoveLine, SoldItem, TicketRuling, TicketStatus};
use std::time::Duration;
use uuid::Uuid;

const HOUR: Duration = Duration::from_secs(3_600);
const HOUR_MS: i64 = 3_600_000;

/// Sells one item as it is and answers the rulings' codes.
async fn judged(item: SoldItem) -> Vec<String> {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let ticket = seller.sell(&[item]);
    seller.push().await;
    let codes = shop.rulings(ticket).await;
    assert_eq!(shop.exceptions(ticket).await, codes, "each of these is for the office to look at");
    codes
}

#[tokio::test]
async fn an_honest_sale_is_ruled_on_by_nothing() {
    assert_eq!(judged(coffee()).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_price_that_its_row_does_not_say_is_ruled_on() {
    assert_eq!(judged(SoldItem { unit_price: Money::new(1, EUR), ..coffee() }).await, ["price_differs"]);
}

#[tokio::test]
async fn a_price_of_a_version_that_was_never_written_is_ruled_on() {
    for version in [0, 2, u64::MAX] {
        let price = RowVersion { row: COFFEE_PRICE.0, version };
        assert_eq!(judged(SoldItem { price, ..coffee() }).await, ["price_version_unknown"], "version {version}");
    }
}

#[tokio::test]
async fn a_price_of_another_product_is_ruled_on() {
    assert_eq!(judged(SoldItem { price: bread().price, unit_price: bread().unit_price, ..coffee() }).await, ["price_version_unknown"]);
}

#[tokio::test]
async fn a_tax_rate_that_its_row_does_not_say_is_ruled_on() {
    assert_eq!(judged(SoldItem { tax_rate: "5.5".parse().unwrap(), ..coffee() }).await, ["tax_differs"]);
}

#[tokio::test]
async fn a_tax_rate_of_a_version_that_was_never_written_is_ruled_on() {
    let tax = RowVersion { version: 9, ..coffee().tax };
    assert_eq!(judged(SoldItem { tax, ..coffee() }).await, ["tax_version_unknown"]);
}

#[tokio::test]
async fn a_price_that_a_later_one_has_overtaken_is_ruled_on_with_what_was_in_force() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    shop.company.test.world.pass(HOUR);
    shop.reprice_coffee(300, shop.now()).await;
    let before = seller.sell(&[coffee()]);
    seller.till.now = shop.now().plus_ms(HOUR_MS);
    let after = seller.sell(&[coffee()]);
    shop.company.test.world.pass(2 * HOUR);
    seller.push().await;
    assert_eq!(shop.rulings(before).await, Vec::<String>::new(), "it was sold before the change");
    let found = shop.ticket(after).await.rulings.remove(0).ruling;
    assert!(matches!(found, TicketRuling::PriceNotInForce { in_force, .. } if in_force == Money::new(300, EUR)), "{found:?}");
}

#[tokio::test]
async fn a_price_that_is_announced_for_later_does_not_end_the_present_one() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    shop.reprice_coffee(300, shop.now().plus_ms(24 * HOUR_MS)).await;
    shop.company.test.world.pass(HOUR);
    seller.till.now = shop.now();
    let ticket = seller.sell(&[coffee()]);
    let early = SoldItem { price: RowVersion { row: COFFEE_PRICE.0, version: 2 }, unit_price: Money::new(300, EUR), ..coffee() };
    let too_early = seller.sell(&[early]);
    seller.push().await;
    assert_eq!(shop.rulings(ticket).await, Vec::<String>::new());
    assert_eq!(shop.rulings(too_early).await, ["price_not_in_force"]);
}

#[tokio::test]
async fn a_receipt_number_that_the_device_had_not_reserved_is_ruled_on() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let mut neighbour = shop.seller(1, 2).await;
    let mut pay = |receipt| {
        let ticket = seller.ring_up(&[coffee()]);
        seller.till.act(TICKET, ticket, &PayCash { tendered: Money::new(250, EUR), receipt });
        ticket
    };
    let block = neighbour.block.block;
    let theirs = pay(ReceiptNumber { block, number: neighbour.block.first });
    let invented = pay(ReceiptNumber { block: BlockId(Uuid::from_u128(1)), number: 77_000_000 });
    let beyond = pay(ReceiptNumber { block, number: u64::MAX });
    seller.push().await;
    for ticket in [theirs, invented, beyond] {
        assert_eq!(shop.rulings(ticket).await, ["receipt_number_outside_block"]);
    }
    assert_eq!(shop.ticket(beyond).await.ticket.receipt, Some(u64::MAX.to_string()));
    let honest = neighbour.sell(&[coffee()]);
    neighbour.push().await;
    assert_eq!(shop.rulings(honest).await, Vec::<String>::new(), "the number is still the one's who had reserved it");
}

#[tokio::test]
async fn a_receipt_number_given_twice_is_ruled_on_where_it_came_second() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let receipt = seller.number();
    let tickets = [seller.ring_up(&[coffee()]), seller.ring_up(&[bread()])];
    for ticket in tickets {
        seller.till.act(TICKET, ticket, &PayCash { tendered: Money::new(250, EUR), receipt });
    }
    seller.push().await;
    assert_eq!(shop.rulings(tickets[0]).await, Vec::<String>::new());
    let found = shop.ticket(tickets[1]).await.rulings.remove(0).ruling;
    assert_eq!(found, TicketRuling::ReceiptNumberReused { first: tickets[0] });
}

#[tokio::test]
async fn a_clock_that_runs_ahead_is_corrected_and_noted() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    seller.till.now = shop.now().plus_ms(365 * 24 * HOUR_MS);
    let ticket = seller.sell(&[coffee()]);
    seller.push().await;
    let detail = shop.ticket(ticket).await;
    let codes: Vec<_> = detail.rulings.iter().map(|finding| finding.code.as_str()).collect();
    // The grant had expired by that clock, but not by the corrected one.
    assert_eq!(codes, ["time_clamped"; 3]);
    assert_eq!(detail.ticket.at, shop.now());
    assert_eq!(detail.payments[0].at, shop.now());
    assert_eq!(shop.exceptions(ticket).await, Vec::<String>::new(), "a corrected clock is no task for the office");
}

#[tokio::test]
async fn a_sale_under_an_expired_grant_counts_and_is_noted_once() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    shop.company.test.world.pass(46 * 24 * HOUR);
    seller.till.now = shop.now();
    seller.till.client = shop.company.sign_in("cashier").await.0;
    let ticket = seller.sell(&[coffee()]);
    seller.push().await;
    assert_eq!(shop.rulings(ticket).await, ["grant_expired"]);
    assert_eq!(shop.ticket(ticket).await.ticket.status, TicketStatus::Completed);
}

#[tokio::test]
async fn a_sale_of_no_till_session_or_of_another_tills_is_ruled_on() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let mut neighbour = shop.seller(1, 2).await;
    neighbour.push().await;
    for session in [DocumentId(Uuid::from_u128(404)), neighbour.session] {
        let ticket = seller.till.draw();
        let till = seller.till.till;
        seller.till.act(TICKET, ticket, &Open { till, site: seller.site, till_session: session, currency: EUR });
        seller.till.act(TICKET, ticket, &AddLine { item: coffee() });
        seller.pay(ticket);
        seller.push().await;
        assert_eq!(shop.rulings(ticket).await, ["till_session_unknown"]);
    }
}

#[tokio::test]
async fn a_sale_after_its_till_session_was_closed_is_ruled_on() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let during = seller.sell(&[coffee()]);
    seller.till.now = seller.till.now.plus_ms(1_000);
    seller.close(super::scene::FLOAT + 250, 1);
    seller.till.now = seller.till.now.plus_ms(1_000);
    let after = seller.sell(&[coffee()]);
    shop.company.test.world.pass(HOUR);
    seller.push().await;
    assert_eq!(shop.rulings(during).await, Vec::<String>::new());
    assert_eq!(shop.rulings(after).await, ["till_session_closed"]);
}

/// Two devices see one open ticket, then neither hears of what the other does.
pub async fn two_at_one_ticket(shop: &Shop) -> (Seller, Seller, DocumentId) {
    let mut first = shop.seller(0, 1).await;
    let mut second = shop.seller(1, 2).await;
    let ticket = first.ring_up(&[coffee()]);
    first.push().await;
    second.push().await;
    second.till.pull_all().await;
    (first, second, ticket)
}

#[tokio::test]
async fn a_ticket_that_two_took_money_for_is_ruled_on_and_both_payments_are_in_the_books() {
    let shop = Shop::open().await;
    let (mut first, mut second, ticket) = two_at_one_ticket(&shop).await;
    first.pay(ticket);
    second.pay(ticket);
    first.push().await;
    second.push().await;
    assert_eq!(shop.rulings(ticket).await, ["paid_twice"]);
    assert_eq!(shop.ticket(ticket).await.payments.len(), 2);
    assert_eq!(
        shop.published().await,
        [("payment.received".to_owned(), 2), ("sales.order.created".to_owned(), 1), ("sales.till.opened".to_owned(), 2)]
    );
}

#[tokio::test]
async fn a_line_that_came_while_it_was_being_paid_is_ruled_on() {
    let shop = Shop::open().await;
    let (mut first, mut second, ticket) = two_at_one_ticket(&shop).await;
    first.pay(ticket);
    second.till.act(TICKET, ticket, &AddLine { item: bread() });
    first.push().await;
    assert_eq!(shop.rulings(ticket).await, Vec::<String>::new());
    second.push().await;
    assert_eq!(shop.rulings(ticket).await, ["changed_while_paid"]);
}

#[tokio::test]
async fn a_ticket_that_was_abandoned_while_it_was_paid_stays_paid_and_is_ruled_on() {
    let shop = Shop::open().await;
    let (mut first, mut second, ticket) = two_at_one_ticket(&shop).await;
    second.till.act(TICKET, ticket, &Abandon {});
    second.push().await;
    first.pay(ticket);
    first.push().await;
    assert_eq!(shop.rulings(ticket).await, ["abandoned_while_paid"]);
    assert_eq!(shop.ticket(ticket).await.ticket.status, TicketStatus::Completed);
}

#[tokio::test]
async fn a_ruling_that_stands_is_not_given_again() {
    let shop = Shop::open().await;
    let (mut first, mut second, ticket) = two_at_one_ticket(&shop).await;
    first.pay(ticket);
    second.till.act(TICKET, ticket, &AddLine { item: SoldItem { unit_price: Money::new(1, EUR), ..bread() } });
    first.push().await;
    second.push().await;
    let found = shop.rulings(ticket).await;
    assert_eq!(shop.exceptions(ticket).await, ["changed_while_paid", "price_differs"]);
    let mut third = shop.seller(0, 3).await;
    third.push().await;
    // It had the ticket before the payment, as a device that was offline for long.
    third.till.documents.insert(ticket, second.till.documents[&ticket].clone());
    third.till.act(TICKET, ticket, &AddLine { item: coffee() });
    third.push().await;
    assert_eq!(shop.rulings(ticket).await, found);
    assert_eq!(shop.exceptions(ticket).await, ["changed_while_paid", "price_differs"]);
}

#[tokio::test]
async fn a_ruling_becomes_a_task_once_the_sale_is_made_and_none_where_the_line_was_taken_off() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let lie = SoldItem { unit_price: Money::new(1, EUR), ..bread() };
    let ticket = seller.ring_up(&[coffee(), lie.clone(), lie]);
    seller.push().await;
    assert_eq!(shop.rulings(ticket).await, ["price_differs", "price_differs"]);
    assert_eq!(shop.exceptions(ticket).await, Vec::<String>::new());
    let taken_off: FactId = shop.ticket(ticket).await.lines[1].id;
    seller.till.act(TICKET, ticket, &RemoveLine { line: taken_off });
    seller.pay(ticket);
    seller.push().await;
    assert_eq!(shop.exceptions(ticket).await, ["price_differs"]);
}

#[tokio::test]
async fn a_name_with_a_character_that_no_table_holds_does_not_stop_the_sale() {
    let item = SoldItem { name: "Co\0ffee".to_owned(), barcode: Some("\0".to_owned()), ..coffee() };
    assert_eq!(judged(item).await, Vec::<String>::new());
}
