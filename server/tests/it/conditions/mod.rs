//! Roles that are about some records of a kind: those of a city, one's own, the team's. Whoever holds one meets the others nowhere, changes none of them, and makes none.

mod giving;
mod paths;
mod scopes;
mod values;

use crate::support::{Client, Company};
use holdfast_domain::identity::{RoleView, SessionView};
use holdfast_domain::kernel::SiteId;
use holdfast_domain::kernel::resource::{Page, RecordView};
use holdfast_server::rehearsal::Response;
use serde_json::{Value, json};
use uuid::Uuid;

const TERMS: &str = "/api/v1/identity/role-terms";
const ROLES: &str = "/api/v1/identity/roles";
const CUSTOMERS: &str = "/api/v1/sales/customers";

/// All that is done with customers.
const KEEPING: [&str; 6] = ["read", "create", "update", "delete", "export", "bulk_edit"];

fn said(answer: &Response) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

fn text(answer: &Response) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// What is kept of a kind, and of which of its records.
fn keeping(kind: &str, within: Value) -> Value {
    let permissions: Vec<String> = KEEPING.iter().map(|act| format!("{kind}.{act}")).collect();
    json!({ "permissions": permissions, "fields": {}, "within": { kind: within } })
}

fn is(field: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "operator": "is", "value": value.into() })
}

async fn define(client: &Client, name: &str, terms: &Value) -> RoleView {
    let made = client.post_json(TERMS, &json!({ "name": name, "terms": terms })).await;
    assert_eq!(made.status.as_u16(), 201, "{name}: {}", text(&made));
    made.json()
}

/// The account holds the role from now on.
async fn give(owner: &Client, (session, role): (&SessionView, &RoleView), site: Option<SiteId>) {
    let body = json!({ "account": session.account, "role": role.role, "site": site, "from": null, "until": null, "reason": "the fair" });
    let given = owner.post_json(ROLES, &body).await;
    assert_eq!(given.status.as_u16(), 201, "{}", text(&given));
}

async fn make(client: &Client, path: &str, values: Value) -> RecordView {
    let made = client.post_json(path, &json!({ "values": values })).await;
    assert_eq!(made.status.as_u16(), 201, "{}", text(&made));
    made.json()
}

async fn customer(client: &Client, name: &str, city: &str) -> RecordView {
    make(client, CUSTOMERS, json!({ "name": name, "address": { "city": city }, "phone": "030-0074321", "tags": [format!("of {city}")] })).await
}

fn at(path: &str, id: Uuid, rest: &str) -> String {
    format!("{path}/{id}{rest}")
}

async fn names(client: &Client, address: &str) -> Vec<String> {
    let page = client.get(address).await;
    assert_eq!(page.status.as_u16(), 200, "{address}: {}", text(&page));
    page.json::<Page>().records.iter().map(|record| record.values["name"].as_str().unwrap().to_owned()).collect()
}

/// The company, its owner, and the cashier with their session.
async fn company() -> (Company, Client, (Client, SessionView)) {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let cashier = company.sign_in("cashier").await;
    (company, owner, cashier)
}
