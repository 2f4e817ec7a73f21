//! Events as integrators read them, their types, and those that a consumer could not work through.
//!
//! - `GET /api/v1/events?after=<sequence>&limit=100` answers `application/cloudevents-batch+json`: CloudEvents 1.0 in the order in which they were
//!   published, from the one after `after` (the `sequence` of the last that was read), 1 to 500 of them, 100 by default. An empty batch means that there is
//!   nothing more now. Needs [`READ`] everywhere.
//! - `GET /api/v1/events/types` → [`EventTypes`]: every type that is published, with the JSON Schema of its body (also in `docs/events`) and who in the
//!   server hears of it. Needs [`READ`] everywhere.
//! - `GET /api/v1/events/parked?after=<cursor>&limit=50` → [`ParkedPage`], the last parked first. Needs [`READ`] everywhere.
//! - `POST /api/v1/events/parked/<id>/replay` with [`Replay`] → [`Unparked`]: the consumer tries it once more, now. Needs [`REPLAY`] everywhere.
//! - `POST /api/v1/events/parked/<id>/dismiss` with [`Dismiss`] → [`Unparked`]: it is given up, and what waited behind it goes on. Needs [`REPLAY`]
//!   everywhere.
//!
//! Problems: `not_signed_in` (401); `permission_missing` (403); `parked_unknown` (404); `replay_failed`, `consumer_unknown` (409); `reason_missing`
//! (422); `invalid_query`, `limit_out_of_range`, `cursor_malformed` (400).

use crate::identity::Permission;
use crate::kernel::{SiteId, Timestamp};
use holdfast_sync::typed_id;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Read all that the company publishes, of all its sites.
pub static READ: Permission = Permission::new("events.event.read");
/// Have a parked event tried again, or give it up.
pub static REPLAY: Permission = Permission::new("events.event.replay");

typed_id!(/** An event that one consumer could not work through. */ ParkedId);

/// A page of what is parked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParkedPage {
    /// The last parked first.
    pub parked: Vec<ParkedEvent>,
    /// For `after`, where there are more.
    pub next: Option<String>,
}

/// An event that a consumer failed on until it was parked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParkedEvent {
    /// Of this event at this consumer.
    pub id: ParkedId,
    /// Who failed, such as `reporting.takings`.
    pub consumer: String,
    /// The event's own id.
    pub event: Uuid,
    /// Its type.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Where it happened, where it happened at a site.
    pub site: Option<SiteId>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the consumer first failed on it.
    pub first_failed_at: Timestamp,
    /// When it failed last.
    pub last_failed_at: Timestamp,
    /// Since when it is parked.
    pub parked_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// What went wrong the last time, in the server's words.
    pub error: String,
    /// How many later events wait for it, because they are about the same.
    pub behind: u32,
}

/// Has a parked event tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Replay {}

/// Gives a parked event up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Dismiss {
    /// Why: 1 to 500 characters, for whoever looks at it later.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub reason: String,
}

/// It is parked no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unparked {
    /// What was parked.
    pub id: ParkedId,
}

/// Every type of event that is published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventTypes {
    /// By name.
    pub types: Vec<EventType>,
}

/// A type of event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventType {
    /// `<module>.<context>.<past tense>`.
    pub name: String,
    /// What it says, in a few words.
    pub title: String,
    /// The consumers in this server that hear of it.
    pub consumers: Vec<String>,
    /// The JSON Schema of its body.
    pub schema: Value,
}
