//! What lies around every route.

use crate::support::{HARBOUR, TestServer};
use axum::body::Body;
use axum::http::Method;
use holdfast_server::failure::{Failure, Fault};
use holdfast_server::field_keys::FieldKeys;
use holdfast_server::http::{App, Limits, Pace, Routes, TrustedProxies};
use holdfast_server::tenancy::{Connections, Database, TenantScope};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Routes that answer without a sign-in. This list may only shrink.
const OPEN: &[(Method, &str)] = &[
    (Method::POST, "/api/v1/identity/sessions"),
    (Method::GET, "/health/live"),
    (Method::GET, "/health/ready"),
    (Method::GET, "/api/v1/openapi.json"),
    (Method::GET, "/docs"),
    (Method::GET, "/metrics"),
];

async fn with_routes(routes: Routes, limits: Limits) -> TestServer {
    TestServer::with(routes, limits, None).await
}

#[tokio::test]
async fn every_route_asks_who_calls() {
    let server = TestServer::start().await;
    let routes = holdfast_server::http::routes();
    assert!(routes.list().len() > OPEN.len());
    for route in routes.list() {
        if OPEN.contains(&(route.method.clone(), route.path)) {
            continue;
        }
        let path: String = route
            .path
            .split('/')
            .map(|part| if part.starts_with('{') { uuid::Uuid::nil().to_string() } else { part.to_owned() })
            .collect::<Vec<_>>()
            .join("/");
        let request =
            server.stranger().request(route.method.clone(), &path).header("content-type", "application/json").body(Body::from("{}")).unwrap();
        let answer = server.stranger().send(request).await;
        assert_eq!(answer.problem(), (401, "not_signed_in".to_owned()), "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn the_list_of_open_routes_names_only_routes_that_exist() {
    let routes = holdfast_server::http::routes();
    for (method, path) in OPEN {
        assert!(routes.list().iter().any(|route| route.method == method && route.path == *path), "{method} {path}");
    }
}

#[tokio::test]
async fn every_changing_route_refuses_a_page_of_another_site() {
    let server = TestServer::start().await;
    let olga = server.signed_in("harbour", "olga").await;
    for route in holdfast_server::http::routes().list().iter().filter(|route| !route.method.is_safe()) {
        let request = olga.request(route.method.clone(), route.path).header("origin", "https://evil.example").body(Body::empty()).unwrap();
        assert_eq!(olga.send(request).await.problem(), (403, "cross_site_request".to_owned()), "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn every_changing_route_asks_for_the_proof_that_our_own_page_sent_it() {
    let server = TestServer::start().await;
    let mut olga = server.signed_in("harbour", "olga").await;
    olga.csrf = None;
    for route in holdfast_server::http::routes().list() {
        if route.method.is_safe() || OPEN.contains(&(route.method.clone(), route.path)) {
            continue;
        }
        let request = olga.request(route.method.clone(), route.path).header("content-type", "application/json").body(Body::from("{}")).unwrap();
        assert_eq!(olga.send(request).await.problem(), (403, "csrf_token_missing".to_owned()), "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn an_unknown_address_is_said_to_be_unknown() {
    let server = TestServer::start().await;
    for path in ["/api", "/api/v1", "/api/v1/nothing", "/health", "/", "/office"] {
        assert_eq!(server.stranger().get(path).await.problem(), (404, "unknown_route".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let server = TestServer::start().await;
    let answer = server.stranger().delete("/api/v1/identity/sessions").await;
    assert_eq!(answer.problem(), (405, "method_not_allowed".to_owned()));
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[tokio::test]
async fn a_fault_says_nothing_of_its_cause() {
    async fn fails() -> Result<&'static str, Failure> {
        Err(Fault::because("the secret of the house").into())
    }
    let server = with_routes(Routes::new().get("/api/fails", fails), Limits::default()).await;
    let answer = server.stranger().get("/api/fails").await;
    assert_eq!(answer.problem(), (500, "internal_fault".to_owned()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
}

#[tokio::test]
async fn a_panic_is_a_fault_and_the_server_goes_on() {
    async fn panics() -> &'static str {
        panic!("the secret of the house")
    }
    let server = with_routes(Routes::new().get("/api/panics", panics).get("/api/works", async || "works"), Limits::default()).await;
    let answer = server.stranger().get("/api/panics").await;
    assert_eq!(answer.problem(), (500, "internal_fault".to_owned()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
    assert_eq!(server.stranger().get("/api/works").await.status, 200);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_ended() {
    let limits = Limits { time: Duration::from_millis(20), ..Limits::default() };
    let server = with_routes(Routes::new().get("/api/slow", std::future::pending::<&'static str>), limits).await;
    assert_eq!(server.stranger().get("/api/slow").await.problem(), (503, "took_too_long".to_owned()));
}

#[tokio::test]
async fn beyond_its_places_the_server_says_so_at_once() {
    static ENTERED: AtomicBool = AtomicBool::new(false);
    async fn stays() -> &'static str {
        ENTERED.store(true, Ordering::SeqCst);
        std::future::pending().await
    }
    let limits = Limits { at_once: 1, ..Limits::default() };
    let server = with_routes(Routes::new().get("/api/stays", stays).get("/api/works", async || "works"), limits).await;
    let first = server.stranger();
    let staying = tokio::spawn(async move { first.get("/api/stays").await });
    while !ENTERED.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    let answer = server.stranger().get("/api/works").await;
    assert_eq!(answer.problem(), (503, "overloaded".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    staying.abort();
}

#[tokio::test]
async fn one_address_cannot_take_all_the_places() {
    static ENTERED: AtomicBool = AtomicBool::new(false);
    async fn stays() -> &'static str {
        ENTERED.store(true, Ordering::SeqCst);
        std::future::pending().await
    }
    let limits = Limits { at_once_per_address: 1, ..Limits::default() };
    let server = with_routes(Routes::new().get("/api/stays", stays).get("/api/works", async || "works"), limits).await;
    let first = server.stranger();
    let staying = tokio::spawn(async move { first.get("/api/stays").await });
    while !ENTERED.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.stranger().get("/api/works").await.problem(), (429, "too_many_requests".to_owned()));
    assert_eq!(server.stranger_at("192.0.2.2".parse().unwrap()).get("/api/works").await.status, 200);
    staying.abort();
}

#[tokio::test]
async fn a_trace_is_carried_on_and_every_request_has_its_own_id() {
    let server = TestServer::start().await;
    let request =
        || server.stranger().request(Method::GET, "/health/live").header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let first = server.stranger().send(request().body(Body::empty()).unwrap()).await;
    let second = server.stranger().send(request().body(Body::empty()).unwrap()).await;
    assert!(first.header("traceparent").unwrap().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    assert_ne!(first.header("traceparent"), second.header("traceparent"), "each has its own span");
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[tokio::test]
async fn every_answer_tells_browsers_what_not_to_do() {
    let server = TestServer::start().await;
    for path in ["/health/live", "/api/v1/identity/session", "/nothing"] {
        let answer = server.stranger().get(path).await;
        let policy = answer.header("content-security-policy").unwrap();
        for rule in ["default-src 'self'", "script-src 'self' 'wasm-unsafe-eval';", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(rule), "{path}: {rule} in {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(answer.header("permissions-policy").unwrap().contains("camera=(self)"), "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn it_is_ready_while_its_database_answers_and_nobody_told_it_to_stop() {
    let server = TestServer::start().await;
    assert_eq!(server.stranger().get("/health/ready").await.status, 200);
    server.stop.send_replace(true);
    assert_eq!(server.stranger().get("/health/ready").await.problem(), (503, "not_ready".to_owned()));
    server.stop.send_replace(false);
    server.app.database.close().await;
    assert_eq!(server.stranger().get("/health/ready").await.problem(), (503, "not_ready".to_owned()));
    assert_eq!(server.stranger().get("/health/live").await.status, 200);
}

#[tokio::test]
async fn requests_are_counted_by_template_and_never_by_address() {
    let server = TestServer::start().await;
    server.stranger().get("/api/v1/identity/session").await;
    server.stranger().get("/somebody/in-particular").await;
    let invented = server.stranger().request(Method::from_bytes(b"SMUGGLE").unwrap(), "/health/live").body(Body::empty()).unwrap();
    server.stranger().send(invented).await;
    let answer = server.stranger_at("127.0.0.1".parse().unwrap()).get("/metrics").await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let counted = |line: &str| {
        line.starts_with("holdfast_http_requests_total{") && line.contains("route=\"/api/v1/identity/session\"") && line.contains("status=\"401\"")
    };
    assert!(text.lines().any(counted), "{text}");
    assert!(text.contains("holdfast_http_request_seconds_bucket{"), "{text}");
    // Not a number: sums of seconds have all digits.
    assert!(!text.contains("particular") && !text.contains("SMUGGLE"), "{text}");
}

#[tokio::test]
async fn the_measurements_are_for_the_machine_itself_and_those_who_were_named() {
    let refused = (403, "metrics_not_for_this_address".to_owned());
    let server = TestServer::start().await;
    assert_eq!(server.stranger().get("/metrics").await.problem(), refused);
    assert_eq!(server.stranger_at("::1".parse().unwrap()).get("/metrics").await.status, 200);
    let named = Limits { metrics_from: ["192.0.2.0/24".parse().unwrap()].into(), ..Limits::default() };
    let server = with_routes(holdfast_server::http::routes(), named).await;
    assert_eq!(server.stranger_at("192.0.2.9".parse().unwrap()).get("/metrics").await.status, 200);
    assert_eq!(server.stranger_at("127.0.0.1".parse().unwrap()).get("/metrics").await.problem(), refused);
}

#[tokio::test]
async fn whoever_asks_faster_than_the_pace_is_told_when_to_come_again_and_nobody_else_is() {
    let limits = Limits { pace: Pace { per_second: 1, burst: 3 }, ..Limits::default() };
    let server = with_routes(holdfast_server::http::routes(), limits).await;
    let (quick, other) = (server.stranger(), server.stranger_at("192.0.2.2".parse().unwrap()));
    for _ in 0..3 {
        assert_eq!(quick.get("/health/live").await.status, 200);
    }
    for route in holdfast_server::http::routes().list() {
        let answer = quick.send(quick.request(route.method.clone(), route.path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.problem(), (429, "too_many_requests".to_owned()), "{} {}", route.method, route.path);
        assert_eq!(answer.header("retry-after"), Some("2"), "{} {}", route.method, route.path);
    }
    assert_eq!(other.get("/health/live").await.status, 200);
    server.test.world.pass(Duration::from_secs(1));
    assert_eq!(quick.get("/health/live").await.status, 200);
}

#[tokio::test]
async fn wrong_passwords_are_counted_against_the_address_that_a_trusted_proxy_names_and_nobody_chooses_theirs() {
    let attempt = async |server: &TestServer, said: &str| {
        let actor = server.stranger_at("10.1.2.3".parse().unwrap());
        let body = r#"{"tenant":"harbour","email":"olga@example.com","password":"wrong"}"#;
        actor.send(actor.json("/api/v1/identity/sessions").header("x-forwarded-for", said).body(Body::from(body)).unwrap()).await.status
    };
    let trusting = Limits { proxies: TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]), ..Limits::default() };
    let behind_proxy = with_routes(holdfast_server::http::routes(), trusting).await;
    for _ in 0..5 {
        assert_eq!(attempt(&behind_proxy, "198.51.100.1").await, 401);
    }
    assert_eq!(attempt(&behind_proxy, "198.51.100.1").await, 429);
    assert_eq!(attempt(&behind_proxy, "198.51.100.2").await, 401, "another shop behind the same proxy is not slowed down");
    let direct = TestServer::start().await;
    for n in 0..5 {
        assert_eq!(attempt(&direct, &format!("198.51.100.{n}")).await, 401);
    }
    assert_eq!(attempt(&direct, "198.51.100.99").await, 429, "what a caller says of itself changes nothing");
}

#[tokio::test]
async fn a_database_without_a_free_place_is_said_to_be_busy_and_not_broken() {
    let server = TestServer::start().await;
    let narrow = Connections { max_connections: 1, patience: Duration::from_millis(20), ..server.test.connections() };
    let database = Database::connect(narrow, FieldKeys::passing(&server.app.environment), server.app.environment.clone()).await.unwrap();
    let held = database.tenant(TenantScope::system(HARBOUR)).await.unwrap();
    let router = holdfast_server::http::router(App { database, ..server.app.clone() }, Limits::default());
    let olga = server.signed_in("harbour", "olga").await;
    let busy = olga.elsewhere(router);
    let answer = busy.get("/api/v1/identity/session").await;
    assert_eq!(answer.problem(), (503, "database_busy".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    drop(held);
    assert_eq!(busy.get("/api/v1/identity/session").await.status, 200);
}
