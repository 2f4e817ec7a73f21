//! How far roles reach the fields of records: what is hidden is neither told nor found out, what is not to be written is refused by name.

use super::{CUSTOMERS, SUPPLIERS, at, company, errors, make, names, page, refused};
use crate::support::{Client, Company};
use holdfast_domain::audit::EntriesPage;
use holdfast_domain::identity::{Access, SessionView};
use holdfast_domain::kernel::resource::{FoundPage, RecordView, Timeline};
use holdfast_server::identity::Role;
use serde_json::{Value, json};

const EMAIL: &str = "maria.anders@alfreds.example";
const PHONE: &str = "030-0074321";

async fn customer(owner: &Client) -> RecordView {
    let values = json!({
        "name": "Alfreds Futterkiste", "email": EMAIL, "phone": PHONE, "tax_number": "DE136695976",
        "address": { "line1": "Obere Str. 57", "city": "Berlin" }, "notes": "pays late", "tags": ["bakery"],
    });
    make(owner, CUSTOMERS, values).await
}

async fn supplier(owner: &Client) -> RecordView {
    make(
        owner,
        SUPPLIERS,
        json!({ "name": "Exotic Liquids", "address": { "city": "London" }, "currency": "GBP", "payment_days": 30, "tax_number": "GB123456789" }),
    )
    .await
}

async fn hired(company: &Company, role: Role) -> Client {
    company.hire(role.name(), (role, company.site)).await;
    company.sign_in(role.name()).await.0
}

async fn found(client: &Client, q: &str) -> Vec<String> {
    let page: FoundPage = client.get(&format!("/api/v1/search?q={q}")).await.json();
    page.found.into_iter().map(|found| found.name).collect()
}

fn forbidden(fields: &[&str]) -> Vec<(String, String)> {
    fields.iter().map(|field| ((*field).to_owned(), "forbidden".to_owned())).collect()
}

/// Nothing that would tell who it is or how to reach them.
fn tells_nothing(what: &str) {
    for hidden in ["maria", "anders", "0074321", "DE1366", "Obere", "pays late"] {
        assert!(!what.contains(hidden), "{hidden} in {what}");
    }
}

#[tokio::test]
async fn an_auditor_sees_of_people_as_much_as_tells_one_from_another_wherever_records_are_told() {
    let (company, owner) = company().await;
    let made = customer(&owner).await;
    let change = json!({ "values": { "phone": "030-0099988", "address": { "city": "Bonn" } }, "reason": "they moved" });
    assert_eq!(owner.if_match(1).patch_json(&at(CUSTOMERS, made.id), &change).await.status.as_u16(), 200);
    let auditor = company.sign_in("auditor").await.0;
    let read: RecordView = auditor.get(&at(CUSTOMERS, made.id)).await.json();
    for (field, told) in [("email", "m•••@•••"), ("phone", "•••88"), ("tax_number", "•••76"), ("notes", "•••"), ("address", "••• Bonn")]
    {
        assert_eq!(read.values[field], json!(told), "{field}");
    }
    assert_eq!(&read.values["name"], &json!("Alfreds Futterkiste"));
    assert_eq!(page(&auditor, CUSTOMERS).await.records, [read]);

    let timeline: Timeline = auditor.get(&format!("{}/timeline", at(CUSTOMERS, made.id))).await.json();
    let moved: Vec<_> =
        timeline.changes[0].changes.iter().map(|change| (change.field.as_str(), change.before.clone(), change.after.clone())).collect();
    assert_eq!(moved, [("address", json!("••• Berlin"), json!("••• Bonn")), ("phone", json!("•••21"), json!("•••88"))]);
    let entries = auditor.get("/api/v1/audit/entries?kind=sales.customer").await;
    assert_eq!(entries.json::<EntriesPage>().entries.len(), 2);
    let timeline = format!("{}/timeline", at(CUSTOMERS, made.id));
    for path in ["/api/v1/audit/entries/file?kind=sales.customer", "/api/v1/sales/customers/export", "/api/v1/events", CUSTOMERS, &timeline] {
        let told = auditor.get(path).await;
        assert_eq!(told.status.as_u16(), 200, "{path}");
        tells_nothing(&String::from_utf8_lossy(&told.body));
    }
    tells_nothing(&String::from_utf8_lossy(&entries.body));
    let file = auditor.get(&format!("{CUSTOMERS}/export")).await;
    assert!(String::from_utf8_lossy(&file.body).contains("m•••@•••"), "what is masked is told masked");
}

#[tokio::test]
async fn what_is_not_read_is_not_found_out_by_sorting_narrowing_searching_or_counting() {
    let (company, owner) = company().await;
    supplier(&owner).await;
    customer(&owner).await;
    let sales = hired(&company, Role::Sales).await;
    let told = page(&sales, &format!("{SUPPLIERS}?count=true")).await;
    let values = &told.records[0].values;
    assert!(["currency", "payment_days", "tax_number", "notes"].iter().all(|field| !values.contains_key(*field)), "{values:?}");
    assert_eq!((told.total, &values["address"]["city"]), (Some(1), &json!("London")));
    for (query, field) in [
        ("sort=payment_days", "payment_days"),
        ("sort=-payment_days&count=true", "payment_days"),
        ("currency=GBP", "currency"),
        ("currency=&count=true", "currency"),
        ("q=exotic&sort=payment_days", "payment_days"),
    ] {
        let answer = sales.get(&format!("{SUPPLIERS}?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "field_forbidden".to_owned()), "{query}");
        assert_eq!(errors(&answer), forbidden(&[field]), "{query}");
    }
    for (q, names_found) in [("exotic", 1), ("exot%20lond", 1), ("Exotik%20Liquid", 1), ("GB123456789", 0), ("GB12", 0), ("exotic%20GB123456789", 0)]
    {
        assert_eq!(names(&sales, &format!("{SUPPLIERS}?q={q}&count=true")).await.len(), names_found, "{q}");
        assert_eq!(page(&sales, &format!("{SUPPLIERS}?q={q}&count=true")).await.total, Some(names_found as u64), "{q}");
        assert_eq!(found(&sales, q).await.len(), names_found, "{q}");
        assert!(!found(&owner, q).await.is_empty(), "{q} is there to be found");
    }
    let auditor = company.sign_in("auditor").await.0;
    for q in ["maria", "anders", "DE136695976", "0074321"] {
        assert_eq!((names(&auditor, &format!("{CUSTOMERS}?q={q}")).await.len(), found(&auditor, q).await.len()), (0, 0), "{q}");
        assert_eq!(names(&owner, &format!("{CUSTOMERS}?q={q}")).await, ["Alfreds Futterkiste"], "{q}");
    }
    assert_eq!(found(&auditor, "futterk%20bakery").await, ["Alfreds Futterkiste"]);
    for query in ["sort=-address.city", "address.city=Berlin"] {
        let answer = auditor.get(&format!("{CUSTOMERS}/export?{query}")).await;
        assert_eq!(refused(&answer), (403, "field_forbidden".to_owned()), "{query}");
    }
    assert_eq!(auditor.get(&format!("{CUSTOMERS}/export?sort=-name")).await.status.as_u16(), 200);
}

#[tokio::test]
async fn what_is_not_to_be_written_is_refused_by_name_whatever_is_said_of_it() {
    let (company, owner) = company().await;
    let made = customer(&owner).await;
    let marketing = hired(&company, Role::Marketing).await;
    let patch = async |values: Value| marketing.if_match(1).patch_json(&at(CUSTOMERS, made.id), &json!({ "values": values })).await;
    for (values, fields) in [
        (json!({ "email": "thief@example.com" }), vec!["email"]),
        (json!({ "email": EMAIL }), vec!["email"]),
        (json!({ "tags": ["vip"], "name": "Mine", "address": { "country": "FR" } }), vec!["address", "name"]),
        // Whether it says what is there is not for them to know.
        (json!({ "phone": PHONE }), vec!["phone"]),
        (json!({ "phone": "1234" }), vec!["phone"]),
        (json!({ "notes": null }), vec!["notes"]),
    ] {
        let answer = patch(values.clone()).await;
        assert_eq!(refused(&answer), (403, "field_forbidden".to_owned()), "{values}");
        assert_eq!(errors(&answer), forbidden(&fields), "{values}");
    }
    let tagged = patch(json!({ "tags": ["vip"] })).await;
    let kept: RecordView = tagged.json();
    assert_eq!((kept.version, &kept.values["tags"], kept.values.contains_key("phone")), (2, &json!(["vip"]), false), "the answer hides it too");
    let same: RecordView = marketing.if_match(2).patch_json(&at(CUSTOMERS, made.id), &json!({ "values": { "tags": ["vip"] } })).await.json();
    assert_eq!((same.version, same.values), (2, kept.values), "also where nothing changed");
    let whole: RecordView = owner.get(&at(CUSTOMERS, made.id)).await.json();
    assert_eq!((&whole.values["phone"], &whole.values["email"]), (&json!(PHONE), &json!(EMAIL)));
    let new = json!({ "values": { "name": "Mine", "address": { "country": "FR" } } });
    assert_eq!(refused(&marketing.post_json(CUSTOMERS, &new).await), (403, "permission_missing".to_owned()));
}

#[tokio::test]
async fn who_holds_two_roles_gets_as_far_with_a_field_as_the_one_that_lets_do_it() {
    let (company, owner) = company().await;
    let made = customer(&owner).await;
    let (both, session) = company.sign_in("auditor").await;
    let gift =
        json!({ "account": session.account, "role": "marketing", "site": company.site, "from": null, "until": null, "reason": "the campaign" });
    assert_eq!(owner.post_json("/api/v1/identity/roles", &gift).await.status.as_u16(), 201);
    let read: RecordView = both.get(&at(CUSTOMERS, made.id)).await.json();
    assert_eq!((&read.values["email"], &read.values["phone"]), (&json!(EMAIL), &json!("•••21")), "one reads it, the other masks it");
    let file = both.get(&format!("{CUSTOMERS}/export")).await;
    tells_nothing(&String::from_utf8_lossy(&file.body));
    let answer = both.if_match(1).patch_json(&at(CUSTOMERS, made.id), &json!({ "values": { "email": "x@example.com" } })).await;
    assert_eq!(refused(&answer), (403, "field_forbidden".to_owned()), "neither writes it");
}

#[tokio::test]
async fn a_session_says_how_far_it_reaches_so_that_screens_hide_what_the_server_would() {
    let (company, owner) = company().await;
    let of = async |client: &Client| client.get("/api/v1/identity/session").await.json::<SessionView>();
    assert!(of(&owner).await.fields.is_empty());
    let auditor = of(&company.sign_in("auditor").await.0).await;
    let rights = &super::resource("sales.customer").rights;
    assert_eq!((auditor.access(&rights.read, "email"), auditor.access(&rights.read, "tags")), (Access::Masked, Access::Write));
    assert_eq!(auditor.access(&rights.update, "tags"), Access::None);
    let marketing = of(&hired(&company, Role::Marketing).await).await;
    assert_eq!((marketing.access(&rights.update, "tags"), marketing.access(&rights.update, "email")), (Access::Write, Access::Read));
}

#[tokio::test]
async fn a_product_viewer_looks_up_products_and_sees_nothing_of_what_is_noted_of_them() {
    let (company, owner) = company().await;
    let product = make(&owner, "/api/v1/catalog/products", json!({ "name": "Baguette", "unit": "piece", "notes": "bought for 40 cents" })).await;
    let viewer = hired(&company, Role::ProductViewer).await;
    let read: RecordView = viewer.get(&at("/api/v1/catalog/products", product.id)).await.json();
    assert!(!read.values.contains_key("notes") && !read.values.contains_key("tax_rate") && read.values["name"] == "Baguette");
    for path in [CUSTOMERS, SUPPLIERS, "/api/v1/catalog/tax_rates", "/api/v1/catalog/products/export"] {
        assert_eq!(refused(&viewer.get(path).await), (403, "permission_missing".to_owned()), "{path}");
    }
}
