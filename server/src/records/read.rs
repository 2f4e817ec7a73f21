//! One record.

use super::write::title;
use super::{alike, names, queries, refusal, sealed};
use crate::failure::{Failure, Fault};
use crate::http::{App, etag};
use crate::identity::{Fields, Rights, SignedIn};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use holdfast_domain::kernel::resource::{RecordView, Resource};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Reads it.
pub(super) async fn read(resource: &'static Resource, app: &App, signed_in: &SignedIn, id: Uuid) -> Result<Response, Failure> {
    let mut tx = app.database.tenant(signed_in.scope_for(&resource.rights.read)?).await?;
    let fields = signed_in.rights.fields(resource, &resource.rights.read);
    let mut record = queries::reached(&mut tx, &fields, id).await?.ok_or_else(|| refusal::unknown(resource))?;
    show_one(&mut tx, resource, &signed_in.rights, &mut record).await?;
    tx.commit().await?;
    Ok(told(record))
}

/// The same of one record, which is told with all that is known beside it.
pub(super) async fn show_one(tx: &mut TenantTx, resource: &'static Resource, rights: &Rights, record: &mut RecordView) -> Result<(), Failure> {
    alike::add(tx, resource, rights, record).await?;
    show_all_of(tx, resource, rights, std::slice::from_mut(record)).await
}

/// Leaves of many records what their reader may know, and says what those are called that they name.
pub(super) async fn show(tx: &mut TenantTx, resource: &'static Resource, rights: &Rights, records: &mut [RecordView]) -> Result<(), Failure> {
    sealed::hide(resource, records);
    show_all_of(tx, resource, rights, records).await
}

async fn show_all_of(tx: &mut TenantTx, resource: &'static Resource, rights: &Rights, records: &mut [RecordView]) -> Result<(), Failure> {
    let fields = rights.fields(resource, &resource.rights.read);
    records.iter_mut().for_each(|record| fields.show(record));
    names::add(tx, resource, rights, records).await
}

/// Records of these kinds and ids as they are now, where somebody reads some records of the kind and not others: what is told of them elsewhere is told of those that they read.
pub(crate) async fn as_they_are(
    tx: &mut TenantTx,
    rights: &Rights,
    wanted: impl IntoIterator<Item = (&'static Resource, Uuid)>,
) -> Result<BTreeMap<Uuid, RecordView>, Fault> {
    let mut ids: BTreeMap<&'static str, (&'static Resource, BTreeSet<Uuid>)> = BTreeMap::new();
    for (resource, id) in wanted.into_iter().filter(|(resource, _)| rights.is_conditional(&resource.rights.read)) {
        ids.entry(resource.kind).or_insert_with(|| (resource, BTreeSet::new())).1.insert(id);
    }
    let mut records = BTreeMap::new();
    for (resource, ids) in ids.into_values() {
        let found = queries::records(tx, resource, &ids.into_iter().collect::<Vec<_>>()).await?;
        records.extend(found.into_iter().map(|record| (record.id, record)));
    }
    Ok(records)
}

/// What a record is called, as far as the reader may know.
pub(super) fn shown_title(resource: &Resource, fields: &Fields<'_>, record: &RecordView) -> String {
    let mut shown = record.clone();
    fields.show(&mut shown);
    title(resource, &shown.values).to_owned()
}

/// A record with its version as `ETag`.
pub(super) fn told(record: RecordView) -> Response {
    ([(header::ETAG, etag(record.version))], Json(record)).into_response()
}
