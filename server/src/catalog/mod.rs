//! The catalogue: products with their codes, categories, tax rates and prices.

use crate::failure::Fault;
use crate::reference::pack;
use crate::tenancy::TenantTx;
use holdfast_sync::wire::BootstrapManifest;

/// The tenant's rows as pages, and the feed position they are as of.
pub async fn bootstrap_manifest(tx: &mut TenantTx) -> Result<(BootstrapManifest, u64), Fault> {
    Ok(pack::manifest(tx, None).await?.unwrap_or((BootstrapManifest { pages: Vec::new(), rows: 0 }, 0)))
}
