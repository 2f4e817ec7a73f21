//! What is no good is refused with a problem that says so, and changes nothing.

use crate::support::{Actor, TestServer};
use axum::body::Body;
use axum::http::Method;
use serde_json::json;

const SESSIONS: &str = "/api/v1/identity/sessions";
/// Addresses that take a JSON body, each with one it would take.
const TAKES_JSON: &[(&str, &str)] = &[
    (SESSIONS, r#"{"tenant":"harbour","email":"olga@example.com","password":"x"}"#),
    (
        "/api/v1/identity/devices",
        r#"{"device":"00000000-0000-0000-0000-000000000009","chain":"00000000-0000-0000-0000-000000000008","name":"Till","algorithm":"ed25519","public_key":"AAAA","till":null}"#,
    ),
    ("/api/v1/identity/grants", r#"{"device":"00000000-0000-0000-0000-000000000009"}"#),
];

async fn post(actor: &Actor, path: &str, content_type: Option<&str>, body: impl Into<Body>) -> (u16, String) {
    let request = actor.request(Method::POST, path);
    let request = content_type.into_iter().fold(request, |request, kind| request.header("content-type", kind));
    actor.send(request.body(body.into()).unwrap()).await.problem()
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_refused() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    for (path, body) in TAKES_JSON {
        for length in [0, 1, body.len() / 2, body.len() - 1] {
            let refused = post(&olga, path, Some("application/json"), body[..length].to_owned()).await;
            assert_eq!(refused, (400, "malformed_json".to_owned()), "{path}: {}", &body[..length]);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_whether_or_not_it_says_so() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    for (path, _) in TAKES_JSON {
        let large = vec![b' '; 65 * 1024];
        assert_eq!(post(&olga, path, Some("application/json"), large.clone()).await, (413, "body_too_large".to_owned()), "{path}");
        let in_pieces =
            Body::from_stream(futures::stream::iter(large.chunks(1_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>()));
        assert_eq!(post(&olga, path, Some("application/json"), in_pieces).await, (413, "body_too_large".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_on_the_way_is_refused() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    for (path, _) in TAKES_JSON {
        let pieces = [Ok(b"{".to_vec()), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
        let refused = post(&olga, path, Some("application/json"), Body::from_stream(futures::stream::iter(pieces))).await;
        assert_eq!(refused, (400, "body_cut_off".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    for (path, body) in TAKES_JSON {
        for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data"), Some("application/jsonx")] {
            assert_eq!(post(&olga, path, kind, *body).await, (415, "unsupported_content_type".to_owned()), "{path} {kind:?}");
        }
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_and_named() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    for (path, body) in TAKES_JSON {
        let with_more = body.replacen('{', r#"{"role":"owner","#, 1);
        let answer = olga.send(olga.json(path).body(Body::from(with_more)).unwrap()).await;
        assert_eq!(answer.problem(), (422, "invalid_body".to_owned()), "{path}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("unknown field `role`"), "{}", answer.json());
    }
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_refused_without_repeating_what_it_held() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    let wrong = [
        (SESSIONS, json!({ "tenant": "harbour", "email": ["hunter2"], "password": "x" })),
        (SESSIONS, json!({ "tenant": "harbour", "email": 7, "password": "x" })),
        (SESSIONS, json!({ "tenant": "harbour", "email": "a@b", "password": { "hunter2": 1 } })),
        (SESSIONS, json!(["hunter2"])),
        ("/api/v1/identity/grants", json!({ "device": "hunter2" })),
        ("/api/v1/identity/devices", json!({ "device": "hunter2", "chain": 1 })),
    ];
    for (path, body) in wrong {
        let answer = olga.post(path, body.clone()).await;
        assert_eq!(answer.problem(), (422, "invalid_body".to_owned()), "{path} {body}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("hunter2"), "{path} {body}");
    }
}

#[tokio::test]
async fn a_missing_field_is_refused_and_named() {
    let server = TestServer::start().await;
    let answer = server.stranger().post(SESSIONS, json!({ "tenant": "harbour", "email": "olga@example.com" })).await;
    assert_eq!(answer.problem(), (422, "invalid_body".to_owned()));
    assert!(answer.json()["detail"].as_str().unwrap().contains("missing field `password`"));
}
