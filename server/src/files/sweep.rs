//! Throws away what no record names any more.

use super::{Files, queries};
use crate::failure::Fault;
use crate::tenancy::{Database, TenantScope};
use holdfast_domain::kernel::TenantId;

/// How long a file stays that no record names: long enough to take back what was replaced by mistake.
const KEPT_MS: i64 = 30 * 24 * 3_600 * 1_000;
/// The most that one transaction throws away.
const BATCH: u32 = 50;

/// Throws away those of a company that no record has named for a month; how many. What the audit says of them stays. The bytes go before the row does: if it fails between, the same is done again.
pub async fn sweep(database: &Database, files: &Files, tenant: TenantId) -> Result<u64, Fault> {
    let mut tx = database.tenant(TenantScope::system(tenant)).await?;
    queries::note_unnamed(&mut tx).await?;
    tx.commit().await?;
    let mut swept = 0;
    loop {
        let mut tx = database.tenant(TenantScope::system(tenant)).await?;
        let before = tx.now().plus_ms(-KEPT_MS);
        let unnamed = queries::unnamed(&mut tx, before, BATCH).await?;
        let mut gone = 0;
        for sha256 in &unnamed {
            // Whoever uploads the same bytes now keeps them.
            if queries::try_lock(&mut tx, *sha256).await? && queries::forget(&mut tx, *sha256).await? {
                files.store.delete(tenant, *sha256).await?;
                gone += 1;
            }
        }
        tx.commit().await?;
        swept += gone;
        if gone < u64::from(BATCH) {
            return Ok(swept);
        }
    }
}
