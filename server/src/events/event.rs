//! An event, before and after it is published.

use crate::failure::Fault;
use crate::tenancy::Cause;
use holdfast_domain::kernel::{SiteId, TenantId, Timestamp};
use holdfast_sync::bytes::Digest32;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// An event to be published with the running transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Derived from the cause, so that the same cause never publishes under two ids; see [`event_id`].
    pub id: Uuid,
    /// `<module>.<context>.<past tense>`.
    pub kind: &'static str,
    /// What it is about: a document's or a record's id.
    pub subject: String,
    /// Where it happened, where it happened at a site.
    pub site: Option<SiteId>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The body, as its JSON Schema says.
    pub data: Value,
}

/// A published event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The company it happened in.
    pub tenant: TenantId,
    /// Its place in the tenant's order.
    pub place: Place,
    /// The same for whoever gets it twice.
    pub id: Uuid,
    /// `<module>.<context>.<past tense>`.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Where it happened, where it happened at a site.
    pub site: Option<SiteId>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What set it off.
    pub cause: Cause,
    /// The body.
    pub data: Value,
}

/// A place in a tenant's order of events: the feed position of the cause, then the order within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Feed position.
    pub position: u64,
    /// Order within it.
    pub ordinal: i32,
}

/// The id of the one event of that kind that `cause` ever publishes: a UUID of version 8 over both.
pub fn event_id(kind: &str, cause: Uuid) -> Uuid {
    let Digest32(digest) = Digest32::of(&[kind.as_bytes(), cause.as_bytes()].concat());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl Event {
    /// The body, typed.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        T::deserialize(&self.data).map_err(|error| Fault::new(format!("read the body of the event {} {}", self.kind, self.id), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_publishes_each_kind_under_one_id_of_its_own() {
        let cause = Uuid::from_u128(7);
        assert_eq!(event_id("sales.order.created", cause), event_id("sales.order.created", cause));
        assert_ne!(event_id("sales.order.created", cause), event_id("payment.received", cause));
        assert_ne!(event_id("sales.order.created", cause), event_id("sales.order.created", Uuid::from_u128(8)));
        assert_eq!(event_id("payment.received", cause).get_version_num(), 8);
    }
}
