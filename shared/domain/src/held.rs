//! What sync holds for a decision, and what it refused, as the office sees it; and deciding it.
//!
//! - `GET /api/v1/sync/held?state=held&after=<cursor>&limit=50` → [`HeldPage`], newest first; `state` is `held` (where it is left out), `refused`, or
//!   `decided` (what a person released or rejected). Needs [`READ_HELD`].
//! - `POST /api/v1/sync/held/<intent>/release` with [`Release`] → [`HeldEnvelope`]. Needs [`DECIDE_HELD`].
//! - `POST /api/v1/sync/held/<intent>/reject` with [`Reject`] → [`HeldEnvelope`]. Needs [`DECIDE_HELD`].
//!
//! To release is to have it judged again but for the reasons that are named, and merged if nothing else stands against it; to reject is for good. Both are
//! told to the device that made it. What was held only because it rests on it is judged again with it. Doing the same again changes nothing.
//!
//! Problems: `held_unknown` (404); `decided_already`, `not_held`, `release_first` (it rests on what is held), `release_waits` (it rests on what has not
//! arrived), `release_impossible` (409); where another reason stands against it that was not named, that reason's code (409); `reason_missing`,
//! `waiver_unknown` (422); `invalid_query`, `limit_out_of_range`, `cursor_malformed` (400); `permission_missing` (403).

use crate::identity::Permission;
use crate::kernel::{AccountId, DeviceId, DocumentId, IntentId, Timestamp};
use serde::{Deserialize, Serialize};

/// See what is held or was refused, of the whole company.
pub static READ_HELD: Permission = Permission::new("sync.held.read");
/// Release or reject what is held.
pub static DECIDE_HELD: Permission = Permission::new("sync.held.decide");

/// Which envelopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HeldState {
    /// Someone must decide.
    #[default]
    Held,
    /// Never merged.
    Refused,
    /// A person released or rejected it.
    Decided,
}

/// A page of envelopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldPage {
    /// Newest first: by arrival, or by decision where those are asked for.
    pub envelopes: Vec<HeldEnvelope>,
    /// For `after`, where there are more.
    pub next: Option<String>,
}

/// An envelope that is in no document, or was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldEnvelope {
    /// Its intent.
    pub intent: IntentId,
    /// The intent's name, such as `sales.ticket.add_line`.
    pub name: String,
    /// What is meant, as the sender says.
    pub payload: Vec<Said>,
    /// What its change would write.
    pub writes: Vec<Said>,
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: String,
    /// The name of whoever it says has acted.
    pub author: String,
    /// The device that signed it.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// Its place in the device's chain.
    pub device_seq: u64,
    /// When it was done, by the device's clock.
    pub done_at: Timestamp,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// Why it is, or was, held or refused.
    pub code: String,
    /// Whether that reason can be set aside.
    pub releasable: bool,
    /// What is held, too, and must be released before, in that order.
    pub rests_on: Vec<IntentId>,
    /// What a person decided.
    pub decision: Option<Decision>,
}

/// One value of what was said, with its name: `item.name`, `Coffee`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Said {
    /// Where it stands.
    pub name: String,
    /// What stands there.
    pub value: String,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// Which way.
    pub verdict: DecidedAs,
    /// Who.
    pub by: AccountId,
    /// Their name.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// What they set aside.
    pub waived: Vec<String>,
}

/// Which way it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecidedAs {
    /// Merged after all.
    Released,
    /// Never merged.
    Rejected,
}

/// Releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Why: 1 to 500 characters, for whoever looks at it later.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub reason: String,
    /// The codes of the reasons that are set aside.
    pub waives: Vec<String>,
}

/// Rejects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// Why: 1 to 500 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub reason: String,
}

/// `sync.envelope.released` and `sync.envelope.rejected`: a person decided what becomes of a held envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeDecided {
    /// Its intent.
    pub intent: IntentId,
    /// The intent's name.
    pub name: String,
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: String,
    /// The device that signed it.
    pub device: DeviceId,
    /// Why it was held.
    pub code: String,
    /// What was set aside; empty where it was rejected.
    pub waived: Vec<String>,
    /// Who decided.
    pub by: AccountId,
    /// Why.
    pub reason: String,
}

impl EnvelopeDecided {
    /// The event's type where it was released.
    pub const RELEASED: &'static str = "sync.envelope.released";
    /// And where it was rejected.
    pub const REJECTED: &'static str = "sync.envelope.rejected";
}
