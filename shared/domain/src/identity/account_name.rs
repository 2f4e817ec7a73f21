//! Who acts at a site, as a reference row: so that every device there can say who did what, also of what it did not do itself.

use crate::kernel::{AccountId, Reference, SiteId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An account that holds a grant at the site: its id and the name shown and printed, nothing else. It stays when the account leaves, because what
/// it did stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountName {
    /// The account, as facts name it.
    pub account: AccountId,
    /// As shown and printed.
    pub name: String,
}

impl AccountName {
    /// The row's id: an account has one row at each of its sites, because a row's audience is one site.
    pub fn row_id(account: AccountId, site: SiteId) -> Uuid {
        let digest = holdfast_sync::bytes::Digest32::of(&[account.as_bytes().as_slice(), site.as_bytes()].concat());
        let mut id = [0; 16];
        id.copy_from_slice(&digest.0[..16]);
        uuid::Builder::from_custom_bytes(id).into_uuid()
    }
}

impl Reference for AccountName {
    const KIND: &'static str = "identity.account";
}
