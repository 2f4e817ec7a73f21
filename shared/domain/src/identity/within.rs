//! Which records of a kind a role is about: whose, and on which conditions. The server decides by it, in memory of one record and as SQL of many; the office's page tells it.

use crate::kernel::resource::{Field, Resource, Shape, Values, of_leaf, tidy, wrong_of};
use crate::kernel::{Day, Money, Quantity, Rate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Ordering;

/// The most conditions that a role has for one kind.
pub const MOST_CONDITIONS: usize = 5;

/// Which records a role is about; where nothing is said, all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Within {
    /// Made by whom.
    #[serde(default)]
    pub scope: Scope,
    /// What else must be so, all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = MOST_CONDITIONS)))]
    pub when: Vec<Condition>,
}

/// Whose records, the fewest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Made by whoever holds the role.
    Own,
    /// Made by them, or by somebody who is given a role at the site at which they hold this one; where they hold it everywhere, by anybody.
    Team,
    /// Whoever made them.
    #[default]
    All,
}

/// Something that must be so of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// A field of the kind, or a part of an address, such as `address.city`.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what, as the field has it; of tags with one of them.
    pub value: Value,
}

/// How a field is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// It is that; tags have it.
    Is,
    /// It is something else, or nothing; tags lack it.
    IsNot,
    /// It is that or more; of amounts, in that currency.
    AtLeast,
    /// It is that or less; of amounts, in that currency.
    AtMost,
}

impl Scope {
    /// All of them, the most first.
    pub const ALL: [Self; 3] = [Self::All, Self::Team, Self::Own];

    /// As it travels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Team => "team",
            Self::All => "all",
        }
    }
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Is, Self::IsNot, Self::AtLeast, Self::AtMost];

    /// As it travels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is_not",
            Self::AtLeast => "at_least",
            Self::AtMost => "at_most",
        }
    }

    /// Those that a field of that shape is compared by. Several lines of text are compared with nothing, nor is a list of rows, nor a file, nor an address as a whole, whose parts are. Of what is kept encrypted no record
    /// may tell by being there: whoever may set a condition would find out the text letter by letter.
    pub const fn of(shape: Shape) -> &'static [Self] {
        match shape {
            Shape::LongText | Shape::Address | Shape::Image | Shape::File | Shape::Rows(_) | Shape::Sealed(_) => &[],
            Shape::Money | Shape::Decimal | Shape::Rate | Shape::Date | Shape::Instant | Shape::Whole => &Self::ALL,
            Shape::Text
            | Shape::Email
            | Shape::Phone
            | Shape::TimeZone
            | Shape::Currency
            | Shape::Country
            | Shape::Gtin
            | Shape::Iban
            | Shape::Boolean
            | Shape::Enumeration(_)
            | Shape::Reference(_)
            | Shape::Tags => &[Self::Is, Self::IsNot],
        }
    }
}

impl Condition {
    /// Whether it is so of a record with these values, which name every field. Of a field that there is not nothing is so.
    pub fn holds(&self, resource: &Resource, values: &Values) -> bool {
        resource.leaf(&self.field).is_some_and(|field| self.holds_of(field, of_leaf(values, field).unwrap_or(&Value::Null)))
    }

    fn holds_of(&self, field: &Field, value: &Value) -> bool {
        let ordered = || order(field.shape, value, &self.value);
        match self.operator {
            Operator::Is => is(field, value, &self.value),
            Operator::IsNot => !is(field, value, &self.value),
            Operator::AtLeast => ordered().is_some_and(Ordering::is_ge),
            Operator::AtMost => ordered().is_some_and(Ordering::is_le),
        }
    }

    /// Whether `other` is so of every record of which this one is, as far as can be told.
    pub fn implies(&self, other: &Self, resource: &Resource) -> bool {
        if self == other {
            return true;
        }
        let Some(field) = resource.leaf(&self.field).filter(|field| self.field == other.field && field.shape != Shape::Tags) else { return false };
        match self.operator {
            // Whatever it is, it is that.
            Operator::Is => other.holds_of(field, &self.value),
            // What is beyond this bound is beyond that one.
            Operator::AtLeast | Operator::AtMost => self.operator == other.operator && other.holds_of(field, &self.value),
            Operator::IsNot => false,
        }
    }

    /// Whether there is such a field, it is compared like that, and the value is one that it can have.
    pub fn is_sound(&self, resource: &Resource) -> bool {
        let Some(field) = resource.leaf(&self.field) else { return false };
        Operator::of(field.shape).contains(&self.operator) && !self.value.is_null() && wrong_of(field, &kept(field, self.value.clone())).is_none()
    }

    /// The same, with the value in the one form in which records keep it.
    #[must_use]
    pub fn tidied(self, resource: &Resource) -> Self {
        let Some(field) = resource.leaf(&self.field) else { return self };
        let mut values: Values = [(self.field.clone(), kept(field, self.value))].into_iter().collect();
        tidy(resource, &mut values);
        let value = values.remove(&self.field).unwrap_or_default();
        let value = match (field.shape, value) {
            (Shape::Tags, Value::Array(mut tags)) if tags.len() == 1 => tags.remove(0),
            (_, value) => value,
        };
        Self { value, ..self }
    }
}

/// A condition's value as a field has it.
fn kept(field: &Field, value: Value) -> Value {
    if field.shape == Shape::Tags { Value::Array(vec![value]) } else { value }
}

fn is(field: &Field, value: &Value, said: &Value) -> bool {
    match field.shape {
        Shape::Tags => value.as_array().is_some_and(|tags| tags.contains(said)),
        shape if Operator::of(shape).contains(&Operator::AtLeast) => order(shape, value, said) == Some(Ordering::Equal),
        _ => value == said,
    }
}

/// Which of two values is more; none where there is nothing to compare, such as two currencies.
fn order(shape: Shape, one: &Value, other: &Value) -> Option<Ordering> {
    fn read<'a, T: Deserialize<'a>>(value: &'a Value) -> Option<T> {
        T::deserialize(value).ok()
    }
    match shape {
        Shape::Whole | Shape::Instant => Some(one.as_i64()?.cmp(&other.as_i64()?)),
        Shape::Date => Some(one.as_str()?.parse::<Day>().ok()?.cmp(&other.as_str()?.parse().ok()?)),
        Shape::Decimal => Some(read::<Quantity>(one)?.cmp(&read(other)?)),
        Shape::Rate => Some(read::<Rate>(one)?.cmp(&read(other)?)),
        Shape::Money => {
            let (one, other) = (read::<Money>(one)?, read::<Money>(other)?);
            (one.currency == other.currency).then(|| one.minor.cmp(&other.minor))
        }
        _ => None,
    }
}

impl Within {
    /// Whether it is about all records.
    pub fn is_all(&self) -> bool {
        self.scope == Scope::All && self.when.is_empty()
    }

    /// Whether every record that it is about is one that `other` is about, held by the same account at the same place, as far as can be told.
    pub fn is_within(&self, other: &Self, resource: &Resource) -> bool {
        self.scope <= other.scope && other.when.iter().all(|wanted| self.when.iter().any(|own| own.implies(wanted, resource)))
    }

    /// What both are about.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut when = self.when.clone();
        when.extend(other.when.iter().filter(|condition| !self.when.contains(condition)).cloned());
        Self { scope: self.scope.min(other.scope), when }
    }

    /// Whether it can be said of the kind.
    pub fn is_sound(&self, resource: &Resource) -> bool {
        self.when.len() <= MOST_CONDITIONS && self.when.iter().all(|condition| condition.is_sound(resource))
    }

    /// The same, with all values in the form in which records keep them, and nothing said twice.
    #[must_use]
    pub fn tidied(self, resource: &Resource) -> Self {
        let mut when: Vec<Condition> = Vec::new();
        for condition in self.when.into_iter().map(|condition| condition.tidied(resource)) {
            if !when.contains(&condition) {
                when.push(condition);
            }
        }
        Self { when, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource_of;
    use serde_json::json;

    fn of(kind: &str) -> &'static Resource {
        resource_of(kind).unwrap()
    }

    fn condition(field: &str, operator: Operator, value: Value) -> Condition {
        Condition { field: field.to_owned(), operator, value }
    }

    fn values(value: Value) -> Values {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_text_is_what_it_is_and_what_it_is_not_is_also_nothing() {
        let (customer, brest) = (of("sales.customer"), json!("Brest"));
        let (is, is_not) = (condition("address.city", Operator::Is, brest.clone()), condition("address.city", Operator::IsNot, brest));
        for (city, there) in [(json!("Brest"), true), (json!("brest"), false), (json!(null), false)] {
            let record = values(json!({ "address": { "city": city } }));
            assert_eq!((is.holds(customer, &record), is_not.holds(customer, &record)), (there, !there), "{city}");
        }
        assert!(!is.holds(customer, &values(json!({ "address": null }))) && is_not.holds(customer, &values(json!({ "address": null }))));
        let unknown = condition("crown", Operator::IsNot, json!("gold"));
        assert!(!unknown.holds(customer, &values(json!({}))), "of what there is not nothing is so");
    }

    #[test]
    fn tags_have_a_tag_or_lack_it() {
        let customer = of("sales.customer");
        let has = condition("tags", Operator::Is, json!("wholesale"));
        let lacks = Condition { operator: Operator::IsNot, ..has.clone() };
        assert!(has.holds(customer, &values(json!({ "tags": ["a", "wholesale"] }))) && !has.holds(customer, &values(json!({ "tags": [] }))));
        assert!(lacks.holds(customer, &values(json!({ "tags": ["a"] }))) && !lacks.holds(customer, &values(json!({ "tags": ["wholesale"] }))));
        assert!(has.is_sound(customer) && !condition("tags", Operator::Is, json!(["wholesale"])).is_sound(customer));
        assert!(!condition("tags", Operator::AtLeast, json!("wholesale")).is_sound(customer));
    }

    #[test]
    fn an_address_is_compared_by_its_parts_and_what_is_encrypted_by_nothing() {
        let supplier = of("procurement.supplier");
        let country = condition("address.country", Operator::Is, json!(" de "));
        assert_eq!(country.clone().tidied(supplier).value, json!("DE"));
        assert!(country.tidied(supplier).is_sound(supplier) && !condition("address.country", Operator::Is, json!("Germany")).is_sound(supplier));
        let iban = json!("GB29NWBK60161331926819");
        for (field, value) in [("address", json!({ "city": "Brest" })), ("address", json!("Brest")), ("address.crown", json!("x")), ("iban", iban)] {
            for operator in Operator::ALL {
                assert!(!condition(field, operator, value.clone()).is_sound(supplier), "{field}");
            }
        }
    }

    #[test]
    fn amounts_are_compared_in_their_currency_alone() {
        let product = of("catalog.product");
        let dear = condition("price", Operator::AtLeast, json!({ "minor": 1000, "currency": "EUR" }));
        for (price, so) in [
            (json!({ "minor": 1000, "currency": "EUR" }), true),
            (json!({ "minor": 999, "currency": "EUR" }), false),
            (json!({ "minor": 9999, "currency": "USD" }), false),
            (json!(null), false),
        ] {
            assert_eq!(dear.holds(product, &values(json!({ "price": price }))), so, "{price}");
        }
        assert!(dear.is_sound(product) && !condition("price", Operator::AtLeast, json!("10")).is_sound(product));
    }

    #[test]
    fn a_condition_implies_what_is_so_whenever_it_is() {
        let supplier = of("procurement.supplier");
        let days = |operator, days: u32| condition("payment_days", operator, json!(days));
        let (is_30, least_14, least_30, most_30) =
            (days(Operator::Is, 30), days(Operator::AtLeast, 14), days(Operator::AtLeast, 30), days(Operator::AtMost, 30));
        assert!(is_30.implies(&least_14, supplier) && is_30.implies(&most_30, supplier) && least_30.implies(&least_14, supplier));
        assert!(!least_14.implies(&least_30, supplier) && !least_14.implies(&is_30, supplier) && !least_30.implies(&most_30, supplier));
        assert!(!is_30.implies(&condition("currency", Operator::Is, json!("EUR")), supplier));
    }

    #[test]
    fn what_is_said_of_fewer_records_is_within_what_is_said_of_more() {
        let supplier = of("procurement.supplier");
        let city = condition("address.city", Operator::Is, json!("Brest"));
        let narrow = Within { scope: Scope::Own, when: vec![city.clone()] };
        let wide = Within { scope: Scope::Team, when: Vec::new() };
        assert!(narrow.is_within(&wide, supplier) && narrow.is_within(&Within::default(), supplier));
        assert!(!wide.is_within(&narrow, supplier) && !Within::default().is_within(&wide, supplier));
        assert_eq!(narrow.and(&wide), narrow);
    }

    #[test]
    fn values_are_kept_as_records_keep_them_and_said_once() {
        let customer = of("sales.customer");
        let said = |value: &str| condition("email", Operator::Is, json!(value));
        let within = Within { when: vec![said(" A@B.example "), said("a@b.example")], ..Within::default() };
        assert_eq!(within.tidied(customer).when, vec![said("a@b.example")]);
        let tag = condition("tags", Operator::Is, json!(" vip "));
        assert_eq!(tag.tidied(customer).value, json!("vip"));
        let crowd = Within { when: vec![said("a@b.example"); MOST_CONDITIONS + 1], ..Within::default() };
        assert!(!crowd.is_sound(customer) && !condition("email", Operator::Is, json!(null)).is_sound(customer));
    }

    #[test]
    fn what_is_not_said_is_all_and_words_are_the_same_everywhere() {
        assert_eq!(serde_json::from_value::<Within>(json!({})).unwrap(), Within::default());
        assert!(Within::default().is_all());
        assert!(Scope::ALL.into_iter().all(|scope| json!(scope) == scope.name()));
        assert!(Operator::ALL.into_iter().all(|operator| json!(operator) == operator.name()));
    }
}
