//! The SQL of events that were set aside.

use super::super::event::{Event, Place, event_id};
use crate::failure::Fault;
use crate::http::Cursor;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::events::{ParkedEvent, ParkedId};
use holdfast_domain::kernel::{SiteId, Timestamp};
use std::collections::BTreeSet;

/// How a consumer stands with what it set aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// They wait for a person.
    pub parked: u64,
    /// They wait for another try, or behind one that waits.
    pub waiting: u64,
    /// When the next is tried again.
    pub next_try_at: Option<Timestamp>,
}

/// How a try failed.
pub(super) struct Failed<'a> {
    pub lane: &'a str,
    /// How often it was tried by now.
    pub tries: u32,
    pub error: &'a str,
    /// None where it is parked.
    pub again_at: Option<Timestamp>,
}

/// The next event that it is time to try again.
pub(crate) async fn next_due(tx: &mut TenantTx, consumer: &str) -> Result<Option<Place>, Fault> {
    let (tid, now) = (tx.tenant().0, to_stored(tx.now()));
    let row = sqlx::query!(
        "select position, ordinal from event_setbacks where tid = $1 and consumer = $2 and next_try_at <= $3
         order by next_try_at, position, ordinal limit 1",
        tid,
        consumer,
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Place { position: row.position.cast_unsigned(), ordinal: row.ordinal }))
}

/// How often an event that was set aside was tried; none where it was not.
pub(super) async fn tries(tx: &mut TenantTx, consumer: &str, place: Place) -> Result<Option<u32>, Fault> {
    let tid = tx.tenant().0;
    let tries = sqlx::query_scalar!(
        "select tries from event_setbacks where tid = $1 and consumer = $2 and position = $3 and ordinal = $4",
        tid,
        consumer,
        place.position.cast_signed(),
        place.ordinal
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(tries.map(i32::cast_unsigned))
}

/// Which of these lanes have something set aside.
pub(crate) async fn taken_lanes(tx: &mut TenantTx, consumer: &str, lanes: &[String]) -> Result<BTreeSet<String>, Fault> {
    let tid = tx.tenant().0;
    let taken =
        sqlx::query_scalar!("select distinct lane from event_setbacks where tid = $1 and consumer = $2 and lane = any ($3)", tid, consumer, lanes)
            .fetch_all(tx.connection())
            .await?;
    Ok(taken.into_iter().collect())
}

/// Sets events aside that come behind others in their lanes.
pub(crate) async fn hold_back(tx: &mut TenantTx, consumer: &str, events: &[(&Event, &str)]) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "insert into event_setbacks (tid, consumer, position, ordinal, id, lane, tries)
         select $1, $2, position, ordinal, id, lane, 0 from unnest($3::bigint[], $4::int[], $5::uuid[], $6::text[]) as t (position, ordinal, id, lane)
         on conflict (tid, consumer, position, ordinal) do nothing",
        tid,
        consumer,
        &events.iter().map(|(event, _)| event.place.position.cast_signed()).collect::<Vec<_>>(),
        &events.iter().map(|(event, _)| event.place.ordinal).collect::<Vec<_>>(),
        &events.iter().map(|(event, _)| event_id(consumer, event.id)).collect::<Vec<_>>(),
        &events.iter().map(|(_, lane)| (*lane).to_owned()).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Notes that a try failed.
pub(super) async fn put_failure(tx: &mut TenantTx, consumer: &str, event: &Event, failed: Failed<'_>) -> Result<(), Fault> {
    let (tid, now) = (tx.tenant().0, to_stored(tx.now()));
    sqlx::query!(
        "insert into event_setbacks (tid, consumer, position, ordinal, id, lane, tries, first_failed_at, last_failed_at, error, next_try_at, parked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, case when $10::timestamptz is null then $8::timestamptz end)
         on conflict (tid, consumer, position, ordinal) do update
         set tries = excluded.tries, first_failed_at = coalesce(event_setbacks.first_failed_at, excluded.first_failed_at),
             last_failed_at = excluded.last_failed_at, error = excluded.error, next_try_at = excluded.next_try_at,
             parked_at = case when excluded.next_try_at is null then coalesce(event_setbacks.parked_at, excluded.parked_at) end",
        tid,
        consumer,
        event.place.position.cast_signed(),
        event.place.ordinal,
        event_id(consumer, event.id),
        failed.lane,
        failed.tries.cast_signed(),
        now,
        failed.error,
        failed.again_at.map(to_stored)
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// An event is set aside no more: the next of its lane is to be tried, now.
pub(crate) async fn leave(tx: &mut TenantTx, consumer: &str, place: Place) -> Result<(), Fault> {
    let (tid, now) = (tx.tenant().0, to_stored(tx.now()));
    let lane = sqlx::query_scalar!(
        "delete from event_setbacks where tid = $1 and consumer = $2 and position = $3 and ordinal = $4 returning lane",
        tid,
        consumer,
        place.position.cast_signed(),
        place.ordinal
    )
    .fetch_one(tx.connection())
    .await?;
    sqlx::query!(
        "update event_setbacks set next_try_at = $4
         where tid = $1 and consumer = $2 and parked_at is null and next_try_at is null and (position, ordinal) =
             (select position, ordinal from event_setbacks where tid = $1 and consumer = $2 and lane = $3 order by position, ordinal limit 1)",
        tid,
        consumer,
        lane,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// How a consumer stands.
pub(crate) async fn standing(tx: &mut TenantTx, consumer: &str) -> Result<Standing, Fault> {
    let tid = tx.tenant().0;
    let row = sqlx::query!(
        r#"select count(parked_at) as "parked!", count(*) - count(parked_at) as "waiting!", min(next_try_at) as next_try_at
           from event_setbacks where tid = $1 and consumer = $2"#,
        tid,
        consumer
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Standing { parked: row.parked.cast_unsigned(), waiting: row.waiting.cast_unsigned(), next_try_at: row.next_try_at.map(from_stored) })
}

/// Where a parked event is, and whose it is.
pub(super) struct Parked {
    pub consumer: String,
    pub place: Place,
    pub tries: u32,
}

/// The parked event of that id.
pub(super) async fn parked(tx: &mut TenantTx, id: ParkedId) -> Result<Option<Parked>, Fault> {
    let tid = tx.tenant().0;
    let row =
        sqlx::query!("select consumer, position, ordinal, tries from event_setbacks where tid = $1 and id = $2 and parked_at is not null", tid, id.0)
            .fetch_optional(tx.connection())
            .await?;
    Ok(row.map(|row| Parked {
        consumer: row.consumer,
        place: Place { position: row.position.cast_unsigned(), ordinal: row.ordinal },
        tries: row.tries.cast_unsigned(),
    }))
}

/// What is parked, the last first.
pub(super) async fn all_parked(tx: &mut TenantTx, before: Option<Cursor>, limit: u32) -> Result<Vec<ParkedEvent>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select s.id, s.consumer, s.tries, s.first_failed_at as "first_failed_at!", s.last_failed_at as "last_failed_at!", s.error as "error!",
                  s.parked_at as "parked_at!", e.id as event, e.type, e.subject, e.at_site, e.occurred_at,
                  (select count(*) from event_setbacks b where b.tid = s.tid and b.consumer = s.consumer and b.lane = s.lane
                   and (b.position, b.ordinal) > (s.position, s.ordinal)) as "behind!"
           from event_setbacks s join events e on e.tid = s.tid and e.position = s.position and e.ordinal = s.ordinal
           where s.tid = $1 and s.parked_at is not null and ($2::timestamptz is null or (s.parked_at, s.id) < ($2, $3::uuid))
           order by s.parked_at desc, s.id desc limit $4"#,
        tid,
        before.map(|before| to_stored(before.at)),
        before.map(|before| before.id),
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    let parked = rows.into_iter().map(|row| ParkedEvent {
        id: ParkedId(row.id),
        consumer: row.consumer,
        event: row.event,
        kind: row.r#type,
        subject: row.subject,
        site: row.at_site.map(SiteId),
        occurred_at: from_stored(row.occurred_at),
        first_failed_at: from_stored(row.first_failed_at),
        last_failed_at: from_stored(row.last_failed_at),
        parked_at: from_stored(row.parked_at),
        tries: row.tries.cast_unsigned(),
        error: row.error,
        behind: u32::try_from(row.behind).unwrap_or(u32::MAX),
    });
    Ok(parked.collect())
}
