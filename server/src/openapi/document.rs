//! The document, made of the routes.

use super::about::{About, Content};
use super::carried::{Carried, SchemasOf};
use super::example::Examples;
use super::schemas::{SchemaOf, Schemas, Way};
use crate::http::{Problem, Route};
use axum::http::Method;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What may come of any request.
const ANYWHERE: &[(u16, &str)] =
    &[(429, "too_many_requests"), (500, "internal_fault"), (503, "overloaded"), (503, "took_too_long"), (503, "database_busy")];

/// Refusals that most routes have, by a name each: the status and all its codes.
const SHARED: &[(&str, u16, &[&str])] = &[
    ("NotSignedIn", 401, &["not_signed_in", "session_expired"]),
    ("TooManyRequests", 429, &["too_many_requests"]),
    ("Fault", 500, &["internal_fault"]),
    ("Busy", 503, &["database_busy", "overloaded", "took_too_long"]),
];

/// What the API says of itself, first.
const DESCRIPTION: &str = "What the office, the floor and integrators ask of Holdfast. Sign in with `POST /api/v1/identity/sessions`; it sets the cookie `hf_session` \
    and answers `csrf`, which every request that changes something sends back in the header `x-holdfast-csrf`. Whatever is refused is answered \
    as problem+json (RFC 9457): `code` is stable, `title` and `detail` are for people. Every answer names its request in `x-request-id`. \
    Instants are milliseconds since 1970 UTC, amounts are whole numbers of the currency's smallest unit, quantities and rates are decimals as \
    text. `docs/API.md` walks through it with curl.";

/// OpenAPI 3.1 of these routes. One that says nothing of itself is left out; a test fails for it.
pub fn document(routes: &[Route]) -> Value {
    let mut schemas = Schemas::new();
    let mut components = Map::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut tags = BTreeSet::new();
    let problem = schemas.get(&SchemaOf::of::<Problem>(Way::Told));
    for route in routes {
        let Some(about) = &route.about else { continue };
        let mut carried = Carried::default();
        (route.carries)(&mut carried, &mut SchemasOf(&mut schemas));
        let tag = tag_of(route.path);
        tags.insert(tag);
        let described = Described { route, about, carried, tag, problem: &problem };
        paths.entry(route.path).or_default().insert(route.method.as_str().to_lowercase(), described.operation(&mut schemas));
        components.extend(about.components.iter().map(|(name, schema)| (name.clone(), schemas.get(schema))));
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Holdfast",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The server that this comes from." }],
        "tags": tags.iter().map(|tag| json!({ "name": tag, "description": told_of(tag) })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": SHARED.iter().map(|(name, status, codes)| ((*name).to_owned(), refusal(*status, codes, &problem))).collect::<Map<_, _>>(),
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "hf_session",
                    "description": "Set by signing in; lasts 45 days after it was last used.",
                },
                "csrf": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "x-holdfast-csrf",
                    "description": "`csrf` of the session, with every request that may change something: it proves that no page of another site sent it.",
                },
            },
        },
    });
    schemas.finish(&mut document);
    Examples::add_to(&mut document);
    document
}

/// The module that a route belongs to.
fn tag_of(path: &'static str) -> &'static str {
    match path.strip_prefix("/api/v1/").map(|rest| rest.split('/').next().unwrap_or_default()) {
        None | Some("openapi.json") => "server",
        Some("search") => "search",
        Some(module) => module,
    }
}

fn told_of(tag: &str) -> &'static str {
    match tag {
        "audit" => "Who did what, when, from where, and what was before.",
        "blobs" => "Photos and papers that facts name by their SHA-256.",
        "catalog" => "What is sold: products, categories, tax rates.",
        "events" => "What happened, in order, as CloudEvents 1.0; and what a part of the server could not work through.",
        "identity" => "Signing in, sites, devices, and who may do what.",
        "procurement" => "Whom goods are bought from.",
        "reporting" => "Totals.",
        "sales" => "Tickets, tills, what needs a look, and customers.",
        "search" => "Over everything that one may look at.",
        "server" => "The server itself.",
        "sync" => "What devices send and follow. docs/SYNC.md says what the bytes mean.",
        "views" => "Lists as people keep them under a name.",
        _ => "",
    }
}

struct Described<'a> {
    route: &'a Route,
    about: &'a About,
    carried: Carried,
    tag: &'static str,
    problem: &'a Value,
}

impl Described<'_> {
    fn operation(&self, schemas: &mut Schemas) -> Value {
        let Self { route, about, carried, tag, .. } = self;
        let mut operation = json!({ "operationId": about.id, "summary": about.summary, "tags": [tag] });
        if !about.detail.is_empty() {
            operation["description"] = json!(about.detail);
        }
        let parameters = self.parameters();
        if !parameters.is_empty() {
            operation["parameters"] = json!(parameters);
        }
        let bodies: Vec<&Content> = carried.bodies.iter().chain(&about.bodies).collect();
        if !bodies.is_empty() {
            operation["requestBody"] = json!({ "required": true, "content": content(bodies, schemas) });
        }
        let changes = !route.method.is_safe();
        operation["security"] = match (carried.session, changes) {
            (false, _) => json!([]),
            (true, false) => json!([{ "session": [] }]),
            (true, true) => json!([{ "session": [], "csrf": [] }]),
        };
        operation["responses"] = self.responses(changes, schemas);
        operation
    }

    fn parameters(&self) -> Vec<Value> {
        let Self { route, about, carried, .. } = self;
        let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let variables = names.zip(&carried.variables).map(|(name, schema)| json!({ "name": name, "in": "path", "required": true, "schema": schema }));
        let query = carried.query.as_ref().map(query_parameters).unwrap_or_default();
        variables.chain(query).chain(carried.headers.iter().cloned()).chain(about.parameters.iter().cloned()).map(described_outside).collect()
    }

    fn responses(&self, changes: bool, schemas: &mut Schemas) -> Value {
        let Self { about, carried, .. } = self;
        let mut responses = Map::new();
        let headers: Map<String, Value> = about
            .headers
            .iter()
            .map(|(name, description)| ((*name).to_owned(), json!({ "description": description, "schema": { "type": "string" } })))
            .collect();
        let mut answer = |status: u16, bodies: Vec<&Content>| {
            let mut response = json!({ "description": done(status) });
            if !bodies.is_empty() {
                response["content"] = content(bodies, schemas);
            }
            if !headers.is_empty() {
                response["headers"] = json!(headers);
            }
            responses.insert(status.to_string(), response);
        };
        if !carried.answers.is_empty() {
            let statuses: &[u16] = if about.statuses.is_empty() { &[200] } else { &about.statuses };
            statuses.iter().for_each(|status| answer(*status, carried.answers.iter().collect()));
        }
        let given: BTreeSet<u16> = about.answers.iter().map(|(status, _)| *status).collect();
        for status in given {
            answer(status, about.answers.iter().filter(|(of, _)| *of == status).filter_map(|(_, content)| content.as_ref()).collect());
        }
        for (status, codes) in self.refusals(changes) {
            let codes: Vec<&str> = codes.into_iter().collect();
            let shared = SHARED.iter().find(|shared| shared.1 == status && shared.2 == codes);
            let response = shared.map(|(name, ..)| json!({ "$ref": format!("#/components/responses/{name}") }));
            responses.insert(status.to_string(), response.unwrap_or_else(|| refusal(status, &codes, self.problem)));
        }
        Value::Object(responses)
    }

    fn refusals(&self, changes: bool) -> BTreeMap<u16, BTreeSet<&'static str>> {
        let mut refusals: BTreeMap<u16, BTreeSet<&'static str>> = BTreeMap::new();
        let of_changes: &[(u16, &str)] = if changes { &[(403, "cross_site_request")] } else { &[] };
        let of_sessions: &[(u16, &str)] =
            if changes && self.carried.session { &[(403, "csrf_token_missing"), (403, "csrf_token_wrong")] } else { &[] };
        let own = self.carried.refusals.iter().chain(&self.about.refusals);
        for (status, code) in own.chain(of_changes).chain(of_sessions).chain(ANYWHERE) {
            refusals.entry(*status).or_default().insert(code);
        }
        refusals
    }
}

/// A parameter's description stands beside its schema.
fn described_outside(mut parameter: Value) -> Value {
    let inside = parameter["schema"].as_object_mut().and_then(|schema| schema.remove("description"));
    if let Some(description) = inside {
        parameter["description"] = description;
    }
    parameter
}

fn query_parameters(query: &Value) -> Vec<Value> {
    let required: Vec<&str> = query["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let parameter = |(name, schema): (&String, &Value)| {
        let required = required.contains(&name.as_str());
        json!({ "name": name, "in": "query", "required": required, "schema": without_null(schema.clone()) })
    };
    query["properties"].as_object().into_iter().flatten().map(parameter).collect()
}

/// A query cannot say null: what is not asked for is left out.
fn without_null(mut schema: Value) -> Value {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    let some = schema.get("anyOf").and_then(Value::as_array).and_then(|any| any.iter().find(|one| one["type"] != "null")).cloned();
    if let (Some(Value::Object(mut some)), Some(fields)) = (some, schema.as_object()) {
        some.extend(fields.iter().filter(|(name, _)| *name != "anyOf" && *name != "default").map(|(name, value)| (name.clone(), value.clone())));
        return Value::Object(some);
    }
    if schema.get("default").is_some_and(Value::is_null)
        && let Some(fields) = schema.as_object_mut()
    {
        fields.remove("default");
    }
    schema
}

fn content(bodies: Vec<&Content>, schemas: &mut Schemas) -> Value {
    let mut content = Map::new();
    for body in bodies {
        let mut media = json!({ "schema": schemas.get(&body.schema) });
        if let Some(example) = &body.example {
            media["example"] = example.clone();
        }
        content.insert(body.media_type.clone().into_owned(), media);
    }
    Value::Object(content)
}

fn refusal(status: u16, codes: &[&str], problem: &Value) -> Value {
    let named: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
    let mut response = json!({
        "description": named.join(", "),
        "content": {
            "application/problem+json": {
                "schema": { "allOf": [problem, { "type": "object", "properties": { "status": { "const": status }, "code": { "enum": codes } } }] },
            },
        },
    });
    if matches!(status, 429 | 503) {
        response["headers"] = json!({ "retry-after": { "description": "After how many seconds to try again.", "schema": { "type": "string" } } });
    }
    response
}

fn done(status: u16) -> &'static str {
    match status {
        201 => "Made.",
        204 => "Done; there is nothing to tell.",
        206 => "The part that was asked for.",
        304 => "It is as it was.",
        _ => "Done.",
    }
}

/// How a route is known: its method and template.
pub fn key(method: &Method, path: &str) -> String {
    format!("{method} {path}")
}
