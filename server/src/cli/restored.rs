//! `holdfast restored`: the database is that of a backup, and what came after it is on devices alone.

use super::place::{OpenPlace, Place};
use crate::environment::Environment;
use crate::failure::Fault;
use crate::identity;
use crate::tenancy::TenantScope;
use holdfast_domain::kernel::Epoch;

/// Begins a new epoch of every company's feed.
pub(super) async fn run(place: &Place) -> Result<(), Fault> {
    let environment = Environment::system();
    let OpenPlace { database, postgres } = place.open(environment.clone()).await?;
    for tenant in database.before_tenant().await?.tenants().await? {
        let mut tx = database.tenant(TenantScope::system(tenant)).await?;
        let epoch: Epoch = environment.new_id();
        identity::begin_epoch(&mut tx, epoch).await?;
        tx.commit().await?;
        println!("{tenant}: epoch {}", epoch.0);
    }
    println!("Devices and grants that were taken back after the backup are valid again: take them back in the office before their people return.");
    database.close().await;
    drop(postgres);
    Ok(())
}
