//! An event as a message: CloudEvents' binding for AMQP, binary mode. The body is the event's data; every other attribute is a header.

use super::super::cloud_event::CloudEvent;
use super::super::event::Event;
use crate::failure::Fault;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use serde_json::Value;

const PERSISTENT: u8 = 2;

/// A message.
pub(super) struct Message {
    /// The event's type.
    pub routing_key: ShortString,
    pub properties: BasicProperties,
    pub body: Vec<u8>,
}

impl Message {
    pub(super) fn of(event: Event) -> Result<Self, Fault> {
        let told = |error| Fault::new("write an event as a message", error);
        let (kind, id, correlation) = (event.kind.clone(), event.id, event.cause.request);
        let seconds = u64::try_from(event.occurred_at.0 / 1_000).unwrap_or(0);
        let body = serde_json::to_vec(&event.data).map_err(told)?;
        let Value::Object(attributes) = serde_json::to_value(CloudEvent::from(event)).map_err(told)? else {
            return Err(Fault::because("an event is written as an object"));
        };
        let mut headers = FieldTable::default();
        for (name, value) in attributes {
            // The body is the data; its type has a place of its own.
            if let (Value::String(text), false) = (value, name == "datacontenttype" || name == "data") {
                headers.insert(format!("cloudEvents:{name}").into(), AMQPValue::LongString(text.into()));
            }
        }
        let mut properties = BasicProperties::default()
            .with_content_type("application/json".into())
            .with_delivery_mode(PERSISTENT)
            .with_message_id(id.to_string().into())
            .with_timestamp(seconds)
            .with_type(kind.as_str().into())
            .with_app_id("holdfast".into())
            .with_headers(headers);
        if let Some(correlation) = correlation {
            properties = properties.with_correlation_id(correlation.to_string().into());
        }
        Ok(Self { routing_key: kind.as_str().into(), properties, body })
    }
}
