//! `GET /api/v1/events`: what the company published, in order.

use super::cloud_event::CloudEvent;
use super::event::{Event, Place};
use super::queries;
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, QueryOf};
use crate::identity::{SignedIn, published_by};
use crate::records;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use holdfast_domain::events::READ;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The most events of one batch.
const MOST: u32 = 500;
/// Where no limit is given.
const USUAL: u32 = 100;

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsQuery {
    /// The `sequence` of the last event that was read; from the first one on where it is left out.
    after: Option<String>,
    /// The most of them on one page.
    #[schemars(range(min = 1, max = MOST))]
    limit: Option<u32>,
}

/// A batch.
pub(super) async fn events(State(app): State<App>, signed_in: SignedIn, QueryOf(query): QueryOf<EventsQuery>) -> Result<Response, Failure> {
    signed_in.require(&READ, None)?;
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let detail = format!("Ask for 1 to {MOST} events at once.");
        return Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", detail).into());
    }
    let after = query.after.as_deref().map_or(Ok(Place::START), |text| text.parse().map_err(|_| malformed()))?;
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    let events = queries::events_after(&mut tx, after, None, limit).await?;
    let about = |event: &Event| Some((published_by(&event.kind)?, event.subject.parse().ok()?));
    let records = records::as_they_are(&mut tx, &signed_in.rights, events.iter().filter_map(about).collect::<Vec<_>>()).await?;
    tx.commit().await?;
    let shown = |mut event: Event| {
        let record = event.subject.parse().ok().and_then(|id: Uuid| records.get(&id));
        signed_in.rights.show_event((&event.kind, event.site), record, &mut event.data);
        event
    };
    let batch: Vec<_> = events.into_iter().map(shown).map(CloudEvent::from).collect();
    let body = serde_json::to_vec(&batch).map_err(|error| Fault::new("write events", error))?;
    Ok(([(CONTENT_TYPE, "application/cloudevents-batch+json")], body).into_response())
}

fn malformed() -> Refusal {
    Refusal::new(400, "cursor_malformed", "The cursor is none of ours", "Send the `sequence` of the last event that you read.")
}
