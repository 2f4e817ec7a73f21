//! What else is done with records, where they have files: lists taken out and brought in, many changed at once, two merged, what is written down and told, and what is thrown away.

use super::super::importing::{columns, counts, import};
use super::super::{CUSTOMERS, SUPPLIERS, at, company};
use super::{PRODUCTS, change, contract, file_of, image, make, png, product, refused};
use crate::support::Client;
use calamine::{Reader as _, Xlsx};
use holdfast_domain::kernel::resource::{BulkReport, RecordView, Timeline};
use holdfast_server::sync::Retention;
use serde_json::{Value, json};
use std::io::Cursor;
use std::time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn a_list_that_is_taken_out_tells_names_and_brought_in_again_changes_no_file() {
    let (_company, owner) = company().await;
    let made = product(&owner, "Chai", &image(&owner, 1).await).await;
    let file = String::from_utf8(owner.get(&format!("{PRODUCTS}/export")).await.body).unwrap();
    let mut rows = csv::Reader::from_reader(file.trim_start_matches('\u{feff}').as_bytes());
    let at_image = rows.headers().unwrap().iter().position(|name| name == "image").unwrap();
    assert_eq!(&rows.records().next().unwrap().unwrap()[at_image], "chai.png", "{file}");
    let workbook = owner.get(&format!("{PRODUCTS}/export?as=xlsx")).await.body;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(workbook)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    assert!(sheet.rows().nth(1).unwrap().iter().any(|cell| *cell == "chai.png"));
    // A formula that somebody makes a name of stays a name.
    let formula = super::upload(&owner, &format!("{PRODUCTS}/files/image?name=%3DHYPERLINK(1).png"), png(4, 3, 2)).await;
    product(&owner, "Formula", &formula).await;
    let file = String::from_utf8(owner.get(&format!("{PRODUCTS}/export")).await.body).unwrap();
    assert!(file.contains("'=HYPERLINK(1).png"), "{file}");
    // Its column is left out, whatever it says; the others count.
    let changed = format!("id,name,image\n{},Chai tea,other.png\n,New,\n", made.id);
    let address = format!("{PRODUCTS}/import");
    assert_eq!(columns(&owner, &address, &changed).await, [Some("id"), Some("name"), None].map(|name| name.map(str::to_owned)));
    let after: RecordView = owner.get(&at(PRODUCTS, made.id)).await.json();
    assert_eq!((&after.values["name"], &after.values["image"]), (&json!("Chai tea"), &made.values["image"]));
    assert_eq!(
        counts(&import(&owner, &address, format!("id,name,image\n{},Chai tea,\n", made.id)).await),
        (0, 0, 1, 0),
        "an empty cell takes nothing away"
    );
    let named = super::super::importing::send(&owner, &format!("{address}?columns=name,image"), "a,b\nChai,chai.png\n").await;
    assert_eq!(refused(&named), (400, "invalid_query".to_owned()));
    assert!(named.json::<Value>()["detail"].as_str().unwrap().contains("image is a file"), "it says why");
}

#[tokio::test]
async fn a_list_is_neither_sorted_nor_narrowed_nor_searched_nor_kept_as_a_view_by_a_file() {
    let (_company, owner) = company().await;
    product(&owner, "Chai", &image(&owner, 1).await).await;
    for query in ["sort=image", "sort=-image", "image=chai.png", "image="] {
        assert_eq!(refused(&owner.get(&format!("{PRODUCTS}?{query}")).await), (400, "invalid_query".to_owned()), "{query}");
    }
    let found: Value = owner.get(&format!("{PRODUCTS}?q=png")).await.json();
    assert_eq!(found["records"], json!([]), "a name of a file finds no record");
    // A view shows it as a column, and sorts by what can be sorted.
    let view = |query: &str| json!({ "id": Uuid::from_u128(0x71e0), "kind": "catalog.product", "name": query, "shared": false, "query": query, "columns": ["name", "image"] });
    assert_eq!(owner.post_json("/api/v1/views", &view("sort=name")).await.status.as_u16(), 201);
    assert_eq!(owner.post_json("/api/v1/views", &view("sort=image")).await.status.as_u16() / 100, 4);
}

async fn bulk(client: &Client, records: &[&RecordView], values: Value, dry_run: bool) -> BulkReport {
    let which: Vec<_> = records.iter().map(|record| json!({ "id": record.id, "version": record.version })).collect();
    let body = json!({ "which": { "records": which }, "act": { "change": { "values": values } }, "dry_run": dry_run });
    let answer = client.post_json(&format!("{PRODUCTS}/bulk"), &body).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

#[tokio::test]
async fn many_records_get_a_file_or_lose_theirs_as_each_would_alone() {
    let (company, owner) = company().await;
    company.hire("manager", (holdfast_server::identity::Role::SiteManager, company.site)).await;
    let manager = company.sign_in("manager").await.0;
    let (one, two) = (product(&owner, "Chai", &Value::Null).await, product(&owner, "Chang", &image(&owner, 1).await).await);
    let of = |report: BulkReport| (report.done, report.unchanged, report.refused);
    // Of the other's file the second record has it already, and nothing changes.
    assert_eq!(of(bulk(&manager, &[&one, &two], json!({ "image": two.values["image"] }), false).await), (0, 1, 1));
    assert_eq!(of(bulk(&owner, &[&one, &two], json!({ "image": two.values["image"] }), true).await), (1, 1, 0));
    assert_eq!(of(bulk(&owner, &[&one, &two], json!({ "image": two.values["image"] }), false).await), (1, 1, 0));
    assert_eq!(owner.get(&file_of(PRODUCTS, one.id, "image")).await.body, png(4, 3, 1));
    let one: RecordView = owner.get(&at(PRODUCTS, one.id)).await.json();
    assert_eq!(of(bulk(&owner, &[&one, &two], json!({ "image": null }), false).await), (2, 0, 0));
    assert_eq!(refused(&owner.get(&file_of(PRODUCTS, one.id, "image")).await), (404, "file_unknown".to_owned()));
}

#[tokio::test]
async fn of_two_records_that_are_merged_the_one_that_stays_takes_the_others_file() {
    let (company, owner) = company().await;
    company.hire("seller", (holdfast_server::identity::Role::SiteManager, company.site)).await;
    let (seller, paper) = (company.sign_in("seller").await.0, contract(&owner, CUSTOMERS, 1).await);
    let email = "maria@alfreds.example";
    let kept = make(&owner, CUSTOMERS, json!({ "name": "Maria", "email": email })).await;
    let other = make(&owner, CUSTOMERS, json!({ "name": "M. Anders", "email": email, "contract": paper })).await;
    let body = json!({ "from": other.id, "from_version": 1, "take": ["contract"], "reason": "entered twice" });
    // Nobody has to send again what the other record has.
    let merged = seller.if_match(1).post_json(&format!("{}/merge", at(CUSTOMERS, kept.id)), &body).await;
    assert_eq!(merged.json::<RecordView>().values["contract"], paper);
    for id in [kept.id, other.id] {
        assert_eq!(owner.get(&file_of(CUSTOMERS, id, "contract")).await.status.as_u16(), 200);
    }
}

#[tokio::test]
async fn what_became_of_a_file_is_written_down_and_told_but_of_contracts() {
    let (company, owner) = company().await;
    let (first, second) = (image(&owner, 1).await, image(&owner, 2).await);
    let made = product(&owner, "Chai", &first).await;
    change(&owner, (PRODUCTS, made.id, 1), json!({ "image": second })).await;
    let timeline: Timeline = owner.get(&format!("{}/timeline", at(PRODUCTS, made.id))).await.json();
    let said = &timeline.changes[0].changes;
    assert_eq!((said.len(), said[0].field.as_str(), &said[0].before, &said[0].after), (1, "image", &first, &second));
    let paper = contract(&owner, SUPPLIERS, 1).await;
    let supplier = make(&owner, SUPPLIERS, json!({ "name": "Exotic", "contract": paper })).await;
    let events: Vec<Value> = owner.get("/api/v1/events").await.json();
    let of = |id: Uuid| events.iter().filter(move |event| event["subject"] == id.to_string()).collect::<Vec<_>>();
    assert_eq!(of(made.id)[1]["data"]["values"], json!({ "image": second }));
    let told = of(supplier.id)[0];
    assert!(told["data"]["changed"].as_array().unwrap().contains(&json!("contract")) && told["data"]["values"].get("contract").is_none(), "{told}");
    // Who reads it masked reads no more of what it was.
    let auditor = company.sign_in("auditor").await.0;
    let timeline = auditor.get(&format!("{}/timeline", at(SUPPLIERS, supplier.id))).await;
    assert!(!String::from_utf8_lossy(&timeline.body).contains(paper["sha256"].as_str().unwrap()));
}

#[tokio::test]
async fn what_no_record_names_goes_after_a_month_and_what_one_names_never() {
    let (company, owner) = company().await;
    let files = [image(&owner, 1).await, image(&owner, 2).await, image(&owner, 3).await];
    let made = product(&owner, "Chai", &files[0]).await;
    change(&owner, (PRODUCTS, made.id, 1), json!({ "image": files[1] })).await;
    let archived = product(&owner, "Chang", &files[2]).await;
    owner.if_match(1).post_json(&format!("{}/archive", at(PRODUCTS, archived.id)), &json!({})).await;
    let lies = |file: &Value| company.test.files_folder().join(company.tenant.to_string()).join(file["sha256"].as_str().unwrap()).is_file();
    let retention = Retention::of(&company.app);
    retention.sweep().await.unwrap();
    company.test.world.pass(Duration::from_hours(24 * 29));
    retention.sweep().await.unwrap();
    assert!(files.iter().all(lies), "a month has not passed");
    // By a mistake it was replaced, and is taken back: it is named again, and stays.
    let owner = company.sign_in("owner").await.0;
    assert_eq!(change(&owner, (PRODUCTS, made.id, 2), json!({ "image": files[0] })).await.status.as_u16(), 200);
    company.test.world.pass(Duration::from_hours(24 * 2));
    retention.sweep().await.unwrap();
    assert!(files.iter().all(lies), "the one is named again, the other not named since today only");
    company.test.world.pass(Duration::from_hours(24 * 31));
    retention.sweep().await.unwrap();
    assert_eq!(files.each_ref().map(lies), [true, false, true]);
    let owner = company.sign_in("owner").await.0;
    let gone = change(&owner, (PRODUCTS, made.id, 3), json!({ "image": files[1] })).await;
    assert_eq!(super::super::errors(&gone), [("image".to_owned(), "unknown_file".to_owned())], "what is gone is uploaded again");
    image(&owner, 2).await;
    assert_eq!(change(&owner, (PRODUCTS, made.id, 3), json!({ "image": files[1] })).await.status.as_u16(), 200);
    // What it was, stays written down.
    let timeline: Timeline = owner.get(&format!("{}/timeline", at(PRODUCTS, made.id))).await.json();
    assert_eq!(timeline.changes.len(), 4);
}
