//! The ways in which something may be done: each of some records, and as far as it reaches their fields. Whoever may do it in several ways may do it in each.

use super::role::Reach;
use holdfast_domain::identity::{FieldRules, Permission, Scope, Within};
use holdfast_domain::kernel::resource::{RecordView, Resource, Values};
use holdfast_domain::kernel::{AccountId, SiteId};
use std::collections::BTreeMap;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Way {
    /// Which records.
    pub within: Within,
    /// How far one gets with their fields.
    pub rules: FieldRules,
}

/// What may be done at a place, in one way or several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ways(BTreeMap<Permission, Vec<Way>>);

/// A record, as far as rights ask about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// Where it is; none where it belongs to the whole company, or its site is only being made.
    pub site: Option<SiteId>,
    /// Who made it.
    pub maker: Option<AccountId>,
    /// All its values.
    pub values: &'a Values,
}

impl<'a> Subject<'a> {
    /// A record as it is.
    pub fn of(resource: &Resource, record: &'a RecordView) -> Self {
        Self { site: resource.site_of(record.id, &record.values), maker: record.created_by, values: &record.values }
    }
}

impl Ways {
    /// What may be done, in whatever way.
    pub fn permissions(&self) -> impl Iterator<Item = &Permission> {
        self.0.keys()
    }

    pub fn has(&self, permission: &Permission) -> bool {
        self.0.contains_key(permission)
    }

    /// In which ways it may be done.
    pub fn of(&self, permission: &Permission) -> &[Way] {
        self.0.get(permission).map_or(&[], Vec::as_slice)
    }

    /// Adds what a role lets do here, or everywhere: there, everybody is of the team.
    pub fn add(&mut self, reach: &Reach, everywhere: bool) {
        for (permission, way) in reach {
            let mut way = way.clone();
            if everywhere && way.within.scope == Scope::Team {
                way.within.scope = Scope::All;
            }
            let ways = self.0.entry(permission.clone()).or_default();
            match ways.iter_mut().find(|known| known.within == way.within) {
                Some(known) => known.rules = known.rules.or(&way.rules),
                None => ways.push(way),
            }
        }
    }

    /// What a role can be let do that is within all of it: of several ways the widest, or the first.
    pub fn as_reach(&self) -> Reach {
        let one = |ways: &Vec<Way>| ways.iter().find(|way| way.within.is_all()).or_else(|| ways.first()).cloned();
        self.0.iter().filter_map(|(permission, ways)| Some((permission.clone(), one(ways)?))).collect()
    }
}

/// As far as all of these get together, each with the same record.
pub(super) fn most<'a>(ways: impl Iterator<Item = &'a Way>) -> Option<FieldRules> {
    ways.fold(None, |most, way| Some(most.map_or_else(|| way.rules.clone(), |most: FieldRules| most.or(&way.rules))))
}

/// As far as they get with whatever record one of them reaches.
pub(super) fn least<'a>(ways: impl Iterator<Item = &'a Way> + Clone) -> Option<FieldRules> {
    // Those of all records reach each of them.
    let free = most(ways.clone().filter(|way| way.within.is_all()));
    free.or_else(|| ways.fold(None, |least, way| Some(least.map_or_else(|| way.rules.clone(), |least: FieldRules| least.and(&way.rules)))))
}
