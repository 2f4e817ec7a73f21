//! The SQL of events.

use super::NewEvent;
use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};

/// An event that was published before under the same id stays as it is.
pub(super) async fn insert_event(tx: &mut TenantTx, position: u64, ordinal: i32, event: NewEvent) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let cause = tx.scope().cause.clone();
    sqlx::query!(
        "insert into events (tid, position, ordinal, id, type, subject, at_site, occurred_at, correlation, traceparent, data)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict on constraint events_id_unique do nothing",
        tid,
        position as i64,
        ordinal,
        event.id,
        event.kind,
        event.subject,
        event.site.map(|site| site.0),
        to_stored(event.occurred_at),
        cause.request,
        cause.traceparent,
        event.data
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
