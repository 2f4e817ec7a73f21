//! Events: what happened, told to the other modules, the broker and the integrators.
//!
//! An event is written in the transaction of its cause, in the order of the feed, and reaches its consumers at least once after that
//! transaction has committed and never before. A [`Consumer`] has a durable cursor and an idempotence key per event, both written in the
//! transaction of its effect, so the effect happens once. Events go to a consumer in order and none is skipped: one that fails is tried again,
//! and what lies behind it waits, for that tenant and that consumer alone.

mod cloud_event;
mod consumer;
mod event;
mod queries;
mod read;
mod runner;

use crate::failure::Fault;
use crate::http::Routes;
use crate::tenancy::TenantTx;

pub use consumer::{Consumer, Effect};
pub use event::{Event, NewEvent, event_id};
pub use runner::Runner;

/// `/api/v1/events`
pub fn routes() -> Routes {
    Routes::new().get("/api/v1/events", read::events)
}

/// Writes events, each with others at a feed position that the running transaction has taken.
pub(crate) async fn publish(tx: &mut TenantTx, new_events: &[(u64, &[NewEvent])]) -> Result<(), Fault> {
    if new_events.iter().all(|(_, events)| events.is_empty()) { Ok(()) } else { queries::insert_events(tx, new_events).await }
}
