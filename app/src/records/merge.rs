//! Two people changed one record: what each did to which field, and what becomes of it.

use holdfast_domain::kernel::resource::{Field, Resource, Values, of_leaf};
use serde_json::Value;

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

/// Every field, or part of an address, that differs between the sides, in the form's order; where both came to the same there is nothing to choose.
pub fn differences(resource: &Resource, base: &Values, mine: &Values, theirs: &Values) -> Vec<Difference> {
    let of = |values: &Values, field: &Field| of_leaf(values, field).cloned().unwrap_or(Value::Null);
    let difference = |field| Difference { field, base: of(base, field), mine: of(mine, field), theirs: of(theirs, field) };
    // An address that is told in part only is compared as the text that it is.
    let is_text = |field: &Field| [base, mine, theirs].into_iter().any(|values| values.get(field.name).is_some_and(Value::is_string));
    let each = |field: &'static Field| if field.parts.is_empty() || is_text(field) { std::slice::from_ref(field) } else { field.parts };
    resource.fields.iter().flat_map(each).map(difference).filter(|difference| difference.mine != difference.theirs).collect()
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

    #[test]
    fn only_what_differs_from_what_is_kept_is_sent() {
        let kept = values(json!({"name": "Exotic", "address": {"city": "London"}, "tags": ["a"]}));
        let now = values(json!({"name": "Exotic", "address": null, "tags": ["a"], "phone": null}));
        assert_eq!(changed(&kept, &now), values(json!({"address": null})));
    }
}
