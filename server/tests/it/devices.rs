//! Devices present their keys; grants say what may be done on them.

use crate::support::{Actor, Answer, DEPOT_TILL, HARBOUR, QUARRY, QUARRY_TILL, SHOP, SHOP_TILL, TestServer};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use holdfast_domain::identity::{DeviceEnrolment, GrantRequest, KeyAlgorithm};
use holdfast_domain::kernel::{DeviceId, TillId, Timestamp};
use holdfast_server::identity;
use serde_json::{Value, json};
use uuid::Uuid;

const DEVICES: &str = "/api/v1/identity/devices";
const GRANTS: &str = "/api/v1/identity/grants";
const TABLET: DeviceId = DeviceId(Uuid::from_u128(51));

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn enrolment(device: DeviceId, key: &Ed25519KeyPair, till: Option<TillId>) -> Value {
    json!({
        "device": device,
        "chain": Uuid::from_u128(61),
        "name": "Till 1, Shop",
        "algorithm": "ed25519",
        "public_key": STANDARD.encode(key.public_key().as_ref()),
        "till": till,
        "proof": "",
    })
}

/// With the device's proof that it has that key, for the actor's session.
fn proved(actor: &Actor, enrolment: Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> Value {
    let read: DeviceEnrolment = serde_json::from_value(enrolment.clone()).unwrap();
    with(enrolment, "proof", json!(STANDARD.encode(sign(&read.to_sign(actor.csrf.as_deref().unwrap())))))
}

fn with(mut enrolment: Value, field: &str, value: Value) -> Value {
    enrolment[field] = value;
    enrolment
}

/// What comes of an enrolment that the device signed with the key of that seed.
async fn enrol(actor: &Actor, seed: u8, enrolment: Value) -> Answer {
    actor.post(DEVICES, proved(actor, enrolment, |bytes| key(seed).sign(bytes).as_ref().to_vec())).await
}

/// A question for a grant on the tablet, signed with the key of that seed for the actor's session.
fn asking(actor: &Actor, seed: u8) -> Value {
    let signed = key(seed).sign(&GrantRequest::to_sign(TABLET, actor.csrf.as_deref().unwrap()));
    json!({ "device": TABLET, "proof": STANDARD.encode(signed) })
}

async fn enrolled(actor: &Actor, seed: u8, enrolment: Value) -> Value {
    let answer = enrol(actor, seed, enrolment).await;
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_device_enrols_once_and_may_say_so_again() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    let first = enrol(&carl, 1, enrolment(TABLET, &key(1), Some(SHOP_TILL))).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.json()["epoch"], Uuid::from_u128(41).to_string());
    assert_eq!(first.json()["server_time_ms"], server.app.environment.now().0);
    assert_eq!(enrol(&carl, 1, enrolment(TABLET, &key(1), Some(SHOP_TILL))).await.status, 200);

    let mut tx = server.test.tenant(HARBOUR).await;
    let stored = identity::device_key(&mut tx, TABLET).await.unwrap().unwrap();
    assert_eq!((stored.till, stored.revoked_at), (Some(SHOP_TILL), None));
    assert!(stored.key.verify(b"sold", key(1).sign(b"sold").as_ref()));
    assert!(!stored.key.verify(b"sold", key(2).sign(b"sold").as_ref()));
}

#[tokio::test]
async fn a_known_device_with_another_key_is_refused() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    enrolled(&carl, 1, enrolment(TABLET, &key(1), None)).await;
    let refused = enrol(&carl, 2, enrolment(TABLET, &key(2), None)).await;
    assert_eq!(refused.problem(), (409, "device_key_differs".to_owned()));
    let mut tx = server.test.tenant(HARBOUR).await;
    let stored = identity::device_key(&mut tx, TABLET).await.unwrap().unwrap();
    assert_eq!(stored.key.public_key(), key(1).public_key().as_ref(), "the first key stays");
}

/// Public keys are no secret: a grant says them to whoever follows the site.
#[tokio::test]
async fn nobody_speaks_for_a_device_without_its_key() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    let olga = server.signed_in("harbour", "olga").await;
    let known = enrolment(TABLET, &key(1), Some(SHOP_TILL));
    enrolled(&carl, 1, known.clone()).await;
    let sign = |bytes: &[u8]| key(1).sign(bytes).as_ref().to_vec();
    let overheard = proved(&carl, known.clone(), sign);
    let renamed = with(overheard.clone(), "name", json!("Mine"));
    let moved = with(overheard.clone(), "till", Value::Null);
    let on_another_chain = with(overheard.clone(), "chain", json!(Uuid::from_u128(62)));
    let by_another_key = proved(&olga, known.clone(), |bytes| key(2).sign(bytes).as_ref().to_vec());
    for (who, lie) in
        [(&olga, overheard), (&carl, renamed), (&carl, moved), (&carl, on_another_chain), (&olga, by_another_key), (&olga, known.clone())]
    {
        assert_eq!(who.post(DEVICES, lie.clone()).await.problem(), (422, "device_proof_wrong".to_owned()), "{lie}");
    }
    // Nor is a session the device's by naming it: with another key, with what somebody else's session signed, with nothing.
    for lie in [asking(&olga, 2), asking(&carl, 1), with(asking(&olga, 1), "proof", json!(""))] {
        assert_eq!(olga.post(GRANTS, lie.clone()).await.problem(), (422, "device_proof_wrong".to_owned()), "{lie}");
    }
    assert_eq!(olga.post(GRANTS, asking(&olga, 1)).await.status, 201);
    let mut tx = server.test.tenant(HARBOUR).await;
    assert_eq!(identity::device_key(&mut tx, TABLET).await.unwrap().unwrap().till, Some(SHOP_TILL));
    let (name, chains): (String, i64) =
        sqlx::query_as("select name, (select count(*) from device_chains) from devices").fetch_one(tx.connection()).await.unwrap();
    assert_eq!((name.as_str(), chains), ("Till 1, Shop", 1));
}

#[tokio::test]
async fn a_device_whose_storage_was_created_anew_begins_a_new_chain() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    enrolled(&carl, 1, enrolment(TABLET, &key(1), None)).await;
    enrolled(&carl, 1, with(enrolment(TABLET, &key(1), None), "chain", json!(Uuid::from_u128(62)))).await;
    let mut tx = server.test.tenant(HARBOUR).await;
    let chains: i64 = sqlx::query_scalar("select count(*) from device_chains").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(chains, 2);
}

#[tokio::test]
async fn both_kinds_of_key_that_browsers_make_are_taken() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let body = with(enrolment(TABLET, &key(1), None), "algorithm", json!("p256"));
    let body = with(body, "public_key", json!(STANDARD.encode(pair.public_key().as_ref())));
    let body = proved(&carl, body, |bytes| pair.sign(&SystemRandom::new(), bytes).unwrap().as_ref().to_vec());
    assert_eq!(carl.post(DEVICES, body).await.status, 201);
    let mut tx = server.test.tenant(HARBOUR).await;
    assert_eq!(identity::device_key(&mut tx, TABLET).await.unwrap().unwrap().key.algorithm(), KeyAlgorithm::P256);
}

#[tokio::test]
async fn what_cannot_be_enrolled_is_refused_and_not_kept() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    let good = || enrolment(TABLET, &key(1), None);
    let refused = [
        (with(good(), "device", json!(DeviceId::SERVER)), (422, "device_reserved")),
        (with(good(), "name", json!("  ")), (422, "device_name_invalid")),
        (with(good(), "name", json!("x".repeat(201))), (422, "device_name_invalid")),
        (with(good(), "name", json!("Till\u{0}")), (422, "device_name_invalid")),
        (with(good(), "public_key", json!("")), (422, "device_key_invalid")),
        (with(good(), "public_key", json!(STANDARD.encode([0; 32]))), (422, "device_key_invalid")),
        (with(good(), "algorithm", json!("p256")), (422, "device_key_invalid")),
        (with(good(), "algorithm", json!("rsa")), (422, "invalid_body")),
        (with(good(), "till", json!(QUARRY_TILL)), (404, "till_unknown")),
        (with(good(), "till", json!(DEPOT_TILL)), (404, "till_unknown")),
    ];
    for (body, (status, code)) in refused {
        // What is not an enrolment at all has nothing to prove.
        let sent = if code == "invalid_body" { body.clone() } else { proved(&carl, body.clone(), |bytes| key(1).sign(bytes).as_ref().to_vec()) };
        assert_eq!(carl.post(DEVICES, sent).await.problem(), (status, code.to_owned()), "{body}");
    }
    let mut tx = server.test.tenant(HARBOUR).await;
    assert!(identity::device_key(&mut tx, TABLET).await.unwrap().is_none());
}

#[tokio::test]
async fn a_till_s_grant_says_what_its_holder_may_do_at_the_till_s_site() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    let answer = enrolled(&carl, 1, enrolment(TABLET, &key(1), Some(SHOP_TILL))).await;
    let claims = server.app.identity.verify_grant(answer["grant"].as_str().unwrap()).unwrap();
    let now_s = server.app.environment.now().0 / 1_000;
    assert_eq!((claims.tid, claims.device, claims.name.as_str()), (HARBOUR, TABLET, "Carl"));
    assert_eq!(claims.whid, [SHOP]);
    let permissions: Vec<_> = claims.permissions.iter().map(|permission| permission.0.as_ref()).collect();
    assert_eq!(permissions, ["sales.ticket.sell", "sales.till_session.close", "sales.till_session.open"]);
    assert_eq!((claims.iat, claims.exp), (now_s, now_s + 45 * 24 * 60 * 60));

    let mut tx = server.test.tenant(HARBOUR).await;
    let stored = identity::grant(&mut tx, claims.jti).await.unwrap().unwrap();
    assert_eq!((stored.account, stored.device, stored.revoked_at), (claims.sub, TABLET, None));
    assert_eq!((stored.sites, stored.permissions), (claims.whid.clone(), claims.permissions.clone()));
    assert_eq!((stored.issued_at, stored.expires_at), (server.app.environment.now(), Timestamp(claims.exp * 1_000)));
    assert!(identity::grant(&mut server.test.tenant(QUARRY).await, claims.jti).await.unwrap().is_none(), "another company does not know it");
}

#[tokio::test]
async fn several_people_hold_grants_on_one_device() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    let olga = server.signed_in("harbour", "olga").await;
    enrolled(&carl, 1, enrolment(TABLET, &key(1), Some(SHOP_TILL))).await;
    let answer = olga.post(GRANTS, asking(&olga, 1)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let claims = server.app.identity.verify_grant(answer.json()["grant"].as_str().unwrap()).unwrap();
    assert_eq!((claims.name.as_str(), claims.whid.as_slice()), ("Olga", [SHOP].as_slice()));
    // Records are written online only: a grant says nothing of them.
    let of_records: Vec<_> = holdfast_domain::RESOURCES.iter().flat_map(|resource| resource.rights.all()).collect();
    for permission in identity::Role::Owner.permissions() {
        assert_eq!(claims.permissions.contains(&permission), !of_records.contains(&&permission), "{permission:?}");
    }
}

#[tokio::test]
async fn a_grant_is_given_only_where_it_can_hold() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    assert_eq!(carl.post(GRANTS, asking(&carl, 1)).await.problem(), (404, "device_unknown".to_owned()));
    enrolled(&carl, 1, enrolment(TABLET, &key(1), Some(SHOP_TILL))).await;

    let wim = server.signed_in("harbour", "wim").await;
    assert_eq!(wim.post(GRANTS, asking(&wim, 1)).await.problem(), (403, "not_at_this_till".to_owned()));
    let quarry = server.signed_in("quarry", "olga").await;
    assert_eq!(quarry.post(GRANTS, asking(&quarry, 1)).await.problem(), (404, "device_unknown".to_owned()), "another company does not know it");

    let olga = server.signed_in("harbour", "olga").await;
    assert_eq!(olga.post(&format!("{DEVICES}/{TABLET}/revocation"), json!({ "reason": "stolen" })).await.status, 200);
    let carl = server.signed_in("harbour", "carl").await;
    assert_eq!(carl.post(GRANTS, asking(&carl, 1)).await.problem(), (403, "device_revoked".to_owned()));
    assert_eq!(enrol(&carl, 1, enrolment(TABLET, &key(1), Some(SHOP_TILL))).await.problem(), (403, "device_revoked".to_owned()));
}

#[tokio::test]
async fn two_companies_may_enrol_devices_of_one_id_and_do_not_meet() {
    let server = TestServer::start().await;
    enrolled(&server.signed_in("harbour", "carl").await, 1, enrolment(TABLET, &key(1), None)).await;
    enrolled(&server.signed_in("quarry", "olga").await, 2, enrolment(TABLET, &key(2), None)).await;
    for (tenant, seed) in [(HARBOUR, 1), (QUARRY, 2)] {
        let mut tx = server.test.tenant(tenant).await;
        let stored = identity::device_key(&mut tx, TABLET).await.unwrap().unwrap();
        assert_eq!(stored.key.public_key(), key(seed).public_key().as_ref());
    }
}

#[tokio::test]
async fn a_grant_that_this_server_did_not_sign_does_not_count() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    let answer = enrolled(&carl, 1, enrolment(TABLET, &key(1), Some(SHOP_TILL))).await;
    let grant = answer["grant"].as_str().unwrap();
    let [header, claims, signature] = grant.split('.').collect::<Vec<_>>().try_into().unwrap();

    let wider = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap().replace("sales.ticket.sell", "sales.ticket.read");
    let wider = URL_SAFE_NO_PAD.encode(wider);
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
    let foreign = URL_SAFE_NO_PAD.encode(key(9).sign(format!("{header}.{claims}").as_bytes()));
    let forged = [
        format!("{header}.{wider}.{signature}"),
        format!("{unsigned}.{claims}."),
        format!("{header}.{claims}.{foreign}"),
        format!("{header}.{claims}."),
        grant[..grant.len() - 8].to_owned(),
        String::new(),
        "a.b.c".to_owned(),
    ];
    for forgery in forged {
        assert!(server.app.identity.verify_grant(&forgery).is_err(), "{forgery}");
    }
    assert!(server.app.identity.verify_grant(grant).is_ok());
}

#[tokio::test]
async fn an_expired_grant_still_says_what_its_holder_was_allowed() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    let answer = enrolled(&carl, 1, enrolment(TABLET, &key(1), None)).await;
    server.test.world.pass(std::time::Duration::from_hours(24 * 90));
    assert!(server.app.identity.verify_grant(answer["grant"].as_str().unwrap()).is_ok());
}

#[tokio::test]
async fn the_server_s_keys_outlive_a_restart() {
    let server = TestServer::start().await;
    let carl = server.signed_in("harbour", "carl").await;
    let grant = enrolled(&carl, 1, enrolment(TABLET, &key(1), None)).await["grant"].as_str().unwrap().to_owned();
    let signature = server.app.identity.keys().current().sign(b"ruling");
    let restarted = identity::Identity::start(&server.test.database, &server.app.environment).await.unwrap();
    assert!(restarted.verify_grant(&grant).is_ok());
    assert!(restarted.keys().verify(b"ruling", signature.as_ref()));
    assert!(!restarted.keys().verify(b"another", signature.as_ref()));
}

#[tokio::test]
async fn servers_that_start_at_once_agree_on_one_key() {
    let test = crate::support::TestDatabase::create().await;
    let environment = test.world.environment();
    let start = || identity::Identity::start(&test.database, &environment);
    let (first, second, third) = tokio::join!(start(), start(), start());
    let key = |identity: Result<identity::Identity, _>| identity.ok().unwrap().keys().current().public_key().to_vec();
    let first = key(first);
    assert_eq!((&key(second), &key(third)), (&first, &first));
}
