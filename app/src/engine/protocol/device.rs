//! Who and where a device is.

use holdfast_domain::identity::HeldRole;
use holdfast_domain::kernel::{AccountId, SiteId, TillId};
use serde::{Deserialize, Serialize};

/// This device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceView {
    /// Whoever is signed in.
    pub person: Option<PersonView>,
    /// What they read of themselves, and nobody else here does.
    pub own: Option<OwnView>,
    /// Everybody known here.
    pub people: Vec<PersonView>,
    /// The till it is, once enrolled.
    pub till: Option<EnrolledTill>,
    /// Whether the server was reached lately.
    pub online: bool,
    /// Whether the session with the server still stands; where not, someone signs in again to send.
    pub session_lost: bool,
    /// What the browser promised.
    pub storage: StorageView,
    /// The database was gone when the device opened although it had been enrolled.
    pub evicted: bool,
}

/// Someone known on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// The account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// Whether a PIN is asked.
    pub has_pin: bool,
    /// What the grant allows.
    pub permissions: Vec<String>,
}

/// What somebody reads of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnView {
    /// The e-mail address; empty where the device has not heard of it.
    pub email: String,
    /// What they are, and where, as the server told it with their last grant.
    pub roles: Vec<HeldRole>,
}

/// The till this device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolledTill {
    /// The till.
    pub till: TillId,
    /// Its name.
    pub till_name: String,
    /// The site.
    pub site: SiteId,
    /// Its name.
    pub site_name: String,
    /// The company's name.
    pub tenant_name: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
}

/// Storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageView {
    /// The browser promised to keep it.
    pub persisted: bool,
    /// Bytes used.
    pub used: u64,
    /// Bytes there may be.
    pub quota: u64,
}
