//! `GET /docs`: the document for people to read. Plain HTML with one style sheet inside it, no script; every operation has an address of its own.

mod part;

use super::DOCUMENT;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use part::{Html, operation};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// In the colours of the app.
const STYLE: &str = concat!(include_str!("../../../app/src/design/tokens/tokens.css"), include_str!("page/style.css"));

/// Made once, with its policy: nothing is loaded and nothing runs, and only this one style sheet counts.
static PAGE: LazyLock<(String, String)> = LazyLock::new(|| {
    let digest = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    (page(&DOCUMENT), policy)
});

pub(super) async fn docs() -> Response {
    let (page, policy) = &*PAGE;
    let headers =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "no-cache")];
    (headers, page.as_str()).into_response()
}

/// An operation, where it stands.
struct Place<'a> {
    method: &'a str,
    path: &'a str,
    operation: &'a Value,
}

fn page(document: &Value) -> String {
    let mut html = Html::default();
    let info = &document["info"];
    html.raw(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    );
    html.raw("<meta name=\"color-scheme\" content=\"light dark\"><title>Holdfast API</title><style>");
    html.raw(STYLE);
    html.raw("</style></head><body><a class=\"skip\" href=\"#reference\">Skip to the reference</a>");
    let modules: Vec<(&Value, Vec<Place<'_>>)> =
        document["tags"].as_array().into_iter().flatten().map(|tag| (tag, operations(document, tag["name"].as_str().unwrap_or_default()))).collect();
    navigation(&mut html, &modules);
    html.raw("<main id=\"reference\"><header><h1>Holdfast API</h1><p class=\"version\">Version ");
    html.text(info["version"].as_str().unwrap_or_default());
    html.raw(" · <a href=\"/api/v1/openapi.json\">OpenAPI 3.1</a></p><p>");
    html.prose(info["description"].as_str().unwrap_or_default());
    html.raw("</p></header>");
    for (tag, places) in &modules {
        let name = tag["name"].as_str().unwrap_or_default();
        html.raw(&format!("<section aria-labelledby=\"{name}\"><h2 id=\"{name}\">"));
        html.text(name);
        html.raw("</h2><p>");
        html.prose(tag["description"].as_str().unwrap_or_default());
        html.raw("</p>");
        places.iter().for_each(|place| operation(&mut html, document, place));
        html.raw("</section>");
    }
    html.raw("</main></body></html>");
    html.written()
}

/// The operations of a module, in the order of their addresses.
fn operations<'a>(document: &'a Value, tag: &str) -> Vec<Place<'a>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all =
        paths.flat_map(|(path, methods)| methods.as_object().into_iter().flatten().map(move |(method, operation)| Place { method, path, operation }));
    all.filter(|place| place.operation["tags"][0] == tag).collect()
}

fn navigation(html: &mut Html, modules: &[(&Value, Vec<Place<'_>>)]) {
    html.raw("<nav aria-label=\"Operations\"><p class=\"brand\"><a href=\"#reference\">Holdfast API</a></p>");
    for (tag, places) in modules {
        html.raw("<details><summary>");
        html.text(tag["name"].as_str().unwrap_or_default());
        html.raw("</summary><ul>");
        for Place { method, operation, .. } in places {
            let id = operation["operationId"].as_str().unwrap_or_default();
            html.raw(&format!("<li><a href=\"#{id}\"><span class=\"method {method}\">{method}</span> "));
            html.text(operation["summary"].as_str().unwrap_or_default());
            html.raw("</a></li>");
        }
        html.raw("</ul></details>");
    }
    html.raw("</nav>");
}
