//! JSON Schemas (draft 2020-12) of what is declared: for integrators, and for whoever hears of events.

use holdfast_domain::kernel::resource::{Field, Resource, RowShape, Shape};
use holdfast_domain::kernel::{ADDRESS_PARTS, COUNTRIES, LONGEST_FILE_NAME, MOST_IMAGE_SIDE, MediaType};
use serde_json::{Map, Value, json};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What a field holds.
pub fn value(field: &Field) -> Value {
    let field = &field.opened();
    let plain = match field.shape {
        Shape::Text => json!({ "type": "string", "minLength": 1, "maxLength": field.longest }),
        Shape::LongText => json!({ "type": "string", "minLength": 1, "maxLength": field.longest, "description": "Several lines." }),
        Shape::Email => json!({ "type": "string", "format": "email", "maxLength": field.longest }),
        Shape::Phone => json!({ "type": "string", "pattern": "^[0-9 +./()-]{3,40}$" }),
        Shape::TimeZone => json!({ "type": "string", "maxLength": field.longest, "description": "The IANA name of a time zone." }),
        Shape::Currency => json!({ "type": "string", "pattern": "^[A-Z]{3}$", "description": "An ISO 4217 code." }),
        Shape::Iban => {
            json!({ "type": "string", "pattern": "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$", "description": "An international bank account number (ISO 13616)." })
        }
        // Opened above.
        Shape::Sealed(_) => json!({ "type": "string" }),
        Shape::Country => json!({ "type": "string", "enum": COUNTRIES.as_slice(), "description": "A code of ISO 3166-1 alpha-2." }),
        Shape::Address => json!({
            "type": "object",
            "properties": parts(field, value),
            "required": ADDRESS_PARTS,
            "additionalProperties": false,
            "description": "An address. A part that it does not have is null.",
        }),
        Shape::Image | Shape::File => file(field),
        Shape::Gtin => {
            json!({ "type": "string", "pattern": "^([0-9]{8}|[0-9]{13}|[0-9]{14})$", "description": "A GS1 article number with its check digit." })
        }
        Shape::Money => json!({
            "type": "object",
            "properties": { "minor": { "type": "integer", "minimum": 0, "maximum": 1_000_000_000_000_i64 }, "currency": { "type": "string", "pattern": "^[A-Z]{3}$" } },
            "required": ["minor", "currency"],
            "additionalProperties": false,
        }),
        Shape::Decimal => json!({ "type": "string", "pattern": "^-?[0-9]+([.][0-9]{1,6})?$" }),
        Shape::Rate => json!({ "type": "string", "pattern": "^[0-9]{1,3}([.][0-9]{1,4})?$", "description": "Per cent." }),
        Shape::Date => json!({ "type": "string", "format": "date" }),
        Shape::Instant => json!({ "type": "integer", "minimum": 0, "description": "Milliseconds since 1970 UTC." }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Whole => json!({ "type": "integer", "minimum": 0, "maximum": field.most }),
        Shape::Enumeration(names) => json!({ "type": "string", "enum": names }),
        Shape::Reference(kind) => json!({ "type": "string", "format": "uuid", "description": format!("The id of a record of {kind}.") }),
        Shape::Tags => {
            json!({ "type": "array", "items": { "type": "string", "minLength": 1, "maxLength": 40 }, "maxItems": field.longest, "uniqueItems": true })
        }
        Shape::Rows(shape) => rows(field, shape, Way::Told),
    };
    let nullable = !field.required && !field.shape.is_list();
    if nullable { json!({ "oneOf": [plain, { "type": "null" }] }) } else { plain }
}

/// What is said of a file.
fn file(field: &Field) -> Value {
    let side = || json!({ "oneOf": [{ "type": "integer", "minimum": 1, "maximum": MOST_IMAGE_SIDE }, { "type": "null" }] });
    let types: Vec<&str> = field.accepts.iter().copied().map(MediaType::as_str).collect();
    let is_image = field.shape == Shape::Image;
    let example = json!({
        "name": if is_image { "chai.jpg" } else { "contract.pdf" },
        "media_type": if is_image { MediaType::Jpeg } else { MediaType::Pdf },
        "bytes": 48_213,
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "width": is_image.then_some(1_200),
        "height": is_image.then_some(900),
    });
    json!({
        "examples": [example],
        "type": "object",
        "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": LONGEST_FILE_NAME },
            "media_type": { "type": "string", "enum": types },
            "bytes": { "type": "integer", "minimum": 1, "maximum": field.most },
            "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            "width": side(),
            "height": side(),
        },
        "required": ["name", "media_type", "bytes", "sha256", "width", "height"],
        "additionalProperties": false,
        "description": format!("What is said of a file. Its bytes are at `…/files/{}`.", field.name),
    })
}

/// The parts of an address, each as that says it.
fn parts(field: &Field, of: fn(&Field) -> Value) -> Map<String, Value> {
    described(field.parts, of)
}

fn described(fields: &[Field], of: fn(&Field) -> Value) -> Map<String, Value> {
    let part = |part: &Field| {
        let mut schema = of(part);
        if !part.said.is_empty() {
            schema["description"] = json!(part.said);
        }
        (part.key().to_owned(), schema)
    };
    fields.iter().map(part).collect()
}

/// Which way a list of rows goes.
#[derive(Clone, Copy)]
enum Way {
    Told,
    Sent,
}

fn rows(list: &Field, shape: &RowShape, way: Way) -> Value {
    let (of, kind, id): (fn(&Field) -> Value, _, _) = match way {
        Way::Told => {
            (value, json!("array"), json!({ "type": "string", "format": "uuid", "description": "Tells it from the others of its list, and stays." }))
        }
        Way::Sent => {
            let id = "Of a row that is there, its own; a new one may bring one, or is given one.";
            (sent, json!(["array", "null"]), json!({ "anyOf": [{ "type": "string", "format": "uuid" }, { "type": "null" }], "description": id }))
        }
    };
    let mut properties = described(shape.fields, of);
    properties.insert("id".to_owned(), id);
    let required: Vec<&str> = match way {
        Way::Told => std::iter::once("id").chain(shape.fields.iter().map(|field| field.name)).collect(),
        // What a row that is there does not name stays.
        Way::Sent => Vec::new(),
    };
    let order = if shape.ordered { " Their order says something." } else { "" };
    json!({
        "type": kind,
        "items": { "type": "object", "properties": properties, "required": required, "additionalProperties": false, "description": shape.said },
        "maxItems": list.longest,
        "description": format!("Rows; the list is written as a whole.{order}"),
    })
}

/// What is told of a field: what it holds, or as much of it as the reader may know.
pub fn told(field: &Field) -> Value {
    let mut whole = value(&Field { required: true, ..*field });
    let words = whole.as_object_mut().and_then(|schema| schema.remove("description"));
    let mut choices = vec![whole, json!({ "type": "string", "pattern": "•••" })];
    choices.extend((!field.required).then(|| json!({ "type": "null" })));
    let mut told = json!({ "anyOf": choices });
    if let Some(words) = words {
        told["description"] = words;
    }
    told
}

/// What a field takes: spaces around a text are nothing, a text of nothing is no value, tags are kept once.
pub fn sent(field: &Field) -> Value {
    let plain = match field.shape {
        Shape::Decimal => json!({ "type": "string", "pattern": "^(0|-?([1-9][0-9]{0,9}([.][0-9]{0,5}[1-9])?|0[.][0-9]{0,5}[1-9]))$" }),
        Shape::Rate => json!({ "type": "string", "pattern": "^(0|[1-9][0-9]{0,2}|(0|[1-9][0-9]?)[.][0-9]{0,3}[1-9])$", "description": "Per cent." }),
        Shape::Instant => {
            json!({ "type": "integer", "minimum": 0, "maximum": 253_402_300_799_999_i64, "description": "Milliseconds since 1970 UTC." })
        }
        Shape::Tags => {
            json!({ "type": ["array", "null"], "items": { "type": "string", "minLength": 1, "maxLength": 40 }, "maxItems": field.longest })
        }
        Shape::Rows(shape) => rows(field, shape, Way::Sent),
        Shape::Address => json!({
            "type": "object",
            "properties": parts(field, sent),
            "additionalProperties": false,
            "description": "An address. A part that is left out is null in a new record, and stays as it is in one that is changed.",
        }),
        _ => value(&Field { required: true, ..*field }),
    };
    if field.required || field.shape.is_list() {
        return plain;
    }
    if plain["type"] == "string" {
        json!({ "anyOf": [plain, { "type": "string", "pattern": "^\\s*$" }, { "type": "null" }] })
    } else {
        json!({ "anyOf": [plain, { "type": "null" }] })
    }
}

/// What a list is narrowed to, in a query.
pub fn asked(field: &Field) -> Value {
    match field.shape {
        Shape::Tags => json!({ "type": "string", "maxLength": 40 }),
        Shape::Text => json!({ "type": "string", "maxLength": field.longest }),
        _ => value(&Field { required: true, ..*field }),
    }
}

/// The body of each of a resource's events, by the event's type.
pub fn events(resource: &Resource) -> Vec<(&'static str, Value)> {
    let told: Map<String, Value> =
        resource.fields.iter().filter(|field| field.is_published()).map(|field| (field.name.to_owned(), value(field))).collect();
    let names: Vec<&str> = resource.fields.iter().map(|field| field.name).collect();
    let body = |event: &str, what: &str| {
        json!({
            "$schema": DRAFT,
            "$id": format!("urn:holdfast:schema:{event}:1"),
            "title": format!("A record of {} was {what}", resource.kind),
            "description": "What is said of people is left out: whoever may know it reads the record.",
            "type": "object",
            "properties": {
                "id": { "type": "string", "format": "uuid" },
                "version": { "type": "integer", "minimum": 1, "description": "The record's version from then on." },
                "changed": { "type": "array", "items": { "enum": names }, "description": "The fields that changed." },
                "values": { "type": "object", "properties": told, "additionalProperties": false, "description": "What they are now." },
            },
            "required": ["id", "version", "changed", "values"],
            "additionalProperties": false,
        })
    };
    let body = |event: &str, what: &str| with_rows(resource, body(event, what));
    let merged = resource.merges().then(|| {
        let mut body = body(resource.merged, "merged into another");
        let properties = [
            ("id", "The record that stays."),
            ("version", "Its version from then on."),
            ("merged", "The record that is archived: whatever names it means the one that stays."),
            ("merged_version", "Its version from then on."),
        ];
        body["properties"]["merged"] = json!({ "type": "string", "format": "uuid" });
        body["properties"]["merged_version"] = json!({ "type": "integer", "minimum": 1 });
        for (name, words) in properties {
            body["properties"][name]["description"] = json!(words);
        }
        body["properties"]["changed"]["description"] = json!("The fields of the record that stays whose values came from the other.");
        body["required"] = json!(["id", "version", "merged", "merged_version", "changed", "values"]);
        (resource.merged, body)
    });
    let acts = resource.events.iter().zip(["created", "changed", "archived", "restored"]).map(|(event, what)| (*event, body(event, what)));
    acts.chain(merged).collect()
}

/// Of a resource with lists of rows, also which rows became other ones.
fn with_rows(resource: &Resource, mut body: Value) -> Value {
    let ids = || json!({ "type": "array", "items": { "type": "string", "format": "uuid" } });
    let changes = json!({
        "type": "object",
        "properties": { "added": ids(), "changed": ids(), "removed": ids(), "moved": { "type": "boolean", "description": "Whether those that stayed stand in another order." } },
        "required": ["added", "changed", "removed", "moved"],
        "additionalProperties": false,
    });
    let lists: Map<String, Value> =
        resource.fields.iter().filter(|field| field.rows().is_some()).map(|field| (field.name.to_owned(), changes.clone())).collect();
    if !lists.is_empty() {
        body["properties"]["rows"] = json!({ "type": "object", "properties": lists, "additionalProperties": false, "description": "Of the lists that changed, the ids of the rows that did." });
    }
    body
}
