//! The SQL of receipt numbers.

use crate::failure::Fault;
use crate::identity::FeedLife;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{BlockId, ChainId, DeviceId, SiteId, TillId};
use holdfast_domain::sales::ReceiptBlock;
use rust_decimal::prelude::ToPrimitive;

/// The last number that was given away; the counter stays locked until the transaction ends. In a new epoch it jumps first, also where the backup had no
/// counter yet: the first numbers may have been given away after it.
pub(super) async fn lock_head(tx: &mut TenantTx, life: FeedLife, jump: u64) -> Result<u64, Fault> {
    let begins = if life.restored_at.is_some() { jump } else { 0 };
    let last = sqlx::query_scalar!(
        "insert into sales_receipt_heads as head (tid, epoch, last) values ($1, $2, $4)
         on conflict (tid) do update set epoch = $2, last = head.last + case when head.epoch = $2 then 0 else $3::bigint end
         returning last",
        tx.tenant().0,
        life.epoch.0,
        jump.cast_signed(),
        begins.cast_signed()
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(last.cast_unsigned())
}

/// Moves the counter that the transaction has locked.
pub(super) async fn move_head(tx: &mut TenantTx, last: u64) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let moved = sqlx::query!("update sales_receipt_heads set last = $2 where tid = $1 and last < $2", tid, last.cast_signed())
        .execute(tx.connection())
        .await?;
    if moved.rows_affected() == 1 { Ok(()) } else { Err(Fault::because("the counter of receipt numbers is gone")) }
}

/// A device's newest block.
pub(super) async fn newest_block(tx: &mut TenantTx, device: DeviceId, chain: ChainId) -> Result<Option<ReceiptBlock>, Fault> {
    let row = sqlx::query!(
        "select id, first, last from sales_receipt_blocks where tid = $1 and device = $2 and chain = $3 order by first desc limit 1",
        tx.tenant().0,
        device.0,
        chain.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| ReceiptBlock { block: BlockId(row.id), device, chain, first: row.first.cast_unsigned(), last: row.last.cast_unsigned() }))
}

/// The numbers of a device's blocks beyond the highest that a sale has brought, block by block.
pub(super) async fn unused(tx: &mut TenantTx, device: DeviceId, chain: ChainId) -> Result<u64, Fault> {
    let unused = sqlx::query_scalar!(
        r#"select coalesce(sum(b.last - greatest(b.first - 1, coalesce((select max(n.number) from sales_receipt_numbers n
             where n.tid = b.tid and n.block = b.id and n.number between b.first and b.last), 0))), 0) as "unused!"
           from sales_receipt_blocks b where b.tid = $1 and b.device = $2 and b.chain = $3"#,
        tx.tenant().0,
        device.0,
        chain.0
    )
    .fetch_one(tx.connection())
    .await?;
    unused.to_u64().ok_or_else(|| Fault::stored("sales_receipt_blocks", "last", device))
}

/// Keeps a block.
pub(super) async fn insert_block(tx: &mut TenantTx, block: &ReceiptBlock, site: SiteId, till: TillId) -> Result<(), Fault> {
    sqlx::query!(
        "insert into sales_receipt_blocks (tid, id, site, till, device, chain, first, last) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.tenant().0,
        block.block.0,
        site.0,
        till.0,
        block.device.0,
        block.chain.0,
        block.first.cast_signed(),
        block.last.cast_signed()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
