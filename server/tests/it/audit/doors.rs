//! Who comes in, who is turned away, who goes: each leaves an entry, and what was typed leaves none.

use super::{since, stored};
use crate::support::{Actor, HARBOUR, PASSWORD, QUARRY, TestServer};
use axum::body::Body;
use serde_json::json;
use uuid::Uuid;

const SESSIONS: &str = "/api/v1/identity/sessions";
const OLGA: Uuid = Uuid::from_u128(31);

/// Signs in as a browser that says what it is, as part of a trace.
async fn sign_in(actor: &Actor, (tenant, email, password): (&str, &str, &str)) -> u16 {
    let body = json!({ "tenant": tenant, "email": email, "password": password }).to_string();
    let request =
        actor.json(SESSIONS).header("user-agent", "Kelp/1.0").header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    actor.send(request.body(Body::from(body)).unwrap()).await.status
}

#[tokio::test]
async fn a_sign_in_says_who_from_where_and_in_which_session() {
    let server = TestServer::start().await;
    let before = stored(&server.test, HARBOUR).await.len();
    assert_eq!(sign_in(&server.stranger(), ("harbour", "Olga@Example.com", PASSWORD)).await, 201);
    let [entry] = since(&server.test, HARBOUR, before).await.try_into().unwrap();
    assert_eq!((entry.action.as_str(), entry.kind.as_str(), entry.record, entry.title.as_str()), ("sign_in", "identity.account", OLGA, "Olga"));
    assert_eq!((entry.account, entry.roles, entry.device), (Some(OLGA), vec!["owner".to_owned()], None));
    assert_eq!((entry.address.as_deref(), entry.user_agent.as_deref()), (Some("192.0.2.1"), Some("Kelp/1.0")));
    assert!(entry.request.is_some() && entry.traceparent.unwrap().contains("4bf92f3577b34da6a3ce929d0e0e4736"));
    assert_eq!(entry.session.map(|mark| mark.len()), Some(16));
    assert_eq!((entry.before, entry.after, entry.reason), (None, None, None));
}

#[tokio::test]
async fn a_sign_in_that_failed_is_nobodys_act_and_tells_nothing_of_what_was_typed() {
    let server = TestServer::start().await;
    let before = stored(&server.test, HARBOUR).await.len();
    let tries = [
        (("harbour", "olga@example.com", "hunter2"), (OLGA, "Olga")),
        (("harbour", "hunter2@example.com", PASSWORD), (Uuid::nil(), "")),
        // Who has left is known, and comes in no more.
        (("harbour", "gone@example.com", PASSWORD), (Uuid::from_u128(34), "Gone")),
    ];
    for (typed, _) in tries {
        assert_eq!(sign_in(&server.stranger(), typed).await, 401, "{typed:?}");
    }
    let entries = since(&server.test, HARBOUR, before).await;
    assert_eq!(entries.len(), tries.len());
    for (entry, (typed, known)) in entries.iter().zip(tries) {
        assert_eq!((entry.action.as_str(), entry.record, entry.title.as_str()), ("sign_in_failed", known.0, known.1), "{typed:?}");
        assert_eq!((entry.account, entry.session.as_ref(), entry.roles.len()), (None, None, 0), "{typed:?}");
        assert_eq!((entry.address.as_deref(), entry.user_agent.as_deref()), (Some("192.0.2.1"), Some("Kelp/1.0")), "{typed:?}");
        let said = format!("{entry:?}");
        assert!(!said.contains("hunter2") && !said.contains(PASSWORD), "{said}");
    }
}

#[tokio::test]
async fn a_sign_in_at_no_company_or_another_leaves_nothing_here() {
    let server = TestServer::start().await;
    let before = stored(&server.test, HARBOUR).await.len();
    let theirs = stored(&server.test, QUARRY).await.len();
    assert_eq!(sign_in(&server.stranger(), ("nowhere", "olga@example.com", PASSWORD)).await, 401);
    assert_eq!(sign_in(&server.stranger(), ("quarry", "carl@example.com", PASSWORD)).await, 401);
    assert_eq!(since(&server.test, HARBOUR, before).await, []);
    assert_eq!(since(&server.test, QUARRY, theirs).await.len(), 1);
}

#[tokio::test]
async fn a_stranger_who_guesses_on_leaves_only_as_many_entries_as_they_get_guesses() {
    let server = TestServer::start().await;
    let before = stored(&server.test, HARBOUR).await.len();
    let mut turned_away = 0;
    for n in 0..60 {
        let status = sign_in(&server.stranger(), ("harbour", &format!("person{n}@example.com"), "guess")).await;
        turned_away += usize::from(status == 429);
    }
    assert_eq!((turned_away, since(&server.test, HARBOUR, before).await.len()), (19, 41));
}

#[tokio::test]
async fn who_signs_out_leaves_one_entry_of_the_session_that_ended() {
    let server = TestServer::start().await;
    let before = stored(&server.test, HARBOUR).await.len();
    let olga = server.signed_in("harbour", "olga").await;
    assert_eq!(olga.delete("/api/v1/identity/session").await.status, 204);
    assert_eq!(olga.delete("/api/v1/identity/session").await.status, 401, "it has ended");
    let [came, went] = since(&server.test, HARBOUR, before).await.try_into().unwrap();
    assert_eq!((went.action.as_str(), went.account, went.record), ("sign_out", Some(OLGA), OLGA));
    assert_eq!(went.session, came.session);
}
