//! The SQL of till sessions.

use crate::blobs;
use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::kernel::{DocumentId, TillId, Timestamp};
use holdfast_domain::sales::till_session::{TillSessionRow, TillSessionStatus};
use std::collections::BTreeSet;

/// A till session's row, as its facts tell it.
pub(super) struct TillSessionRecord {
    pub row: TillSessionRow,
    pub opened_at: Timestamp,
    pub opened_by: String,
    pub closed_at: Option<Timestamp>,
}

/// What came into the drawer.
pub(super) struct Taken {
    pub tickets: u32,
    pub cash_minor: i64,
}

/// Another session of the till that is open.
pub(super) async fn other_open_session(tx: &mut TenantTx, till: TillId, but: DocumentId) -> Result<Option<DocumentId>, Fault> {
    let tid = tx.tenant().0;
    let other = sqlx::query_scalar!(
        "select id from sales_till_sessions where tid = $1 and till = $2 and status = 'open' and id <> $3 order by opened_at, id limit 1",
        tid,
        till.0,
        but.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(other.map(DocumentId))
}

/// What the tickets of a session that have arrived brought in.
pub(super) async fn taken(tx: &mut TenantTx, till_session: DocumentId) -> Result<Taken, Fault> {
    let tid = tx.tenant().0;
    let row = sqlx::query!(
        r#"select count(distinct ticket) as "tickets!", least(coalesce(sum(amount_minor) filter (where method = 'cash'), 0), 9223372036854775807)::bigint as "cash_minor!"
           from sales_payments where tid = $1 and till_session = $2"#,
        tid,
        till_session.0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Taken { tickets: u32::try_from(row.tickets).unwrap_or(u32::MAX), cash_minor: row.cash_minor })
}

/// Whether the session is closed and as many tickets have arrived as its device knew of.
pub(super) async fn all_arrived(tx: &mut TenantTx, till_session: DocumentId) -> Result<bool, Fault> {
    let tid = tx.tenant().0;
    let complete = sqlx::query_scalar!(
        r#"select exists (select from sales_till_sessions s where s.tid = $1 and s.id = $2 and s.status = 'closed' and s.tickets <=
             (select count(distinct p.ticket) from sales_payments p where p.tid = s.tid and p.till_session = s.id)) as "complete!""#,
        tid,
        till_session.0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(complete)
}

/// Writes the session.
pub(super) async fn put_till_session(tx: &mut TenantTx, record: TillSessionRecord) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let TillSessionRecord { row, opened_at, opened_by, closed_at } = record;
    let photos = serde_json::to_value(&row.photos).expect("a photo's name has no map whose keys are not text");
    let status = match row.status {
        TillSessionStatus::Open => "open",
        TillSessionStatus::Closed => "closed",
    };
    sqlx::query!(
        "insert into sales_till_sessions as known (tid, id, site, till, status, currency, float_minor, opened_at, opened_by, counted_minor, expected_minor,
            tickets, closed_at, closed_wall_at, rulings, photos)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (tid, id) do update set site = excluded.site, till = excluded.till, status = excluded.status, currency = excluded.currency,
            float_minor = excluded.float_minor, opened_at = excluded.opened_at, opened_by = excluded.opened_by, counted_minor = excluded.counted_minor,
            expected_minor = excluded.expected_minor, tickets = excluded.tickets, closed_at = excluded.closed_at,
            closed_wall_at = excluded.closed_wall_at, rulings = excluded.rulings, photos = excluded.photos
         where (known.site, known.till, known.status, known.currency, known.float_minor, known.opened_at, known.opened_by, known.counted_minor,
                known.expected_minor, known.tickets, known.closed_at, known.closed_wall_at, known.rulings, known.photos)
            is distinct from (excluded.site, excluded.till, excluded.status, excluded.currency, excluded.float_minor, excluded.opened_at,
                excluded.opened_by, excluded.counted_minor, excluded.expected_minor, excluded.tickets, excluded.closed_at, excluded.closed_wall_at,
                excluded.rulings, excluded.photos)",
        tid,
        row.document.0,
        row.site.0,
        row.till.0,
        status,
        row.float.currency.code(),
        row.float.minor,
        to_stored(opened_at),
        opened_by,
        row.counted.map(|counted| counted.minor),
        row.expected.map(|expected| expected.minor),
        row.tickets.map(i64::from),
        closed_at.map(to_stored),
        row.closed_at.map(to_stored),
        &row.rulings,
        photos
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes a session out of the books, to be written anew.
pub(in crate::sales) async fn delete_till_session(tx: &mut TenantTx, till_session: DocumentId) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!("delete from sales_till_sessions where tid = $1 and id = $2", tid, till_session.0).execute(tx.connection()).await?;
    blobs::name(tx, till_session, &[], BTreeSet::new()).await
}

/// Everything the books say of a session, as text to compare.
pub(in crate::sales) async fn fingerprint(tx: &mut TenantTx, till_session: DocumentId) -> Result<String, Fault> {
    let tid = tx.tenant().0;
    let text = sqlx::query_scalar!(
        r#"select (to_jsonb(s) - array['created_at', 'created_by', 'modified_at', 'modified_by'])::text as "text!"
           from sales_till_sessions s where tid = $1 and id = $2"#,
        tid,
        till_session.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(format!("{} {}", text.unwrap_or_default(), blobs::fingerprint(tx, till_session).await?))
}
