//! Every answer that a test gets is as the document of the API says: its status, its code, its media type, its body.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::header;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use futures::TryStreamExt as _;
use holdfast_server::http::routes;
use holdfast_server::openapi::document;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// JSON, a value per line.
const LINES: &str = "application/x-ndjson";

/// The document.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| document(routes().list()));

/// Checks each answer of the router on its way out; panics at one that is not described.
pub fn as_described(router: Router) -> Router {
    router.layer(from_fn(check))
}

async fn check(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().as_str().to_lowercase();
    let response = next.run(request).await;
    let Some(operation) = path.map(|path| &DOCUMENT["paths"][path][&method]).filter(|operation| operation.is_object()) else { return response };
    let (parts, body) = response.into_parts();
    let media_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(essence);
    // What never ends is not waited for, and what is compressed not unpacked.
    if media_type.as_deref() == Some("text/event-stream") || parts.headers.contains_key(header::CONTENT_ENCODING) {
        return Response::from_parts(parts, body);
    }
    let status = parts.status.as_u16();
    if media_type.as_deref().is_some_and(|media_type| !media_type.ends_with("json")) {
        is_answered_so(operation, status, media_type.as_deref());
        return Response::from_parts(parts, body);
    }
    // Lines are looked at as they come: somebody may leave before the last.
    if media_type.as_deref() == Some(LINES) {
        is_answered_so(operation, status, media_type.as_deref());
        let looked_at = body.into_data_stream().inspect_ok(move |chunk| {
            let lines = chunk.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            lines.for_each(|line| fits(operation, (status, LINES), &serde_json::from_slice(line).unwrap()));
        });
        return Response::from_parts(parts, Body::from_stream(looked_at));
    }
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let media_type = media_type.filter(|_| !bytes.is_empty());
    is_answered_so(operation, status, media_type.as_deref());
    if let Some(media_type) = media_type {
        fits(operation, (status, &media_type), &serde_json::from_slice(&bytes).unwrap());
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_owned()
}

/// What the document says of an operation's answers of that status.
fn response(operation: &Value, status: u16) -> &Value {
    let response = &operation["responses"][status.to_string()];
    response["$ref"].as_str().map_or(response, |reference| DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap())
}

fn is_answered_so(operation: &Value, status: u16, media_type: Option<&str>) {
    let id = operation["operationId"].as_str().unwrap();
    let response = response(operation, status);
    assert!(response.is_object(), "{id} is not described to answer {status}");
    let content = response["content"].as_object();
    match media_type {
        Some(media_type) => {
            assert!(content.is_some_and(|content| content.contains_key(media_type)), "{id} is not described to answer {status} as {media_type}")
        }
        None => assert!(content.is_none(), "{id} is described to answer {status} with a body"),
    }
}

/// Compiled once each.
static VALIDATORS: Mutex<BTreeMap<(String, u16, String), Arc<Validator>>> = Mutex::new(BTreeMap::new());

fn fits(operation: &Value, (status, media_type): (u16, &str), body: &Value) {
    let id = operation["operationId"].as_str().unwrap();
    let validator = {
        let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(validator(&response(operation, status)["content"][media_type]["schema"]));
        validators.entry((id.to_owned(), status, media_type.to_owned())).or_insert_with(make).clone()
    };
    let wrong: Vec<String> = validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{id} answered {status} not as described: {wrong:#?} in {body:#}");
}

/// Of a schema of the document.
pub fn validator(schema: &Value) -> Validator {
    let whole = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "components": DOCUMENT["components"], "allOf": [schema] });
    jsonschema::options().should_validate_formats(true).build(&whole).unwrap_or_else(|error| panic!("no schema: {error}"))
}
