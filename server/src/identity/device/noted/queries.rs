//! The SQL of looking how a device was before it enrolled again.

use super::Before;
use crate::failure::Fault;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DeviceId, TillId};

pub(super) async fn before(tx: &mut TenantTx, device: DeviceId) -> Result<Option<Before>, Fault> {
    let row =
        sqlx::query!("select name, till from devices where tid = $1 and id = $2", tx.tenant().0, device.0).fetch_optional(tx.connection()).await?;
    Ok(row.map(|row| Before { name: row.name, till: row.till.map(TillId) }))
}
