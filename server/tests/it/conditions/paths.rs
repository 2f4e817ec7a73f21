//! Every path on which a record is met, looked at by somebody who may do all to the customers of Brest, and nothing to others.

use super::{CUSTOMERS, at, company, customer, define, give, is, keeping, names, said, text};
use crate::records::{example, make_named};
use crate::support::{Client, Company};
use axum::http::Method;
use holdfast_domain::RESOURCES;
use holdfast_domain::audit::EntriesPage;
use holdfast_domain::kernel::resource::{BulkReport, FoundPage, Page, RecordView, Timeline};
use holdfast_server::identity::Role;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// One customer in Brest, one in Lyon with the same telephone, and who keeps those of Brest.
struct Desk {
    company: Company,
    owner: Client,
    clerk: Client,
    brest: RecordView,
    lyon: RecordView,
}

impl Desk {
    async fn open() -> Self {
        let (company, owner, (clerk, session)) = company().await;
        let (brest, lyon) = (customer(&owner, "Alpha Oysters", "Brest").await, customer(&owner, "Beta Oysters", "Lyon").await);
        let mut terms = keeping("sales.customer", json!({ "scope": "all", "when": [is("address.city", "Brest")] }));
        let beside = ["audit.entry.read", "audit.entry.export", "events.event.read"];
        terms["permissions"].as_array_mut().unwrap().extend(beside.map(Value::from));
        let role = define(&owner, "Brest desk", &terms).await;
        give(&owner, (&session, &role), None).await;
        Self { company, owner, clerk, brest, lyon }
    }

    fn lyon_at(&self, rest: &str) -> String {
        at(CUSTOMERS, self.lyon.id, rest)
    }

    fn brest_at(&self, rest: &str) -> String {
        at(CUSTOMERS, self.brest.id, rest)
    }

    /// What the clerk hears of customers.
    async fn events(&self) -> String {
        let events: Vec<Value> = self.clerk.get("/api/v1/events?limit=500").await.json();
        let of_customers = |event: &&Value| event["type"].as_str().is_some_and(|kind| kind.starts_with("sales.customer."));
        events.iter().filter(of_customers).map(ToString::to_string).collect()
    }

    async fn import(&self, csv: &str) -> String {
        text(&self.clerk.send(Method::POST, &format!("{CUSTOMERS}/import"), (Some("text/csv"), csv.as_bytes().to_vec())).await)
    }
}

#[tokio::test]
async fn whatever_tells_records_tells_those_within_and_no_others() {
    let desk = Desk::open().await;
    let unknown = (404, "record_unknown".to_owned());
    for address in [
        "",
        "?sort=-name",
        "?sort=address.city",
        "?address.city=Brest&address.city=Lyon",
        "?q=oysters",
        "?q=oysters&sort=name",
        "?q=oystres",
        "?q=beta%20alpha&sort=-name",
        "?limit=1",
    ] {
        let told = names(&desk.clerk, &format!("{CUSTOMERS}{address}")).await;
        assert!(told.iter().all(|name| name == "Alpha Oysters") && (told.len() == 1 || address.contains("beta")), "{address}: {told:?}");
    }
    for (address, total) in
        [("?count=true", 1), ("?count=true&q=oysters", 1), ("?count=true&address.city=Lyon", 0), ("?count=true&q=oysters&address.city=Lyon", 0)]
    {
        let page: Page = desk.clerk.get(&format!("{CUSTOMERS}{address}")).await.json();
        assert_eq!((page.total, page.next), (Some(total), None), "{address}");
    }
    let found: FoundPage = desk.clerk.get("/api/v1/search?q=oysters").await.json();
    assert_eq!(found.found.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["Alpha Oysters"]);
    for path in ["/export", "/export?as=csv&sort=address.city"] {
        let file = text(&desk.clerk.get(&format!("{CUSTOMERS}{path}")).await);
        assert!(file.contains("Alpha") && !file.contains("Beta") && !file.contains("Lyon"), "{file}");
    }
    for rest in ["", "/timeline", "/live"] {
        assert_eq!(said(&desk.clerk.get(&desk.lyon_at(rest)).await), unknown, "{rest}");
    }
    assert_eq!(said(&desk.clerk.post_json(&desk.lyon_at("/here"), &json!({ "line": Uuid::nil(), "editing": false })).await).0, 404);
    let read: RecordView = desk.clerk.get(&desk.brest_at("")).await.json();
    assert_eq!(
        (read.values["address"]["city"].as_str(), read.alike),
        (Some("Brest"), Vec::new()),
        "nothing is said of the other one, which has the same telephone"
    );
    let owners: RecordView = desk.owner.get(&desk.brest_at("")).await.json();
    assert_eq!(owners.alike.len(), 1);
}

#[tokio::test]
async fn what_was_done_to_a_record_is_told_of_those_within() {
    let desk = Desk::open().await;
    let change = json!({ "values": { "address": { "city": "Lyon" } }, "reason": "they moved" });
    let values = json!({ "address": { "country": "FR" }, "tags": ["of Brest", "shellfish"] });
    assert_eq!(desk.owner.if_match(1).patch_json(&desk.brest_at(""), &json!({ "values": values })).await.status.as_u16(), 200);
    let entries = async || -> EntriesPage { desk.clerk.get("/api/v1/audit/entries?kind=sales.customer").await.json() };
    let told = |page: &EntriesPage, id: Uuid| -> Vec<(String, usize)> {
        page.entries.iter().filter(|entry| entry.record == Some(id)).map(|entry| (entry.title.clone(), entry.changes.len())).collect()
    };
    let page = entries().await;
    assert_eq!(told(&page, desk.lyon.id), [(String::new(), 0)], "that something was done, and not to whom");
    let of_brest = told(&page, desk.brest.id);
    assert!(of_brest.len() == 2 && of_brest.iter().all(|(title, changes)| title == "Alpha Oysters" && *changes > 0), "{of_brest:?}");
    // A file holds what was done before it was asked for.
    desk.company.test.world.pass(Duration::from_secs(1));
    let file = text(&desk.clerk.get("/api/v1/audit/entries/file?kind=sales.customer").await);
    assert!(file.contains("Alpha") && !file.contains("Beta") && !file.contains("Lyon"), "{file}");
    let events = desk.events().await;
    assert!(events.contains("Brest") && events.contains("shellfish") && !events.contains("Lyon"), "{events}");

    // A record that leaves takes what is told of it along.
    assert_eq!(desk.owner.if_match(2).patch_json(&desk.brest_at(""), &change).await.status.as_u16(), 200);
    assert!(told(&entries().await, desk.brest.id).iter().all(|told| *told == (String::new(), 0)));
    let events = desk.events().await;
    assert!(!events.contains("Brest") && !events.contains("Lyon"), "{events}");
    assert!(names(&desk.clerk, CUSTOMERS).await.is_empty());
}

#[tokio::test]
async fn nobody_changes_a_record_that_is_not_within_nor_moves_one_out_nor_makes_one_beyond() {
    let desk = Desk::open().await;
    let (unknown, beyond) = ((404, "record_unknown".to_owned()), (403, "record_out_of_reach".to_owned()));
    let clerk = &desk.clerk;
    for body in [json!({ "values": { "address": { "country": "FR" } } }), json!({ "values": { "address": { "city": "Brest" } } })] {
        assert_eq!(said(&clerk.if_match(1).patch_json(&desk.lyon_at(""), &body).await), unknown, "nor into their own reach: {body}");
    }
    for rest in ["/archive", "/restore"] {
        assert_eq!(said(&clerk.if_match(1).post_json(&desk.lyon_at(rest), &json!({})).await), unknown, "{rest}");
    }
    assert_eq!(said(&clerk.if_match(1).patch_json(&desk.brest_at(""), &json!({ "values": { "address": { "city": "Lyon" } } })).await), beyond);
    let new = |city: Value| json!({ "values": { "name": "Gamma Oysters", "address": { "city": city } } });
    for city in [json!("Lyon"), Value::Null] {
        assert_eq!(said(&clerk.post_json(CUSTOMERS, &new(city)).await), beyond);
    }
    assert_eq!(clerk.post_json(CUSTOMERS, &new(json!(" Brest "))).await.status.as_u16(), 201, "as records keep it");
    let merge = |from: Uuid| json!({ "from": from, "from_version": 1, "take": ["address"], "reason": "entered twice" });
    assert_eq!(said(&clerk.if_match(1).post_json(&desk.brest_at("/merge"), &merge(desk.lyon.id)).await), unknown);
    assert_eq!(said(&clerk.if_match(1).post_json(&desk.lyon_at("/merge"), &merge(desk.brest.id)).await), unknown);
    assert_eq!(clerk.if_match(1).patch_json(&desk.brest_at(""), &json!({ "values": { "address": { "country": "FR" } } })).await.status.as_u16(), 200);
    let kept: RecordView = desk.owner.get(&desk.lyon_at("")).await.json();
    assert_eq!((kept.version, kept.archived_at), (1, None), "nothing happened to it");
}

#[tokio::test]
async fn many_at_once_are_those_within() {
    let desk = Desk::open().await;
    let change = json!({ "change": { "values": { "address": { "country": "FR" } } } });
    let bulk = async |which: Value, act: &Value| -> BulkReport {
        let answer =
            desk.clerk.post_json(&format!("{CUSTOMERS}/bulk"), &json!({ "which": which, "act": act, "reason": "as agreed", "dry_run": true })).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", text(&answer));
        answer.json()
    };
    for found in ["archived=false", "q=oysters", "address.city=Lyon&address.city=Brest"] {
        let report = bulk(json!({ "found": found }), &change).await;
        assert_eq!((report.done, report.refused, report.records[0].id), (1, 0, desk.brest.id), "{found}");
    }
    let both = json!({ "records": [{ "id": desk.brest.id, "version": 1 }, { "id": desk.lyon.id, "version": 1 }] });
    for act in [change, json!("archive")] {
        let report = bulk(both.clone(), &act).await;
        assert_eq!((report.done, report.refused), (1, 1), "{act}");
        let of_lyon = report.records.iter().find(|record| record.id == desk.lyon.id).unwrap();
        assert_eq!((of_lyon.name.as_str(), of_lyon.version), ("", None));
        assert!(serde_json::to_string(&of_lyon.outcome).unwrap().contains("record_unknown"));
    }
    let moved = bulk(json!({ "found": "archived=false" }), &json!({ "change": { "values": { "address": { "city": "Lyon" } } } })).await;
    assert!(serde_json::to_string(&moved.records[0].outcome).unwrap().contains("record_out_of_reach"));

    let taken = desk.import("name,city\nDelta Oysters,Brest\nEpsilon Oysters,Lyon\n").await;
    assert!(taken.contains("\"created\":1") && taken.contains("\"refused\":1") && taken.contains("forbidden"), "{taken}");
    let by_id = |id: Uuid, name: &str, city: &str| format!("id,name,city\n{id},{name},{city}\n");
    let stolen = desk.import(&by_id(desk.lyon.id, "Mine", "Brest")).await;
    assert!(stolen.contains("\"changed\":0") && stolen.contains("\"created\":0") && stolen.contains("taken"), "{stolen}");
    let moved = desk.import(&by_id(desk.brest.id, "Alpha Oysters", "Lyon")).await;
    assert!(moved.contains("\"changed\":0") && moved.contains("forbidden"), "{moved}");
    let alike = desk.import("name,city,phone\nZeta,Brest,030-0074321\n").await;
    assert!(alike.contains("Alpha") && !alike.contains("Beta"), "{alike}");
    let kept: RecordView = desk.owner.get(&desk.lyon_at("")).await.json();
    assert_eq!((kept.version, kept.values["name"].as_str()), (1, Some("Beta Oysters")));
}

#[tokio::test]
async fn a_record_that_was_merged_into_one_beyond_says_nothing_of_it() {
    let desk = Desk::open().await;
    let merge = json!({ "from": desk.brest.id, "from_version": 1, "take": [], "reason": "entered twice" });
    assert_eq!(desk.owner.if_match(1).post_json(&desk.lyon_at("/merge"), &merge).await.status.as_u16(), 200);
    let read: RecordView = desk.clerk.get(&desk.brest_at("")).await.json();
    assert_eq!((read.merged_into, read.names.len()), (None, 0));
    let timeline: Timeline = desk.clerk.get(&desk.brest_at("/timeline")).await.json();
    assert!(timeline.names.is_empty());
}

#[tokio::test]
async fn prices_are_told_of_products_and_customers_within() {
    let (company, owner, (clerk, session)) = company().await;
    let keep = |kind: &str, within: &Value| keeping(kind, within.clone());
    let drinks = json!({ "scope": "all", "when": [is("brand", "Spring")] });
    let roles = [keep("catalog.product", &drinks), keep("catalog.price_list", &json!({})), keep("catalog.price_list_line", &json!({}))];
    for (n, terms) in roles.iter().enumerate() {
        give(&owner, (&session, &define(&owner, &format!("Prices {n}"), terms).await), None).await;
    }
    let desk = define(&owner, "Brest desk", &keep("sales.customer", &json!({ "scope": "all", "when": [is("address.city", "Brest")] }))).await;
    give(&owner, (&session, &desk), None).await;
    let product = async |name: &str, brand: &str| super::make(&owner, "/api/v1/catalog/products", json!({ "name": name, "brand": brand })).await.id;
    let (water, bread) = (product("Water", "Spring").await, product("Bread", "Mill").await);
    let (brest, lyon) = (customer(&owner, "Alpha", "Brest").await.id, customer(&owner, "Beta", "Lyon").await.id);
    let asked = async |query: String| clerk.get(&format!("/api/v1/catalog/prices?product={query}")).await;
    assert_eq!(asked(format!("{water}&customer={brest}")).await.status.as_u16(), 200);
    for query in [bread.to_string(), format!("{water}&customer={lyon}")] {
        assert_eq!(said(&asked(query).await), (404, "record_unknown".to_owned()));
    }
    // Which price holds follows from all lists: who knows some of them does not know it.
    company.hire("mate", (Role::Cashier, company.site)).await;
    let (mate, mates) = company.sign_in("mate").await;
    for (n, kind) in ["catalog.product", "catalog.price_list", "catalog.price_list_line"].into_iter().enumerate() {
        let within = if kind == "catalog.price_list" { json!({ "scope": "own" }) } else { json!({}) };
        give(&owner, (&mates, &define(&owner, &format!("Some {n}"), &keep(kind, &within)).await), None).await;
    }
    let refused = mate.get(&format!("/api/v1/catalog/prices?product={water}")).await;
    assert_eq!(said(&refused), (403, "record_out_of_reach".to_owned()));
}

/// The tools of every kind alike: whoever keeps their own alone, and made nothing, meets nothing.
#[tokio::test]
async fn of_every_kind_who_keeps_their_own_alone_meets_nobody_elses() {
    let (_company, owner, (clerk, session)) = company().await;
    for (n, resource) in RESOURCES.iter().enumerate() {
        let role = define(&owner, &format!("Own {n}"), &keeping(resource.kind, json!({ "scope": "own" }))).await;
        give(&owner, (&session, &role), None).await;
    }
    for resource in RESOURCES {
        let (path, kind) = (resource.path, resource.kind);
        make_named(&owner, resource, "7").await;
        let made = owner.post_json(path, &json!({ "values": example(resource, "7") })).await;
        assert_eq!(made.status.as_u16(), 201, "{kind}: {}", text(&made));
        let made: RecordView = made.json();
        let title = made.values[resource.title].as_str().unwrap().to_owned();
        let page: Page = clerk.get(&format!("{path}?count=true")).await.json();
        assert_eq!((page.records.len(), page.total), (0, Some(0)), "{kind}");
        let word = title.split(' ').next().unwrap();
        let page: Page = clerk.get(&format!("{path}?q={word}")).await.json();
        assert_eq!(page.records.len(), 0, "{kind}");
        let found: FoundPage = clerk.get(&format!("/api/v1/search?q={word}")).await.json();
        assert!(found.found.iter().all(|found| found.kind != kind), "{kind}");
        let file = text(&clerk.get(&format!("{path}/export")).await);
        assert_eq!(file.lines().count(), 1, "{kind}: {file}");
        let unknown = (404, "record_unknown".to_owned());
        for rest in ["", "/timeline", "/live"] {
            assert_eq!(said(&clerk.get(&at(path, made.id, rest)).await), unknown, "{kind}{rest}");
        }
        let rename = json!({ "values": { resource.title: "Renamed" } });
        assert_eq!(said(&clerk.if_match(1).patch_json(&at(path, made.id, ""), &rename).await), unknown, "{kind}");
        for rest in ["/archive", "/restore"] {
            assert_eq!(said(&clerk.if_match(1).post_json(&at(path, made.id, rest), &json!({})).await), unknown, "{kind}{rest}");
        }
        let bulk = json!({ "which": { "found": "archived=false" }, "act": "archive", "dry_run": true });
        let report: BulkReport = clerk.post_json(&format!("{path}/bulk"), &bulk).await.json();
        assert!(report.records.is_empty(), "{kind}");
    }
}
