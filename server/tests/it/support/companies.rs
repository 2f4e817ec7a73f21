//! Two companies that must never see each other.

use super::TestDatabase;
use holdfast_domain::identity::SiteKind;
use holdfast_domain::kernel::{AccountId, Epoch, SiteId, TenantId, TillId};
use holdfast_server::identity::{
    Identity, NewAccount, NewSite, NewTenant, NewTill, Role, create_account, create_site, create_tenant, create_till, give_role,
};
use holdfast_server::tenancy::TenantTx;
use uuid::Uuid;

/// Everybody's.
pub const PASSWORD: &str = "correct horse battery staple";

pub const HARBOUR: TenantId = TenantId(Uuid::from_u128(1));
pub const QUARRY: TenantId = TenantId(Uuid::from_u128(2));
pub const SHOP: SiteId = SiteId(Uuid::from_u128(11));
const DEPOT: SiteId = SiteId(Uuid::from_u128(12));
const PIT: SiteId = SiteId(Uuid::from_u128(13));
pub const SHOP_TILL: TillId = TillId(Uuid::from_u128(21));
pub const DEPOT_TILL: TillId = TillId(Uuid::from_u128(22));
pub const QUARRY_TILL: TillId = TillId(Uuid::from_u128(23));

/// Harbour: olga owns it, carl sells at the shop, wim works at the depot, gone@ has left. Quarry: olga@ is its owner's address too.
pub async fn settle(test: &TestDatabase, identity: &Identity) {
    let hash = identity.passwords().hash(PASSWORD).await.unwrap();
    let mut tx = test.tenant(HARBOUR).await;
    company(&mut tx, "harbour", "Harbour Shops").await;
    site(&mut tx, (SHOP, "Shop", SiteKind::Shop), SHOP_TILL).await;
    site(&mut tx, (DEPOT, "Depot", SiteKind::Warehouse), DEPOT_TILL).await;
    account(&mut tx, (31, "olga@example.com", "Olga"), (Role::Owner, None), &hash).await;
    account(&mut tx, (32, "carl@example.com", "Carl"), (Role::Cashier, Some(SHOP)), &hash).await;
    account(&mut tx, (33, "wim@example.com", "Wim"), (Role::WarehouseOperator, Some(DEPOT)), &hash).await;
    account(&mut tx, (34, "gone@example.com", "Gone"), (Role::Owner, None), &hash).await;
    sqlx::query("update accounts set disabled_at = now() where email = 'gone@example.com'").execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = test.tenant(QUARRY).await;
    company(&mut tx, "quarry", "Quarry").await;
    site(&mut tx, (PIT, "Pit", SiteKind::Shop), QUARRY_TILL).await;
    account(&mut tx, (35, "olga@example.com", "Olga of Quarry"), (Role::Owner, None), &hash).await;
    tx.commit().await.unwrap();
}

async fn company(tx: &mut TenantTx, slug: &str, name: &str) {
    let epoch = Epoch(Uuid::from_u128(41));
    create_tenant(tx, &NewTenant { slug: slug.to_owned(), name: name.to_owned(), currency: "EUR".to_owned(), epoch }).await.unwrap();
}

async fn site(tx: &mut TenantTx, (id, name, kind): (SiteId, &str, SiteKind), till: TillId) {
    create_site(tx, &NewSite { id, name: name.to_owned(), kind, time_zone: "Europe/Paris".to_owned() }).await.unwrap();
    create_till(tx, &NewTill { id: till, site: id, name: "Till 1".to_owned() }).await.unwrap();
}

async fn account(tx: &mut TenantTx, (id, email, name): (u128, &str, &str), role: (Role, Option<SiteId>), hash: &str) {
    let id = AccountId(Uuid::from_u128(id));
    let new = NewAccount { id, email: email.to_owned(), name: name.to_owned(), person: None, password_hash: hash.to_owned() };
    create_account(tx, &new).await.unwrap();
    give_role(tx, id.0, id, role).await.unwrap();
}
