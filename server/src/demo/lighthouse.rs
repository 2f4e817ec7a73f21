//! Lighthouse Trading: another company on the same server.

use super::company::{Assortment, Company, Person, Site};
use crate::identity::Role;
use holdfast_domain::identity::SiteKind;

const CLIFF: &str = "Cliff Shop";

pub(super) static COMPANY: Company = Company {
    slug: "lighthouse",
    name: "Lighthouse Trading",
    currency: "EUR",
    time_zone: "Europe/Berlin",
    password: "lighthouse-demo",
    sites: &[Site { name: CLIFF, kind: SiteKind::Shop, tills: &["Till 1"] }],
    people: &[
        Person { email: "wanda@lighthouse.example", name: "Wanda Winter", words: "owner", roles: &[(Role::Owner, None)] },
        Person { email: "otto@lighthouse.example", name: "Otto Brandt", words: "cashier, Cliff Shop", roles: &[(Role::Cashier, Some(CLIFF))] },
    ],
    tax_rates: &[("Standard", "19"), ("Reduced", "7")],
    assortment: Assortment { categories: include_str!("lighthouse_categories.csv"), products: include_str!("lighthouse_products.csv") },
};
