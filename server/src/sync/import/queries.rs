//! The SQL of handing in, on its own table.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::import::ImportTally;
use holdfast_domain::kernel::AccountId;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::outbox_file::Part;

/// Writes down that a line was handed in; whether it is the first time. Whoever hands in the same at the same moment waits for the other.
pub(super) async fn insert_import(tx: &mut TenantTx, digest: Digest32, (part, tally, by): (&Part, &ImportTally, AccountId)) -> Result<bool, Fault> {
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let (tid, now) = (tx.tenant().0, to_stored(tx.now()));
    let done = sqlx::query!(
        "insert into sync_imports (tid, digest, device, exported_at, part, parts, accepted, waiting, held, refused, known, imported_by, imported_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (tid, digest) do nothing",
        tid,
        &digest.0,
        part.device.0,
        to_stored(part.exported_at_ms),
        count(part.part),
        count(part.parts),
        count(tally.accepted),
        count(tally.waiting),
        count(tally.held),
        count(tally.refused),
        count(tally.known),
        by.0,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}
