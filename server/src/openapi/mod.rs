//! The API in OpenAPI 3.1, for programs at `/api/v1/openapi.json` and for people at `/docs`.
//!
//! Nothing is written twice: which routes there are, what they take and what they answer comes from the routes' own handlers ([`Described`]) and the types
//! that travel; what is declared as a resource comes from its declaration (`records/about.rs`). What neither tells, a route says of itself in its [`About`],
//! where it is declared. A test fails for a route without one, and the tests of all routes fail for an answer that is not described.

mod about;
mod carried;
mod document;
mod example;
mod page;
mod schemas;

pub use about::About;
pub use carried::{Carried, Described, Gives, SchemasOf, Takes};
pub use document::{document, key};
pub use example::Examples;
pub use schemas::{SchemaOf, Way};

use crate::http::{Routes, routes as all_routes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Made once: what is declared stands as long as the program runs.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| document(all_routes().list()));
static WRITTEN: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());

/// `/api/v1/openapi.json` and `/docs`
pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/openapi.json", openapi)
        .told(About::new("server.openapi.read", "This document").answers_as(200, "application/json", json!({ "type": "object" })))
        .get("/docs", page::docs)
        .told(About::new("server.docs.read", "This document for people to read").answers_as(200, "text/html", json!({ "type": "string" })))
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], WRITTEN.as_str()).into_response()
}
