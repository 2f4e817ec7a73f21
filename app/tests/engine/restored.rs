//! A server that came back from a backup, as the device's database sees it: what others did is kept with what proves it, and offered.

use crate::support::{self, SITE, Till, enrolled, load_queue, tap};
use holdfast_app::device::clock;
use holdfast_app::device::store::{self, Access, CHAIN, Records, StoreError, Transaction};
use holdfast_app::engine::records::PersonRecord;
use holdfast_app::engine::sync::renewal;
use holdfast_app::engine::till::{self, Wanted};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{DocumentId, Epoch, SiteId, Timestamp};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{ChainHead, Said, StoredDocument, Witnessed, said};
use holdfast_sync::wire::{Answer, Entry, NamedGrant, Proof, PullResponse, Snapshot};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use wasm_bindgen_test::wasm_bindgen_test;

const EPOCH: Epoch = Epoch::from_bytes([1; 16]);
const RESTORED: Epoch = Epoch::from_bytes([2; 16]);
const DAY_MS: i64 = 24 * 3_600 * 1_000;

fn page(epoch: Epoch, entries: Vec<Entry>, grants: Vec<NamedGrant>) -> PullResponse {
    let cursors = BTreeMap::from([(Audience::Tenant, 7), (Audience::Site(SITE.0), 7)]);
    PullResponse { epoch, entries, cursors, more: false, server_time_ms: Timestamp(clock::now().0), grants }
}

/// A sale made on another till, as the feed tells it with what proves it.
async fn sold_elsewhere() -> (Till, DocumentId, PullResponse) {
    let elsewhere = enrolled().await;
    till::open_session(&elsewhere.core, (&elsewhere.store, tap()), 0).await.unwrap();
    till::add(&elsewhere.core, (&elsewhere.store, tap()), (&Wanted::Code("9521234543213".to_owned()), Decimal::ONE)).await.unwrap();
    let sold = till::pay_cash(&elsewhere.core, (&elsewhere.store, tap()), 110).await.unwrap().document;
    let rows = load_queue(&elsewhere.store).await.unwrap();
    let mut grants = Vec::new();
    let entries = rows.into_iter().map(|row| {
        let proof = Proof { header: row.header.clone(), signature: Bytes(vec![7; 64]) };
        let header = holdfast_sync::cbor::decode::<holdfast_sync::envelope::Header>(&row.header.0).unwrap();
        grants = vec![NamedGrant { id: header.author.grant.unwrap(), token: row.grant.clone() }];
        Entry::Change {
            position: row.seq,
            document: row.document,
            kind: row.kind,
            change: row.change,
            intent_id: row.intent_id,
            audiences: None,
            proof: Some(proof),
        }
    });
    let entries = entries.collect();
    (elsewhere, sold, page(EPOCH, entries, grants))
}

async fn receive(here: &Till, page: &PullResponse) -> store::Taken {
    here.own().receive(&here.store, (&KINDS, page), clock::now()).await.unwrap().0
}

async fn kept(here: &Till) -> Vec<Witnessed> {
    let read = async |transaction: &Transaction| transaction.all::<Witnessed>(Records::Witnessed).await;
    here.store.transact(&[Records::Witnessed], Access::Read, read).await.unwrap()
}

async fn offered(here: &Till) -> Vec<Witnessed> {
    store::next_to_offer(&here.store, 0).await.unwrap()
}

#[wasm_bindgen_test]
async fn what_others_did_is_kept_once_and_offered_to_a_restored_server_in_order() {
    let (elsewhere, _, page_of_it) = sold_elsewhere().await;
    let here = enrolled().await;
    for _ in 0..2 {
        receive(&here, &page_of_it).await;
    }
    let first = kept(&here).await;
    assert_eq!(first.iter().map(|kept| kept.number).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(first.iter().all(|kept| kept.grant.is_some()) && offered(&here).await.is_empty());
    receive(&here, &page(RESTORED, Vec::new(), Vec::new())).await;
    assert_eq!(offered(&here).await, first);
    let [one, two, three, four] = [0, 1, 2, 3];
    let answers = vec![
        (one, Answer::Accepted { position: 1 }),
        (two, Answer::Duplicate { first: Box::new(Answer::Accepted { position: 2 }) }),
        (three, Answer::Waiting { missing: Vec::new() }),
        (four, Answer::Refused { code: "device_unknown".to_owned() }),
    ];
    assert!(!store::offer_answered(&here.store, &KINDS, answers).await.unwrap());
    assert_eq!(offered(&here).await.iter().map(|kept| kept.number).collect::<Vec<_>>(), [2, 3], "they are asked about again");
    assert_eq!(kept(&here).await.iter().map(|kept| kept.number).collect::<Vec<_>>(), [2, 3, 4, 5], "and all are kept for the next time");
    let mut anew = page_of_it.clone();
    anew.epoch = RESTORED;
    receive(&here, &anew).await;
    assert!(offered(&here).await.is_empty(), "the feed says that they are in the books");
    // What is one's own is not kept twice.
    let mut own = page_of_it;
    own.epoch = RESTORED;
    receive(&elsewhere, &own).await;
    assert!(kept(&elsewhere).await.is_empty());
}

/// The same as it stands, for whoever enters the site later.
async fn entered_later(elsewhere: &Till, told: &PullResponse) -> PullResponse {
    let mut proofs: BTreeMap<DocumentId, Vec<Proof>> = BTreeMap::new();
    for entry in &told.entries {
        let Entry::Change { document, proof: Some(proof), .. } = entry else { panic!("all of it is proven") };
        proofs.entry(*document).or_default().push(proof.clone());
    }
    let read = async |transaction: &Transaction| {
        let mut documents = Vec::new();
        for (document, proofs) in proofs {
            let stored: Option<StoredDocument> = transaction.get(Records::Documents, store::Key::document(document)).await?;
            let StoredDocument { kind, saved, .. } = stored.expect("it was made there");
            documents.push(Snapshot { document, kind, saved, intents: Vec::new(), position: None, proofs });
        }
        Ok::<_, StoreError>(documents)
    };
    let documents = elsewhere.store.transact(&[Records::Documents], Access::Read, read).await.unwrap();
    let enter = Entry::Enter { audience: Audience::Site(SITE.0), position: 7, documents, bootstrap: None };
    page(EPOCH, vec![enter], told.grants.clone())
}

#[wasm_bindgen_test]
async fn what_a_document_as_it_stands_proves_is_kept_and_offered_like_what_the_feed_tells() {
    let (elsewhere, _, told) = sold_elsewhere().await;
    let entered = entered_later(&elsewhere, &told).await;
    let (here, there) = (enrolled().await, enrolled().await);
    for _ in 0..2 {
        receive(&here, &entered).await;
    }
    receive(&there, &told).await;
    let of =
        async |till: &Till| -> BTreeMap<_, _> { kept(till).await.into_iter().map(|kept| (kept.change_hash, (kept.envelope, kept.grant))).collect() };
    assert_eq!((kept(&here).await.len(), of(&here).await), (4, of(&there).await), "header, change, signature and grant");
    receive(&here, &page(RESTORED, Vec::new(), Vec::new())).await;
    assert_eq!(offered(&here).await.len(), 4);
    // What is one's own is not kept twice.
    receive(&elsewhere, &entered).await;
    assert!(kept(&elsewhere).await.is_empty());
}

#[wasm_bindgen_test]
async fn what_a_restored_server_refuses_of_others_falls_from_the_document_here() {
    let (_, sold, page_of_it) = sold_elsewhere().await;
    let here = enrolled().await;
    receive(&here, &page_of_it).await;
    receive(&here, &page(RESTORED, Vec::new(), Vec::new())).await;
    assert!(till::ticket(&here.core, &here.store, sold).await.is_ok());
    let held = Answer::Held { code: "grant_revoked".to_owned() };
    assert_eq!(said(&held), Said::Outside);
    let all = kept(&here).await;
    let ticket: Vec<_> = all.iter().filter(|kept| kept.document == sold).map(|kept| (kept.number, held.clone())).collect();
    let mark = async || {
        here.store.transact(&[Records::Meta], Access::Read, async |transaction: &Transaction| store::outbox_mark(transaction).await).await.unwrap()
    };
    let before = mark().await;
    assert!(store::offer_answered(&here.store, &KINDS, ticket).await.unwrap());
    assert_ne!(mark().await, before, "whoever looks at what waits looks at all of it again");
    assert!(till::ticket(&here.core, &here.store, sold).await.is_err(), "nothing is left of it");
    assert_eq!(kept(&here).await.len(), all.iter().filter(|kept| kept.document != sold).count());
}

#[wasm_bindgen_test]
async fn what_cannot_be_proven_and_a_restored_server_lacks_falls_and_what_it_has_stays() {
    let (elsewhere, sold, mut page_of_it) = sold_elsewhere().await;
    for entry in &mut page_of_it.entries {
        if let Entry::Change { proof, .. } = entry {
            *proof = None;
        }
    }
    let here = enrolled().await;
    receive(&here, &page_of_it).await;
    assert!(kept(&here).await.is_empty());
    // The server has the opening and nothing after it.
    let begun = enrolled().await;
    let first_of = |entry: &&Entry| matches!(entry, Entry::Change { document, .. } if *document == sold);
    let opening = page_of_it.entries.iter().find(first_of).unwrap().clone();
    receive(&begun, &page(EPOCH, vec![opening], Vec::new())).await;
    let snapshot = {
        let read = async |transaction: &Transaction| transaction.get(Records::Documents, store::Key::document(sold)).await;
        let stored: Option<StoredDocument> = begun.store.transact(&[Records::Documents], Access::Read, read).await.unwrap();
        let stored = stored.unwrap();
        Snapshot { document: sold, kind: stored.kind, saved: stored.saved, intents: Vec::new(), position: None, proofs: Vec::new() }
    };
    let enter = Entry::Enter { audience: Audience::Site(SITE.0), position: 7, documents: vec![snapshot], bootstrap: None };
    assert!(receive(&here, &page(RESTORED, vec![enter], Vec::new())).await.rebuilt);
    assert_eq!(till::ticket(&here.core, &here.store, sold).await.unwrap().total_minor, 0);
    assert_eq!(till::ticket(&elsewhere.core, &elsewhere.store, sold).await.unwrap().total_minor, 110);
}

#[wasm_bindgen_test]
async fn a_grant_for_all_but_the_tills_site_takes_the_place_of_none_that_speaks_for_it() {
    let here = enrolled().await;
    let key = here.account.to_string();
    let held = async || {
        let read = async |transaction: &Transaction| transaction.get::<PersonRecord>(Records::People, key.as_str()).await;
        here.store.transact(&[Records::People], Access::Read, read).await.unwrap().unwrap().grant.unwrap()
    };
    let device = held().await.claims.device;
    let issued = |site| support::grant(here.account, (here.tenant, device, site)).jwt;
    let (elsewhere, before) = (SiteId(uuid::Uuid::from_u128(0x99)), held().await);
    renewal::keep_grant(&here.store, (here.account, SITE), (issued(elsewhere), None)).await.unwrap();
    let after = held().await;
    assert!(after.jwt == before.jwt && after.received_at > before.received_at, "it is asked for again tomorrow, and not at once");
    let renewed = issued(SITE);
    renewal::keep_grant(&here.store, (here.account, SITE), (renewed.clone(), None)).await.unwrap();
    assert_eq!(held().await.jwt, renewed);
    renewal::keep_grant(&here.store, (here.account, elsewhere), (issued(elsewhere), None)).await.unwrap();
    assert_eq!(held().await.claims.whid, [elsewhere], "whoever makes it a till of that site means it");
}

#[wasm_bindgen_test]
async fn what_was_witnessed_is_forgotten_after_fourteen_days_and_not_before() {
    let (_, _, page_of_it) = sold_elsewhere().await;
    let here = enrolled().await;
    receive(&here, &page_of_it).await;
    store::prune_witnessed(&here.store, clock::now().plus_ms(13 * DAY_MS)).await.unwrap();
    assert_eq!(kept(&here).await.len(), 4);
    store::prune_witnessed(&here.store, clock::now().plus_ms(14 * DAY_MS + 60_000)).await.unwrap();
    assert!(kept(&here).await.is_empty());
}

#[wasm_bindgen_test]
async fn a_page_that_tells_of_an_audience_from_the_middle_is_not_stored() {
    let (_, sold, page_of_it) = sold_elsewhere().await;
    let here = enrolled().await;
    let tenant = PullResponse { cursors: BTreeMap::from([(Audience::Tenant, 3)]), ..page(EPOCH, Vec::new(), Vec::new()) };
    receive(&here, &tenant).await;
    receive(&here, &page_of_it).await;
    let read = async |transaction: &Transaction| -> Result<_, StoreError> { transaction.get::<ChainHead>(Records::Meta, CHAIN).await };
    let chain = here.store.transact(&[Records::Meta], Access::Read, read).await.unwrap().unwrap();
    assert_eq!(chain.feed.cursors, tenant.cursors);
    assert!(till::ticket(&here.core, &here.store, sold).await.is_err());
}
