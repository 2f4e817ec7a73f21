//! An audience that is no longer the account's, in the browser's own database.

use crate::support::{Till, clocks, enrolled, load_queue, product, tap};
use holdfast_app::device::clock;
use holdfast_app::device::store::{self, Access, CHAIN, Records, StoreError, Transaction};
use holdfast_app::engine::protocol::TicketsOf;
use holdfast_app::engine::till::{self, Wanted};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{DocumentId, Epoch, Timestamp};
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{ChainHead, OutboxRow, StoredDocument};
use holdfast_sync::wire::{Answer, BootstrapManifest, Entry, PullResponse, ReferenceRow, Snapshot};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use wasm_bindgen_test::wasm_bindgen_test;

/// A till that sold something, and the audience of its site.
async fn with_a_sale() -> (Till, Audience) {
    let till = enrolled().await;
    till::open_session(&till.core, (&till.store, tap()), 0).await.unwrap();
    till::add(&till.core, (&till.store, tap()), (&Wanted::Code("9521234543213".to_owned()), Decimal::ONE)).await.unwrap();
    till::pay_cash(&till.core, (&till.store, tap()), 110).await.unwrap();
    let site = till.core.standing(&till.store).await.unwrap().unwrap().device.till.unwrap().site;
    (till, Audience::Site(site.0))
}

/// A page whose reader follows the company, and `site` if any, when it is told.
fn page(site: Option<&Audience>, entries: Vec<Entry>) -> PullResponse {
    let cursors = site.into_iter().cloned().chain([Audience::Tenant]).map(|audience| (audience, 7)).collect::<BTreeMap<_, _>>();
    PullResponse { epoch: Epoch::from_bytes([1; 16]), entries, cursors, more: false, server_time_ms: Timestamp(clock::now().0), grants: Vec::new() }
}

async fn receive(till: &Till, page: PullResponse) -> bool {
    till.own().receive(&till.store, (&KINDS, &page), clock::now()).await.unwrap().0.left
}

async fn accept_all(till: &Till) {
    let rows = load_queue(&till.store).await.unwrap();
    let answers = rows.iter().map(|row| (row.seq, Answer::Accepted { position: row.seq })).collect();
    store::answer(&till.store, &KINDS, answers, clocks()).await.unwrap();
}

async fn documents(till: &Till) -> BTreeMap<String, StoredDocument> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let keys = transaction.keys(Records::Documents).await?;
        Ok(keys.into_iter().zip(transaction.all::<StoredDocument>(Records::Documents).await?).collect())
    };
    till.store.transact(&[Records::Documents], Access::Read, read).await.unwrap()
}

async fn shown(till: &Till) -> usize {
    till::tickets(&till.core, &till.store, (TicketsOf::Site, 50)).await.unwrap().len()
}

async fn outside(till: &Till) -> usize {
    let read = async |transaction: &Transaction| transaction.get::<ChainHead>(Records::Meta, CHAIN).await;
    till.store.transact(&[Records::Meta], Access::Read, read).await.unwrap().unwrap().feed.outside.len()
}

#[wasm_bindgen_test]
async fn what_only_an_audience_gave_is_gone_once_it_is_left() {
    let (till, site) = with_a_sale().await;
    assert!(!receive(&till, page(Some(&site), Vec::new())).await);
    accept_all(&till).await;
    assert_eq!((documents(&till).await.len(), shown(&till).await), (2, 1));
    assert!(receive(&till, page(None, vec![Entry::Leave { audience: site }])).await);
    assert_eq!((documents(&till).await.len(), shown(&till).await, outside(&till).await), (0, 0, 0));
}

#[wasm_bindgen_test]
async fn what_is_unsent_is_hidden_and_read_only_and_goes_when_it_is_decided() {
    let (till, site) = with_a_sale().await;
    receive(&till, page(Some(&site), Vec::new())).await;
    let unsent = load_queue(&till.store).await.unwrap();
    assert!(receive(&till, page(None, vec![Entry::Leave { audience: site.clone() }])).await);
    assert_eq!((documents(&till).await.len(), shown(&till).await, outside(&till).await), (2, 0, 2));
    assert_eq!(load_queue(&till.store).await.unwrap(), unsent, "nothing of it is lost");
    assert!(
        till::add(&till.core, (&till.store, tap()), (&Wanted::Code("9521234543213".to_owned()), Decimal::ONE)).await.is_err(),
        "the till session is not there to sell in"
    );
    // The office holds one of them: it may yet be released.
    let held = Answer::Held { code: "grant_revoked".to_owned() };
    let answers = unsent.iter().map(|row| (row.seq, if row.seq == 4 { held.clone() } else { Answer::Accepted { position: row.seq } })).collect();
    store::answer(&till.store, &KINDS, answers, clocks()).await.unwrap();
    receive(&till, page(None, Vec::new())).await;
    assert_eq!((documents(&till).await.len(), outside(&till).await), (1, 1));
    let rejected = Entry::Answer { position: 9, intent_id: unsent[3].intent_id, answer: Answer::Refused { code: "rejected".to_owned() } };
    receive(&till, page(None, vec![rejected])).await;
    assert_eq!((documents(&till).await.len(), shown(&till).await, outside(&till).await), (0, 0, 0));
}

#[wasm_bindgen_test]
async fn an_audience_that_is_gained_again_shows_what_was_hidden_and_brings_what_was_gone() {
    let (till, site) = with_a_sale().await;
    receive(&till, page(Some(&site), Vec::new())).await;
    let snapshots: Vec<_> = documents(&till).await.into_iter().collect();
    // All of the till session is accepted, nothing of the ticket is.
    let rows: Vec<OutboxRow> = load_queue(&till.store).await.unwrap();
    let session = rows.iter().find(|row| row.kind == "sales.till_session").unwrap();
    store::answer(&till.store, &KINDS, vec![(session.seq, Answer::Accepted { position: 1 })], clocks()).await.unwrap();
    receive(&till, page(None, vec![Entry::Leave { audience: site.clone() }])).await;
    assert_eq!((documents(&till).await.len(), shown(&till).await), (1, 0));
    let enter = |(id, stored): &(String, StoredDocument)| Snapshot {
        document: DocumentId(uuid::Uuid::parse_str(id).unwrap()),
        kind: stored.kind.clone(),
        saved: stored.saved.clone(),
        intents: vec![session.intent_id],
        position: None,
        proofs: Vec::new(),
    };
    let documents_of_site = snapshots.iter().filter(|(_, stored)| stored.kind == "sales.till_session").map(enter).collect();
    let entered = Entry::Enter { audience: site.clone(), position: 7, documents: documents_of_site, bootstrap: None };
    assert!(receive(&till, page(Some(&site), vec![entered])).await);
    assert_eq!((documents(&till).await.len(), shown(&till).await, outside(&till).await), (2, 1, 0));
    till::add(&till.core, (&till.store, tap()), (&Wanted::Code("9521234543213".to_owned()), Decimal::ONE)).await.unwrap();
}

#[wasm_bindgen_test]
async fn reference_rows_go_with_the_audience_that_gave_them() {
    let (till, site) = with_a_sale().await;
    let [theirs, _] = product((90, "Soup of the day"), ("90", 500));
    let [everybodys, _] = product((91, "Bread"), ("91", 300));
    let manifest = |address: &str| Some(BootstrapManifest { pages: vec![address.to_owned()], rows: 1 });
    let put = async |transaction: &Transaction| {
        transaction.put_bytes(Records::Pages, "/of-all", &[1])?;
        transaction.put_bytes(Records::Pages, "/of-site", &[2])
    };
    till.store.transact(&[Records::Pages], Access::Strict, put).await.unwrap();
    let enter =
        |audience: &Audience, address| Entry::Enter { audience: audience.clone(), position: 7, documents: Vec::new(), bootstrap: manifest(address) };
    let row = |row: &ReferenceRow, audience| Entry::Row { position: 8, row: ReferenceRow { version: 9, ..row.clone() }, audience };
    let entries = vec![enter(&Audience::Tenant, "/of-all"), enter(&site, "/of-site"), row(&theirs, Some(site.clone())), row(&everybodys, None)];
    receive(&till, page(Some(&site), entries)).await;
    receive(&till, page(None, vec![Entry::Leave { audience: site }])).await;
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        Ok((transaction.all::<ReferenceRow>(Records::Rows).await?, transaction.keys(Records::Pages).await?))
    };
    let (rows, pages) = till.store.transact(&[Records::Rows, Records::Pages], Access::Read, read).await.unwrap();
    assert!(rows.iter().any(|row| row.id == everybodys.id) && rows.iter().all(|row| row.id != theirs.id));
    assert!(pages.contains(&"/of-all".to_owned()) && !pages.contains(&"/of-site".to_owned()));
}
