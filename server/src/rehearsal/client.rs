//! Whoever talks to the server over HTTP: the real router, without a socket.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use holdfast_domain::blobs::{CHUNK_TYPE, UPLOAD_OFFSET, UploadBegin};
use holdfast_domain::identity::{SessionView, SignIn};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::cbor;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt as _;

/// A browser: it keeps the session's cookie and CSRF token.
#[derive(Clone)]
pub struct Client {
    router: Router,
    cookie: Option<String>,
    csrf: Option<String>,
    if_match: Option<String>,
}

/// An answer, read whole.
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// Somebody who has not signed in.
    pub fn of(router: Router) -> Self {
        Self { router, cookie: None, csrf: None, if_match: None }
    }

    /// The same browser at another server on the same database.
    pub fn elsewhere(&self, router: Router) -> Self {
        Self { router, ..self.clone() }
    }

    /// Signs in; panics where the server refuses.
    pub async fn sign_in(&mut self, sign_in: &SignIn) -> SessionView {
        let response = self.post_json("/api/v1/identity/sessions", sign_in).await;
        assert!(response.status.is_success(), "{}", String::from_utf8_lossy(&response.body));
        let cookie = response.headers[header::SET_COOKIE].to_str().expect("our cookies are text").split(';').next().unwrap_or_default().to_owned();
        let session: SessionView = response.json();
        self.cookie = Some(cookie);
        self.csrf = Some(session.csrf.clone());
        session
    }

    /// What its pages send along, once signed in.
    pub fn csrf(&self) -> Option<&str> {
        self.csrf.as_deref()
    }

    /// The same browser, which says that it means this version.
    #[must_use]
    pub fn if_match(&self, version: u64) -> Self {
        Self { if_match: Some(format!("\"{version}\"")), ..self.clone() }
    }

    /// The session's cookie, as a browser sends it.
    pub fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, (None, Vec::new())).await
    }

    /// Sends JSON.
    pub async fn post_json(&self, path: &str, body: &impl Serialize) -> Response {
        self.send(Method::POST, path, (Some("application/json"), serde_json::to_vec(body).expect("our bodies have no failing keys"))).await
    }

    /// Changes, with JSON.
    pub async fn patch_json(&self, path: &str, body: &impl Serialize) -> Response {
        self.send(Method::PATCH, path, (Some("application/json"), serde_json::to_vec(body).expect("our bodies have no failing keys"))).await
    }

    /// Sends CBOR.
    pub async fn post_cbor(&self, path: &str, body: &impl Serialize) -> Response {
        self.send(Method::POST, path, (Some("application/cbor"), cbor::encode(body))).await
    }

    /// Opens a stream, which is read as it comes.
    pub async fn open(&self, path: &str) -> axum::response::Response {
        self.call(Method::GET, path, (None, Vec::new())).await
    }

    /// Sends anything, and reads the answer as it comes.
    pub async fn begin(&self, method: Method, path: &str, content: (Option<&str>, Vec<u8>)) -> axum::response::Response {
        self.call(method, path, content).await
    }

    /// Sends anything.
    pub async fn send(&self, method: Method, path: &str, content: (Option<&str>, Vec<u8>)) -> Response {
        read(self.call(method, path, content).await).await
    }

    /// Begins the upload of a blob, or asks how far it is.
    pub async fn begin_upload(&self, sha256: Digest32, begin: &UploadBegin) -> Response {
        let body = serde_json::to_vec(begin).expect("our bodies have no failing keys");
        self.send(Method::PUT, &format!("/api/v1/blobs/{sha256}/upload"), (Some("application/json"), body)).await
    }

    /// Sends a chunk of a blob.
    pub async fn send_chunk(&self, sha256: Digest32, (offset, chunk): (usize, &[u8])) -> Response {
        let request = Request::builder().header(UPLOAD_OFFSET, offset);
        let path = format!("/api/v1/blobs/{sha256}/upload");
        read(self.answer(request, (Method::PATCH, &path), (Some(CHUNK_TYPE), chunk.to_vec())).await).await
    }

    async fn call(&self, method: Method, path: &str, content: (Option<&str>, Vec<u8>)) -> axum::response::Response {
        self.answer(Request::builder(), (method, path), content).await
    }

    async fn answer(
        &self,
        request: axum::http::request::Builder,
        (method, path): (Method, &str),
        (content_type, body): (Option<&str>, Vec<u8>),
    ) -> axum::response::Response {
        let mut request = request.method(method).uri(path).header(header::HOST, "holdfast.test");
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-holdfast-csrf", csrf);
        }
        if let Some(version) = &self.if_match {
            request = request.header(header::IF_MATCH, version);
        }
        self.router.clone().oneshot(request.body(Body::from(body)).expect("the parts are sound")).await.unwrap_or_else(|never| match never {})
    }
}

async fn read(response: axum::response::Response) -> Response {
    let (parts, body) = response.into_parts();
    Response {
        status: parts.status,
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.expect("a body from memory arrives whole").to_vec(),
    }
}

impl Response {
    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body of a success as CBOR.
    pub fn cbor<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{}: {}", self.status, String::from_utf8_lossy(&self.body));
        cbor::decode(&self.body).expect("the answer is of its type")
    }

    /// The stable code of a problem.
    pub fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        self.json::<serde_json::Value>()["code"].as_str().expect("a problem has a code").to_owned()
    }
}
