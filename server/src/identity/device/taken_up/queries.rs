//! The SQL of taking a device up again.

use crate::failure::Fault;
use crate::identity::device::queries::stored_algorithm;
use crate::tenancy::TenantTx;
use holdfast_domain::identity::KeyAlgorithm;
use holdfast_domain::kernel::{AccountId, DeviceId};

/// A device that is known from a grant alone.
pub(super) struct NewlyKnown<'a> {
    pub device: DeviceId,
    pub account: AccountId,
    pub name: &'a str,
    pub algorithm: KeyAlgorithm,
    pub public_key: &'a [u8],
}

/// Keeps the device, if there is none of its id, and the account that it was granted to is known and not disabled; whether it was kept.
pub(super) async fn insert_taken_up(tx: &mut TenantTx, new: &NewlyKnown<'_>) -> Result<bool, Fault> {
    let inserted = sqlx::query!(
        "insert into devices (tid, id, name, algorithm, public_key, taken_up_at)
         select $1, $2, $3, $4, $5, app_now() from accounts a where a.tid = $1 and a.id = $6 and a.disabled_at is null
         on conflict (tid, id) do nothing",
        tx.tenant().0,
        new.device.0,
        new.name,
        stored_algorithm(new.algorithm),
        new.public_key,
        new.account.0
    )
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() == 1)
}
