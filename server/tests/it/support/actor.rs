//! Someone who talks to the server over HTTP.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, header};
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use tower::ServiceExt as _;

const HOST: &str = "till.example";

/// A browser, as far as the server can tell.
#[derive(Clone)]
pub struct Actor {
    router: Router,
    address: IpAddr,
    /// `name=value`.
    pub cookie: Option<String>,
    pub csrf: Option<String>,
}

/// What the server said.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Actor {
    pub fn new(router: Router, address: IpAddr) -> Self {
        Self { router, address, cookie: None, csrf: None }
    }

    /// The same person's browser at another server on the same database.
    pub fn elsewhere(&self, router: Router) -> Self {
        Self { router, ..self.clone() }
    }

    pub async fn sign_in(&mut self, tenant: &str, email: &str, password: &str) -> Answer {
        let answer = self.post("/api/v1/identity/sessions", json!({ "tenant": tenant, "email": email, "password": password })).await;
        if answer.status == 201 {
            self.cookie = answer.header("set-cookie").and_then(|set| set.split(';').next()).map(str::to_owned);
            self.csrf = answer.json()["csrf"].as_str().map(str::to_owned);
        }
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.json(path).body(Body::from(body.to_string())).unwrap()).await
    }

    /// A `POST` of JSON whose body is still to be said.
    pub fn json(&self, path: &str) -> axum::http::request::Builder {
        self.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json")
    }

    /// A request as this browser would send it.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-holdfast-csrf", csrf);
        }
        request.extension(ConnectInfo(SocketAddr::new(self.address, 50_000)))
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: axum::body::to_bytes(body, usize::MAX).await.unwrap() }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The status and the code of a problem; panics when the answer is not a whole one.
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert!(self.header("x-request-id").is_some(), "{self:?}");
        let body = self.json();
        let code = body["code"].as_str().unwrap().to_owned();
        assert_eq!(body["status"], self.status, "{body}");
        assert_eq!(body["type"], format!("urn:holdfast:problem:{code}"), "{body}");
        assert!(!body["title"].as_str().unwrap().is_empty() && !body["detail"].as_str().unwrap().is_empty(), "{body}");
        (self.status, code)
    }
}
