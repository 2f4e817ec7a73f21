//! What a version of a row said, and when it was in force.

use super::queries::{self, StoredVersion};
use crate::failure::Fault;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{Reference, RowVersion, Timestamp};
use holdfast_sync::cbor;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A version that was written once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<R> {
    /// Its number.
    pub version: u64,
    /// What it says; none where it says that the row is gone.
    pub row: Option<R>,
    /// When it was written.
    pub from: Timestamp,
    /// When the next one took over; none while it is the newest.
    pub until: Option<Timestamp>,
}

/// The versions asked for, in the order asked; none where such a version was never written.
pub async fn kept<R: Reference>(tx: &mut TenantTx, wanted: &[RowVersion]) -> Result<Vec<Option<Kept<R>>>, Fault> {
    let mut stored = queries::versions(tx, R::KIND, wanted).await?;
    wanted.iter().map(|version| stored.remove(&(version.row, version.version)).map(|stored| read(version.row, stored)).transpose()).collect()
}

/// The version of a row that was in force at that time.
pub async fn in_force<R: Reference>(tx: &mut TenantTx, row: Uuid, at: Timestamp) -> Result<Option<Kept<R>>, Fault> {
    Ok(in_force_each(tx, &[(row, at)]).await?.into_iter().flatten().next())
}

/// The version of each row that was in force at the time beside it, in the order asked.
pub async fn in_force_each<R: Reference>(tx: &mut TenantTx, asked: &[(Uuid, Timestamp)]) -> Result<Vec<Option<Kept<R>>>, Fault> {
    let stored = queries::versions_at(tx, R::KIND, asked).await?;
    asked.iter().zip(stored).map(|((row, _), stored)| stored.map(|stored| read(*row, stored)).transpose()).collect()
}

/// Those of these rows that are there.
pub async fn standing<R: Reference>(tx: &mut TenantTx, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Fault> {
    queries::standing(tx, R::KIND, ids).await
}

fn read<R: Reference>(id: Uuid, stored: StoredVersion) -> Result<Kept<R>, Fault> {
    let row = stored.body.map(|body| cbor::decode(&body)).transpose();
    let row = row.map_err(|_| Fault::stored("reference_versions", "body", format_args!("{} {id} version {}", R::KIND, stored.version)))?;
    Ok(Kept { version: stored.version, row, from: stored.from, until: stored.until })
}
