//! What integrators read: CloudEvents 1.0 whose bodies are as their JSON Schemas say.

use super::scene::{FLOAT, Shop, bread, coffee};
use axum::http::{StatusCode, header};
use holdfast_domain::identity::RoleGiven;
use holdfast_domain::kernel::{SiteId, TenantId, TillId};
use holdfast_server::identity::Role;
use holdfast_server::rehearsal::Client;
use serde_json::{Value, json};
use std::path::Path;
use uuid::Uuid;

/// Each type that is published, once.
async fn a_day(shop: &Shop) {
    let mut seller = shop.seller(0, 1).await;
    seller.sell(&[coffee(), bread()]);
    seller.close(FLOAT + 370, 1);
    let file = seller.till.outbox_file();
    seller.push().await;
    let before = seller.till.outbox.len();
    let late = [seller.ring_up(&[coffee()]), seller.ring_up(&[coffee()])];
    let owner = shop.company.sign_in("owner").await.0;
    let handed_in = owner.post_json("/api/v1/sync/import", &file[0]).await;
    assert_eq!(handed_in.status, StatusCode::OK, "{}", String::from_utf8_lossy(&handed_in.body));
    let (grant, device) = (seller.till.claims().jti, seller.till.chain.device);
    for path in [format!("grants/{grant}"), format!("devices/{device}")] {
        let response = owner.post_json(&format!("/api/v1/identity/{path}/revocation"), &json!({ "reason": "the day is over" })).await;
        assert_eq!(response.status, StatusCode::OK);
    }
    // Their session ended with the grant; the device was revoked, and still may send up what it has.
    seller.till.client = shop.company.sign_in("cashier").await.0;
    seller.till.push_all().await;
    let opened = late.map(|ticket| seller.till.outbox[before..].iter().find(|row| row.document == ticket).unwrap().intent_id);
    let decisions = [("release", json!({ "reason": "it happened", "waives": ["grant_revoked"] })), ("reject", json!({ "reason": "it did not" }))];
    for (intent, (verdict, body)) in opened.into_iter().zip(decisions) {
        let response = owner.post_json(&format!("/api/v1/sync/held/{intent}/{verdict}"), &body).await;
        assert_eq!(response.status, StatusCode::OK, "{}", String::from_utf8_lossy(&response.body));
    }
    let account = seller.till.session.account;
    let gift = json!({ "account": account, "role": "auditor", "site": shop.company.site, "from": null, "until": "2126-11-20", "reason": "the fair" });
    let given: RoleGiven = owner.post_json("/api/v1/identity/roles", &gift).await.json();
    let ended = owner.post_json(&format!("/api/v1/identity/roles/{}/end", given.id), &json!({ "reason": "it rains" })).await;
    assert_eq!(ended.status, StatusCode::OK);
    let role =
        json!({ "name": "Till helper", "terms": { "permissions": ["sales.ticket.sell"], "fields": { "sales.customer": { "email": "masked" } } } });
    assert_eq!(owner.post_json("/api/v1/identity/role-terms", &role).await.status, StatusCode::CREATED);
}

async fn read(client: &Client, query: &str) -> Vec<Value> {
    let response = client.get(&format!("/api/v1/events{query}")).await;
    assert_eq!(response.status, StatusCode::OK, "{}", String::from_utf8_lossy(&response.body));
    assert_eq!(response.headers[header::CONTENT_TYPE], "application/cloudevents-batch+json");
    response.json()
}

#[tokio::test]
async fn every_type_has_a_schema_and_its_bodies_are_as_it_says() {
    let shop = Shop::open().await;
    a_day(&shop).await;
    let events = read(&shop.auditor().await, "").await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events");
    let mut told: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    for (event, kind) in events.iter().zip(&told) {
        let schema: Value = serde_json::from_slice(&std::fs::read(folder.join(format!("{kind}.json"))).unwrap()).unwrap();
        assert_eq!(event["dataschema"], schema["$id"], "{kind}");
        let validator = jsonschema::validator_for(&schema).unwrap();
        validator.validate(&event["data"]).unwrap_or_else(|error| panic!("{kind}: {error}: {}", event["data"]));
        let mut more = event["data"].clone();
        more["more"] = json!(1);
        assert!(!validator.is_valid(&more), "the schema of {kind} says all there is");
    }
    told.sort();
    // Those of records follow from their declarations: `records::declared`.
    let of_records = |kind: &String| holdfast_domain::RESOURCES.iter().any(|resource| resource.publishes(kind));
    let mut described: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    described.retain(|kind| !of_records(kind));
    described.sort();
    assert_eq!(told, described);
}

#[tokio::test]
async fn an_event_has_the_attributes_of_cloudevents() {
    let shop = Shop::open().await;
    a_day(&shop).await;
    let event = read(&shop.auditor().await, "").await.into_iter().find(|event| event["type"] == "payment.received").unwrap();
    assert_eq!((&event["specversion"], &event["datacontenttype"]), (&json!("1.0"), &json!("application/json")));
    assert_eq!(event["source"], format!("urn:holdfast:tenant:{}", shop.tenant()));
    assert_eq!((&event["time"], &event["subject"]), (&json!("2026-11-20T09:00:00Z"), &event["data"]["payment"]));
    assert_eq!(event["site"], shop.company.site.to_string());
    for id in ["id", "correlationid"] {
        assert!(event[id].as_str().unwrap().parse::<Uuid>().is_ok(), "{id}");
    }
    assert!(event["traceparent"].as_str().unwrap().starts_with("00-"));
    assert_eq!(event["data"]["amount"], json!({ "minor": 370, "currency": "EUR" }));
}

#[tokio::test]
async fn events_are_read_on_from_the_last_without_a_gap_or_a_repeat() {
    let shop = Shop::open().await;
    a_day(&shop).await;
    let auditor = shop.auditor().await;
    let all = read(&auditor, "").await;
    let mut seen: Vec<Value> = Vec::new();
    loop {
        let after = seen.last().map(|event| format!("&after={}", event["sequence"].as_str().unwrap())).unwrap_or_default();
        let batch = read(&auditor, &format!("?limit=1{after}")).await;
        if batch.is_empty() {
            break;
        }
        seen.extend(batch);
    }
    assert_eq!((seen.len(), seen), (12, all));
}

#[tokio::test]
async fn only_who_may_read_at_every_site_reads_events_and_no_other_companys() {
    let shop = Shop::open().await;
    a_day(&shop).await;
    shop.company.hire("manager", (Role::SiteManager, shop.company.site)).await;
    shop.company.hire("inspector", (Role::Auditor, shop.company.site)).await;
    for name in ["cashier", "manager", "inspector"] {
        let response = shop.company.sign_in(name).await.0.get("/api/v1/events").await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (403, "permission_missing"), "{name}");
    }
    let tenant = TenantId(Uuid::from_u128(0xfa0_0000));
    shop.company.found("wrack", tenant, &[(SiteId(Uuid::from_u128(0xfa0_0001)), &[TillId(Uuid::from_u128(0xfa0_0002))])]).await;
    let (stranger, _) = shop.company.sign_in_at("wrack", "owner").await;
    assert_eq!(read(&stranger, "").await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_with_a_stable_code() {
    let shop = Shop::open().await;
    let auditor = shop.auditor().await;
    for (query, code) in [
        ("?limit=0", "limit_out_of_range"),
        ("?limit=501", "limit_out_of_range"),
        ("?limit=x", "invalid_query"),
        ("?more=1", "invalid_query"),
        ("?after=1", "cursor_malformed"),
        ("?after=-1.0", "cursor_malformed"),
        ("?after=99999999999999999999.0", "cursor_malformed"),
    ] {
        let response = auditor.get(&format!("/api/v1/events{query}")).await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (400, code), "{query}");
    }
}
