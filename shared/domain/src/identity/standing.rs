//! Devices and grants as the office sees them, and taking them back.
//!
//! - `GET /api/v1/identity/devices?after=<device>&limit=50` → [`DevicesPage`], by id; needs [`super::READ_DEVICES`].
//! - `POST /api/v1/identity/devices/<device>/revocation` with [`Revoke`] → [`DeviceStanding`]; needs [`super::REVOKE`].
//! - `POST /api/v1/identity/grants/<grant>/revocation` with [`Revoke`] → [`DeviceStanding`]: the grant, and every other of its holder on the device.
//!
//! What a revoked device has made already is held for a decision, never lost: it may still push. Pull and live refuse it. To work again, its browser
//! profile enrols as a new device after a new sign-in.
//!
//! Problems: `device_unknown`, `grant_unknown` (404), `reason_missing` (422), `limit_out_of_range` (400), `permission_missing` (403).

use crate::kernel::{AccountId, DeviceId, GrantId, TillId, Timestamp};
use serde::{Deserialize, Serialize};

/// Asks to take a device or a grant back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Why: 1 to 500 characters, for whoever looks at it later.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub reason: String,
}

/// A page of the company's devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DevicesPage {
    /// By id.
    pub devices: Vec<DeviceStanding>,
    /// For `after`, where there are more.
    pub next: Option<DeviceId>,
}

/// A device, and who may act on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceStanding {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// The till it works at.
    pub till: Option<TillId>,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
    /// When a server that was restored from a backup took it up again from a grant, where it has not enrolled since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_up_at: Option<Timestamp>,
    /// When it last pulled, pushed or listened, to the minute.
    pub last_contact: Option<Timestamp>,
    /// The app it ran when it last said.
    pub app: Option<String>,
    /// How many changes waited on it when it last said.
    pub waiting: Option<u32>,
    /// What arrived of its chains, and what did not.
    pub arrived: Arrived,
    /// Whether it was taken back.
    pub revoked: Option<Revocation>,
    /// The newest grant of each account on it, by the account's name.
    pub holders: Vec<GrantHolder>,
}

/// What arrived of a device's work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Arrived {
    /// Changes that are missing between others that arrived.
    pub gaps: u32,
    /// Changes that are held for a decision.
    pub held: u32,
    /// Changes that were refused or rejected.
    pub refused: u32,
}

/// What a device may say of itself when it pulls, in the query: `?app=<build>&waiting=3&version=1`. An older app says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceReport {
    /// The build of the app: up to 40 of `0-9a-z.-`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[0-9a-z.-]{1,40}$")))]
    pub app: Option<String>,
    /// How many changes wait on it.
    #[cfg_attr(feature = "schema", schemars(range(max = 2_147_483_647)))]
    pub waiting: Option<u32>,
    /// Its [`holdfast_sync::wire::APP_VERSION`]; the first where it says nothing.
    pub version: Option<u32>,
}

impl DeviceReport {
    /// Whether it can be kept.
    pub fn is_sound(&self) -> bool {
        let sound = |app: &String| (1..=40).contains(&app.len()) && app.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'.' | b'-'));
        self.app.as_ref().is_none_or(sound) && self.waiting.is_none_or(|waiting| i32::try_from(waiting).is_ok())
    }
}

/// An account with a grant on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GrantHolder {
    /// The grant.
    pub grant: GrantId,
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// Whether it was taken back.
    pub revoked: Option<Revocation>,
}

/// Who took it back, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revocation {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: AccountId,
    /// Why.
    pub reason: String,
}

/// `identity.device.revoked`: a device may no longer act for the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceRevoked {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// The till it worked at.
    pub till: Option<TillId>,
    /// Who took it back.
    pub by: AccountId,
    /// Why.
    pub reason: String,
}

/// `identity.grant.revoked`: an account's grants on a device no longer count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantRevoked {
    /// The grant that was named; the holder's others on the device went with it.
    pub grant: GrantId,
    /// Whose.
    pub account: AccountId,
    /// On which device.
    pub device: DeviceId,
    /// Who took it back.
    pub by: AccountId,
    /// Why.
    pub reason: String,
}

impl DeviceRevoked {
    /// The event's type.
    pub const KIND: &'static str = "identity.device.revoked";
}

impl GrantRevoked {
    /// The event's type.
    pub const KIND: &'static str = "identity.grant.revoked";
}
