//! The document of the API: that it tells all there is, and nothing wrong. That answers are as it says, [`described`](crate::support::described) asks of every
//! answer in all these tests.

use crate::support::described::{DOCUMENT, as_described, validator};
use crate::support::{Client, TestServer};
use holdfast_server::failure::{Failure, Refusal};
use holdfast_server::http::routes;
use holdfast_server::openapi::Examples;
use serde_json::Value;
use std::collections::BTreeSet;

/// Each operation with its method and path.
fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    })
}

/// Each media type of each body that is taken or answered.
fn bodies() -> impl Iterator<Item = (String, &'static Value)> {
    operations().flat_map(|(name, operation)| {
        let answers = operation["responses"].as_object().unwrap().iter().map(|(status, response)| (status.clone(), &response["content"]));
        let all = answers.chain([("body".to_owned(), &operation["requestBody"]["content"])]).collect::<Vec<_>>();
        all.into_iter().flat_map(move |(what, content)| {
            let name = name.clone();
            content.as_object().into_iter().flatten().map(move |(media_type, media)| (format!("{name} {what} {media_type}"), media))
        })
    })
}

#[test]
fn every_route_is_described_once_under_an_id_of_its_own() {
    let declared: BTreeSet<String> = routes().list().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let told: BTreeSet<String> = operations().map(|(name, _)| name).collect();
    assert_eq!(told, declared);
    let ids: BTreeSet<&str> = operations().map(|(_, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), told.len());
    for (name, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        assert!(id.split('.').count() >= 2 && id.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_')), "{name}: {id}");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
        let variables = name.matches('{').count();
        let told = operation["parameters"].as_array().map_or(0, |all| all.iter().filter(|parameter| parameter["in"] == "path").count());
        assert_eq!(told, variables, "{name}");
        let answers = operation["responses"].as_object().unwrap().keys().filter(|status| status.as_str() < "300").count();
        assert!(answers > 0, "{name} says what it answers where all goes well");
    }
    assert!(DOCUMENT["tags"].as_array().unwrap().iter().all(|tag| tag["description"] != ""), "each module says what it is: {:#}", DOCUMENT["tags"]);
}

#[test]
fn every_json_body_has_an_example_and_the_example_is_one() {
    let mut seen = 0;
    for (name, media) in bodies().filter(|(name, _)| name.ends_with("json")) {
        if name.contains("ndjson") || name.contains("problem+json") || name.contains("cloudevents") || name.contains("openapi.json") {
            continue;
        }
        let example = media.get("example").unwrap_or_else(|| panic!("{name} has no example"));
        let wrong: Vec<String> =
            validator(&media["schema"]).iter_errors(example).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?} in {example:#}");
        seen += 1;
    }
    assert!(seen > 80, "{seen}");
}

/// Where any text may stand, an example says something of the sort.
#[test]
fn examples_speak_of_what_they_are() {
    let mut nameless = BTreeSet::new();
    for (name, media) in bodies().filter(|(name, _)| name.ends_with(" application/json")) {
        note_nameless(&media["example"], "", &name, &mut nameless);
    }
    assert!(nameless.is_empty(), "give them a word in openapi/example.rs: {nameless:#?}");
}

fn note_nameless(example: &Value, at: &str, name: &str, nameless: &mut BTreeSet<String>) {
    match example {
        Value::Object(fields) => fields.iter().for_each(|(field, value)| note_nameless(value, field, name, nameless)),
        Value::Array(items) => items.iter().for_each(|item| note_nameless(item, at, name, nameless)),
        Value::String(text) if text == "text" && !["tag", "type", "detail", ""].contains(&at) => drop(nameless.insert(format!("{at} ({name})"))),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn look(value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    assert!(DOCUMENT.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
                }
                fields.values().for_each(look);
            }
            Value::Array(items) => items.iter().for_each(look),
            _ => {}
        }
    }
    look(&DOCUMENT);
    assert!(Examples::of(&DOCUMENT).example(&serde_json::json!({ "$ref": "#/components/schemas/Problem" })).is_object());
}

#[tokio::test]
async fn it_is_told_to_programs_and_to_people() {
    let server = TestServer::start().await;
    let document = server.stranger().get("/api/v1/openapi.json").await;
    assert_eq!((document.status, serde_json::from_slice::<Value>(&document.body).unwrap()), (200, DOCUMENT.clone()));
    let page = server.stranger().get("/docs").await;
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'; style-src 'sha256-")));
    for (_, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        assert!(text.contains(&format!("<article id=\"{id}\"")) && text.contains(&format!("href=\"#{id}\"")), "{id} has an address of its own");
    }
    assert!(!text.contains("<script") && !text.contains("style=\""), "nothing runs, and no style stands but in the sheet that the policy names");
}

/// So that the tests' look at every answer is no empty promise.
#[tokio::test]
#[should_panic(expected = "sales.till.list answered 200 not as described")]
async fn an_answer_that_is_not_as_described_is_found_out() {
    let lying = axum::Router::new().route("/api/v1/sales/tills", axum::routing::get(async || axum::Json(serde_json::json!({ "tills": 3 }))));
    Client::of(as_described(lying)).get("/api/v1/sales/tills").await;
}

#[tokio::test]
#[should_panic(expected = "sales.till.list answered 403 not as described")]
async fn a_code_that_is_not_described_is_found_out() {
    let refuse = async || Failure::from(Refusal::new(403, "no_such_code", "It is not said", "Nobody knows."));
    let lying = axum::Router::new().route("/api/v1/sales/tills", axum::routing::get(refuse));
    Client::of(as_described(lying)).get("/api/v1/sales/tills").await;
}
