//! The roles that every tenant has. What each may do is [`table`]'s to say.

mod any;
mod table;

pub(crate) use any::{AnyRole, OwnRole, are_sound, of_permission, reach_of, terms_of, tidied};

use super::ways::Way;
use holdfast_domain::RESOURCES;
use holdfast_domain::identity::{Permission, Within};
use std::collections::BTreeMap;

/// What a role lets do, each to which records, and with how far it reaches their fields.
pub(crate) type Reach = BTreeMap<Permission, Way>;

/// What someone is, everywhere or at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the company.
    Owner,
    /// Runs a site.
    SiteManager,
    /// Keeps what the company has in order: what products are, and what is where.
    InventoryCoordinator,
    /// Receives, puts away, picks, packs, ships, counts.
    WarehouseOperator,
    /// Leads a shift: sells, and is the second person of a four-eyes act.
    ShiftLeader,
    /// Sells over the counter.
    Cashier,
    /// Works missions.
    CrewMember,
    /// Plans who works which mission.
    CrewPlanner,
    /// Buys from suppliers.
    Buyer,
    /// Sells to customers of the company's own.
    Sales,
    /// Tells customers what there is.
    Marketing,
    /// Keeps catalogue, orders and books.
    Office,
    /// Reads everything and changes nothing; of people, as much as tells one from another.
    Auditor,
    /// Looks up products.
    ProductViewer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Owner,
        Self::SiteManager,
        Self::InventoryCoordinator,
        Self::WarehouseOperator,
        Self::ShiftLeader,
        Self::Cashier,
        Self::CrewMember,
        Self::CrewPlanner,
        Self::Buyer,
        Self::Sales,
        Self::Marketing,
        Self::Office,
        Self::Auditor,
        Self::ProductViewer,
    ];

    /// As it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::SiteManager => "site_manager",
            Self::InventoryCoordinator => "inventory_coordinator",
            Self::WarehouseOperator => "warehouse_operator",
            Self::ShiftLeader => "shift_leader",
            Self::Cashier => "cashier",
            Self::CrewMember => "crew_member",
            Self::CrewPlanner => "crew_planner",
            Self::Buyer => "buyer",
            Self::Sales => "sales",
            Self::Marketing => "marketing",
            Self::Office => "office",
            Self::Auditor => "auditor",
            Self::ProductViewer => "product_viewer",
        }
    }

    /// Reads it back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What it may do.
    pub fn permissions(self) -> Vec<Permission> {
        self.reach().into_keys().collect()
    }

    /// What it may do, and how far that reaches.
    pub(crate) fn reach(self) -> Reach {
        let mut reach: Reach = table::of_modules(self).into_iter().map(|permission| (permission.clone(), Way::default())).collect();
        for resource in RESOURCES {
            let way = Way { within: Within::default(), rules: table::fields(self, resource) };
            reach.extend(table::of_resource(self, resource).into_iter().map(|permission| (permission.clone(), way.clone())));
        }
        reach
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::identity::Access;

    /// The matrix as it was last reviewed, in `roles.txt`: what each role may do, and the fields that it does not write. A change here is a change of who may do what, and is
    /// reviewed as one.
    #[test]
    fn roles_may_do_what_was_reviewed() {
        let matrix: Vec<String> = Role::ALL.into_iter().flat_map(lines).collect();
        assert_eq!(matrix.join("\n"), include_str!("../roles.txt").trim_end());
    }

    #[test]
    fn a_role_is_read_back_by_its_name() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_name("Owner"), None);
    }

    #[test]
    fn who_reads_records_reads_what_they_are_called() {
        for (role, resource) in Role::ALL.into_iter().flat_map(|role| RESOURCES.iter().map(move |resource| (role, resource))) {
            assert!(table::fields(role, resource).of(resource.title).reads(), "{} {}", role.name(), resource.kind);
        }
    }

    fn lines(role: Role) -> Vec<String> {
        let reach = role.reach();
        let list: String = reach.keys().map(|permission| format!(" {}", permission.as_str())).collect();
        let of_fields = RESOURCES.iter().filter_map(|resource| {
            let rules = reach.get(&resource.rights.read).map(|way| &way.rules).filter(|rules| !rules.is_empty())?;
            let told = |access: Access| {
                let fields: Vec<&str> = rules.iter().filter(|(_, of)| *of == access).map(|(field, _)| field).collect();
                (!fields.is_empty()).then(|| format!(" {}: {};", access.name(), fields.join(" ")))
            };
            Some(format!("  {}:{}", resource.kind, Access::ALL.into_iter().filter_map(told).collect::<String>()))
        });
        std::iter::once(format!("{}:{list}", role.name())).chain(of_fields).collect()
    }
}
