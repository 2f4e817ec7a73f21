//! Addresses as their parts, and parts as an address.
//!
//! A record has an address as one object. A form has a control for each of its parts, a file a column, two versions are compared part by part; there values stand under the
//! parts' names, such as `address.city`.

use super::field::Field;
use super::list::{Changes, Values};
use super::record::Resource;
use super::rows::{changes_of_rows, is_change_of_rows, make_rows_whole};
use serde_json::Value;

/// The value of a field, or of a part of one; none where nothing is said of it. Of an address that is told in part only, each part is what is told of the whole.
pub fn of_leaf<'a>(values: &'a Values, leaf: &Field) -> Option<&'a Value> {
    let Some(whole) = leaf.part_of else { return values.get(leaf.name) };
    match values.get(whole)? {
        Value::Object(parts) => parts.get(leaf.key()),
        masked_or_null => Some(masked_or_null),
    }
}

/// Puts what stands under parts' names into their addresses, which may be there already.
pub fn gather(resource: &Resource, values: &mut Values) {
    for part in resource.fields.iter().flat_map(|field| field.parts) {
        let Some(value) = values.remove(part.name) else { continue };
        let whole = values.entry(part.whole()).or_insert(Value::Null);
        if !whole.is_object() {
            *whole = Value::Object(Values::new());
        }
        whole[part.key()] = value;
    }
}

/// Makes each address among the values whole: a part that it does not name is what the record has there, `kept`, or nothing. One without any part is none. So is each row of a list,
/// where what it does not name is what the row has that it is.
pub fn make_whole(resource: &Resource, kept: Option<&Values>, values: &mut Values) {
    make_rows_whole(resource, kept, values);
    for field in resource.fields.iter().filter(|field| !field.parts.is_empty()) {
        let Some(value @ Value::Object(_)) = values.get_mut(field.name) else { continue };
        for part in field.parts {
            if value.get(part.key()).is_none() {
                let was = kept.and_then(|kept| of_leaf(kept, part)).cloned().unwrap_or(Value::Null);
                value[part.key()] = was;
            }
        }
        if value.as_object().is_some_and(|parts| parts.values().all(Value::is_null)) {
            *value = Value::Null;
        }
    }
}

/// What the heads of files call parts of an address beside their own names, in lower case and with `_` between words.
const CALLED: [(&str, &[&str]); 6] = [
    ("line1", &["street", "address", "address_1", "address1", "address_line_1", "street_address", "street_and_number"]),
    ("line2", &["address_2", "address2", "address_line_2", "street_2"]),
    ("postal_code", &["postcode", "post_code", "zip", "zip_code", "postal"]),
    ("city", &["town", "locality"]),
    ("region", &["state", "province", "county"]),
    ("country", &["country_code"]),
];

/// The leaf that a file's column is, by how its head calls it, in lower case and with `_` between words: `tax_number`, `address.city`; where there is but one address also `address_city`,
/// `city`, `zip`.
pub fn leaf_called(resource: &Resource, said: &str) -> Option<&'static Field> {
    let mut addresses = resource.fields.iter().filter(|field| !field.parts.is_empty());
    let alone = addresses.next().filter(|_| addresses.next().is_none()).map_or(&[][..], |address| address.parts);
    let other_names = |part: &Field| CALLED.iter().find(|(key, _)| *key == part.key()).is_some_and(|(_, names)| names.contains(&said));
    let is_it = |part: &&'static Field| part.key() == said || part.name.replace('.', "_") == said || other_names(part);
    // A list that a file has one of.
    let is_list_of = |leaf: &&'static Field| leaf.rows().is_some() && leaf.name.strip_suffix('s') == Some(said);
    resource.leaf(said).or_else(|| alone.iter().find(is_it)).or_else(|| resource.fields.iter().find(is_list_of))
}

/// Tells a change of an address part by part and one of a list row by row: those that differ.
pub fn changes_of_parts(resource: &Resource, changes: Vec<Changes>) -> Vec<Changes> {
    let of = |value: &Value, part: &Field| value.get(part.key()).cloned().unwrap_or(Value::Null);
    let told = |value: &Value| value.is_object() || value.is_null();
    let split = |change: Changes| match resource.field(&change.field).map(|field| field.parts) {
        Some(parts @ [_, ..]) if told(&change.before) && told(&change.after) => {
            let part = |part: &Field| Changes { field: part.name.to_owned(), before: of(&change.before, part), after: of(&change.after, part) };
            parts.iter().map(part).filter(|part| part.before != part.after).collect()
        }
        _ if is_change_of_rows(resource, &change) => changes_of_rows(change),
        _ => vec![change],
    };
    changes.into_iter().flat_map(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Address;
    use crate::kernel::resource::Record as _;
    use crate::resource;
    use serde_json::json;

    resource! {
        /// Where something is handed over.
        pub struct Depot in "wms", one "depot", many "depots", called by name {
            /// Its name.
            name: String => listed,
            /// Where it is.
            address: Option<Address> => searched sorted filtered,
        }
    }

    static DEPOT: Resource = Depot::RESOURCE;

    fn values(json: Value) -> Values {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn an_address_is_sorted_and_narrowed_by_its_city_and_its_country() {
        let names = |wanted: fn(&Field) -> bool| DEPOT.leaves().filter(|leaf| wanted(leaf)).map(|leaf| leaf.name).collect::<Vec<_>>();
        assert_eq!(names(|leaf| leaf.sorted && leaf.filtered), ["address.city", "address.country"]);
        assert_eq!(names(|leaf| leaf.part_of.is_none()), ["name"]);
        assert_eq!(DEPOT.leaf("address.postal_code").map(|part| (part.key(), part.whole(), part.longest)), Some(("postal_code", "address", 20)));
        assert!(DEPOT.leaf("address").is_none() && DEPOT.named("address").is_some());
    }

    #[test]
    fn a_part_that_is_not_named_stays_as_it_is() {
        let kept =
            values(json!({ "address": { "line1": "Kai 1", "line2": null, "postal_code": "1", "city": "Köln", "region": null, "country": "DE" } }));
        let mut sent = values(json!({ "address.city": "Bonn" }));
        gather(&DEPOT, &mut sent);
        make_whole(&DEPOT, Some(&kept), &mut sent);
        assert_eq!(sent["address"], json!({ "line1": "Kai 1", "line2": null, "postal_code": "1", "city": "Bonn", "region": null, "country": "DE" }));
        let mut emptied = values(json!({ "address": { "line1": null, "postal_code": null, "city": null, "country": null } }));
        make_whole(&DEPOT, Some(&kept), &mut emptied);
        assert_eq!(emptied["address"], Value::Null, "an address without any part is none");
    }

    #[test]
    fn a_column_is_known_by_what_files_call_a_part() {
        for (said, name) in [
            ("name", Some("name")),
            ("address.city", Some("address.city")),
            ("address_line1", Some("address.line1")),
            ("street", Some("address.line1")),
            ("address", Some("address.line1")),
            ("zip_code", Some("address.postal_code")),
            ("country", Some("address.country")),
            ("colour", None),
        ] {
            assert_eq!(leaf_called(&DEPOT, said).map(|leaf| leaf.name), name, "{said}");
        }
    }

    #[test]
    fn a_change_of_an_address_is_told_part_by_part() {
        let change = |before: Value, after: Value| Changes { field: "address".to_owned(), before, after };
        let told = |change| changes_of_parts(&DEPOT, vec![change]).into_iter().map(|one| (one.field, one.before, one.after)).collect::<Vec<_>>();
        assert_eq!(
            told(change(json!({ "city": "Köln", "country": "DE" }), json!({ "city": "Bonn", "country": "DE" }))),
            [("address.city".to_owned(), json!("Köln"), json!("Bonn"))]
        );
        assert_eq!(told(change(Value::Null, json!({ "city": "Bonn" }))), [("address.city".to_owned(), Value::Null, json!("Bonn"))]);
        assert_eq!(told(change(json!("•••"), json!("••• Bonn"))).len(), 1, "what is told in part only stays one");
    }
}
