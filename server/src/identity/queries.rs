//! Statements about sign-in, sessions and rights.

use super::own_roles::OwnRoles;
use super::role::AnyRole;
use crate::failure::Fault;
use crate::tenancy::{TenantTx, from_stored, from_stored_day, to_stored};
use holdfast_domain::identity::{SiteKind, SiteView, TillView, is_own_role};
use holdfast_domain::kernel::{AccountId, Currency, Day, DeviceId, Epoch, PersonId, SiteId, TillId, Timestamp};
use holdfast_sync::bytes::Digest32;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// What a sign-in is checked against.
pub(super) struct Credentials {
    pub account: AccountId,
    pub name: String,
    pub password_hash: String,
    pub disabled: bool,
}

/// A session, with whose it is.
pub(super) struct Session {
    pub account: AccountId,
    pub name: String,
    pub person: Option<PersonId>,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub disabled: bool,
    /// The device it works on.
    pub device: Option<DeviceId>,
    pub device_revoked: bool,
}

/// The tenant, as shown.
pub(super) struct Tenant {
    pub slug: String,
    pub name: String,
    pub currency: String,
}

/// An account, as shown.
pub(super) struct Account {
    pub name: String,
    pub email: String,
    pub person: Option<PersonId>,
}

/// Failed sign-ins under one key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attempts {
    pub failures: i32,
    pub last_at: Timestamp,
    pub blocked_until: Timestamp,
}

pub(super) async fn credentials(tx: &mut TenantTx, email: &str) -> Result<Option<Credentials>, Fault> {
    let row = sqlx::query!(
        r#"select id, name, password_hash, disabled_at is not null as "disabled!" from accounts where tid = $1 and email = $2"#,
        tx.tenant().0,
        email
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Credentials { account: AccountId(row.id), name: row.name, password_hash: row.password_hash, disabled: row.disabled }))
}

pub(super) async fn insert_session(tx: &mut TenantTx, hash: Digest32, account: AccountId, expires_at: Timestamp) -> Result<(), Fault> {
    let now = to_stored(tx.now());
    sqlx::query!(
        "insert into sessions (tid, token_hash, account, seen_at, expires_at) values ($1, $2, $3, $4, $5)",
        tx.tenant().0,
        &hash.0,
        account.0,
        now,
        to_stored(expires_at)
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn session(tx: &mut TenantTx, hash: Digest32) -> Result<Option<Session>, Fault> {
    let row = sqlx::query!(
        r#"select s.account, s.seen_at, s.expires_at, a.name, a.person, a.disabled_at is not null as "disabled!", s.device,
                  d.revoked_at is not null as "device_revoked!"
           from sessions s join accounts a on a.tid = s.tid and a.id = s.account left join devices d on d.tid = s.tid and d.id = s.device
           where s.tid = $1 and s.token_hash = $2"#,
        tx.tenant().0,
        &hash.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Session {
        account: AccountId(row.account),
        name: row.name,
        person: row.person.map(PersonId),
        seen_at: from_stored(row.seen_at),
        expires_at: from_stored(row.expires_at),
        disabled: row.disabled,
        device: row.device.map(DeviceId),
        device_revoked: row.device_revoked,
    }))
}

/// The session works on that device.
pub(super) async fn bind_session(tx: &mut TenantTx, hash: Digest32, device: DeviceId) -> Result<(), Fault> {
    sqlx::query!(
        "with bound as (insert into session_devices (tid, token_hash, device) select tid, token_hash, $3 from sessions where tid = $1 and token_hash = $2
           on conflict (tid, token_hash, device) do nothing)
         update sessions set device = $3 where tid = $1 and token_hash = $2 and device is distinct from $3",
        tx.tenant().0,
        &hash.0,
        device.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// It is used now. It may just have been ended by another request, which then stands.
pub(super) async fn slide_session(tx: &mut TenantTx, hash: Digest32, expires_at: Timestamp) -> Result<(), Fault> {
    let now = to_stored(tx.now());
    sqlx::query!(
        "update sessions set seen_at = $3, expires_at = $4 where tid = $1 and token_hash = $2",
        tx.tenant().0,
        &hash.0,
        now,
        to_stored(expires_at)
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whether it was there still.
pub(super) async fn delete_session(tx: &mut TenantTx, hash: Digest32) -> Result<bool, Fault> {
    let deleted = sqlx::query!("delete from sessions where tid = $1 and token_hash = $2", tx.tenant().0, &hash.0).execute(tx.connection()).await?;
    Ok(deleted.rows_affected() > 0)
}

pub(super) async fn drop_expired_sessions(tx: &mut TenantTx, account: AccountId) -> Result<(), Fault> {
    let now = to_stored(tx.now());
    sqlx::query!("delete from sessions where tid = $1 and account = $2 and expires_at <= $3", tx.tenant().0, account.0, now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// A role that holds now.
pub(super) struct Held {
    pub role: AnyRole,
    pub site: Option<SiteId>,
    /// Before when, where it is not for good.
    pub until: Option<Timestamp>,
}

/// What an account holds now.
pub(super) async fn roles(tx: &mut TenantTx, account: AccountId) -> Result<Vec<Held>, Fault> {
    let now = to_stored(tx.now());
    let rows = sqlx::query!(
        "select id, role, site, valid_until from account_roles where tid = $1 and account = $2 and ended_at is null
           and (valid_from is null or valid_from <= $3) and (valid_until is null or valid_until > $3)",
        tx.tenant().0,
        account.0,
        now
    )
    .fetch_all(tx.connection())
    .await?;
    let own = if rows.iter().any(|row| is_own_role(&row.role)) { OwnRoles::of(tx).await? } else { OwnRoles::default() };
    let mut all = Vec::new();
    for row in rows {
        match own.standing(&row.role) {
            Some(role) => all.push(Held { role, site: row.site.map(SiteId), until: row.valid_until.map(from_stored) }),
            // Archived: it lets nobody do anything.
            None if own.any(&row.role).is_some() => {}
            None => return Err(Fault::stored("account_roles", "role", row.id)),
        }
    }
    Ok(all)
}

/// Who is given a role at each of these sites, now.
pub(super) async fn teams(tx: &mut TenantTx, sites: &[SiteId]) -> Result<BTreeMap<SiteId, BTreeSet<AccountId>>, Fault> {
    let now = to_stored(tx.now());
    let rows = sqlx::query!(
        r#"select distinct account, site as "site!" from account_roles where tid = $1 and site = any ($2) and ended_at is null
           and (valid_from is null or valid_from <= $3) and (valid_until is null or valid_until > $3)"#,
        tx.tenant().0,
        &sites.iter().map(|site| site.0).collect::<Vec<_>>(),
        now
    );
    let mut teams: BTreeMap<SiteId, BTreeSet<AccountId>> = BTreeMap::new();
    for row in rows.fetch_all(tx.connection()).await? {
        teams.entry(SiteId(row.site)).or_default().insert(AccountId(row.account));
    }
    Ok(teams)
}

pub(super) async fn tenant(tx: &mut TenantTx) -> Result<Tenant, Fault> {
    let tid = tx.tenant().0;
    Ok(sqlx::query_as!(Tenant, "select slug, name, currency from tenants where tid = $1", tid).fetch_one(tx.connection()).await?)
}

/// What the tenant keeps its books in.
pub(crate) async fn currency(tx: &mut TenantTx) -> Result<Currency, Fault> {
    let tenant = tx.tenant();
    let code = sqlx::query_scalar!("select currency from tenants where tid = $1", tenant.0).fetch_one(tx.connection()).await?;
    code.parse().map_err(|_| Fault::stored("tenants", "currency", tenant))
}

pub(super) async fn account(tx: &mut TenantTx, account: AccountId) -> Result<Option<Account>, Fault> {
    let row = sqlx::query!("select name, email, person from accounts where tid = $1 and id = $2", tx.tenant().0, account.0)
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.map(|row| Account { name: row.name, email: row.email, person: row.person.map(PersonId) }))
}

/// The names of accounts; those that are not there are left out.
pub(crate) async fn account_names(tx: &mut TenantTx, accounts: &[uuid::Uuid]) -> Result<BTreeMap<AccountId, String>, Fault> {
    let rows =
        sqlx::query!("select id, name from accounts where tid = $1 and id = any ($2)", tx.tenant().0, accounts).fetch_all(tx.connection()).await?;
    Ok(rows.into_iter().map(|row| (AccountId(row.id), row.name)).collect())
}

/// The sites that the transaction sees, by name, with their tills, by name.
pub(crate) async fn sites(tx: &mut TenantTx) -> Result<Vec<SiteView>, Fault> {
    let tid = tx.tenant().0;
    let sites = sqlx::query!("select id, name, kind, time_zone from sites where tid = $1 order by name", tid).fetch_all(tx.connection()).await?;
    let mut tills = sqlx::query!(r#"select id, site, name, archived_at is not null as "archived!" from tills where tid = $1 order by name"#, tid)
        .fetch_all(tx.connection())
        .await?;
    sites
        .into_iter()
        .map(|site| {
            let here = tills
                .extract_if(.., |till| till.site == site.id)
                .map(|till| TillView { id: TillId(till.id), name: till.name, archived: till.archived })
                .collect();
            let kind = site_kind(&site.kind).ok_or_else(|| Fault::stored("sites", "kind", site.id))?;
            Ok(SiteView { id: SiteId(site.id), name: site.name, kind, time_zone: site.time_zone, tills: here })
        })
        .collect()
}

/// Which day it was at these sites, in the calendar of each.
pub(crate) async fn days_at(tx: &mut TenantTx, at: &[(SiteId, Timestamp)]) -> Result<BTreeMap<(SiteId, Timestamp), Day>, Fault> {
    let rows = sqlx::query!(
        r#"select w.n as "n!", (w.at at time zone s.time_zone)::date as "day!" from unnest($2::uuid[], $3::timestamptz[]) with ordinality as w (site, at, n)
           join sites s on s.tid = $1 and s.id = w.site"#,
        tx.tenant().0,
        &at.iter().map(|(site, _)| site.0).collect::<Vec<_>>(),
        &at.iter().map(|(_, at)| to_stored(*at)).collect::<Vec<_>>()
    );
    let mut days = BTreeMap::new();
    for row in rows.fetch_all(tx.connection()).await? {
        let asked = usize::try_from(row.n - 1).ok().and_then(|n| at.get(n));
        days.extend(asked.zip(from_stored_day(row.day)).map(|(asked, day)| (*asked, day)));
    }
    Ok(days)
}

fn site_kind(stored: &str) -> Option<SiteKind> {
    [SiteKind::Shop, SiteKind::Warehouse, SiteKind::Venue].into_iter().find(|kind| stored_site_kind(*kind) == stored)
}

/// As it is stored.
pub(super) fn stored_site_kind(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::Shop => "shop",
        SiteKind::Warehouse => "warehouse",
        SiteKind::Venue => "venue",
    }
}

/// The failed sign-ins under `key`, which stay locked until the transaction ends.
pub(super) async fn lock_attempts(connection: &mut PgConnection, key: Digest32, now: Timestamp) -> Result<Attempts, Fault> {
    sqlx::query!(
        "insert into sign_in_attempts (key, failures, last_at, blocked_until) values ($1, 0, $2, $2) on conflict (key) do nothing",
        &key.0,
        to_stored(now)
    )
    .execute(&mut *connection)
    .await?;
    let row =
        sqlx::query!("select failures, last_at, blocked_until from sign_in_attempts where key = $1 for update", &key.0).fetch_one(connection).await?;
    Ok(Attempts { failures: row.failures, last_at: from_stored(row.last_at), blocked_until: from_stored(row.blocked_until) })
}

pub(super) async fn store_attempts(connection: &mut PgConnection, key: Digest32, attempts: &Attempts) -> Result<(), Fault> {
    sqlx::query!(
        "update sign_in_attempts set failures = $2, last_at = $3, blocked_until = $4 where key = $1",
        &key.0,
        attempts.failures,
        to_stored(attempts.last_at),
        to_stored(attempts.blocked_until)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what is counted under `key`.
pub(super) async fn forget_attempts(connection: &mut PgConnection, key: Digest32) -> Result<(), Fault> {
    sqlx::query!("delete from sign_in_attempts where key = $1", &key.0).execute(connection).await?;
    Ok(())
}

/// Forgets some of what was last counted before `stale`, so that the table does not grow; skips what another attempt is counting just now.
pub(super) async fn forget_stale_attempts(connection: &mut PgConnection, stale: Timestamp) -> Result<(), Fault> {
    sqlx::query!(
        "delete from sign_in_attempts
         where key in (select key from sign_in_attempts where last_at < $1 order by last_at limit 100 for update skip locked)",
        to_stored(stale)
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn take_back_attempt(connection: &mut PgConnection, key: Digest32, now: Timestamp) -> Result<(), Fault> {
    sqlx::query!("update sign_in_attempts set failures = greatest(failures - 1, 0), blocked_until = $2 where key = $1", &key.0, to_stored(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// One of the server's keys.
pub(super) struct StoredServerKey {
    pub private_key: Vec<u8>,
    pub retired: bool,
}

/// The server's keys, oldest first. Nobody else adds one until the transaction ends.
pub(super) async fn lock_server_keys(connection: &mut PgConnection) -> Result<Vec<StoredServerKey>, Fault> {
    sqlx::query!("lock table server_keys in exclusive mode").execute(&mut *connection).await?;
    let statement =
        sqlx::query_as!(StoredServerKey, r#"select private_key, retired_at is not null as "retired!" from server_keys order by created_at, kid"#);
    Ok(statement.fetch_all(connection).await?)
}

pub(super) async fn insert_server_key(connection: &mut PgConnection, kid: &str, private_key: &[u8]) -> Result<(), Fault> {
    sqlx::query!("insert into server_keys (kid, private_key) values ($1, $2)", kid, private_key).execute(connection).await?;
    Ok(())
}

/// The keys that outbox files are sealed to, oldest first. Nobody else adds one until the transaction ends.
pub(super) async fn lock_sealing_keys(connection: &mut PgConnection) -> Result<Vec<StoredServerKey>, Fault> {
    sqlx::query!("lock table sealing_keys in exclusive mode").execute(&mut *connection).await?;
    let statement =
        sqlx::query_as!(StoredServerKey, r#"select private_key, retired_at is not null as "retired!" from sealing_keys order by created_at, kid"#);
    Ok(statement.fetch_all(connection).await?)
}

pub(super) async fn insert_sealing_key(connection: &mut PgConnection, kid: &str, private_key: &[u8]) -> Result<(), Fault> {
    sqlx::query!("insert into sealing_keys (kid, private_key) values ($1, $2)", kid, private_key).execute(connection).await?;
    Ok(())
}

/// The life of the tenant's feed.
pub(crate) struct FeedLife {
    /// Another one after each restore from a backup.
    pub epoch: Epoch,
    /// When it began, where there was one before it.
    pub restored_at: Option<Timestamp>,
}

/// The life of the tenant's feed.
pub(crate) async fn feed_life(tx: &mut TenantTx) -> Result<FeedLife, Fault> {
    let row = sqlx::query!("select epoch, restored_at from tenants where tid = $1", tx.tenant().0).fetch_one(tx.connection()).await?;
    Ok(FeedLife { epoch: Epoch(row.epoch), restored_at: row.restored_at.map(from_stored) })
}
