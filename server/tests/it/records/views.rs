//! Views of lists under a name: of one's own, shared by whoever may, begun with; they follow the person and open nothing.

use super::{SUPPLIERS, company, page, refused};
use crate::support::{Client, Company};
use axum::http::Method;
use holdfast_domain::kernel::resource::{NewView, SavedView, SavedViews, ViewChange};
use holdfast_domain::kernel::{SiteId, TenantId};
use holdfast_server::identity::Role;
use holdfast_server::rehearsal::Response;
use serde_json::{Value, json};
use uuid::Uuid;

const VIEWS: &str = "/api/v1/views";

fn new(n: u128, name: &str, shared: bool) -> NewView {
    NewView {
        id: Uuid::from_u128(n),
        kind: "procurement.supplier".to_owned(),
        name: name.to_owned(),
        shared,
        query: "q=fish&sort=-name&address.city=London".to_owned(),
        columns: Some(vec!["name".to_owned(), "address.city".to_owned()]),
    }
}

async fn keep(client: &Client, view: &NewView) -> SavedView {
    let made = client.post_json(VIEWS, view).await;
    assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    made.json()
}

async fn views(client: &Client) -> Vec<SavedView> {
    client.get(VIEWS).await.json::<SavedViews>().views
}

async fn names(client: &Client) -> Vec<String> {
    views(client).await.into_iter().map(|view| view.name).collect()
}

async fn put(client: &Client, id: Uuid, change: &ViewChange) -> Response {
    client.send(Method::PUT, &format!("{VIEWS}/{id}"), (Some("application/json"), serde_json::to_vec(change).unwrap())).await
}

async fn bare(client: &Client, method: Method, id: Uuid, rest: &str) -> Response {
    client.send(method, &format!("{VIEWS}/{id}{rest}"), (None, Vec::new())).await
}

fn change(view: &SavedView) -> ViewChange {
    ViewChange { name: view.name.clone(), shared: view.shared, query: view.query.clone(), columns: view.columns.clone() }
}

#[tokio::test]
async fn a_view_follows_its_person_and_is_nobody_elses() {
    let (company, owner) = company().await;
    let kept = keep(&owner, &new(1, " Fish in London ", false)).await;
    assert_eq!((kept.name.as_str(), kept.mine, kept.shared, kept.is_default), ("Fish in London", true, false, false));
    // Signed in anew, elsewhere.
    assert_eq!(views(&company.sign_in("owner").await.0).await, std::slice::from_ref(&kept));
    assert_eq!(names(&company.sign_in("auditor").await.0).await, Vec::<String>::new());
    // The list takes what the view says.
    assert_eq!(page(&owner, &format!("{SUPPLIERS}?{}", kept.query)).await.records.len(), 0);

    let renamed =
        put(&owner, kept.id, &ViewChange { name: "Fish".to_owned(), query: "?archived=true".to_owned(), columns: None, ..change(&kept) }).await;
    let renamed: SavedView = renamed.json();
    assert_eq!((renamed.name.as_str(), renamed.query.as_str(), &renamed.columns), ("Fish", "archived=true", &None));
    assert_eq!(bare(&owner, Method::DELETE, kept.id, "").await.status.as_u16(), 204);
    assert_eq!(names(&owner).await, Vec::<String>::new());
    // Taken away, it comes back as it was.
    assert_eq!(keep(&owner, &new(1, "Fish in London", false)).await, kept);
    assert_eq!(refused(&owner.post_json(VIEWS, &new(1, "Again", false)).await), (409, "view_exists".to_owned()));
}

#[tokio::test]
async fn who_may_change_many_shares_a_view_and_the_audit_tells_it() {
    let (company, owner) = company().await;
    let auditor = company.sign_in("auditor").await.0;
    assert_eq!(refused(&auditor.post_json(VIEWS, &new(1, "Mine to all", true)).await), (403, "permission_missing".to_owned()));
    let own = keep(&auditor, &new(1, "My own", false)).await;
    let to_all = put(&auditor, own.id, &ViewChange { shared: true, ..change(&own) }).await;
    assert_eq!(refused(&to_all), (403, "permission_missing".to_owned()));

    let shared = keep(&owner, &new(2, "For all", true)).await;
    let seen = views(&auditor).await.into_iter().find(|view| view.id == shared.id).unwrap();
    assert!(!seen.mine && seen.shared);
    assert_eq!(refused(&put(&auditor, shared.id, &change(&shared)).await), (403, "permission_missing".to_owned()));
    assert_eq!(refused(&bare(&auditor, Method::DELETE, shared.id, "").await), (403, "permission_missing".to_owned()));
    company.hire("office", (Role::Office, company.site)).await;
    let office = company.sign_in("office").await.0;
    assert_eq!(put(&office, shared.id, &ViewChange { name: "For us".to_owned(), ..change(&shared) }).await.status.as_u16(), 200);
    // Taken back from the company, it is its owner's again.
    // Made by somebody else, it would be theirs alone: only they may want that.
    let to_nobody = ViewChange { shared: false, ..change(&shared) };
    assert_eq!(refused(&put(&office, shared.id, &to_nobody).await), (403, "view_of_another".to_owned()));
    assert_eq!(put(&owner, shared.id, &to_nobody).await.status.as_u16(), 200);
    assert_eq!((names(&office).await.len(), names(&owner).await), (0, vec!["For all".to_owned()]));

    let entries: Value = owner.get("/api/v1/audit/entries?kind=records.view").await.json();
    let told: Vec<_> = entries["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(told, ["update", "update", "create"]);
}

#[tokio::test]
async fn a_view_by_a_field_that_somebody_does_not_read_is_neither_told_to_them_nor_kept_for_them() {
    let (company, owner) = company().await;
    company.hire("sales", (Role::Sales, company.site)).await;
    let sales = company.sign_in("sales").await.0;
    let in_pounds = NewView { query: "q=exotic&currency=GBP".to_owned(), ..new(1, "In pounds", true) };
    keep(&owner, &in_pounds).await;
    keep(&owner, &new(2, "In London", true)).await;
    assert_eq!((names(&owner).await.len(), names(&sales).await), (2, vec!["In London".to_owned()]));
    for query in ["currency=GBP", "sort=payment_days"] {
        let refusal = sales.post_json(VIEWS, &NewView { id: Uuid::from_u128(3), shared: false, query: query.to_owned(), ..in_pounds.clone() }).await;
        assert_eq!(refused(&refusal), (403, "field_forbidden".to_owned()), "{query}");
    }
    // The audit says what it narrows to, and not which words it searches for.
    let entries: Value = owner.get("/api/v1/audit/entries?kind=records.view").await.json();
    let told = entries["entries"].to_string();
    assert!(told.contains("currency=GBP") && told.contains("q=•••") && !told.contains("exotic"), "{told}");
}

#[tokio::test]
async fn a_list_begins_with_the_view_that_its_person_chose() {
    let (company, owner) = company().await;
    let auditor = company.sign_in("auditor").await.0;
    let [first, second] = [keep(&owner, &new(1, "First", true)).await.id, keep(&owner, &new(2, "Second", true)).await.id];
    let begins = async |client: &Client| views(client).await.into_iter().filter(|view| view.is_default).map(|view| view.name).collect::<Vec<_>>();
    for (client, id) in [(&owner, first), (&owner, second), (&auditor, first)] {
        assert_eq!(bare(client, Method::PUT, id, "/default").await.status.as_u16(), 204);
    }
    assert_eq!((begins(&owner).await, begins(&auditor).await), (vec!["Second".to_owned()], vec!["First".to_owned()]));
    assert_eq!(bare(&owner, Method::DELETE, second, "/default").await.status.as_u16(), 204);
    // What is no more, or no more for others, is nobody's beginning.
    let shared = views(&owner).await.into_iter().find(|view| view.id == first).unwrap();
    put(&owner, first, &ViewChange { shared: false, ..change(&shared) }).await;
    assert_eq!(refused(&bare(&auditor, Method::PUT, first, "/default").await), (404, "view_unknown".to_owned()));
    put(&owner, first, &change(&shared)).await;
    assert_eq!((begins(&owner).await.len(), begins(&auditor).await.len()), (0, 0));
}

#[tokio::test]
async fn a_view_that_the_list_would_not_take_is_refused() {
    let (_company, owner) = company().await;
    let sound = serde_json::to_value(new(1, "Fish", false)).unwrap();
    let too_long = format!("q={}", "x".repeat(2_000));
    let wrong: [(&str, Value); 14] = [
        ("kind", json!("procurement.nothing")),
        ("name", json!("")),
        ("name", json!("   ")),
        ("name", json!("x".repeat(81))),
        ("name", json!("a\u{7}b")),
        ("query", json!("tid=1")),
        ("query", json!("address.city=London' or 1=1--&nothing=1")),
        ("query", json!("sort=tid")),
        ("query", json!("after=1")),
        ("query", json!("limit=5")),
        ("query", json!("q=%00")),
        ("query", json!(too_long)),
        ("columns", json!(["name", "tid"])),
        ("columns", json!(vec!["name"; 50])),
    ];
    for (field, value) in wrong {
        let mut view = sound.clone();
        view[field] = value;
        assert_eq!(refused(&owner.post_json(VIEWS, &view).await), (422, "view_malformed".to_owned()), "{field}: {}", view[field]);
    }
    assert_eq!(names(&owner).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_account_keeps_so_many_views_and_another_company_sees_none() {
    let (company, owner): (Company, Client) = company().await;
    company.found("rival", TenantId(Uuid::from_u128(0xd0_0000)), &[(SiteId(Uuid::from_u128(0xd0_0001)), &[])]).await;
    for n in 0..100 {
        keep(&owner, &new(n + 1, &format!("View {n}"), false)).await;
    }
    assert_eq!(refused(&owner.post_json(VIEWS, &new(101, "One more", false)).await), (409, "too_many_views".to_owned()));
    let shared = keep(&owner, &new(102, "For all", true)).await;
    let stranger = company.sign_in_at("rival", "owner").await.0;
    assert_eq!(names(&stranger).await, Vec::<String>::new());
    assert_eq!(refused(&bare(&stranger, Method::DELETE, shared.id, "").await), (404, "view_unknown".to_owned()));
    let cashier = company.sign_in("cashier").await.0;
    assert_eq!(names(&cashier).await, Vec::<String>::new());
    assert_eq!(refused(&cashier.post_json(VIEWS, &new(103, "Mine", false)).await), (403, "permission_missing".to_owned()));
}
