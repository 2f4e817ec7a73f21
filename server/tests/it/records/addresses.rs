//! Addresses: one value of parts, each of which is judged, found, told and brought in by itself.

use super::importing::{counts, import, wrong};
use super::{CUSTOMERS, SITES, SUPPLIERS, at, company, errors, example, in_city, make, names, page, refused, resource};
use crate::support::Company;
use calamine::{Reader as _, Xlsx};
use holdfast_domain::kernel::resource::{RecordView, Timeline};
use serde_json::{Value, json};
use std::io::Cursor;

fn berlin() -> Value {
    json!({ "line1": "Obere Str. 57", "line2": null, "postal_code": "12209", "city": "Berlin", "region": null, "country": "DE" })
}

fn street(line1: &str) -> Value {
    json!({ "line1": line1, "line2": null, "postal_code": null, "city": "Berlin", "region": null, "country": "DE" })
}

#[tokio::test]
async fn an_address_is_kept_whole_however_little_of_it_is_said() {
    let (_company, owner) = company().await;
    for (sent, kept) in [
        (json!({ "city": " Berlin ", "line2": "" }), in_city("Berlin")),
        (json!({ "line1": " Obere Str. 57", "postal_code": "12209", "city": "Berlin", "country": "de" }), berlin()),
        (json!({}), Value::Null),
        (json!({ "city": " ", "country": null }), Value::Null),
        (Value::Null, Value::Null),
    ] {
        let made = make(&owner, CUSTOMERS, json!({ "name": "Alfreds", "address": sent })).await;
        assert_eq!(made.values["address"], kept, "{sent}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_told_of_the_part_that_is_wrong() {
    let (_company, owner) = company().await;
    let long = "x".repeat(201);
    for (address, field, what) in [
        (json!({ "country": "Germany" }), "address.country", "not_valid"),
        (json!({ "country": "XX" }), "address.country", "not_valid"),
        (json!({ "country": 49 }), "address.country", "wrong_type"),
        (json!({ "postal_code": 12209 }), "address.postal_code", "wrong_type"),
        (json!({ "postal_code": &long[..21] }), "address.postal_code", "too_long"),
        (json!({ "line1": long }), "address.line1", "too_long"),
        (json!({ "city": "Ber\u{7}lin" }), "address.city", "unprintable"),
        (json!({ "city": ["Berlin"] }), "address.city", "wrong_type"),
        (json!({ "planet": "Mars" }), "address.planet", "unknown_field"),
        (json!({ long[..60].to_owned(): 1 }), "address.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "unknown_field"),
        (json!("Obere Str. 57, Berlin"), "address", "wrong_type"),
        (json!(["Berlin"]), "address", "wrong_type"),
    ] {
        let answer = owner.post_json(CUSTOMERS, &json!({ "values": { "name": "Alfreds", "address": address } })).await;
        assert_eq!(refused(&answer), (422, "fields_invalid".to_owned()), "{address}");
        assert_eq!(errors(&answer), [(field.to_owned(), what.to_owned())], "{address}");
    }
    let answer = owner.post_json(CUSTOMERS, &json!({ "values": { "name": "A", "address.city": "Berlin" } })).await;
    assert_eq!(errors(&answer), [("address.city".to_owned(), "unknown_field".to_owned())], "a part has its place in the address");
}

#[tokio::test]
async fn a_part_that_a_change_does_not_name_stays_and_what_changed_is_told_part_by_part() {
    let (_company, owner) = company().await;
    let made = make(&owner, CUSTOMERS, json!({ "name": "Alfreds", "address": berlin() })).await;
    let path = at(CUSTOMERS, made.id);
    let change = async |version: u64, address: Value| owner.if_match(version).patch_json(&path, &json!({ "values": { "address": address } })).await;
    let moved: RecordView = change(1, json!({ "line1": "Neue Str. 1", "postal_code": "" })).await.json();
    assert_eq!((&moved.values["address"], moved.version), (&street("Neue Str. 1"), 2));
    assert_eq!(change(2, json!({ "line1": "Neue Str. 1" })).await.json::<RecordView>().version, 2, "nothing changed");
    assert_eq!(change(1, json!({ "city": "Bonn" })).await.status.as_u16(), 412, "somebody changed it meanwhile");
    assert_eq!(change(2, Value::Null).await.json::<RecordView>().values["address"], Value::Null);
    let told: Timeline = owner.get(&format!("{path}/timeline")).await.json();
    let parts = |act: usize| told.changes[act].changes.iter().map(|one| (one.field.as_str(), one.after.clone())).collect::<Vec<_>>();
    assert_eq!(parts(1), [("address.line1", json!("Neue Str. 1")), ("address.postal_code", Value::Null)]);
    assert_eq!(parts(0).iter().map(|(field, _)| *field).collect::<Vec<_>>(), ["address.line1", "address.city", "address.country"]);
}

#[tokio::test]
async fn a_customer_is_found_by_street_postal_code_and_city() {
    let (_company, owner) = company().await;
    make(&owner, CUSTOMERS, json!({ "name": "Alfreds", "address": berlin() })).await;
    make(&owner, CUSTOMERS, json!({ "name": "Antonio", "address": in_city("México") })).await;
    for q in ["obere", "12209", "berl", "alfreds%20obere", "DE"] {
        assert_eq!(names(&owner, &format!("{CUSTOMERS}?q={q}")).await, ["Alfreds"], "{q}");
    }
    let found: Value = owner.get("/api/v1/search?q=obere%20berlin").await.json();
    assert_eq!(found["found"][0]["name"], "Alfreds");
    let sites =
        make(&owner, SITES, json!({ "name": "North", "kind": "shop", "time_zone": "Europe/Paris", "address": { "line1": "Rue de Siam" } })).await;
    assert_eq!(page(&owner, &format!("{SITES}?q=siam")).await.records[0].id, sites.id);
}

#[tokio::test]
async fn a_file_of_addresses_comes_back_in_as_it_was_a_column_for_each_part() {
    let (_company, owner) = company().await;
    make(
        &owner,
        SUPPLIERS,
        json!({ "name": "Exotic Liquids", "address": { "line1": "=49 Gilbert St.; floor 2", "city": "London", "country": "GB" } }),
    )
    .await;
    make(&owner, SUPPLIERS, json!({ "name": "Leka", "address": { "region": "Iași", "line2": "'c/o'", "postal_code": "007" } })).await;
    make(&owner, SUPPLIERS, json!({ "name": "Pavlova" })).await;
    let file = owner.get(&format!("{SUPPLIERS}/export")).await.body;
    let head = String::from_utf8_lossy(&file).lines().next().unwrap().to_owned();
    assert!(head.contains(",address.line1,address.line2,address.postal_code,address.city,address.region,address.country,"), "{head}");
    assert_eq!(counts(&import(&owner, &format!("{SUPPLIERS}/import"), &file).await), (0, 0, 3, 0));
    let other = Company::open().await;
    let stranger = other.sign_in("owner").await.0;
    assert_eq!(counts(&import(&stranger, &format!("{SUPPLIERS}/import"), &file).await), (3, 0, 0, 0));
    assert_eq!(stranger.get(&format!("{SUPPLIERS}/export")).await.body, file);

    let book = owner.get(&format!("{SUPPLIERS}/export?as=xlsx")).await.body;
    let sheet = Xlsx::new(Cursor::new(book)).unwrap().worksheet_range_at(0).unwrap().unwrap();
    let column = sheet.rows().next().unwrap().iter().position(|head| *head == "address.line1").unwrap();
    let lines: Vec<String> = sheet.rows().skip(1).map(|row| row[column].to_string()).collect();
    assert_eq!(lines, ["=49 Gilbert St.; floor 2", "", ""], "a text in its cell, whatever it begins with");
}

#[tokio::test]
async fn a_file_says_parts_as_people_call_them_and_leaves_those_that_it_does_not_name() {
    let (_company, owner) = company().await;
    make(&owner, CUSTOMERS, json!({ "name": "Alfreds", "email": "a@x.example", "address": berlin() })).await;
    let file = "email,name,Street,ZIP code,Country\na@x.example,Alfreds,Neue Str. 1,,Deutschland\nb@x.example,Bólido,C/ Araquil 67,28023,España\n\
        c@x.example,Chop,Hauptstr. 29,3012,CHE\nd@x.example,Nobody,,,Narnia\n";
    let report = import(&owner, &format!("{CUSTOMERS}/import"), file).await;
    assert_eq!((counts(&report), wrong(&report)), ((2, 1, 0, 1), vec!["5 address.country not_valid".to_owned()]));
    let kept = page(&owner, &format!("{CUSTOMERS}?sort=name")).await.records;
    assert_eq!((&kept[1].values["address"]["country"], &kept[2].values["address"]["country"]), (&json!("ES"), &json!("CH")));
    assert_eq!(kept[0].values["address"], street("Neue Str. 1"), "the city, which the file does not name, stays");
}

#[tokio::test]
async fn whatever_writes_a_row_an_address_is_one() {
    let (company, _owner) = company().await;
    let mut tx = company.test.tenant(company.tenant).await;
    let whole = example(resource("sales.customer"), "")["address"].clone();
    let mut odd = vec![json!({}), json!("Berlin"), json!({ "city": "Berlin" }), in_city("x")];
    odd[3]["planet"] = json!("Mars");
    for (place, part) in [("country", json!("Germany")), ("city", json!(7))] {
        let mut one = whole.clone();
        one[place] = part;
        odd.push(one);
    }
    for address in odd {
        let is_one: bool = sqlx::query_scalar("select is_address($1)").bind(&address).fetch_one(tx.connection()).await.unwrap();
        assert!(!is_one, "{address}");
    }
    let is_one: bool = sqlx::query_scalar("select is_address($1)").bind(&whole).fetch_one(tx.connection()).await.unwrap();
    assert!(is_one);
}
