//! Bodies that come in pieces, and fields that do not come. All else that is no good is in `every_route`, for every route.

use crate::support::{Actor, TestServer};
use axum::body::Body;
use axum::http::Method;
use serde_json::json;

const SESSIONS: &str = "/api/v1/identity/sessions";
/// Addresses that take a JSON body.
const TAKES_JSON: &[&str] = &[SESSIONS, "/api/v1/identity/devices", "/api/v1/identity/grants", "/api/v1/sync/push"];

async fn post(actor: &Actor, path: &str, content_type: Option<&str>, body: impl Into<Body>) -> (u16, String) {
    let request = actor.request(Method::POST, path);
    let request = content_type.into_iter().fold(request, |request, kind| request.header("content-type", kind));
    actor.send(request.body(body.into()).unwrap()).await.problem()
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_whether_or_not_it_says_so() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    for path in TAKES_JSON {
        let large = vec![b' '; if path.contains("/sync/") { 17 * 1024 * 1024 } else { 65 * 1024 }];
        assert_eq!(post(&olga, path, Some("application/json"), large.clone()).await, (413, "body_too_large".to_owned()), "{path}");
        let in_pieces =
            Body::from_stream(futures::stream::iter(large.chunks(16_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>()));
        assert_eq!(post(&olga, path, Some("application/json"), in_pieces).await, (413, "body_too_large".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_on_the_way_is_refused() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    for path in TAKES_JSON {
        let pieces = [Ok(b"{".to_vec()), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
        let refused = post(&olga, path, Some("application/json"), Body::from_stream(futures::stream::iter(pieces))).await;
        assert_eq!(refused, (400, "body_cut_off".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_missing_field_is_refused_and_named() {
    let server = TestServer::start().await;
    let answer = server.stranger().post(SESSIONS, json!({ "tenant": "harbour", "email": "olga@example.com" })).await;
    assert_eq!(answer.problem(), (422, "invalid_body".to_owned()));
    assert!(answer.json()["detail"].as_str().unwrap().contains("missing field `password`"));
}
