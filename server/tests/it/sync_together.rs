//! Documents of one push, which are judged by themselves and written together.

use crate::support::{Company, Till};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{Currency, DocumentId, Money};
use holdfast_domain::sales::till_session;
use holdfast_sync::bytes::Bytes;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::replica::{self, Draft};
use holdfast_sync::wire::Answer;

/// The till is opened, on the device only.
fn open(till: &mut Till, company: &Company) -> (DocumentId, Envelope) {
    let document = till.draw();
    let float = Money::new(5_000, Currency::EUR);
    let id = till.till;
    till.act("sales.till_session", document, &till_session::Open { till: id, site: company.site, currency: Currency::EUR, float });
    (document, last(till))
}

fn last(till: &Till) -> Envelope {
    let row = till.outbox.last().unwrap().clone();
    Envelope { header: row.header, change: row.change, signature: row.signature.unwrap() }
}

#[tokio::test]
async fn documents_of_one_push_are_told_in_its_order_each_at_the_position_of_its_answer() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let mut second = company.enrol("cashier", company.tills[1], 2).await;
    let opened: Vec<_> = (0..5).map(|_| open(&mut till, &company)).collect();
    let answers = till.push(opened.iter().map(|(_, envelope)| envelope.clone()).collect()).await;
    let positions: Vec<_> = answers.iter().map(|answer| if let Answer::Accepted { position } = answer { *position } else { 0 }).collect();
    assert!(positions.is_sorted_by(|one, next| one < next) && positions[0] > 0, "{answers:?}");
    second.pull_all().await;
    assert!(opened.iter().all(|(document, _)| second.documents.contains_key(document)));
    let mut tx = company.test.tenant(company.tenant).await;
    for ((document, _), position) in opened.iter().zip(positions) {
        let merged: Vec<i64> =
            sqlx::query_scalar("select position from envelopes where document = $1 and device <> '00000000-0000-0000-0000-000000000000'")
                .bind(document.0)
                .fetch_all(tx.connection())
                .await
                .unwrap();
        assert_eq!(merged, [position as i64]);
        let last: i64 =
            sqlx::query_scalar("select max(position) from envelopes where document = $1").bind(document.0).fetch_one(tx.connection()).await.unwrap();
        let stands: i64 =
            sqlx::query_scalar("select position from documents where id = $1").bind(document.0).fetch_one(tx.connection()).await.unwrap();
        assert_eq!(stands, last);
    }
}

#[tokio::test]
async fn what_a_cloned_profile_says_in_the_same_push_is_held_as_a_fork() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let before = till.chain.clone();
    let (_, honest) = open(&mut till, &company);
    till.chain = before;
    let (_, twin) = open(&mut till, &company);
    let answers = till.push(vec![honest, twin]).await;
    assert!(matches!(&answers[..], [Answer::Accepted { .. }, Answer::Held { code }] if code == "chain_forked"), "{answers:?}");
}

#[tokio::test]
async fn one_intent_for_two_documents_of_one_push_is_accepted_for_the_first() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (_, first) = open(&mut till, &company);
    let header = first.read_header().unwrap();
    let document = till.draw();
    let again = Draft {
        tenant: till.session.tenant,
        document,
        kind: KINDS.get("sales.till_session").unwrap(),
        intent_id: header.intent_id,
        call: header.intent.clone(),
        author: till.author(),
        grant: till.grant.clone(),
        actor: till.actor(document),
        device_now: till.now,
    };
    let recorded = replica::record(&till.chain, None, again).unwrap();
    let signature = Bytes(till.sign(&recorded.outbox.header.0));
    let second = Envelope { header: recorded.outbox.header, change: recorded.outbox.change, signature };
    let answers = till.push(vec![first, second]).await;
    let [Answer::Accepted { position }, Answer::Duplicate { first }] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(**first, Answer::Accepted { position: *position });
}

#[tokio::test]
async fn a_document_that_cannot_be_read_delays_no_other_of_its_push() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (broken, opened) = open(&mut till, &company);
    assert!(matches!(till.push(vec![opened]).await[..], [Answer::Accepted { .. }]));
    let mut tx = company.test.tenant(company.tenant).await;
    let whole: Vec<u8> = sqlx::query_scalar("select saved from documents where id = $1").bind(broken.0).fetch_one(tx.connection()).await.unwrap();
    let put = "update documents set saved = $2 where id = $1";
    sqlx::query(put).bind(broken.0).bind(&[0_u8][..]).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    let close =
        till_session::Close { counted: Money::new(5_000, Currency::EUR), expected: Money::new(5_000, Currency::EUR), tickets: 0, photos: Vec::new() };
    till.act("sales.till_session", broken, &close);
    let closed = last(&till);
    let (_, other) = open(&mut till, &company);
    let (_, third) = open(&mut till, &company);
    let push = vec![other, closed, third];
    let answers = till.push(push.clone()).await;
    assert!(matches!(answers[..], [Answer::Accepted { .. }, Answer::Retry, Answer::Accepted { .. }]), "{answers:?}");
    let mut tx = company.test.tenant(company.tenant).await;
    sqlx::query(put).bind(broken.0).bind(&whole).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    let answers = till.push(push).await;
    assert!(matches!(answers[..], [Answer::Duplicate { .. }, Answer::Accepted { .. }, Answer::Duplicate { .. }]), "{answers:?}");
}
