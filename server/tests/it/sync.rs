//! Sync over HTTP against Postgres: what a till did offline arrives once, in order, at whoever may see it.

use crate::support::{Company, Till};
use holdfast_domain::KINDS;
use holdfast_domain::identity::AccountName;
use holdfast_domain::kernel::{BlockId, Currency, Discount, DocumentId, Money, ProductId, Quantity, Rate, Reference as _, RowVersion};
use holdfast_domain::sales::ReceiptNumber;
use holdfast_domain::sales::ticket::{AddLine, Open, PayCash, SoldItem};
use holdfast_domain::sales::till_session;
use holdfast_server::identity::Role;
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::wire::{Answer, Entry, MAX_PULL, PullRequest, PullResponse, ReferenceRow};
use uuid::Uuid;

const EUR: Currency = Currency::EUR;

/// A coffee for 2.50.
pub fn coffee() -> SoldItem {
    let row = RowVersion { row: Uuid::from_u128(1), version: 1 };
    SoldItem {
        product: ProductId(Uuid::from_u128(2)),
        name: "Coffee".to_owned(),
        barcode: None,
        quantity: Quantity::ONE,
        unit_price: Money::new(250, EUR),
        price: row,
        tax: row,
        tax_rate: Rate::from_millionths(200_000).unwrap(),
        discount: Discount::NONE,
    }
}

/// Opens the till and sells coffee, all of it offline.
pub fn sell(till: &mut Till, site: holdfast_domain::kernel::SiteId) -> [DocumentId; 2] {
    let (session, ticket): (DocumentId, DocumentId) = (till.draw(), till.draw());
    let float = Money::new(10_000, EUR);
    let id = till.till;
    till.act("sales.till_session", session, &till_session::Open { till: id, site, currency: EUR, float });
    till.act("sales.ticket", ticket, &Open { till: id, site, till_session: session, currency: EUR });
    till.act("sales.ticket", ticket, &AddLine { item: coffee() });
    let receipt = ReceiptNumber { block: BlockId(Uuid::from_u128(9)), number: 1 };
    till.act("sales.ticket", ticket, &PayCash { tendered: Money::new(500, EUR), receipt });
    [session, ticket]
}

#[tokio::test]
async fn a_sale_made_offline_is_accepted_and_reaches_the_second_till() {
    let company = Company::open().await;
    let mut first = company.enrol("cashier", company.tills[0], 1).await;
    let mut second = company.enrol("cashier", company.tills[1], 2).await;
    second.pull_all().await;
    let [_, ticket] = sell(&mut first, company.site);
    let answers = first.push_all().await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{answers:?}");
    let entries = second.pull_all().await;
    assert!(entries.iter().any(|entry| matches!(entry, Entry::Change { document, .. } if *document == ticket)));
    let kind = KINDS.get("sales.ticket").unwrap();
    let theirs = LoadedDocument::load(ticket, kind, &second.documents[&ticket].saved.0).unwrap();
    let ours = LoadedDocument::load(ticket, kind, &first.documents[&ticket].saved.0).unwrap();
    assert!(ours.facts().iter().all(|(container, id, bytes)| theirs.facts().of(container).any(|(other, said)| other == id && said == bytes)));
}

#[tokio::test]
async fn a_push_sent_again_is_answered_with_the_first_answer_and_adds_nothing() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    sell(&mut till, company.site);
    let unsent = till.outbox.clone();
    let first = till.push_all().await;
    till.outbox = unsent;
    let again = till.push_all().await;
    let wrapped: Vec<_> = first.into_iter().map(|answer| Answer::Duplicate { first: Box::new(answer) }).collect();
    assert_eq!(again, wrapped);
}

#[tokio::test]
async fn envelopes_that_arrive_backwards_wait_and_are_all_accepted_in_the_end() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    sell(&mut till, company.site);
    let rows: Vec<_> = till.outbox.iter().rev().cloned().collect();
    for row in rows {
        let envelope = Envelope { header: row.header, change: row.change, signature: row.signature.unwrap() };
        till.push(vec![envelope]).await;
    }
    let answers = till.push_all().await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Duplicate { first } if matches!(**first, Answer::Accepted { .. }))), "{answers:?}");
}

#[tokio::test]
async fn nothing_of_a_sale_crosses_to_another_site_or_another_company() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let stranger = holdfast_domain::kernel::TenantId(Uuid::from_u128(0x51));
    let site = holdfast_domain::kernel::SiteId(Uuid::from_u128(0x52));
    let theirs = holdfast_domain::kernel::TillId(Uuid::from_u128(0x53));
    company.found("rock", stranger, &[(site, &[theirs])]).await;
    let (client, session) = company.sign_in_at("rock", "owner").await;
    let mut other = Till::enrol(client, session, theirs, (7, till.now)).await;
    sell(&mut till, company.site);
    till.push_all().await;
    let seen = other.pull_all().await;
    assert!(seen.iter().all(|entry| matches!(entry, Entry::Enter { documents, .. } if documents.is_empty())), "{seen:?}");

    let pushed = other
        .push(
            till.outbox
                .iter()
                .map(|row| Envelope { header: row.header.clone(), change: row.change.clone(), signature: row.signature.clone().unwrap() })
                .collect(),
        )
        .await;
    assert!(pushed.iter().all(|answer| *answer == Answer::Refused { code: "foreign_tenant".to_owned() }), "{pushed:?}");
}

#[tokio::test]
async fn every_till_of_a_site_learns_who_acts_there_and_no_till_elsewhere_does() {
    let company = Company::open().await;
    for (name, site) in [("colleague", company.site), ("stranger", company.other_site), ("newcomer", company.site)] {
        company.hire(name, (Role::Cashier, site)).await;
    }
    company.enrol("cashier", company.tills[0], 1).await;
    let (mut second, mut elsewhere) = (company.enrol("colleague", company.tills[1], 2).await, company.enrol("stranger", company.other_till, 3).await);
    let mut before = named(&second.pull_all().await, &second).await;
    before.sort();
    assert_eq!(before, ["cashier", "colleague"]);
    assert_eq!(named(&elsewhere.pull_all().await, &elsewhere).await, ["stranger"]);
    company.enrol("newcomer", company.tills[0], 4).await;
    assert_eq!(named(&second.pull_all().await, &second).await, ["newcomer"], "a row of the feed tells of who comes later");
    company.enrol("cashier", company.tills[1], 5).await;
    assert!(named(&second.pull_all().await, &second).await.is_empty(), "a name that is known is not told again");
}

/// The account names in entries, and in the pages that they name.
async fn named(entries: &[Entry], till: &Till) -> Vec<String> {
    let mut rows = Vec::new();
    for entry in entries {
        match entry {
            Entry::Row { row, .. } => rows.push(row.clone()),
            Entry::Enter { bootstrap: Some(manifest), .. } => {
                for page in &manifest.pages {
                    rows.extend(till.client.get(page).await.cbor::<Vec<ReferenceRow>>());
                }
            }
            _ => {}
        }
    }
    rows.iter().filter_map(AccountName::of).map(|name| name.unwrap().name).collect()
}

fn envelope(row: &holdfast_sync::replica::OutboxRow) -> Envelope {
    Envelope { header: row.header.clone(), change: row.change.clone(), signature: row.signature.clone().unwrap() }
}

async fn change(company: &Company, statement: &'static str) {
    let mut tx = company.test.tenant(company.tenant).await;
    assert!(sqlx::query(statement).execute(tx.connection()).await.unwrap().rows_affected() > 0);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_device_that_has_left_the_audience_still_hears_what_became_of_a_change_that_waited() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let carrier = company.enrol("owner", company.tills[1], 2).await;
    till.pull_all().await;
    sell(&mut till, company.site);
    let [opened, ticket, line] = [0, 1, 2].map(|n| till.outbox[n].clone());
    assert!(matches!(till.push(vec![envelope(&line)]).await.as_slice(), [Answer::Waiting { .. }]));
    change(&company, "update account_roles set site = (select id from sites where name = 'Shop 1') where role = 'cashier'").await;
    let carried = carrier.push(vec![envelope(&opened), envelope(&ticket)]).await;
    assert!(carried.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{carried:?}");
    let feed = till.chain.feed.clone();
    let request = PullRequest { epoch: feed.epoch, cursors: feed.cursors, device: Some(till.chain.device), till: None, limit: MAX_PULL };
    let mut page: PullResponse = till.client.post_cbor("/api/v1/sync/pull", &request).await.cbor();
    assert!(page.entries.iter().all(|entry| !matches!(entry, Entry::Change { .. })), "{:?}", page.entries);
    if page.more {
        let request = PullRequest { cursors: page.cursors.clone(), ..request };
        page = till.client.post_cbor("/api/v1/sync/pull", &request).await.cbor();
    }
    let told: Vec<_> = page
        .entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Answer { intent_id, answer, .. } => Some((*intent_id, answer.clone())),
            _ => None,
        })
        .collect();
    let waited = envelope(&line).read_header().unwrap().intent_id;
    assert!(matches!(told.as_slice(), [(intent, Answer::Accepted { .. })] if *intent == waited), "{:?}", page.entries);
}

#[tokio::test]
async fn a_document_that_enters_an_audience_later_reaches_it_whole() {
    let company = Company::open().await;
    let mut first = company.enrol("cashier", company.tills[0], 1).await;
    let mut second = company.enrol("cashier", company.tills[1], 2).await;
    second.pull_all().await;
    let [session, ticket] = sell(&mut first, company.site);
    let rows = first.outbox.clone();
    first.push(rows[..3].iter().map(envelope).collect()).await;
    // As if nobody had been its audience so far.
    change(&company, "update documents set audiences = '{}' where kind = 'sales.ticket'").await;
    change(&company, "update feed set audiences = '{}' where position in (select position from envelopes where kind = 'sales.ticket')").await;
    second.pull_all().await;
    assert!(second.documents.contains_key(&session) && !second.documents.contains_key(&ticket));
    first.push(rows[3..].iter().map(envelope).collect()).await;
    second.pull_all().await;
    let kind = KINDS.get("sales.ticket").unwrap();
    let theirs = LoadedDocument::load(ticket, kind, &second.documents[&ticket].saved.0).unwrap();
    for container in ["opened", "lines", "payments"] {
        assert_eq!(theirs.facts().of(container).count(), 1, "{container}");
    }
}
