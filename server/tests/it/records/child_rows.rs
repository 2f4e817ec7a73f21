//! Lists of rows: each row has an id that stays, and is judged, found, told and brought in as a part of one field.

use super::importing::{counts, import, wrong};
use super::{CUSTOMERS, SUPPLIERS, at, company, errors, example, make, names, page, refused, resource};
use crate::support::{Client, Company};
use calamine::{Reader as _, Xlsx};
use holdfast_domain::RESOURCES;
use holdfast_domain::kernel::resource::{RecordView, Timeline};
use serde_json::{Value, json};
use std::io::Cursor;
use uuid::Uuid;

const ANA: &str = "11111111-1111-4111-8111-111111111111";
const DAN: &str = "22222222-2222-4222-8222-222222222222";

fn contact(id: &str, name: &str, phone: Option<&str>) -> Value {
    json!({ "id": id, "name": name, "role": null, "email": null, "phone": phone })
}

/// A supplier with these contacts.
async fn supplier(client: &Client, name: &str, contacts: Value) -> RecordView {
    make(client, SUPPLIERS, json!({ "name": name, "contacts": contacts })).await
}

async fn change(client: &Client, record: &RecordView, contacts: Value) -> RecordView {
    let answer = client.if_match(record.version).patch_json(&at(SUPPLIERS, record.id), &json!({ "values": { "contacts": contacts } })).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

fn ids(record: &RecordView) -> Vec<Uuid> {
    record.values["contacts"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn a_list_is_kept_in_its_order_and_each_row_whole_with_an_id_of_its_own() {
    let (_company, owner) = company().await;
    for (sent, kept) in [
        (
            json!([{ "id": ANA, "name": " Ana ", "email": "ANA@x.example", "role": "" }]),
            json!([{ "id": ANA, "name": "Ana", "role": null, "email": "ana@x.example", "phone": null }]),
        ),
        (json!([contact(DAN, "Dan", None), contact(ANA, "Ana", Some("112"))]), json!([contact(DAN, "Dan", None), contact(ANA, "Ana", Some("112"))])),
        (json!([]), json!([])),
        (Value::Null, json!([])),
    ] {
        let made = make(&owner, CUSTOMERS, json!({ "name": "Alfreds", "contacts": sent })).await;
        assert_eq!(made.values["contacts"], kept, "{sent}");
    }
    assert_eq!(make(&owner, CUSTOMERS, json!({ "name": "Alfreds" })).await.values["contacts"], json!([]));
    let given = supplier(&owner, "Leka", json!([{ "name": "Ana" }, { "id": null, "name": "Ana" }])).await;
    assert_ne!(ids(&given)[0], ids(&given)[1], "a row that brings no id is given one");
}

#[tokio::test]
async fn what_is_wrong_is_told_of_the_row_and_the_field() {
    let (_company, owner) = company().await;
    let long = "x".repeat(121);
    let many: Vec<Value> = (0..21).map(|n| json!({ "name": format!("n{n}") })).collect();
    for (contacts, field, what) in [
        (json!([{ "name": "Ana" }, { "name": "Dan", "email": "dan" }]), "contacts[1].email", "not_valid"),
        (json!([{ "name": "Ana", "phone": "x" }]), "contacts[0].phone", "not_valid"),
        (json!([{ "name": "Ana" }, { "role": "Buyer" }]), "contacts[1].name", "missing"),
        (json!([{ "name": " " }]), "contacts[0].name", "missing"),
        (json!([{ "name": long }]), "contacts[0].name", "too_long"),
        (json!([{ "name": "A\u{7}na" }]), "contacts[0].name", "unprintable"),
        (json!([{ "name": ["Ana"] }]), "contacts[0].name", "wrong_type"),
        (json!([{ "name": "Ana", "shoe_size": 39 }]), "contacts[0].shoe_size", "unknown_field"),
        (json!([{ "name": "Ana", long[..60].to_owned(): 1 }]), "contacts[0].xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "unknown_field"),
        (json!([contact(ANA, "Ana", None), contact(ANA, "Dan", None)]), "contacts[1].id", "twice"),
        (json!([contact("me", "Ana", None)]), "contacts[0].id", "not_valid"),
        (json!([contact(&Uuid::nil().to_string(), "Ana", None)]), "contacts[0].id", "not_valid"),
        (json!([contact("AAAAAAAA-1111-4111-8111-111111111111", "Ana", None)]), "contacts[0].id", "not_valid"),
        (json!([{ "id": 7, "name": "Ana" }]), "contacts[0].id", "wrong_type"),
        (json!(["Ana"]), "contacts[0]", "wrong_type"),
        (json!("Ana"), "contacts", "wrong_type"),
        (json!({ "name": "Ana" }), "contacts", "wrong_type"),
        (json!(many), "contacts", "too_long"),
    ] {
        let answer = owner.post_json(SUPPLIERS, &json!({ "values": { "name": "Leka", "contacts": contacts } })).await;
        assert_eq!(refused(&answer), (422, "fields_invalid".to_owned()), "{contacts}");
        assert_eq!(errors(&answer), [(field.to_owned(), what.to_owned())], "{contacts}");
    }
    let kept = supplier(&owner, "Leka", json!([contact(ANA, "Ana", None)])).await;
    let answer =
        owner.if_match(1).patch_json(&at(SUPPLIERS, kept.id), &json!({ "values": { "contacts": [{ "name": "Ana" }, { "role": "?" }] } })).await;
    assert_eq!(errors(&answer), [("contacts[1].name".to_owned(), "missing".to_owned())], "a new row of a change as one of a new record");
}

#[tokio::test]
async fn a_row_stays_the_same_one_however_a_change_names_it() {
    let (_company, owner) = company().await;
    let made = supplier(&owner, "Leka", json!([contact(ANA, "Ana", Some("112")), contact(DAN, "Dan", None)])).await;
    let by_id = change(&owner, &made, json!([{ "id": ANA, "role": "Buyer" }, { "id": DAN }])).await;
    assert_eq!(
        by_id.values["contacts"][0],
        json!({ "id": ANA, "name": "Ana", "role": "Buyer", "email": null, "phone": "112" }),
        "what a row does not name stays"
    );
    let by_name = change(&owner, &by_id, json!([{ "name": "Dan", "phone": "113" }, { "name": "Ana" }])).await;
    assert_eq!((ids(&by_name), &by_name.values["contacts"][1]["role"]), (vec![DAN.parse().unwrap(), ANA.parse().unwrap()], &json!("Buyer")));
    let same = change(&owner, &by_name, json!([{ "name": "Dan", "phone": "113" }, { "name": "Ana" }])).await;
    assert_eq!(same.version, by_name.version, "nothing changed");
    let stale = owner.if_match(1).patch_json(&at(SUPPLIERS, made.id), &json!({ "values": { "contacts": [] } })).await;
    assert_eq!(stale.status.as_u16(), 412, "somebody changed it meanwhile");
}

#[tokio::test]
async fn another_records_row_id_reaches_nothing_of_that_record() {
    let (_company, owner) = company().await;
    let leka = supplier(&owner, "Leka", json!([contact(ANA, "Ana", Some("112"))])).await;
    let tokyo = supplier(&owner, "Tokyo", json!([{ "id": ANA, "name": "Yoshi" }])).await;
    assert_eq!(tokyo.values["contacts"], json!([contact(ANA, "Yoshi", None)]), "an id means nothing beside its list: none of Ana's numbers");
    change(&owner, &tokyo, json!([])).await;
    let kept: RecordView = owner.get(&at(SUPPLIERS, leka.id)).await.json();
    assert_eq!((kept.version, &kept.values["contacts"]), (1, &json!([contact(ANA, "Ana", Some("112"))])));
}

#[tokio::test]
async fn the_timeline_tells_which_rows_became_other_ones() {
    let (_company, owner) = company().await;
    let made = supplier(&owner, "Leka", json!([contact(ANA, "Ana", None), contact(DAN, "Dan", None)])).await;
    let changed = change(&owner, &made, json!([contact(ANA, "Ana", Some("112")), { "name": "Ion" }])).await;
    let ion = changed.values["contacts"][1].clone();
    let moved = change(&owner, &changed, json!([ion, contact(ANA, "Ana", Some("112"))])).await;
    let told: Timeline = owner.get(&format!("{}/timeline", at(SUPPLIERS, made.id))).await.json();
    let changes =
        |act: usize| told.changes[act].changes.iter().map(|one| (one.field.as_str(), one.before.clone(), one.after.clone())).collect::<Vec<_>>();
    assert_eq!(
        changes(1),
        [
            ("contacts", json!([contact(ANA, "Ana", None)]), json!([contact(ANA, "Ana", Some("112"))])),
            ("contacts", json!([]), json!([ion])),
            ("contacts", json!([contact(DAN, "Dan", None)]), json!([])),
        ]
    );
    assert_eq!(changes(0), [("contacts", changed.values["contacts"].clone(), moved.values["contacts"].clone())], "where rows were moved, the list");
}

#[tokio::test]
async fn an_event_says_which_rows_and_of_people_nothing() {
    let (company, owner) = company().await;
    let made = supplier(&owner, "Leka", json!([contact(ANA, "Ana", None), contact(DAN, "Dan", None)])).await;
    change(&owner, &made, json!([contact(ANA, "Ana Pop", None)])).await;
    let mut tx = company.test.tenant(company.tenant).await;
    let data: Vec<Value> = sqlx::query_scalar("select data from events where type like 'procurement.supplier.%' order by position, ordinal")
        .fetch_all(tx.connection())
        .await
        .unwrap();
    assert_eq!(data[0]["rows"]["contacts"]["added"], json!([ANA, DAN]));
    assert_eq!(data[1]["rows"]["contacts"], json!({ "added": [], "changed": [ANA], "removed": [DAN], "moved": false }));
    assert_eq!((&data[1]["changed"], &data[1]["values"]), (&json!(["contacts"]), &json!({})));
}

#[tokio::test]
async fn a_supplier_is_found_by_its_contacts() {
    let (_company, owner) = company().await;
    supplier(&owner, "Leka", json!([{ "name": "Chandra", "email": "chandra@leka.example" }, { "name": "Björn", "role": "Sales" }])).await;
    supplier(&owner, "Tokyo", json!([{ "name": "Yoshi" }])).await;
    for q in ["chandra", "bjorn", "sales", "leka%20sales", "chandra%40leka"] {
        assert_eq!(names(&owner, &format!("{SUPPLIERS}?q={q}")).await, ["Leka"], "{q}");
    }
    assert!(names(&owner, &format!("{SUPPLIERS}?q=11111111")).await.is_empty(), "ids are no words");
    for query in ["sort=contacts", "contacts=Ana", "contacts.name=Ana", "sort=-contacts.name"] {
        assert_eq!(refused(&owner.get(&format!("{SUPPLIERS}?{query}")).await), (400, "invalid_query".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_file_of_lists_comes_back_in_as_it_was_a_line_for_each_row() {
    let (_company, owner) = company().await;
    let odd =
        json!([{ "name": "=cmd|' /C calc'!A0", "role": "<script>alert(1)</script>" }, { "name": "Dan; \"the man\"", "phone": "+40 721 555 123" }]);
    supplier(&owner, "Leka", odd).await;
    supplier(&owner, "Tokyo", json!([])).await;
    let file = owner.get(&format!("{SUPPLIERS}/export")).await.body;
    let text = String::from_utf8_lossy(&file).into_owned();
    assert!(
        text.contains("\"'=cmd|' /C calc'!A0;<script>alert(1)</script>;;\n\"\"Dan; \"\"\"\"the man\"\"\"\"\"\";;;'+40 721 555 123\""),
        "no cell begins a formula: {text}"
    );
    let path = format!("{SUPPLIERS}/import");
    assert_eq!(counts(&import(&owner, &path, &file).await), (0, 0, 2, 0), "rows are known by what they say, and nothing changes");
    let other = Company::open().await;
    let stranger = other.sign_in("owner").await.0;
    assert_eq!(counts(&import(&stranger, &path, &file).await), (2, 0, 0, 0));
    assert_eq!(stranger.get(&format!("{SUPPLIERS}/export")).await.body, file);

    let book = owner.get(&format!("{SUPPLIERS}/export?as=xlsx")).await.body;
    let sheet = Xlsx::new(Cursor::new(book)).unwrap().worksheet_range_at(0).unwrap().unwrap();
    let column = sheet.rows().next().unwrap().iter().position(|head| *head == "contacts").unwrap();
    assert!(sheet.rows().nth(1).unwrap()[column].to_string().contains("Dan; "), "all of a list in its cell");
}

#[tokio::test]
async fn a_file_refuses_a_list_that_it_cannot_read_and_takes_the_other_lines() {
    let (_company, owner) = company().await;
    let leka = supplier(&owner, "Leka", json!([contact(ANA, "Ana", Some("112")), contact(DAN, "Dan", None)])).await;
    let file = "name,contacts\nLeka,Ana;Buyer\nA,Ana;;not an address\nB,Ana;;;;more\nC,;Buyer\nD,•••\nE,Ana\n";
    let report = import(&owner, &format!("{SUPPLIERS}/import"), file).await;
    let problems = ["3 contacts[0].email not_valid", "4 contacts unreadable", "5 contacts[0].name missing", "6 contacts not_valid"];
    assert_eq!((counts(&report), wrong(&report)), ((1, 1, 0, 4), problems.map(str::to_owned).to_vec()));
    let kept: RecordView = owner.get(&at(SUPPLIERS, leka.id)).await.json();
    let ana = json!([{ "id": ANA, "name": "Ana", "role": "Buyer", "email": null, "phone": "112" }]);
    assert_eq!(kept.values["contacts"], ana, "the row is the one of that name, and what its line does not say stays");
    let former = import(&owner, &format!("{SUPPLIERS}/import"), "name,contact\nF,Charlotte Cooper\n").await;
    assert_eq!(counts(&former), (1, 0, 0, 0), "a column of one contact, as files had it");
}

#[tokio::test]
async fn many_records_are_never_given_the_same_rows() {
    let (_company, owner) = company().await;
    let made = supplier(&owner, "Leka", json!([])).await;
    let which = json!({ "records": [{ "id": made.id, "version": 1 }] });
    let add = json!({ "which": which, "act": { "change": { "add_tags": { "contacts": ["Ana"] } } } });
    let set = json!({ "which": which, "act": { "change": { "values": { "contacts": [{ "name": "Ana" }] } } } });
    let answer = owner.post_json(&format!("{SUPPLIERS}/bulk"), &set).await;
    assert_eq!((refused(&answer).0, errors(&answer)), (422, vec![("contacts".to_owned(), "one_by_one".to_owned())]));
    assert_eq!(owner.post_json(&format!("{SUPPLIERS}/bulk"), &add).await.status.as_u16(), 422);
}

#[tokio::test]
async fn whoever_reads_a_list_in_part_only_is_told_that_there_is_one() {
    let (company, owner) = company().await;
    let made = supplier(&owner, "Leka", json!([contact(ANA, "Ana", None)])).await;
    let none = supplier(&owner, "Tokyo", json!([])).await;
    let auditor = company.sign_in("auditor").await.0;
    let told = async |id: Uuid| auditor.get(&at(SUPPLIERS, id)).await.json::<RecordView>().values["contacts"].clone();
    assert_eq!((told(made.id).await, told(none.id).await), (json!("•••"), Value::Null));
    let listed = page(&auditor, SUPPLIERS).await.records;
    assert!(!serde_json::to_string(&listed).unwrap().contains("Ana"));
}

#[tokio::test]
async fn whatever_writes_it_a_list_is_one() {
    let (company, _owner) = company().await;
    let mut tx = company.test.tenant(company.tenant).await;
    let whole = example(resource("procurement.supplier"), "")["contacts"].clone();
    let mut twice = whole.clone();
    twice.as_array_mut().unwrap().push(whole[0].clone());
    for (rows, is_one) in [
        (whole, true),
        (json!([]), true),
        (twice, false),
        (json!({}), false),
        (json!(["Ana"]), false),
        (json!([{ "id": 7 }]), false),
        (json!("Ana"), false),
    ] {
        let said: bool = sqlx::query_scalar("select is_row_list($1)").bind(&rows).fetch_one(tx.connection()).await.unwrap();
        assert_eq!(said, is_one, "{rows}");
    }
    for (rows, are) in [
        (json!([{ "id": ANA, "name": "Ana" }]), true),
        (json!([{ "id": ANA }]), false),
        (json!([{ "id": ANA, "name": "Ana", "x": 1 }]), false),
        (json!([{ "id": ANA, "name": "Ana" }, { "id": DAN, "name": "Dan" }]), false),
    ] {
        let said: bool = sqlx::query_scalar("select are_rows($1, array['name'], 1)").bind(&rows).fetch_one(tx.connection()).await.unwrap();
        assert_eq!(said, are, "{rows}");
    }
}

/// A spreadsheet's cell holds 32,767 characters.
#[test]
fn the_longest_list_has_room_in_a_cell() {
    for resource in RESOURCES {
        for (list, shape) in resource.fields.iter().filter_map(|field| Some((field, field.rows()?))) {
            let row: usize = shape.fields.iter().map(|field| usize::from(field.longest) + 5).sum();
            assert!(row * usize::from(list.longest) < 32_767, "{}.{}", resource.kind, list.name);
        }
    }
}
