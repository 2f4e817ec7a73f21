//! The ids of a history: devices, people, documents and sites are small numbers in the model, and these in the core.

use crate::bytes::Digest32;
use crate::ids::{AccountId, ChainId, DeviceId, DocumentId, Epoch, GrantId, IntentId, TenantId};
use crate::kind::Audience;
use crate::sim::device::Identity;
use crate::sim::model::{Change, Name, Whose};
use crate::sim::script::Cast;
use crate::sim::server::Registry;
use crate::sim::tally::MAY_MARK;
use crate::time::Timestamp;
use crate::verify::Grant;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The company.
pub const TENANT: TenantId = TenantId::from_bytes([0x10; 16]);
/// Another company on the same server.
pub const NEIGHBOUR: TenantId = TenantId::from_bytes([0x11; 16]);
/// How many documents: two at each site.
pub const DOCUMENTS: Name = 4;
/// How many sites.
pub const SITES: Name = 2;
/// How many devices may be enrolled anew in a history, in place of evicted ones.
pub const SPARE: Name = 4;
/// A ruling's number in the model: this, and counted on.
pub const RULINGS: Change = 1 << 32;
/// How many photos there are.
pub const PHOTOS: Name = 6;
/// The true time at which every history begins.
pub const BEGINS: i64 = 1_790_000_000_000;

/// When every grant was issued.
pub const ISSUED: i64 = BEGINS - 600_000;

/// The epoch after so many restores.
pub const fn epoch(restores: u8) -> Epoch {
    Epoch::from_bytes([0xe0 + restores; 16])
}

/// The other one of the two.
pub fn other(tenant: TenantId) -> TenantId {
    if tenant == TENANT { NEIGHBOUR } else { TENANT }
}

/// A device by its name.
pub fn device(name: Name) -> DeviceId {
    DeviceId::from_bytes([name + 1; 16])
}

/// The account of a person.
pub fn account(person: Name) -> AccountId {
    AccountId::from_bytes([0xa0 + person; 16])
}

/// The person of an account.
pub fn person(account: AccountId) -> Name {
    account.as_bytes()[0] - 0xa0
}

/// The grant of a person on a device.
pub fn grant(name: Name, person: Name) -> GrantId {
    let mut bytes = [0xb0 + name; 16];
    bytes[15] = person;
    GrantId::from_bytes(bytes)
}

/// The chain with which a device is enrolled.
pub fn chain(name: Name) -> ChainId {
    ChainId(device(name).0)
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

/// Whose a person's own documents are.
pub fn own(person: Name) -> uuid::Uuid {
    uuid::Uuid::from_bytes(*account(person).as_bytes())
}

/// Whom an audience is, in the model's words; none where it is everybody.
pub fn whose(audience: &Audience) -> Option<Whose> {
    match audience {
        Audience::Site(site) => Some(Whose::Site(site.as_bytes()[0] - 0x50)),
        Audience::Person(own) => Some(Whose::Person(own.as_bytes()[0] - 0xa0)),
        Audience::Tenant | Audience::Till(_) => None,
    }
}

/// A change's intent.
pub fn intent(change: Change) -> IntentId {
    IntentId(uuid::Uuid::from_u128(u128::from(change)))
}

/// The change of an intent; none where it is the server's own.
pub fn change(intent: IntentId) -> Option<Change> {
    Change::try_from(intent.0.as_u128()).ok()
}

/// A photo's bytes: 5 to 12 of them.
pub fn photo(name: Name) -> Vec<u8> {
    let noise = (0..2 + name * 7 % 8).map(|at| name.wrapping_mul(31).wrapping_add(at));
    [0xff, 0xd8, 0xff].into_iter().chain(noise).collect()
}

/// A photo's hash.
pub fn photo_hash(name: Name) -> Digest32 {
    PHOTO_HASHES[usize::from(name)]
}

static PHOTO_HASHES: LazyLock<Vec<Digest32>> = LazyLock::new(|| (0..PHOTOS).map(|name| Digest32::of(&photo(name))).collect());

/// The photo of that hash.
pub fn photo_name(sha256: Digest32) -> Option<Name> {
    (0..PHOTOS).find(|name| photo_hash(*name) == sha256)
}

/// The key of a device.
pub fn key(name: Name) -> [u8; 32] {
    [name + 1; 32]
}

/// A device with a person signed in.
pub fn identity(tenant: TenantId, name: Name, person: Name) -> Identity {
    Identity { tenant, device: device(name), key: key(name), account: account(person), grant: grant(name, person) }
}

/// Where each person may write: all but the last everywhere, the last at the first site only.
pub fn may_write(cast: Cast) -> BTreeMap<Name, BTreeSet<Name>> {
    (0..cast.people).map(|name| (name, if name + 1 == cast.people { [0].into() } else { (0..SITES).collect() })).collect()
}

/// Where each person may read at first: everywhere.
pub fn may_read(cast: Cast) -> BTreeMap<Name, BTreeSet<Name>> {
    (0..cast.people).map(|name| (name, (0..SITES).collect())).collect()
}

/// When each grant ends, by device and person: those of the first device soon, those of the second never, and so on in turn.
pub fn expiries(cast: Cast) -> BTreeMap<(Name, Name), i64> {
    let ends = |device: Name, person: Name| if device.is_multiple_of(2) { BEGINS + 150_000 * (1 + i64::from(person)) } else { i64::MAX };
    let names = 0..cast.devices + SPARE;
    names.flat_map(|device| (0..cast.people).map(move |person| ((device, person), ends(device, person)))).collect()
}

/// What the server knows of all this at first.
pub fn registry(cast: Cast) -> Registry {
    let mut registry = Registry::default();
    for (person, sites_of) in may_read(cast) {
        registry.reads.insert(account(person), sites(&sites_of));
    }
    (0..cast.devices).for_each(|name| registry.learn(registered(cast, name)));
    registry
}

fn sites(names: &BTreeSet<Name>) -> BTreeSet<uuid::Uuid> {
    names.iter().map(|name| site(*name)).collect()
}

/// What the server learns of a device that enrols.
pub fn registered(cast: Cast, name: Name) -> Registry {
    let mut registry = Registry::default();
    for ((_, person), expires_at) in expiries(cast).into_iter().filter(|((device, _), _)| *device == name) {
        registry.keys.insert(device(name), key(name));
        registry.chains.insert((device(name), chain(name)));
        let granted = Grant {
            id: grant(name, person),
            account: account(person),
            device: device(name),
            permissions: [MAY_MARK.to_owned()].into(),
            sites: sites(&may_write(cast)[&person]),
            issued_at: Timestamp(ISSUED),
            expires_at: Timestamp(expires_at),
            revoked_at: None,
        };
        registry.grants.insert(granted.id, granted);
    }
    registry
}
