//! Demo data: a small chain, Seahorse Stores, with people for every role and a few hundred products, and a second company that must never
//! see the first. Written for this project; codes lie under GS1's demonstration prefix 952.
//!
//! [`plant`] creates each company in one transaction where it is not there yet, and changes nothing where it is. [`generate`] fills a
//! company with as many products as asked, the same ones for the same seed.

mod assortment;
mod company;
mod generator;
mod lighthouse;
mod seahorse;

pub use company::plant;
pub use generator::{Generated, MAX_PRODUCTS, generate};

use company::Company;

/// How to sign in to the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoSignIn {
    /// The company's short name.
    pub tenant: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// Password.
    pub password: &'static str,
    /// Who it is.
    pub name: &'static str,
    /// What they are, where, in words.
    pub role: &'static str,
}

/// Everybody who can sign in, the most useful first.
pub fn sign_ins() -> Vec<DemoSignIn> {
    let of = |company: &'static Company| {
        company.people.iter().map(|person| DemoSignIn {
            tenant: company.slug,
            email: person.email,
            password: company.password,
            name: person.name,
            role: person.words,
        })
    };
    COMPANIES.iter().copied().flat_map(of).collect()
}

/// The companies, one line each.
static COMPANIES: &[&Company] = &[&seahorse::COMPANY, &lighthouse::COMPANY];
