//! The app's files over HTTP.

use crate::support::TestServer;
use axum::body::Body;
use axum::http::Method;
use holdfast_server::http::{Limits, routes};
use std::path::Path;
use tempfile::TempDir;

const YEAR: &str = "public, max-age=31536000, immutable";

fn write(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

async fn with_app() -> (TestServer, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("index.html", "the page"),
        ("index.html.br", "the page, small"),
        ("sw.js", "the worker"),
        ("manifest.webmanifest", "{}"),
        ("b2/ui.js", "new"),
        ("b2/ui.js.br", "new, small"),
        ("b2/ui.js.gz", "new, smallish"),
        ("b2/ui_bg.wasm", "wasm"),
        ("b1/ui.js", "old"),
    ] {
        write(folder.path(), name, text);
    }
    let server = TestServer::with(routes(), Limits::default(), Some(folder.path().to_owned())).await;
    (server, folder)
}

#[tokio::test]
async fn every_screen_gets_the_page_and_asks_for_it_again() {
    let (server, _folder) = with_app().await;
    for path in ["/", "/till", "/office/tickets/0199", "/till?site=1"] {
        let answer = server.stranger().get(path).await;
        assert_eq!((answer.status, answer.body.as_ref()), (200, b"the page".as_slice()), "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
    }
}

#[tokio::test]
async fn what_lies_at_the_root_is_asked_for_again() {
    let (server, _folder) = with_app().await;
    for (path, kind) in [("/sw.js", "text/javascript"), ("/manifest.webmanifest", "application/manifest+json")] {
        let answer = server.stranger().get(path).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-cache")), "{path}");
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
    }
}

#[tokio::test]
async fn what_belongs_to_a_build_is_kept_and_old_builds_stay() {
    let (server, _folder) = with_app().await;
    for (path, text) in [("/b2/ui.js", "new"), ("/b1/ui.js", "old")] {
        let answer = server.stranger().get(path).await;
        assert_eq!((answer.status, answer.body.as_ref()), (200, text.as_bytes()), "{path}");
        assert_eq!(answer.header("cache-control"), Some(YEAR), "{path}");
    }
    assert_eq!(server.stranger().get("/b2/ui_bg.wasm").await.header("content-type"), Some("application/wasm"));
}

#[tokio::test]
async fn the_smallest_form_that_the_browser_reads_is_sent() {
    let (server, _folder) = with_app().await;
    for (accepts, encoding, text) in [("gzip, deflate, br", Some("br"), "new, small"), ("gzip", Some("gzip"), "new, smallish"), ("", None, "new")] {
        let request = server.stranger().request(Method::GET, "/b2/ui.js").header("accept-encoding", accepts).body(Body::empty()).unwrap();
        let answer = server.stranger().send(request).await;
        assert_eq!((answer.header("content-encoding"), answer.body.as_ref()), (encoding, text.as_bytes()), "{accepts}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"), "{accepts}");
    }
    let request = server.stranger().request(Method::GET, "/till").header("accept-encoding", "br").body(Body::empty()).unwrap();
    assert_eq!(server.stranger().send(request).await.body.as_ref(), b"the page, small");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_the_page() {
    let (server, _folder) = with_app().await;
    for path in ["/b9/ui.js", "/favicon.ico", "/b2/", "/b2/../../etc/passwd.txt", "/b2/%2e%2e/%2e%2e/etc/passwd.txt", "/.hidden.", "/api/v1/x.json"] {
        let answer = server.stranger().get(path).await;
        assert!(answer.body.as_ref() == b"the page" && path == "/b2/" || answer.problem() == (404, "unknown_route".to_owned()), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn only_reading_gets_the_page() {
    let (server, _folder) = with_app().await;
    let request = server.stranger().request(Method::POST, "/till").body(Body::empty()).unwrap();
    assert_eq!(server.stranger().send(request).await.problem(), (404, "unknown_route".to_owned()));
}
