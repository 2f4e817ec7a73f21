//! `GET /api/v1/blobs/{sha256}`: the blob, for whoever may look.

use super::hash::Hash;
use super::rights::{Seen, seen};
use crate::failure::{Failure, Refusal};
use crate::http::{App, PathOf};
use crate::identity::SignedIn;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

/// What lies at a hash never changes. It is the session's alone: on a browser that two people share, the other one's session asks anew.
const CACHE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
/// Shown by itself, it runs nothing and asks for nothing.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// Ranges are answered as well.
pub(super) async fn download(
    State(app): State<App>,
    signed_in: SignedIn,
    PathOf(Hash(sha256)): PathOf<Hash>,
    request: Request,
) -> Result<Response, Failure> {
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    let seen = seen(&mut tx, &signed_in, sha256).await?;
    tx.commit().await?;
    let (bytes, media_type) = match seen {
        Seen::Readable { bytes, media_type } => (bytes, media_type),
        Seen::NotUploaded => {
            let detail = "The device that took it has not sent it yet.";
            return Err(Refusal::new(404, "blob_not_uploaded", "The file is not here yet", detail).into());
        }
        Seen::Unknown => {
            let detail = "Nothing that you may see names such a file.";
            return Err(Refusal::new(404, "blob_unknown", "There is no such file", detail).into());
        }
    };
    let files = app.blobs.files.clone();
    let there = tokio::task::spawn_blocking(move || files.has(signed_in.tenant, sha256, bytes)).await.unwrap_or(false);
    if !there {
        tracing::warn!(tenant.id = %signed_in.tenant, blob.sha256 = %sha256, "a blob's file is not where it should be");
        let detail = "The server has lost it. A device that still has it sends it again when asked to.";
        return Err(Refusal::new(404, "blob_lost", "The file is missing", detail).into());
    }
    let file = ServeFile::new(app.blobs.files.whole(signed_in.tenant, sha256));
    let mut response = file.oneshot(request).await.unwrap_or_else(|never| match never {}).map(Body::new);
    let lasts = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type.as_str()));
    let name = format!("inline; filename=\"{}.{}\"", &sha256.to_string()[..12], media_type.extension());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(name).expect("hex digits and an extension are ASCII"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    // A range that cannot be met, or a file that vanished meanwhile, may be there the next time.
    headers.insert(header::CACHE_CONTROL, if lasts { CACHE } else { HeaderValue::from_static("no-store") });
    headers.insert(header::VARY, HeaderValue::from_static("cookie"));
    Ok(response)
}
