//! Signing in, staying signed in, signing out.

use crate::support::{Actor, HARBOUR, PASSWORD, TestServer};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

const SESSION: &str = "/api/v1/identity/session";
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn who_signs_in_is_told_who_they_are_and_what_is_theirs() {
    let server = TestServer::start().await;
    let mut carl = server.stranger();
    let answer = carl.sign_in("harbour", " Carl@Example.com ", PASSWORD).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let view = answer.json();
    assert_eq!(view["tenant"], HARBOUR.to_string());
    assert_eq!(view["tenant_name"], "Harbour Shops");
    assert_eq!(view["name"], "Carl");
    assert_eq!(view["permissions"], json!(["sales.ticket.sell", "sales.till_session.close", "sales.till_session.open"]));
    assert_eq!(view["sites"].as_array().unwrap().len(), 1, "a cashier of one site sees that site: {view}");
    assert_eq!(view["sites"][0]["name"], "Shop");
    assert_eq!(view["sites"][0]["tills"][0]["name"], "Till 1");
    assert_eq!(carl.get(SESSION).await.json(), view, "and is told the same later");
}

#[tokio::test]
async fn an_owner_sees_all_sites_of_their_company_and_none_of_another() {
    let server = TestServer::start().await;
    let names =
        |view: serde_json::Value| view["sites"].as_array().unwrap().iter().map(|site| site["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(server.signed_in("harbour", "olga").await.get(SESSION).await.json()), ["Depot", "Shop"]);
    assert_eq!(names(server.signed_in("quarry", "olga").await.get(SESSION).await.json()), ["Pit"]);
}

#[tokio::test]
async fn nobody_learns_what_was_wrong_about_a_sign_in() {
    let server = TestServer::start().await;
    let attempts = [
        ("harbour", "olga@example.com", "wrong"),
        ("harbour", "nobody@example.com", PASSWORD),
        ("nowhere", "olga@example.com", PASSWORD),
        ("quarry", "carl@example.com", PASSWORD),
        ("harbour", "gone@example.com", PASSWORD),
        ("", "", ""),
        ("harbour", "olga@example.com", ""),
        ("harbour", "' or true --", PASSWORD),
    ];
    let mut said = Vec::new();
    for (tenant, email, password) in attempts {
        let answer = server.stranger().sign_in(tenant, email, password).await;
        assert_eq!(answer.problem(), (401, "sign_in_failed".to_owned()), "{tenant} {email}");
        assert_eq!(answer.header("set-cookie"), None);
        said.push(answer.body);
    }
    assert!(said.windows(2).all(|pair| pair[0] == pair[1]), "the answers are the same to the byte");
}

#[tokio::test]
async fn an_endless_password_is_refused_before_it_costs_anything() {
    let server = TestServer::start().await;
    let answer = server.stranger().sign_in("harbour", "olga@example.com", &"x".repeat(2_000)).await;
    assert_eq!(answer.problem(), (401, "sign_in_failed".to_owned()));
}

#[tokio::test]
async fn wrong_passwords_slow_down_whoever_gives_them() {
    let server = TestServer::start().await;
    let mut guesser = server.stranger();
    for _ in 0..5 {
        assert_eq!(guesser.sign_in("harbour", "olga@example.com", "guess").await.problem().0, 401);
    }
    let answer = guesser.sign_in("harbour", "olga@example.com", PASSWORD).await;
    assert_eq!(answer.problem(), (429, "sign_in_throttled".to_owned()), "even the right one has to wait");
    assert_eq!(answer.header("retry-after"), Some("1"));

    let mut elsewhere = server.stranger_at(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 99)));
    assert_eq!(elsewhere.sign_in("harbour", "olga@example.com", PASSWORD).await.status, 201, "and nobody else does");

    server.test.world.pass(Duration::from_secs(1));
    assert_eq!(guesser.sign_in("harbour", "olga@example.com", "guess").await.problem().0, 401);
    let answer = guesser.sign_in("harbour", "olga@example.com", "guess").await;
    assert_eq!(answer.header("retry-after"), Some("2"), "the wait grows");

    server.test.world.pass(Duration::from_secs(2));
    assert_eq!(guesser.sign_in("harbour", "olga@example.com", PASSWORD).await.status, 201);
    for _ in 0..5 {
        assert_eq!(guesser.sign_in("harbour", "olga@example.com", "guess").await.problem().0, 401, "the count began anew");
    }
}

#[tokio::test]
async fn many_guesses_at_once_gain_nothing() {
    let server = TestServer::start().await;
    let guesses = (0..12).map(|_| {
        let mut guesser = server.stranger();
        async move { guesser.sign_in("harbour", "olga@example.com", "guess").await.problem().0 }
    });
    let statuses = futures::future::join_all(guesses).await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
}

#[tokio::test]
async fn guessing_at_many_accounts_from_one_address_is_slowed_down_too() {
    let server = TestServer::start().await;
    let mut statuses = Vec::new();
    for number in 0..45 {
        statuses.push(server.stranger().sign_in("harbour", &format!("person{number}@example.com"), "guess").await.problem().0);
    }
    assert_eq!(statuses.iter().position(|status| *status == 429), Some(41), "{statuses:?}");
}

#[tokio::test]
async fn a_session_lasts_as_long_as_it_is_used() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    for _ in 0..3 {
        server.test.world.pass(DAY * 44);
        let answer = olga.get(SESSION).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("set-cookie").unwrap().contains("Max-Age=3888000"), "the browser keeps it as long as we do");
    }
    server.test.world.pass(DAY * 45);
    assert_eq!(olga.get(SESSION).await.problem(), (401, "session_expired".to_owned()));
}

/// Otherwise an answer that comes later than a colleague's sign-in on the same device would bring back the session of the one before.
#[tokio::test]
async fn an_answer_sets_the_cookie_only_where_its_request_made_the_session_last_longer() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    assert_eq!(olga.get(SESSION).await.header("set-cookie"), None);
    server.test.world.pass(HOUR);
    assert!(olga.get("/api/v1/identity/roles").await.header("set-cookie").unwrap().contains("Max-Age=3888000"), "whatever was asked");
    assert_eq!(olga.get(SESSION).await.header("set-cookie"), None);
    server.test.world.pass(HOUR);
    assert!(olga.delete(SESSION).await.header("set-cookie").unwrap().contains("Max-Age=0"), "who signs out is signed out");
}

#[tokio::test]
async fn who_signs_out_is_signed_out() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    let other_browser = server.signed_in("harbour", "olga").await;
    let answer = olga.delete(SESSION).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(olga.get(SESSION).await.problem(), (401, "not_signed_in".to_owned()));
    assert_eq!(other_browser.get(SESSION).await.status, 200, "other browsers stay signed in");
}

#[tokio::test]
async fn a_cookie_that_was_tampered_with_is_no_session() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    let quarry = server.signed_in("quarry", "olga").await;
    let bytes = |actor: &Actor| URL_SAFE_NO_PAD.decode(actor.cookie.as_ref().unwrap().strip_prefix("hf_session=").unwrap()).unwrap();
    let (ours, theirs) = (bytes(&olga), bytes(&quarry));
    // The first 16 bytes say whose session it is, the others prove it.
    let of_another_company = [&theirs[..16], &ours[16..]].concat();
    let mut off_by_one = ours.clone();
    off_by_one[40] ^= 1;
    for tampered in [of_another_company, off_by_one, ours[..47].to_vec(), [ours.as_slice(), &[0]].concat(), Vec::new()] {
        let cookie = format!("hf_session={}", URL_SAFE_NO_PAD.encode(tampered));
        let mut thief = server.stranger();
        thief.cookie = Some(cookie.clone());
        assert_eq!(thief.get(SESSION).await.problem(), (401, "not_signed_in".to_owned()), "{cookie}");
    }
}

#[tokio::test]
async fn the_proof_of_another_session_does_not_count() {
    let server = TestServer::start().await;
    let mut olga = server.signed_in("harbour", "olga").await;
    olga.csrf = server.signed_in("harbour", "carl").await.csrf;
    assert_eq!(olga.delete(SESSION).await.problem(), (403, "csrf_token_wrong".to_owned()));
    assert_eq!(olga.get(SESSION).await.status, 200, "nothing was changed");
}

#[tokio::test]
async fn a_sign_in_that_another_sites_page_sent_is_refused() {
    let server = TestServer::start().await;
    let stranger = server.stranger();
    let body = json!({ "tenant": "harbour", "email": "olga@example.com", "password": PASSWORD }).to_string();
    let request = stranger.json("/api/v1/identity/sessions").header("sec-fetch-site", "cross-site").body(Body::from(body)).unwrap();
    let answer = stranger.send(request).await;
    assert_eq!(answer.problem(), (403, "cross_site_request".to_owned()));
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test]
async fn a_password_is_never_stored_as_it_is() {
    use sqlx::ConnectOptions as _;
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    let mut superuser = server.test.as_superuser().connect().await.unwrap();
    let hashes: Vec<String> = sqlx::query_scalar("select password_hash from accounts").fetch_all(&mut superuser).await.unwrap();
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")), "{hashes:?}");
    let tokens: Vec<Vec<u8>> = sqlx::query_scalar("select token_hash from sessions").fetch_all(&mut superuser).await.unwrap();
    assert_eq!(tokens.len(), 1);
    assert!(!olga.cookie.unwrap().contains(&hex::encode(&tokens[0])));
}
