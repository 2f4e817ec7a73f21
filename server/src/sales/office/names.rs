//! The names of places and people, for lists that are kept by id.

use crate::failure::Fault;
use crate::identity;
use crate::tenancy::TenantTx;
use holdfast_domain::identity::{SiteView, TillView};
use holdfast_domain::kernel::{AccountId, SiteId, TillId};
use std::collections::{BTreeMap, BTreeSet};

/// The sites that the transaction sees.
pub(super) struct Places(Vec<SiteView>);

/// Who acted.
pub(super) struct People(BTreeMap<AccountId, String>);

impl Places {
    pub(super) async fn read(tx: &mut TenantTx) -> Result<Self, Fault> {
        Ok(Self(identity::sites(tx).await?))
    }

    /// By name, with their tills, by name.
    pub(super) fn sites(&self) -> &[SiteView] {
        &self.0
    }

    pub(super) fn site(&self, id: SiteId) -> Option<&SiteView> {
        self.0.iter().find(|site| site.id == id)
    }

    pub(super) fn till(&self, id: TillId) -> Option<&TillView> {
        self.0.iter().flat_map(|site| &site.tills).find(|till| till.id == id)
    }
}

impl People {
    /// The names behind authors as the tables store them.
    pub(super) async fn read<'a>(tx: &mut TenantTx, authors: impl Iterator<Item = &'a str>) -> Result<Self, Fault> {
        let accounts: BTreeSet<_> = authors.filter_map(|author| author.parse::<AccountId>().ok()).map(|account| account.0).collect();
        Ok(Self(identity::account_names(tx, &accounts.into_iter().collect::<Vec<_>>()).await?))
    }

    /// The name of an author; the module's name where the server itself acted, the id where nobody knows the name any more.
    pub(super) fn name(&self, author: &str) -> String {
        let known = author.parse::<AccountId>().ok().and_then(|account| self.0.get(&account).cloned());
        known.unwrap_or_else(|| author.strip_prefix("system:").unwrap_or(author).to_owned())
    }
}
