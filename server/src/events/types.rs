//! `GET /api/v1/events/types`: every type of event there is. What modules publish by hand is one line here; what is published of records follows from their
//! declarations.

use crate::failure::{Failure, Fault};
use crate::http::App;
use crate::identity::SignedIn;
use crate::records::schema;
use axum::Json;
use axum::extract::State;
use holdfast_domain::RESOURCES;
use holdfast_domain::events::{EventType, EventTypes, READ};
use holdfast_domain::held::EnvelopeDecided;
use holdfast_domain::identity::{DeviceRevoked, GrantRevoked, RoleWasDefined, RoleWasEnded, RoleWasGiven};
use holdfast_domain::import::OutboxImported;
use holdfast_domain::sales::{OrderCreated, PaymentReceived, TillClosed, TillOpened};
use serde_json::Value;

macro_rules! schema_of {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events/", $name, ".json"))
    };
}

/// What modules publish by hand, with the JSON Schema of its body.
const PUBLISHED: &[(&str, &str)] = &[
    (DeviceRevoked::KIND, schema_of!("identity.device.revoked")),
    (GrantRevoked::KIND, schema_of!("identity.grant.revoked")),
    (RoleWasDefined::KIND, schema_of!("identity.role.defined")),
    (RoleWasEnded::KIND, schema_of!("identity.role.ended")),
    (RoleWasGiven::KIND, schema_of!("identity.role.given")),
    (PaymentReceived::KIND, schema_of!("payment.received")),
    (OrderCreated::KIND, schema_of!("sales.order.created")),
    (TillClosed::KIND, schema_of!("sales.till.closed")),
    (TillOpened::KIND, schema_of!("sales.till.opened")),
    (EnvelopeDecided::REJECTED, schema_of!("sync.envelope.rejected")),
    (EnvelopeDecided::RELEASED, schema_of!("sync.envelope.released")),
    (OutboxImported::KIND, schema_of!("sync.outbox.imported")),
];

/// All of them, by name.
pub(super) async fn types(State(app): State<App>, signed_in: SignedIn) -> Result<Json<EventTypes>, Failure> {
    signed_in.require(&READ, None)?;
    let consumers = crate::consumers(&app);
    let heard_by = |name: &str| {
        let hearing = consumers.iter().filter(|consumer| consumer.kinds().contains(&name));
        hearing.map(|consumer| consumer.name().to_owned()).collect()
    };
    let described = |(name, schema): (&str, Value)| EventType {
        name: name.to_owned(),
        title: schema["title"].as_str().unwrap_or(name).to_owned(),
        consumers: heard_by(name),
        schema,
    };
    Ok(Json(EventTypes { types: all()?.into_iter().map(described).collect() }))
}

fn all() -> Result<Vec<(&'static str, Value)>, Fault> {
    let by_hand = PUBLISHED.iter().map(|(name, schema)| match serde_json::from_str(schema) {
        Ok(schema) => Ok((*name, schema)),
        Err(error) => Err(Fault::new(format!("read the schema of {name}"), error)),
    });
    let of_records = RESOURCES.iter().flat_map(schema::events).map(Ok);
    let mut all = by_hand.chain(of_records).collect::<Result<Vec<_>, Fault>>()?;
    all.sort_by_key(|(name, _)| *name);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// What was named before there was the rule, and is in use.
    const OF_TWO_PARTS: &[&str] = &["payment.received"];
    /// Past tenses that do not end in `ed`.
    const IRREGULAR: &[&str] = &["given", "sent"];

    fn is_well_named(name: &str) -> bool {
        let parts: Vec<_> = name.split('.').collect();
        let words = |part: &&str| part.starts_with(|c: char| c.is_ascii_lowercase()) && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let is_past = parts.last().and_then(|last| last.rsplit('_').next()).is_some_and(|word| word.ends_with("ed") || IRREGULAR.contains(&word));
        parts.len() == 3 && parts.iter().all(words) && is_past
    }

    #[test]
    fn every_type_is_named_module_context_past_tense() {
        for (name, _) in all().unwrap() {
            assert!(is_well_named(name) || OF_TWO_PARTS.contains(&name), "{name}");
        }
        for wrong in
            ["sales.order", "sales.order.create", "sales.Order.created", "sales..created", "order_created", "a.b.c.created", "sales.order.created "]
        {
            assert!(!is_well_named(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn the_list_is_the_folder_of_schemas() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events");
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        files.sort();
        let all = all().unwrap();
        assert_eq!(all.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(), files);
        for (name, schema) in all {
            assert_eq!(schema["$id"], format!("urn:holdfast:schema:{name}:1"));
            assert!(schema["title"].as_str().is_some_and(|title| !title.is_empty()), "{name} says in its title what happened");
        }
    }
}
