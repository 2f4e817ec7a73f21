//! Which variants options and their values make: pure.

use holdfast_domain::kernel::resource::{Values, is_masked};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The most that are made at once.
pub const MOST_MADE: usize = 100;

/// A variant's options, each with its value.
pub type Combination = Vec<(String, String)>;

/// What tells a variant from the others of its product: its options whatever their order and case, as the server compares them.
pub type Key = BTreeSet<(String, String)>;

/// The values that somebody typed, each once: `S, M, L`.
pub fn values_of(text: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in text.split([',', ';', '\n']).map(str::trim).filter(|value| !value.is_empty()) {
        if !values.iter().any(|known| known.to_lowercase() == value.to_lowercase()) {
            values.push(value.to_owned());
        }
    }
    values
}

/// Each value of each option with each of the others, in their order; nothing while an option lacks its name or its values. Never more than one beyond [`MOST_MADE`].
pub fn combinations(options: &[(String, Vec<String>)]) -> Vec<Combination> {
    let said: Vec<&(String, Vec<String>)> = options.iter().filter(|(name, values)| !name.trim().is_empty() || !values.is_empty()).collect();
    if said.is_empty() || said.iter().any(|(name, values)| name.trim().is_empty() || values.is_empty()) {
        return Vec::new();
    }
    let mut all: Vec<Combination> = vec![Vec::new()];
    for (name, values) in said {
        let with = |before: &Combination| {
            values.iter().map(|value| before.iter().cloned().chain([(name.trim().to_owned(), value.clone())]).collect()).collect::<Vec<Combination>>()
        };
        all = all.iter().flat_map(with).take(MOST_MADE + 1).collect();
    }
    all
}

/// What tells it from others.
pub fn key_of(combination: &[(String, String)]) -> Key {
    combination.iter().map(|(option, value)| (option.to_lowercase(), value.to_lowercase())).collect()
}

/// The same of a variant that is there.
pub fn key_of_values(values: &Values) -> Key {
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    values.get("options").and_then(Value::as_array).into_iter().flatten().map(|row| (text(row, "option"), text(row, "value"))).collect()
}

/// What a variant is called.
pub fn name_of(product: &str, combination: &[(String, String)]) -> String {
    let values: Vec<&str> = combination.iter().map(|(_, value)| value.as_str()).collect();
    format!("{product} {}", values.join(" / "))
}

/// What a variant begins with: what of its product holds for it as well. Its price is the product's while it has none of its own.
pub fn values_for(product: &RecordOf<'_>, combination: &[(String, String)]) -> Values {
    let inherited = ["category", "unit", "tax_rate", "brand"];
    // What is not told whole is not copied: tills take it from the product.
    let told = |name: &&str| product.may_write(name);
    let kept = inherited.into_iter().filter(told).filter_map(|name| Some((name.to_owned(), product.values.get(name)?.clone())));
    let mut values: Values = kept.collect();
    let called = product.values.get("name").and_then(Value::as_str).unwrap_or_default();
    values.insert("name".to_owned(), json!(name_of(called, combination)));
    values.insert("variant_of".to_owned(), json!(product.id));
    values.insert("options".to_owned(), combination.iter().map(|(option, value)| json!({ "option": option, "value": value })).collect());
    values
}

/// The product that variants are made of, and what of them whoever makes them may write.
pub struct RecordOf<'a> {
    pub id: uuid::Uuid,
    pub values: &'a Values,
    pub writes: &'a dyn Fn(&str) -> bool,
}

impl RecordOf<'_> {
    fn may_write(&self, field: &str) -> bool {
        (self.writes)(field) && self.values.get(field).is_some_and(|value| !value.is_null() && !is_masked(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn options(said: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
        said.iter().map(|(name, values)| ((*name).to_owned(), values_of(values))).collect()
    }

    #[test]
    fn each_value_goes_with_each_of_the_others() {
        let names: Vec<String> =
            combinations(&options(&[("Size", "S, M,L"), ("Colour", "Red; Blue"), ("", "")])).iter().map(|one| name_of("Shirt", one)).collect();
        assert_eq!(names, ["Shirt S / Red", "Shirt S / Blue", "Shirt M / Red", "Shirt M / Blue", "Shirt L / Red", "Shirt L / Blue"]);
    }

    #[test]
    fn a_value_that_is_typed_twice_is_one_and_half_an_option_makes_nothing() {
        assert_eq!(values_of(" S, s ,\nM,, "), ["S", "M"]);
        for said in [&[("Size", "")][..], &[("", "S")], &[("Size", "S"), ("Colour", "")], &[]] {
            assert!(combinations(&options(said)).is_empty(), "{said:?}");
        }
    }

    #[test]
    fn no_more_are_made_than_can_be_looked_at() {
        let many = (0..60).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(combinations(&options(&[("A", &many), ("B", &many), ("C", &many)])).len(), MOST_MADE + 1);
    }

    #[test]
    fn a_variant_that_is_there_is_known_in_whatever_order_and_case() {
        let there = Values::from_iter([("options".to_owned(), json!([{ "option": "colour", "value": "RED" }, { "option": "Size", "value": "s" }]))]);
        let made = combinations(&options(&[("Size", "S, M"), ("Colour", "Red")]));
        assert_eq!(made.iter().map(|one| key_of(one) == key_of_values(&there)).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_variant_begins_with_what_its_product_has_as_far_as_somebody_may_write_it() {
        let shirt = Values::from_iter(
            [
                ("name", json!("Shirt")),
                ("unit", json!("pair")),
                ("category", json!("c")),
                ("tax_rate", json!("t")),
                ("brand", Value::Null),
                ("price", json!(1)),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let values =
            values_for(&RecordOf { id: Uuid::nil(), values: &shirt, writes: &|field| field != "tax_rate" }, &[("Size".to_owned(), "S".to_owned())]);
        let expected =
            json!({ "name": "Shirt S", "variant_of": Uuid::nil(), "options": [{ "option": "Size", "value": "S" }], "unit": "pair", "category": "c" });
        assert_eq!(Value::Object(values), expected);
    }
}
