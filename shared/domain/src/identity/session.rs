//! `POST /api/v1/identity/sessions` signs in (cookie `hf_session`, httpOnly, SameSite=Strict), `GET /api/v1/identity/session` tells who is
//! signed in, `DELETE` of it signs out. Every other unsafe request carries the session's token in `x-holdfast-csrf`.

use super::{Access, FieldRules, Permission};
use crate::kernel::{AccountId, PersonId, SiteId, TenantId, TillId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The body of a sign-in.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The tenant's short name, such as `seahorse`.
    pub tenant: String,
    /// The account's e-mail address; case does not matter.
    pub email: String,
    /// The password.
    pub password: String,
}

/// Who is signed in, and what is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionView {
    /// The company.
    pub tenant: TenantId,
    /// Its name, as shown.
    pub tenant_name: String,
    /// Its short name, as typed at sign-in.
    pub tenant_slug: String,
    /// ISO 4217, such as `EUR`.
    pub currency: String,
    /// The account.
    pub account: AccountId,
    /// The person's name, as shown and printed.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The person behind the account, where it can be planned.
    pub person: Option<PersonId>,
    /// What the account may do, sorted.
    pub permissions: Vec<Permission>,
    /// How far it gets with the fields of records, by what it would do with one. A permission that is not named here reaches all of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Permission, FieldRules>,
    /// The sites it works at, by name.
    pub sites: Vec<SiteView>,
    /// For `x-holdfast-csrf`.
    pub csrf: String,
}

/// A site, with its tills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SiteView {
    /// The site.
    pub id: SiteId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SiteKind,
    /// IANA name, such as `Europe/Paris`.
    pub time_zone: String,
    /// Its tills, by name.
    pub tills: Vec<TillView>,
}

/// What a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// Sells over the counter.
    Shop,
    /// Keeps stock.
    Warehouse,
    /// Where crews work.
    Venue,
}

/// A till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TillView {
    /// The till.
    pub id: TillId,
    /// Its name, such as `Till 1`.
    pub name: String,
    /// Put away: no device becomes it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
}

impl SessionView {
    /// Whether the account holds the permission. The server decides again; this only hides what would be refused.
    pub fn may(&self, permission: &Permission) -> bool {
        self.permissions.binary_search(permission).is_ok()
    }

    /// How far the account gets with a field of a record, when it does what the permission says. The server decides again.
    pub fn access(&self, permission: &Permission, field: &str) -> Access {
        match self.may(permission) {
            true => self.fields.get(permission).map_or(Access::Write, |rules| rules.of(field)),
            false => Access::None,
        }
    }
}
