//! The feed is kept for thirty days; whoever comes back later loses nothing and brings nothing back.

use crate::support::{Company, Till};
use crate::sync::coffee;
use holdfast_domain::KINDS;
use holdfast_domain::catalog::{Category, Picture};
use holdfast_domain::held::Release;
use holdfast_domain::identity::GrantIssued;
use holdfast_domain::kernel::{Currency, DocumentId, Reference as _};
use holdfast_domain::sales::ticket::{AddLine, Open};
use holdfast_server::reference::{self, RowWrite, RowsOf};
use holdfast_server::sync::Retention;
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::replica;
use holdfast_sync::wire::{Answer, Entry};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const TICKET: &str = "sales.ticket";

async fn days_pass(company: &Company, days: u64) {
    company.test.world.pass(Duration::from_secs(days * 24 * 3_600));
}

async fn sweep(company: &Company) -> u64 {
    Retention::of(&company.app).sweep().await.unwrap()
}

/// Someone signs in again on the device, as after weeks, and gets a grant.
async fn come_back(company: &Company, till: &mut Till) {
    till.client = company.sign_in("cashier").await.0;
    till.now = company.app.environment.now();
    till.grant = till.ask_for_grant().await.json::<GrantIssued>().grant;
}

fn open(till: &mut Till, company: &Company) -> DocumentId {
    let (ticket, session) = (till.draw(), till.draw());
    let id = till.till;
    till.act(TICKET, ticket, &Open { till: id, site: company.site, till_session: session, currency: Currency::EUR });
    ticket
}

fn loaded(till: &Till, ticket: DocumentId) -> LoadedDocument {
    LoadedDocument::load(ticket, KINDS.get(TICKET).unwrap(), &till.documents[&ticket].saved.0).unwrap()
}

async fn write(company: &Company, row: RowWrite) {
    let mut tx = company.test.tenant(company.tenant).await;
    reference::write(&mut tx, vec![row]).await.unwrap();
    tx.commit().await.unwrap();
}

/// The positions that the feed still tells.
async fn told(company: &Company) -> Vec<i64> {
    let mut tx = company.test.tenant(company.tenant).await;
    let told = sqlx::query_scalar("select position from feed order by position").fetch_all(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    told
}

#[tokio::test]
async fn what_is_older_than_thirty_days_is_dropped_and_nothing_else() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    open(&mut till, &company);
    till.push_all().await;
    let old = told(&company).await;
    days_pass(&company, 20).await;
    come_back(&company, &mut till).await;
    open(&mut till, &company);
    till.push_all().await;
    let all = told(&company).await;
    assert_eq!(sweep(&company).await, 0, "nothing is that old");
    days_pass(&company, 11).await;
    assert_eq!(sweep(&company).await, old.len() as u64);
    assert_eq!(told(&company).await, all[old.len()..]);
    assert_eq!(sweep(&company).await, 0, "and once is enough");
}

#[tokio::test]
async fn a_device_that_returns_after_sixty_days_has_all_and_its_own_work_goes_up() {
    let company = Company::open().await;
    let mut here = company.enrol("cashier", company.tills[0], 1).await;
    let mut away = company.enrol("cashier", company.tills[1], 2).await;
    let category = Category { name: "Hot drinks".to_owned(), place: 1, picture: Picture { hue: 10, glyph: "x".to_owned() } };
    write(&company, RowWrite::for_tenant(Uuid::from_u128(71), &category)).await;
    let ticket = open(&mut here, &company);
    here.push_all().await;
    away.pull_all().await;
    away.act(TICKET, ticket, &AddLine { item: coffee() });
    let unsent = open(&mut away, &company);

    days_pass(&company, 10).await;
    come_back(&company, &mut here).await;
    here.act(TICKET, ticket, &AddLine { item: coffee() });
    let unheard = open(&mut here, &company);
    here.push_all().await;
    write(&company, RowWrite::gone::<Category>(RowsOf::Tenant, Uuid::from_u128(71))).await;
    days_pass(&company, 50).await;
    sweep(&company).await;
    assert_eq!(told(&company).await, Vec::<i64>::new(), "the feed is empty, so all that follows comes from elsewhere");

    come_back(&company, &mut away).await;
    let answers = away.push_all().await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{answers:?}");
    let entries = away.pull_all().await;
    let gone =
        |entry: &Entry| matches!(entry, Entry::Row { row, .. } if row.kind == Category::KIND && row.id == Uuid::from_u128(71) && row.body.is_none());
    assert_eq!(entries.iter().filter(|entry| gone(entry)).count(), 1, "what was deleted is told, and is nowhere else");
    assert!(!entries.iter().any(|entry| matches!(entry, Entry::Enter { bootstrap: Some(_), .. })), "what it has it does not load again");
    assert_eq!(loaded(&away, ticket).facts().of("lines").count(), 2);
    assert!(away.documents.contains_key(&unheard));
    come_back(&company, &mut here).await;
    here.pull_all().await;
    for document in [ticket, unsent, unheard] {
        assert_eq!(loaded(&here, document).heads(), loaded(&away, document).heads());
    }
    assert_eq!(away.pull_all().await, [], "it reads the feed on from there");
    assert!(replica::next_push(&away.outbox, 500).is_none(), "nothing of its own is left to be sent");
}

#[tokio::test]
async fn what_became_of_a_devices_own_change_is_told_after_sixty_days() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    till.pull_all().await;
    let path = format!("/api/v1/identity/grants/{}/revocation", till.claims().jti);
    assert!(owner.post_json(&path, &json!({ "reason": "lent to nobody" })).await.status.is_success());
    till.client = company.sign_in("cashier").await.0;
    let [kept, dropped] = [open(&mut till, &company), open(&mut till, &company)];
    let intents: Vec<_> = till.outbox.iter().map(|row| (row.document, row.intent_id)).collect();
    let of = |document: DocumentId| intents.iter().find(|(of, _)| *of == document).map(|(_, intent)| *intent).unwrap();
    let (kept, dropped) = (of(kept), of(dropped));
    till.push_all().await;
    let release = Release { reason: "It happened.".to_owned(), waives: vec!["grant_revoked".to_owned()] };
    assert!(owner.post_json(&format!("/api/v1/sync/held/{kept}/release"), &release).await.status.is_success());
    assert!(owner.post_json(&format!("/api/v1/sync/held/{dropped}/reject"), &json!({ "reason": "No." })).await.status.is_success());
    days_pass(&company, 60).await;
    sweep(&company).await;
    come_back(&company, &mut till).await;
    let entries = till.pull_all().await;
    let heard = |wanted, answer: fn(&Answer) -> bool| {
        entries.iter().any(|entry| matches!(entry, Entry::Answer { intent_id, answer: said, .. } if *intent_id == wanted && answer(said)))
    };
    assert!(heard(kept, |answer| matches!(answer, Answer::Accepted { .. })), "{entries:?}");
    assert!(heard(dropped, |answer| matches!(answer, Answer::Refused { .. })), "{entries:?}");
    days_pass(&company, 366).await;
    sweep(&company).await;
    assert_eq!(told(&company).await, Vec::<i64>::new());
}

#[tokio::test]
async fn who_was_away_for_long_is_brought_up_to_date_page_by_page() {
    let company = Company::open().await;
    let mut here = company.enrol("cashier", company.tills[0], 1).await;
    let mut away = company.enrol("cashier", company.tills[1], 2).await;
    away.pull_all().await;
    let many: Vec<_> = (0..1_100).map(|_| open(&mut here, &company)).collect();
    here.push_all().await;
    days_pass(&company, 60).await;
    sweep(&company).await;
    come_back(&company, &mut away).await;
    let entries = away.pull_all().await;
    let pages: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Enter { documents, .. } if !documents.is_empty() => Some(documents.len()),
            _ => None,
        })
        .collect();
    assert!(pages.len() >= 3 && pages.iter().all(|count| *count <= 500), "{pages:?}");
    assert!(many.iter().all(|ticket| away.documents.contains_key(ticket)));
}
