//! A demo company, and how it comes into being.

use super::assortment;
use crate::catalog;
use crate::environment::Environment;
use crate::failure::{Failure, Fault};
use crate::identity::{
    NewAccount, NewPerson, NewSite, NewTenant, NewTill, Passwords, Role, create_account, create_person, create_site, create_tenant, create_till,
    give_role,
};
use crate::reference::{self, RowWrite};
use crate::tenancy::{Database, TenantScope, TenantTx};
use holdfast_domain::identity::SiteKind;
use holdfast_domain::kernel::{AccountId, PersonId, SiteId, TenantId, TillId};
use holdfast_domain::sales::Till;
use holdfast_sync::bytes::Digest32;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A company as it is written down.
pub(super) struct Company {
    pub slug: &'static str,
    pub name: &'static str,
    pub currency: &'static str,
    pub time_zone: &'static str,
    pub password: &'static str,
    pub sites: &'static [Site],
    pub people: &'static [Person],
    /// Name and rate in per cent.
    pub tax_rates: &'static [(&'static str, &'static str)],
    pub assortment: Assortment,
}

/// A site and its tills.
pub(super) struct Site {
    pub name: &'static str,
    pub kind: SiteKind,
    pub tills: &'static [&'static str],
}

/// Someone with an account; a role holds at the site of that name, or everywhere.
pub(super) struct Person {
    pub email: &'static str,
    pub name: &'static str,
    pub words: &'static str,
    pub roles: &'static [(Role, Option<&'static str>)],
}

/// What is sold, as CSV.
pub(super) struct Assortment {
    /// `name,hue,glyph`, in the order of the till's grid.
    pub categories: &'static str,
    /// `category,name,unit,tax_percent,price,glyph,barcode`.
    pub products: &'static str,
}

/// Creates the demo companies that are not there yet; their short names.
pub async fn plant(database: &Database, environment: &Environment, passwords: &Passwords) -> Result<Vec<&'static str>, Failure> {
    let mut planted = Vec::new();
    for company in super::COMPANIES {
        let mut tx = database.before_tenant().await?;
        let known = tx.tenant_by_slug(company.slug).await?;
        tx.commit().await?;
        if known.is_none() {
            create(company, database, (environment, passwords)).await?;
            planted.push(company.slug);
        }
    }
    Ok(planted)
}

/// All of it or nothing: a company half planted would count as there.
async fn create(company: &Company, database: &Database, (environment, passwords): (&Environment, &Passwords)) -> Result<(), Failure> {
    let mut hashes = Vec::with_capacity(company.people.len());
    for _ in company.people {
        hashes.push(passwords.hash(company.password).await?);
    }
    let tenant = TenantId(id(company, "tenant", company.slug));
    let mut tx = database.tenant(TenantScope::system(tenant)).await?;
    let new = NewTenant {
        slug: company.slug.to_owned(),
        name: company.name.to_owned(),
        currency: company.currency.to_owned(),
        epoch: environment.new_id(),
    };
    create_tenant(&mut tx, &new).await?;
    let (sites, tills) = create_sites(company, &mut tx).await?;
    for (person, hash) in company.people.iter().zip(hashes) {
        create_one(company, person, (&mut tx, &sites, hash)).await?;
    }
    let change = assortment::read(company, tx.now()).map_err(|error| Fault::because(format!("the demo data of {}: {error}", company.slug)))?;
    let mut rows = tills;
    rows.extend(catalog::store(&mut tx, &change).await?);
    reference::write(&mut tx, rows).await?;
    Ok(tx.commit().await?)
}

async fn create_sites(company: &Company, tx: &mut TenantTx) -> Result<(BTreeMap<&'static str, SiteId>, Vec<RowWrite>), Failure> {
    let mut sites = BTreeMap::new();
    let mut tills = Vec::new();
    for site in company.sites {
        let site_id = SiteId(id(company, "site", site.name));
        create_site(tx, &NewSite { id: site_id, name: site.name.to_owned(), kind: site.kind, time_zone: company.time_zone.to_owned() }).await?;
        sites.insert(site.name, site_id);
        for name in site.tills {
            let till = TillId(id(company, "till", &format!("{}/{name}", site.name)));
            create_till(tx, &NewTill { id: till, site: site_id, name: (*name).to_owned() }).await?;
            tills.push(RowWrite::for_site(site_id, till.0, &Till { site: site_id, name: (*name).to_owned() }));
        }
    }
    Ok((sites, tills))
}

async fn create_one(
    company: &Company,
    person: &Person,
    (tx, sites, password_hash): (&mut TenantTx, &BTreeMap<&'static str, SiteId>, String),
) -> Result<(), Failure> {
    let someone = PersonId(id(company, "person", person.email));
    let account = AccountId(id(company, "account", person.email));
    create_person(tx, &NewPerson { id: someone, name: person.name.to_owned() }).await?;
    let new = NewAccount { id: account, email: person.email.to_owned(), name: person.name.to_owned(), person: Some(someone), password_hash };
    create_account(tx, &new).await?;
    for (role, place) in person.roles {
        let site = place.map(|name| sites.get(name).copied().ok_or_else(|| Fault::because(format!("no site is called {name}")))).transpose()?;
        let giving = id(company, "role", &format!("{}/{}/{}", person.email, role.name(), place.unwrap_or_default()));
        give_role(tx, giving, account, (*role, site)).await?;
    }
    Ok(())
}

/// The same id for the same thing on every machine: a demo device goes on where it was when the demo is planted anew.
pub(super) fn id(company: &Company, kind: &str, name: &str) -> Uuid {
    stable_id(company.slug, kind, name)
}

/// An id derived from names.
pub(super) fn stable_id(slug: &str, kind: &str, name: &str) -> Uuid {
    let Digest32(digest) = Digest32::of(format!("holdfast demo\0{slug}\0{kind}\0{name}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
