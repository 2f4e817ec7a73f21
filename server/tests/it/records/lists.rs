//! Lists: their order, their pages, what they are narrowed to, what is found.

use super::catalogue::{PRODUCTS, TAX_RATES};
use super::{CUSTOMERS, SUPPLIERS, company, make, names, page, refused};
use crate::support::Client;
use calamine::{Data, Reader as _, Xlsx};
use holdfast_server::identity::{Role, give_role};
use serde_json::json;
use std::io::Cursor;

/// So many days to pay, which some do not say.
const DAYS: [Option<u32>; 7] = [Some(30), None, Some(14), Some(30), None, Some(60), Some(0)];

async fn seven(owner: &Client) {
    for (n, days) in DAYS.into_iter().enumerate() {
        let city = ["Iași", "iasi", "London"][n % 3];
        make(
            owner,
            SUPPLIERS,
            json!({ "name": format!("Supplier {n}"), "payment_days": days, "address": { "city": city }, "tags": [format!("t{}", n % 2)] }),
        )
        .await;
    }
}

#[tokio::test]
async fn pages_of_any_size_make_the_whole_list_each_record_once_in_its_order_both_ways() {
    let (_company, owner) = company().await;
    seven(&owner).await;
    for sort in ["name", "-name", "payment_days", "-payment_days", "address.city", "-address.city", "address.country", "-address.country"] {
        let whole = names(&owner, &format!("{SUPPLIERS}?sort={sort}")).await;
        assert_eq!(whole.len(), DAYS.len());
        for limit in 1..=DAYS.len() {
            let (mut told, mut after) = (Vec::new(), String::new());
            loop {
                let page = page(&owner, &format!("{SUPPLIERS}?sort={sort}&limit={limit}{after}")).await;
                told.extend(page.records.into_iter().map(|record| record.values["name"].as_str().unwrap().to_owned()));
                let Some(next) = page.next else { break };
                after = format!("&after={next}");
            }
            assert_eq!(told, whole, "{sort} by {limit}");
        }
    }
    let days: Vec<_> = page(&owner, &format!("{SUPPLIERS}?sort=payment_days"))
        .await
        .records
        .into_iter()
        .map(|record| record.values["payment_days"].clone())
        .collect();
    assert_eq!(days, [json!(0), json!(14), json!(30), json!(30), json!(60), json!(null), json!(null)]);
}

#[tokio::test]
async fn a_list_is_narrowed_to_any_of_the_values_of_a_field_and_to_all_of_the_fields() {
    let (_company, owner) = company().await;
    seven(&owner).await;
    assert_eq!(names(&owner, &format!("{SUPPLIERS}?address.city=London")).await, ["Supplier 2", "Supplier 5"]);
    assert_eq!(names(&owner, &format!("{SUPPLIERS}?address.city=London&address.city=iasi&tags=t1")).await, ["Supplier 1", "Supplier 5"]);
    assert_eq!(names(&owner, &format!("{SUPPLIERS}?address.country=")).await.len(), DAYS.len());
    let counted = page(&owner, &format!("{SUPPLIERS}?tags=t0&limit=1&count=true")).await;
    assert_eq!((counted.records.len(), counted.total), (1, Some(4)));
}

#[tokio::test]
async fn sql_in_a_filter_a_sort_or_a_search_is_a_value_or_refused() {
    let (_company, owner) = company().await;
    seven(&owner).await;
    for sql in ["'%20or%201=1--", "London'%3B%20drop%20table%20suppliers%3B--", "%22%20or%20true", "$1", "%25"] {
        assert_eq!(names(&owner, &format!("{SUPPLIERS}?address.city={sql}")).await, [""; 0], "{sql}");
        let found = owner.get(&format!("{SUPPLIERS}?q={sql}")).await;
        assert_eq!(found.status.as_u16(), 200, "{sql}");
        for parameter in ["sort", "price", "city", "address", "address.region", "address.city%20or%201"] {
            let answer = owner.get(&format!("{SUPPLIERS}?{parameter}={sql}")).await;
            assert_eq!(refused(&answer), (400, "invalid_query".to_owned()), "{parameter}={sql}");
        }
    }
    assert_eq!(names(&owner, SUPPLIERS).await.len(), DAYS.len());
}

#[tokio::test]
async fn a_cursor_that_was_tampered_with_is_refused() {
    use base64::Engine as _;
    let (_company, owner) = company().await;
    seven(&owner).await;
    let id = "00000000-0000-0000-0000-000000000007";
    let behind = |sort: &str, key: &str| format!(r#"{{"b":{{"s":"{sort}","k":{key},"i":"{id}"}}}}"#);
    for place in [
        behind("name", "\"x\""),
        behind("payment_days", "\"x\""),
        behind("payment_days", "\"99999999999\""),
        behind("payment_days", "\"1); drop table suppliers\""),
        behind("payment_days", "7"),
        behind("payment_days; select 1", "\"7\""),
        r#"{"f":0}"#.to_owned(),
        r#"{"b":{"s":"payment_days","i":"x"}}"#.to_owned(),
        "[]".to_owned(),
        String::new(),
    ] {
        let after = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&place);
        let answer = owner.get(&format!("{SUPPLIERS}?sort=payment_days&after={after}")).await;
        assert_eq!(refused(&answer), (400, "cursor_malformed".to_owned()), "{place}");
    }
}

#[tokio::test]
async fn records_are_found_by_beginnings_of_words_without_marks_and_with_a_slip() {
    let (_company, owner) = company().await;
    for (name, city, email) in [
        ("Alfreds Futterkiste", "Berlin", "maria@alfreds.example"),
        ("Crăciun și Fiii", "Iași", "shop@craciun.example"),
        ("Blondesddsl père et fils", "Strasbourg", "b@x.example"),
    ] {
        make(&owner, CUSTOMERS, json!({ "name": name, "address": { "city": city }, "email": email })).await;
    }
    for (typed, found) in [
        ("futter", "Alfreds Futterkiste"),
        ("alfreds berlin", "Alfreds Futterkiste"),
        ("maria@alfreds", "Alfreds Futterkiste"),
        ("craciun", "Crăciun și Fiii"),
        ("IAȘI", "Crăciun și Fiii"),
        ("pere", "Blondesddsl père et fils"),
        ("futerkiste", "Alfreds Futterkiste"),
        ("strassbourg", "Blondesddsl père et fils"),
    ] {
        assert_eq!(names(&owner, &format!("{CUSTOMERS}?q={}", typed.replace(' ', "%20"))).await, [found], "{typed}");
        let everywhere: serde_json::Value = owner.get(&format!("/api/v1/search?q={}", typed.replace(' ', "%20"))).await.json();
        assert_eq!(everywhere["found"][0]["name"], found, "{typed}");
    }
    assert_eq!(names(&owner, &format!("{CUSTOMERS}?q=nobody")).await, [""; 0]);
}

#[tokio::test]
async fn a_search_tells_nothing_of_a_site_where_one_works_without_looking_at_its_records() {
    let (company, _owner) = company().await;
    company.hire("both", (Role::Cashier, company.site)).await;
    let mut tx = company.test.tenant(company.tenant).await;
    let account: uuid::Uuid = sqlx::query_scalar("select id from accounts where email like 'both@%'").fetch_one(tx.connection()).await.unwrap();
    give_role(&mut tx, uuid::Uuid::from_u128(0xb07), account.into(), (Role::SiteManager, Some(company.other_site))).await.unwrap();
    tx.commit().await.unwrap();
    let both = company.sign_in("both").await.0;
    let found: serde_json::Value = both.get("/api/v1/search?q=shop").await.json();
    let ids: Vec<&str> = found["found"].as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [company.other_site.to_string()]);
}

#[tokio::test]
async fn what_is_found_belongs_to_the_company_and_to_what_one_may_look_at() {
    let (company, owner) = company().await;
    make(&owner, CUSTOMERS, json!({ "name": "Alfreds Futterkiste" })).await;
    company
        .found(
            "rock",
            holdfast_domain::kernel::TenantId(uuid::Uuid::from_u128(0x51)),
            &[(holdfast_domain::kernel::SiteId(uuid::Uuid::from_u128(0x52)), &[])],
        )
        .await;
    let stranger = company.sign_in_at("rock", "owner").await.0;
    let cashier = company.sign_in("cashier").await.0;
    for client in [stranger, cashier] {
        let found: serde_json::Value = client.get("/api/v1/search?q=alfreds").await.json();
        assert_eq!(found["found"], json!([]));
    }
}

#[tokio::test]
async fn a_list_is_taken_out_as_a_file_in_which_nothing_is_a_formula_and_that_is_kept() {
    let (company, owner) = company().await;
    make(
        &owner,
        SUPPLIERS,
        json!({ "name": "=HYPERLINK(\"http://evil.example\")", "phone": "+40 721 000 000", "tags": ["a", "b"], "notes": "two\nlines, \"quoted\"" }),
    )
    .await;
    make(&owner, SUPPLIERS, json!({ "name": "Exotic Liquids", "address": { "city": "London" } })).await;
    let file = owner.get(&format!("{SUPPLIERS}/export?sort=-name")).await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    let text = String::from_utf8(file.body).unwrap();
    let mut rows = csv::Reader::from_reader(text.strip_prefix('\u{feff}').unwrap().as_bytes());
    let at = |name: &str, headers: &csv::StringRecord| headers.iter().position(|header| header == name).unwrap();
    let headers = rows.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), &rows[0][at("name", &headers)], &rows[0][at("address.city", &headers)]), (2, "Exotic Liquids", "London"));
    assert_eq!(&rows[1][at("name", &headers)], "'=HYPERLINK(\"http://evil.example\")");
    assert_eq!((&rows[1][at("phone", &headers)], &rows[1][at("tags", &headers)]), ("'+40 721 000 000", "a | b"));
    assert_eq!(&rows[1][at("notes", &headers)], "two\nlines, \"quoted\"");
    let mut tx = company.test.tenant(company.tenant).await;
    let kept: serde_json::Value =
        sqlx::query_scalar("select after from audit_entries where action = 'export'").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(kept["records"], 2);
}

/// ECMA-376 knows cells of text: what begins like a formula is none in them.
#[tokio::test]
async fn a_list_is_taken_out_as_a_workbook_in_which_numbers_are_numbers_and_texts_are_texts() {
    let (company, owner) = company().await;
    let rate = make(&owner, TAX_RATES, json!({ "name": "Reduced", "rate": "5.5" })).await;
    let price = json!({ "minor": 1250, "currency": "EUR" });
    make(&owner, PRODUCTS, json!({ "name": "=1+1", "price": price, "tax_rate": rate.id, "unit": "piece" })).await;
    let file = owner.get(&format!("{PRODUCTS}/export?as=xlsx")).await;
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"products.xlsx\"");
    let mut book = Xlsx::new(Cursor::new(file.body)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let head: Vec<String> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let cell = |name: &str| sheet.get((1, head.iter().position(|head| head == name).unwrap())).unwrap().clone();
    assert_eq!((cell("archived"), cell("name"), cell("price")), (Data::Bool(false), Data::String("=1+1".to_owned()), Data::Float(12.5)));
    assert_eq!(cell("tax_rate"), Data::String(rate.id.to_string()));
    let rates = owner.get(&format!("{TAX_RATES}/export?as=xlsx")).await;
    let mut book = Xlsx::new(Cursor::new(rates.body)).unwrap();
    assert!(book.worksheet_range_at(0).unwrap().unwrap().rows().any(|row| row.contains(&Data::Float(5.5))));
    assert_eq!(refused(&owner.get(&format!("{PRODUCTS}/export?as=csv&as=xlsx")).await), (400, "invalid_query".to_owned()));
    let mut tx = company.test.tenant(company.tenant).await;
    let kept: i64 = sqlx::query_scalar("select count(*) from audit_entries where action = 'export'").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(kept, 2);
}
