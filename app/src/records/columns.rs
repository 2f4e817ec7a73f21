//! Which columns a list shows: as declared, or as somebody chose on this device.

use holdfast_domain::kernel::resource::{Field, Resource, Shape};

/// The fields that are shown, in the form's order; the one that records are called by always first.
pub fn shown(resource: &'static Resource, kept: Option<&str>) -> Vec<&'static Field> {
    let chosen = |field: &Field| match kept {
        Some(kept) => kept.split(',').any(|name| name == field.name),
        None => field.listed,
    };
    let title = resource.fields.iter().filter(|field| field.name == resource.title);
    title.chain(choosable(resource).filter(|field| chosen(field))).collect()
}

/// The fields that somebody may show or hide.
pub fn choosable(resource: &'static Resource) -> impl Iterator<Item = &'static Field> {
    let beside = resource.fields.iter().filter(|field| field.name != resource.title && field.shape.opened() != Shape::LongText);
    // An address is one line, and by what lists are sorted may stand by itself.
    beside.flat_map(|field| std::iter::once(field).chain(field.parts.iter().filter(|part| part.sorted)))
}

/// As it is kept on the device.
pub fn written(fields: &[&'static Field]) -> String {
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(",")
}

/// What was chosen on this device.
pub fn kept(resource: &Resource) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(&key(resource)).ok()?
}

/// Keeps the choice; where it is what is declared, nothing is kept, and what is declared later is shown too.
pub fn keep(resource: &'static Resource, choice: &str) {
    let Some(storage) = web_sys::window().and_then(|window| window.local_storage().ok().flatten()) else { return };
    let declared = choice == written(&shown(resource, None));
    // A browser that keeps nothing shows what is declared the next time.
    let _kept = if declared { storage.remove_item(&key(resource)) } else { storage.set_item(&key(resource), choice) };
}

fn key(resource: &Resource) -> String {
    format!("holdfast.columns.{}", resource.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::resource::Record;
    use holdfast_domain::procurement::Supplier;

    static SUPPLIER: Resource = Supplier::RESOURCE;

    fn names(kept: Option<&str>) -> Vec<&'static str> {
        shown(&SUPPLIER, kept).iter().map(|field| field.name).collect()
    }

    #[test]
    fn whoever_chose_nothing_sees_what_is_declared() {
        assert_eq!(names(None), ["name", "contacts", "email", "address", "tags"]);
    }

    #[test]
    fn a_choice_comes_back_as_it_was_kept() {
        let chosen = shown(&SUPPLIER, Some("address.city,phone"));
        assert_eq!(written(&chosen), "name,phone,address.city");
        assert_eq!(names(Some(&written(&chosen))), ["name", "phone", "address.city"]);
        assert_eq!(names(Some("")), ["name"]);
    }

    #[test]
    fn a_kept_name_that_no_field_has_any_more_is_left_out() {
        assert_eq!(names(Some("name,fax,notes,city,address")), ["name", "address"]);
    }
}
