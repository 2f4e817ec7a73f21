//! Who may do what: the one place that says it of the roles that every company has.

use super::Role;
use holdfast_domain::audit;
use holdfast_domain::held::{DECIDE_HELD, READ_HELD};
use holdfast_domain::identity::{Access, FieldRules, GIVE_ROLES, Permission, READ_DEVICES, READ_ROLES};
use holdfast_domain::kernel::resource::{Field, Resource};
use holdfast_domain::{events, sales};

/// What a role may do beside records.
pub(super) fn of_modules(role: Role) -> Vec<&'static Permission> {
    let selling = [&sales::SELL, &sales::OPEN_TILL, &sales::CLOSE_TILL];
    match role {
        Role::Owner => holdfast_domain::module_permissions(),
        Role::SiteManager => sales::PERMISSIONS.iter().copied().chain([&READ_ROLES, &GIVE_ROLES, &audit::READ]).collect(),
        Role::ShiftLeader => selling.into_iter().chain([&sales::READ]).collect(),
        Role::Cashier => selling.to_vec(),
        Role::Office => vec![&sales::READ, &sales::RESOLVE, &READ_HELD, &DECIDE_HELD],
        Role::Auditor => vec![&sales::READ, &events::READ, &READ_DEVICES, &READ_HELD, &READ_ROLES, &audit::READ, &audit::EXPORT],
        // What they do is done on devices, in modules that say so when they come, or to records alone.
        Role::InventoryCoordinator
        | Role::WarehouseOperator
        | Role::CrewMember
        | Role::CrewPlanner
        | Role::Buyer
        | Role::Sales
        | Role::Marketing
        | Role::ProductViewer => Vec::new(),
    }
}

/// What a price follows from.
const PRICED: [&str; 7] = [
    "catalog.product",
    "catalog.category",
    "catalog.tax_rate",
    "catalog.tax_change",
    "catalog.price_list",
    "catalog.price_list_line",
    "sales.customer_group",
];

/// What a role may do with a resource's records.
pub(super) fn of_resource(role: Role, resource: &'static Resource) -> Vec<&'static Permission> {
    let rights = &resource.rights;
    let keeping = || rights.all().to_vec();
    let reading = || vec![&rights.read];
    match (role, resource.kind) {
        (Role::Owner, _)
        | (
            Role::SiteManager,
            "sales.customer"
            | "sales.customer_group"
            | "catalog.product"
            | "catalog.category"
            | "catalog.price_list"
            | "catalog.price_list_line"
            | "identity.till",
        )
        | (Role::Office, "sales.customer" | "procurement.supplier")
        | (Role::CrewPlanner, "identity.person")
        | (Role::Buyer, "procurement.supplier") => keeping(),
        (Role::Office, kind) if PRICED.contains(&kind) => keeping(),
        (Role::SiteManager, "identity.site") => vec![&rights.read, &rights.update],
        (Role::Auditor, _) | (Role::Buyer, "catalog.product") => vec![&rights.read, &rights.export],
        (Role::InventoryCoordinator, "catalog.product") => vec![&rights.read, &rights.update, &rights.export],
        (Role::ShiftLeader, "sales.customer") => vec![&rights.read, &rights.create, &rights.update],
        (Role::Sales, "sales.customer") => vec![&rights.read, &rights.create, &rights.update, &rights.export],
        (Role::Marketing, "sales.customer") => vec![&rights.read, &rights.update],
        (Role::SiteManager | Role::Office, _)
        | (Role::InventoryCoordinator, "catalog.category" | "procurement.supplier" | "identity.site")
        | (Role::ShiftLeader, "identity.site" | "identity.till")
        | (Role::CrewPlanner, "identity.site")
        | (Role::Buyer, "catalog.category" | "catalog.tax_rate" | "catalog.tax_change" | "identity.site")
        | (Role::Sales, "procurement.supplier")
        | (Role::Marketing, "sales.customer_group")
        | (Role::Marketing | Role::ProductViewer, "catalog.product" | "catalog.category") => reading(),
        (Role::ShiftLeader | Role::Sales, kind) if PRICED.contains(&kind) => reading(),
        _ => Vec::new(),
    }
}

/// How far a role gets with a resource's fields, where it may do something with the records at all.
pub(super) fn fields(role: Role, resource: &Resource) -> FieldRules {
    let of = |field: &Field| {
        let access = access(role, resource.kind, field);
        // A record that one may look at has a name to be called by.
        if field.name == resource.title { access.max(Access::Read) } else { access }
    };
    resource.fields.iter().map(|field| (field.name, of(field))).collect()
}

fn access(role: Role, kind: &str, field: &Field) -> Access {
    match (role, kind, field.name) {
        (Role::Auditor, ..) if field.personal || field.is_sealed() => Access::Masked,
        // On which terms it sells to us is between it and those who buy.
        (
            Role::InventoryCoordinator | Role::Sales | Role::SiteManager,
            "procurement.supplier",
            "currency" | "payment_days" | "tax_number" | "iban" | "contract" | "notes",
        )
        | (Role::Marketing, "sales.customer", "phone" | "contacts" | "tax_number" | "contract" | "notes")
        // Who is asked about shifts and orders has no need to know of anybody's health.
        | (Role::Office, "identity.person", "emergency")
        | (Role::Marketing | Role::ProductViewer, "catalog.product", "tax_rate" | "notes") => Access::None,
        (Role::Marketing, "sales.customer", "tags") => Access::Write,
        // The city and the country tell where a campaign goes.
        (Role::Marketing, "sales.customer", "address") => Access::Masked,
        (Role::Marketing, "sales.customer", _) | (Role::InventoryCoordinator, "catalog.product", "price" | "tax_rate" | "category" | "variant_of" | "options") => Access::Read,
        _ => Access::Write,
    }
}
