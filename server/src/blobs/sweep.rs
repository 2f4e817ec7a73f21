//! Throws away uploads that nobody went on with.

use super::files::UploadKey;
use super::{Blobs, queries};
use crate::failure::Fault;
use crate::tenancy::{Database, TenantScope};
use holdfast_domain::kernel::TenantId;

/// How long an upload may rest.
const KEPT_MS: i64 = 7 * 24 * 3_600 * 1_000;
/// The most that one transaction throws away.
const BATCH: u32 = 100;

/// Throws away those of a company that have rested for a week; how many. The file goes first: an upload without its file begins anew.
pub async fn sweep(database: &Database, blobs: &Blobs, tenant: TenantId) -> Result<u64, Fault> {
    let mut swept = 0;
    loop {
        let mut tx = database.tenant(TenantScope::system(tenant)).await?;
        let before = tx.now().plus_ms(-KEPT_MS);
        let rested = queries::lock_rested_uploads(&mut tx, before, BATCH).await?;
        for (account, sha256) in &rested {
            let (files, key) = (blobs.files.clone(), UploadKey { tenant, account: *account, sha256: *sha256 });
            let discarded = tokio::task::spawn_blocking(move || files.discard(key)).await;
            discarded.map_err(|error| Fault::new("work on a blob's file", error))?.map_err(|error| Fault::new("throw an old upload away", error))?;
            queries::delete_upload(&mut tx, *account, *sha256).await?;
        }
        tx.commit().await?;
        swept += rested.len() as u64;
        if rested.len() < BATCH as usize {
            return Ok(swept);
        }
    }
}
