//! What the server rules on a till session.

use super::scene::{EUR, FLOAT, Seller, Shop, TILL_SESSION, coffee};
use holdfast_domain::kernel::{DocumentId, Money};
use holdfast_domain::sales::till_session;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::wire::Answer;

#[tokio::test]
async fn a_till_opened_twice_is_ruled_on_where_it_came_second() {
    let shop = Shop::open().await;
    let mut first = shop.seller(0, 1).await;
    let mut second = shop.seller(0, 2).await;
    first.push().await;
    second.push().await;
    assert_eq!(shop.exceptions(first.session).await, Vec::<String>::new());
    assert_eq!(shop.exceptions(second.session).await, ["till_session_opened_twice"]);
}

#[tokio::test]
async fn a_till_opened_again_after_it_was_closed_is_fine() {
    let shop = Shop::open().await;
    let mut first = shop.seller(0, 1).await;
    first.close(FLOAT, 0);
    first.push().await;
    let mut second = shop.seller(0, 2).await;
    second.push().await;
    assert_eq!(shop.exceptions(second.session).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_till_that_is_not_at_the_site_is_ruled_on() {
    let shop = Shop::open().await;
    let mut device = shop.company.enrol("cashier", shop.company.tills[0], 1).await;
    let session: DocumentId = device.draw();
    let open = till_session::Open { till: shop.company.other_till, site: shop.company.site, currency: EUR, float: Money::new(0, EUR) };
    device.act(TILL_SESSION, session, &open);
    device.push_all().await;
    assert_eq!(shop.exceptions(session).await, ["till_unknown"]);
}

#[tokio::test]
async fn a_till_session_closed_by_two_is_ruled_on() {
    let shop = Shop::open().await;
    let mut first = shop.seller(0, 1).await;
    let mut second = shop.seller(1, 2).await;
    first.push().await;
    second.till.pull_all().await;
    first.close(FLOAT, 0);
    second.session = first.session;
    second.close(FLOAT, 0);
    first.push().await;
    second.push().await;
    assert_eq!(shop.exceptions(first.session).await, ["till_session_closed_twice"]);
    assert_eq!(shop.published().await, [("sales.till.closed".to_owned(), 1), ("sales.till.opened".to_owned(), 2)]);
}

/// Two sales of 2.50 and the closing, all offline.
async fn a_day_offline(shop: &Shop, expected: i64) -> Seller {
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee()]);
    seller.sell(&[coffee()]);
    seller.close(expected, 2);
    seller
}

#[tokio::test]
async fn a_closing_that_expects_what_the_tickets_brought_is_fine() {
    let shop = Shop::open().await;
    let mut seller = a_day_offline(&shop, FLOAT + 500).await;
    seller.push().await;
    shop.hear().await;
    assert_eq!(shop.exceptions(seller.session).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_closing_that_expects_something_else_is_ruled_on_once_its_last_ticket_has_come() {
    let shop = Shop::open().await;
    let mut seller = a_day_offline(&shop, FLOAT + 400).await;
    let rows: Vec<_> = seller.till.outbox.iter().map(|row| (row.header.clone(), row.change.clone(), row.signature.clone().unwrap())).collect();
    let envelope = |index: usize| {
        let (header, change, signature) = rows[index].clone();
        Envelope { header, change, signature }
    };
    let last = rows.len() - 1;
    // The session and the first ticket, the closing before the second ticket.
    let mut early = vec![envelope(0), envelope(last)];
    early.extend((1..last - 3).map(envelope));
    let answers = seller.till.push(early).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{answers:?}");
    shop.hear().await;
    assert_eq!(shop.exceptions(seller.session).await, Vec::<String>::new(), "a ticket is missing that the device knew of");
    seller.till.push_all().await;
    shop.hear().await;
    assert_eq!(shop.exceptions(seller.session).await, ["expected_differs"]);
    shop.hear().await;
    assert_eq!(shop.exceptions(seller.session).await, ["expected_differs"]);
    seller.till.pull_all().await;
    let rulings = seller.till.documents[&seller.session].saved.clone();
    let kind = holdfast_domain::KINDS.get(TILL_SESSION).unwrap();
    let document = holdfast_sync::document::LoadedDocument::load(seller.session, kind, &rulings.0).unwrap();
    assert_eq!(document.facts().of("rulings").count(), 1, "the device that closed it is told");
}
