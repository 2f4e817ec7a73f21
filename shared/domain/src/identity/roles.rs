//! Who holds which role, where and for how long.
//!
//! - `GET /api/v1/identity/roles?after=<account>&limit=50` → [`RolesPage`], by account; needs [`READ_ROLES`] somewhere. Whoever has it at some sites only sees who works there.
//! - `POST /api/v1/identity/roles` with [`GiveRole`] → [`RoleGiven`], 201; 200 where the same stands already. Needs [`GIVE_ROLES`] where the role is to hold, and all that the role
//!   may do there: nobody gives what they do not have.
//! - `POST /api/v1/identity/roles/<giving>/end` with [`super::Revoke`] → [`RoleGiven`]; the same.
//!
//! A role bites at once on what is asked of the server, and on a device with its next grant; a grant under a role that ends ends with it.
//!
//! Problems: `role_unknown`, `period_reversed`, `period_over`, `reason_missing` (422), `account_unknown`, `site_unknown`, `giving_unknown` (404), `role_beyond_yours`,
//! `permission_missing` (403), `last_owner` (409), `limit_out_of_range` (400).

use super::{Permission, Revocation};
use crate::kernel::{AccountId, Day, SiteId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// See who holds which role.
pub static READ_ROLES: Permission = Permission::new("identity.role.read");
/// Give and end roles, of those that one has oneself.
pub static GIVE_ROLES: Permission = Permission::new("identity.role.give");

/// A page of people with what they may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RolesPage {
    /// By account.
    pub holders: Vec<RoleHolder>,
    /// What whoever asks may give.
    pub offers: Vec<RoleOffer>,
    /// What roles of the company's own are called, by how they are given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// For `after`, where there are more.
    pub next: Option<AccountId>,
}

/// An account and its roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleHolder {
    /// The account.
    pub account: AccountId,
    /// The name as shown.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// It cannot sign in any more.
    pub disabled: bool,
    /// What it holds, will hold and held, the newest first; at sites that whoever asks does not see, nothing is told.
    pub roles: Vec<RoleGiven>,
}

/// A role as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleGiven {
    /// Names the giving.
    pub id: Uuid,
    /// Which role, such as `shift_leader`.
    pub role: String,
    /// Where; everywhere for none.
    pub site: Option<SiteId>,
    /// From when on, where it does not hold since it was given.
    pub from: Option<Timestamp>,
    /// Before when, where it is not for good.
    pub until: Option<Timestamp>,
    /// When it was given.
    pub given_at: Timestamp,
    /// By whom; none for what the company began with.
    pub given_by: Option<AccountId>,
    /// Why.
    pub reason: Option<String>,
    /// Who ended it, when and why.
    pub ended: Option<Revocation>,
    /// Whether whoever asks may end it.
    pub may_end: bool,
}

/// Roles that may be given at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleOffer {
    /// Where; everywhere for none.
    pub site: Option<SiteId>,
    /// Which.
    pub roles: Vec<String>,
}

/// Gives a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GiveRole {
    /// To whom.
    pub account: AccountId,
    /// Which.
    pub role: String,
    /// Where; everywhere for none.
    pub site: Option<SiteId>,
    /// The first day on which it holds, of the site's calendar (of the company's first site where it is for everywhere); at once for none.
    pub from: Option<Day>,
    /// The last day; for good for none.
    pub until: Option<Day>,
    /// Why: 1 to 500 characters, for whoever looks at it later.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub reason: String,
}

/// `identity.role.given`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleWasGiven {
    /// Names the giving.
    pub giving: Uuid,
    /// To whom.
    pub account: AccountId,
    /// Which.
    pub role: String,
    /// Where; everywhere for none.
    pub site: Option<SiteId>,
    /// From when on.
    pub from: Option<Timestamp>,
    /// Before when.
    pub until: Option<Timestamp>,
    /// Who gave it.
    pub by: AccountId,
    /// Why.
    pub reason: String,
}

/// `identity.role.ended`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleWasEnded {
    /// Names the giving.
    pub giving: Uuid,
    /// Who held it.
    pub account: AccountId,
    /// Which.
    pub role: String,
    /// Where; everywhere for none.
    pub site: Option<SiteId>,
    /// Who ended it.
    pub by: AccountId,
    /// Why.
    pub reason: String,
}

impl RoleWasGiven {
    /// The event's type.
    pub const KIND: &'static str = "identity.role.given";
}

impl RoleWasEnded {
    /// The event's type.
    pub const KIND: &'static str = "identity.role.ended";
}

impl RoleGiven {
    /// Whether it holds at that time, or will.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.until.is_none_or(|until| now < until)
    }

    /// Whether it is still to begin.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        self.stands(now) && self.from.is_some_and(|from| now < from)
    }
}
