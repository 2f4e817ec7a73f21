//! Statements about roles that were given.

use super::Holder;
use crate::failure::Fault;
use crate::tenancy::{Sites, TenantTx, from_stored, to_stored};
use holdfast_domain::identity::{Revocation, RoleGiven, RoleHolder};
use holdfast_domain::kernel::{AccountId, Day, SiteId, Timestamp};
use uuid::Uuid;

/// Of one account, so many are told, the newest first.
const MOST_OF_ONE: i64 = 50;

/// A role as it is stored; whether whoever asks may end it is not known here.
pub(super) struct Stored {
    pub account: AccountId,
    pub given: RoleGiven,
}

/// A row of `account_roles`.
struct Row {
    id: Uuid,
    account: Uuid,
    role: String,
    site: Option<Uuid>,
    valid_from: Option<time::OffsetDateTime>,
    valid_until: Option<time::OffsetDateTime>,
    created_at: time::OffsetDateTime,
    created_by: Option<Uuid>,
    reason: Option<String>,
    ended_at: Option<time::OffsetDateTime>,
    ended_by: Option<Uuid>,
    ended_reason: Option<String>,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        let ended = match (row.ended_at, row.ended_by, row.ended_reason) {
            (Some(at), Some(by), Some(reason)) => Some(Revocation { at: from_stored(at), by: AccountId(by), reason }),
            _ => None,
        };
        let given = RoleGiven {
            id: row.id,
            site: row.site.map(SiteId),
            from: row.valid_from.map(from_stored),
            until: row.valid_until.map(from_stored),
            given_at: from_stored(row.created_at),
            given_by: row.created_by.map(AccountId),
            reason: row.reason,
            ended,
            may_end: false,
            role: row.role,
        };
        Self { account: AccountId(row.account), given }
    }
}

fn only(sites: &Sites) -> Option<Vec<Uuid>> {
    match sites {
        Sites::All => None,
        Sites::Only(sites) => Some(sites.iter().map(|site| site.0).collect()),
    }
}

/// People, by account: all, or those who hold or held something at the sites or everywhere.
pub(super) async fn accounts(tx: &mut TenantTx, sites: &Sites, (after, limit): (Option<AccountId>, i64)) -> Result<Vec<RoleHolder>, Fault> {
    let only = only(sites);
    let rows = sqlx::query!(
        r#"select a.id, a.name, a.email, a.disabled_at is not null as "disabled!" from accounts a
           where a.tid = $1 and ($2::uuid is null or a.id > $2) and ($3::uuid[] is null or exists (
             select from account_roles r where r.tid = $1 and r.account = a.id and (r.site is null or r.site = any ($3))))
           order by a.id limit $4"#,
        tx.tenant().0,
        after.map(|after| after.0),
        only.as_deref(),
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    let holder = |(id, name, email, disabled)| RoleHolder { account: AccountId(id), name, email, disabled, roles: Vec::new() };
    Ok(rows.into_iter().map(|row| holder((row.id, row.name, row.email, row.disabled))).collect())
}

/// Of whoever gives or ends: nobody takes that away before this is done.
pub(super) async fn lock_own(tx: &mut TenantTx, account: AccountId) -> Result<(), Fault> {
    sqlx::query!("select id from account_roles where tid = $1 and account = $2 and ended_at is null order by id for share", tx.tenant().0, account.0)
        .fetch_all(tx.connection())
        .await?;
    Ok(())
}

/// What these accounts hold, will hold and held, as far as it is seen.
pub(super) async fn of_accounts(tx: &mut TenantTx, sites: &Sites, accounts: &[Uuid]) -> Result<Vec<Stored>, Fault> {
    let (only, now) = (only(sites), to_stored(tx.now()));
    let rows = sqlx::query_as!(
        Row,
        r#"select r.id as "id!", r.account as "account!", r.role as "role!", r.site, r.valid_from, r.valid_until, r.created_at as "created_at!", r.created_by, r.reason,
             r.ended_at, r.ended_by, r.ended_reason
           from unnest($2::uuid[]) as w (id) cross join lateral (
             select * from account_roles r where r.tid = $1 and r.account = w.id and (r.site is null or $3::uuid[] is null or r.site = any ($3))
             order by coalesce(r.ended_at is not null or r.valid_until <= $5, false), r.created_at desc, r.id limit $4) as r"#,
        tx.tenant().0,
        accounts,
        only.as_deref(),
        MOST_OF_ONE,
        now
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// The account's name, if whoever sees these sites sees it.
pub(super) async fn seen(tx: &mut TenantTx, sites: &Sites, account: AccountId) -> Result<Option<String>, Fault> {
    let only = only(sites);
    let name = sqlx::query_scalar!(
        "select a.name from accounts a where a.tid = $1 and a.id = $2 and ($3::uuid[] is null or exists (
           select from account_roles r where r.tid = $1 and r.account = a.id and (r.site is null or r.site = any ($3)))) for update",
        tx.tenant().0,
        account.0,
        only.as_deref()
    );
    Ok(name.fetch_optional(tx.connection()).await?)
}

/// An account, by name.
pub(super) async fn name(tx: &mut TenantTx, account: AccountId) -> Result<Option<Holder>, Fault> {
    let name = sqlx::query_scalar!("select name from accounts where tid = $1 and id = $2", tx.tenant().0, account.0);
    Ok(name.fetch_optional(tx.connection()).await?.map(|name| Holder { account, name }))
}

/// The calendar of a site; of the first one for none.
pub(super) async fn time_zone(tx: &mut TenantTx, site: Option<SiteId>) -> Result<Option<String>, Fault> {
    let zone = sqlx::query_scalar!(
        "select time_zone from sites where tid = $1 and ($2::uuid is null or id = $2) order by created_at, id limit 1",
        tx.tenant().0,
        site.map(|site| site.0)
    );
    Ok(zone.fetch_optional(tx.connection()).await?)
}

/// The beginning of the first day and the end of the last.
pub(super) async fn bounds(
    tx: &mut TenantTx,
    zone: &str,
    (from, until): (Option<Day>, Option<Day>),
) -> Result<(Option<Timestamp>, Option<Timestamp>), Fault> {
    let row = sqlx::query!(
        r#"select ($1::text::date)::timestamp at time zone $3 as "from", (($2::text::date) + 1)::timestamp at time zone $3 as "until""#,
        from.map(|day| day.to_string()),
        until.map(|day| day.to_string()),
        zone
    )
    .fetch_one(tx.connection())
    .await?;
    Ok((row.from.map(from_stored), row.until.map(from_stored)))
}

/// Keeps it; that which stands already in the same words stays, and is answered.
pub(super) async fn insert(
    tx: &mut TenantTx,
    giving: Uuid,
    (holder, role, site): (&Holder, &str, Option<SiteId>),
    (from, until, why): (Option<Timestamp>, Option<Timestamp>, &str),
) -> Result<(Stored, bool), Fault> {
    let (from, until, site) = (from.map(to_stored), until.map(to_stored), site.map(|site| site.0));
    let made = sqlx::query!(
        "insert into account_roles (tid, id, account, role, site, valid_from, valid_until, reason) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        tx.tenant().0,
        giving,
        holder.account.0,
        role,
        site,
        from,
        until,
        why
    )
    .execute(tx.connection())
    .await?;
    let row = sqlx::query_as!(
        Row,
        "select id, account, role, site, valid_from, valid_until, created_at, created_by, reason, ended_at, ended_by, ended_reason from account_roles
         where tid = $1 and account = $2 and role = $3 and ended_at is null and site is not distinct from $4 and valid_from is not distinct from $5
           and valid_until is not distinct from $6",
        tx.tenant().0,
        holder.account.0,
        role,
        site,
        from,
        until
    )
    .fetch_one(tx.connection())
    .await?;
    Ok((row.into(), made.rows_affected() == 1))
}

/// One role, locked.
pub(super) async fn lock(tx: &mut TenantTx, giving: Uuid) -> Result<Option<Stored>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, account, role, site, valid_from, valid_until, created_at, created_by, reason, ended_at, ended_by, ended_reason from account_roles
         where tid = $1 and id = $2 for update",
        tx.tenant().0,
        giving
    );
    Ok(row.fetch_optional(tx.connection()).await?.map(Stored::from))
}

/// Whether the company keeps an owner for good without that one. All owners are locked: of two who end each other, one comes second.
pub(super) async fn has_other_owner(tx: &mut TenantTx, giving: Uuid) -> Result<bool, Fault> {
    let now = to_stored(tx.now());
    let others = sqlx::query_scalar!(
        "select r.id from account_roles r join accounts a on a.tid = r.tid and a.id = r.account
         where r.tid = $1 and r.role = 'owner' and r.site is null and r.ended_at is null and r.valid_until is null and (r.valid_from is null or r.valid_from <= $3)
           and a.disabled_at is null and r.id <> $2 order by r.id for update of r",
        tx.tenant().0,
        giving,
        now
    );
    Ok(!others.fetch_all(tx.connection()).await?.is_empty())
}

pub(super) async fn end(tx: &mut TenantTx, giving: Uuid, (by, why): (AccountId, &str)) -> Result<(), Fault> {
    let now = to_stored(tx.now());
    sqlx::query!(
        "update account_roles set ended_at = $3, ended_by = $4, ended_reason = $5 where tid = $1 and id = $2 and ended_at is null",
        tx.tenant().0,
        giving,
        now,
        by.0,
        why
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
