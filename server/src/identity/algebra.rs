//! Rights held together, of random roles over random records: what several let do is what each of them does, a list tells no more than its records, and nobody gives what they have not.

use super::rights::Rights;
use super::role::{Reach, reach_of};
use super::ways::{Subject, Way};
use holdfast_domain::identity::{Access, Condition, FieldRules, Operator, RoleTerms, Scope, Within};
use holdfast_domain::kernel::resource::{Resource, Values};
use holdfast_domain::kernel::{AccountId, SiteId};
use holdfast_domain::resource_of;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const SITES: [SiteId; 2] = [SiteId(Uuid::from_u128(1)), SiteId(Uuid::from_u128(2))];
/// Whoever has the rights, somebody at the first site, somebody at the second, somebody at neither.
const PEOPLE: [AccountId; 4] =
    [AccountId(Uuid::from_u128(11)), AccountId(Uuid::from_u128(12)), AccountId(Uuid::from_u128(13)), AccountId(Uuid::from_u128(14))];
/// One whose records belong to the company, one whose are at sites.
const KINDS: [&str; 2] = ["procurement.supplier", "identity.till"];

fn resource(kind: &str) -> &'static Resource {
    resource_of(kind).unwrap()
}

/// A role and where it is held.
type Held = (Reach, Option<SiteId>);

/// A record: where, by whom, with which values.
type Made = (Option<SiteId>, Option<AccountId>, Values);

fn condition(kind: &'static str) -> BoxedStrategy<Condition> {
    let is_or_not = || prop::sample::select(vec![Operator::Is, Operator::IsNot]);
    let of = |field: &'static str| move |(operator, value): (Operator, Value)| Condition { field: field.to_owned(), operator, value };
    let text = |field: &'static str, values: &'static [&'static str]| {
        (is_or_not(), prop::sample::select(values).prop_map(|text| json!(text))).prop_map(of(field)).boxed()
    };
    if kind == KINDS[1] {
        return text("name", &["Till 1", "Till 2"]);
    }
    let days = (prop::sample::select(Operator::ALL.to_vec()), prop::sample::select(vec![10, 20, 30]).prop_map(|days| json!(days)));
    prop_oneof![text("address.city", &["Brest", "Lyon"]), text("tags", &["drinks", "bread"]), days.prop_map(of("payment_days"))].boxed()
}

fn rules(kind: &'static str) -> BoxedStrategy<FieldRules> {
    let field = if kind == KINDS[0] { "notes" } else { "name" };
    let least = if kind == KINDS[0] { 0 } else { 2 };
    (least..4_usize).prop_map(move |n| [(field, Access::ALL[n])].into_iter().collect()).boxed()
}

fn held() -> impl Strategy<Value = Held> {
    let of_kind = |kind: &'static str| {
        let permissions = prop::sample::subsequence(resource(kind).rights.all().to_vec(), 0..=3);
        let within = (prop::sample::select(Scope::ALL.to_vec()), prop::collection::vec(condition(kind), 0..3))
            .prop_map(|(scope, when)| Within { scope, when });
        (permissions, within, rules(kind)).prop_map(move |parts| (kind, parts))
    };
    let site = prop::option::of(prop::sample::select(SITES.to_vec()));
    (of_kind(KINDS[0]), of_kind(KINDS[1]), site).prop_map(|(one, other, site)| {
        let mut terms = RoleTerms::default();
        for (kind, (permissions, within, rules)) in [one, other] {
            terms.permissions.extend(permissions.into_iter().cloned());
            terms.within.insert(kind.to_owned(), within);
            terms.fields.insert(kind.to_owned(), rules);
        }
        (reach_of(&terms), site)
    })
}

fn made() -> impl Strategy<Value = Made> {
    let select = |values: &[Value]| prop::sample::select(values.to_vec());
    let values = (
        select(&[json!("Brest"), json!("Lyon"), json!("Iași"), Value::Null]),
        select(&[json!([]), json!(["drinks"]), json!(["bread", "drinks"])]),
        select(&[json!(5), json!(10), json!(20), json!(30), Value::Null]),
        select(&[json!("Till 1"), json!("Till 2"), json!("Till 3")]),
    );
    let values = values.prop_map(|(city, tags, days, name)| {
        json!({ "address": { "city": city }, "tags": tags, "payment_days": days, "name": name }).as_object().cloned().unwrap_or_default()
    });
    (prop::option::of(prop::sample::select(SITES.to_vec())), prop::option::of(prop::sample::select(PEOPLE.to_vec())), values)
}

fn rights(held: &[Held]) -> Rights {
    let teams: BTreeMap<SiteId, BTreeSet<AccountId>> =
        SITES.into_iter().zip([PEOPLE[1], PEOPLE[2]].map(|mate| [mate].into_iter().collect())).collect();
    Rights::reaching(held.iter().cloned()).by(PEOPLE[0], teams)
}

/// How far these rights get with that record by each permission.
fn got(rights: &Rights, kind: &'static str, (site, maker, values): &Made) -> Vec<Option<FieldRules>> {
    let resource = resource(kind);
    let subject = Subject { site: site.filter(|_| resource.site.is_some()), maker: *maker, values };
    resource.rights.all().into_iter().map(|permission| rights.rules_of(resource, permission, &subject)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn two_roles_let_do_to_a_record_what_either_does(one in prop::collection::vec(held(), 0..3), other in prop::collection::vec(held(), 0..3), made in made()) {
        for kind in KINDS {
            let (both, one, other) = (rights(&[&one[..], &other].concat()), rights(&one), rights(&other));
            let either = got(&one, kind, &made).into_iter().zip(got(&other, kind, &made)).map(|pair| match pair {
                (Some(one), Some(other)) => Some(one.or(&other)),
                (one, other) => one.or(other),
            });
            prop_assert_eq!(got(&both, kind, &made), either.collect::<Vec<_>>());
        }
    }

    #[test]
    fn whoever_covers_a_role_may_all_that_it_would_let_them_do(own in prop::collection::vec(held(), 1..4), more in held(), made in made()) {
        let own_rights = rights(&own);
        if own_rights.covers(&more.0, more.1) {
            let with_it = rights(&[&own[..], &[more]].concat());
            for kind in KINDS {
                prop_assert_eq!(got(&with_it, kind, &made), got(&own_rights, kind, &made));
            }
        }
    }

    #[test]
    fn a_role_is_covered_by_itself_and_by_one_of_more_records(held in held(), more in condition(KINDS[0]), scope in prop::sample::select(Scope::ALL.to_vec())) {
        let own = rights(std::slice::from_ref(&held));
        prop_assert!(own.covers(&held.0, held.1));
        let narrow = Within { scope, when: vec![more] };
        let narrower: Reach = held.0.into_iter().map(|(permission, way)| {
            let of_suppliers = resource(KINDS[0]).rights.all().contains(&&permission);
            let within = if of_suppliers { way.within.and(&narrow) } else { way.within };
            (permission, Way { within, rules: way.rules })
        }).collect();
        prop_assert!(own.covers(&narrower, held.1));
    }

    #[test]
    fn what_is_implied_is_so_wherever_it_is_implied(one in condition(KINDS[0]), other in condition(KINDS[0]), made in made()) {
        let suppliers = resource(KINDS[0]);
        if one.implies(&other, suppliers) && one.holds(suppliers, &made.2) {
            prop_assert!(other.holds(suppliers, &made.2));
        }
    }

    #[test]
    fn what_is_told_of_all_records_is_told_of_each(held in prop::collection::vec(held(), 0..4), made in made()) {
        let rights = rights(&held);
        for kind in KINDS {
            let resource = resource(kind);
            for (permission, rules) in resource.rights.all().into_iter().zip(got(&rights, kind, &made)) {
                let Some(rules) = rules else { continue };
                let all = rights.rules_of_all(resource, permission);
                prop_assert!(all.is_some_and(|all| all.is_within(&rules)));
            }
        }
    }

    #[test]
    fn a_record_is_among_those_that_are_reached_where_it_is_reached(held in prop::collection::vec(held(), 0..4), made in made()) {
        let rights = rights(&held);
        for kind in KINDS {
            let resource = resource(kind);
            let (site, maker, values) = (made.0.filter(|_| resource.site.is_some()), made.1, &made.2);
            for permission in resource.rights.all() {
                let subject = Subject { site, maker, values };
                // A list looks only where one may do it at all.
                let place = resource.site.is_none() && rights.require_somewhere(permission).is_ok() || resource.site.is_some() && rights.may(permission, site);
                let listed = rights.reached(resource, permission).is_none_or(|any| any.iter().any(|reached| {
                    (reached.site.is_none() || reached.site == site)
                        && reached.makers.as_ref().is_none_or(|makers| maker.is_some_and(|maker| makers.contains(&maker)))
                        && reached.when.iter().all(|condition| condition.holds(resource, values))
                }));
                prop_assert_eq!(place && listed, rights.reaches(resource, permission, &subject));
            }
        }
    }
}
