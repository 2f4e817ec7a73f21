//! Bad input, at every address there is: oversized, truncated, of another type, with a field too many, with another company's ids, sent twice, sent
//! too late. One table names every route of the router; a route without a row fails.

mod records;
mod role_terms;
mod row;
mod table;
mod views;

use crate::support::Client;
use axum::http::{Method, StatusCode};
use holdfast_server::identity::Role;
use holdfast_server::rehearsal::Response;
use row::{Foreign, Row, Sends};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use table::Scene;

/// What must never come back: it may be a password that was put into the wrong field.
const SECRET: &str = "hunter2";
const JSON: &str = "application/json";

async fn send(client: &Client, row: &Row, body: Option<Vec<u8>>) -> Response {
    send_as(client, row, (body.is_some().then_some(JSON), body.unwrap_or_default())).await
}

async fn send_as(client: &Client, row: &Row, content: (Option<&str>, Vec<u8>)) -> Response {
    let client = if row.versioned { client.if_match(1) } else { client.clone() };
    client.send(row.method.clone(), &row.at, content).await
}

async fn send_well(client: &Client, row: &Row) -> Response {
    let body = row.body().map(|body| row.proved.map_or(body.clone(), |proved| proved(client, body)));
    send(client, row, body.map(|body| body.to_string().into_bytes())).await
}

fn problem(response: &Response) -> (u16, String) {
    let said: Value = response.json();
    assert!(!String::from_utf8_lossy(&response.body).contains(SECRET), "{said}");
    assert_eq!(
        (said["status"].as_u64(), said["type"].as_str()),
        (Some(response.status.as_u16().into()), Some(&*format!("urn:holdfast:problem:{}", response.code())))
    );
    (response.status.as_u16(), response.code())
}

#[test]
fn the_table_names_every_route_and_no_other() {
    let routes = holdfast_server::http::routes();
    let routed: BTreeSet<_> = routes.list().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let named: BTreeSet<_> = table::rows(&table::Ids::default()).iter().map(|row| format!("{} {}", row.method, row.template)).collect();
    assert_eq!(named, routed);
}

#[tokio::test]
async fn a_body_that_is_too_large_cut_off_or_of_another_type_is_refused_everywhere() {
    let scene = Scene::set().await;
    let owner = scene.owner().await;
    let before = scene.fingerprint().await;
    for row in scene.rows().iter().filter(|row| row.body().is_some()) {
        let body = row.body().unwrap().to_string().into_bytes();
        let large = vec![b' '; row.limit() + 1];
        assert_eq!(problem(&send(&owner, row, Some(large)).await), (413, "body_too_large".to_owned()), "{row}");
        for length in [0, 1, body.len() / 2, body.len() - 1] {
            let refused = problem(&send(&owner, row, Some(body[..length].to_vec())).await);
            assert_eq!(refused, (400, "malformed_json".to_owned()), "{row} cut at {length}");
        }
        for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data"), Some("application/jsonx")] {
            let refused = send_as(&owner, row, (kind, body.clone())).await;
            assert_eq!(problem(&refused), (415, "unsupported_content_type".to_owned()), "{row} as {kind:?}");
        }
    }
    assert_eq!(scene.fingerprint().await, before);
}

#[tokio::test]
async fn a_body_with_a_field_too_many_or_of_the_wrong_type_is_refused_everywhere() {
    let scene = Scene::set().await;
    let owner = scene.owner().await;
    let before = scene.fingerprint().await;
    for row in scene.rows() {
        let Some(Value::Object(sound)) = row.body() else { continue };
        let mut more = sound.clone();
        more.insert("crown".to_owned(), json!("owner"));
        let refused = send(&owner, &row, Some(Value::Object(more).to_string().into_bytes())).await;
        assert_eq!(problem(&refused), (422, "invalid_body".to_owned()), "{row}");
        assert!(refused.json::<Value>()["detail"].as_str().unwrap().contains("unknown field `crown`"), "{row}");
        for field in sound.keys() {
            for wrong in [json!({ "x": SECRET }), json!([{ "x": SECRET }]), json!(-1.5)] {
                let mut body = sound.clone();
                body.insert(field.clone(), wrong);
                // A record's values are an object; which fields it has is its declaration's to say.
                let code = if field == "values" && body[field].is_object() { "fields_invalid" } else { "invalid_body" };
                let refused = send(&owner, &row, Some(Value::Object(body).to_string().into_bytes())).await;
                assert_eq!(problem(&refused), (422, code.to_owned()), "{row} {field}");
            }
        }
        let refused = send(&owner, &row, Some(json!([SECRET]).to_string().into_bytes())).await;
        assert_eq!(problem(&refused), (422, "invalid_body".to_owned()), "{row}");
    }
    assert_eq!(scene.fingerprint().await, before);
}

#[tokio::test]
async fn cbor_that_is_cut_off_or_says_too_much_is_refused_where_it_is_taken() {
    let scene = Scene::set().await;
    let owner = scene.owner().await;
    let before = scene.fingerprint().await;
    for row in scene.rows() {
        let Sends::Wire(body) = &row.sends else { continue };
        let sound = holdfast_sync::cbor::encode(body);
        let mut more = body.clone();
        more["role"] = json!("owner");
        let values: Vec<_> = body.as_object().unwrap().values().collect();
        let (more, values) = (holdfast_sync::cbor::encode(&more), holdfast_sync::cbor::encode(&values));
        for bad in [&sound[..sound.len() - 1], &sound[..1], &[], &more, &values] {
            let refused = owner.send(row.method.clone(), &row.at, (Some("application/cbor"), bad.to_vec())).await;
            assert_eq!(problem(&refused), (422, "invalid_body".to_owned()), "{row}");
        }
    }
    assert_eq!(scene.fingerprint().await, before);
}

#[tokio::test]
async fn a_query_that_says_too_much_or_what_cannot_be_is_refused_everywhere() {
    let scene = Scene::set().await;
    let owner = scene.owner().await;
    for row in scene.rows() {
        let Sends::Query(bad) = row.sends else { continue };
        let glue = if row.at.contains('?') { '&' } else { '?' };
        let refused = owner.get(&format!("{}{glue}role=owner", row.at)).await;
        assert_eq!(problem(&refused), (400, "invalid_query".to_owned()), "{row}");
        for (parameter, code) in bad {
            let path = format!("{}?{parameter}", row.at.split('?').next().unwrap());
            assert_eq!(problem(&owner.get(&path).await), (400, (*code).to_owned()), "{path}");
        }
    }
}

#[tokio::test]
async fn an_address_that_names_nothing_is_refused_everywhere() {
    let scene = Scene::set().await;
    let owner = scene.owner().await;
    let before = scene.fingerprint().await;
    for row in scene.rows().iter().filter(|row| row.template.contains('{')) {
        for (id, code) in [(SECRET.to_owned(), None), (uuid::Uuid::from_u128(0xdead).to_string(), row.unknown)] {
            let parts = row.template.split('/').map(|part| match part {
                "{page}" => "0",
                part if part.starts_with('{') => &id,
                part => part,
            });
            let row = Row { at: parts.collect::<Vec<_>>().join("/"), ..row.clone() };
            let refused = send_well(&owner, &row).await;
            let said = (refused.status.as_u16(), refused.code());
            assert_eq!(said, (404, code.unwrap_or("unknown_id").to_owned()), "{row}");
        }
    }
    assert_eq!(scene.fingerprint().await, before);
}

#[tokio::test]
async fn another_companys_ids_are_as_good_as_none_everywhere() {
    let scene = Scene::set().await;
    let before = scene.fingerprint().await;
    for row in scene.rows() {
        let stranger = scene.stranger().await;
        match row.foreign {
            Foreign::Refused(status, code) => assert_eq!(problem(&send_well(&stranger, &row).await), (status, code.to_owned()), "{row}"),
            Foreign::SeesNothing => {
                let answer = send_well(&stranger, &row).await;
                assert!(answer.status.is_success(), "{row}: {}", String::from_utf8_lossy(&answer.body));
                let told = String::from_utf8_lossy(&answer.body).into_owned();
                assert!(scene.ids.all().iter().all(|id| !told.contains(id)), "{row}: {told}");
            }
            Foreign::NamesNothing => {}
        }
    }
    assert_eq!(scene.fingerprint().await, before);
}

#[tokio::test]
async fn what_is_sent_again_changes_nothing_more() {
    let scene = Scene::set().await;
    for row in scene.rows().iter().filter(|row| !row.method.is_safe()) {
        let owner = scene.owner().await;
        let first = send_well(&owner, row).await;
        assert_eq!(first.status.as_u16(), row.twice.0, "{row}: {}", String::from_utf8_lossy(&first.body));
        let before = scene.fingerprint().await;
        let second = send_well(&owner, row).await;
        assert_eq!(second.status.as_u16(), row.twice.1, "{row}: {}", String::from_utf8_lossy(&second.body));
        assert_eq!(scene.fingerprint().await, before, "{row}");
    }
}

#[tokio::test]
async fn a_session_that_has_ended_opens_nothing() {
    let scene = Scene::set().await;
    let owner = scene.owner().await;
    let before = scene.fingerprint().await;
    scene.company.test.world.pass(Duration::from_hours(24 * 46));
    for row in scene.rows().iter().filter(|row| !row.open) {
        assert_eq!(problem(&send_well(&owner, row).await), (401, "session_expired".to_owned()), "{row}");
    }
    assert_eq!(scene.fingerprint().await, before);
}

/// Who is let in where, as it was last reviewed. A line that changes is a change of who may do what, and is reviewed as one.
#[tokio::test]
async fn each_route_lets_in_the_roles_that_were_reviewed() {
    let scene = Scene::set().await;
    let mut people = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Owner && *role != Role::Auditor) {
        let name = format!("hired_{}", role.name());
        scene.company.hire(&name, (role, scene.company.site)).await;
        people.push((role.name(), scene.company.sign_in(&name).await.0));
    }
    people.push(("auditor", scene.company.sign_in("auditor").await.0));
    // Last, because what an owner takes back is gone for the others too.
    people.push(("owner", scene.owner().await));
    let mut matrix = Vec::new();
    for row in scene.rows().iter().filter(|row| !row.open && row.method != Method::DELETE) {
        let mut let_in = Vec::new();
        for (role, client) in &people {
            // Of a stream that is open, nobody hears the end.
            let stands = row.template.ends_with("/live") && client.open(&row.at).await.status() == StatusCode::OK;
            let refused = if stands { None } else { Some(send_well(client, row).await).filter(|answer| answer.status == StatusCode::FORBIDDEN) };
            match refused {
                None => let_in.push(*role),
                // Of a file the field is asked for, too.
                Some(refused) if row.template.contains("/files/") && refused.code() == "field_forbidden" => {}
                Some(refused) => assert_eq!(refused.code(), "permission_missing", "{row} as {role}"),
            }
        }
        let everybody = let_in.len() == people.len();
        matrix.push(format!("{} {}: {}", row.method, row.template, if everybody { "everybody".to_owned() } else { let_in.join(" ") }));
    }
    assert_eq!(matrix.join("\n"), include_str!("roles.txt").trim_end());
}
