//! Companies for a bench: a shop, a till, an owner and some products each.

use crate::demo;
use crate::failure::Failure;
use crate::http::App;
use crate::identity::{NewAccount, NewSite, NewTenant, NewTill, Role, create_account, create_site, create_tenant, create_till, give_role};
use crate::tenancy::TenantScope;
use holdfast_domain::identity::{SignIn, SiteKind};
use holdfast_domain::kernel::{AccountId, SiteId, TenantId, TillId};
use uuid::Uuid;

/// Every owner's.
pub(super) const PASSWORD: &str = "held by a bench for a minute";
const EMAIL: &str = "owner@example.com";
const PRODUCTS: u32 = 100;

/// How its owner signs in.
pub(super) fn sign_in(slug: &str) -> SignIn {
    SignIn { tenant: slug.to_owned(), email: EMAIL.to_owned(), password: PASSWORD.to_owned() }
}

/// Founds the n-th; its short name.
pub(super) async fn found(app: &App, n: u32, password_hash: &str) -> Result<String, Failure> {
    let slug = format!("company-{n}");
    let [tenant, site, till, account]: [Uuid; 4] = std::array::from_fn(|_| app.environment.new_id());
    let mut tx = app.database.tenant(TenantScope::system(TenantId(tenant))).await?;
    let new = NewTenant { slug: slug.clone(), name: slug.clone(), currency: "EUR".to_owned(), epoch: app.environment.new_id() };
    create_tenant(&mut tx, &new).await?;
    create_site(&mut tx, &NewSite { id: SiteId(site), name: "Shop".to_owned(), kind: SiteKind::Shop, time_zone: "Europe/Paris".to_owned() }).await?;
    create_till(&mut tx, &NewTill { id: TillId(till), site: SiteId(site), name: "Till 1".to_owned() }).await?;
    let owner = NewAccount {
        id: AccountId(account),
        email: EMAIL.to_owned(),
        name: "Owner".to_owned(),
        person: None,
        password_hash: password_hash.to_owned(),
    };
    create_account(&mut tx, &owner).await?;
    give_role(&mut tx, account, AccountId(account), (Role::Owner, None)).await?;
    tx.commit().await?;
    demo::generate(&app.database, &slug, (PRODUCTS, 1)).await?;
    Ok(slug)
}
