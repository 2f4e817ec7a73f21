//! What Holdfast knows, the same on the device and on the server: the kernel's words, and one folder per module.

pub mod audit;
pub mod blobs;
pub mod catalog;
pub mod events;
pub mod held;
pub mod identity;
pub mod import;
pub mod kernel;
pub mod procurement;
pub mod reporting;
pub mod sales;

use holdfast_sync::kind::Kinds;
use identity::Permission;
use kernel::resource::{Record, Resource};

/// Every kind of document there is: one line each.
pub static KINDS: Kinds = Kinds(&[&sales::till_session::KIND, &sales::ticket::KIND]);

/// Every resource there is: one line each.
pub static RESOURCES: &[Resource] = &[
    identity::Site::RESOURCE,
    identity::TillRecord::RESOURCE,
    identity::Person::RESOURCE,
    catalog::ProductRecord::RESOURCE,
    catalog::CategoryRecord::RESOURCE,
    catalog::TaxRateRecord::RESOURCE,
    catalog::TaxChangeRecord::RESOURCE,
    catalog::PriceListRecord::RESOURCE,
    catalog::PriceListLineRecord::RESOURCE,
    sales::Customer::RESOURCE,
    sales::CustomerGroup::RESOURCE,
    procurement::Supplier::RESOURCE,
];

/// The resource of a kind such as `sales.customer`, where there is one.
pub fn resource_of(kind: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.kind == kind)
}

/// All that roles can let do beside what records take: one place for each module's.
pub fn module_permissions() -> Vec<&'static Permission> {
    let looking_after = [
        &events::READ,
        &events::REPLAY,
        &identity::READ_DEVICES,
        &identity::REVOKE,
        &held::READ_HELD,
        &held::DECIDE_HELD,
        &identity::READ_ROLES,
        &identity::GIVE_ROLES,
        &identity::EDIT_ROLES,
        &audit::READ,
        &audit::EXPORT,
    ];
    sales::PERMISSIONS.iter().copied().chain(looking_after).collect()
}
