//! The plain page that hands out the authority's certificate. It cannot be HTTPS: who opens it does not trust us yet.

use crate::failure::Fault;
use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::get;
use axum_server::Handle;
use std::net::{SocketAddr, TcpListener};

/// What the page needs to know.
pub(crate) struct Page {
    pub(super) listener: TcpListener,
    pub(super) certificate: String,
    pub(super) app: String,
}

/// Serves the page and the file until the handle is told to stop.
pub(crate) async fn serve_page(page: Page, handle: Handle<SocketAddr>) -> Result<(), Fault> {
    let Page { listener, certificate, app } = page;
    let failed = |error| Fault::new("serve the certificate's page", error);
    let html = html(&app);
    let file = move || async move { ([(header::CONTENT_TYPE, "application/x-x509-ca-cert")], certificate) };
    let router = Router::new().route("/", get(move || async move { Html(html) })).route("/ca.crt", get(file));
    axum_server::from_tcp(listener).map_err(failed)?.handle(handle).serve(router.into_make_service()).await.map_err(failed)
}

fn html(app: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Holdfast on this network</title>
<body style=\"font: 18px/1.5 system-ui; max-width: 36rem; margin: 2rem auto; padding: 0 1rem\">
<h1>Holdfast on this network</h1>
<p>1. <a href=\"/ca.crt\">Download the certificate</a> and install it:</p>
<ul>
<li><b>Android</b>: Settings, Security, Encryption and credentials, Install a certificate, CA certificate; choose the file.</li>
<li><b>iPhone, iPad</b>: install the profile under Settings, then switch it on under General, About, Certificate Trust Settings.</li>
<li><b>Windows</b>: open the file, Install Certificate, Local Machine, Trusted Root Certification Authorities.</li>
<li><b>macOS</b>: open the file, add it to the keychain, set it to Always Trust.</li>
<li><b>Linux</b>: in the browser's settings, Certificates, Authorities, Import.</li>
</ul>
<p>2. <a href=\"{app}\">Open Holdfast</a> ({app}).</p>"
    )
}
