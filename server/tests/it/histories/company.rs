//! A history's company in the real tables: whom its registry knows, enrolled and granted as it says.

use super::tally;
use crate::support::{COMPANY_PASSWORD, TestDatabase};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use holdfast_domain::identity::SiteKind;
use holdfast_domain::kernel::{AccountId, DeviceId, Epoch, GrantId, PersonId, SiteId, TenantId, Timestamp};
use holdfast_server::http::App;
use holdfast_server::identity::{
    NewAccount, NewPerson, NewSite, NewTenant, Role, create_account, create_person, create_site, create_tenant, give_role,
};
use holdfast_server::tenancy::{TenantTx, to_stored};
use holdfast_sync::sim::names;
use holdfast_sync::sim::server::Registry;
use holdfast_sync::verify::Grant;
use sqlx::ConnectOptions as _;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The life of its feed, which the devices learn with their first page.
const EPOCH: Epoch = names::epoch(0);
/// Who decides about what is held.
pub const OFFICE: AccountId = AccountId(Uuid::from_u128(0x0ff1ce));
/// As late as Postgres can say, for grants that never end.
const NEVER: Timestamp = Timestamp(253_370_764_800_000);

/// The key that a device signs with, whose simulated one is this.
pub fn key(simulated: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(simulated).unwrap()
}

/// The table of the simulator's kind.
pub async fn make_table(test: &TestDatabase) {
    let mut superuser = test.as_superuser().connect().await.unwrap();
    sqlx::raw_sql(tally::TABLE).execute(&mut superuser).await.unwrap();
}

/// Founds the company; nothing is in its feed yet.
pub async fn found(app: &App, test: &TestDatabase, (tenant, slug): (TenantId, &str), registry: &Registry) {
    let hash = app.identity.passwords().hash(COMPANY_PASSWORD).await.unwrap();
    let mut tx = test.tenant(tenant).await;
    create_tenant(&mut tx, &NewTenant { slug: slug.to_owned(), name: slug.to_owned(), currency: "EUR".to_owned(), epoch: EPOCH }).await.unwrap();
    let sites: BTreeSet<_> = registry.reads.values().flatten().chain(registry.grants.values().flat_map(|grant| &grant.sites)).collect();
    for site in sites {
        let new = NewSite { id: SiteId(*site), name: site.to_string(), kind: SiteKind::Shop, time_zone: "Europe/Paris".to_owned() };
        create_site(&mut tx, &new).await.unwrap();
    }
    for (account, reads) in &registry.reads {
        // What is one's own is called like the account.
        let person = PersonId(account.0);
        create_person(&mut tx, &NewPerson { id: person, name: account.to_string() }).await.unwrap();
        let new =
            NewAccount { id: *account, email: email(slug, *account), name: account.to_string(), person: Some(person), password_hash: hash.clone() };
        create_account(&mut tx, &new).await.unwrap();
        reads_at(&mut tx, *account, reads).await;
    }
    let office = NewAccount { id: OFFICE, email: email(slug, OFFICE), name: "The office".to_owned(), person: None, password_hash: hash };
    create_account(&mut tx, &office).await.unwrap();
    give_role(&mut tx, OFFICE.0, OFFICE, (Role::Office, None)).await.unwrap();
    join(&mut tx, registry).await;
    // What founding a company tells its devices is none of a history's business.
    sqlx::query("delete from feed where tid = $1").bind(tenant.0).execute(tx.connection()).await.unwrap();
    sqlx::query("update feed_heads set position = 0 where tid = $1").bind(tenant.0).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Devices enrol, or do so again.
pub async fn join(tx: &mut TenantTx, registry: &Registry) {
    for (device, simulated) in &registry.keys {
        enrol(tx, *device, key(simulated).public_key().as_ref()).await;
    }
    for (device, chain) in &registry.chains {
        knows_chain(tx, *device, chain.0).await;
    }
    for grant in registry.grants.values() {
        granted(tx, grant).await;
    }
}

/// The simulator's devices have grants that only say which they are, where those of the app prove themselves: the server knows them all the same, on devices that it
/// knows.
pub async fn hear_grants(tx: &mut TenantTx, registry: &Registry, tokens: &[String]) {
    for grant in tokens.iter().filter_map(|token| registry.grants.get(&GrantId(token.parse().ok()?))) {
        granted(tx, grant).await;
    }
}

/// Whoever has that account signs in with it.
pub fn email(slug: &str, account: AccountId) -> String {
    format!("{account}@{slug}.example")
}

/// The account works at these sites, and at no other.
pub async fn reads_at(tx: &mut TenantTx, account: AccountId, sites: &BTreeSet<Uuid>) {
    sqlx::query("delete from account_roles where tid = $1 and account = $2")
        .bind(tx.tenant().0)
        .bind(account.0)
        .execute(tx.connection())
        .await
        .unwrap();
    for site in sites {
        // The first half of the one and the second of the other: both are one byte repeated.
        let id = Uuid::from_u64_pair(account.0.as_u64_pair().0, site.as_u64_pair().1);
        give_role(tx, id, account, (Role::SiteManager, Some(SiteId(*site)))).await.unwrap();
    }
}

/// The device enrols with one more chain.
pub async fn knows_chain(tx: &mut TenantTx, device: DeviceId, chain: Uuid) {
    sqlx::query("insert into device_chains (tid, device, chain) values ($1, $2, $3) on conflict do nothing")
        .bind(tx.tenant().0)
        .bind(device.0)
        .bind(chain)
        .execute(tx.connection())
        .await
        .unwrap();
}

async fn enrol(tx: &mut TenantTx, device: DeviceId, public_key: &[u8]) {
    sqlx::query(
        "insert into devices (tid, id, name, algorithm, public_key) values ($1, $2, 'A device', 'ed25519', $3)
         on conflict (tid, id) do update set taken_up_at = null",
    )
    .bind(tx.tenant().0)
    .bind(device.0)
    .bind(public_key)
    .execute(tx.connection())
    .await
    .unwrap();
}

/// The grant is known, where its device is.
async fn granted(tx: &mut TenantTx, grant: &Grant) {
    sqlx::query(
        "insert into grants (tid, id, account, device, sites, permissions, created_at, expires_at)
         select $1, $2, $3, id, $5, $6, $7, $8 from devices where tid = $1 and id = $4 on conflict do nothing",
    )
    .bind(tx.tenant().0)
    .bind(grant.id.0)
    .bind(grant.account.0)
    .bind(grant.device.0)
    .bind(grant.sites.iter().copied().collect::<Vec<_>>())
    .bind(grant.permissions.iter().cloned().collect::<Vec<_>>())
    .bind(to_stored(grant.issued_at))
    .bind(to_stored(grant.expires_at.min(NEVER)))
    .execute(tx.connection())
    .await
    .unwrap();
}

/// The office takes a grant back.
pub async fn revoke(tx: &mut TenantTx, grant: Uuid) {
    sqlx::query("update grants set revoked_at = $3, revoked_by = account, revocation_reason = 'lost' where tid = $1 and id = $2")
        .bind(tx.tenant().0)
        .bind(grant)
        .bind(to_stored(tx.now()))
        .execute(tx.connection())
        .await
        .unwrap();
}

/// Whether the device enrolled, or was taken up.
pub async fn knows(tx: &mut TenantTx, device: DeviceId) -> bool {
    let known = sqlx::query_scalar("select exists (select from devices where tid = $1 and id = $2)").bind(tx.tenant().0).bind(device.0);
    known.fetch_one(tx.connection()).await.unwrap()
}
