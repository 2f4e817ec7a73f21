//! What somebody reads of themselves, as a reference row for them alone.

use crate::kernel::{AccountId, Reference, SiteId};
use serde::{Deserialize, Serialize};

/// An account, as its person sees it on each device where they work, also without a network. The row's id is the account's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// What they are, and where.
    pub roles: Vec<HeldRole>,
}

/// A role that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldRole {
    /// As the server calls it, such as `shift_leader`.
    pub role: String,
    /// At which site; none for everywhere.
    pub site: Option<SiteId>,
    /// That site's name; empty for everywhere.
    pub site_name: String,
}

impl Reference for Profile {
    const KIND: &'static str = "identity.profile";
}
