//! The SQL of retention.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::kernel::{DeviceId, Timestamp};

/// What a transaction did.
pub(super) struct Batch {
    /// How many positions the floor moved past.
    pub passed: u64,
    /// How many entries were dropped.
    pub dropped: u64,
}

/// Up to where the feed was dropped.
pub(in crate::sync) async fn floor(tx: &mut TenantTx) -> Result<u64, Fault> {
    let tid = tx.tenant().0;
    let position = sqlx::query_scalar!("select position from feed_floors where tid = $1", tid).fetch_optional(tx.connection()).await?;
    Ok(position.unwrap_or(0).cast_unsigned())
}

/// Moves the floor past entries written before the first time, up to the first that was not, and drops them, but for those that one device is told. Of those,
/// what lies below the floor and was written before the second time goes, too.
pub(super) async fn drop_batch(tx: &mut TenantTx, (before, outcomes_before): (Timestamp, Timestamp), limit: u32) -> Result<Batch, Fault> {
    let tid = tx.tenant().0;
    let row = sqlx::query!(
        r#"with floor as (select coalesce((select position from feed_floors where tid = $1), 0) as position),
             old as (select position, device, created_at from feed
               where tid = $1 and position > (select position from floor) order by position limit $4),
             passed as (select position, device from old
               where position < coalesce((select min(position) from old where created_at >= $2), 9223372036854775807)),
             moved as (insert into feed_floors as known (tid, position) select $1, max(position) from passed having count(*) > 0
               on conflict (tid) do update set position = greatest(known.position, excluded.position) returning position),
             dropped as (delete from feed where tid = $1 and position = any (array(select position from passed where device is null)) returning 1),
             forgotten as (delete from feed where tid = $1 and position in (
               select position from feed where tid = $1 and position <= (select position from floor) and created_at < $3 order by position limit $4) returning 1)
           select (select count(*) from passed) as "passed!", (select count(*) from dropped) + (select count(*) from forgotten) as "dropped!",
             (select count(*) from moved) as "moved!""#,
        tid,
        to_stored(before),
        to_stored(outcomes_before),
        i64::from(limit)
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Batch { passed: row.passed.cast_unsigned(), dropped: row.dropped.cast_unsigned() })
}

/// What a device was told of its own changes between two positions, in order.
pub(super) async fn own_entries(tx: &mut TenantTx, (after, head): (u64, u64), device: DeviceId, limit: u32) -> Result<Vec<(u64, Vec<u8>)>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select position, body from feed where tid = $1 and position > $2 and position <= $3 and device = $4 order by position limit $5",
        tid,
        after.cast_signed(),
        head.cast_signed(),
        device.0,
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| (row.position.cast_unsigned(), row.body)).collect())
}
