//! What an account may do, and where.

use super::{Role, queries};
use crate::failure::{Fault, Refusal};
use crate::tenancy::{Sites, TenantTx};
use holdfast_domain::RESOURCES;
use holdfast_domain::identity::Permission;
use holdfast_domain::kernel::{AccountId, SiteId};
use std::collections::{BTreeMap, BTreeSet};

/// An account's roles, spelled out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    works_everywhere: bool,
    everywhere: BTreeSet<Permission>,
    at: BTreeMap<SiteId, BTreeSet<Permission>>,
}

impl Rights {
    /// Those of someone who has these roles, each everywhere (no site) or at a site.
    pub fn of(roles: impl IntoIterator<Item = (Role, Option<SiteId>)>) -> Self {
        let mut rights = Self::default();
        for (role, site) in roles {
            let permissions = role.permissions();
            match site {
                None => {
                    rights.works_everywhere = true;
                    rights.everywhere.extend(permissions);
                }
                Some(site) => rights.at.entry(site).or_default().extend(permissions),
            }
        }
        rights
    }

    /// Those of someone who holds these.
    pub(super) fn held<'a>(held: impl IntoIterator<Item = &'a queries::Held>) -> Self {
        Self::of(held.into_iter().map(|held| (held.role, held.site)))
    }

    /// The sites it works at.
    pub fn sites(&self) -> Sites {
        if self.works_everywhere { Sites::All } else { Sites::Only(self.at.keys().copied().collect()) }
    }

    /// The sites at which it may do that; what a list shows.
    pub fn sites_for(&self, permission: &Permission) -> Sites {
        if self.everywhere.contains(permission) {
            return Sites::All;
        }
        Sites::Only(self.at.iter().filter(|(_, granted)| granted.contains(permission)).map(|(site, _)| *site).collect())
    }

    /// Whether it may do that at the site; at no site in particular, where it must hold everywhere.
    pub fn may(&self, permission: &Permission, site: Option<SiteId>) -> bool {
        self.everywhere.contains(permission) || site.and_then(|site| self.at.get(&site)).is_some_and(|granted| granted.contains(permission))
    }

    /// All it may do somewhere, for screens to decide what they offer.
    pub fn anywhere(&self) -> BTreeSet<Permission> {
        self.at.values().flatten().chain(&self.everywhere).cloned().collect()
    }

    /// What it may do at every one of these sites; what a grant can say, which names sites and permissions but not which belong together.
    pub fn at_all(&self, sites: &[SiteId]) -> BTreeSet<Permission> {
        // Records are written online only, under the rights of the moment: a grant has nothing to say of them.
        let of_records: BTreeSet<&Permission> = RESOURCES.iter().flat_map(|resource| resource.rights.all()).collect();
        self.anywhere()
            .into_iter()
            .filter(|permission| !of_records.contains(permission) && sites.iter().all(|site| self.may(permission, Some(*site))))
            .collect()
    }

    /// Refuses what it may not do.
    pub fn require(&self, permission: &Permission, site: Option<SiteId>) -> Result<(), Refusal> {
        if self.may(permission, site) { Ok(()) } else { Err(missing(permission)) }
    }

    /// Refuses what it may do nowhere; else says where.
    pub fn require_somewhere(&self, permission: &Permission) -> Result<Sites, Refusal> {
        match self.sites_for(permission) {
            Sites::Only(sites) if sites.is_empty() => Err(missing(permission)),
            sites => Ok(sites),
        }
    }
}

/// Those of an account, as they are now; none where there is no such account.
pub(crate) async fn rights_of(tx: &mut TenantTx, account: AccountId) -> Result<Rights, Fault> {
    Ok(Rights::held(&queries::roles(tx, account).await?))
}

fn missing(permission: &Permission) -> Refusal {
    let detail = format!("It takes the permission {}. Ask whoever keeps people and rights in your company.", permission.0);
    Refusal::new(403, "permission_missing", "You may not do this here", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::sales::{READ, SELL};

    const HARBOUR: SiteId = SiteId(uuid::Uuid::from_u128(1));
    const QUARRY: SiteId = SiteId(uuid::Uuid::from_u128(2));

    #[test]
    fn a_role_at_a_site_counts_there_only() {
        let rights = Rights::of([(Role::Cashier, Some(HARBOUR)), (Role::Auditor, Some(QUARRY))]);
        assert!(rights.may(&SELL, Some(HARBOUR)) && !rights.may(&SELL, Some(QUARRY)));
        assert!(rights.may(&READ, Some(QUARRY)) && !rights.may(&READ, Some(HARBOUR)));
        assert!(!rights.may(&SELL, None));
        assert_eq!(rights.sites(), Sites::Only(vec![HARBOUR, QUARRY]));
        assert_eq!(rights.sites_for(&SELL), Sites::Only(vec![HARBOUR]));
    }

    #[test]
    fn a_role_everywhere_counts_at_every_site_and_at_none_in_particular() {
        let rights = Rights::of([(Role::Owner, None)]);
        assert!(rights.may(&SELL, Some(QUARRY)) && rights.may(&SELL, None));
        assert_eq!(rights.sites(), Sites::All);
    }

    #[test]
    fn a_grant_for_several_sites_says_only_what_holds_at_all_of_them() {
        let rights = Rights::of([(Role::SiteManager, Some(HARBOUR)), (Role::Auditor, Some(QUARRY))]);
        assert_eq!(rights.at_all(&[HARBOUR, QUARRY]), BTreeSet::from([READ.clone()]));
        assert_eq!(rights.at_all(&[HARBOUR]).len(), 5);
    }

    #[test]
    fn who_has_no_role_may_do_nothing_nowhere() {
        let rights = Rights::of([]);
        assert_eq!(rights.sites(), Sites::Only(Vec::new()));
        assert!(rights.anywhere().is_empty());
        assert_eq!(rights.require(&SELL, Some(HARBOUR)).unwrap_err().code, "permission_missing");
        assert_eq!(rights.require_somewhere(&SELL).unwrap_err().code, "permission_missing");
    }
}
