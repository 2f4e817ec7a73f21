//! `GET /api/v1/sync/bootstrap/<pack>/<page>`: one page of a first load, compressed as stored.

use super::queries;
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, PathOf, Routes};
use crate::identity::SignedIn;
use crate::openapi::About;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use flate2::read::GzDecoder;
use serde_json::json;
use std::io::Read as _;
use uuid::Uuid;

/// A page at its address never changes, so a browser may keep it; it is one company's, so nothing between may.
const CACHE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// `/api/v1/sync/bootstrap/…`
pub fn routes() -> Routes {
    Routes::new().get("/api/v1/sync/bootstrap/{pack}/{page}", page).told(
        About::new("sync.bootstrap.read", "A page of a first load, as a page of the feed named it")
            .detail("CBOR: an array of up to 500 rows; `br` or `gzip` where that is asked for. A page never changes.")
            .answers_as(200, "application/cbor", json!({}))
            .refuses(&[(404, "page_unknown")]),
    )
}

async fn page(
    State(app): State<App>,
    signed_in: SignedIn,
    PathOf((pack, number)): PathOf<(Uuid, u16)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    let stored = queries::page(&mut tx, pack, number.into()).await?;
    tx.commit().await?;
    let stored = stored.ok_or_else(|| Refusal::new(404, "page_unknown", "There is no such page", "Pull again: the catalogue was packed anew."))?;
    let (encoding, body) = match () {
        () if accepts(&headers, "br") => (Some("br"), stored.brotli),
        () if accepts(&headers, "gzip") => (Some("gzip"), stored.gzip),
        () => (None, unpack(&stored.gzip).map_err(|error| Fault::new("unpack a page of a first load", error))?),
    };
    let mut response = body.into_response();
    let written = response.headers_mut();
    written.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/cbor"));
    written.insert(header::CACHE_CONTROL, CACHE);
    written.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        written.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

/// Whether the encoding is named and not refused by a weight of nought.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let given = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    given.map(|item| item.split_once(';').map_or((item, ""), |(name, weight)| (name, weight))).any(|(name, weight)| {
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

fn unpack(gzip: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut page)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_used_only_where_it_is_asked_for() {
        let asked = |value: &'static str| HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        assert!(accepts(&asked("gzip, deflate, br"), "br"));
        assert!(accepts(&asked("GZIP;q=0.5"), "gzip"));
        assert!(!accepts(&asked("gzip, br;q=0"), "br"));
        assert!(!accepts(&asked("br;q=0.0"), "br"));
        assert!(!accepts(&asked("identity"), "br"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }
}
