//! An event as the outside reads it: CloudEvents 1.0, JSON.

use super::event::Event;
use crate::tenancy::to_stored;
use holdfast_domain::kernel::SiteId;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// The attributes of CloudEvents 1.0, its extensions for order (`sequence`), distributed tracing (`traceparent`) and correlation, and the site.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CloudEvent {
    specversion: &'static str,
    id: Uuid,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    time: String,
    datacontenttype: &'static str,
    dataschema: String,
    sequence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<SiteId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlationid: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    data: Value,
}

impl From<Event> for CloudEvent {
    fn from(event: Event) -> Self {
        Self {
            specversion: "1.0",
            id: event.id,
            source: format!("urn:holdfast:tenant:{}", event.tenant),
            dataschema: format!("urn:holdfast:schema:{}:1", event.kind),
            kind: event.kind,
            subject: event.subject,
            time: to_stored(event.occurred_at).format(&Rfc3339).expect("a stored instant lies within the years 1 to 9999, which RFC 3339 can write"),
            datacontenttype: "application/json",
            sequence: event.place.to_string(),
            site: event.site,
            correlationid: event.cause.request,
            traceparent: event.cause.traceparent,
            data: event.data,
        }
    }
}
