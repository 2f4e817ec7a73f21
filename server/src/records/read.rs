//! One record.

use super::version::etag;
use super::{names, queries, refusal};
use crate::failure::Failure;
use crate::http::App;
use crate::identity::SignedIn;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use holdfast_domain::kernel::resource::{RecordView, Resource};
use uuid::Uuid;

/// Reads it.
pub(super) async fn read(resource: &'static Resource, app: &App, signed_in: &SignedIn, id: Uuid) -> Result<Response, Failure> {
    let mut tx = app.database.tenant(signed_in.scope_for(&resource.rights.read)?).await?;
    let mut record = queries::record(&mut tx, resource, id, false).await?.ok_or_else(|| refusal::unknown(resource))?;
    names::add(&mut tx, resource, &signed_in.rights, std::slice::from_mut(&mut record)).await?;
    tx.commit().await?;
    Ok(told(record))
}

/// A record with its version as `ETag`.
pub(super) fn told(record: RecordView) -> Response {
    ([(header::ETAG, etag(record.version))], Json(record)).into_response()
}
