//! Envelopes of a kind that this server does not know: a newer app may be ahead of it.

use crate::support::{Client, Company, Till};
use crate::sync::sell;
use holdfast_domain::held::{HeldEnvelope, HeldPage, Reject, Release};
use holdfast_domain::kernel::{DocumentId, IntentId, Timestamp};
use holdfast_server::sync::look_again;
use holdfast_sync::bytes::Bytes;
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::hub::MAX_WAITING;
use holdfast_sync::wire::{Answer, Entry, MAX_PUSH};

const WAITING: Answer = Answer::Waiting { missing: Vec::new() };

/// What an app says that is ahead of the server; its bytes are nothing that this server reads.
fn ahead(till: &Till, header: &Header, document: DocumentId) -> Envelope {
    till.seal(&Header { kind: "wms.unheard_of".to_owned(), document, ..header.clone() }, vec![1, 2, 3])
}

fn duplicate(first: Answer) -> Vec<Answer> {
    vec![Answer::Duplicate { first: Box::new(first) }]
}

/// Two tills; the first one has sold something, and nothing was pushed.
async fn scene() -> (Company, Till, Till, Header) {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let other = company.enrol("cashier", company.tills[1], 2).await;
    sell(&mut till, company.site);
    let row = till.outbox.last().unwrap();
    let envelope = Envelope { header: row.header.clone(), change: Bytes(Vec::new()), signature: Bytes(Vec::new()) };
    (company, till, other, envelope.read_header().unwrap())
}

#[tokio::test]
async fn nobody_takes_the_place_of_an_intent_that_waits_for_its_kind() {
    let (_company, mut till, other, header) = scene().await;
    let document = till.draw();
    let first = ahead(&till, &header, document);
    assert_eq!(till.push(vec![first.clone()]).await, vec![WAITING]);
    assert_eq!(till.push(vec![first.clone()]).await, duplicate(WAITING), "the same again is the same");
    let theirs = Header { device: other.chain.device, chain: Some(other.chain.chain), device_seq: 99, ..header.clone() };
    assert_eq!(other.push(vec![ahead(&other, &theirs, document)]).await, duplicate(WAITING), "another device");
    let earlier = Header { device_seq: header.device_seq - 1, ..header.clone() };
    assert_eq!(till.push(vec![ahead(&till, &earlier, document)]).await, duplicate(WAITING), "an earlier one");
    let later = Header { device_seq: header.device_seq + 1, ..header };
    assert_eq!(till.push(vec![ahead(&till, &later, document)]).await, vec![WAITING], "its device replayed it");
    assert_eq!(till.push(vec![first]).await, duplicate(WAITING), "what was replaced is late for ever");
}

#[tokio::test]
async fn an_intent_that_was_answered_is_not_filed_anew_under_a_kind_that_nobody_knows() {
    let (_company, mut till, _other, header) = scene().await;
    let answers = till.push_all().await;
    let document = till.draw();
    assert_eq!(till.push(vec![ahead(&till, &header, document)]).await, duplicate(answers.last().unwrap().clone()));
}

async fn held(owner: &Client) -> Vec<HeldEnvelope> {
    owner.get("/api/v1/sync/held?limit=200").await.json::<HeldPage>().envelopes
}

#[tokio::test]
async fn what_is_held_under_a_kind_that_nobody_knows_is_rejected_and_not_released() {
    let (company, mut till, _other, header) = scene().await;
    let document = till.draw();
    let many: Vec<Envelope> = (0..=MAX_WAITING as u64)
        .map(|n| {
            let intent_id: IntentId = till.draw();
            ahead(&till, &Header { intent_id, device_seq: 1_000 + n, ..header.clone() }, document)
        })
        .collect();
    let mut answers = Vec::new();
    for some in many.chunks(MAX_PUSH) {
        answers.extend(till.push(some.to_vec()).await);
    }
    assert_eq!(answers.last(), Some(&Answer::Held { code: "too_many_waiting".to_owned() }));
    let owner = company.sign_in("owner").await.0;
    till.pull_all().await;
    let [one]: [HeldEnvelope; 1] = held(&owner).await.try_into().unwrap();
    let path = format!("/api/v1/sync/held/{}", one.intent);
    let release = Release { reason: "It happened.".to_owned(), waives: vec!["too_many_waiting".to_owned()] };
    let refused = owner.post_json(&format!("{path}/release"), &release).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "release_kind_unknown"));
    let reject = Reject { reason: "It never happened.".to_owned() };
    for _ in 0..2 {
        assert!(owner.post_json(&format!("{path}/reject"), &reject).await.status.is_success(), "and the same decision again changes nothing");
    }
    assert_eq!(held(&owner).await, []);
    let answer = Answer::Refused { code: "rejected".to_owned() };
    let told = till.pull_all().await;
    assert!(told.iter().any(|entry| matches!(entry, Entry::Answer { intent_id, answer: said, .. } if *intent_id == one.intent && *said == answer)));
}

#[tokio::test]
async fn what_no_server_knows_waits_on_when_one_starts_and_what_was_written_is_not_written_again() {
    let (company, mut till, _other, header) = scene().await;
    let document = till.draw();
    assert_eq!(till.push(vec![ahead(&till, &header, document)]).await, vec![WAITING]);
    let modified = async || -> String {
        let mut tx = company.test.tenant(company.tenant).await;
        let asked = sqlx::query_scalar("select string_agg(intent_id::text || xmin::text, ' ') from envelopes where standing = 'waiting'");
        asked.fetch_one(tx.connection()).await.unwrap()
    };
    let before = modified().await;
    look_again(&company.app, company.tenant, Timestamp(0)).await.unwrap();
    assert_eq!(modified().await, before);
    assert_eq!(till.push(vec![ahead(&till, &header, document)]).await, duplicate(WAITING));
}

#[tokio::test]
async fn one_envelope_twice_in_a_push_as_a_kind_that_its_document_is_not_of_is_refused_once() {
    let (_company, till, _other, header) = scene().await;
    let mut till = till;
    till.push_all().await;
    let document = header.document;
    let intent_id: IntentId = till.draw();
    let strange = ahead(&till, &Header { intent_id, device_seq: 1_000, ..header }, document);
    let refused = Answer::Refused { code: "kind_differs".to_owned() };
    assert_eq!(till.push(vec![strange.clone(), strange.clone()]).await, vec![refused.clone(), refused.clone()]);
    assert_eq!(till.push(vec![strange]).await, duplicate(refused));
}
