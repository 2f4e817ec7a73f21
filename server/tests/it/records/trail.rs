//! What a write leaves behind: the audit, the timeline, the event.

use super::{CUSTOMERS, SUPPLIERS, at, company, make};
use holdfast_domain::kernel::resource::Timeline;
use serde_json::{Value, json};

#[tokio::test]
async fn a_timeline_says_who_did_what_why_and_from_what_to_what() {
    let (_company, owner) = company().await;
    let made = make(&owner, SUPPLIERS, json!({ "name": "Exotic Liquids", "address": { "city": "London" } })).await;
    let path = at(SUPPLIERS, made.id);
    owner
        .if_match(1)
        .patch_json(&path, &json!({ "values": { "address": { "city": "Leeds" }, "name": "Exotic Liquids" }, "reason": "they moved" }))
        .await;
    owner.if_match(2).post_json(&format!("{path}/archive"), &json!({})).await;
    let timeline: Timeline = owner.get(&format!("{path}/timeline")).await.json();
    let said: Vec<_> = timeline.changes.iter().map(|change| (change.action.as_str(), change.name.as_deref(), change.reason.as_deref())).collect();
    assert_eq!(said, [("archive", Some("owner"), None), ("update", Some("owner"), Some("they moved")), ("create", Some("owner"), None)]);
    let moved = &timeline.changes[1].changes;
    assert_eq!((moved.len(), moved[0].field.as_str(), &moved[0].before, &moved[0].after), (1, "address.city", &json!("London"), &json!("Leeds")));
}

#[tokio::test]
async fn an_entry_of_the_audit_says_from_where_and_is_never_changed_and_never_deleted() {
    let (company, owner) = company().await;
    make(&owner, SUPPLIERS, json!({ "name": "Exotic Liquids" })).await;
    let mut tx = company.test.tenant(company.tenant).await;
    let (roles, action, sessions, requests): (Vec<String>, String, i32, bool) =
        sqlx::query_as("select roles, action, octet_length(session), request is not null from audit_entries where kind = 'procurement.supplier'")
            .fetch_one(tx.connection())
            .await
            .unwrap();
    assert_eq!((roles, action.as_str(), sessions, requests), (vec!["owner".to_owned()], "create", 16, true));
    // A truncation waits for whoever has read.
    tx.commit().await.unwrap();
    for statement in ["update audit_entries set reason = 'x'", "delete from audit_entries", "truncate audit_entries"] {
        let mut tx = company.test.tenant(company.tenant).await;
        let error = sqlx::query(statement).execute(tx.connection()).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
        tx.commit().await.unwrap();
        let superuser = sqlx::PgPool::connect_with(company.test.as_superuser()).await.unwrap();
        let error = sqlx::query(statement).execute(&superuser).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{statement}, by a superuser");
    }
}

#[tokio::test]
async fn a_write_is_told_as_an_event_that_says_nothing_of_people() {
    let (_company, owner) = company().await;
    let values = json!({ "name": "Maria Anders", "email": "maria@alfreds.example", "address": { "city": "Berlin" } });
    let made = make(&owner, CUSTOMERS, values).await;
    owner
        .if_match(1)
        .patch_json(&at(CUSTOMERS, made.id), &json!({ "values": { "name": "Maria", "address": { "city": "Bonn" }, "tags": ["bakery"] } }))
        .await;
    let events: Value = owner.get("/api/v1/events").await.json();
    let of_customers: Vec<&Value> = events.as_array().unwrap().iter().filter(|event| event["subject"] == made.id.to_string()).collect();
    let kinds: Vec<_> = of_customers.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["sales.customer.created", "sales.customer.changed"]);
    let schemas = holdfast_server::records::schema::events(super::resource("sales.customer"));
    for (event, (kind, schema)) in of_customers.iter().zip(&schemas) {
        assert_eq!(event["type"], *kind);
        assert!(jsonschema::is_valid(schema, &event["data"]), "{event}");
    }
    assert_eq!(of_customers[1]["data"]["changed"], json!(["address", "name", "tags"]));
    assert_eq!(of_customers[1]["data"]["values"], json!({ "tags": ["bakery"] }));
    assert!(!events.to_string().contains("Maria") && !events.to_string().contains("maria"), "{events}");
}

#[tokio::test]
async fn what_fails_leaves_no_trace() {
    let (company, owner) = company().await;
    make(&owner, SUPPLIERS, json!({ "name": "Exotic Liquids" })).await;
    let taken = owner.post_json(SUPPLIERS, &json!({ "values": { "name": "Exotic Liquids" } })).await;
    assert_eq!(super::errors(&taken), [("name".to_owned(), "taken".to_owned())]);
    let mut tx = company.test.tenant(company.tenant).await;
    let entries: i64 =
        sqlx::query_scalar("select count(*) from audit_entries where kind = 'procurement.supplier'").fetch_one(tx.connection()).await.unwrap();
    let found: i64 =
        sqlx::query_scalar("select count(*) from search_entries where kind = 'procurement.supplier'").fetch_one(tx.connection()).await.unwrap();
    assert_eq!((entries, found), (1, 1));
}
