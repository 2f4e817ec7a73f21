//! Bringing in many records out of a file.

use super::{CUSTOMERS, SITES, SUPPLIERS, at, company, make, names, page, refused, resource};
use crate::support::{Client, Company};
use axum::http::Method;
use futures::StreamExt as _;
use holdfast_domain::kernel::resource::{ImportLine, ImportReport, RecordView, Timeline};
use holdfast_server::identity::Role;
use holdfast_server::rehearsal::Response;
use serde_json::{Value, json};

pub async fn send(client: &Client, address: &str, file: impl AsRef<[u8]>) -> Response {
    client.send(Method::POST, address, (Some("text/csv"), file.as_ref().to_vec())).await
}

fn lines(answer: &Response) -> Vec<ImportLine> {
    assert_eq!(answer.status.as_u16(), 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    answer.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).unwrap()).collect()
}

pub async fn import(client: &Client, address: &str, file: impl AsRef<[u8]>) -> ImportReport {
    match lines(&send(client, address, file).await).pop() {
        Some(ImportLine::Report(report)) => report,
        other => panic!("{other:?}"),
    }
}

/// What the columns of a file were taken for.
pub async fn columns(client: &Client, address: &str, file: impl AsRef<[u8]>) -> Vec<Option<String>> {
    match lines(&send(client, address, file).await).swap_remove(0) {
        ImportLine::Columns(columns) => columns,
        other => panic!("{other:?}"),
    }
}

/// Made, changed, as they were, refused.
pub fn counts(report: &ImportReport) -> (u64, u64, u64, u64) {
    (report.created, report.changed, report.unchanged, report.refused)
}

/// The refused lines with what is wrong: `2 name missing`.
pub fn wrong(report: &ImportReport) -> Vec<String> {
    let one = |line: u64, problem: &holdfast_domain::kernel::resource::FieldProblem| {
        format!("{line} {} {}", problem.field, json!(problem.wrong).as_str().unwrap())
    };
    report.problems.iter().flat_map(|refused| refused.problems.iter().map(|problem| one(refused.line, problem))).collect()
}

fn import_of(path: &str, query: &str) -> String {
    format!("{path}/import{query}")
}

#[tokio::test]
async fn a_file_makes_changes_and_leaves_and_sent_again_does_nothing() {
    let (_company, owner) = company().await;
    make(&owner, SUPPLIERS, json!({ "name": "Exotic Liquids", "address": { "city": "London" } })).await;
    make(&owner, SUPPLIERS, json!({ "name": "Leka", "address": { "city": "Singapore" } })).await;
    let file = "Name;City;Payment days;Tags\nExotic Liquids;Leeds;;\nLeka;Singapore;;\nPavlova;Melbourne;30;sweets | meat\n";
    let address = import_of(SUPPLIERS, "");
    let answer = lines(&send(&owner, &address, file).await);
    let columns = ["name", "address.city", "payment_days", "tags"].map(|name| Some(name.to_owned())).to_vec();
    assert_eq!(answer[0], ImportLine::Columns(columns));
    assert!(matches!(answer[1], ImportLine::Progress(progress) if (progress.done, progress.of) == (3, 3)));
    let Some(ImportLine::Report(report)) = answer.last() else { panic!("{answer:?}") };
    assert_eq!((counts(report), report.lines), ((1, 1, 1, 0), 3));
    assert_eq!(counts(&import(&owner, &address, file).await), (0, 0, 3, 0));
    let kept = page(&owner, SUPPLIERS).await.records;
    let told = |record: &RecordView| (record.values["name"].clone(), record.values["address"]["city"].clone(), record.version);
    let expected = [("Exotic Liquids", "Leeds", 2), ("Leka", "Singapore", 1), ("Pavlova", "Melbourne", 1)];
    assert_eq!(kept.iter().map(told).collect::<Vec<_>>(), expected.map(|(name, city, version)| (json!(name), json!(city), version)));
    assert_eq!((&kept[2].values["payment_days"], &kept[2].values["tags"]), (&json!(30), &json!(["sweets", "meat"])));
    // What was brought in is found, told in its timeline, and told to others.
    assert_eq!(names(&owner, &format!("{SUPPLIERS}?q=melbourne")).await, ["Pavlova"]);
    let timeline: Timeline = owner.get(&format!("{}/timeline", at(SUPPLIERS, kept[0].id))).await.json();
    assert_eq!(timeline.changes.iter().map(|change| change.action.as_str()).collect::<Vec<_>>(), ["update", "create"]);
    assert_eq!(
        timeline.changes[0].changes.iter().map(|change| (change.field.as_str(), &change.after)).collect::<Vec<_>>(),
        [("address.city", &json!("Leeds"))]
    );
}

#[tokio::test]
async fn a_line_that_names_nothing_to_be_found_by_makes_its_record_once() {
    let (_company, owner) = company().await;
    let file = "name,country,phone\nAna,Italy,123\nAna,Italy,123\nBen,Malta,\n";
    assert_eq!(counts(&import(&owner, &import_of(CUSTOMERS, ""), file).await), (3, 0, 0, 0));
    let more = format!("{file}Cy,Italy,\n");
    assert_eq!(counts(&import(&owner, &import_of(CUSTOMERS, ""), more).await), (1, 0, 3, 0));
    assert_eq!(names(&owner, CUSTOMERS).await, ["Ana", "Ana", "Ben", "Cy"]);
}

#[tokio::test]
async fn two_lines_of_one_id_are_one_too_many() {
    let (_company, owner) = company().await;
    let id = uuid::Uuid::from_u128(7);
    let file = format!("id,name,country,email\n{id},Ana,Italy,ana@x.example\n{id},Ben,Italy,ben@x.example\n");
    let report = import(&owner, &import_of(CUSTOMERS, "?match=email"), file).await;
    assert_eq!((counts(&report), wrong(&report)), ((1, 0, 0, 1), vec!["3 id twice".to_owned()]));
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_writes_nothing() {
    let (_company, owner) = company().await;
    make(&owner, SUPPLIERS, json!({ "name": "Leka" })).await;
    let file = "name,city\nLeka,Singapore\nPavlova,Melbourne\nPavlova,Perth\n,Oslo\n";
    let tried = import(&owner, &import_of(SUPPLIERS, "?dry_run=true"), file).await;
    assert_eq!(names(&owner, SUPPLIERS).await, ["Leka"]);
    let done = import(&owner, &import_of(SUPPLIERS, ""), file).await;
    assert_eq!(tried, done);
    assert_eq!((counts(&done), wrong(&done)), ((1, 1, 0, 2), vec!["4 name twice".to_owned(), "5 name missing".to_owned()]));
}

#[tokio::test]
async fn what_is_wrong_with_a_line_concerns_that_line_alone() {
    let (company, owner) = company().await;
    let gone = make(&owner, CUSTOMERS, json!({ "name": "Gone", "email": "gone@x.example" })).await;
    owner.if_match(1).post_json(&format!("{}/archive", at(CUSTOMERS, gone.id)), &json!({})).await;
    make(&owner, CUSTOMERS, json!({ "name": "Maria", "email": "maria@x.example", "tax_number": "T1" })).await;
    let file = "email,name,customer_group,tax_number,phone\n\
        ana@x.example,Ana,,T2,'+40 721\n\
        not an address,Bad,,,\n\
        ben@x.example,Ben,gold,,call me\n\
        cy@x.example,Cy,,,12\n\
        gone@x.example,Back,,,\n\
        dora@x.example,,,T2,\n\
        ANA@x.example,Ana again,,,\n\
        eva@x.example,Eva,,T3,1,2,3\n\
        maria@x.example,Maria K.,,T1,\n";
    let report = import(&owner, &import_of(CUSTOMERS, ""), file).await;
    assert_eq!(counts(&report), (1, 1, 0, 7));
    let expected = [
        "3 email not_valid",
        "4 customer_group unknown_record",
        "4 phone not_valid",
        "5 phone not_valid",
        "6 email archived",
        "7 name missing",
        "8 email twice",
        "9  unreadable",
    ];
    assert_eq!(wrong(&report), expected);
    assert_eq!(names(&owner, CUSTOMERS).await, ["Ana", "Maria K."]);
    drop(company);
}

#[tokio::test]
async fn a_file_that_was_taken_out_comes_back_in_as_it_was() {
    let (_company, owner) = company().await;
    for values in [
        json!({ "name": "=1+1", "phone": "+40 721", "tags": ["a", "b"], "notes": "two\nlines", "payment_days": 7, "currency": "EUR" }),
        json!({ "name": "'quoted'", "address": { "line1": "1; @Home" } }),
    ] {
        make(&owner, SUPPLIERS, values).await;
    }
    let file = owner.get(&format!("{SUPPLIERS}/export")).await.body;
    assert_eq!(counts(&import(&owner, &import_of(SUPPLIERS, ""), &file).await), (0, 0, 2, 0));
    // And into another company, under the same ids.
    let other = Company::open().await;
    let stranger = other.sign_in("owner").await.0;
    assert_eq!(counts(&import(&stranger, &import_of(SUPPLIERS, ""), &file).await), (2, 0, 0, 0));
    assert_eq!(stranger.get(&format!("{SUPPLIERS}/export")).await.body, file);
}

#[tokio::test]
async fn columns_are_what_the_query_says_they_are() {
    let (_company, owner) = company().await;
    let file = "Firma,x,Ort\nPavlova,1,Melbourne\n";
    assert_eq!(refused(&send(&owner, &import_of(SUPPLIERS, ""), file).await), (422, "columns_unknown".to_owned()));
    let report = import(&owner, &import_of(SUPPLIERS, "?columns=name,,address.city&match=name"), file).await;
    assert_eq!(counts(&report), (1, 0, 0, 0));
    for query in [
        "?columns=name",
        "?columns=name,x,address.city",
        "?match=address.city&columns=name,,address.city",
        "?match=id&columns=name,,address.city",
        "?dry_run=1",
        "?tid=1",
        "?match=name&match=name",
        "?currency=euro",
    ] {
        assert_eq!(refused(&send(&owner, &import_of(SUPPLIERS, query), file).await), (400, "invalid_query".to_owned()), "{query}");
    }
    let sent = owner.send(Method::POST, &import_of(SUPPLIERS, ""), (Some("application/json"), b"{}".to_vec())).await;
    assert_eq!(refused(&sent), (415, "unsupported_content_type".to_owned()));
}

#[tokio::test]
async fn many_lines_are_taken_in_by_batches_and_counted_on_the_way() {
    let (_company, owner) = company().await;
    let body: String = (0..1_201).map(|n| format!("Supplier {n:04},City {}\n", n % 7)).collect();
    let answer = lines(&send(&owner, &import_of(SUPPLIERS, ""), format!("name,city\n{body}")).await);
    let done: Vec<u64> =
        answer.iter().filter_map(|line| if let ImportLine::Progress(progress) = line { Some(progress.done) } else { None }).collect();
    assert_eq!(done, [500, 1_000, 1_201]);
    assert_eq!(page(&owner, &format!("{SUPPLIERS}?count=true&limit=1")).await.total, Some(1_201));
    // A value that comes again in another batch is the same slip.
    let again = format!("name,city\n{}Supplier 0000,Elsewhere\n", body.replace("City", "Town"));
    let report = import(&owner, &import_of(SUPPLIERS, ""), again).await;
    assert_eq!((counts(&report), wrong(&report)), ((0, 1_201, 0, 1), vec!["1203 name twice".to_owned()]));
}

#[tokio::test]
async fn whoever_leaves_halfway_is_kept_with_how_far_it_came() {
    let (company, owner) = company().await;
    let body: String = (0..3_000).map(|n| format!("Supplier {n:04}\n")).collect();
    let file = format!("name\n{body}").into_bytes();
    let answer = owner.begin(Method::POST, &import_of(SUPPLIERS, ""), (Some("text/csv"), file)).await;
    let mut lines = answer.into_body().into_data_stream();
    // The columns, and that the first lines are in.
    assert!(lines.next().await.unwrap().is_ok() && lines.next().await.unwrap().is_ok());
    drop(lines);
    let noted = loop {
        let mut tx = company.test.tenant(company.tenant).await;
        let noted: Option<Value> =
            sqlx::query_scalar("select after from audit_entries where action = 'import'").fetch_optional(tx.connection()).await.unwrap();
        if let Some(noted) = noted {
            break noted;
        }
    };
    assert!((500..3_000).contains(&noted["done"].as_u64().unwrap()) && noted["lines"] == 3_000, "{noted}");
    assert_eq!(page(&owner, &format!("{SUPPLIERS}?count=true&limit=1")).await.total, noted["created"].as_u64());
}

#[tokio::test]
async fn whoever_may_not_bring_in_many_brings_in_none() {
    let (company, owner) = company().await;
    for role in Role::ALL {
        let name = format!("another.{}", role.name());
        company.hire(&name, (role, company.site)).await;
        let (client, session) = company.sign_in(&name).await;
        let rights = &resource("procurement.supplier").rights;
        let may = [&rights.create, &rights.update, &rights.bulk_edit].into_iter().all(|permission| session.may(permission));
        let answer = send(&client, &import_of(SUPPLIERS, "?dry_run=true"), "name\nPavlova\n").await;
        if may {
            assert_eq!(answer.status.as_u16(), 200)
        } else {
            assert_eq!(refused(&answer), (403, "permission_missing".to_owned()), "{}", role.name())
        }
    }
    assert_eq!(names(&owner, SUPPLIERS).await, [""; 0]);
}

#[tokio::test]
async fn a_zone_that_nobody_knows_and_what_is_fixed_are_refused_line_by_line() {
    let (_company, owner) = company().await;
    let sites = page(&owner, SITES).await.records;
    let file = format!(
        "id,name,kind,time_zone\n{},{},{},Europe/Atlantis\n{},Renamed,{},\n,New,shop,Europe/Paris\n",
        sites[0].id,
        sites[0].values["name"].as_str().unwrap(),
        sites[0].values["kind"].as_str().unwrap(),
        sites[0].id,
        if sites[0].values["kind"] == "shop" { "warehouse" } else { "shop" },
    );
    let report = import(&owner, &import_of(SITES, ""), file).await;
    assert_eq!(counts(&report), (1, 0, 0, 2));
    assert_eq!(wrong(&report), ["2 time_zone not_valid", "3 time_zone missing", "3 kind fixed"]);
}
