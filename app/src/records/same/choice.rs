//! Two records side by side: which fields differ, and which value a person keeps.

use holdfast_domain::kernel::resource::{Field, Resource, Values};
use serde_json::Value;

/// Whose value is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Of the record that stays.
    Stays,
    /// Of the one that is archived.
    Goes,
}

/// A field that the two do not say the same of.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The field.
    pub field: &'static Field,
    /// As the record says it that stays.
    pub stays: Value,
    /// As the other does.
    pub goes: Value,
}

impl Choice {
    /// What is kept where nobody says otherwise: what stays, unless it says nothing.
    pub fn usual(&self) -> Side {
        let says_nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if says_nothing(&self.stays) && !says_nothing(&self.goes) { Side::Goes } else { Side::Stays }
    }

    /// The value of a side.
    pub const fn of(&self, side: Side) -> &Value {
        match side {
            Side::Stays => &self.stays,
            Side::Goes => &self.goes,
        }
    }
}

/// Every field in which they differ, in the form's order, as far as it may be chosen.
pub fn choices(resource: &Resource, (stays, goes): (&Values, &Values), may_choose: impl Fn(&Field) -> bool) -> Vec<Choice> {
    let of = |values: &Values, field: &Field| values.get(field.name).cloned().unwrap_or(Value::Null);
    let choice = |field| Choice { field, stays: of(stays, field), goes: of(goes, field) };
    let differs = |choice: &Choice| choice.stays != choice.goes && !choice.field.fixed && may_choose(choice.field);
    resource.fields.iter().map(choice).filter(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::resource::Record as _;
    use holdfast_domain::sales::Customer;
    use serde_json::json;

    fn values(value: Value) -> Values {
        match value {
            Value::Object(values) => values,
            _ => panic!("fields by name"),
        }
    }

    #[test]
    fn what_differs_is_chosen_and_what_says_nothing_gives_way() {
        let stays = values(json!({ "name": "Maria", "city": "Berlin", "phone": null, "tags": [] }));
        let goes = values(json!({ "name": "Maria A.", "city": "Berlin", "phone": "030", "tags": ["bakery"] }));
        let found = choices(&Customer::RESOURCE, (&stays, &goes), |_| true);
        let told: Vec<_> = found.iter().map(|choice| (choice.field.name, choice.usual())).collect();
        assert_eq!(told, [("name", Side::Stays), ("phone", Side::Goes), ("tags", Side::Goes)]);
        assert_eq!((found[0].of(Side::Stays), found[0].of(Side::Goes)), (&json!("Maria"), &json!("Maria A.")));
    }

    #[test]
    fn what_a_role_may_not_write_stays_as_it_is() {
        let (stays, goes) = (values(json!({ "name": "Maria", "email": "a@x.example" })), values(json!({ "name": "Ana", "email": "b@x.example" })));
        let found = choices(&Customer::RESOURCE, (&stays, &goes), |field| field.name != "email");
        assert_eq!(found.iter().map(|choice| choice.field.name).collect::<Vec<_>>(), ["name"]);
    }
}
