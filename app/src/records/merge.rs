//! Two people changed one record: what each did to which field, and what becomes of it.

use holdfast_domain::kernel::resource::{Field, Resource, RowChanges, Values, of_leaf};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Whose value is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Of whoever saves now.
    Mine,
    /// Of whoever saved before.
    Theirs,
}

/// A field that is no longer the same on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The field.
    pub field: &'static Field,
    /// Of a list, the row that is not the same: the values are lists of it alone, empty where a side does not have it.
    pub row: Option<Uuid>,
    /// What both began with.
    pub base: Value,
    /// What I typed.
    pub mine: Value,
    /// What is kept now.
    pub theirs: Value,
}

impl Difference {
    /// The side that changed it, where only one did.
    pub fn only(&self) -> Option<Side> {
        if self.theirs == self.base {
            Some(Side::Mine)
        } else if self.mine == self.base {
            Some(Side::Theirs)
        } else {
            None
        }
    }

    /// The value of a side.
    pub const fn of(&self, side: Side) -> &Value {
        match side {
            Side::Mine => &self.mine,
            Side::Theirs => &self.theirs,
        }
    }
}

/// Every field, or part of an address, or row of a list, that differs between the sides, in the form's order; where both came to the same there is nothing to choose.
pub fn differences(resource: &Resource, base: &Values, mine: &Values, theirs: &Values) -> Vec<Difference> {
    let of = |values: &Values, field: &Field| of_leaf(values, field).cloned().unwrap_or(Value::Null);
    let difference = |field| Difference { field, row: None, base: of(base, field), mine: of(mine, field), theirs: of(theirs, field) };
    // An address that is told in part only is compared as the text that it is.
    let is_text = |field: &Field| [base, mine, theirs].into_iter().any(|values| values.get(field.name).is_some_and(Value::is_string));
    let each = |field: &'static Field| if field.parts.is_empty() || is_text(field) { std::slice::from_ref(field) } else { field.parts };
    let differing = resource.fields.iter().flat_map(each).map(difference).filter(|difference| difference.mine != difference.theirs);
    differing.flat_map(row_by_row).collect()
}

/// Of two lists, each row that is not the same; where rows were moved only, the list.
fn row_by_row(lists: Difference) -> Vec<Difference> {
    let all = [&lists.base, &lists.mine, &lists.theirs];
    if lists.field.rows().is_none() || !all.iter().all(|list| list.is_array()) {
        return vec![lists];
    }
    let alone = |list: &Value, id: Uuid| Value::Array(rows_of(list).filter(|(known, _)| *known == id).map(|(_, row)| row.clone()).collect());
    let row = |id: Uuid| Difference {
        field: lists.field,
        row: Some(id),
        base: alone(&lists.base, id),
        mine: alone(&lists.mine, id),
        theirs: alone(&lists.theirs, id),
    };
    let rows: Vec<Difference> = RowChanges::between(&lists.theirs, &lists.mine).ids().map(row).collect();
    if rows.is_empty() { vec![lists] } else { rows }
}

fn rows_of(list: &Value) -> impl Iterator<Item = (Uuid, &Value)> {
    list.as_array().into_iter().flatten().filter_map(|row| Some((row.get("id")?.as_str()?.parse().ok()?, row)))
}

/// The values that were chosen; a list is put together of the rows that were, in the order of whoever moved them.
pub fn chosen(base: &Values, mine: &Values, theirs: &Values, choices: &[(&Difference, Side)]) -> Values {
    let mut values = Values::new();
    let mut rows: BTreeMap<&str, BTreeMap<Uuid, &Value>> = BTreeMap::new();
    for (difference, side) in choices {
        match difference.row {
            Some(id) => drop(rows.entry(difference.field.name).or_default().insert(id, difference.of(*side))),
            None => drop(values.insert(difference.field.name.to_owned(), difference.of(*side).clone())),
        }
    }
    for (name, chosen) in rows {
        let of = |values: &Values| values.get(name).cloned().unwrap_or(Value::Null);
        let (base, mine, theirs) = (of(base), of(mine), of(theirs));
        let (first, then) = if RowChanges::between(&base, &mine).moved { (&mine, &theirs) } else { (&theirs, &mine) };
        let known: Vec<Uuid> = rows_of(first).map(|(id, _)| id).collect();
        let all = rows_of(first).chain(rows_of(then).filter(|(id, _)| !known.contains(id)));
        // A row that nothing was chosen of is the same on both sides.
        let row =
            |(id, row): (Uuid, &Value)| chosen.get(&id).map_or_else(|| vec![row.clone()], |chosen| chosen.as_array().cloned().unwrap_or_default());
        values.insert(name.to_owned(), all.flat_map(row).collect());
    }
    values
}

/// What differs from what is kept: that, and nothing else, is sent.
pub fn changed(kept: &Values, now: &Values) -> Values {
    now.iter().filter(|(name, value)| kept.get(*name).unwrap_or(&Value::Null) != *value).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::resource::Record;
    use holdfast_domain::procurement::Supplier;
    use serde_json::json;

    fn values(value: Value) -> Values {
        match value {
            Value::Object(values) => values,
            _ => panic!("fields by name"),
        }
    }

    #[test]
    fn a_field_that_one_side_changed_is_that_sides() {
        let base = values(json!({"name": "Exotic", "address": {"city": "London"}, "phone": null}));
        let mine = values(json!({"name": "Exotic", "address": {"city": "Paris"}, "phone": null}));
        let theirs = values(json!({"name": "Exotic", "address": {"city": "London"}, "phone": "123"}));
        let found = differences(&Supplier::RESOURCE, &base, &mine, &theirs);
        let of: Vec<_> = found.iter().map(|difference| (difference.field.name, difference.only())).collect();
        assert_eq!(of, [("phone", Some(Side::Theirs)), ("address.city", Some(Side::Mine))]);
    }

    #[test]
    fn a_field_that_both_changed_is_for_a_person_to_decide() {
        let base = values(json!({"address": {"city": "London"}}));
        let (mine, theirs) = (values(json!({"address": {"city": "Paris"}})), values(json!({"address": {"city": "Rome"}})));
        let found = differences(&Supplier::RESOURCE, &base, &mine, &theirs);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].only(), None);
        assert_eq!((found[0].of(Side::Mine), found[0].of(Side::Theirs)), (&json!("Paris"), &json!("Rome")));
    }

    #[test]
    fn a_field_that_both_changed_to_the_same_is_no_difference() {
        let (base, both) = (values(json!({"address": {"city": "London"}})), values(json!({"address": {"city": "Paris"}})));
        assert_eq!(differences(&Supplier::RESOURCE, &base, &both, &both), []);
    }

    fn contact(id: u128, name: &str) -> Value {
        json!({ "id": Uuid::from_u128(id), "name": name })
    }

    fn contacts(rows: &[(u128, &str)]) -> Values {
        values(json!({ "contacts": rows.iter().map(|(id, name)| contact(*id, name)).collect::<Vec<_>>() }))
    }

    /// Each row that differs with whose it is, and the list that comes of it where the given side decides what both changed.
    fn merged(base: &[(u128, &str)], mine: &[(u128, &str)], theirs: &[(u128, &str)], decides: Side) -> (Vec<Option<Side>>, Values) {
        let (base, mine, theirs) = (contacts(base), contacts(mine), contacts(theirs));
        let found = differences(&Supplier::RESOURCE, &base, &mine, &theirs);
        let choices: Vec<_> = found.iter().map(|difference| (difference, difference.only().unwrap_or(decides))).collect();
        (found.iter().map(Difference::only).collect(), chosen(&base, &mine, &theirs, &choices))
    }

    #[test]
    fn rows_that_each_side_added_changed_or_removed_come_together() {
        let base = [(1, "Ana"), (2, "Dan"), (3, "Ion")];
        let (whose, list) = merged(&base, &[(1, "Ana Pop"), (2, "Dan"), (3, "Ion"), (4, "Eva")], &[(1, "Ana"), (3, "Ion"), (5, "Mia")], Side::Mine);
        assert_eq!(list, contacts(&[(1, "Ana Pop"), (3, "Ion"), (5, "Mia"), (4, "Eva")]));
        assert_eq!(whose, [Some(Side::Mine), Some(Side::Theirs), Some(Side::Mine), Some(Side::Theirs)]);
    }

    #[test]
    fn a_row_that_both_changed_is_for_a_person_to_decide() {
        let (base, mine, theirs) = ([(1, "Ana")], [(1, "Ana Pop")], [(1, "Ana Ion")]);
        assert_eq!(merged(&base, &mine, &theirs, Side::Mine), (vec![None], contacts(&mine)));
        assert_eq!(merged(&base, &mine, &theirs, Side::Theirs), (vec![None], contacts(&theirs)));
        assert_eq!(merged(&base, &mine, &[], Side::Mine), (vec![None], contacts(&mine)), "one changed it, the other took it away");
        assert_eq!(merged(&base, &mine, &[], Side::Theirs), (vec![None], contacts(&[])));
    }

    #[test]
    fn rows_stand_in_the_order_of_whoever_moved_them() {
        let base = [(1, "Ana"), (2, "Dan")];
        let (whose, list) = merged(&base, &[(2, "Dan"), (1, "Ana")], &[(1, "Ana"), (2, "Dan"), (3, "Ion")], Side::Mine);
        assert_eq!((whose, list), (vec![Some(Side::Theirs)], contacts(&[(2, "Dan"), (1, "Ana"), (3, "Ion")])));
        let (whose, list) = merged(&base, &[(2, "Dan"), (1, "Ana")], &base, Side::Theirs);
        assert_eq!((whose, list), (vec![Some(Side::Mine)], contacts(&[(2, "Dan"), (1, "Ana")])));
    }

    #[test]
    fn only_what_differs_from_what_is_kept_is_sent() {
        let kept = values(json!({"name": "Exotic", "address": {"city": "London"}, "tags": ["a"]}));
        let now = values(json!({"name": "Exotic", "address": null, "tags": ["a"], "phone": null}));
        assert_eq!(changed(&kept, &now), values(json!({"address": null})));
    }
}
