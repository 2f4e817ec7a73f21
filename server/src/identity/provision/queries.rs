//! Statements that bring tenants and what they have into being.

use super::{NewAccount, NewPerson, NewSite, NewTenant, NewTill};
use crate::identity::Role;
use crate::identity::queries::stored_site_kind;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{AccountId, Epoch, SiteId};
use uuid::Uuid;

pub(super) async fn insert_tenant(tx: &mut TenantTx, new: &NewTenant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into tenants (tid, slug, name, currency, epoch) values ($1, $2, $3, $4, $5)",
        tx.tenant().0,
        new.slug,
        new.name,
        new.currency,
        new.epoch.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn set_epoch(tx: &mut TenantTx, epoch: Epoch) -> Result<u64, sqlx::Error> {
    let set = sqlx::query!("update tenants set epoch = $2, restored_at = app_now() where tid = $1", tx.tenant().0, epoch.0);
    Ok(set.execute(tx.connection()).await?.rows_affected())
}

pub(super) async fn insert_site(tx: &mut TenantTx, new: &NewSite) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into sites (tid, id, name, kind, time_zone) values ($1, $2, $3, $4, $5)",
        tx.tenant().0,
        new.id.0,
        new.name,
        stored_site_kind(new.kind),
        new.time_zone
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn insert_till(tx: &mut TenantTx, new: &NewTill) -> Result<(), sqlx::Error> {
    let tid = tx.tenant().0;
    sqlx::query!("insert into tills (tid, id, site, name) values ($1, $2, $3, $4)", tid, new.id.0, new.site.0, new.name)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(super) async fn insert_person(tx: &mut TenantTx, new: &NewPerson) -> Result<(), sqlx::Error> {
    let tid = tx.tenant().0;
    sqlx::query!("insert into people (tid, id, name) values ($1, $2, $3)", tid, new.id.0, new.name).execute(tx.connection()).await?;
    Ok(())
}

pub(super) async fn insert_account(tx: &mut TenantTx, new: &NewAccount) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into accounts (tid, id, email, name, person, password_hash) values ($1, $2, lower($3), $4, $5, $6)",
        tx.tenant().0,
        new.id.0,
        new.email,
        new.name,
        new.person.map(|person| person.0),
        new.password_hash
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whether it was not held yet.
pub(super) async fn insert_role(tx: &mut TenantTx, id: Uuid, account: AccountId, (role, site): (Role, Option<SiteId>)) -> Result<bool, sqlx::Error> {
    let given = sqlx::query!(
        "insert into account_roles (tid, id, account, role, site) values ($1, $2, $3, $4, $5) on conflict do nothing",
        tx.tenant().0,
        id,
        account.0,
        role.name(),
        site.map(|site| site.0)
    )
    .execute(tx.connection())
    .await?;
    Ok(given.rows_affected() > 0)
}
