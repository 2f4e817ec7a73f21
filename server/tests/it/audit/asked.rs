//! The audit, asked: newest first, narrowed, a page at a time, by whom it is for.

use crate::support::{Client, Company};
use crate::sync::sell;
use futures::future::{Either, select};
use holdfast_domain::audit::{EntriesPage, EntryView, Outcome};
use holdfast_server::identity::Role;
use serde_json::json;
use sqlx::ConnectOptions as _;
use std::time::Duration;
use uuid::Uuid;

const ENTRIES: &str = "/api/v1/audit/entries";
const FILE: &str = "/api/v1/audit/entries/file";
const SUPPLIERS: &str = "/api/v1/procurement/suppliers";

async fn page(client: &Client, query: &str) -> EntriesPage {
    let answer = client.get(&format!("{ENTRIES}{query}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{query}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

async fn entries(client: &Client, query: &str) -> Vec<EntryView> {
    let page = page(client, query).await;
    assert_eq!(page.next, None, "{query}: one page has it all");
    page.entries
}

async fn refused(client: &Client, path: &str) -> (u16, String) {
    let answer = client.get(path).await;
    (answer.status.as_u16(), answer.code())
}

fn at(path: &str, id: Uuid) -> String {
    format!("{path}/{id}")
}

fn told(entries: &[EntryView]) -> Vec<(&str, &str, Option<&str>)> {
    entries.iter().map(|entry| (entry.action.as_str(), entry.title.as_str(), entry.name.as_deref())).collect()
}

/// Makes a supplier, changes it, and lets time pass between all of it.
async fn keep_a_supplier(company: &Company, client: &Client, name: &str) -> Uuid {
    let made = client.post_json(SUPPLIERS, &json!({ "values": { "name": name, "address": { "city": "London" } } })).await;
    assert_eq!(made.status.as_u16(), 201);
    let id: Uuid = made.json::<serde_json::Value>()["id"].as_str().unwrap().parse().unwrap();
    company.test.world.pass(Duration::from_mins(1));
    let changed =
        client.if_match(1).patch_json(&at(SUPPLIERS, id), &json!({ "values": { "address": { "city": "Leeds" } }, "reason": "they moved" })).await;
    assert!(changed.status.is_success());
    company.test.world.pass(Duration::from_mins(1));
    id
}

#[tokio::test]
async fn an_entry_tells_who_did_what_to_what_from_what_to_what_and_why() {
    let company = Company::open().await;
    let (owner, session) = company.sign_in("owner").await;
    let id = keep_a_supplier(&company, &owner, "Exotic Liquids").await;
    let all = entries(&owner, "?kind=procurement.supplier").await;
    assert_eq!(told(&all), [("update", "Exotic Liquids", Some("owner")), ("create", "Exotic Liquids", Some("owner"))], "newest first");
    let update = &all[0];
    assert_eq!((update.record, update.account, update.roles.as_slice()), (Some(id), Some(session.account), ["owner".to_owned()].as_slice()));
    assert_eq!((update.result, update.reason.as_deref(), update.site), (Outcome::Done, Some("they moved"), None));
    let [change] = &update.changes[..] else { panic!("one field changed: {update:?}") };
    assert_eq!((change.field.as_str(), &change.before, &change.after), ("address.city", &json!("London"), &json!("Leeds")));
    assert!(
        update.request.is_some()
            && update.trace.is_some()
            && update.address.is_some()
            && update.session.as_ref().is_some_and(|mark| mark.len() == 32)
    );
}

#[tokio::test]
async fn each_filter_leaves_what_it_says_and_nothing_else() {
    let company = Company::open().await;
    let (owner, session) = company.sign_in("owner").await;
    let till = company.enrol("cashier", company.tills[0], 1).await;
    let id = keep_a_supplier(&company, &owner, "Exotic Liquids").await;
    keep_a_supplier(&company, &owner, "Tokyo Traders").await;
    let day = |days: i64| holdfast_day(company.app.environment.now().0 + days * 86_400_000);
    let (today, tomorrow) = (day(0), day(1));
    let count = async |query: String| entries(&owner, &format!("?limit=200&{query}")).await.len();
    let all = count(String::new()).await;
    let device = till.chain.device;
    for (query, wanted) in [
        (format!("kind=procurement.supplier&record={id}"), 2),
        ("kind=procurement.supplier".to_owned(), 4),
        ("action=update".to_owned(), 2),
        (format!("actor={}&action=create", session.account), 2),
        (format!("actor={}&action=enrol", session.account), 0),
        (format!("device={device}"), 0),
        ("kind=identity.device".to_owned(), 1),
        (format!("site={}&action=grant", company.site), 1),
        (format!("site={}&action=grant", company.other_site), 0),
        (format!("site={}", Uuid::from_u128(7)), 0),
        ("result=done".to_owned(), all),
        ("result=failed".to_owned(), 0),
        (format!("from={today}&to={today}"), all),
        (format!("from={tomorrow}"), 0),
        (format!("to={tomorrow}&zone=Europe/Bucharest"), all),
    ] {
        assert_eq!(count(query.clone()).await, wanted, "{query}");
    }
}

fn holdfast_day(ms: i64) -> String {
    let at = holdfast_server::tenancy::to_stored(holdfast_domain::kernel::Timestamp(ms));
    at.date().to_string()
}

#[tokio::test]
async fn pages_put_together_are_the_whole_whatever_their_length() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    sell(&mut till, company.site);
    till.push_all().await;
    keep_a_supplier(&company, &owner, "Exotic Liquids").await;
    let whole = entries(&owner, "?limit=200").await;
    assert!(whole.iter().any(|entry| entry.action == "sales.ticket.open") && whole.iter().any(|entry| entry.action == "sign_in"));
    assert!(whole.windows(2).all(|pair| pair[0].at >= pair[1].at), "newest first");
    for limit in [1, 2, 3, 7] {
        let (mut read, mut after) = (Vec::new(), String::new());
        loop {
            let page = page(&owner, &format!("?limit={limit}{after}")).await;
            assert!(page.entries.len() <= limit);
            read.extend(page.entries);
            match page.next {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(read, whole, "{limit} at a time");
    }
}

#[tokio::test]
async fn what_people_did_on_documents_is_told_from_their_envelopes() {
    let company = Company::open().await;
    let (owner, session) = company.sign_in("owner").await;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let [_, ticket] = sell(&mut till, company.site);
    till.push_all().await;
    let of_ticket = entries(&owner, &format!("?kind=sales.ticket&record={ticket}")).await;
    assert!(of_ticket.len() >= 2 && of_ticket.iter().all(|entry| entry.record == Some(ticket.0)), "{of_ticket:?}");
    let opened = of_ticket.iter().find(|entry| entry.action == "sales.ticket.open").unwrap();
    assert_eq!((opened.name.as_deref(), opened.device, opened.site), (Some("cashier"), Some(till.chain.device), Some(company.site)));
    assert_eq!((opened.result, opened.done_at.is_some()), (Outcome::Done, true));
    assert!(opened.changes.iter().any(|change| change.field == "till"), "what was meant is told: {:?}", opened.changes);
    assert_eq!(entries(&owner, "?action=sales.ticket.open").await, std::slice::from_ref(opened));
    assert_eq!(entries(&owner, &format!("?action=sales.ticket.open&device={}", till.chain.device)).await.len(), 1);
    assert_eq!(entries(&owner, &format!("?action=sales.ticket.open&actor={}", opened.account.unwrap())).await.len(), 1);
    for nobody in [
        format!("?action=sales.ticket.open&actor={}", session.account),
        format!("?action=sales.ticket.open&site={}", company.other_site),
        "?action=sales.ticket.open&result=refused".to_owned(),
    ] {
        assert_eq!(entries(&owner, &nobody).await, [], "{nobody}");
    }
    assert!(entries(&owner, "?limit=200").await.iter().all(|entry| entry.name.as_deref() != Some("system:sales")), "rulings are nobody's act");
}

#[tokio::test]
async fn what_is_held_is_told_with_its_code() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    let revocation = format!("/api/v1/identity/devices/{}/revocation", till.chain.device);
    assert!(owner.post_json(&revocation, &json!({ "reason": "lost" })).await.status.is_success());
    sell(&mut till, company.site);
    till.push_all().await;
    let held = entries(&owner, "?result=held").await;
    assert!(!held.is_empty() && held.iter().all(|entry| entry.result == Outcome::Held && entry.code.is_some()), "{held:?}");
    company.hire("mia", (Role::SiteManager, company.site)).await;
    let mia = company.sign_in("mia").await.0;
    assert_eq!(entries(&mia, "?result=held").await, [], "only to whoever may look at what is held");
    assert!(entries(&mia, "?limit=200").await.iter().all(|entry| entry.result == Outcome::Done));
}

#[tokio::test]
async fn who_audits_one_site_reads_of_that_site_and_of_no_other_and_of_the_whole_company_what_they_did_themselves() {
    let company = Company::open().await;
    let mut here = company.enrol("cashier", company.tills[0], 1).await;
    sell(&mut here, company.site);
    here.push_all().await;
    company.hire("eve", (Role::Auditor, company.other_site)).await;
    company.hire("ian", (Role::Auditor, company.site)).await;
    let (eve, ian) = (company.sign_in("eve").await.0, company.sign_in("ian").await.0);
    let of = |site| move |entry: &&EntryView| entry.site == Some(site);
    let (theirs, ours) = (entries(&eve, "?limit=200").await, entries(&ian, "?limit=200").await);
    assert_eq!(told(&theirs).iter().map(|(action, ..)| *action).collect::<Vec<_>>(), ["sign_in", "give_role"], "newest first: {theirs:?}");
    assert!(theirs.iter().filter(|entry| entry.action != "sign_in").all(|entry| of(company.other_site)(&entry)), "{theirs:?}");
    let (here, own): (Vec<_>, Vec<_>) = ours.iter().partition(of(company.site));
    assert!(here.iter().any(|entry| entry.action == "sales.ticket.open"), "{ours:?}");
    assert_eq!(own.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["sign_in"], "nor what others did at no site");
    assert_eq!(entries(&ian, &format!("?site={}&limit=200", company.site)).await.len(), here.len(), "of the site alone where that is asked for");
    assert_eq!(entries(&eve, &format!("?site={}", company.site)).await, [], "as if there were no such site");
    assert!(!String::from_utf8_lossy(&eve.get(FILE).await.body).contains("sales.ticket"), "nor as a file");
}

#[tokio::test]
async fn nobody_reads_without_the_right_and_nobody_another_companys() {
    let company = Company::open().await;
    let cashier = company.sign_in("cashier").await.0;
    for path in [ENTRIES, FILE] {
        assert_eq!(refused(&cashier, path).await, (403, "permission_missing".to_owned()), "{path}");
    }
    let (tenant, site, till) = (Uuid::from_u128(0x51).into(), Uuid::from_u128(0x52).into(), Uuid::from_u128(0x53).into());
    company.found("rock", tenant, &[(site, &[till])]).await;
    let stranger = company.sign_in_at("rock", "owner").await.0;
    let theirs = entries(&stranger, "?limit=200").await;
    let said = serde_json::to_string(&theirs).unwrap();
    for ours in [company.site.to_string(), company.other_site.to_string(), company.tills[0].to_string()] {
        assert!(!theirs.is_empty() && !said.contains(&ours), "{said}");
    }
    let (_, session) = company.sign_in("owner").await;
    assert_eq!(entries(&stranger, &format!("?actor={}", session.account)).await, []);
}

#[tokio::test]
async fn what_is_asked_for_badly_and_cursors_that_were_tampered_with_are_refused() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    for (query, code) in [
        ("actor=olga", "invalid_query"),
        ("actor=%27%20or%20true--", "invalid_query"),
        ("action=destroy", "invalid_query"),
        ("action=Sales.Ticket.Open", "invalid_query"),
        ("action=a.%27%3B--", "invalid_query"),
        ("kind=%27", "invalid_query"),
        ("kind=", "invalid_query"),
        ("record=00000000-0000-4000-8000-000000000007", "invalid_query"),
        ("result=lost", "invalid_query"),
        ("from=2026-02-29", "invalid_query"),
        ("from=2026-11-21&to=2026-11-20", "invalid_query"),
        ("from=2026-11-20&zone=Mars/Olympus", "invalid_query"),
        ("order=at", "invalid_query"),
        ("limit=0", "limit_out_of_range"),
        ("limit=201", "limit_out_of_range"),
        ("after=1", "cursor_malformed"),
        ("after=1.e1%27", "cursor_malformed"),
        ("after=1.d7", "cursor_malformed"),
        ("after=1.e01", "cursor_malformed"),
    ] {
        assert_eq!(refused(&owner, &format!("{ENTRIES}?{query}")).await, (400, code.to_owned()), "{query}");
    }
    for query in ["after=1.e1", "limit=5"] {
        assert_eq!(refused(&owner, &format!("{FILE}?{query}")).await, (400, "invalid_query".to_owned()), "{query}");
    }
    // A place that nobody was told is a place all the same, and shows no more than any other.
    assert_eq!(page(&owner, "?after=9223372036854775807.e9223372036854775807").await.entries.len(), page(&owner, "").await.entries.len());
    assert_eq!(page(&owner, "?after=-9223372036854775808.e1").await.entries, []);
}

#[tokio::test]
async fn a_file_has_what_was_asked_for_runs_nothing_and_is_told_itself() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    keep_a_supplier(&company, &owner, "=HYPERLINK(\"http://evil\")").await;
    let answer = owner.get(&format!("{FILE}?kind=procurement.supplier")).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"audit.csv\"");
    let text = String::from_utf8(answer.body.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap().to_vec()).unwrap();
    let mut file = csv::Reader::from_reader(text.as_bytes());
    let heads = file.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let (action, title, before, after) = (column("action"), column("title"), column("before"), column("after"));
    let lines: Vec<csv::StringRecord> = file.records().map(Result::unwrap).collect();
    assert_eq!(lines.iter().map(|line| &line[action]).collect::<Vec<_>>(), ["update", "create"]);
    assert!(lines.iter().all(|line| line[title].starts_with("'=HYPERLINK")), "{text}");
    assert_eq!((&lines[0][before], &lines[0][after]), ("{\"address.city\":\"London\"}", "{\"address.city\":\"Leeds\"}"));
    company.test.world.pass(Duration::from_mins(1));
    let [told] = entries(&owner, "?kind=audit.entry").await.try_into().unwrap();
    assert_eq!((told.action.as_str(), told.record), ("export", None));
    assert_eq!(told.changes[0].after, json!(["kind=procurement.supplier"]));
}

#[tokio::test]
async fn months_outside_the_days_that_are_asked_for_are_not_even_opened() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let mut elsewhere = company.test.as_superuser().connect().await.unwrap();
    sqlx::query("select audit_months('2025-03-01')").execute(&mut elsewhere).await.unwrap();
    let today = holdfast_day(company.app.environment.now().0);
    // Whoever holds a month like this lets nobody look into it.
    sqlx::query("begin").execute(&mut elsewhere).await.unwrap();
    sqlx::query("lock table audit_entries_2025_03 in access exclusive mode").execute(&mut elsewhere).await.unwrap();
    let days = format!("from={today}&to={today}");
    let whole = Box::pin(owner.get(ENTRIES));
    let of_today = Box::pin(async {
        for query in ["", "&action=sign_in", "&kind=identity.account", &format!("&site={}", company.site), "&result=done"] {
            assert_eq!(owner.get(&format!("{ENTRIES}?{days}{query}")).await.status.as_u16(), 200, "{query}");
        }
    });
    let Either::Right(((), whole)) = select(whole, of_today).await else { panic!("without days it waits for that month") };
    sqlx::query("commit").execute(&mut elsewhere).await.unwrap();
    assert_eq!(whole.await.status.as_u16(), 200);
}
