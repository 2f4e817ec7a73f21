//! What the server writes down about a request, and what it never does.

use crate::support::{Actor, HARBOUR, PASSWORD, TestServer};
use axum::body::Body;
use holdfast_server::failure::{Failure, Fault};
use holdfast_server::http::{Limits, Routes, routes};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Everything that this test's thread writes from now on, however little it matters.
    fn begin() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(LevelFilter::TRACE).with_writer(move || writer.clone());
        (log, tracing::subscriber::set_default(subscriber.finish()))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines that stand for a request.
    fn requests(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(|line| line["message"] == "request").collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_request_is_one_line_that_says_who_what_and_how_long() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    let (log, _guard) = Log::begin();
    let answer = olga.get("/api/v1/identity/session?token=hunter2").await;
    let [line] = log.requests().try_into().unwrap();
    assert_eq!((&line["method"], &line["route"], &line["status"]), (&json!("GET"), &json!("/api/v1/identity/session"), &json!(200)));
    assert_eq!((&line["tenant.id"], &line["account.id"]), (&json!(HARBOUR.to_string()), &answer.json()["account"]));
    assert_eq!(line["request.id"], answer.header("x-request-id").unwrap());
    assert!(answer.header("traceparent").unwrap().contains(line["trace.id"].as_str().unwrap()));
    assert!(line["ms"].is_u64());
}

#[tokio::test]
async fn a_refusal_is_logged_with_its_code_and_a_fault_with_its_causes_once() {
    async fn fails() -> Result<&'static str, Failure> {
        Err(Fault::new("read the shelf", std::io::Error::other("the shelf is gone")).into())
    }
    let server = TestServer::with(routes().merge(Routes::new().get("/api/fails", fails)), Limits::default(), None).await;
    let (log, _guard) = Log::begin();
    server.stranger().get("/api/v1/identity/session").await;
    server.stranger().get("/api/fails").await;
    let [refusal, fault] = log.requests().try_into().unwrap();
    assert_eq!((&refusal["level"], &refusal["code"]), (&json!("INFO"), &json!("not_signed_in")));
    assert_eq!((&fault["level"], &fault["error"]), (&json!("ERROR"), &json!("read the shelf: the shelf is gone")));
    assert_eq!(log.text().matches("the shelf is gone").count(), 1);
}

#[tokio::test]
async fn no_secret_is_ever_written_down() {
    let server = TestServer::start().await;
    let (log, _guard) = Log::begin();
    let mut olga = server.stranger();
    olga.sign_in("harbour", "olga@example.com", "hunter2").await;
    assert_eq!(olga.sign_in("harbour", "olga@example.com", PASSWORD).await.status, 201);
    olga.get("/api/v1/identity/session").await;
    olga.post("/api/v1/identity/grants", json!({ "password": "hunter2" })).await;
    olga.send(olga.json("/api/v1/identity/sessions").body(Body::from("hunter2")).unwrap()).await;
    let Actor { cookie, csrf, .. } = olga.clone();
    olga.delete("/api/v1/identity/session").await;
    let text = log.text();
    assert_eq!(log.requests().len(), 6);
    assert!(text.contains("sign-in failed"), "a wrong password is written down as such");
    for secret in ["hunter2", PASSWORD, cookie.unwrap().split_once('=').unwrap().1, csrf.unwrap().as_str(), "$argon2id$", "olga@example.com"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
