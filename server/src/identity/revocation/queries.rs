//! The SQL of taking devices and grants back.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::kernel::{AccountId, DeviceId};

/// Whether it stood until now.
pub(super) async fn revoke_device(tx: &mut TenantTx, device: DeviceId, (by, reason): (AccountId, &str)) -> Result<bool, Fault> {
    let (tid, now) = (tx.tenant().0, to_stored(tx.now()));
    let revoked = sqlx::query!(
        "update devices set revoked_at = $3, revoked_by = $4, revocation_reason = $5 where tid = $1 and id = $2 and revoked_at is null",
        tid,
        device.0,
        now,
        by.0,
        reason
    )
    .execute(tx.connection())
    .await?;
    Ok(revoked.rows_affected() > 0)
}

/// Takes back the grants on a device, of one account or of all; whether there was one.
pub(super) async fn revoke_grants(
    tx: &mut TenantTx,
    device: DeviceId,
    (holder, by, reason): (Option<AccountId>, AccountId, &str),
) -> Result<bool, Fault> {
    let (tid, now) = (tx.tenant().0, to_stored(tx.now()));
    let revoked = sqlx::query!(
        "update grants set revoked_at = $4, revoked_by = $5, revocation_reason = $6
         where tid = $1 and device = $2 and ($3::uuid is null or account = $3) and revoked_at is null",
        tid,
        device.0,
        holder.map(|holder| holder.0),
        now,
        by.0,
        reason
    )
    .execute(tx.connection())
    .await?;
    Ok(revoked.rows_affected() > 0)
}

/// Ends the account's sessions on the device: whoever it is says their password again.
pub(super) async fn end_sessions(tx: &mut TenantTx, account: AccountId, device: DeviceId) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "delete from sessions s using session_devices b
         where s.tid = $1 and s.account = $2 and b.tid = s.tid and b.token_hash = s.token_hash and b.device = $3",
        tid,
        account.0,
        device.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends the sessions that worked on the device and went on elsewhere; those still on it are told that it was taken back.
pub(super) async fn end_sessions_that_left(tx: &mut TenantTx, device: DeviceId) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "delete from sessions s using session_devices b
         where s.tid = $1 and b.tid = s.tid and b.token_hash = s.token_hash and b.device = $2 and s.device is distinct from $2",
        tid,
        device.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
