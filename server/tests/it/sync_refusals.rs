//! What sync does not take, and what it says then.

use crate::support::{Company, Till};
use axum::http::{Method, StatusCode};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{ChainId, Currency, DeviceId, DocumentId, Money, TillId};
use holdfast_domain::sales::till_session;
use holdfast_server::http::{App, Limits, router};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::ids::Epoch;
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{self, Draft};
use holdfast_sync::wire::{Answer, Entry, PullRequest, PullResponse, PushRequest};
use std::time::Duration;
use uuid::Uuid;

const PUSH: &str = "/api/v1/sync/push";
const PULL: &str = "/api/v1/sync/pull";

/// The till is opened, on the device only: one envelope waits.
fn open(till: &mut Till, company: &Company) -> (DocumentId, Envelope, Header) {
    let document = till.draw();
    let float = Money::new(5_000, Currency::EUR);
    let id = till.till;
    till.act("sales.till_session", document, &till_session::Open { till: id, site: company.site, currency: Currency::EUR, float });
    let row = till.outbox.last().unwrap().clone();
    let envelope = Envelope { header: row.header, change: row.change, signature: row.signature.unwrap() };
    let header = envelope.read_header().unwrap();
    (document, envelope, header)
}

fn refused(code: &str) -> Vec<Answer> {
    vec![Answer::Refused { code: code.to_owned() }]
}

fn pull_of(till: &Till) -> PullRequest {
    PullRequest { epoch: None, cursors: [].into(), device: Some(till.chain.device), till: Some(till.till.0), limit: 100 }
}

#[tokio::test]
async fn a_body_that_is_no_push_is_refused_with_a_stable_code_and_changes_nothing() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (_, envelope, _) = open(&mut till, &company);
    let sound = PushRequest { grants: vec![till.grant.clone()], envelopes: vec![envelope.clone()] };
    let cut_off = {
        let mut bytes = cbor::encode(&sound);
        bytes.truncate(bytes.len() - 1);
        bytes
    };
    let trailing = {
        let mut bytes = cbor::encode(&sound);
        bytes.push(0);
        bytes
    };
    let too_many = PushRequest { grants: Vec::new(), envelopes: vec![envelope; 501] };
    let cbor_type = Some("application/cbor");
    let json = Some("application/json");
    let rows = [
        ("nothing", cbor_type, Vec::new(), (422, "invalid_body")),
        ("cut off", cbor_type, cut_off, (422, "invalid_body")),
        ("trailing bytes", cbor_type, trailing, (422, "invalid_body")),
        ("a wrong type", cbor_type, cbor::encode(&"push"), (422, "invalid_body")),
        ("an unknown field", json, br#"{"envelopes":[],"sudo":true}"#.to_vec(), (422, "invalid_body")),
        ("a wrong type in JSON", json, br#"{"envelopes":7}"#.to_vec(), (422, "invalid_body")),
        ("JSON cut off", json, br#"{"envelopes":["#.to_vec(), (400, "malformed_json")),
        ("no content type", None, cbor::encode(&sound), (415, "unsupported_content_type")),
        ("another content type", Some("text/plain"), cbor::encode(&sound), (415, "unsupported_content_type")),
        ("too many envelopes", cbor_type, cbor::encode(&too_many), (413, "push_too_large")),
        ("too large", cbor_type, vec![0; 17 * 1024 * 1024], (413, "body_too_large")),
    ];
    for (name, content_type, body, (status, code)) in rows {
        let response = till.client.send(Method::POST, PUSH, (content_type, body)).await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (status, code), "{name}");
    }
    let taken = till.push_all().await;
    assert!(matches!(taken[..], [Answer::Accepted { .. }]), "{taken:?}");
}

#[tokio::test]
async fn who_is_not_signed_in_neither_pushes_nor_pulls_nor_listens() {
    let company = Company::open().await;
    let stranger = crate::support::Client::of(company.router.clone());
    for (method, path) in [(Method::POST, PUSH), (Method::POST, PULL), (Method::GET, "/api/v1/sync/live")] {
        let response = stranger.send(method, path, (Some("application/cbor"), Vec::new())).await;
        assert_eq!((response.status, response.code().as_str()), (StatusCode::UNAUTHORIZED, "not_signed_in"), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_signature_is_refused_and_does_not_spoil_the_intent() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (_, envelope, _) = open(&mut till, &company);
    let mut forged = envelope.clone();
    forged.signature.0[5] ^= 1;
    assert_eq!(till.push(vec![forged]).await, refused("signature_wrong"));
    let mut stretched = envelope.clone();
    stretched.header.0.push(0);
    assert_eq!(till.push(vec![stretched]).await, refused("envelope_malformed"));
    assert!(matches!(till.push(vec![envelope]).await[..], [Answer::Accepted { .. }]));
}

#[tokio::test]
async fn nobody_speaks_for_the_server_or_for_a_device_that_never_enrolled() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (_, envelope, header) = open(&mut till, &company);
    let as_server = Header { device: DeviceId::SERVER, ..header.clone() };
    let as_unknown = Header { device: DeviceId(Uuid::from_u128(77)), ..header };
    let change = envelope.change.0;
    assert_eq!(till.push(vec![till.seal(&as_server, change.clone())]).await, refused("signature_wrong"));
    assert_eq!(till.push(vec![till.seal(&as_unknown, change)]).await, refused("device_unknown"));
}

#[tokio::test]
async fn a_payload_that_differs_from_its_facts_is_held_and_nothing_of_it_is_merged() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let mut second = company.enrol("cashier", company.tills[1], 2).await;
    let (document, envelope, mut header) = open(&mut till, &company);
    let float = Money::new(999_999, Currency::EUR);
    let other = till_session::Open { till: till.till, site: company.site, currency: Currency::EUR, float };
    header.intent.payload = Bytes(cbor::encode(&other));
    let lie = till.seal(&header, envelope.change.0);
    assert_eq!(till.push(vec![lie]).await, vec![Answer::Held { code: "facts_differ_from_intent".to_owned() }]);
    second.pull_all().await;
    assert!(!second.documents.contains_key(&document));
}

#[tokio::test]
async fn what_another_chain_number_was_used_for_is_held_as_a_fork() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let before = (till.chain.clone(), till.outbox.len());
    let (_, honest, _) = open(&mut till, &company);
    // A cloned profile goes on from the same state.
    till.chain = before.0;
    let (_, twin, _) = open(&mut till, &company);
    assert!(matches!(till.push(vec![honest]).await[..], [Answer::Accepted { .. }]));
    assert_eq!(till.push(vec![twin]).await, vec![Answer::Held { code: "chain_forked".to_owned() }]);
}

#[tokio::test]
async fn a_chain_that_the_device_never_enrolled_with_is_held() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (_, envelope, header) = open(&mut till, &company);
    let drawn = Header { chain: Some(ChainId(Uuid::from_u128(77))), ..header };
    assert_eq!(till.push(vec![till.seal(&drawn, envelope.change.0)]).await, vec![Answer::Held { code: "chain_unknown".to_owned() }]);
}

#[tokio::test]
async fn what_no_table_can_hold_is_refused_once_and_not_tried_for_ever() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (_, envelope, header) = open(&mut till, &company);
    let kind = Header { kind: "sales\0ticket".to_owned(), ..header.clone() };
    let number = Header { device_seq: u64::MAX, ..header };
    for lie in [kind, number] {
        assert_eq!(till.push(vec![till.seal(&lie, envelope.change.0.clone())]).await, refused("envelope_malformed"));
    }
}

#[tokio::test]
async fn a_till_session_that_somebody_begins_once_more_is_held_and_its_float_stays() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let (document, envelope, _) = open(&mut till, &company);
    assert!(matches!(till.push(vec![envelope]).await[..], [Answer::Accepted { .. }]));
    let mut other = company.enrol("cashier", company.tills[1], 2).await;
    other.now = other.now.plus_ms(-60_000);
    let (id, float) = (other.till, Money::new(1, Currency::EUR));
    other.act("sales.till_session", document, &till_session::Open { till: id, site: company.site, currency: Currency::EUR, float });
    assert_eq!(other.push_all().await, vec![Answer::Held { code: "begun_twice".to_owned() }]);
    let mut tx = company.test.tenant(company.tenant).await;
    let statement = "select float_minor from sales_till_sessions where id = $1";
    let float: i64 = sqlx::query_scalar(statement).bind(document.0).fetch_one(tx.connection()).await.unwrap();
    assert_eq!(float, 5_000);
}

#[tokio::test]
async fn one_intent_for_two_documents_at_once_is_accepted_for_one() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    for _ in 0..8 {
        let (_, first, header) = open(&mut till, &company);
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
        till.chain = recorded.chain;
        let (one, two) = futures::join!(till.push(vec![first]), till.push(vec![second]));
        let answers = [one, two].concat();
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Answer::Accepted { .. })).count(), 1, "{answers:?}");
    }
}

#[tokio::test]
async fn a_session_reads_the_feed_of_its_own_device_only() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let other = company.enrol("cashier", company.tills[1], 2).await;
    let foreign = PullRequest { device: Some(other.chain.device), ..pull_of(&till) };
    let response = till.client.post_cbor(PULL, &foreign).await;
    assert_eq!((response.status, response.code().as_str()), (StatusCode::FORBIDDEN, "device_of_another_session"));
}

#[tokio::test]
async fn work_done_after_the_grant_expired_is_accepted_all_the_same() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    company.test.world.pass(Duration::from_secs(46 * 24 * 3_600));
    till.now = company.app.environment.now();
    open(&mut till, &company);
    // The session has ended too: someone signs in again and carries it up.
    till.client = company.sign_in("owner").await.0;
    let answers = till.push_all().await;
    assert!(matches!(answers[..], [Answer::Accepted { .. }]), "{answers:?}");
}

#[tokio::test]
async fn a_pull_beyond_its_limits_or_rights_is_refused() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let elsewhere = TillId(company.other_till.0);
    let rows = [
        (PullRequest { limit: 0, ..pull_of(&till) }, 400, "limit_out_of_range"),
        (PullRequest { limit: 1_001, ..pull_of(&till) }, 400, "limit_out_of_range"),
        (PullRequest { till: Some(elsewhere.0), ..pull_of(&till) }, 403, "till_of_another_site"),
        (PullRequest { till: Some(Uuid::from_u128(1)), ..pull_of(&till) }, 403, "till_of_another_site"),
    ];
    for (request, status, code) in rows {
        let response = till.client.post_cbor(PULL, &request).await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (status, code));
    }
}

#[tokio::test]
async fn a_cursor_of_another_epoch_or_beyond_the_head_enters_anew() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    till.pull_all().await;
    let epoch = till.chain.feed.epoch;
    let cursors = till.chain.feed.cursors.clone();
    let beyond = cursors.keys().map(|audience| (audience.clone(), 1_000_000)).collect();
    for request in
        [PullRequest { epoch: Some(Epoch(Uuid::from_u128(3))), cursors, ..pull_of(&till) }, PullRequest { epoch, cursors: beyond, ..pull_of(&till) }]
    {
        let page: PullResponse = till.client.post_cbor(PULL, &request).await.cbor();
        assert!(page.entries.iter().any(|entry| matches!(entry, Entry::Enter { audience: Audience::Tenant, .. })), "{page:?}");
    }
}

#[tokio::test]
async fn an_audience_that_is_not_the_accounts_is_left() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let elsewhere = Audience::Site(company.other_site.0);
    let epoch = Some(Epoch(Uuid::from_u128(company.tenant.0.as_u128() + 0xe0)));
    let request = PullRequest { epoch, cursors: [(elsewhere.clone(), 0)].into(), ..pull_of(&till) };
    let page: PullResponse = till.client.post_cbor(PULL, &request).await.cbor();
    assert!(page.entries.contains(&Entry::Leave { audience: elsewhere.clone() }));
    assert!(!page.cursors.contains_key(&elsewhere));
}

#[tokio::test]
async fn an_app_that_is_too_old_is_told_so_and_nothing_else_and_pushes_all_the_same() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    till.pull_all().await;
    let request = PullRequest { epoch: till.chain.feed.epoch, cursors: till.chain.feed.cursors.clone(), ..pull_of(&till) };
    let second = router(App { oldest_app: 2, ..company.app.clone() }, Limits::default());
    till.client = till.client.elsewhere(second);
    let (_, envelope, _) = open(&mut till, &company);
    assert!(matches!(till.push(vec![envelope]).await[..], [Answer::Accepted { .. }]));
    for (query, told) in [("", false), ("?version=1", false), ("?version=2", true), ("?version=3", true)] {
        let page: PullResponse = till.client.post_cbor(&format!("{PULL}{query}"), &request).await.cbor();
        let only = matches!(page.entries[..], [Entry::MinimumVersion { version: 2, .. }]);
        assert_eq!((only, page.asks_for_newer_than(1)), (!told, !told), "{query}: {:?}", page.entries);
        if !told {
            assert_eq!((Some(page.epoch), page.cursors, page.more), (request.epoch, request.cursors.clone(), false), "it follows what it followed");
        }
    }
}
