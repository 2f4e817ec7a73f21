//! What the office reads, and what it does not get to see.

use super::scene::{FLOAT, Shop, TICKET, bread, coffee};
use axum::http::StatusCode;
use holdfast_domain::kernel::{DocumentId, Money, SiteId, TenantId, TillId};
use holdfast_domain::reporting::Takings;
use holdfast_domain::sales::office::{ActOutcome, TicketsPage, TillsOverview};
use holdfast_domain::sales::ticket::{RemoveLine, TicketFact, TicketStatus};
use holdfast_server::identity::Role;
use holdfast_server::rehearsal::Client;
use std::time::Duration;
use uuid::Uuid;

const TODAY: &str = "/api/v1/sales/tickets?day=2026-11-20";

async fn page(client: &Client, path: &str) -> TicketsPage {
    let response = client.get(path).await;
    assert_eq!(response.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&response.body));
    response.json()
}

async fn documents(client: &Client, path: &str) -> Vec<DocumentId> {
    page(client, path).await.tickets.into_iter().map(|ticket| ticket.document).collect()
}

/// Someone who may read at the first shop only.
async fn manager(shop: &Shop) -> Client {
    shop.company.hire("manager", (Role::SiteManager, shop.company.site)).await;
    shop.company.sign_in("manager").await.0
}

#[tokio::test]
async fn a_days_tickets_come_newest_first_with_who_and_where() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let early = seller.sell(&[coffee()]);
    seller.till.now = seller.till.now.plus_ms(1_000);
    let late = seller.ring_up(&[coffee(), bread()]);
    shop.company.test.world.pass(Duration::from_secs(60));
    seller.push().await;
    let tickets = page(&shop.auditor().await, TODAY).await.tickets;
    assert_eq!(tickets.iter().map(|ticket| ticket.document).collect::<Vec<_>>(), [late, early]);
    let [open, paid] = tickets.as_slice() else { panic!("{tickets:?}") };
    assert_eq!((open.status, open.receipt.clone(), open.lines), (TicketStatus::Open, None, 2));
    assert_eq!((paid.status, paid.receipt.clone()), (TicketStatus::Completed, Some(seller.block.first.to_string())));
    assert_eq!((paid.site_name.as_str(), paid.till_name.as_str(), paid.by.as_str()), ("Shop 0", "Till 0", "cashier"));
    assert_eq!((paid.time_zone.as_str(), paid.total, paid.held), ("Europe/Paris", Money::new(250, super::scene::EUR), 0));
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap_or_a_repeat() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    // Half of them at one instant, so that the cursor must tell them apart.
    let mut sold: Vec<_> = (0..7).map(|_| seller.sell(&[coffee()])).collect();
    let mut elsewhere = shop.seller_elsewhere(2).await;
    elsewhere.till.now = elsewhere.till.now.plus_ms(1);
    sold.extend((0..6).map(|_| elsewhere.sell(&[coffee()])));
    shop.company.test.world.pass(Duration::from_secs(1));
    seller.push().await;
    elsewhere.push().await;
    let auditor = shop.auditor().await;
    let mut seen = Vec::new();
    let mut path = format!("{TODAY}&limit=4");
    loop {
        let page = page(&auditor, &path).await;
        assert!(page.tickets.len() <= 4);
        seen.extend(page.tickets.iter().map(|ticket| ticket.document));
        match page.next {
            Some(next) => path = format!("{TODAY}&limit=4&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, documents(&auditor, &format!("{TODAY}&limit=200")).await);
    seen.sort();
    sold.sort();
    assert_eq!(seen, sold);
}

#[tokio::test]
async fn a_ticket_stands_on_the_day_of_its_own_sites_clock() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    // 23:30 UTC is half past midnight in Paris.
    seller.till.now = seller.till.now.plus_ms(14 * 3_600_000 + 1_800_000);
    let ticket = seller.sell(&[coffee()]);
    shop.company.test.world.pass(Duration::from_secs(24 * 3_600));
    seller.push().await;
    let auditor = shop.auditor().await;
    assert_eq!(documents(&auditor, TODAY).await, []);
    assert_eq!(documents(&auditor, "/api/v1/sales/tickets?day=2026-11-21").await, [ticket]);
}

#[tokio::test]
async fn a_tills_tickets_can_be_asked_for_alone() {
    let shop = Shop::open().await;
    let mut first = shop.seller(0, 1).await;
    let mut second = shop.seller(1, 2).await;
    let ticket = first.sell(&[coffee()]);
    second.sell(&[coffee()]);
    first.push().await;
    second.push().await;
    assert_eq!(documents(&shop.auditor().await, &format!("{TODAY}&till={}", first.till.till)).await, [ticket]);
}

#[tokio::test]
async fn a_tickets_history_says_who_did_what_on_which_device_when() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let ticket = seller.ring_up(&[coffee(), bread()]);
    let line = holdfast_domain::kernel::FactId::of(seller.till.outbox.last().unwrap().intent_id, 0);
    seller.till.act(TICKET, ticket, &RemoveLine { line });
    seller.pay(ticket);
    shop.company.test.world.pass(Duration::from_secs(60));
    seller.push().await;
    let detail = shop.ticket(ticket).await;
    let acts: Vec<_> = detail.history.iter().map(|act| act.name.as_str()).collect();
    let expected = ["sales.ticket.open", "sales.ticket.add_line", "sales.ticket.add_line", "sales.ticket.remove_line", "sales.ticket.pay_cash"];
    assert_eq!(acts, expected);
    let last = detail.history.last().unwrap();
    assert_eq!((last.by.as_str(), last.by_system, last.device.as_deref(), last.device_seq), ("cashier", false, Some("Till device 1"), Some(6)));
    assert_eq!((last.at, last.arrived_at), (seller.till.now, shop.now()));
    assert!(matches!(last.outcome, ActOutcome::Accepted { .. }));
    assert!(matches!(last.facts.as_slice(), [TicketFact::PaymentTaken(_), TicketFact::Completed { .. }]), "{:?}", last.facts);
    assert_eq!(detail.lines.iter().map(|line| (line.name.as_str(), line.removed)).collect::<Vec<_>>(), [("Coffee", false), ("Bread", true)]);
    assert_eq!(
        detail.taxes.iter().map(|tax| (tax.rate.to_string(), tax.gross.minor, tax.tax.minor)).collect::<Vec<_>>(),
        [("20".to_owned(), 250, 42)]
    );
    assert_eq!(detail.payments[0].payment.change.minor, 100_000 - 250);
}

#[tokio::test]
async fn an_act_that_was_held_is_in_the_history_and_counted() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let ticket = seller.ring_up(&[coffee()]);
    seller.push().await;
    let mut tx = shop.company.test.tenant(shop.tenant()).await;
    sqlx::query("update grants set revoked_at = created_at, revoked_by = account, revocation_reason = 'lent out'")
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    seller.pay(ticket);
    seller.till.push_all().await;
    let detail = shop.ticket(ticket).await;
    assert_eq!((detail.ticket.status, detail.ticket.held), (TicketStatus::Open, 1));
    let held = detail.history.last().unwrap();
    assert_eq!(held.outcome, ActOutcome::Held { code: "grant_revoked".to_owned() });
    assert_eq!(held.facts, []);
    assert_eq!(shop.published().await, [("sales.till.opened".to_owned(), 1)], "what is held is not in the books");
}

#[tokio::test]
async fn the_tills_say_who_has_them_open_and_what_they_took_today() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee()]);
    seller.push().await;
    let overview: TillsOverview = shop.auditor().await.get("/api/v1/sales/tills").await.json();
    let [open, idle, other] = overview.tills.as_slice() else { panic!("{overview:?}") };
    let session = open.session.as_ref().unwrap();
    assert_eq!((session.document, session.opened_by.as_str(), session.float.minor), (seller.session, "cashier", FLOAT));
    assert_eq!((open.tickets, open.takings.map(|takings| takings.minor), open.last_contact), (1, Some(250), Some(shop.now())));
    assert_eq!(open.today.to_string(), "2026-11-20");
    assert_eq!((idle.tickets, idle.takings, idle.session.is_some(), idle.last_contact), (0, None, false, None));
    assert_eq!((other.site, other.till), (shop.company.other_site, shop.company.other_till));
    seller.close(FLOAT + 250, 1);
    seller.push().await;
    let overview: TillsOverview = shop.auditor().await.get("/api/v1/sales/tills").await.json();
    assert!(overview.tills.iter().all(|till| till.session.is_none()));
}

#[tokio::test]
async fn who_reads_at_one_site_sees_nothing_of_another() {
    let shop = Shop::open().await;
    let mut here = shop.seller(0, 1).await;
    let mut elsewhere = shop.seller_elsewhere(2).await;
    let (seen, unseen) = (here.sell(&[coffee()]), elsewhere.sell(&[coffee()]));
    here.push().await;
    elsewhere.push().await;
    shop.hear().await;
    let manager = manager(&shop).await;
    assert_eq!(documents(&manager, TODAY).await, [seen]);
    assert_eq!(documents(&manager, &format!("{TODAY}&till={}", shop.company.other_till)).await, []);
    assert_eq!(manager.get(&format!("/api/v1/sales/tickets/{seen}")).await.status, StatusCode::OK);
    let refused = manager.get(&format!("/api/v1/sales/tickets/{unseen}")).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::NOT_FOUND, "ticket_unknown"));
    let takings: Takings = manager.get("/api/v1/reporting/takings?day=2026-11-20").await.json();
    assert_eq!(takings.sites.iter().map(|site| site.site).collect::<Vec<_>>(), [shop.company.site]);
    let tills: TillsOverview = manager.get("/api/v1/sales/tills").await.json();
    assert!(tills.tills.iter().all(|till| till.site == shop.company.site));
}

#[tokio::test]
async fn another_company_sees_nothing() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let ticket = seller.sell(&[coffee()]);
    seller.push().await;
    shop.hear().await;
    let tenant = TenantId(Uuid::from_u128(0xfa0_0000));
    shop.company.found("wrack", tenant, &[(SiteId(Uuid::from_u128(0xfa0_0001)), &[TillId(Uuid::from_u128(0xfa0_0002))])]).await;
    let (stranger, _) = shop.company.sign_in_at("wrack", "owner").await;
    assert_eq!(documents(&stranger, TODAY).await, []);
    assert_eq!(documents(&stranger, &format!("{TODAY}&till={}", seller.till.till)).await, []);
    assert_eq!(stranger.get(&format!("/api/v1/sales/tickets/{ticket}")).await.code(), "ticket_unknown");
    let takings: Takings = stranger.get("/api/v1/reporting/takings?day=2026-11-20").await.json();
    assert!(takings.sites.iter().flat_map(|site| &site.tills).all(|till| till.hours.is_empty()));
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_with_a_stable_code() {
    let shop = Shop::open().await;
    let auditor = shop.auditor().await;
    let (cashier, _) = shop.company.sign_in("cashier").await;
    let nobody = Client::of(shop.company.router.clone());
    for (client, path, status, code) in [
        (&auditor, "/api/v1/sales/tickets", 400, "invalid_query"),
        (&auditor, "/api/v1/sales/tickets?day=2026-02-29", 400, "invalid_query"),
        (&auditor, "/api/v1/sales/tickets?day=2026-11-20&till=7", 400, "invalid_query"),
        (&auditor, "/api/v1/sales/tickets?day=2026-11-20&more=1", 400, "invalid_query"),
        (&auditor, "/api/v1/sales/tickets?day=2026-11-20&limit=-1", 400, "invalid_query"),
        (&auditor, "/api/v1/sales/tickets?day=2026-11-20&limit=0", 400, "limit_out_of_range"),
        (&auditor, "/api/v1/sales/tickets?day=2026-11-20&limit=201", 400, "limit_out_of_range"),
        (&auditor, "/api/v1/sales/tickets?day=2026-11-20&after=x", 400, "cursor_malformed"),
        (&auditor, "/api/v1/sales/tickets/7", 404, "unknown_id"),
        (&auditor, "/api/v1/sales/tickets/00000000-0000-0000-0000-000000000007", 404, "ticket_unknown"),
        (&auditor, "/api/v1/reporting/takings", 400, "invalid_query"),
        (&auditor, "/api/v1/reporting/takings?day=today", 400, "invalid_query"),
        (&cashier, TODAY, 403, "permission_missing"),
        (&cashier, "/api/v1/sales/tickets/00000000-0000-0000-0000-000000000007", 403, "permission_missing"),
        (&cashier, "/api/v1/sales/tills", 403, "permission_missing"),
        (&cashier, "/api/v1/reporting/takings?day=2026-11-20", 403, "permission_missing"),
        (&nobody, TODAY, 401, "not_signed_in"),
        (&nobody, "/api/v1/sales/tickets/00000000-0000-0000-0000-000000000007", 401, "not_signed_in"),
        (&nobody, "/api/v1/sales/tills", 401, "not_signed_in"),
        (&nobody, "/api/v1/reporting/takings?day=2026-11-20", 401, "not_signed_in"),
    ] {
        let response = client.get(path).await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (status, code), "{path}");
    }
}

#[tokio::test]
async fn the_first_and_the_last_day_there_are_can_be_asked_for() {
    let shop = Shop::open().await;
    let auditor = shop.auditor().await;
    for day in ["0001-01-01", "9999-12-31"] {
        assert_eq!(documents(&auditor, &format!("/api/v1/sales/tickets?day={day}")).await, []);
        assert_eq!(shop.takings(day).await, []);
    }
}
