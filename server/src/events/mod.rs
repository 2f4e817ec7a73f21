//! Events: what happened, told to the other modules, the broker and the integrators.
//!
//! An event is written in the transaction of its cause, in the order of the feed, and reaches its consumers at least once after that
//! transaction has committed and never before.

mod queries;

use crate::failure::Fault;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{SiteId, Timestamp};
use serde_json::Value;

/// An event to be published with the running transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Derived from the cause, so that the same cause never publishes under two ids.
    pub id: uuid::Uuid,
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

/// Writes events at a feed position that the running transaction has taken.
pub(crate) async fn publish(tx: &mut TenantTx, position: u64, new_events: Vec<NewEvent>) -> Result<(), Fault> {
    for (ordinal, event) in (0_i32..).zip(new_events) {
        queries::insert_event(tx, position, ordinal, event).await?;
    }
    Ok(())
}
