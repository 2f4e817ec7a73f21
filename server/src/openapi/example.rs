//! An example of each body, made of its schema: of what the schema gives as examples, choices and bounds, and of words for what is plain text.

use serde_json::{Map, Value, json};

/// No body of ours is deeper.
const DEEPEST: usize = 30;

/// Makes examples of one document's schemas.
pub struct Examples<'a> {
    components: &'a Value,
}

impl<'a> Examples<'a> {
    /// Of the document whose components these are.
    pub fn of(document: &'a Value) -> Self {
        Self { components: &document["components"]["schemas"] }
    }

    /// Gives each JSON body that has none its example.
    pub(super) fn add_to(document: &mut Value) {
        let before = document.clone();
        let examples = Examples::of(&before);
        for operation in
            document["paths"].as_object_mut().into_iter().flatten().flat_map(|(_, path)| path.as_object_mut()).flatten().map(|(_, it)| it)
        {
            add_to_content(&mut operation["requestBody"]["content"], &examples);
            if operation["requestBody"]["content"].is_null()
                && let Some(operation) = operation.as_object_mut()
            {
                operation.remove("requestBody");
            }
            for response in operation["responses"].as_object_mut().into_iter().flatten().map(|(_, response)| response) {
                if response.get("content").is_some() {
                    add_to_content(&mut response["content"], &examples);
                }
            }
        }
    }

    /// An example of what that schema describes.
    pub fn example(&self, schema: &Value) -> Value {
        self.make(schema, "", 0)
    }

    fn make(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        let first = |field: &str| schema[field].as_array().and_then(|values| values.first());
        if let Some(given) = schema.get("example").or_else(|| first("examples")).or_else(|| schema.get("const")).or_else(|| first("enum")) {
            return given.clone();
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let target = &self.components[reference.rsplit('/').next().unwrap_or_default()];
            return self.make(target, name, depth + 1);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return merged(parts.iter().map(|part| self.make(part, name, depth + 1)));
        }
        let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
        if let Some(choice) = choices.and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
            return merged([self.make(choice, name, depth + 1), self.object(schema, name, depth)].into_iter().filter(|part| !part.is_null()));
        }
        match kind(schema) {
            Some("object") => self.object(schema, name, depth),
            Some("array") => self.array(schema, name, depth),
            Some("string") => text(schema, name),
            Some("integer") => json!(schema["minimum"].as_i64().unwrap_or(0).max(3).min(schema["maximum"].as_i64().unwrap_or(i64::MAX))),
            Some("number") => json!(1),
            Some("boolean") => json!(schema["default"].as_bool().unwrap_or(false)),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let properties = schema["properties"].as_object().into_iter().flatten();
        // What a site is called is no person's name.
        let called = format!("{name}_name");
        let mut object: Map<String, Value> = Map::new();
        for (field, of) in properties {
            object.insert(field.clone(), self.make(of, if field == "name" && word(&called).is_some() { &called } else { field }, depth + 1));
        }
        if let Some(of) = schema.get("additionalProperties").filter(|of| of.is_object()) {
            object.insert(ID.to_owned(), self.make(of, "name", depth + 1));
        }
        if let Some(of) = schema["patternProperties"].as_object().and_then(|of| of.values().next()) {
            object.insert("tenant".to_owned(), self.make(of, "", depth + 1));
        }
        if kind(schema).is_none() && object.is_empty() { Value::Null } else { Value::Object(object) }
    }

    fn array(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if let Some(items) = schema["prefixItems"].as_array() {
            return items.iter().map(|item| self.make(item, name, depth + 1)).collect();
        }
        let item = self.make(&schema["items"], name.strip_suffix('s').unwrap_or(name), depth + 1);
        if item.is_null() { json!([]) } else { json!([item]) }
    }
}

const ID: &str = "7f6b1a52-3c0e-4a8d-9b1f-2d4e6a8c0b13";

fn add_to_content(content: &mut Value, examples: &Examples<'_>) {
    if let Some(media) = content.get_mut("application/json").filter(|media| media.get("example").is_none()) {
        media["example"] = examples.example(&media["schema"]);
    }
}

fn merged(parts: impl IntoIterator<Item = Value>) -> Value {
    parts.into_iter().fold(Value::Null, |all, part| match (all, part) {
        (Value::Object(mut all), Value::Object(part)) => {
            all.extend(part);
            Value::Object(all)
        }
        (Value::Null, part) => part,
        (all, _) => all,
    })
}

fn kind(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ => None,
    }
}

fn text(schema: &Value, name: &str) -> Value {
    let text = match (schema["format"].as_str(), schema["contentEncoding"].as_str()) {
        (Some("uuid"), _) => ID,
        (Some("date"), _) => "2026-11-20",
        (Some("date-time"), _) => "2026-11-20T09:00:00Z",
        (Some("email"), _) => "office@seahorse.example",
        (_, Some("base64")) => "3q2+7w==",
        _ => word(name).unwrap_or("text"),
    };
    json!(text)
}

/// What stands, as an example, where any text may.
pub(super) fn word(name: &str) -> Option<&'static str> {
    Some(match name {
        "account" | "by" | "name" | "opened_by" | "by_name" | "author" => "Ada Petrescu",
        "tenant" | "tenant_slug" => "seahorse",
        "tenant_name" => "Seahorse",
        "email" => "ada@seahorse.example",
        "password" => "seahorse-demo",
        "csrf" => "vZ3y7mQ1kq0",
        "reason" => "As agreed with the customer.",
        "role" => "cashier",
        "site_name" => "Harbour Street",
        "list_name" => "Summer sale",
        "group_name" => "Wholesale",
        "till_name" | "device_name" | "device" => "Till 1",
        "time_zone" => "Europe/Paris",
        "code" | "ruling" => "price_not_in_force",
        "waive" | "waived" | "waives" => "grant_revoked",
        "kind" => "sales.ticket",
        "title" => "Baguette",
        "action" => "update",
        "field" => "name",
        "receipt" => "1042",
        "barcode" => "9521000010239",
        "next" => "1795165200000.7f6b1a52-3c0e-4a8d-9b1f-2d4e6a8c0b13",
        "grant" | "token" => "eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiI3ZjZiMWE1MiJ9.c2lnbmF0dXJl",
        "crv" => "P-256",
        "kty" => "EC",
        "x" | "y" | "protected" | "iv" | "ciphertext" => "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "app" => "0.1.0",
        "consumer" => "reporting.takings",
        "subject" => ID,
        "error" => "the database failed: connection reset",
        "value" => "2",
        "session" => "5f0c1d2e3a4b5c6d7e8f901a2b3c4d5e",
        "trace" => "4bf92f3577b34da6a3ce929d0e0e4736",
        "address" => "192.0.2.7",
        "user_agent" => "curl/8.5.0",
        "page" => "/api/v1/sync/bootstrap/7f6b1a52-3c0e-4a8d-9b1f-2d4e6a8c0b13/0",
        "currency" => "EUR",
        "tag" | "type" | "detail" | "" => "text",
        _ => return None,
    })
}
