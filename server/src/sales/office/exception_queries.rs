//! The SQL of exceptions. Row-level security shows only those of the sites that the transaction sees.

use crate::failure::Fault;
use crate::http::Cursor;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::kernel::{AccountId, DocumentId, FactId, SiteId, TillId, Timestamp};
use holdfast_domain::sales::exceptions::{ExceptionSort, ExceptionState};

/// Which exceptions.
pub(super) struct Wanted {
    pub state: ExceptionState,
    pub sort: ExceptionSort,
    pub after: Option<Cursor>,
    pub limit: u32,
}

/// An exception's row.
pub(super) struct ListedException {
    pub exception: FactId,
    pub site: SiteId,
    pub till: TillId,
    pub kind: String,
    pub document: DocumentId,
    pub code: String,
    pub opened_at: Timestamp,
    pub due_at: Timestamp,
    pub owner: Option<AccountId>,
    pub resolved_at: Option<Timestamp>,
    pub resolved_by: Option<AccountId>,
    pub resolution: Option<String>,
}

macro_rules! listed {
    ($row:expr) => {{
        let row = $row;
        ListedException {
            exception: FactId(row.id),
            site: SiteId(row.site),
            till: TillId(row.till),
            kind: row.kind,
            document: DocumentId(row.document),
            code: row.code,
            opened_at: from_stored(row.opened_at),
            due_at: from_stored(row.due_at),
            owner: row.owner.map(AccountId),
            resolved_at: row.resolved_at.map(from_stored),
            resolved_by: row.resolved_by.map(AccountId),
            resolution: row.resolution,
        }
    }};
}

/// In the order that is wanted.
pub(super) async fn exceptions(tx: &mut TenantTx, wanted: Wanted) -> Result<Vec<ListedException>, Fault> {
    match wanted.sort {
        ExceptionSort::Newest => newest(tx, wanted).await,
        ExceptionSort::Due => by_due_time(tx, wanted).await,
    }
}

async fn newest(tx: &mut TenantTx, wanted: Wanted) -> Result<Vec<ListedException>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select id, site, till, kind, document, code, opened_at, due_at, owner, resolved_at, resolved_by, resolution from sales_exceptions
         where tid = $1 and (resolved_at is null) = $2 and ($3::timestamptz is null or (opened_at, id) < ($3, $4))
         order by opened_at desc, id desc limit $5",
        tid,
        wanted.state == ExceptionState::Open,
        wanted.after.map(|after| to_stored(after.at)),
        wanted.after.map(|after| after.id),
        i64::from(wanted.limit)
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| listed!(row)).collect())
}

async fn by_due_time(tx: &mut TenantTx, wanted: Wanted) -> Result<Vec<ListedException>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select id, site, till, kind, document, code, opened_at, due_at, owner, resolved_at, resolved_by, resolution from sales_exceptions
         where tid = $1 and (resolved_at is null) = $2 and ($3::timestamptz is null or (due_at, id) > ($3, $4))
         order by due_at, id limit $5",
        tid,
        wanted.state == ExceptionState::Open,
        wanted.after.map(|after| to_stored(after.at)),
        wanted.after.map(|after| after.id),
        i64::from(wanted.limit)
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| listed!(row)).collect())
}

/// One of them.
pub(super) async fn exception(tx: &mut TenantTx, exception: FactId) -> Result<Option<ListedException>, Fault> {
    let tid = tx.tenant().0;
    let row = sqlx::query!(
        "select id, site, till, kind, document, code, opened_at, due_at, owner, resolved_at, resolved_by, resolution from sales_exceptions
         where tid = $1 and id = $2",
        tid,
        exception.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| listed!(row)))
}

/// Whether it was open still.
pub(super) async fn assign(tx: &mut TenantTx, exception: FactId, owner: Option<AccountId>) -> Result<bool, Fault> {
    let tid = tx.tenant().0;
    let assigned = sqlx::query!(
        "update sales_exceptions set owner = $3 where tid = $1 and id = $2 and resolved_at is null",
        tid,
        exception.0,
        owner.map(|owner| owner.0)
    )
    .execute(tx.connection())
    .await?;
    Ok(assigned.rows_affected() > 0)
}

/// Whether it was open still.
pub(super) async fn resolve(tx: &mut TenantTx, exception: FactId, (by, reason): (AccountId, &str)) -> Result<bool, Fault> {
    let (tid, now) = (tx.tenant().0, to_stored(tx.now()));
    let resolved = sqlx::query!(
        "update sales_exceptions set resolved_at = $3, resolved_by = $4, resolution = $5 where tid = $1 and id = $2 and resolved_at is null",
        tid,
        exception.0,
        now,
        by.0,
        reason
    )
    .execute(tx.connection())
    .await?;
    Ok(resolved.rows_affected() > 0)
}
