//! Roles as the office keeps them: those that every company has, and those of its own.
//!
//! - `GET /api/v1/identity/role-terms` → [`RoleList`]; needs [`super::READ_ROLES`] somewhere.
//! - `POST /api/v1/identity/role-terms` with [`NewRole`] → [`RoleView`], 201. Needs [`EDIT_ROLES`] everywhere and for good, and so all that the role is to let do: nobody makes a
//!   role that may more than they may.
//! - `PATCH /api/v1/identity/role-terms/<id>` with [`RoleChange`] and `If-Match` → [`RoleView`]; the same, also of what the role let do before.
//! - `POST /api/v1/identity/role-terms/<id>/archive` and `/restore` with [`super::Revoke`] → [`RoleView`]; the same. A role that is archived lets nobody do anything, and is given to nobody.
//!
//! A change bites at once on what is asked of the server, and on a device with its next grant.
//!
//! Problems: `role_name_malformed`, `role_name_taken`, `role_terms_unknown`, `reason_missing` (422), `role_unknown` (404), `role_beyond_yours`, `permission_missing` (403),
//! `role_exists`, `role_archived`, `too_many_roles` (409), `version_stale` (412), `if_match_missing` (428).

use super::{FieldRules, Permission, Within};
use crate::kernel::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Make and change roles of the company's own, of what one may oneself everywhere.
pub static EDIT_ROLES: Permission = Permission::new("identity.role.edit");

/// The most roles of its own that a company has.
pub const MOST_ROLES: usize = 100;
/// The most characters of a role's name.
pub const LONGEST_ROLE_NAME: usize = 60;

/// What a role lets do, where it is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleTerms {
    /// What may be done.
    pub permissions: BTreeSet<Permission>,
    /// How far that reaches the fields of records, by their kind, such as `sales.customer`; all of a kind that is not named.
    pub fields: BTreeMap<String, FieldRules>,
    /// Which records of a kind it is about, whatever it lets do with them; all of a kind that is not named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub within: BTreeMap<String, Within>,
}

/// All roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleList {
    /// Those that every company has, then its own by name.
    pub roles: Vec<RoleView>,
    /// The most that whoever asks may let a role do; nothing where they may make none.
    pub most: RoleTerms,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleView {
    /// As it is given, such as `shift_leader`.
    pub role: String,
    /// Of one of the company's own.
    pub id: Option<Uuid>,
    /// What the company calls it; those that every company has are called by each language.
    pub name: Option<String>,
    /// Its version, from 1; `If-Match` asks for it.
    pub version: u64,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// What it lets do.
    pub terms: RoleTerms,
    /// How many hold it, or will.
    pub holders: u32,
    /// Whether whoever asks may change it.
    pub may_change: bool,
}

/// Makes a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// Its id, where the sender chose one: sent again, the role is made once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// In the company's own words.
    pub name: String,
    /// What it lets do.
    pub terms: RoleTerms,
}

/// Changes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// In the company's own words.
    pub name: String,
    /// What it lets do from now on.
    pub terms: RoleTerms,
}

/// `identity.role.defined`: what a role of the company's own lets do from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleWasDefined {
    /// As it is given.
    pub role: String,
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// It lets nobody do anything.
    pub archived: bool,
    /// What it lets do.
    pub terms: RoleTerms,
    /// Who said so.
    pub by: AccountId,
}

impl RoleWasDefined {
    /// The event's type.
    pub const KIND: &'static str = "identity.role.defined";
}

/// How a role of the company's own is named where roles are given: in letters, like the others.
pub fn own_role_code(id: Uuid) -> String {
    let letter = |nibble: u8| char::from(b'a' + nibble);
    let letters = id.into_bytes().into_iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]);
    OWN.chars().chain(letters).collect()
}

/// What such names begin with; none of the other roles does.
const OWN: &str = "own_";

/// Whether it names a role of a company's own.
pub fn is_own_role(code: &str) -> bool {
    code.starts_with(OWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_of_ones_own_has_a_name_of_letters() {
        let code = own_role_code(Uuid::from_u128(0x0123_4567_89ab_cdef_0000_0000_0000_00ff));
        assert_eq!(code, "own_abcdefghijklmnopaaaaaaaaaaaaaapp");
        assert!(is_own_role(&code) && !is_own_role("owner"));
    }
}
