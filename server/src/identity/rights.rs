//! What an account may do, and where, and to which records.

use super::role::{Reach, of_permission};
use super::ways::{Subject, Way, Ways, least, most};
use super::{Role, queries};
use crate::failure::{Fault, Refusal};
use crate::tenancy::{Sites, TenantTx};
use holdfast_domain::RESOURCES;
use holdfast_domain::identity::{Condition, FieldRules, Permission, Scope};
use holdfast_domain::kernel::resource::Resource;
use holdfast_domain::kernel::{AccountId, SiteId};
use std::collections::{BTreeMap, BTreeSet};

/// An account's roles, spelled out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    works_everywhere: bool,
    everywhere: Ways,
    at: BTreeMap<SiteId, Ways>,
    /// Whose they are; where nobody says, no record is their own.
    account: Option<AccountId>,
    /// Who is given a role at a site, where a role held there is about their records.
    teams: BTreeMap<SiteId, BTreeSet<AccountId>>,
}

/// Records of a resource that something may be done to: those at the site, made by one of these, of which all that is said is so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reached<'a> {
    /// At any where none is named.
    pub site: Option<SiteId>,
    /// By anybody where none are named.
    pub makers: Option<BTreeSet<AccountId>>,
    /// All of these.
    pub when: &'a [Condition],
}

impl Rights {
    /// Those of someone who has these roles, each everywhere (no site) or at a site.
    pub fn of(roles: impl IntoIterator<Item = (Role, Option<SiteId>)>) -> Self {
        Self::reaching(roles.into_iter().map(|(role, site)| (role.reach(), site)))
    }

    pub(super) fn reaching(roles: impl IntoIterator<Item = (Reach, Option<SiteId>)>) -> Self {
        let mut rights = Self::default();
        for (reach, site) in roles {
            match site {
                None => {
                    rights.works_everywhere = true;
                    rights.everywhere.add(&reach, true);
                }
                Some(site) => rights.at.entry(site).or_default().add(&reach, false),
            }
        }
        rights
    }

    /// Those of someone who holds these; what is anybody's own or their team's, [`rights_of`] knows.
    pub(super) fn held<'a>(held: impl IntoIterator<Item = &'a queries::Held>) -> Self {
        Self::reaching(held.into_iter().map(|held| (held.role.reach(), held.site)))
    }

    /// The same, held by that account, which works with these.
    #[must_use]
    pub(super) fn by(self, account: AccountId, teams: BTreeMap<SiteId, BTreeSet<AccountId>>) -> Self {
        Self { account: Some(account), teams, ..self }
    }

    /// The sites at which it matters who else works there.
    pub(super) fn sites_with_teams(&self) -> Vec<SiteId> {
        let asks = |ways: &Ways| ways.permissions().any(|permission| ways.of(permission).iter().any(|way| way.within.scope == Scope::Team));
        self.at.iter().filter(|(_, ways)| asks(ways)).map(|(site, _)| *site).collect()
    }

    /// The most that a role can be let do everywhere by whoever has these.
    pub(super) fn as_reach(&self) -> Reach {
        self.everywhere.as_reach()
    }

    /// The sites it works at.
    pub fn sites(&self) -> Sites {
        if self.works_everywhere { Sites::All } else { Sites::Only(self.at.keys().copied().collect()) }
    }

    /// The sites at which it may do that; what a list shows.
    pub fn sites_for(&self, permission: &Permission) -> Sites {
        if self.everywhere.has(permission) {
            return Sites::All;
        }
        Sites::Only(self.at.iter().filter(|(_, ways)| ways.has(permission)).map(|(site, _)| *site).collect())
    }

    /// Whether it may do that at the site; at no site in particular, where it must hold everywhere. To which records there, [`Self::reaches`] says.
    pub fn may(&self, permission: &Permission, site: Option<SiteId>) -> bool {
        self.everywhere.has(permission) || site.and_then(|site| self.at.get(&site)).is_some_and(|ways| ways.has(permission))
    }

    /// All it may do somewhere, for screens to decide what they offer.
    pub fn anywhere(&self) -> BTreeSet<Permission> {
        self.at.values().flat_map(Ways::permissions).chain(self.everywhere.permissions()).cloned().collect()
    }

    /// How far each of these reaches the fields of records somewhere, where that is not all of them; for screens to decide what they show.
    pub fn fields_anywhere(&self) -> BTreeMap<Permission, FieldRules> {
        let rules = |permission: Permission| most(self.ways_anywhere(&permission).map(|(_, way)| way)).map(|rules| (permission, rules));
        self.anywhere().into_iter().filter_map(rules).filter(|(_, rules)| !rules.is_empty()).collect()
    }

    /// The ways in which it may do that at the site or everywhere, each with where it is held.
    fn ways_at<'a>(&'a self, permission: &'a Permission, site: Option<SiteId>) -> impl Iterator<Item = (Option<SiteId>, &'a Way)> + Clone {
        let here = site.and_then(|site| self.at.get(&site)).map_or(&[][..], |ways| ways.of(permission));
        self.everywhere.of(permission).iter().map(|way| (None, way)).chain(here.iter().map(move |way| (site, way)))
    }

    /// The ways in which it may do that wherever.
    fn ways_anywhere<'a>(&'a self, permission: &'a Permission) -> impl Iterator<Item = (Option<SiteId>, &'a Way)> + Clone {
        let at = self.at.iter().flat_map(move |(site, ways)| ways.of(permission).iter().map(move |way| (Some(*site), way)));
        self.everywhere.of(permission).iter().map(|way| (None, way)).chain(at)
    }

    /// The ways in which it may do that to a record, as far as the place goes: what belongs to the whole company is reached from anywhere.
    fn ways_to<'a>(&'a self, resource: &Resource, permission: &'a Permission, site: Option<SiteId>) -> Vec<(Option<SiteId>, &'a Way)> {
        if resource.site.is_some() { self.ways_at(permission, site).collect() } else { self.ways_anywhere(permission).collect() }
    }

    /// Whose records a role held there is about; anybody's where none are named.
    fn makers(&self, scope: Scope, held_at: Option<SiteId>) -> Option<BTreeSet<AccountId>> {
        let team = || held_at.and_then(|site| self.teams.get(&site)).into_iter().flatten();
        match scope {
            Scope::All => None,
            Scope::Own => Some(self.account.into_iter().collect()),
            Scope::Team => Some(team().copied().chain(self.account).collect()),
        }
    }

    /// How far one gets with the fields of that record by doing that; none where one may not do it to that record.
    pub(crate) fn rules_of(&self, resource: &Resource, permission: &Permission, subject: &Subject<'_>) -> Option<FieldRules> {
        let fits = |(held_at, way): &(Option<SiteId>, &Way)| {
            let makers = self.makers(way.within.scope, *held_at);
            makers.is_none_or(|makers| subject.maker.is_some_and(|maker| makers.contains(&maker)))
                && way.within.when.iter().all(|condition| condition.holds(resource, subject.values))
        };
        most(self.ways_to(resource, permission, subject.site).into_iter().filter(fits).map(|(_, way)| way))
    }

    /// Whether one may do that to that record.
    pub(crate) fn reaches(&self, resource: &Resource, permission: &Permission, subject: &Subject<'_>) -> bool {
        self.rules_of(resource, permission, subject).is_some()
    }

    /// Whether one may do that to some records of a place and not to others.
    pub(crate) fn is_conditional(&self, permission: &Permission) -> bool {
        self.ways_anywhere(permission).any(|(_, way)| !way.within.is_all())
    }

    /// The records that one may do that to, of those at sites where one may; nothing where it is all of them, else those that are in one of these.
    pub(crate) fn reached<'a>(&'a self, resource: &Resource, permission: &'a Permission) -> Option<Vec<Reached<'a>>> {
        let is_free = |ways: &[Way]| ways.iter().any(|way| way.within.is_all());
        let (everywhere, sited) = (self.everywhere.of(permission), resource.site.is_some());
        let at = || self.at.values().map(|ways| ways.of(permission)).filter(|ways| !ways.is_empty());
        let free = is_free(everywhere) || if sited { everywhere.is_empty() && at().all(is_free) } else { at().any(is_free) };
        let reached = |(held_at, way): (Option<SiteId>, &'a Way)| Reached {
            site: held_at.filter(|_| sited),
            makers: self.makers(way.within.scope, held_at),
            when: &way.within.when,
        };
        (!free).then(|| self.ways_anywhere(permission).map(reached).collect())
    }

    /// How far one gets with the fields of every record that one may do that to.
    pub(super) fn rules_of_all(&self, resource: &Resource, permission: &Permission) -> Option<FieldRules> {
        if resource.site.is_none() {
            return least(self.ways_anywhere(permission).map(|(_, way)| way));
        }
        let places = std::iter::once(None).chain(self.at.keys().copied().map(Some));
        let each = places.filter_map(|site| least(self.ways_at(permission, site).map(|(_, way)| way)));
        each.reduce(|all, rules| all.and(&rules))
    }

    /// Whether it may do all that there, to every such record, and reaches no field less far: whoever gives a role must.
    pub(super) fn covers(&self, reach: &Reach, site: Option<SiteId>) -> bool {
        reach.iter().all(|(permission, wanted)| {
            let of = of_permission(permission);
            let wider = |way: &&Way| of.map_or_else(|| way.within.is_all(), |resource| wanted.within.is_within(&way.within, resource));
            // Each of these reaches all of the records, so together they reach as far as the one that gives most.
            most(self.ways_at(permission, site).map(|(_, way)| way).filter(wider)).is_some_and(|own| wanted.rules.is_within(&own))
        })
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
    let held = queries::roles(tx, account).await?;
    of_held(tx, account, &held).await
}

/// Those of an account that holds these.
pub(super) async fn of_held(tx: &mut TenantTx, account: AccountId, held: &[queries::Held]) -> Result<Rights, Fault> {
    let rights = Rights::held(held);
    let sites = rights.sites_with_teams();
    let teams = if sites.is_empty() { BTreeMap::new() } else { queries::teams(tx, &sites).await? };
    Ok(rights.by(account, teams))
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
    use holdfast_domain::resource_of;
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
        resource_of("sales.customer").unwrap()
    }

    #[test]
    fn who_holds_two_roles_reaches_a_field_as_far_as_the_one_that_gives_most() {
        let email = |roles: &[(Role, Option<SiteId>)], permission| {
            Rights::of(roles.iter().copied()).rules_of_all(of_customers(), permission).map(|rules| rules.of("email"))
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
        more.insert(of_customers().rights.read.clone(), Way::default());
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
