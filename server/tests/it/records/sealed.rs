//! Fields that are kept encrypted: in the database nobody reads them, and of those who may read records only whoever opens one.

use super::importing::{counts, import, wrong};
use super::{SUPPLIERS, at, company, errors, make, page, refused};
use crate::support::{Client, Company, as_described};
use holdfast_domain::kernel::TenantId;
use holdfast_domain::kernel::resource::{RecordView, Timeline};
use holdfast_server::field_keys::FieldKeys;
use holdfast_server::http::{App, Limits, router};
use holdfast_server::identity::Role;
use holdfast_server::tenancy::Database;
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, PgConnection};
use uuid::Uuid;

const PEOPLE: &str = "/api/v1/identity/people";
const IBAN: &str = "GB29NWBK60161331926819";
const OTHER: &str = "DE89370400440532013000";
const NOTE: &str = "Marc 0698765432. Allergic to penicillin.";

async fn supplier(client: &Client, name: &str, iban: &str) -> RecordView {
    make(client, SUPPLIERS, json!({ "name": name, "iban": iban })).await
}

async fn read(client: &Client, path: &str, id: Uuid) -> RecordView {
    client.get(&at(path, id)).await.json()
}

async fn superuser(company: &Company) -> PgConnection {
    company.test.as_superuser().connect().await.unwrap()
}

/// The same company, by a server that has these keys.
async fn with_keys(company: &Company, client: &Client, keys: FieldKeys) -> Client {
    let database = Database::connect(company.test.connections(), keys, company.app.environment.clone()).await.unwrap();
    client.elsewhere(as_described(router(App { database, ..company.app.clone() }, Limits::default())))
}

#[tokio::test]
async fn nothing_of_it_lies_readable_anywhere_in_the_database() {
    let (company, owner) = company().await;
    let made = supplier(&owner, "Exotic Liquids", "GB29 NWBK 6016 1331 9268 19").await;
    assert_eq!(made.values["iban"], IBAN);
    let changed = owner.if_match(1).patch_json(&at(SUPPLIERS, made.id), &json!({ "values": { "iban": OTHER } })).await;
    assert_eq!(changed.json::<RecordView>().values["iban"], OTHER);
    make(&owner, PEOPLE, json!({ "name": "Denise", "emergency": NOTE })).await;
    let file = format!("name,iban\nLeka,{IBAN}\n");
    assert_eq!(counts(&import(&owner, &format!("{SUPPLIERS}/import"), file).await), (1, 0, 0, 0));

    let mut superuser = superuser(&company).await;
    let tables: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'").fetch_all(&mut superuser).await.unwrap();
    assert!(tables.len() > 40);
    for table in tables {
        for plain in ["NWBK6016", "NWBK 6016", "0532013000", "penicillin", "0698765432"] {
            let sql = format!("select count(*) from {table} as t where to_jsonb(t)::text like '%' || $1 || '%'");
            let readable: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(plain).fetch_one(&mut superuser).await.unwrap();
            assert_eq!(readable, 0, "{plain} in {table}");
        }
    }
    let kept: Vec<String> = sqlx::query_scalar("select iban_sealed from suppliers").fetch_all(&mut superuser).await.unwrap();
    assert!(kept.len() == 2 && kept.iter().all(|value| value.starts_with("v1.")), "{kept:?}");
    let plain = sqlx::query("update suppliers set iban_sealed = 'GB29NWBK60161331926819'").execute(&mut superuser).await;
    assert!(plain.is_err(), "the table takes nothing that is not sealed");
}

#[tokio::test]
async fn a_value_that_is_moved_to_another_record_field_or_company_does_not_open() {
    let (company, owner) = company().await;
    let (first, second) = (supplier(&owner, "Exotic Liquids", IBAN).await, supplier(&owner, "Leka", OTHER).await);
    let person = make(&owner, PEOPLE, json!({ "name": "Denise", "emergency": NOTE })).await;
    let rock = TenantId(Uuid::from_u128(0x51));
    company.found("rock", rock, &[(holdfast_domain::kernel::SiteId(Uuid::from_u128(0x52)), &[])]).await;
    let stranger = company.sign_in_at("rock", "owner").await.0;
    let theirs = json!({ "id": first.id, "values": { "name": "Ours", "iban": OTHER } });
    assert_eq!(stranger.post_json(SUPPLIERS, &theirs).await.status.as_u16(), 201);
    let mut superuser = superuser(&company).await;
    let of_first = "(select iban_sealed from suppliers where name = 'Exotic Liquids')";
    for (moved, client, path, id, field) in [
        (format!("update suppliers set iban_sealed = {of_first} where name = 'Leka'"), &owner, SUPPLIERS, second.id, "iban"),
        (format!("update people set emergency_sealed = {of_first} where name = 'Denise'"), &owner, PEOPLE, person.id, "emergency"),
        // Even under the same id.
        (format!("update suppliers set iban_sealed = {of_first} where name = 'Ours'"), &stranger, SUPPLIERS, first.id, "iban"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(moved)).execute(&mut superuser).await.unwrap();
        let told = read(client, path, id).await;
        assert_eq!(told.values[field], "•••", "{path}");
        assert!(page(client, path).await.records.iter().any(|record| record.id == id), "the rest of the record is told");
    }
    // What stands instead of it is no value, and a new one takes its place.
    let now = read(&owner, SUPPLIERS, second.id).await.version;
    let change = async |iban: &str| owner.if_match(now).patch_json(&at(SUPPLIERS, second.id), &json!({ "values": { "iban": iban } })).await;
    assert_eq!(errors(&change("•••").await), [("iban".to_owned(), "not_valid".to_owned())]);
    assert_eq!(change(OTHER).await.json::<RecordView>().values["iban"], OTHER);
}

#[tokio::test]
async fn a_newer_key_takes_over_and_what_former_ones_sealed_opens_as_long_as_they_are_there() {
    let (company, owner) = company().await;
    let made = supplier(&owner, "Exotic Liquids", IBAN).await;
    let both = with_keys(&company, &owner, company.test.field_keys.and_passing()).await;
    assert_eq!(read(&both, SUPPLIERS, made.id).await.values["iban"], IBAN);
    let anew = supplier(&both, "Leka", OTHER).await;
    assert_eq!(read(&both, SUPPLIERS, anew.id).await.values["iban"], OTHER);
    assert_eq!(read(&owner, SUPPLIERS, anew.id).await.values["iban"], "•••", "a server that does not have the newer key yet");
    let other = with_keys(&company, &owner, FieldKeys::passing(&company.app.environment)).await;
    let told = read(&other, SUPPLIERS, made.id).await;
    assert_eq!((&told.values["iban"], &told.values["name"]), (&json!("•••"), &json!("Exotic Liquids")));
}

#[tokio::test]
async fn what_does_not_open_is_not_lost_by_whatever_else_is_written() {
    let (company, owner) = company().await;
    let made = supplier(&owner, "Exotic Liquids", IBAN).await;
    let other = with_keys(&company, &owner, FieldKeys::passing(&company.app.environment)).await;
    let written = other.if_match(1).patch_json(&at(SUPPLIERS, made.id), &json!({ "values": { "payment_days": 10 } })).await;
    assert_eq!(written.status.as_u16(), 200);
    // A file that is brought in writes all of a record at once.
    let file = format!("id,payment days,iban\n{},14,•••\n", made.id);
    assert_eq!(counts(&import(&other, &format!("{SUPPLIERS}/import"), file).await), (0, 1, 0, 0));
    let told = read(&owner, SUPPLIERS, made.id).await;
    assert_eq!((&told.values["payment_days"], &told.values["iban"]), (&json!(14), &json!(IBAN)));
    let cleared = other.if_match(told.version).patch_json(&at(SUPPLIERS, made.id), &json!({ "values": { "iban": null } })).await;
    assert_eq!(cleared.json::<RecordView>().values["iban"], Value::Null, "whoever means to take it away does");
}

#[tokio::test]
async fn whoever_knows_an_older_version_is_not_told_of_the_newer_one() {
    let (_company, owner) = company().await;
    let made = supplier(&owner, "Exotic Liquids", IBAN).await;
    let path = at(SUPPLIERS, made.id);
    assert_eq!(owner.if_match(1).patch_json(&path, &json!({ "values": { "iban": OTHER } })).await.status.as_u16(), 200);
    let stale = owner.if_match(1).patch_json(&path, &json!({ "values": { "iban": IBAN } })).await;
    let which = json!({ "records": [{ "id": made.id, "version": 2 }] });
    let tried = json!({ "which": which, "act": { "change": { "values": { "iban": IBAN } } }, "dry_run": true });
    let tried = owner.post_json(&format!("{SUPPLIERS}/bulk"), &tried).await;
    assert_eq!((stale.status.as_u16(), tried.status.as_u16()), (412, 200));
    for answer in [&stale.body, &tried.body] {
        let text = String::from_utf8_lossy(answer);
        assert!(["NWBK", "0532013000", "6819", "•••3000"].iter().all(|part| !text.contains(part)), "{text}");
    }
}

#[tokio::test]
async fn the_audit_says_that_it_changed_and_nobody_is_told_what_it_is() {
    let (_company, owner) = company().await;
    let made = supplier(&owner, "Exotic Liquids", IBAN).await;
    let path = at(SUPPLIERS, made.id);
    owner.if_match(1).patch_json(&path, &json!({ "values": { "iban": OTHER } })).await;
    owner.if_match(2).patch_json(&path, &json!({ "values": { "iban": null } })).await;
    let told: Timeline = owner.get(&format!("{path}/timeline")).await.json();
    let changes: Vec<_> =
        told.changes[..2].iter().map(|act| (act.changes[0].field.as_str(), &act.changes[0].before, &act.changes[0].after)).collect();
    assert_eq!(changes, [("iban", &json!("•••"), &Value::Null), ("iban", &json!("•••"), &json!("•••"))]);
    let events: Vec<Value> = owner.get("/api/v1/events").await.json();
    let changed = events.iter().find(|event| event["type"] == "procurement.supplier.changed").unwrap();
    assert_eq!((&changed["data"]["changed"], &changed["data"]["values"]), (&json!(["iban"]), &json!({})));
    for address in [
        "/api/v1/audit/entries",
        "/api/v1/audit/entries/file",
        "/api/v1/events",
        &format!("{path}/timeline"),
        &format!("{SUPPLIERS}/export"),
        SUPPLIERS,
    ] {
        let text = String::from_utf8_lossy(&owner.get(address).await.body).into_owned();
        assert!(!text.contains("NWBK") && !text.contains("0532013000"), "{address}: {text}");
    }
    for q in ["GB29NWBK60161331926819", "DE8937", "NWBK"] {
        assert_eq!(page(&owner, &format!("{SUPPLIERS}?q={q}")).await.records, [], "{q}");
        assert_eq!(owner.get(&format!("/api/v1/search?q={q}")).await.json::<Value>()["found"], json!([]), "{q}");
    }
    for query in ["sort=iban", "iban=DE89370400440532013000", "iban="] {
        assert_eq!(refused(&owner.get(&format!("{SUPPLIERS}?{query}")).await), (400, "invalid_query".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn it_is_told_whole_where_one_record_is_read_and_by_its_end_where_many_are() {
    let (company, owner) = company().await;
    let made = supplier(&owner, "Exotic Liquids", IBAN).await;
    let person = make(&owner, PEOPLE, json!({ "name": "Denise", "emergency": NOTE })).await;
    assert_eq!(read(&owner, SUPPLIERS, made.id).await.values["iban"], IBAN);
    for address in [SUPPLIERS, &format!("{SUPPLIERS}?q=exotic")] {
        assert_eq!(page(&owner, address).await.records[0].values["iban"], "•••6819", "{address}");
    }
    assert_eq!(page(&owner, PEOPLE).await.records.iter().find(|one| one.id == person.id).unwrap().values["emergency"], "•••");
    let auditor = company.sign_in("auditor").await.0;
    assert_eq!(read(&auditor, SUPPLIERS, made.id).await.values["iban"], "•••6819");
    assert_eq!(read(&auditor, PEOPLE, person.id).await.values["emergency"], "•••");
    for role in [Role::Sales, Role::Buyer, Role::CrewPlanner, Role::Office] {
        company.hire(role.name(), (role, company.site)).await;
    }
    let of = async |role: Role| company.sign_in(role.name()).await.0;
    assert!(!read(&of(Role::Sales).await, SUPPLIERS, made.id).await.values.contains_key("iban"));
    assert_eq!(read(&of(Role::Buyer).await, SUPPLIERS, made.id).await.values["iban"], IBAN);
    assert!(!read(&of(Role::Office).await, PEOPLE, person.id).await.values.contains_key("emergency"));
    assert_eq!(read(&of(Role::CrewPlanner).await, PEOPLE, person.id).await.values["emergency"], NOTE);
}

#[tokio::test]
async fn what_is_no_account_number_is_refused() {
    let (_company, owner) = company().await;
    for (iban, what) in [
        (json!("GB29NWBK60161331926818"), "not_valid"),
        (json!("GB29NWBK6016133192681"), "not_valid"),
        (json!("•••6819"), "not_valid"),
        (json!("x".repeat(35)), "too_long"),
        (json!(29), "wrong_type"),
        (json!({ "v1": IBAN }), "wrong_type"),
    ] {
        let answer = owner.post_json(SUPPLIERS, &json!({ "values": { "name": "Exotic Liquids", "iban": iban } })).await;
        assert_eq!(errors(&answer), [("iban".to_owned(), what.to_owned())], "{iban}");
    }
}

#[tokio::test]
async fn a_file_that_was_taken_out_comes_back_in_and_leaves_what_it_does_not_tell() {
    let (_company, owner) = company().await;
    let made = supplier(&owner, "Exotic Liquids", IBAN).await;
    let file = owner.get(&format!("{SUPPLIERS}/export")).await.body;
    assert!(String::from_utf8_lossy(&file).contains("•••6819"));
    let to = format!("{SUPPLIERS}/import");
    assert_eq!(counts(&import(&owner, &to, &file).await), (0, 0, 1, 0));
    assert_eq!(read(&owner, SUPPLIERS, made.id).await.values["iban"], IBAN);
    let report = import(&owner, &to, format!("name,IBAN\nExotic Liquids,{OTHER}\nLeka,GB00\n")).await;
    assert_eq!((counts(&report), wrong(&report)), ((0, 1, 0, 1), vec!["3 iban not_valid".to_owned()]));
    assert_eq!(read(&owner, SUPPLIERS, made.id).await.values["iban"], OTHER);
}
