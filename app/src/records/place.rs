//! Where the records of a resource are: their addresses in the office, and their places in its navigation.

use super::words;
use crate::design::icon::Icon;
use holdfast_domain::RESOURCES;
use holdfast_domain::identity::SessionView;
use holdfast_domain::kernel::resource::Resource;
use uuid::Uuid;

/// A place in the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The module it belongs to.
    pub module: &'static str,
    /// What the module is called.
    pub module_name: &'static str,
    /// Where it leads.
    pub href: String,
    /// Before its name.
    pub icon: Icon,
    /// What is there.
    pub name: &'static str,
}

/// The places that the account may look at.
pub fn places(view: &SessionView) -> Vec<Place> {
    let place = |resource: &'static Resource| Place {
        module: resource.module,
        module_name: words::module(resource.module),
        href: list_href(resource),
        icon: icon(resource),
        name: words::many(resource),
    };
    RESOURCES.iter().filter(|resource| view.may(&resource.rights.read)).map(place).collect()
}

/// Something that can be begun with the records of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Many are brought in out of a file; else one is made.
    pub many: bool,
    /// What: one of them, or many, as they are called.
    pub of: &'static str,
    /// What the module is called that they belong to.
    pub module_name: &'static str,
    /// Where it is done.
    pub href: String,
}

/// What the account may begin.
pub fn deeds(view: &SessionView) -> Vec<Deed> {
    let deed = |resource: &Resource, many| {
        let (of, href) = if many { (words::many(resource), import_href(resource)) } else { (words::one(resource), new_href(resource)) };
        Deed { many, of, module_name: words::module(resource.module), href }
    };
    let made = RESOURCES.iter().filter(|resource| view.may(&resource.rights.create)).map(|resource| deed(resource, false));
    let brought = RESOURCES.iter().filter(|resource| may_import(resource, view)).map(|resource| deed(resource, true));
    made.chain(brought).collect()
}

/// Whether the account may bring many in.
pub fn may_import(resource: &Resource, view: &SessionView) -> bool {
    let rights = &resource.rights;
    [&rights.create, &rights.update, &rights.bulk_edit].into_iter().all(|needed| view.may(needed))
}

/// Whether the account may do something to many at once.
pub fn may_change_many(resource: &Resource, view: &SessionView) -> bool {
    let rights = &resource.rights;
    view.may(&rights.bulk_edit) && (view.may(&rights.update) || view.may(&rights.delete))
}

/// The resource that an address of the office names.
pub fn named(module: &str, plural: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.module == module && resource.plural == plural)
}

/// The office's list of it.
pub fn list_href(resource: &Resource) -> String {
    format!("/office/{}/{}", resource.module, resource.plural)
}

/// Where one is made.
pub fn new_href(resource: &Resource) -> String {
    format!("{}/new", list_href(resource))
}

/// Where many are brought in.
pub fn import_href(resource: &Resource) -> String {
    format!("{}/import", list_href(resource))
}

/// The office's page of one record.
pub fn record_href(resource: &Resource, id: Uuid) -> String {
    format!("{}/{id}", list_href(resource))
}

/// What stands before its name.
pub fn icon(resource: &Resource) -> Icon {
    match resource.kind {
        "identity.site" => Icon::Home,
        "identity.till" => Icon::Till,
        "identity.role" => Icon::Lock,
        "identity.person" | "identity.account" | "sales.customer" => Icon::Person,
        "procurement.supplier" => Icon::Truck,
        "catalog.product" => Icon::Box,
        _ => Icon::Grid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_has_an_address_of_its_own_and_none_that_another_screen_has() {
        for resource in RESOURCES {
            assert_eq!(named(resource.module, resource.plural), Some(resource));
            assert!(!["tickets", "attention", "devices", "hand-in", "audit"].contains(&resource.module), "{}", resource.kind);
        }
        assert_eq!(named("procurement", "customers"), None);
    }
}
