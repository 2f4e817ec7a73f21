//! Statements of the door itself.

use super::transaction::TenantScope;
use holdfast_domain::kernel::{TenantId, Timestamp};
use sqlx::PgConnection;

/// Binds a transaction to its scope until it ends.
pub(super) async fn bind(connection: &mut PgConnection, scope: &TenantScope, now: Timestamp) -> Result<(), sqlx::Error> {
    let account = scope.account.map(|account| account.to_string()).unwrap_or_default();
    let (all_sites, sites) = scope.sites.as_settings();
    sqlx::query!(
        "select set_config('app.tid', $1, true) as tid, set_config('app.account', $2, true) as account, set_config('app.all_sites', $3, true) as all_sites,
                set_config('app.sites', $4, true) as sites, set_config('app.now_ms', $5, true) as now_ms",
        scope.tenant.to_string(),
        account,
        all_sites,
        sites,
        now.0.to_string(),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Sets the savepoint. One of the same name would only lie hidden below, so each is released.
pub(super) async fn mark(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("savepoint mark").execute(connection).await.map(drop)
}

/// Keeps what was done since.
pub(super) async fn keep(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("release savepoint mark").execute(connection).await.map(drop)
}

/// Takes it back.
pub(super) async fn back_to_mark(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("rollback to savepoint mark").execute(&mut *connection).await?;
    keep(connection).await
}

/// The tenant of that short name.
pub(super) async fn tenant_by_slug(connection: &mut PgConnection, slug: &str) -> Result<Option<TenantId>, sqlx::Error> {
    let tid = sqlx::query_scalar!("select tenant_by_slug($1)", slug).fetch_one(connection).await?;
    Ok(tid.map(TenantId))
}

/// All tenants, for work that goes through them one transaction after the other.
pub(super) async fn tenant_ids(connection: &mut PgConnection) -> Result<Vec<TenantId>, sqlx::Error> {
    let tids = sqlx::query_scalar!(r#"select tenant_ids() as "tid!""#).fetch_all(connection).await?;
    Ok(tids.into_iter().map(TenantId).collect())
}

/// What the role of a connection could do that it must not be able to do.
pub(super) struct Powers {
    pub role: String,
    pub bypasses: bool,
    pub owned_tables: i64,
}

/// The powers of the role that the app's connections run under.
pub(super) async fn powers(connection: &mut PgConnection) -> Result<Powers, sqlx::Error> {
    sqlx::query_as!(
        Powers,
        r#"select current_user::text as "role!", r.rolsuper or r.rolbypassrls as "bypasses!",
                  (select count(*) from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and pg_has_role(current_user, c.relowner, 'member')) as "owned_tables!"
           from pg_roles r where r.rolname = current_user"#
    )
    .fetch_one(connection)
    .await
}

/// Whether the database answers.
pub(super) async fn ping(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select 1 as one").fetch_one(connection).await?;
    Ok(())
}

/// Says words on a channel.
pub(super) async fn notify(connection: &mut PgConnection, channel: &str, words: &[String]) -> Result<(), sqlx::Error> {
    sqlx::query!(r#"select count(pg_notify($1, word)) as "said!" from unnest($2::text[]) as word"#, channel, words).fetch_one(connection).await?;
    Ok(())
}
