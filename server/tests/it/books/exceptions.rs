//! What rulings leave for the office: seen where one may read, taken on and resolved where one may, and closed by itself where it settles itself.

use super::scene::{EUR, FLOAT, Seller, Shop, coffee};
use axum::http::StatusCode;
use holdfast_domain::kernel::{AccountId, DocumentId, Money};
use holdfast_domain::sales::exceptions::{Assign, ExceptionInList, ExceptionsPage, Resolve};
use holdfast_domain::sales::ticket::SoldItem;
use holdfast_server::identity::Role;
use holdfast_server::rehearsal::Client;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::wire::Answer;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const OPEN: &str = "/api/v1/sales/exceptions";
const RESOLVED: &str = "/api/v1/sales/exceptions?state=resolved";

/// A line whose price its row does not say.
fn too_cheap() -> SoldItem {
    SoldItem { unit_price: Money::new(1, EUR), ..coffee() }
}

async fn listed(client: &Client, path: &str) -> Vec<ExceptionInList> {
    let response = client.get(path).await;
    assert_eq!(response.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&response.body));
    response.json::<ExceptionsPage>().exceptions
}

async fn hired(shop: &Shop, name: &str, role: Role) -> Client {
    shop.company.hire(name, (role, shop.company.site)).await;
    shop.company.sign_in(name).await.0
}

fn path(exception: &ExceptionInList, what: &str) -> String {
    format!("{OPEN}/{}/{what}", exception.exception)
}

fn because(reason: &str) -> Resolve {
    Resolve { reason: reason.to_owned() }
}

/// The tickets of a till arrive, and what came before them does not.
async fn push_all_but_the_session(seller: &Seller) {
    let late = seller.till.outbox.iter().skip(1);
    let envelope = |row: &holdfast_sync::replica::OutboxRow| Envelope {
        header: row.header.clone(),
        change: row.change.clone(),
        signature: row.signature.clone().unwrap(),
    };
    let answers = seller.till.push(late.map(envelope).collect()).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{answers:?}");
}

#[tokio::test]
async fn a_till_session_that_comes_after_its_tickets_closes_their_exceptions() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let tickets = [seller.sell(&[coffee()]), seller.sell(&[coffee()])];
    push_all_but_the_session(&seller).await;
    for ticket in tickets {
        assert_eq!(shop.exceptions(ticket).await, ["till_session_unknown"]);
    }
    shop.company.test.world.pass(Duration::from_secs(60));
    seller.till.push_all().await;
    shop.hear().await;
    for ticket in tickets {
        assert_eq!(shop.exceptions(ticket).await, Vec::<String>::new());
        assert_eq!(shop.rulings(ticket).await, ["till_session_unknown", "till_session_arrived"], "the record keeps both");
        assert!(!shop.ticket(ticket).await.ticket.needs_attention());
    }
    let closed = listed(&shop.auditor().await, RESOLVED).await;
    assert_eq!(closed.len(), 2);
    for exception in closed {
        let resolved = exception.resolved.unwrap();
        assert_eq!((resolved.at, resolved.by, resolved.reason.as_str()), (shop.now(), None, "till_session_arrived"));
    }
    shop.hear().await;
    assert_eq!(shop.rulings(tickets[0]).await.len(), 2, "heard again, it is not ruled again");
}

#[tokio::test]
async fn a_till_session_that_had_been_closed_before_the_sale_leaves_that_to_look_at() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let session = seller.till.outbox.clone();
    seller.close(FLOAT, 0);
    let closing = seller.till.outbox.last().unwrap().clone();
    seller.till.now = seller.till.now.plus_ms(1_000);
    let ticket = seller.sell(&[coffee()]);
    shop.company.test.world.pass(Duration::from_secs(60));
    let all = seller.till.outbox.clone();
    seller.till.outbox = all.iter().filter(|row| row.seq > closing.seq).cloned().collect();
    seller.till.push_all().await;
    assert_eq!(shop.exceptions(ticket).await, ["till_session_unknown"]);
    seller.till.outbox = session.into_iter().chain([closing]).collect();
    seller.till.push_all().await;
    shop.hear().await;
    assert_eq!(shop.exceptions(ticket).await, ["till_session_closed"]);
}

#[tokio::test]
async fn a_resolution_says_who_when_and_why_and_is_never_taken_back() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let ticket = seller.sell(&[too_cheap()]);
    seller.push().await;
    let office = hired(&shop, "mara", Role::Office).await;
    let [open] = listed(&office, OPEN).await.try_into().unwrap();
    assert_eq!((open.document, open.code.as_str(), open.till_name.as_str(), open.site_name.as_str()), (ticket, "price_differs", "Till 0", "Shop 0"));
    shop.company.test.world.pass(Duration::from_secs(60));
    let resolved: ExceptionInList = office.post_json(&path(&open, "resolution"), &because(" The label was wrong. ")).await.json();
    let resolution = resolved.resolved.clone().unwrap();
    assert_eq!((resolution.at, resolution.by.unwrap().name.as_str(), resolution.reason.as_str()), (shop.now(), "mara", "The label was wrong."));
    assert_eq!(listed(&office, OPEN).await, []);
    assert_eq!(listed(&office, RESOLVED).await, [resolved]);
    for (what, body) in [("resolution", json!(because("Again."))), ("owner", json!(Assign { owner: None }))] {
        let refused = office.post_json(&path(&open, what), &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "exception_resolved"), "{what}");
    }
    assert_eq!(shop.ticket(ticket).await.ticket.total.minor, 1, "the sale stays as it was");
}

#[tokio::test]
async fn someone_who_may_resolve_takes_an_exception_on() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[too_cheap()]);
    seller.push().await;
    let office = hired(&shop, "mara", Role::Office).await;
    let mara = shop.company.sign_in("mara").await.1.account;
    let cashier = shop.company.sign_in("cashier").await.1.account;
    let [open] = listed(&office, OPEN).await.try_into().unwrap();
    let owned: ExceptionInList = office.post_json(&path(&open, "owner"), &Assign { owner: Some(mara) }).await.json();
    assert_eq!(owned.owner.unwrap().name, "mara");
    for nobody in [cashier, AccountId(Uuid::from_u128(404))] {
        assert_eq!(office.post_json(&path(&open, "owner"), &Assign { owner: Some(nobody) }).await.code(), "owner_may_not");
    }
    let freed: ExceptionInList = office.post_json(&path(&open, "owner"), &Assign { owner: None }).await.json();
    assert_eq!(freed.owner, None);
}

#[tokio::test]
async fn exceptions_are_seen_and_resolved_only_where_one_may() {
    let shop = Shop::open().await;
    let mut elsewhere = shop.seller_elsewhere(2).await;
    elsewhere.sell(&[too_cheap()]);
    elsewhere.push().await;
    let manager = hired(&shop, "manager", Role::SiteManager).await;
    let auditor = shop.auditor().await;
    let [open] = listed(&auditor, OPEN).await.try_into().unwrap();
    assert_eq!(listed(&manager, OPEN).await, [], "it is at another site");
    assert_eq!(manager.post_json(&path(&open, "resolution"), &because("Mine.")).await.code(), "exception_unknown");
    assert_eq!(auditor.post_json(&path(&open, "resolution"), &because("Read only.")).await.code(), "permission_missing");
    let cashier = shop.company.sign_in("cashier").await.0;
    assert_eq!(cashier.get(OPEN).await.code(), "permission_missing");
    let owner = shop.company.sign_in("owner").await.0;
    for reason in ["", "  ", &"x".repeat(501), "nul\0"] {
        assert_eq!(owner.post_json(&path(&open, "resolution"), &because(reason)).await.code(), "reason_missing", "{reason:?}");
    }
    assert_eq!(listed(&auditor, OPEN).await, [open], "nothing was changed");
}

#[tokio::test]
async fn pages_of_exceptions_follow_one_another_without_a_gap_or_a_repeat() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let mut tickets: Vec<DocumentId> = (0..5).map(|_| seller.sell(&[too_cheap()])).collect();
    seller.push().await;
    let auditor = shop.auditor().await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page: ExceptionsPage = auditor.get(&format!("{OPEN}?limit=2{after}")).await.json();
        seen.extend(page.exceptions.into_iter().map(|exception| exception.document));
        let Some(next) = page.next else { break };
        after = format!("&after={next}");
    }
    seen.sort();
    tickets.sort();
    assert_eq!(seen, tickets);
}

#[tokio::test]
async fn an_exception_is_due_by_its_kind_and_what_is_due_first_comes_first() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    let cheap = seller.sell(&[too_cheap()]);
    seller.push().await;
    shop.company.test.world.pass(Duration::from_secs(60));
    seller.till.now = shop.now();
    seller.close(FLOAT - 500, 1);
    seller.push().await;
    let auditor = shop.auditor().await;
    let due = listed(&auditor, "/api/v1/sales/exceptions?sort=due").await;
    let told: Vec<_> = due.iter().map(|one| (one.code.as_str(), one.due_at.0 - one.opened_at.0)).collect();
    assert_eq!(told, [("expected_differs", 8 * 3_600_000), ("price_differs", 48 * 3_600_000)]);
    assert_eq!(due[1].document, cheap);
    let first: ExceptionsPage = auditor.get("/api/v1/sales/exceptions?sort=due&limit=1").await.json();
    let rest: ExceptionsPage = auditor.get(&format!("/api/v1/sales/exceptions?sort=due&limit=1&after={}", first.next.unwrap())).await.json();
    assert_eq!([first.exceptions, rest.exceptions].concat(), due);
}
