//! The roles that every tenant has, and what each may do.

use holdfast_domain::RESOURCES;
use holdfast_domain::audit;
use holdfast_domain::held::{DECIDE_HELD, READ_HELD};
use holdfast_domain::identity::{GIVE_ROLES, Permission, READ_DEVICES, READ_ROLES, REVOKE};
use holdfast_domain::kernel::resource::Resource;
use holdfast_domain::{events, sales};

/// What someone is, everywhere or at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the company.
    Owner,
    /// Runs a site.
    SiteManager,
    /// Leads a shift: sells, and is the second person of a four-eyes act.
    ShiftLeader,
    /// Sells.
    Cashier,
    /// Receives, puts away, picks, packs, ships, counts.
    WarehouseOperator,
    /// Works missions.
    CrewMember,
    /// Keeps catalogue, orders and books.
    Office,
    /// Reads everything and changes nothing.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Owner, Self::SiteManager, Self::ShiftLeader, Self::Cashier, Self::WarehouseOperator, Self::CrewMember, Self::Office, Self::Auditor];

    /// As it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::SiteManager => "site_manager",
            Self::ShiftLeader => "shift_leader",
            Self::Cashier => "cashier",
            Self::WarehouseOperator => "warehouse_operator",
            Self::CrewMember => "crew_member",
            Self::Office => "office",
            Self::Auditor => "auditor",
        }
    }

    /// Reads it back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What it may do.
    pub fn permissions(self) -> Vec<Permission> {
        let selling = [&sales::SELL, &sales::OPEN_TILL, &sales::CLOSE_TILL];
        let looking_after = [
            &events::READ,
            &events::REPLAY,
            &READ_DEVICES,
            &REVOKE,
            &READ_HELD,
            &DECIDE_HELD,
            &READ_ROLES,
            &GIVE_ROLES,
            &audit::READ,
            &audit::EXPORT,
        ];
        let granted: Vec<&Permission> = match self {
            Self::Owner => sales::PERMISSIONS.iter().copied().chain(looking_after).collect(),
            Self::SiteManager => sales::PERMISSIONS.iter().copied().chain([&READ_ROLES, &GIVE_ROLES]).collect(),
            Self::ShiftLeader => selling.into_iter().chain([&sales::READ]).collect(),
            Self::Cashier => selling.to_vec(),
            Self::WarehouseOperator | Self::CrewMember => Vec::new(),
            Self::Office => vec![&sales::READ, &sales::RESOLVE, &READ_HELD, &DECIDE_HELD],
            Self::Auditor => vec![&sales::READ, &events::READ, &READ_DEVICES, &READ_HELD, &READ_ROLES, &audit::READ, &audit::EXPORT],
        };
        granted.into_iter().chain(RESOURCES.iter().flat_map(|resource| self.of_resource(resource))).cloned().collect()
    }

    /// What it may do with a resource's records.
    fn of_resource(self, resource: &'static Resource) -> Vec<&'static Permission> {
        let rights = &resource.rights;
        let (reading, keeping) =
            (vec![&rights.read], vec![&rights.read, &rights.create, &rights.update, &rights.delete, &rights.export, &rights.bulk_edit]);
        match (self, resource.kind) {
            (Self::Owner, _)
            | (Self::SiteManager, "sales.customer" | "catalog.product" | "catalog.category")
            | (Self::Office, "sales.customer" | "procurement.supplier" | "catalog.product" | "catalog.category" | "catalog.tax_rate") => keeping,
            (Self::SiteManager, "identity.site") => vec![&rights.read, &rights.update],
            (Self::Auditor, _) => vec![&rights.read, &rights.export],
            (Self::ShiftLeader, "sales.customer") => vec![&rights.read, &rights.create, &rights.update],
            (Self::SiteManager | Self::Office | Self::ShiftLeader, _) => reading,
            (Self::Cashier | Self::WarehouseOperator | Self::CrewMember, _) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix as it was last reviewed, in `roles.txt`. A change here is a change of who may do what, and is reviewed as one.
    #[test]
    fn roles_may_do_what_was_reviewed() {
        let matrix: Vec<String> = Role::ALL.into_iter().map(line).collect();
        assert_eq!(matrix.join("\n"), include_str!("roles.txt").trim_end());
    }

    #[test]
    fn a_role_is_read_back_by_its_name() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_name("Owner"), None);
    }

    fn line(role: Role) -> String {
        let mut permissions: Vec<_> = role.permissions().into_iter().map(|permission| permission.0).collect();
        permissions.sort();
        let list: String = permissions.iter().map(|permission| format!(" {permission}")).collect();
        format!("{}:{list}", role.name())
    }
}
