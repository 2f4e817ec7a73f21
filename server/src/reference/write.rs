//! The one way a reference row changes.

use super::queries::{self, Head, NewVersion, RowsOf};
use crate::events::NewEvent;
use crate::failure::Fault;
use crate::sync::{self, FeedBody, FeedEntry, To};
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{PersonId, Reference, SiteId};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::wire::ReferenceRow;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A row as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowWrite {
    kind: &'static str,
    id: Uuid,
    of: RowsOf,
    body: Option<Vec<u8>>,
}

impl RowWrite {
    /// For everybody of the tenant.
    pub fn for_tenant<R: Reference>(id: Uuid, row: &R) -> Self {
        Self { kind: R::KIND, id, of: RowsOf::Tenant, body: Some(row.to_body()) }
    }

    /// For whoever works at the site.
    pub fn for_site<R: Reference>(site: SiteId, id: Uuid, row: &R) -> Self {
        Self { of: RowsOf::Site(site), ..Self::for_tenant(id, row) }
    }

    /// For one person alone.
    pub fn for_person<R: Reference>(person: PersonId, id: Uuid, row: &R) -> Self {
        Self { of: RowsOf::Person(person), ..Self::for_tenant(id, row) }
    }

    /// The row, which was for these, is gone.
    pub fn gone<R: Reference>(of: RowsOf, id: Uuid) -> Self {
        Self { kind: R::KIND, id, of, body: None }
    }
}

/// Writes rows; how many of them changed. Call it last in the transaction: it takes the feed's counter. A row that stays as it is gets no
/// version and no entry. A row's audience is chosen once.
pub async fn write(tx: &mut TenantTx, rows: Vec<RowWrite>) -> Result<usize, Fault> {
    write_with(tx, rows, Vec::new()).await
}

/// The same, with events of the same cause.
pub async fn write_with(tx: &mut TenantTx, rows: Vec<RowWrite>, events: Vec<NewEvent>) -> Result<usize, Fault> {
    // Sorted, so that two transactions lock the same rows in the same order.
    let rows: BTreeMap<(&'static str, Uuid), RowWrite> = rows.into_iter().map(|row| ((row.kind, row.id), row)).collect();
    let mut heads = queries::lock_heads(tx, rows.keys().copied()).await?;
    let mut changed = Vec::new();
    for ((kind, id), row) in rows {
        let head = heads.remove(&(kind.to_owned(), id));
        if let Some(version) = next_version(&row, head)? {
            changed.push(NewVersion { kind, id, version, of: row.of, body: row.body });
        }
    }
    if changed.is_empty() {
        sync::append(tx, &[], events).await?;
        return Ok(0);
    }
    queries::insert_versions(tx, &changed).await?;
    let entries: Vec<FeedEntry> = changed.iter().map(entry).collect();
    let before = sync::append(tx, &entries, events).await?;
    queries::store_heads(tx, &changed, before).await?;
    Ok(changed.len())
}

/// None where the row stays as it is.
fn next_version(row: &RowWrite, head: Option<Head>) -> Result<Option<u64>, Fault> {
    match head {
        None => Ok(row.body.is_some().then_some(1)),
        Some(head) if head.of != row.of => Err(Fault::because(format!("the reference row {} {} changes its audience", row.kind, row.id))),
        Some(head) if head.body == row.body => Ok(None),
        Some(head) => Ok(Some(head.version + 1)),
    }
}

fn entry(version: &NewVersion) -> FeedEntry {
    let row = ReferenceRow { kind: version.kind.to_owned(), id: version.id, version: version.version, body: version.body.clone().map(Bytes) };
    FeedEntry { to: To::Audiences(vec![version.of.audience()]), body: FeedBody::Row(row) }
}
