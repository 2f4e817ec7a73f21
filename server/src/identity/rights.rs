//! What an account may do, and where.

use super::role::Reach;
use super::{Role, queries};
use crate::failure::{Fault, Refusal};
use crate::tenancy::{Sites, TenantTx};
use holdfast_domain::RESOURCES;
use holdfast_domain::identity::{FieldRules, Permission};
use holdfast_domain::kernel::{AccountId, SiteId};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// An account's roles, spelled out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    works_everywhere: bool,
    everywhere: Reach,
    at: BTreeMap<SiteId, Reach>,
}

impl Rights {
    /// Those of someone who has these roles, each everywhere (no site) or at a site.
    pub fn of(roles: impl IntoIterator<Item = (Role, Option<SiteId>)>) -> Self {
        Self::reaching(roles.into_iter().map(|(role, site)| (role.reach(), site)))
    }

    fn reaching(roles: impl IntoIterator<Item = (Reach, Option<SiteId>)>) -> Self {
        let mut rights = Self::default();
        for (reach, site) in roles {
            let to = match site {
                None => {
                    rights.works_everywhere = true;
                    &mut rights.everywhere
                }
                Some(site) => rights.at.entry(site).or_default(),
            };
            add(to, &reach);
        }
        rights
    }

    /// Those of someone who holds these.
    pub(super) fn held<'a>(held: impl IntoIterator<Item = &'a queries::Held>) -> Self {
        Self::reaching(held.into_iter().map(|held| (held.role.reach(), held.site)))
    }

    /// What it may do everywhere.
    pub(super) fn everywhere(&self) -> &Reach {
        &self.everywhere
    }

    /// The sites it works at.
    pub fn sites(&self) -> Sites {
        if self.works_everywhere { Sites::All } else { Sites::Only(self.at.keys().copied().collect()) }
    }

    /// The sites at which it may do that; what a list shows.
    pub fn sites_for(&self, permission: &Permission) -> Sites {
        if self.everywhere.contains_key(permission) {
            return Sites::All;
        }
        Sites::Only(self.at.iter().filter(|(_, granted)| granted.contains_key(permission)).map(|(site, _)| *site).collect())
    }

    /// Whether it may do that at the site; at no site in particular, where it must hold everywhere.
    pub fn may(&self, permission: &Permission, site: Option<SiteId>) -> bool {
        self.everywhere.contains_key(permission) || site.and_then(|site| self.at.get(&site)).is_some_and(|granted| granted.contains_key(permission))
    }

    /// All it may do somewhere, for screens to decide what they offer.
    pub fn anywhere(&self) -> BTreeSet<Permission> {
        self.at.values().flat_map(Reach::keys).chain(self.everywhere.keys()).cloned().collect()
    }

    /// How far each of these reaches the fields of records somewhere, where that is not all of them; for screens to decide what they show.
    pub fn fields_anywhere(&self) -> Reach {
        let mut reach = self.everywhere.clone();
        self.at.values().for_each(|here| add(&mut reach, here));
        reach.retain(|_, rules| !rules.is_empty());
        reach
    }

    /// How far one gets with fields by doing that at the site, or everywhere; none where one may not.
    pub(super) fn rules_at(&self, permission: &Permission, site: Option<SiteId>) -> Option<FieldRules> {
        let here = site.and_then(|site| self.at.get(&site)).and_then(|here| here.get(permission));
        most(self.everywhere.get(permission).into_iter().chain(here))
    }

    /// The same, wherever one may: of what belongs to the whole company.
    pub(super) fn rules_anywhere(&self, permission: &Permission) -> Option<FieldRules> {
        most(self.everywhere.get(permission).into_iter().chain(self.at.values().filter_map(|here| here.get(permission))))
    }

    /// What holds at every site at which one may.
    pub(super) fn rules_everywhere(&self, permission: &Permission) -> Option<FieldRules> {
        let at = || self.at.keys().filter_map(|site| self.rules_at(permission, Some(*site)));
        let least = |all: Option<FieldRules>, rules: FieldRules| Some(all.map_or_else(|| rules.clone(), |all| all.and(&rules)));
        self.everywhere.get(permission).cloned().into_iter().chain(at()).fold(None, least)
    }

    /// Whether it may do all that there, and reaches no field less far: whoever gives a role must.
    pub(super) fn covers(&self, reach: &Reach, site: Option<SiteId>) -> bool {
        reach.iter().all(|(permission, rules)| self.rules_at(permission, site).is_some_and(|own| rules.is_within(&own)))
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

fn add(to: &mut Reach, more: &Reach) {
    for (permission, rules) in more {
        match to.entry(permission.clone()) {
            Entry::Vacant(place) => drop(place.insert(rules.clone())),
            Entry::Occupied(mut place) => *place.get_mut() = place.get().or(rules),
        }
    }
}

fn most<'a>(rules: impl Iterator<Item = &'a FieldRules>) -> Option<FieldRules> {
    rules.fold(None, |most, rules| Some(most.map_or_else(|| rules.clone(), |most: FieldRules| most.or(rules))))
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
    use holdfast_domain::identity::Access;
    use holdfast_domain::kernel::resource::Resource;
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
        let (harbour, quarry, both) = (rights.at_all(&[HARBOUR]), rights.at_all(&[QUARRY]), rights.at_all(&[HARBOUR, QUARRY]));
        assert!(both.contains(&READ) && harbour.contains(&SELL) && !quarry.contains(&SELL));
        assert_eq!(both, &harbour & &quarry);
    }

    fn of_customers() -> &'static Resource {
        RESOURCES.iter().find(|resource| resource.kind == "sales.customer").unwrap()
    }

    #[test]
    fn who_holds_two_roles_reaches_a_field_as_far_as_the_one_that_gives_most() {
        let email = |roles: &[(Role, Option<SiteId>)], permission| {
            Rights::of(roles.iter().copied()).rules_anywhere(permission).map(|rules| rules.of("email"))
        };
        let rights = &of_customers().rights;
        let (auditor, marketing) = ((Role::Auditor, None), (Role::Marketing, Some(HARBOUR)));
        assert_eq!(email(&[auditor], &rights.read), Some(Access::Masked));
        assert_eq!(email(&[auditor, marketing], &rights.read), Some(Access::Read));
        assert_eq!(email(&[auditor, marketing], &rights.export), Some(Access::Masked), "only one of both lets take out");
        assert_eq!(email(&[auditor, marketing], &rights.update), Some(Access::Read), "what one may write, the role that lets change says");
        assert_eq!(email(&[auditor, marketing, (Role::Sales, None)], &rights.update), Some(Access::Write));
        assert_eq!(email(&[auditor], &rights.update), None);
    }

    #[test]
    fn a_role_is_covered_by_one_that_may_all_of_it_and_reaches_its_fields() {
        let (owner, marketing) = (Rights::of([(Role::Owner, None)]), Rights::of([(Role::Marketing, Some(HARBOUR))]));
        assert!(Role::ALL.into_iter().all(|role| owner.covers(&role.reach(), Some(QUARRY)) && owner.covers(&role.reach(), None)));
        assert!(marketing.covers(&Role::Marketing.reach(), Some(HARBOUR)) && !marketing.covers(&Role::Marketing.reach(), None));
        let mut more = Role::Marketing.reach();
        more.insert(of_customers().rights.read.clone(), FieldRules::default());
        assert!(!marketing.covers(&more, Some(HARBOUR)), "it would read what they do not");
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
