//! An event, before and after it is published.

use crate::failure::Fault;
use crate::tenancy::Cause;
use holdfast_domain::kernel::{SiteId, TenantId, Timestamp};
use holdfast_sync::bytes::Digest32;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
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

/// A text that names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPlace;

impl Place {
    /// Before everything.
    pub const START: Self = Self { position: 0, ordinal: 0 };
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.position, self.ordinal)
    }
}

impl FromStr for Place {
    type Err = BadPlace;

    fn from_str(text: &str) -> Result<Self, BadPlace> {
        let (position, ordinal) = text.split_once('.').ok_or(BadPlace)?;
        let place = Self { position: position.parse().map_err(|_| BadPlace)?, ordinal: ordinal.parse().map_err(|_| BadPlace)? };
        if i64::try_from(place.position).is_ok() && place.to_string() == text { Ok(place) } else { Err(BadPlace) }
    }
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
    fn a_place_is_written_in_one_way_only() {
        let place = Place { position: 12, ordinal: 1 };
        assert_eq!(place.to_string().parse(), Ok(place));
        for text in ["", "12", "12.", ".1", "012.1", "12.+1", "99999999999999999999.0", "9223372036854775808.0"] {
            assert_eq!(text.parse::<Place>(), Err(BadPlace), "{text:?}");
        }
    }

    #[test]
    fn a_cause_publishes_each_kind_under_one_id_of_its_own() {
        let cause = Uuid::from_u128(7);
        assert_eq!(event_id("sales.order.created", cause), event_id("sales.order.created", cause));
        assert_ne!(event_id("sales.order.created", cause), event_id("payment.received", cause));
        assert_ne!(event_id("sales.order.created", cause), event_id("sales.order.created", Uuid::from_u128(8)));
        assert_eq!(event_id("payment.received", cause).get_version_num(), 8);
    }
}
