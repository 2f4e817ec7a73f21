//! What a resource, its fields and its values are called: a section of the languages' files per kind, asked for by name.

use super::file;
use super::messages::t;
use crate::language::{find, whole};
use holdfast_domain::kernel::resource::{Field, LONGEST_TAG, Resource, RowShape, Shape, Wrong};

/// The section with the names of the modules.
const MODULES: &str = "modules";
/// The section with the names of the parts of an address.
const ADDRESS: &str = "address";

/// What a module is called in the navigation.
pub fn module(name: &'static str) -> &'static str {
    find(MODULES, name).unwrap_or(name)
}

/// One of them.
pub fn one(resource: &Resource) -> &'static str {
    find(resource.kind, "one").unwrap_or(resource.kind)
}

/// Several.
pub fn many(resource: &Resource) -> &'static str {
    find(resource.kind, "many").unwrap_or(resource.plural)
}

/// A field.
pub fn field(resource: &Resource, field: &Field) -> &'static str {
    find(section(resource, field), field.key()).unwrap_or(field.name)
}

/// The section with what a field is called.
fn section(resource: &Resource, field: &Field) -> &'static str {
    field.row_of.unwrap_or(if field.part_of.is_some() { ADDRESS } else { resource.kind })
}

/// One row of a list.
pub fn one_row(shape: &RowShape) -> &'static str {
    find(shape.called, "one").unwrap_or(shape.called)
}

/// What makes one more.
pub fn add_row(shape: &RowShape) -> &'static str {
    find(shape.called, "add").unwrap_or(shape.called)
}

/// What something is called that a problem is about, and its field: `contacts[1].email` is the e-mail of the second contact.
pub fn problem(resource: &Resource, path: &str) -> Option<(String, &'static Field)> {
    let Some((name, rest)) = path.split_once('[') else { return resource.named(path).map(|named| (field(resource, named).to_owned(), named)) };
    let (list, (at, inner)) = (resource.field(name)?, rest.split_once(']')?);
    let shape = list.rows()?;
    let whose = format!("{} {}", one_row(shape), at.parse::<usize>().ok()? + 1);
    let inner = shape.fields.iter().find(|field| Some(field.name) == inner.strip_prefix('.'));
    Some(inner.map_or((whose.clone(), list), |inner| (format!("{whose}, {}", field(resource, inner)), inner)))
}

/// What to know before filling a field in, where there is something.
pub fn hint(resource: &Resource, field: &Field) -> Option<String> {
    find(section(resource, field), &format!("{}_hint", field.name)).map(str::to_owned)
}

/// One of a field's values.
pub fn value(resource: &Resource, field: &Field, value: &str) -> String {
    find(section(resource, field), &format!("{}.{value}", field.name)).unwrap_or(value).to_owned()
}

/// What is wrong, and what to do.
pub fn wrong(field: &Field, wrong: Wrong) -> String {
    match wrong {
        Wrong::Missing => t().wrong_missing.to_owned(),
        Wrong::WrongType | Wrong::NotValid => wrong_value(field).to_owned(),
        Wrong::TooLong if field.shape == Shape::Tags => t().wrong_tags_too_long(field.longest, LONGEST_TAG),
        Wrong::TooLong if field.rows().is_some() => t().rows_most(whole(u64::from(field.longest))),
        Wrong::TooLong => t().wrong_too_long(field.longest),
        Wrong::Unprintable => t().wrong_unprintable.to_owned(),
        Wrong::OutOfRange if field.shape.is_file() => file::t().wrong_too_large(file::size(field.most)),
        Wrong::OutOfRange => t().wrong_out_of_range.to_owned(),
        Wrong::UnknownField | Wrong::Forbidden => t().wrong_forbidden.to_owned(),
        Wrong::Fixed => t().wrong_fixed.to_owned(),
        Wrong::Taken => t().wrong_taken.to_owned(),
        Wrong::UnknownRecord => t().wrong_unknown_record.to_owned(),
        Wrong::UnknownFile => file::t().wrong_unknown.to_owned(),
        Wrong::Ambiguous => t().wrong_ambiguous.to_owned(),
        Wrong::SeveralRecords => t().wrong_several_records.to_owned(),
        Wrong::OneByOne => t().wrong_one_by_one.to_owned(),
        Wrong::Twice if field.row_of.is_some() => t().wrong_twice_here.to_owned(),
        Wrong::Twice => t().wrong_twice.to_owned(),
        Wrong::Archived => t().wrong_archived.to_owned(),
        Wrong::Unreadable => t().wrong_unreadable.to_owned(),
    }
}

/// What is wrong with a line of a file that is not one field's matter.
pub fn wrong_line(wrong: Wrong) -> String {
    match wrong {
        Wrong::Archived => t().wrong_archived,
        Wrong::Twice => t().wrong_twice,
        Wrong::Forbidden | Wrong::UnknownField => t().wrong_forbidden,
        Wrong::Taken => t().wrong_taken,
        Wrong::NotValid => t().wrong_id,
        _ => t().wrong_unreadable,
    }
    .to_owned()
}

fn wrong_value(field: &Field) -> &'static str {
    match field.shape.opened() {
        Shape::Email => t().wrong_email,
        Shape::Iban => t().wrong_iban,
        Shape::Phone => t().wrong_phone,
        Shape::TimeZone => t().wrong_time_zone,
        Shape::Currency => t().wrong_currency,
        Shape::Gtin => t().wrong_gtin,
        Shape::Money | Shape::Decimal | Shape::Rate | Shape::Whole => t().wrong_number,
        Shape::Date | Shape::Instant => t().wrong_date,
        Shape::Reference(_) => t().wrong_unknown_record,
        Shape::Image => file::t().wrong_image,
        Shape::File => file::t().wrong_file,
        Shape::Text
        | Shape::LongText
        | Shape::Boolean
        | Shape::Enumeration(_)
        | Shape::Tags
        | Shape::Rows(_)
        | Shape::Country
        | Shape::Address
        | Shape::Sealed(_) => t().wrong_value,
    }
}

#[cfg(test)]
mod tests {
    use crate::language::proof::prove_section;
    use holdfast_domain::RESOURCES;
    use holdfast_domain::kernel::ADDRESS_PARTS;
    use holdfast_domain::kernel::resource::{Resource, Shape};
    use std::collections::BTreeSet;

    fn texts(resource: &Resource) -> BTreeSet<String> {
        let mut texts = BTreeSet::from(["one".to_owned(), "many".to_owned()]);
        for field in resource.fields {
            texts.insert(field.name.to_owned());
            if let Shape::Enumeration(values) = field.shape {
                texts.extend(values.iter().map(|value| format!("{}.{value}", field.name)));
            }
        }
        texts
    }

    #[test]
    fn every_resource_field_and_value_has_its_name_in_every_language() {
        for resource in RESOURCES {
            let hints = resource.fields.iter().map(|field| format!("{}_hint", field.name)).collect();
            prove_section(resource.kind, &texts(resource), &hints);
        }
    }

    #[test]
    fn every_row_and_its_fields_have_their_names_in_every_language() {
        for shape in RESOURCES.iter().flat_map(|resource| resource.fields).filter_map(holdfast_domain::kernel::resource::Field::rows) {
            let fields = shape.fields.iter().map(|field| field.name.to_owned());
            let hints = shape.fields.iter().map(|field| format!("{}_hint", field.name)).collect();
            prove_section(shape.called, &fields.chain(["one".to_owned(), "add".to_owned()]).collect(), &hints);
        }
    }

    #[test]
    fn what_is_wrong_within_a_row_is_told_by_its_place_and_its_field() {
        let supplier = holdfast_domain::resource_of("procurement.supplier").unwrap();
        let told = |path| super::problem(supplier, path).map(|(words, field)| (words, field.name));
        assert_eq!(told("contacts[1].email"), Some(("Contact 2, E-mail".to_owned(), "email")));
        assert_eq!(told("contacts[0]"), Some(("Contact 1".to_owned(), "contacts")));
        assert_eq!(told("address.city").map(|(_, name)| name), Some("address.city"));
        assert!(["contacts[x].email", "names[0].x", "contacts["].iter().all(|path| told(path).is_none()));
    }

    #[test]
    fn every_part_of_an_address_has_its_name_in_every_language() {
        prove_section(super::ADDRESS, &ADDRESS_PARTS.iter().map(|part| (*part).to_owned()).collect(), &BTreeSet::new());
    }

    #[test]
    fn every_module_with_resources_has_its_name_in_every_language() {
        prove_section(super::MODULES, &RESOURCES.iter().map(|resource| resource.module.to_owned()).collect(), &BTreeSet::new());
    }

    #[test]
    fn no_field_is_called_like_another_text_of_its_section() {
        for resource in RESOURCES {
            for field in resource.fields {
                assert!(!["one", "many"].contains(&field.name) && !field.name.ends_with("_hint"), "{}.{}", resource.kind, field.name);
            }
        }
    }
}
