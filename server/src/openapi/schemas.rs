//! JSON Schemas of the types that travel, gathered as components.
//!
//! What is sent and what is told are derived apart, because a field that may be left out when sent can be one that is always told. Where a type travels both
//! ways and differs, what is sent is called `<name>.sent`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Which way something travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the server.
    Sent,
    /// From it.
    Told,
}

/// How to get at a schema.
#[derive(Clone)]
pub enum SchemaOf {
    /// A type's.
    Type(fn(&mut SchemaGenerator) -> Schema, Way),
    /// A type's own with some of it replaced: where, and by what.
    Patched(fn(&mut SchemaGenerator) -> Schema, Way, Vec<(&'static str, Value)>),
    /// This one.
    Given(Value),
}

impl SchemaOf {
    /// A type's.
    pub fn of<T: JsonSchema>(way: Way) -> Self {
        Self::Type(SchemaGenerator::subschema_for::<T>, way)
    }

    /// A type's own, with what stands at these places (JSON pointers) replaced.
    pub fn patched<T: JsonSchema>(way: Way, patches: &[(&'static str, Value)]) -> Self {
        Self::Patched(T::json_schema, way, patches.to_vec())
    }
}

impl From<Value> for SchemaOf {
    fn from(schema: Value) -> Self {
        Self::Given(schema)
    }
}

/// Those of the document under construction.
pub(super) struct Schemas {
    sent: SchemaGenerator,
    told: SchemaGenerator,
}

/// Where components lie, as a JSON pointer.
const COMPONENTS: &str = "/components/schemas";
/// Where what is sent lies until it is known whether it differs.
const SENT: &str = "/components/sent";

impl Schemas {
    pub fn new() -> Self {
        let settings = |path: &'static str| SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = path.into());
        Self { sent: settings(SENT).for_deserialize().into_generator(), told: settings(COMPONENTS).for_serialize().into_generator() }
    }

    /// The schema, or a reference to it.
    pub fn get(&mut self, schema: &SchemaOf) -> Value {
        match schema {
            SchemaOf::Type(of, way) => of(self.going(*way)).to_value(),
            SchemaOf::Patched(of, way, patches) => {
                let mut own = of(self.going(*way)).to_value();
                for (place, by) in patches {
                    if let Some(there) = own.pointer_mut(place) {
                        *there = by.clone();
                    }
                }
                own
            }
            SchemaOf::Given(value) => value.clone(),
        }
    }

    fn going(&mut self, way: Way) -> &mut SchemaGenerator {
        match way {
            Way::Sent => &mut self.sent,
            Way::Told => &mut self.told,
        }
    }

    /// A type's own schema, not a reference: what an address or a query is read into.
    pub fn own<T: JsonSchema>(&mut self) -> Value {
        T::json_schema(&mut self.sent).to_value()
    }

    /// Puts all that was named into the document, and sets its references right.
    pub fn finish(mut self, document: &mut Value) {
        let sent = self.sent.take_definitions(true);
        let told = self.told.take_definitions(true);
        let names = names_of_sent(&sent, &told);
        let mut all: Map<String, Value> = told;
        for (name, mut schema) in sent {
            let called = &names[&name];
            rename(&mut schema, &names);
            all.entry(called.clone()).or_insert(schema);
        }
        rename(document, &names);
        if let Some(components) = document["components"]["schemas"].as_object_mut() {
            components.extend(all);
        }
        polish(document);
    }
}

/// What each sent type is called: as it is told, unless it differs from that.
fn names_of_sent(sent: &Map<String, Value>, told: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut same: BTreeMap<String, String> = sent.keys().map(|name| (name.clone(), name.clone())).collect();
    // What names something that differs, differs.
    loop {
        let differs = |name: &String| {
            let mut schema = sent[name].clone();
            rename(&mut schema, &same);
            same[name] == *name && told.get(name).is_some_and(|told| *told != schema)
        };
        let Some(found) = sent.keys().find(|name| differs(name)).cloned() else { return same };
        let called = format!("{found}.sent");
        same.insert(found, called);
    }
}

fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(&format!("#{SENT}/"))
            {
                let called = names.get(name).map_or(name, String::as_str);
                *reference = format!("#{COMPONENTS}/{called}");
            }
            fields.values_mut().for_each(|value| rename(value, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| rename(value, names)),
        _ => {}
    }
}

/// Says what Rust's documentation and types mean to somebody who has neither.
fn polish(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(description)) = fields.get_mut("description") {
                *description = description.replace("[`", "`").replace("`]", "`").replace('\n', " ");
            }
            match fields.get("format").and_then(Value::as_str) {
                Some("uint8" | "uint16") => drop(fields.remove("format")),
                Some("uint32") => {
                    fields.remove("format");
                    fields.entry("maximum").or_insert(json!(u32::MAX));
                }
                Some("uint64") => drop(fields.remove("format")),
                _ => {}
            }
            fields.values_mut().for_each(polish);
        }
        Value::Array(items) => items.iter_mut().for_each(polish),
        _ => {}
    }
}
