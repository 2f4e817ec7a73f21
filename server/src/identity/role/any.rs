//! A role, of those that every company has or of its own.

use super::super::ways::Way;
use super::{Reach, Role};
use holdfast_domain::identity::{FieldRules, Permission, RoleTerms, Within};
use holdfast_domain::kernel::resource::Resource;
use holdfast_domain::{RESOURCES, resource_of};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// All that there is to let do.
static KNOWN: LazyLock<BTreeSet<Permission>> = LazyLock::new(|| Role::Owner.reach().into_keys().collect());

/// A role of a company's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnRole {
    /// As it is given.
    pub code: String,
    /// In the company's words.
    pub name: String,
    /// What it lets do.
    pub reach: Reach,
}

/// Either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnyRole {
    /// Every company has it.
    Known(Role),
    /// This one has it.
    Own(OwnRole),
}

impl AnyRole {
    /// As it is given and stored.
    pub fn code(&self) -> &str {
        match self {
            Self::Known(role) => role.name(),
            Self::Own(own) => &own.code,
        }
    }

    /// What is kept of it where it is not looked up any more.
    pub fn called(&self) -> &str {
        match self {
            Self::Known(role) => role.name(),
            Self::Own(own) => &own.name,
        }
    }

    /// What it may do, and how far that reaches.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Known(role) => role.reach(),
            Self::Own(own) => own.reach.clone(),
        }
    }
}

/// What terms let do, as far as there are such permissions: what a later program took away counts for nothing.
pub(crate) fn reach_of(terms: &RoleTerms) -> Reach {
    let way = |permission: &Permission| {
        let kind = of_permission(permission).map_or("", |resource| resource.kind);
        Way { within: terms.within.get(kind).cloned().unwrap_or_default(), rules: terms.fields.get(kind).cloned().unwrap_or_default() }
    };
    terms.permissions.iter().filter(|permission| KNOWN.contains(*permission)).map(|permission| (permission.clone(), way(permission))).collect()
}

/// The terms that say what a reach does; where it reaches a record differently by what is done, as much as all of it.
pub(crate) fn terms_of(reach: &Reach) -> RoleTerms {
    let permissions: BTreeSet<Permission> = reach.keys().cloned().collect();
    let ways = |resource: &'static Resource| resource.rights.all().into_iter().filter_map(|permission| reach.get(permission));
    let rules = |resource: &'static Resource| {
        let rules = ways(resource).fold(FieldRules::default(), |least, way| least.and(&way.rules));
        (!rules.is_empty()).then(|| (resource.kind.to_owned(), rules))
    };
    let within = |resource: &'static Resource| {
        let within = ways(resource).fold(Within::default(), |least, way| least.and(&way.within));
        (!within.is_all()).then(|| (resource.kind.to_owned(), within))
    };
    let (fields, within) = (RESOURCES.iter().filter_map(rules).collect(), RESOURCES.iter().filter_map(within).collect());
    RoleTerms { permissions, fields, within }
}

/// Whose records a permission is about.
pub(crate) fn of_permission(permission: &Permission) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.rights.all().contains(&permission))
}

/// Whether the terms name nothing that there is not: permissions, kinds, fields, values; and hide from nobody what the records are called that they read.
pub(crate) fn are_sound(terms: &RoleTerms) -> bool {
    let sound = |(kind, rules): (&String, &FieldRules)| {
        resource_of(kind).is_some_and(|resource| rules.iter().all(|(field, _)| resource.field(field).is_some()) && rules.of(resource.title).reads())
    };
    let within = |(kind, within): (&String, &Within)| resource_of(kind).is_some_and(|resource| within.is_sound(resource));
    terms.permissions.is_subset(&KNOWN) && terms.fields.iter().all(sound) && terms.within.iter().all(within)
}

/// The terms with nothing said that says nothing, and values as records keep them.
pub(crate) fn tidied(terms: RoleTerms) -> RoleTerms {
    let tidied = |(kind, within): (String, Within)| match resource_of(&kind) {
        Some(resource) => (kind, within.tidied(resource)),
        None => (kind, within),
    };
    RoleTerms {
        permissions: terms.permissions,
        fields: terms.fields.into_iter().filter(|(_, rules)| !rules.is_empty()).collect(),
        within: terms.within.into_iter().filter(|(_, within)| !within.is_all()).map(tidied).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::identity::Access;
    use serde_json::json;

    #[test]
    fn a_role_that_every_company_has_can_be_copied_as_it_is() {
        for role in Role::ALL {
            let terms = terms_of(&role.reach());
            assert!(are_sound(&terms), "{}", role.name());
            assert_eq!(reach_of(&terms), role.reach(), "{}", role.name());
        }
    }

    #[test]
    fn terms_that_name_what_there_is_not_are_no_terms() {
        let sound = terms_of(&Role::Auditor.reach());
        let mut crown = sound.clone();
        crown.permissions.insert(Permission::new("company.crown.wear"));
        assert!(!are_sound(&crown) && reach_of(&crown) == reach_of(&sound), "what is not there lets do nothing");
        for (kind, field) in [("sales.crown", "name"), ("sales.customer", "crown"), ("sales.customer", "name")] {
            let mut terms = sound.clone();
            terms.fields.insert(kind.to_owned(), [(field, Access::Masked)].into_iter().collect());
            assert!(!are_sound(&terms), "{kind} {field}");
        }
        for (kind, when) in [
            ("sales.crown", json!([])),
            ("sales.customer", json!([{ "field": "crown", "operator": "is", "value": "gold" }])),
            ("sales.customer", json!([{ "field": "address.city", "operator": "at_least", "value": "Brest" }])),
            ("sales.customer", json!([{ "field": "address", "operator": "is", "value": "Brest" }])),
            ("sales.customer", json!([{ "field": "email", "operator": "is", "value": "nobody" }])),
        ] {
            let within: Within = serde_json::from_value(json!({ "scope": "own", "when": when })).unwrap();
            let terms = RoleTerms { within: [(kind.to_owned(), within)].into_iter().collect(), ..sound.clone() };
            assert!(!are_sound(&terms), "{kind} {when}");
        }
    }
}
