//! Events: what happened, told to the other modules, the broker and the integrators.
//!
//! An event is written in the transaction of its cause, in the order of the feed, and reaches its consumers at least once after that
//! transaction has committed and never before. A [`Consumer`] has a durable cursor and an idempotence key per event, both written in the
//! transaction of its effect, so the effect happens once. One that a consumer fails on is set aside and tried again, and at last parked for a person
//! ([`set_aside`]); what comes behind it in its lane waits, everything else goes on.

mod broker;
mod cloud_event;
mod consumer;
mod event;
mod queries;
mod read;
mod runner;
mod set_aside;
mod step;
mod types;

use crate::failure::Fault;
use crate::http::Routes;
use crate::openapi::{About, SchemaOf, Way};
use crate::tenancy::TenantTx;

use cloud_event::CloudEvent;

pub use broker::{Broker, BrokerAddress, EXCHANGE, UNROUTED};
pub use consumer::{Consumer, Effect};
pub use event::{Event, NewEvent, event_id};
pub use runner::Runner;

/// `/api/v1/events`
pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/events", read::events)
        .told(
            About::new("events.event.list", "What the company published, in order")
                .detail("From the event after `after` on. An empty batch means that there is nothing more now.")
                .answers_as(200, "application/cloudevents-batch+json", SchemaOf::of::<Vec<CloudEvent>>(Way::Told))
                .refuses(&[(400, "limit_out_of_range"), (400, "cursor_malformed")]),
        )
        .get("/api/v1/events/types", types::types)
        .told(About::new("events.type.list", "Every type of event, with the JSON Schema of its body"))
        .get("/api/v1/events/parked", set_aside::list)
        .told(
            About::new("events.parked.list", "Events that a part of the server failed on")
                .refuses(&[(400, "limit_out_of_range"), (400, "cursor_malformed")]),
        )
        .post("/api/v1/events/parked/{id}/replay", set_aside::replay)
        .told(About::new("events.parked.replay", "Has a parked event tried once more").refuses(&[
            (404, "parked_unknown"),
            (409, "replay_failed"),
            (409, "consumer_unknown"),
        ]))
        .post("/api/v1/events/parked/{id}/dismiss", set_aside::dismiss)
        .told(About::new("events.parked.dismiss", "Gives a parked event up").refuses(&[(404, "parked_unknown"), (422, "reason_missing")]))
}

/// Writes events, each with others at a feed position that the running transaction has taken.
pub(crate) async fn publish(tx: &mut TenantTx, new_events: &[(u64, &[NewEvent])]) -> Result<(), Fault> {
    if new_events.iter().all(|(_, events)| events.is_empty()) { Ok(()) } else { queries::insert_events(tx, new_events).await }
}
