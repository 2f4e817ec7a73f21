//! The app's files, as the build laid them out: the page, the service worker and the manifest at the root, always asked for again; all else
//! under `/<build>/`, where a file never changes, so that browsers keep it for a year and two builds never mix. Files lie beside their `.br`
//! and `.gz`. Every address that is neither a file nor the API's is one of the app's screens and gets the page.

use super::problem::unknown_route;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse as _, Response};
use std::path::PathBuf;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

const KEEP: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";
/// Addresses that are never a screen.
const NOT_SCREENS: &[&str] = &["/api", "/health", "/metrics"];

/// Serves the app; refuses everything where there is none.
#[derive(Clone)]
pub(super) struct Assets(Option<ServeDir>);

impl Assets {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self(folder.map(|folder| ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip()))
    }

    pub(super) async fn answer(self, request: Request) -> Response {
        let uri = request.uri().clone();
        let Some(files) = self.0.filter(|_| matches!(*request.method(), Method::GET | Method::HEAD) && !is_under(&uri, NOT_SCREENS)) else {
            return unknown_route(&uri).into_response();
        };
        if !is_file(&uri) {
            return page(files, request).await;
        }
        let response = serve(files, request).await;
        if response.status().is_client_error() || response.status().is_server_error() {
            return unknown_route(&uri).into_response();
        }
        let is_at_root = uri.path().rfind('/') == Some(0);
        keep(response, if is_at_root { ASK_AGAIN } else { KEEP })
    }
}

async fn page(files: ServeDir, mut request: Request) -> Response {
    let asked = request.uri().clone();
    *request.uri_mut() = Uri::from_static("/index.html");
    let response = serve(files, request).await;
    if response.status().is_client_error() { unknown_route(&asked).into_response() } else { keep(response, ASK_AGAIN) }
}

async fn serve(files: ServeDir, request: Request) -> Response {
    match files.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

fn keep(mut response: Response, how: &'static str) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(how));
    response
}

/// A file's last part has an extension; a screen's has none.
fn is_file(uri: &Uri) -> bool {
    uri.path().rsplit('/').next().is_some_and(|name| name.contains('.'))
}

fn is_under(uri: &Uri, roots: &[&str]) -> bool {
    roots.iter().any(|root| uri.path().strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}
