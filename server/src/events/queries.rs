//! The SQL of events.

use super::NewEvent;
use super::event::{Event, Place};
use crate::failure::Fault;
use crate::tenancy::{Cause, TenantTx, from_stored, to_stored};
use holdfast_domain::kernel::{SiteId, Timestamp};

/// An event that was published before under the same id stays as it is.
pub(super) async fn insert_events(tx: &mut TenantTx, events: &[(u64, &[NewEvent])]) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let cause = tx.scope().cause.clone();
    let placed: Vec<_> =
        events.iter().flat_map(|(position, events)| (0_i32..).zip(*events).map(|(n, event)| (position.cast_signed(), n, event))).collect();
    sqlx::query!(
        "insert into events (tid, position, ordinal, correlation, traceparent, id, type, subject, at_site, occurred_at, data)
         select $1, position, ordinal, $2, $3, id, type, subject, at_site, occurred_at, data
         from unnest($4::bigint[], $5::int[], $6::uuid[], $7::text[], $8::text[], $9::uuid[], $10::timestamptz[], $11::jsonb[])
           as t (position, ordinal, id, type, subject, at_site, occurred_at, data)
         on conflict on constraint events_id_unique do nothing",
        tid,
        cause.request,
        cause.traceparent,
        &placed.iter().map(|(position, _, _)| *position).collect::<Vec<_>>(),
        &placed.iter().map(|(_, ordinal, _)| *ordinal).collect::<Vec<_>>(),
        &placed.iter().map(|(_, _, event)| event.id).collect::<Vec<_>>(),
        &placed.iter().map(|(_, _, event)| event.kind.to_owned()).collect::<Vec<_>>(),
        &placed.iter().map(|(_, _, event)| event.subject.clone()).collect::<Vec<_>>(),
        &placed.iter().map(|(_, _, event)| event.site.map(|site| site.0)).collect::<Vec<_>>() as &[Option<uuid::Uuid>],
        &placed.iter().map(|(_, _, event)| to_stored(event.occurred_at)).collect::<Vec<_>>(),
        &placed.iter().map(|(_, _, event)| event.data.clone()).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

macro_rules! event {
    ($tenant:expr, $row:expr) => {{
        let row = $row;
        Event {
            tenant: $tenant,
            place: Place { position: row.position.cast_unsigned(), ordinal: row.ordinal },
            id: row.id,
            kind: row.r#type,
            subject: row.subject,
            site: row.at_site.map(SiteId),
            occurred_at: from_stored(row.occurred_at),
            cause: Cause { request: row.correlation, traceparent: row.traceparent },
            data: row.data,
        }
    }};
}

/// Locks a consumer's cursor until the transaction ends. None where another server is at work with it.
pub(super) async fn lock_cursor(tx: &mut TenantTx, consumer: &str) -> Result<Option<Place>, Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "insert into event_cursors (tid, consumer, position, ordinal) values ($1, $2, 0, 0) on conflict (tid, consumer) do nothing",
        tid,
        consumer
    )
    .execute(tx.connection())
    .await?;
    let row = sqlx::query!("select position, ordinal from event_cursors where tid = $1 and consumer = $2 for update skip locked", tid, consumer)
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.map(|row| Place { position: row.position.cast_unsigned(), ordinal: row.ordinal }))
}

/// Waits for a consumer's cursor, which another transaction may have locked.
pub(super) async fn wait_for_cursor(tx: &mut TenantTx, consumer: &str) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!("select position from event_cursors where tid = $1 and consumer = $2 for update", tid, consumer)
        .fetch_optional(tx.connection())
        .await?;
    Ok(())
}

/// Moves a consumer's cursor, which the transaction has locked.
pub(super) async fn move_cursor(tx: &mut TenantTx, consumer: &str, place: Place) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let moved = sqlx::query!(
        "update event_cursors set position = $3, ordinal = $4 where tid = $1 and consumer = $2",
        tid,
        consumer,
        place.position.cast_signed(),
        place.ordinal
    )
    .execute(tx.connection())
    .await?;
    if moved.rows_affected() == 1 { Ok(()) } else { Err(Fault::because(format!("the cursor of {consumer} is gone"))) }
}

/// The next events, of some types or of all.
pub(super) async fn events_after(tx: &mut TenantTx, after: Place, kinds: Option<&[String]>, limit: u32) -> Result<Vec<Event>, Fault> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        "select position, ordinal, id, type, subject, at_site, occurred_at, correlation, traceparent, data from events
         where tid = $1 and (position, ordinal) > ($2, $3) and ($4::text[] is null or type = any ($4)) order by position, ordinal limit $5",
        tenant.0,
        after.position.cast_signed(),
        after.ordinal,
        kinds,
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| event!(tenant, row)).collect())
}

/// The event at a place.
pub(super) async fn event_at(tx: &mut TenantTx, place: Place) -> Result<Event, Fault> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        "select position, ordinal, id, type, subject, at_site, occurred_at, correlation, traceparent, data from events
         where tid = $1 and position = $2 and ordinal = $3",
        tenant.0,
        place.position.cast_signed(),
        place.ordinal
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(event!(tenant, row))
}

/// What a consumer has not worked through.
pub(super) struct Behind {
    pub events: u64,
    /// When the oldest of them was published.
    pub oldest: Option<Timestamp>,
}

/// How far a consumer of some types, or of all, is behind.
pub(super) async fn behind(tx: &mut TenantTx, consumer: &str, kinds: Option<&[String]>) -> Result<Behind, Fault> {
    let tid = tx.tenant().0;
    let row = sqlx::query!(
        r#"select count(*) as "events!", min(e.created_at) as oldest from events e
           where e.tid = $1 and ($3::text[] is null or e.type = any ($3))
             and (e.position, e.ordinal) > (coalesce((select c.position from event_cursors c where c.tid = $1 and c.consumer = $2), 0),
                                            coalesce((select c.ordinal from event_cursors c where c.tid = $1 and c.consumer = $2), 0))"#,
        tid,
        consumer,
        kinds
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Behind { events: row.events.cast_unsigned(), oldest: row.oldest.map(from_stored) })
}

/// Marks an event as worked through by a consumer; false where it was before.
pub(super) async fn insert_effect(tx: &mut TenantTx, consumer: &str, event: uuid::Uuid) -> Result<bool, Fault> {
    let tid = tx.tenant().0;
    let inserted = sqlx::query!(
        "insert into event_effects (tid, consumer, event) values ($1, $2, $3) on conflict (tid, consumer, event) do nothing",
        tid,
        consumer,
        event
    )
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() > 0)
}
