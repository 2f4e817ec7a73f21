//! The ids of a history: devices, accounts, documents and sites are small numbers in the model, and these in the core.

use crate::ids::{AccountId, DeviceId, DocumentId, GrantId, IntentId, TenantId};
use crate::sim::device::Identity;
use crate::sim::model::{Change, Name};
use crate::sim::server::Registry;
use crate::sim::tally::MAY_MARK;
use crate::time::Timestamp;
use crate::verify::Grant;
use std::collections::{BTreeMap, BTreeSet};

/// The company.
pub const TENANT: TenantId = TenantId::from_bytes([0x10; 16]);
/// How many devices there are, clones aside.
pub const DEVICES: Name = 3;
/// How many documents: two at each site.
pub const DOCUMENTS: Name = 4;
/// How many sites.
pub const SITES: Name = 2;
/// A ruling's number in the model: this and the document's.
pub const RULINGS: Change = 1 << 32;

/// A device by its name.
pub fn device(name: Name) -> DeviceId {
    DeviceId::from_bytes([name + 1; 16])
}

/// The account on a device.
pub fn account(name: Name) -> AccountId {
    AccountId::from_bytes([0xa0 + name; 16])
}

/// The grant on a device.
pub fn grant(name: Name) -> GrantId {
    GrantId::from_bytes([0xb0 + name; 16])
}

/// A document by its name.
pub fn document(name: Name) -> DocumentId {
    DocumentId::from_bytes([0xd0 + name; 16])
}

/// A document's name.
pub fn document_name(id: DocumentId) -> Name {
    id.as_bytes()[0] - 0xd0
}

/// A site by its name.
pub fn site(name: Name) -> uuid::Uuid {
    uuid::Uuid::from_bytes([0x50 + name; 16])
}

/// A change's intent.
pub fn intent(change: Change) -> IntentId {
    IntentId(uuid::Uuid::from_u128(u128::from(change)))
}

/// The change of an intent; none where it is the server's own.
pub fn change(intent: IntentId) -> Option<Change> {
    Change::try_from(intent.0.as_u128()).ok()
}

/// Who is signed in on a device.
pub fn identity(name: Name) -> Identity {
    Identity { tenant: TENANT, device: device(name), key: [name + 1; 32], account: account(name), grant: grant(name) }
}

/// Where each device may write: all but the last everywhere, the last at the first site only.
pub fn may_write() -> BTreeMap<Name, BTreeSet<Name>> {
    (0..DEVICES).map(|name| (name, if name + 1 == DEVICES { [0].into() } else { (0..SITES).collect() })).collect()
}

/// Where each device may read at first: everywhere.
pub fn may_read() -> BTreeMap<Name, BTreeSet<Name>> {
    (0..DEVICES).map(|name| (name, (0..SITES).collect())).collect()
}

/// What the server knows of all this.
pub fn registry() -> Registry {
    let sites = |names: &BTreeSet<Name>| names.iter().map(|name| site(*name)).collect::<BTreeSet<_>>();
    let mut registry = Registry::default();
    for (name, sites_of) in may_write() {
        registry.keys.insert(device(name), identity(name).key);
        registry.reads.insert(account(name), sites(&may_read()[&name]));
        let granted = Grant {
            id: grant(name),
            account: account(name),
            device: device(name),
            permissions: [MAY_MARK.to_owned()].into(),
            sites: sites(&sites_of),
            issued_at: Timestamp(i64::MIN),
            expires_at: Timestamp(i64::MAX),
            revoked_at: None,
        };
        registry.grants.insert(granted.id, granted);
    }
    registry
}
