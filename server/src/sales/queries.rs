//! The SQL that tickets and till sessions share.

use super::exception::{NewException, Settled};
use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::sales::exceptions::due_after_ms;

/// Opens an exception; whether it is new.
pub(super) async fn insert_exception(tx: &mut TenantTx, exception: &NewException) -> Result<bool, Fault> {
    let tid = tx.tenant().0;
    let inserted = sqlx::query!(
        "insert into sales_exceptions (tid, id, site, till, kind, document, code, ruling, opened_at, due_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
         where not exists (select from sales_exceptions where tid = $1 and id = any ($11))
         on conflict (tid, id) do nothing",
        tid,
        exception.id.0,
        exception.site.0,
        exception.till.0,
        exception.kind,
        exception.document.0,
        exception.code,
        exception.ruling,
        to_stored(exception.opened_at),
        to_stored(exception.opened_at.plus_ms(due_after_ms(exception.code))),
        &exception.found_in.iter().map(|id| id.0).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Closes an exception that nobody resolved.
pub(super) async fn settle_exception(tx: &mut TenantTx, settled: &Settled) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "update sales_exceptions set resolved_at = $3, resolution = $4 where tid = $1 and id = $2 and resolved_at is null",
        tid,
        settled.id.0,
        to_stored(settled.at),
        settled.by
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
