//! Bringing tenants, sites, tills, people and accounts into being.

mod queries;

use super::Role;
use crate::audit;
use crate::events::event_id;
use crate::failure::{Failure, Fault, Refusal, violated_constraint};
use crate::tenancy::TenantTx;
use holdfast_domain::audit::Action;
use holdfast_domain::identity::SiteKind;
use holdfast_domain::kernel::{AccountId, Epoch, PersonId, SiteId, TillId};
use serde_json::json;
use uuid::Uuid;

/// A company. Its id is the one that the transaction is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// Its short name, as typed at sign-in: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// The life of its feed.
    pub epoch: Epoch,
}

/// A site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSite {
    /// The site.
    pub id: SiteId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SiteKind,
    /// IANA name.
    pub time_zone: String,
}

/// A till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTill {
    /// The till.
    pub id: TillId,
    /// Where it stands.
    pub site: SiteId,
    /// Its name.
    pub name: String,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// The person.
    pub id: PersonId,
    /// Their name.
    pub name: String,
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// The account.
    pub id: AccountId,
    /// E-mail address; case does not matter.
    pub email: String,
    /// The name as shown and printed.
    pub name: String,
    /// The person behind it.
    pub person: Option<PersonId>,
    /// From [`Passwords::hash`](super::Passwords::hash).
    pub password_hash: String,
}

/// Creates the tenant of the transaction.
pub async fn create_tenant(tx: &mut TenantTx, new: &NewTenant) -> Result<(), Failure> {
    queries::insert_tenant(tx, new).await.map_err(taken)
}

/// Creates a site.
pub async fn create_site(tx: &mut TenantTx, new: &NewSite) -> Result<(), Failure> {
    queries::insert_site(tx, new).await.map_err(taken)
}

/// Creates a till.
pub async fn create_till(tx: &mut TenantTx, new: &NewTill) -> Result<(), Failure> {
    queries::insert_till(tx, new).await.map_err(taken)
}

/// Creates a person.
pub async fn create_person(tx: &mut TenantTx, new: &NewPerson) -> Result<(), Failure> {
    queries::insert_person(tx, new).await.map_err(taken)
}

/// Creates an account that has no role yet.
pub async fn create_account(tx: &mut TenantTx, new: &NewAccount) -> Result<(), Failure> {
    queries::insert_account(tx, new).await.map_err(taken)
}

/// Gives a role, at a site or everywhere. `id` names the giving; giving again what is held changes nothing.
pub async fn give_role(tx: &mut TenantTx, id: Uuid, account: AccountId, held: (Role, Option<SiteId>)) -> Result<(), Failure> {
    if !queries::insert_role(tx, id, account, held).await.map_err(taken)? {
        return Ok(());
    }
    let (role, site) = held;
    let name = super::queries::account(tx, account).await?.map_or_else(String::new, |account| account.name);
    let after = audit::fields([("role", json!(role.name())), ("site", json!(site))]);
    let entry = audit::Entry {
        id: event_id("identity.role.given", id),
        action: Action::GiveRole,
        record: ("identity.account", account.0, &name),
        site,
        before: None,
        after: Some(&after),
        reason: None,
    };
    Ok(audit::write_own(tx, &entry).await?)
}

/// The database is that of a backup: the company's feed begins a new epoch, upon which every device offers again what it keeps, and receipt numbers jump.
pub async fn begin_epoch(tx: &mut TenantTx, epoch: Epoch) -> Result<(), Fault> {
    match queries::set_epoch(tx, epoch).await? {
        1 => Ok(()),
        _ => Err(Fault::because("the company is not there")),
    }
}

fn taken(error: sqlx::Error) -> Failure {
    let refused = |code, title, detail: &str| Refusal::new(409, code, title, detail).into();
    match violated_constraint(&error) {
        Some("tenants_slug_unique" | "tenant_directory_pkey") => {
            refused("tenant_slug_taken", "The short name is taken", "Choose another short name.")
        }
        Some("sites_name_unique") => refused("site_name_taken", "The name is taken", "A site of this name exists. Choose another name."),
        Some("tills_name_unique") => refused("till_name_taken", "The name is taken", "The site has a till of this name. Choose another name."),
        Some("accounts_email_unique") => refused("email_taken", "The e-mail address is taken", "An account with this address exists."),
        _ => Fault::from(error).into(),
    }
}
