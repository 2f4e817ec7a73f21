//! Making, changing, archiving.

use super::{CUSTOMERS, SITES, SUPPLIERS, at, company, errors, make, names, page, refused};
use holdfast_domain::kernel::resource::RecordView;
use holdfast_server::identity::Role;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_record_is_read_as_it_was_written_with_what_was_left_out_as_nothing() {
    let (_company, owner) = company().await;
    let made = make(
        &owner,
        SUPPLIERS,
        json!({ "name": "  Exotic Liquids ", "email": "Orders@Exotic.Example", "tags": ["drinks", "drinks "], "payment_days": 30 }),
    )
    .await;
    assert_eq!((made.version, made.archived_at), (1, None));
    assert_eq!(made.values["name"], "Exotic Liquids");
    assert_eq!(made.values["email"], "orders@exotic.example");
    assert_eq!(made.values["tags"], json!(["drinks"]));
    assert_eq!((&made.values["payment_days"], &made.values["address"]["city"]), (&json!(30), &json!(null)));
    let read = owner.get(&at(SUPPLIERS, made.id)).await;
    assert_eq!(read.headers["etag"], "\"1\"");
    assert_eq!(read.json::<RecordView>(), made);
}

#[tokio::test]
async fn a_record_that_is_sent_twice_under_its_id_is_made_once() {
    let (_company, owner) = company().await;
    let new = json!({ "id": Uuid::from_u128(7), "values": { "name": "Exotic Liquids" } });
    assert_eq!(owner.post_json(SUPPLIERS, &new).await.status.as_u16(), 201);
    assert_eq!(refused(&owner.post_json(SUPPLIERS, &new).await), (409, "record_exists".to_owned()));
    assert_eq!(names(&owner, SUPPLIERS).await, ["Exotic Liquids"]);
}

#[tokio::test]
async fn the_nil_id_is_nobodys() {
    let (_company, owner) = company().await;
    let answer = owner.post_json(SUPPLIERS, &json!({ "id": Uuid::nil(), "values": { "name": "Nobody" } })).await;
    assert_eq!(refused(&answer), (422, "id_malformed".to_owned()));
}

#[tokio::test]
async fn a_change_of_a_version_that_is_no_longer_the_newest_is_refused_and_changes_nothing() {
    let (_company, owner) = company().await;
    let made = make(&owner, SUPPLIERS, json!({ "name": "Exotic Liquids" })).await;
    let path = at(SUPPLIERS, made.id);
    let first = owner.if_match(1).patch_json(&path, &json!({ "values": { "address": { "city": "London" } } })).await;
    assert_eq!((first.status.as_u16(), first.headers["etag"].to_str().unwrap()), (200, "\"2\""));
    let second = owner.if_match(1).patch_json(&path, &json!({ "values": { "address": { "city": "Leeds" } } })).await;
    assert_eq!(refused(&second), (412, "version_stale".to_owned()));
    assert_eq!(
        refused(&owner.patch_json(&path, &json!({ "values": { "address": { "city": "Leeds" } } })).await),
        (428, "if_match_missing".to_owned())
    );
    assert_eq!(owner.get(&path).await.json::<RecordView>().values["address"]["city"], "London");
}

#[tokio::test]
async fn a_change_that_changes_nothing_makes_no_version() {
    let (_company, owner) = company().await;
    let made = make(&owner, SUPPLIERS, json!({ "name": "Exotic Liquids" })).await;
    let same =
        owner.if_match(1).patch_json(&at(SUPPLIERS, made.id), &json!({ "values": { "name": " Exotic Liquids", "address": { "city": "" } } })).await;
    assert_eq!(same.json::<RecordView>().version, 1);
}

#[tokio::test]
async fn each_field_that_is_not_as_it_must_be_is_named() {
    let (_company, owner) = company().await;
    make(&owner, CUSTOMERS, json!({ "name": "Maria", "email": "maria@alfreds.example" })).await;
    for (values, wrong) in [
        (json!({}), vec![("name", "missing")]),
        (json!({ "name": " ", "customer_group": "gold" }), vec![("customer_group", "not_valid"), ("name", "missing")]),
        (json!({ "name": 5, "customer_group": true }), vec![("customer_group", "wrong_type"), ("name", "wrong_type")]),
        (json!({ "name": "x".repeat(201) }), vec![("name", "too_long")]),
        (json!({ "name": "a\u{7}b" }), vec![("name", "unprintable")]),
        (json!({ "name": "x\u{0}" }), vec![("name", "unprintable")]),
        (json!({ "name": "x", "email": "maria at alfreds" }), vec![("email", "not_valid")]),
        (json!({ "name": "x", "phone": "call me" }), vec![("phone", "not_valid")]),
        (json!({ "name": "x", "tags": "bakery" }), vec![("tags", "wrong_type")]),
        (json!({ "name": "x", "tags": [""] }), vec![("tags", "not_valid")]),
        (json!({ "name": "x", "tid": "x", "version": 9 }), vec![("tid", "unknown_field"), ("version", "unknown_field")]),
    ] {
        let answer = owner.post_json(CUSTOMERS, &json!({ "values": values })).await;
        assert_eq!(refused(&answer), (422, "fields_invalid".to_owned()), "{values}");
        let wrong: Vec<_> = wrong.into_iter().map(|(field, wrong)| (field.to_owned(), wrong.to_owned())).collect();
        assert_eq!(errors(&answer), wrong, "{values}");
    }
    assert_eq!(names(&owner, CUSTOMERS).await, ["Maria"]);
}

#[tokio::test]
async fn a_script_is_kept_as_the_text_that_it_is() {
    let (_company, owner) = company().await;
    let script = "<script>alert('x')</script> \"; drop table suppliers; --";
    let made = make(&owner, SUPPLIERS, json!({ "name": script, "notes": script })).await;
    assert_eq!((&made.values["name"], &made.values["notes"]), (&json!(script), &json!(script)));
}

#[tokio::test]
async fn what_is_archived_leaves_the_lists_stands_unchanged_and_comes_back() {
    let (_company, owner) = company().await;
    let made = make(&owner, SUPPLIERS, json!({ "name": "Exotic Liquids" })).await;
    make(&owner, SUPPLIERS, json!({ "name": "Tokyo Liquids" })).await;
    let path = at(SUPPLIERS, made.id);
    let away: RecordView = owner.if_match(1).post_json(&format!("{path}/archive"), &json!({ "reason": "closed" })).await.json();
    assert!(away.archived_at.is_some());
    for asked in ["", "q=liquids&"] {
        assert_eq!(names(&owner, &format!("{SUPPLIERS}?{asked}archived=false")).await, ["Tokyo Liquids"], "{asked}");
        assert_eq!(names(&owner, &format!("{SUPPLIERS}?{asked}archived=true")).await, ["Exotic Liquids"], "{asked}");
    }
    assert_eq!(page(&owner, &format!("{SUPPLIERS}?archived=true&count=true")).await.total, Some(1));
    let change = owner.if_match(2).patch_json(&path, &json!({ "values": { "address": { "city": "London" } } })).await;
    assert_eq!(refused(&change), (409, "record_archived".to_owned()));
    let back: RecordView = owner.if_match(2).post_json(&format!("{path}/restore"), &json!({})).await.json();
    assert_eq!((back.archived_at, names(&owner, SUPPLIERS).await.len()), (None, 2));
}

#[tokio::test]
async fn what_was_chosen_for_good_is_not_changed() {
    let (company, owner) = company().await;
    let site = at(SITES, company.site.0);
    let answer = owner.if_match(1).patch_json(&site, &json!({ "values": { "kind": "venue" } })).await;
    assert_eq!(errors(&answer), [("kind".to_owned(), "fixed".to_owned())]);
    for zone in ["Europe/Atlantis", "localtime", "posix/Europe/Paris", "Factory", "-03:00"] {
        let answer = owner.if_match(1).patch_json(&site, &json!({ "values": { "time_zone": zone } })).await;
        assert_eq!(errors(&answer), [("time_zone".to_owned(), "not_valid".to_owned())], "{zone}");
    }
    assert_eq!(owner.if_match(1).patch_json(&site, &json!({ "values": { "time_zone": "Europe/Bucharest" } })).await.status.as_u16(), 200);
}

#[tokio::test]
async fn who_keeps_a_site_changes_that_one_sees_no_other_and_makes_none() {
    let (company, _owner) = company().await;
    company.hire("manager", (Role::SiteManager, company.site)).await;
    let manager = company.sign_in("manager").await.0;
    assert_eq!(page(&manager, SITES).await.records.iter().map(|site| site.id).collect::<Vec<_>>(), [company.site.0]);
    let rename = json!({ "values": { "name": "Harbour" } });
    assert_eq!(manager.if_match(1).patch_json(&at(SITES, company.site.0), &rename).await.status.as_u16(), 200);
    assert_eq!(refused(&manager.if_match(1).patch_json(&at(SITES, company.other_site.0), &rename).await), (404, "record_unknown".to_owned()));
    let new = json!({ "values": { "name": "Mine", "kind": "shop", "time_zone": "Europe/Paris" } });
    assert_eq!(refused(&manager.post_json(SITES, &new).await), (403, "permission_missing".to_owned()));
    let found: serde_json::Value = manager.get("/api/v1/search?q=shop").await.json();
    assert!(found["found"].as_array().unwrap().iter().all(|found| found["id"] != company.other_site.to_string()), "{found}");
}
