//! The books hold nothing that the documents do not say: written again, they are the same.

use super::scene::{FLOAT, Seller, Shop, TICKET, bread, coffee};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{DocumentId, Money};
use holdfast_domain::sales::ticket::{Abandon, PayCash};
use holdfast_server::sales::{Rebuilt, Rewriting, TicketSettlement, rebuild};
use holdfast_server::sync::{Merged, Settlement as _};
use holdfast_sync::document::LoadedDocument;

/// Rows of a table as text, without who touched them when.
async fn rows(shop: &Shop, table: &str) -> Vec<String> {
    let columns = "array['created_at', 'created_by', 'modified_at', 'modified_by']";
    let statement = format!("select (to_jsonb(t) - {columns})::text as row from {table} t order by row");
    let mut tx = shop.company.test.tenant(shop.tenant()).await;
    sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_all(tx.connection()).await.unwrap()
}

async fn change(shop: &Shop, statement: &'static str) {
    let mut tx = shop.company.test.tenant(shop.tenant()).await;
    assert!(sqlx::query(statement).execute(tx.connection()).await.unwrap().rows_affected() > 0);
    tx.commit().await.unwrap();
}

async fn write_again(shop: &Shop, rewriting: Rewriting) -> Rebuilt {
    let mut rebuilt = rebuild(&shop.company.app.database, shop.tenant(), rewriting).await.unwrap();
    rebuilt.differed.sort();
    rebuilt
}

const TABLES: [&str; 8] = [
    "sales_tickets",
    "sales_ticket_lines",
    "sales_payments",
    "sales_orders",
    "sales_till_sessions",
    "sales_receipt_numbers",
    "sales_exceptions",
    "events",
];

/// A day with a bit of everything: paid, open, abandoned, a clock that runs ahead, a number given twice, a closing.
async fn a_day(shop: &Shop) -> (Seller, [DocumentId; 5]) {
    let mut seller = shop.seller(0, 1).await;
    let paid = seller.sell(&[coffee(), bread()]);
    let open = seller.ring_up(&[coffee()]);
    let abandoned = seller.ring_up(&[bread()]);
    seller.till.act(TICKET, abandoned, &Abandon {});
    let reused = seller.ring_up(&[coffee()]);
    let receipt = holdfast_domain::sales::ReceiptNumber { block: seller.block.block, number: seller.block.first };
    seller.till.act(TICKET, reused, &PayCash { tendered: Money::new(250, super::scene::EUR), receipt });
    seller.till.now = seller.till.now.plus_ms(3_600_000);
    let ahead = seller.sell(&[coffee()]);
    seller.close(FLOAT + 870, 3);
    seller.push().await;
    shop.hear().await;
    (seller, [paid, open, abandoned, reused, ahead])
}

#[tokio::test]
async fn books_written_again_are_the_same() {
    let shop = Shop::open().await;
    a_day(&shop).await;
    let mut before = Vec::new();
    for table in TABLES {
        before.push(rows(&shop, table).await);
    }
    assert_eq!(before.iter().map(Vec::len).collect::<Vec<_>>(), [5, 6, 3, 3, 1, 2, 1, 8]);
    assert_eq!(write_again(&shop, Rewriting::Repair).await, Rebuilt { documents: 6, differed: Vec::new() });
    for (table, before) in TABLES.iter().zip(before) {
        assert_eq!(rows(&shop, table).await, before, "{table}");
    }
}

#[tokio::test]
async fn books_that_were_falsified_are_found_out_and_put_right() {
    let shop = Shop::open().await;
    let (seller, [paid, open, abandoned, reused, ahead]) = a_day(&shop).await;
    let sound = rows(&shop, "sales_tickets").await;
    change(&shop, "update sales_tickets set gross_minor = gross_minor - 1 where status = 'abandoned'").await;
    change(&shop, "update sales_ticket_lines set removed = true where ticket = (select id from sales_tickets where status = 'open')").await;
    change(&shop, "delete from sales_payments").await;
    change(&shop, "update sales_till_sessions set counted_minor = 0").await;
    let mut expected = vec![paid, open, abandoned, reused, ahead, seller.session];
    expected.sort();
    let false_books = rows(&shop, "sales_tickets").await;
    assert_eq!(write_again(&shop, Rewriting::Verify).await.differed, expected);
    assert_eq!(rows(&shop, "sales_tickets").await, false_books, "to verify is to change nothing");
    assert_eq!(write_again(&shop, Rewriting::Repair).await.differed, expected);
    assert_eq!(rows(&shop, "sales_tickets").await, sound);
    assert_eq!(write_again(&shop, Rewriting::Repair).await.differed, []);
}

#[tokio::test]
async fn what_the_office_decided_on_an_exception_survives() {
    let shop = Shop::open().await;
    a_day(&shop).await;
    change(&shop, "update sales_exceptions set resolved_at = now(), resolution = 'looked at'").await;
    let decided = rows(&shop, "sales_exceptions").await;
    write_again(&shop, Rewriting::Repair).await;
    assert_eq!(rows(&shop, "sales_exceptions").await, decided);
}

#[tokio::test]
async fn projecting_a_ticket_again_touches_no_row() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let ticket = seller.sell(&[coffee(), bread()]);
    seller.push().await;
    let touched = async || {
        let mut tx = shop.company.test.tenant(shop.tenant()).await;
        let statement = "select xmin::text || ctid::text from sales_tickets union all select xmin::text || ctid::text from sales_ticket_lines
                         union all select xmin::text || ctid::text from sales_payments union all select xmin::text || ctid::text from sales_orders
                         union all select xmin::text || ctid::text from sales_receipt_numbers";
        sqlx::query_scalar::<_, String>(statement).fetch_all(tx.connection()).await.unwrap()
    };
    let before = touched().await;
    let kind = KINDS.get(TICKET).unwrap();
    let document = LoadedDocument::load(ticket, kind, &seller.till.documents[&ticket].saved.0).unwrap();
    let merged = Merged { document: ticket, facts: document.facts().clone(), audiences: Vec::new(), changes: Vec::new() };
    let mut tx = shop.company.test.tenant(shop.tenant()).await;
    let told = TicketSettlement.project(&mut tx, std::slice::from_ref(&merged)).await.unwrap().remove(0);
    tx.commit().await.unwrap();
    assert_eq!(touched().await, before);
    assert_eq!(told.events.len(), 2, "told again under the ids they were told under before");
    assert_eq!(rows(&shop, "events").await.iter().filter(|row| told.events.iter().any(|event| row.contains(&event.id.to_string()))).count(), 2);
}
