//! Seahorse Stores: two shops of two tills each, a warehouse, a venue.

use super::company::{Assortment, Company, Person, Site};
use crate::identity::Role;
use holdfast_domain::identity::SiteKind;

const HARBOUR: &str = "Harbour Street";
const MARKET: &str = "Market Square";
const WAREHOUSE: &str = "Quay Warehouse";
const VENUE: &str = "Tide Hall";

pub(super) static COMPANY: Company = Company {
    slug: "seahorse",
    name: "Seahorse Stores",
    currency: "EUR",
    time_zone: "Europe/Paris",
    password: "seahorse-demo",
    sites: &[
        Site { name: HARBOUR, kind: SiteKind::Shop, tills: &["Till 1", "Till 2"] },
        Site { name: MARKET, kind: SiteKind::Shop, tills: &["Till 1", "Till 2"] },
        Site { name: WAREHOUSE, kind: SiteKind::Warehouse, tills: &[] },
        Site { name: VENUE, kind: SiteKind::Venue, tills: &[] },
    ],
    people: &[
        Person { email: "ada@seahorse.example", name: "Ada Morel", words: "owner", roles: &[(Role::Owner, None)] },
        Person { email: "elif@seahorse.example", name: "Elif Yılmaz", words: "cashier, Harbour Street", roles: &[(Role::Cashier, Some(HARBOUR))] },
        Person { email: "farid@seahorse.example", name: "Farid Benali", words: "cashier, Harbour Street", roles: &[(Role::Cashier, Some(HARBOUR))] },
        Person { email: "greta@seahorse.example", name: "Greta Lindqvist", words: "cashier, Market Square", roles: &[(Role::Cashier, Some(MARKET))] },
        Person {
            email: "hugo@seahorse.example",
            name: "Hugo Martin",
            words: "cashier in both shops",
            roles: &[(Role::Cashier, Some(HARBOUR)), (Role::Cashier, Some(MARKET))],
        },
        Person {
            email: "denis@seahorse.example",
            name: "Denis Popescu",
            words: "shift leader, Harbour Street",
            roles: &[(Role::ShiftLeader, Some(HARBOUR))],
        },
        Person {
            email: "bruno@seahorse.example",
            name: "Bruno Keller",
            words: "site manager, Harbour Street",
            roles: &[(Role::SiteManager, Some(HARBOUR))],
        },
        Person {
            email: "chiara@seahorse.example",
            name: "Chiara Rossi",
            words: "site manager, Market Square",
            roles: &[(Role::SiteManager, Some(MARKET))],
        },
        Person { email: "mara@seahorse.example", name: "Mara Ionescu", words: "office", roles: &[(Role::Office, None)] },
        Person {
            email: "ines@seahorse.example",
            name: "Inès Dubois",
            words: "warehouse operator, Quay Warehouse",
            roles: &[(Role::WarehouseOperator, Some(WAREHOUSE))],
        },
        Person {
            email: "jonas@seahorse.example",
            name: "Jonas Weber",
            words: "warehouse operator, Quay Warehouse",
            roles: &[(Role::WarehouseOperator, Some(WAREHOUSE))],
        },
        Person { email: "karima@seahorse.example", name: "Karima Haddad", words: "crew, Tide Hall", roles: &[(Role::CrewMember, Some(VENUE))] },
        Person { email: "luca@seahorse.example", name: "Luca Ferri", words: "crew, Tide Hall", roles: &[(Role::CrewMember, Some(VENUE))] },
        Person { email: "noah@seahorse.example", name: "Noah Petit", words: "auditor", roles: &[(Role::Auditor, None)] },
    ],
    tax_rates: &[("Standard", "20"), ("Intermediate", "10"), ("Reduced", "5.5"), ("None", "0")],
    assortment: Assortment { categories: include_str!("seahorse_categories.csv"), products: include_str!("seahorse_products.csv") },
};
