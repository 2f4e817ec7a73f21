//! Devices and grants are taken back: who may, what it ends, and what becomes of what was made already.

use crate::support::{Client, Company, Till};
use axum::body::{Body, BodyDataStream};
use axum::http::StatusCode;
use futures::StreamExt as _;
use holdfast_domain::identity::{DeviceStanding, DevicesPage, Revoke};
use holdfast_domain::kernel::{Currency, DeviceId, DocumentId, Money};
use holdfast_domain::sales::office::TillsOverview;
use holdfast_domain::sales::till_session;
use holdfast_server::http::{App, Limits, router};
use holdfast_server::sync::{Movements, Relay};
use holdfast_sync::wire::{Answer, MAX_PULL, PullRequest};
use serde_json::Value;
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

fn because(reason: &str) -> Revoke {
    Revoke { reason: reason.to_owned() }
}

fn device_path(device: DeviceId) -> String {
    format!("/api/v1/identity/devices/{device}/revocation")
}

async fn owner(company: &Company) -> Client {
    company.sign_in("owner").await.0
}

async fn revoke(company: &Company, device: DeviceId) -> DeviceStanding {
    let response = owner(company).await.post_json(&device_path(device), &because("left in a taxi")).await;
    assert_eq!(response.status, StatusCode::OK, "{}", String::from_utf8_lossy(&response.body));
    response.json()
}

/// An act whose envelope waits on the device.
fn open_till(company: &Company, till: &mut Till) -> DocumentId {
    let document = till.draw();
    let (id, float) = (till.till, Money::new(10_000, Currency::EUR));
    till.act("sales.till_session", document, &till_session::Open { till: id, site: company.site, currency: Currency::EUR, float });
    document
}

async fn pull_code(till: &Till) -> (StatusCode, String) {
    let request = PullRequest { epoch: None, cursors: Default::default(), device: Some(till.chain.device), till: None, limit: MAX_PULL };
    let response = till.client.post_cbor("/api/v1/sync/pull", &request).await;
    (response.status, response.code())
}

#[tokio::test]
async fn a_revoked_device_is_refused_the_feed_and_the_live_line() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    revoke(&company, till.chain.device).await;
    assert_eq!(pull_code(&till).await, (StatusCode::FORBIDDEN, "device_revoked".to_owned()));
    for path in ["/api/v1/sync/live", "/api/v1/identity/session"] {
        let response = till.client.get(path).await;
        assert_eq!((response.status, response.code()), (StatusCode::FORBIDDEN, "device_revoked".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_new_sign_in_does_not_open_the_feed_to_a_revoked_device() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    revoke(&company, till.chain.device).await;
    till.client = company.sign_in("cashier").await.0;
    assert_eq!(pull_code(&till).await, (StatusCode::FORBIDDEN, "device_revoked".to_owned()));
}

#[tokio::test]
async fn what_a_revoked_device_made_is_held_and_not_lost() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let document = open_till(&company, &mut till);
    revoke(&company, till.chain.device).await;
    let answers = till.push_all().await;
    assert_eq!(answers, [Answer::Held { code: "grant_revoked".to_owned() }]);
    let mut tx = company.test.tenant(company.tenant).await;
    let kept: i64 = sqlx::query_scalar("select count(*) from envelopes where document = $1 and standing = 'held' and octet_length(change) > 0")
        .bind(document.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn a_grant_that_only_its_token_proves_does_not_outlive_its_device() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    open_till(&company, &mut till);
    revoke(&company, till.chain.device).await;
    let mut tx = company.test.tenant(company.tenant).await;
    sqlx::query("delete from grants").execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(till.push_all().await, [Answer::Held { code: "grant_revoked".to_owned() }]);
}

#[tokio::test]
async fn an_open_live_line_ends_with_its_device_and_no_other_does() {
    let company = Company::open().await;
    let [gone, stays] = [company.enrol("cashier", company.tills[0], 1).await, company.enrol("cashier", company.tills[1], 2).await];
    let [mut ended, mut open] = [live(&gone).await, live(&stays).await];
    for line in [&mut ended, &mut open] {
        assert!(moves(line).await);
    }
    revoke(&company, gone.chain.device).await;
    // A move that was told before the line was looked at again may still come.
    while ended.next().await.is_some() {}
    assert!(moves(&mut open).await, "the revocation moved the feed");
}

/// Whether a move is told before the line ends; what only keeps it open is passed over.
async fn moves(line: &mut BodyDataStream) -> bool {
    while let Some(told) = line.next().await {
        if told.unwrap().starts_with(b"event: moved") {
            return true;
        }
    }
    false
}

async fn live(till: &Till) -> BodyDataStream {
    let response = till.client.open("/api/v1/sync/live").await;
    assert_eq!(response.status(), StatusCode::OK);
    Body::into_data_stream(response.into_body())
}

#[tokio::test]
async fn a_line_ends_when_its_session_is_signed_out() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let mut line = live(&till).await;
    assert!(line.next().await.unwrap().is_ok());
    let response = till.client.send(axum::http::Method::DELETE, "/api/v1/identity/session", (None, Vec::new())).await;
    assert_eq!(response.status, StatusCode::NO_CONTENT);
    while line.next().await.is_some() {}
}

#[tokio::test]
async fn the_same_browser_enrols_anew_after_a_new_sign_in() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    revoke(&company, till.chain.device).await;
    let mut anew = company.enrol("cashier", company.tills[0], 2).await;
    open_till(&company, &mut anew);
    let answers = anew.push_all().await;
    assert!(matches!(answers.as_slice(), [Answer::Accepted { .. }]), "{answers:?}");
    anew.pull_all().await;
}

#[tokio::test]
async fn a_revocation_says_who_when_and_why_and_the_first_one_stands() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let (client, session) = company.sign_in("owner").await;
    let first: DeviceStanding = client.post_json(&device_path(till.chain.device), &because(" left in a taxi ")).await.json();
    let revoked = first.revoked.clone().unwrap();
    assert_eq!((revoked.at, revoked.by, revoked.reason.as_str()), (company.app.environment.now(), session.account, "left in a taxi"));
    assert_eq!(first.holders[0].revoked.as_ref(), Some(&revoked), "the grants on it went with it");
    company.test.world.pass(Duration::from_secs(60));
    let again: DeviceStanding = client.post_json(&device_path(till.chain.device), &because("again")).await.json();
    assert_eq!(again, first);
    let events: Vec<Value> = client.get("/api/v1/events").await.json();
    let told: Vec<_> = events.iter().filter(|event| event["type"] == "identity.device.revoked").collect();
    assert_eq!(told.len(), 1, "{events:?}");
    assert_eq!((&told[0]["data"]["reason"], &told[0]["data"]["by"]), (&"left in a taxi".into(), &session.account.to_string().into()));
}

#[tokio::test]
async fn a_revoked_grant_holds_its_holders_acts_and_ends_their_session_there() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    open_till(&company, &mut till);
    let path = format!("/api/v1/identity/grants/{}/revocation", till.claims().jti);
    let response = owner(&company).await.post_json(&path, &because("lent out")).await;
    let standing: DeviceStanding = response.json();
    assert!(standing.revoked.is_none() && standing.holders.iter().all(|holder| holder.revoked.is_some()), "{standing:?}");
    assert_eq!(pull_code(&till).await, (StatusCode::UNAUTHORIZED, "not_signed_in".to_owned()));
    till.client = company.sign_in("cashier").await.0;
    assert_eq!(till.push_all().await, [Answer::Held { code: "grant_revoked".to_owned() }]);
    till.pull_all().await;
}

#[tokio::test]
async fn a_session_that_was_taken_to_another_device_ends_with_the_first() {
    let company = Company::open().await;
    let (stolen, spare) = (company.enrol("cashier", company.tills[0], 1).await, company.enrol("cashier", company.tills[1], 2).await);
    let taken = spare.ask_for_grant_as(&stolen.client).await;
    assert_eq!(taken.status, StatusCode::CREATED);
    revoke(&company, stolen.chain.device).await;
    let response = stolen.client.get("/api/v1/identity/session").await;
    assert_eq!((response.status, response.code()), (StatusCode::UNAUTHORIZED, "not_signed_in".to_owned()));
    assert_eq!(spare.client.get("/api/v1/identity/session").await.status, StatusCode::OK, "whoever works there honestly goes on");
}

#[tokio::test]
async fn only_who_may_takes_back_and_only_what_is_there() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let missing = Uuid::from_u128(0xdead);
    let grant = format!("/api/v1/identity/grants/{}/revocation", till.claims().jti);
    let refused = [
        ("cashier", device_path(till.chain.device), "why", (403, "permission_missing")),
        ("auditor", device_path(till.chain.device), "why", (403, "permission_missing")),
        ("auditor", grant.clone(), "why", (403, "permission_missing")),
        ("owner", device_path(till.chain.device), " ", (422, "reason_missing")),
        ("owner", grant, &"x".repeat(501), (422, "reason_missing")),
        ("owner", device_path(DeviceId(missing)), "why", (404, "device_unknown")),
        ("owner", format!("/api/v1/identity/grants/{missing}/revocation"), "why", (404, "grant_unknown")),
    ];
    for (who, path, reason, (status, code)) in refused {
        let response = company.sign_in(who).await.0.post_json(&path, &because(reason)).await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (status, code), "{who} {path} {reason:?}");
    }
    assert!(pull(&till).await.is_success(), "nothing was taken back");
}

async fn pull(till: &Till) -> StatusCode {
    let request = PullRequest { epoch: None, cursors: Default::default(), device: Some(till.chain.device), till: None, limit: MAX_PULL };
    till.client.post_cbor("/api/v1/sync/pull", &request).await.status
}

#[tokio::test]
async fn another_company_cannot_take_a_device_back() {
    let company = Company::open().await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let (tenant, site, theirs) = (Uuid::from_u128(0x51).into(), Uuid::from_u128(0x52).into(), Uuid::from_u128(0x53).into());
    company.found("rock", tenant, &[(site, &[theirs])]).await;
    let stranger = company.sign_in_at("rock", "owner").await.0;
    assert_eq!(stranger.post_json(&device_path(till.chain.device), &because("why")).await.code(), "device_unknown");
    assert!(pull(&till).await.is_success());
}

#[tokio::test]
async fn the_devices_are_listed_page_by_page_with_who_may_act_on_them() {
    let company = Company::open().await;
    for n in 1..=3 {
        company.enrol("cashier", company.tills[0], n).await;
    }
    let auditor = company.sign_in("auditor").await.0;
    let first: DevicesPage = auditor.get("/api/v1/identity/devices?limit=2").await.json();
    let rest: DevicesPage = auditor.get(&format!("/api/v1/identity/devices?limit=2&after={}", first.next.unwrap())).await.json();
    assert_eq!((first.devices.len(), rest.devices.len(), rest.next), (2, 1, None));
    let names: Vec<_> = first.devices.iter().chain(&rest.devices).map(|device| (device.name.as_str(), device.holders[0].name.as_str())).collect();
    assert_eq!(names, [("Till device 1", "cashier"), ("Till device 2", "cashier"), ("Till device 3", "cashier")]);
    let refused = company.sign_in("cashier").await.0.get("/api/v1/identity/devices").await;
    assert_eq!(refused.code(), "permission_missing");
}

#[tokio::test]
async fn a_device_that_only_pulls_or_listens_is_in_contact() {
    let company = Company::open().await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let auditor = company.sign_in("auditor").await.0;
    let last_contact = async || {
        let overview: TillsOverview = auditor.get("/api/v1/sales/tills").await.json();
        overview.tills.into_iter().find(|standing| standing.till == company.tills[0]).unwrap().last_contact
    };
    assert_eq!(last_contact().await, None, "enrolling is not contact yet");
    till.pull_all().await;
    let pulled = company.app.environment.now();
    assert_eq!(last_contact().await, Some(pulled));
    company.test.world.pass(Duration::from_secs(30));
    till.pull_all().await;
    assert_eq!(last_contact().await, Some(pulled), "within the minute nothing is written");
    company.test.world.pass(Duration::from_secs(31));
    let _line = live(&till).await;
    assert_eq!(last_contact().await, Some(company.app.environment.now()), "who listens is there");
    company.test.world.pass(Duration::from_secs(61));
    open_till(&company, &mut till);
    till.push_all().await;
    assert_eq!(last_contact().await, Some(company.app.environment.now()), "a push is contact");
}

/// Another server on the same database, which is told what moves on the first.
async fn second_server(company: &Company) -> (App, JoinSet<()>) {
    let second = App { movements: Movements::default(), ..company.app.clone() };
    let mut heard = second.movements.listen(company.tenant);
    let mut relays = JoinSet::new();
    for app in [&second, &company.app] {
        relays.spawn(Relay::of(app).run(app.stopping.clone()));
    }
    // A server that begins to listen says that everything may have moved.
    heard.changed().await.unwrap();
    (second, relays)
}

#[tokio::test]
async fn what_moves_on_one_server_is_heard_on_another() {
    let company = Company::open().await;
    let (second, _relays) = second_server(&company).await;
    let mut heard = second.movements.listen(company.tenant);
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    open_till(&company, &mut till);
    till.push_all().await;
    heard.changed().await.unwrap();
}

#[tokio::test]
async fn a_device_that_is_taken_back_on_one_server_loses_its_line_on_another() {
    let company = Company::open().await;
    let (second, _relays) = second_server(&company).await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let response = till.client.elsewhere(router(second, Limits::default())).open("/api/v1/sync/live").await;
    let mut line = Body::into_data_stream(response.into_body());
    assert!(moves(&mut line).await);
    revoke(&company, till.chain.device).await;
    while moves(&mut line).await {}
}
