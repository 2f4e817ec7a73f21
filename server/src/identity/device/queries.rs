//! Statements about devices and grants.

use crate::failure::Fault;
use crate::identity::StoredGrant;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::identity::{DeviceEnrolment, DeviceReport, GrantClaims, GrantHolder, KeyAlgorithm, Permission, Revocation};
use holdfast_domain::kernel::{AccountId, ChainId, DeviceId, Epoch, GrantId, SiteId, TillId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A device as it is stored.
pub(in crate::identity) struct StoredDevice {
    pub algorithm: KeyAlgorithm,
    pub public_key: Vec<u8>,
    pub till: Option<TillId>,
    pub revoked_at: Option<Timestamp>,
    /// Whether it is known from a grant alone, and has not enrolled since.
    pub taken_up: bool,
}

pub(super) fn stored_algorithm(algorithm: KeyAlgorithm) -> &'static str {
    match algorithm {
        KeyAlgorithm::Ed25519 => "ed25519",
        KeyAlgorithm::P256 => "p256",
    }
}

fn algorithm(stored: &str) -> Option<KeyAlgorithm> {
    [KeyAlgorithm::Ed25519, KeyAlgorithm::P256].into_iter().find(|algorithm| stored_algorithm(*algorithm) == stored)
}

/// Whether it was new.
pub(in crate::identity) async fn insert_device(tx: &mut TenantTx, enrolment: &DeviceEnrolment) -> Result<bool, Fault> {
    let inserted = sqlx::query!(
        "insert into devices (tid, id, name, algorithm, public_key, till) values ($1, $2, $3, $4, $5, $6) on conflict (tid, id) do nothing",
        tx.tenant().0,
        enrolment.device.0,
        enrolment.name.trim(),
        stored_algorithm(enrolment.algorithm),
        enrolment.public_key.as_ref(),
        enrolment.till.map(|till| till.0)
    )
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(in crate::identity) async fn update_device(tx: &mut TenantTx, enrolment: &DeviceEnrolment) -> Result<(), Fault> {
    sqlx::query!(
        "update devices set name = $3, till = $4, taken_up_at = null
         where tid = $1 and id = $2 and (name, till, taken_up_at) is distinct from ($3, $4, null::timestamptz)",
        tx.tenant().0,
        enrolment.device.0,
        enrolment.name.trim(),
        enrolment.till.map(|till| till.0)
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(in crate::identity) async fn device(tx: &mut TenantTx, device: DeviceId) -> Result<Option<StoredDevice>, Fault> {
    let row =
        sqlx::query!("select algorithm, public_key, till, revoked_at, taken_up_at from devices where tid = $1 and id = $2", tx.tenant().0, device.0)
            .fetch_optional(tx.connection())
            .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(StoredDevice {
        algorithm: algorithm(&row.algorithm).ok_or_else(|| Fault::stored("devices", "algorithm", device))?,
        public_key: row.public_key,
        till: row.till.map(TillId),
        revoked_at: row.revoked_at.map(from_stored),
        taken_up: row.taken_up_at.is_some(),
    }))
}

/// A device that is known to be there; it stays as it is until the transaction ends.
pub(in crate::identity) async fn lock_device(tx: &mut TenantTx, id: DeviceId) -> Result<StoredDevice, Fault> {
    sqlx::query!("select 1 as one from devices where tid = $1 and id = $2 for update", tx.tenant().0, id.0).fetch_one(tx.connection()).await?;
    device(tx, id).await?.ok_or_else(|| Fault::because("a locked device is gone"))
}

pub(in crate::identity) async fn count_chains(tx: &mut TenantTx, device: DeviceId) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from device_chains where tid = $1 and device = $2"#, tx.tenant().0, device.0);
    Ok(count.fetch_one(tx.connection()).await?)
}

pub(in crate::identity) async fn insert_chain(tx: &mut TenantTx, device: DeviceId, chain: ChainId) -> Result<(), Fault> {
    sqlx::query!(
        "insert into device_chains (tid, device, chain) values ($1, $2, $3) on conflict (tid, device, chain) do nothing",
        tx.tenant().0,
        device.0,
        chain.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What is known of grants, and of the devices and chains that envelopes name.
pub(crate) struct Vouching {
    /// Those grants that are stored.
    pub grants: BTreeMap<GrantId, StoredGrant>,
    /// Those chains that their device enrolled with.
    pub chains: BTreeSet<(DeviceId, ChainId)>,
    /// Those devices that were revoked.
    pub revoked: BTreeSet<DeviceId>,
    /// The life of the tenant's feed.
    pub epoch: Epoch,
}

/// Looks them all up at once: it is asked for each document of each push.
pub(crate) async fn vouching(tx: &mut TenantTx, grants: BTreeSet<GrantId>, chains: BTreeSet<(DeviceId, ChainId)>) -> Result<Vouching, Fault> {
    let grants: Vec<_> = grants.into_iter().map(|grant| grant.0).collect();
    let devices: BTreeSet<_> = chains.iter().map(|(device, _)| device.0).collect();
    let (chained, chains): (Vec<_>, Vec<_>) = chains.into_iter().map(|(device, chain)| (device.0, chain.0)).unzip();
    let rows = sqlx::query!(
        r#"select t.epoch, g.id as "id?", g.account as "account?", g.device as "device?", g.sites as "sites?", g.permissions as "permissions?",
             g.created_at as "created_at?", g.expires_at as "expires_at?", g.revoked_at as "revoked_at?",
             (select array_agg(row(c.device, c.chain)) from unnest($3::uuid[], $4::uuid[]) as w (device, chain)
              cross join lateral (select device, chain from device_chains where tid = $1 and device = w.device and chain = w.chain limit 1) as c)
               as "chains: Vec<(Uuid, Uuid)>",
             (select array_agg(d.id) from unnest($5::uuid[]) as w (id)
              cross join lateral (select id from devices where tid = $1 and id = w.id and revoked_at is not null limit 1) as d) as "revoked: Vec<Uuid>"
           from tenants t left join (select g.* from unnest($2::uuid[]) as w (id)
             cross join lateral (select * from grants where tid = $1 and id = w.id limit 1) as g) as g on true where t.tid = $1"#,
        tx.tenant().0,
        &grants,
        &chained,
        &chains,
        &devices.into_iter().collect::<Vec<_>>()
    )
    .fetch_all(tx.connection())
    .await?;
    let first = rows.first().ok_or_else(|| Fault::because("the tenant is gone"))?;
    let chains = first.chains.iter().flatten().map(|(device, chain)| (DeviceId(*device), ChainId(*chain))).collect();
    let revoked = first.revoked.iter().flatten().copied().map(DeviceId).collect();
    let epoch = Epoch(first.epoch);
    let grants = rows.into_iter().filter_map(|row| {
        let stored = StoredGrant {
            account: AccountId(row.account?),
            device: DeviceId(row.device?),
            sites: row.sites?.into_iter().map(SiteId).collect(),
            permissions: row.permissions?.into_iter().map(|permission| Permission(permission.into())).collect(),
            issued_at: from_stored(row.created_at?),
            expires_at: from_stored(row.expires_at?),
            revoked_at: row.revoked_at.map(from_stored),
        };
        Some((GrantId(row.id?), stored))
    });
    Ok(Vouching { grants: grants.collect(), chains, revoked, epoch })
}

/// Whether the chain is one of that device's, which is enrolled and was not revoked.
pub(crate) async fn chain_is_live(tx: &mut TenantTx, device: DeviceId, chain: ChainId) -> Result<bool, Fault> {
    let live = sqlx::query_scalar!(
        r#"select exists (select from devices d join device_chains c on c.tid = d.tid and c.device = d.id
             where d.tid = $1 and d.id = $2 and c.chain = $3 and d.revoked_at is null) as "live!""#,
        tx.tenant().0,
        device.0,
        chain.0
    );
    Ok(live.fetch_one(tx.connection()).await?)
}

/// The names of devices; those that are not there are left out.
pub(crate) async fn device_names(tx: &mut TenantTx, devices: &[Uuid]) -> Result<BTreeMap<DeviceId, String>, Fault> {
    let rows =
        sqlx::query!("select id, name from devices where tid = $1 and id = any ($2)", tx.tenant().0, devices).fetch_all(tx.connection()).await?;
    Ok(rows.into_iter().map(|row| (DeviceId(row.id), row.name)).collect())
}

/// Whether the device is one of the tenant's that was revoked.
pub(crate) async fn is_revoked(tx: &mut TenantTx, device: DeviceId) -> Result<bool, Fault> {
    let revoked = sqlx::query_scalar!(
        r#"select exists (select from devices where tid = $1 and id = $2 and revoked_at is not null) as "revoked!""#,
        tx.tenant().0,
        device.0
    );
    Ok(revoked.fetch_one(tx.connection()).await?)
}

/// Notes that the device spoke now, unless that was noted within the minute and it says nothing new.
pub(in crate::identity) async fn note_contact(tx: &mut TenantTx, device: DeviceId, report: &DeviceReport) -> Result<(), Fault> {
    let (tid, now) = (tx.tenant().0, to_stored(tx.now()));
    sqlx::query!(
        "insert into device_contacts as known (tid, device, at, app, waiting)
         select $1, d.id, $3, $4, $5 from devices d where d.tid = $1 and d.id = $2
           and not exists (select from device_contacts c where c.tid = $1 and c.device = $2 and c.at > $3::timestamptz - interval '1 minute'
             and c.app is not distinct from coalesce($4, c.app) and c.waiting is not distinct from coalesce($5, c.waiting))
         on conflict (tid, device) do update set at = greatest(known.at, excluded.at), app = coalesce(excluded.app, known.app),
           waiting = coalesce(excluded.waiting, known.waiting)",
        tid,
        device.0,
        now,
        report.app,
        report.waiting.map(|waiting| i32::try_from(waiting).unwrap_or(i32::MAX))
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// When a device of each of these tills last spoke; tills without one are left out.
pub(crate) async fn last_contacts(tx: &mut TenantTx, tills: &[Uuid]) -> Result<BTreeMap<TillId, Timestamp>, Fault> {
    let rows = sqlx::query!(
        r#"select d.till as "till!", max(c.at) as "at!" from devices d join device_contacts c on c.tid = d.tid and c.device = d.id
           where d.tid = $1 and d.till = any ($2) group by d.till"#,
        tx.tenant().0,
        tills
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| (TillId(row.till), from_stored(row.at))).collect())
}

/// A device, for the list.
pub(super) struct ListedDevice {
    pub device: DeviceId,
    pub name: String,
    pub till: Option<TillId>,
    pub enrolled_at: Timestamp,
    pub taken_up_at: Option<Timestamp>,
    pub last_contact: Option<Timestamp>,
    pub app: Option<String>,
    pub waiting: Option<u32>,
    pub revoked: Option<Revocation>,
}

/// A holder of a grant, and the device.
pub(super) struct ListedGrant {
    pub device: DeviceId,
    pub holder: GrantHolder,
}

/// The columns are there together or not at all.
fn revocation(at: Option<time::OffsetDateTime>, by: Option<Uuid>, reason: Option<String>) -> Option<Revocation> {
    Some(Revocation { at: from_stored(at?), by: AccountId(by?), reason: reason? })
}

macro_rules! listed {
    ($row:expr) => {{
        let row = $row;
        ListedDevice {
            device: DeviceId(row.id),
            name: row.name,
            till: row.till.map(TillId),
            enrolled_at: from_stored(row.created_at),
            taken_up_at: row.taken_up_at.map(from_stored),
            last_contact: row.at.map(from_stored),
            app: row.app,
            waiting: row.waiting.map(i32::cast_unsigned),
            revoked: revocation(row.revoked_at, row.revoked_by, row.revocation_reason),
        }
    }};
}

/// The next devices by id.
pub(super) async fn devices_after(tx: &mut TenantTx, after: Option<DeviceId>, limit: i64) -> Result<Vec<ListedDevice>, Fault> {
    let rows = sqlx::query!(
        r#"select d.id, d.name, d.till, d.created_at, d.taken_up_at, c.at as "at?", c.app, c.waiting, d.revoked_at, d.revoked_by, d.revocation_reason
           from devices d left join device_contacts c on c.tid = d.tid and c.device = d.id
           where d.tid = $1 and ($2::uuid is null or d.id > $2) order by d.id limit $3"#,
        tx.tenant().0,
        after.map(|after| after.0),
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| listed!(row)).collect())
}

/// One device.
pub(super) async fn listed_device(tx: &mut TenantTx, device: DeviceId) -> Result<Option<ListedDevice>, Fault> {
    let row = sqlx::query!(
        r#"select d.id, d.name, d.till, d.created_at, d.taken_up_at, c.at as "at?", c.app, c.waiting, d.revoked_at, d.revoked_by, d.revocation_reason
           from devices d left join device_contacts c on c.tid = d.tid and c.device = d.id where d.tid = $1 and d.id = $2"#,
        tx.tenant().0,
        device.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| listed!(row)))
}

/// The newest grant of each account on each of these devices, by the account's name.
pub(super) async fn newest_grants(tx: &mut TenantTx, devices: &[Uuid]) -> Result<Vec<ListedGrant>, Fault> {
    let rows = sqlx::query!(
        r#"select g.id as "id!", g.device as "device!", g.account as "account!", a.name, g.created_at as "created_at!", g.expires_at as "expires_at!",
                  g.revoked_at, g.revoked_by, g.revocation_reason
           from (select distinct on (device, account) * from grants where tid = $1 and device = any ($2)
                 order by device, account, created_at desc, id desc) g
           join accounts a on a.tid = g.tid and a.id = g.account
           order by a.name, g.id"#,
        tx.tenant().0,
        devices
    )
    .fetch_all(tx.connection())
    .await?;
    let listed = rows.into_iter().map(|row| ListedGrant {
        device: DeviceId(row.device),
        holder: GrantHolder {
            grant: GrantId(row.id),
            account: AccountId(row.account),
            name: row.name,
            issued_at: from_stored(row.created_at),
            expires_at: from_stored(row.expires_at),
            revoked: revocation(row.revoked_at, row.revoked_by, row.revocation_reason),
        },
    });
    Ok(listed.collect())
}

/// Whether the transaction sees the till.
pub(crate) async fn till_is_seen(tx: &mut TenantTx, till: TillId) -> Result<bool, Fault> {
    Ok(site_of_till(tx, till).await?.is_some())
}

/// Whether a till that the transaction sees was put away; none where it sees no such till.
pub(in crate::identity) async fn is_archived_till(tx: &mut TenantTx, till: TillId) -> Result<Option<bool>, Fault> {
    let is_archived =
        sqlx::query_scalar!(r#"select archived_at is not null as "archived!" from tills where tid = $1 and id = $2"#, tx.tenant().0, till.0);
    Ok(is_archived.fetch_optional(tx.connection()).await?)
}

/// The site of a till that the transaction sees.
pub(crate) async fn site_of_till(tx: &mut TenantTx, till: TillId) -> Result<Option<SiteId>, Fault> {
    let site =
        sqlx::query_scalar!("select site from tills where tid = $1 and id = $2", tx.tenant().0, till.0).fetch_optional(tx.connection()).await?;
    Ok(site.map(SiteId))
}

/// The tills that the transaction sees.
pub(crate) async fn seen_tills(tx: &mut TenantTx) -> Result<Vec<TillId>, Fault> {
    let tills = sqlx::query_scalar!("select id from tills where tid = $1 order by id", tx.tenant().0).fetch_all(tx.connection()).await?;
    Ok(tills.into_iter().map(TillId).collect())
}

/// Who ever had a grant on the device.
pub(crate) async fn accounts_on(tx: &mut TenantTx, device: DeviceId) -> Result<Vec<AccountId>, Fault> {
    let accounts = sqlx::query_scalar!("select distinct account from grants where tid = $1 and device = $2", tx.tenant().0, device.0);
    Ok(accounts.fetch_all(tx.connection()).await?.into_iter().map(AccountId).collect())
}

/// The sites that the transaction sees, in the order of their ids.
pub(crate) async fn seen_sites(tx: &mut TenantTx) -> Result<Vec<SiteId>, Fault> {
    let sites = sqlx::query_scalar!("select id from sites where tid = $1 order by id", tx.tenant().0).fetch_all(tx.connection()).await?;
    Ok(sites.into_iter().map(SiteId).collect())
}

pub(in crate::identity) async fn insert_grant(tx: &mut TenantTx, claims: &GrantClaims) -> Result<(), Fault> {
    let sites: Vec<_> = claims.whid.iter().map(|site| site.0).collect();
    let permissions: Vec<_> = claims.permissions.iter().map(|permission| permission.0.to_string()).collect();
    sqlx::query!(
        "insert into grants (tid, id, account, device, sites, permissions, expires_at) values ($1, $2, $3, $4, $5, $6, $7)",
        claims.tid.0,
        claims.jti.0,
        claims.sub.0,
        claims.device.0,
        &sites,
        &permissions,
        to_stored(Timestamp(claims.exp * 1_000))
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Keeps a grant that was issued before; taken back where its device was.
pub(in crate::identity) async fn keep_grant(tx: &mut TenantTx, id: GrantId, grant: &StoredGrant) -> Result<(), Fault> {
    sqlx::query!(
        "insert into grants (tid, id, account, device, sites, permissions, created_at, expires_at, revoked_at, revoked_by, revocation_reason)
         select $1, $2, a.id, d.id, $5, $6, $7, $8, d.revoked_at, d.revoked_by, d.revocation_reason
         from accounts a, devices d where a.tid = $1 and a.id = $3 and d.tid = $1 and d.id = $4
         on conflict (tid, id) do nothing",
        tx.tenant().0,
        id.0,
        grant.account.0,
        grant.device.0,
        &grant.sites.iter().map(|site| site.0).collect::<Vec<_>>(),
        &grant.permissions.iter().map(|permission| permission.0.to_string()).collect::<Vec<_>>(),
        to_stored(grant.issued_at),
        to_stored(grant.expires_at)
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(in crate::identity) async fn grant(tx: &mut TenantTx, grant: GrantId) -> Result<Option<StoredGrant>, Fault> {
    let row = sqlx::query!(
        "select account, device, sites, permissions, created_at, expires_at, revoked_at from grants where tid = $1 and id = $2",
        tx.tenant().0,
        grant.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| StoredGrant {
        account: AccountId(row.account),
        device: DeviceId(row.device),
        sites: row.sites.into_iter().map(SiteId).collect(),
        permissions: row.permissions.into_iter().map(|permission| Permission(permission.into())).collect(),
        issued_at: from_stored(row.created_at),
        expires_at: from_stored(row.expires_at),
        revoked_at: row.revoked_at.map(from_stored),
    }))
}
