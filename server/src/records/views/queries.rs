//! Statements about saved views.

use crate::failure::Fault;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::AccountId;
use holdfast_domain::kernel::resource::ViewChange;
use uuid::Uuid;

/// The most that are told at once; more are never kept.
const MOST_TOLD: i64 = 200;

/// A view as it is stored.
pub(super) struct Stored {
    pub id: Uuid,
    pub account: Uuid,
    pub kind: String,
    pub name: String,
    pub shared: bool,
    pub query: String,
    pub columns: Option<Vec<String>>,
    /// Of whoever asks.
    pub is_default: bool,
}

impl Stored {
    pub(super) fn change(&self) -> ViewChange {
        ViewChange { name: self.name.clone(), shared: self.shared, query: self.query.clone(), columns: self.columns.clone() }
    }
}

/// Those of an account and those that are shared, by name.
pub(super) async fn of_account(tx: &mut TenantTx, account: AccountId) -> Result<Vec<Stored>, Fault> {
    let views = sqlx::query_as!(
        Stored,
        r#"select v.id, v.account, v.kind, v.name, v.shared, v.query, v.columns, d.view is not null as "is_default!"
           from saved_views v left join saved_view_defaults d on d.tid = v.tid and d.view = v.id and d.account = $2
           where v.tid = $1 and (v.account = $2 or v.shared) order by lower(v.name), v.id limit $3"#,
        tx.tenant().0,
        account.0,
        MOST_TOLD
    );
    Ok(views.fetch_all(tx.connection()).await?)
}

/// One that the account has, of its own or shared; locked where it is to be changed.
pub(super) async fn find(tx: &mut TenantTx, (id, account): (Uuid, AccountId), locked: bool) -> Result<Option<Stored>, Fault> {
    if locked {
        sqlx::query!("select id from saved_views where tid = $1 and id = $2 for update", tx.tenant().0, id).fetch_optional(tx.connection()).await?;
    }
    let view = sqlx::query_as!(
        Stored,
        r#"select v.id, v.account, v.kind, v.name, v.shared, v.query, v.columns, d.view is not null as "is_default!"
           from saved_views v left join saved_view_defaults d on d.tid = v.tid and d.view = v.id and d.account = $3
           where v.tid = $1 and v.id = $2 and (v.account = $3 or v.shared)"#,
        tx.tenant().0,
        id,
        account.0
    );
    Ok(view.fetch_optional(tx.connection()).await?)
}

/// How many the account keeps, or the company shares.
pub(super) async fn count(tx: &mut TenantTx, (account, shared): (AccountId, bool)) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from saved_views where tid = $1 and case when $3 then shared else account = $2 and not shared end"#,
        tx.tenant().0,
        account.0,
        shared
    );
    Ok(count.fetch_one(tx.connection()).await?)
}

/// Whether there was none of that id.
pub(super) async fn insert(tx: &mut TenantTx, (id, account): (Uuid, AccountId), (kind, view): (&str, &ViewChange)) -> Result<bool, Fault> {
    let made = sqlx::query!(
        "insert into saved_views (tid, id, account, kind, name, shared, query, columns) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        tx.tenant().0,
        id,
        account.0,
        kind,
        view.name,
        view.shared,
        view.query,
        view.columns.as_deref()
    );
    Ok(made.execute(tx.connection()).await?.rows_affected() == 1)
}

pub(super) async fn update(tx: &mut TenantTx, id: Uuid, view: &ViewChange) -> Result<(), Fault> {
    let set = sqlx::query!(
        "update saved_views set name = $3, shared = $4, query = $5, columns = $6 where tid = $1 and id = $2",
        tx.tenant().0,
        id,
        view.name,
        view.shared,
        view.query,
        view.columns.as_deref()
    );
    set.execute(tx.connection()).await?;
    // What is shared no more is nobody else's beginning.
    let others = sqlx::query!(
        "delete from saved_view_defaults d using saved_views v where d.tid = $1 and d.view = $2 and v.tid = d.tid and v.id = d.view and not v.shared and d.account <> v.account",
        tx.tenant().0,
        id
    );
    others.execute(tx.connection()).await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, id: Uuid) -> Result<(), Fault> {
    sqlx::query!("delete from saved_views where tid = $1 and id = $2", tx.tenant().0, id).execute(tx.connection()).await?;
    Ok(())
}

/// What the account's list of the kind begins with.
pub(super) async fn set_default(tx: &mut TenantTx, account: AccountId, (kind, view, on): (&str, Uuid, bool)) -> Result<(), Fault> {
    if on {
        let set = sqlx::query!(
            "insert into saved_view_defaults (tid, account, kind, view) values ($1, $2, $3, $4) on conflict (tid, account, kind) do update set view = excluded.view",
            tx.tenant().0,
            account.0,
            kind,
            view
        );
        set.execute(tx.connection()).await?;
    } else {
        let ended = sqlx::query!(
            "delete from saved_view_defaults where tid = $1 and account = $2 and kind = $3 and view = $4",
            tx.tenant().0,
            account.0,
            kind,
            view
        );
        ended.execute(tx.connection()).await?;
    }
    Ok(())
}
