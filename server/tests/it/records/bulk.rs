//! Many records changed at once: each judged alone, tried first, all in one transaction.

use super::importing::{counts, import};
use super::{CUSTOMERS, SITES, SUPPLIERS, at, company, errors, in_city, make, names, page, refused};
use crate::support::{Client, Company};
use holdfast_domain::audit::EntriesPage;
use holdfast_domain::kernel::resource::{BulkOutcome, BulkReport, FieldProblem, MOST_BULK, RecordView, Timeline};
use holdfast_domain::kernel::{SiteId, TenantId};
use holdfast_server::rehearsal::Response;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

const PRODUCTS: &str = super::catalogue::PRODUCTS;

async fn suppliers(owner: &Client, count: usize) -> Vec<RecordView> {
    let mut made = Vec::new();
    for n in 1..=count {
        made.push(make(owner, SUPPLIERS, json!({ "name": format!("Supplier {n}"), "address": { "city": "London" }, "tags": ["drinks"] })).await);
    }
    made
}

fn these(records: &[RecordView]) -> Value {
    json!({ "records": records.iter().map(|record| json!({ "id": record.id, "version": record.version })).collect::<Vec<_>>() })
}

fn set(values: Value) -> Value {
    json!({ "change": { "values": values } })
}

async fn send(client: &Client, path: &str, (which, act, dry_run): (&Value, &Value, bool)) -> Response {
    client.post_json(&format!("{path}/bulk"), &json!({ "which": which, "act": act, "reason": "as agreed", "dry_run": dry_run })).await
}

async fn report(client: &Client, path: &str, asked: (&Value, &Value, bool)) -> BulkReport {
    let answer = send(client, path, asked).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// Done, unchanged, refused.
fn of(report: &BulkReport) -> (u64, u64, u64) {
    (report.done, report.unchanged, report.refused)
}

/// What became of each, in a word: why it was refused, and by which fields.
fn outcomes(report: &BulkReport) -> Vec<String> {
    let problem = |problem: &FieldProblem| format!(" {} {}", problem.field, json!(problem.wrong).as_str().unwrap());
    let one = |outcome: &BulkOutcome| match outcome {
        BulkOutcome::Done => "done".to_owned(),
        BulkOutcome::Unchanged => "unchanged".to_owned(),
        BulkOutcome::Refused(why) => format!("{}{}", why.code, why.errors.iter().map(problem).collect::<String>()),
    };
    report.records.iter().map(|record| one(&record.outcome)).collect()
}

async fn read(client: &Client, path: &str, id: Uuid) -> RecordView {
    client.get(&at(path, id)).await.json()
}

async fn entries(owner: &Client, of: &str) -> EntriesPage {
    owner.get(&format!("/api/v1/audit/entries?limit=200&{of}")).await.json()
}

#[tokio::test]
async fn each_record_is_judged_alone_and_what_is_refused_stays_as_it_is() {
    let (_company, owner) = company().await;
    let made = suppliers(&owner, 4).await;
    owner.if_match(1).patch_json(&at(SUPPLIERS, made[1].id), &json!({ "values": { "address": { "city": "Leeds" } } })).await;
    owner.if_match(1).post_json(&format!("{}/archive", at(SUPPLIERS, made[2].id)), &json!({})).await;
    let mut meant = made.clone();
    meant[2].version = 2;
    meant.push(RecordView { id: Uuid::from_u128(0xdead), ..made[0].clone() });
    meant.insert(0, make(&owner, SUPPLIERS, json!({ "name": "Already there", "address": { "city": "Paris" } })).await);
    let told = report(&owner, SUPPLIERS, (&these(&meant), &set(json!({ "address": { "city": " Paris ", "country": "fr" } })), false)).await;
    let outcome = ["done", "done", "version_stale", "record_archived", "done", "record_unknown"];
    assert_eq!((of(&told), outcomes(&told)), ((3, 0, 3), outcome.map(str::to_owned).to_vec()));
    let said: Vec<_> = told.records.iter().map(|record| (record.name.as_str(), record.version)).collect();
    let expected =
        [("Already there", Some(2)), ("Supplier 1", Some(2)), ("Supplier 2", Some(2)), ("Supplier 3", Some(2)), ("Supplier 4", Some(2)), ("", None)];
    assert_eq!(said, expected);
    let again = report(
        &owner,
        SUPPLIERS,
        (&json!({ "records": [{ "id": made[0].id, "version": 2 }] }), &set(json!({ "address": { "city": "Paris" } })), false),
    )
    .await;
    assert_eq!((of(&again), outcomes(&again)), ((0, 1, 0), vec!["unchanged".to_owned()]));
    for (record, city, version) in [(&made[0], "Paris", 2), (&made[1], "Leeds", 2), (&made[2], "London", 2), (&made[3], "Paris", 2)] {
        let now = read(&owner, SUPPLIERS, record.id).await;
        assert_eq!((&now.values["address"]["city"], now.version), (&json!(city), version));
    }
    // What was changed is found by it.
    assert_eq!(names(&owner, &format!("{SUPPLIERS}?q=paris&sort=name")).await, ["Already there", "Supplier 1", "Supplier 4"]);
}

#[tokio::test]
async fn each_record_has_its_entry_in_the_audit_and_its_event_all_of_one_request() {
    let (_company, owner) = company().await;
    let made = suppliers(&owner, 3).await;
    report(&owner, SUPPLIERS, (&these(&made), &set(json!({ "address": { "city": "Paris" } })), false)).await;
    let told = entries(&owner, "kind=procurement.supplier&action=update").await.entries;
    let requests: BTreeSet<_> = told.iter().map(|entry| entry.request).collect();
    assert_eq!((told.len(), requests.len()), (3, 1));
    assert!(told.iter().all(|entry| entry.reason.as_deref() == Some("as agreed")));
    let timeline: Timeline = owner.get(&format!("{}/timeline", at(SUPPLIERS, made[0].id))).await.json();
    let moved = &timeline.changes[0].changes;
    assert_eq!((moved.len(), moved[0].field.as_str(), &moved[0].before, &moved[0].after), (1, "address.city", &json!("London"), &json!("Paris")));
    let events: Vec<Value> = owner.get("/api/v1/events").await.json();
    let changed: Vec<&Value> = events.iter().filter(|event| event["type"] == "procurement.supplier.changed").collect();
    let correlated: BTreeSet<_> = changed.iter().map(|event| event["correlationid"].as_str().unwrap()).collect();
    assert_eq!((changed.len(), &changed[0]["data"]["values"]), (3, &json!({ "address": in_city("Paris") })));
    assert_eq!(correlated, BTreeSet::from([requests.first().unwrap().unwrap().to_string().as_str()]));
}

#[tokio::test]
async fn a_dry_run_answers_the_same_and_writes_nothing() {
    let (company, owner) = company().await;
    let made = suppliers(&owner, 3).await;
    owner.if_match(1).patch_json(&at(SUPPLIERS, made[2].id), &json!({ "values": { "address": { "city": "Leeds" } } })).await;
    let traces = async || {
        let mut tx = company.test.tenant(company.tenant).await;
        let traces: (i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from audit_entries), (select count(*) from events), (select sum(version)::bigint from suppliers)",
        )
        .fetch_one(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        traces
    };
    for act in [set(json!({ "tax_number": "GB1" })), json!("archive")] {
        let before = traces().await;
        let tried = report(&owner, SUPPLIERS, (&these(&made), &act, true)).await;
        assert_eq!(traces().await, before);
        assert_eq!((tried.dry_run, tried.records[0].version), (true, Some(1)));
        if act == json!("archive") {
            continue;
        }
        assert_eq!(outcomes(&tried), ["done", "fields_invalid tax_number taken", "version_stale"]);
        assert_eq!(names(&owner, &format!("{SUPPLIERS}?q=gb1")).await, [""; 0]);
    }
    let tried = report(&owner, SUPPLIERS, (&these(&made), &set(json!({ "address": { "city": "Rome" } })), true)).await;
    let done = report(&owner, SUPPLIERS, (&these(&made), &set(json!({ "address": { "city": "Rome" } })), false)).await;
    assert_eq!((of(&tried), outcomes(&tried)), (of(&done), outcomes(&done)));
}

#[tokio::test]
async fn what_no_two_records_share_and_what_names_no_record_is_refused_record_by_record() {
    let (_company, owner) = company().await;
    let made = suppliers(&owner, 3).await;
    let told = report(&owner, SUPPLIERS, (&these(&made), &set(json!({ "tax_number": "GB1", "address": { "city": "Paris" } })), false)).await;
    assert_eq!(of(&told), (1, 0, 2));
    let mut sorted = outcomes(&told);
    sorted.sort();
    assert_eq!(sorted, ["done", "fields_invalid tax_number taken", "fields_invalid tax_number taken"]);
    assert_eq!(names(&owner, &format!("{SUPPLIERS}?address.city=Paris")).await.len(), 1);

    let products = [make(&owner, PRODUCTS, json!({ "name": "Baguette" })).await, make(&owner, PRODUCTS, json!({ "name": "Ficelle" })).await];
    let told = report(&owner, PRODUCTS, (&these(&products), &set(json!({ "category": Uuid::from_u128(0xdead) })), false)).await;
    assert_eq!(outcomes(&told), vec!["fields_invalid category unknown_record".to_owned(); 2]);
    let told = report(&owner, PRODUCTS, (&these(&products), &json!({ "change": { "add_tags": { "barcodes": ["OURS-7"] } } }), false)).await;
    assert_eq!((of(&told), outcomes(&told).contains(&"fields_invalid barcodes twice".to_owned())), ((1, 0, 1), true));
    let dollars = json!({ "price": { "minor": 120, "currency": "USD" } });
    let told = report(&owner, PRODUCTS, (&json!({ "found": "" }), &set(dollars), true)).await;
    assert_eq!(outcomes(&told), vec!["fields_invalid price not_valid".to_owned(); 2]);
}

#[tokio::test]
async fn tags_are_added_and_taken_away_and_the_others_stay() {
    let (_company, owner) = company().await;
    let mut made = suppliers(&owner, 2).await;
    let full: Vec<String> = (0..20).map(|n| format!("tag {n}")).collect();
    made.push(make(&owner, SUPPLIERS, json!({ "name": "Full", "tags": full })).await);
    let act = json!({ "change": { "add_tags": { "tags": [" fish", "drinks", "fish"] }, "remove_tags": { "tags": ["meat"] } } });
    let told = report(&owner, SUPPLIERS, (&these(&made), &act, false)).await;
    assert_eq!(outcomes(&told), ["done", "done", "fields_invalid tags too_long"]);
    assert_eq!(read(&owner, SUPPLIERS, made[0].id).await.values["tags"], json!(["drinks", "fish"]));
    let act = json!({ "change": { "remove_tags": { "tags": ["drinks"] } } });
    let told = report(&owner, SUPPLIERS, (&json!({ "found": "tags=fish" }), &act, false)).await;
    assert_eq!(of(&told), (2, 0, 0));
    assert_eq!(read(&owner, SUPPLIERS, made[1].id).await.values["tags"], json!(["fish"]));
}

#[tokio::test]
async fn all_that_a_list_finds_is_changed_archived_and_taken_back() {
    let (_company, owner) = company().await;
    suppliers(&owner, 3).await;
    make(&owner, SUPPLIERS, json!({ "name": "Elsewhere", "address": { "city": "Paris" } })).await;
    let told = report(
        &owner,
        SUPPLIERS,
        (&json!({ "found": "?address.city=London&sort=-name".trim_start_matches('?') }), &set(json!({ "address": { "country": "GB" } })), false),
    )
    .await;
    assert_eq!(told.records.iter().map(|record| record.name.as_str()).collect::<Vec<_>>(), ["Supplier 3", "Supplier 2", "Supplier 1"]);
    assert_eq!(of(&told), (3, 0, 0));
    let told = report(&owner, SUPPLIERS, (&json!({ "found": "q=suppl" }), &json!("archive"), false)).await;
    assert_eq!((of(&told), names(&owner, SUPPLIERS).await), ((3, 0, 0), vec!["Elsewhere".to_owned()]));
    let back: Vec<Value> = told.records.iter().map(|record| json!({ "id": record.id, "version": record.version })).collect();
    assert_eq!(of(&report(&owner, SUPPLIERS, (&json!({ "records": back }), &json!("restore"), false)).await), (3, 0, 0));
    assert_eq!(names(&owner, SUPPLIERS).await.len(), 4);
    assert_eq!(of(&report(&owner, SUPPLIERS, (&json!({ "found": "q=%21%21" }), &json!("archive"), false)).await), (0, 0, 0));
    assert_eq!(of(&report(&owner, SUPPLIERS, (&json!({ "found": "archived=true" }), &json!("archive"), false)).await), (0, 0, 0));
    let events: Vec<Value> = owner.get("/api/v1/events").await.json();
    let count = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
    assert_eq!((count("procurement.supplier.archived"), count("procurement.supplier.restored")), (3, 3));
}

#[tokio::test]
async fn more_than_so_many_are_not_changed_at_once() {
    let (_company, owner) = company().await;
    let lines: String = (0..=MOST_BULK).map(|n| format!("S{n},{}\n", if n == 0 { "Paris" } else { "London" })).collect();
    assert_eq!(counts(&import(&owner, &format!("{SUPPLIERS}/import"), format!("name,city\n{lines}")).await), (MOST_BULK as u64 + 1, 0, 0, 0));
    let too_many = (422, "too_many_records".to_owned());
    assert_eq!(refused(&send(&owner, SUPPLIERS, (&json!({ "found": "" }), &json!("archive"), true)).await), too_many);
    let named: Vec<Value> = (0..=MOST_BULK).map(|n| json!({ "id": Uuid::from_u128(n as u128 + 1), "version": 1 })).collect();
    assert_eq!(refused(&send(&owner, SUPPLIERS, (&json!({ "records": named }), &json!("archive"), true)).await), too_many);
    // Nor all that a search brings where it may have found more.
    assert_eq!(refused(&send(&owner, SUPPLIERS, (&json!({ "found": "q=s" }), &json!("archive"), true)).await), too_many);
    let told = report(&owner, SUPPLIERS, (&json!({ "found": "address.city=London" }), &set(json!({ "address": { "country": "GB" } })), false)).await;
    assert_eq!(of(&told), (MOST_BULK as u64, 0, 0));
    assert_eq!(page(&owner, &format!("{SUPPLIERS}?address.country=GB&count=true")).await.total, Some(MOST_BULK as u64));
}

#[tokio::test]
async fn what_no_record_could_take_is_refused_whole() {
    let (_company, owner) = company().await;
    let made = suppliers(&owner, 1).await;
    let one = these(&made);
    for (values, wrong) in [
        (json!({ "tid": "x" }), ("tid", "unknown_field")),
        (json!({ "name": "" }), ("name", "missing")),
        (json!({ "payment_days": "soon" }), ("payment_days", "wrong_type")),
        (json!({ "email": "nobody" }), ("email", "not_valid")),
    ] {
        let answer = send(&owner, SUPPLIERS, (&one, &set(values), true)).await;
        assert_eq!((refused(&answer), errors(&answer)), ((422, "fields_invalid".to_owned()), vec![(wrong.0.to_owned(), wrong.1.to_owned())]));
    }
    for (change, wrong) in [
        (json!({ "add_tags": { "address": ["x"] } }), ("address", "wrong_type")),
        (json!({ "remove_tags": { "version": ["x"] } }), ("version", "unknown_field")),
        (json!({ "add_tags": { "tags": ["x".repeat(41)] } }), ("tags", "too_long")),
        (json!({ "add_tags": { "tags": vec!["x"; 21] } }), ("tags", "too_long")),
        (json!({ "values": { "tags": [] }, "add_tags": { "tags": ["x"] } }), ("tags", "twice")),
    ] {
        let answer = send(&owner, SUPPLIERS, (&one, &json!({ "change": change }), false)).await;
        assert_eq!((refused(&answer), errors(&answer)), ((422, "fields_invalid".to_owned()), vec![(wrong.0.to_owned(), wrong.1.to_owned())]));
    }
    let too_long = format!("address.city={}", "x".repeat(2_000));
    for query in
        ["tid=1", "address.city=London' or 1=1--&nothing=1", "sort=tid", "after=x", "limit=5", "count=true", "q=%00", "archived=perhaps", &too_long]
    {
        let answer = send(&owner, SUPPLIERS, (&json!({ "found": query }), &json!("archive"), false)).await;
        assert_eq!(refused(&answer), (400, "invalid_query".to_owned()), "{query}");
    }
    let twice = json!({ "records": [{ "id": made[0].id, "version": 1 }, { "id": made[0].id, "version": 2 }] });
    assert_eq!(refused(&send(&owner, SUPPLIERS, (&twice, &json!("archive"), false)).await), (422, "record_twice".to_owned()));
    let long = json!({ "which": one, "act": "archive", "reason": "x".repeat(501) });
    assert_eq!(refused(&owner.post_json(&format!("{SUPPLIERS}/bulk"), &long).await), (422, "reason_malformed".to_owned()));
    assert_eq!(read(&owner, SUPPLIERS, made[0].id).await, made[0]);
    let site = page(&owner, SITES).await.records;
    let told = report(&owner, SITES, (&these(&site[..1]), &set(json!({ "kind": "venue" })), false)).await;
    assert_eq!(outcomes(&told), ["fields_invalid kind fixed"]);
    let zone = send(&owner, SITES, (&these(&site), &set(json!({ "time_zone": "Europe/Atlantis" })), false)).await;
    assert_eq!(errors(&zone), [("time_zone".to_owned(), "not_valid".to_owned())]);
}

/// The cashier, who may do that besides, at the first shop.
async fn lent(company: &Company, owner: &Client, (permissions, fields): (&[&str], Value)) -> Client {
    let role = json!({ "name": "Helper", "terms": { "permissions": permissions, "fields": fields } });
    let role: Value = owner.post_json("/api/v1/identity/role-terms", &role).await.json();
    let (client, session) = company.sign_in("cashier").await;
    let given = json!({ "account": session.account, "role": role["role"], "site": company.site, "from": null, "until": null, "reason": "the fair" });
    assert_eq!(owner.post_json("/api/v1/identity/roles", &given).await.status.as_u16(), 201);
    client
}

#[tokio::test]
async fn it_takes_the_right_to_do_it_to_many_beside_the_one_to_do_it() {
    let (company, owner) = company().await;
    let made = suppliers(&owner, 1).await;
    let all = ["procurement.supplier.read", "procurement.supplier.update"];
    let client = lent(&company, &owner, (&all, json!({}))).await;
    let paris = set(json!({ "address": { "city": "Paris" } }));
    let missing = (403, "permission_missing".to_owned());
    assert_eq!(refused(&send(&client, SUPPLIERS, (&these(&made), &paris, true)).await), missing);
    let auditor = company.sign_in("auditor").await.0;
    for act in [&paris, &json!("archive")] {
        assert_eq!(refused(&send(&auditor, SUPPLIERS, (&these(&made), act, true)).await), missing);
    }
    assert_eq!(read(&owner, SUPPLIERS, made[0].id).await.version, 1);
}

#[tokio::test]
async fn who_may_change_many_changes_no_field_beyond_their_role_and_archives_nothing_without_that_right() {
    let (company, owner) = company().await;
    let made = make(&owner, CUSTOMERS, json!({ "name": "Maria", "email": "maria@alfreds.example", "phone": "030-0074321" })).await;
    let all = ["sales.customer.read", "sales.customer.update", "sales.customer.bulk_edit"];
    let client = lent(&company, &owner, (&all, json!({ "sales.customer": { "email": "masked", "phone": "none", "address": "read" } }))).await;
    let one = these(std::slice::from_ref(&made));
    for field in ["email", "phone", "address"] {
        // Whatever it says: whether that is there already is not theirs to find out.
        let told = report(&client, CUSTOMERS, (&one, &set(json!({ field: made.values[field] })), true)).await;
        assert_eq!(outcomes(&told), [format!("field_forbidden {field} forbidden")]);
    }
    assert_eq!(refused(&send(&client, CUSTOMERS, (&one, &json!("archive"), false)).await), (403, "permission_missing".to_owned()));
    let by_hidden = send(&client, CUSTOMERS, (&json!({ "found": "sort=name&q=maria" }), &set(json!({ "tags": ["bakery"] })), true)).await;
    assert_eq!(of(&by_hidden.json()), (1, 0, 0));
    let told = report(&client, CUSTOMERS, (&one, &set(json!({ "tags": ["bakery"] })), false)).await;
    assert_eq!((of(&told), told.records[0].name.as_str()), ((1, 0, 0), "Maria"));
}

#[tokio::test]
async fn records_of_another_site_or_another_company_are_as_good_as_none() {
    let (company, owner) = company().await;
    let client = lent(&company, &owner, (&["identity.site.read", "identity.site.update", "identity.site.bulk_edit"], json!({}))).await;
    let sites = page(&owner, SITES).await.records;
    let told = report(&client, SITES, (&these(&sites), &set(json!({ "time_zone": "Europe/Bucharest" })), false)).await;
    for record in &told.records {
        let mine = record.id == company.site.0;
        assert_eq!((record.version.is_some(), record.outcome == BulkOutcome::Done), (mine, mine));
    }
    let told = report(&client, SITES, (&json!({ "found": "" }), &set(json!({ "time_zone": "Europe/Paris" })), false)).await;
    assert_eq!(told.records.iter().map(|record| record.id).collect::<Vec<_>>(), [company.site.0]);

    company.found("rival", TenantId(Uuid::from_u128(0xd0_0000)), &[(SiteId(Uuid::from_u128(0xd0_0001)), &[])]).await;
    let stranger = company.sign_in_at("rival", "owner").await.0;
    let told = report(&stranger, SITES, (&these(&sites), &json!("archive"), false)).await;
    assert_eq!(outcomes(&told), vec!["record_unknown".to_owned(); sites.len()]);
    assert_eq!(of(&report(&stranger, SUPPLIERS, (&json!({ "found": "" }), &json!("archive"), false)).await), (0, 0, 0));
}
