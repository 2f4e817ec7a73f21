//! Records of resources: what every declared resource does, asked of the one at hand.

mod addresses;
mod bulk;
mod carrier;
mod catalogue;
mod child_rows;
mod declared;
mod fields;
mod files;
mod importing;
mod lists;
mod merging;
mod presence;
mod price_lists;
mod sealed;
mod tills;
mod trail;
mod variants;
mod views;
mod writing;

use crate::support::{Client, Company, FIRST_SITE};
use holdfast_domain::kernel::gtin;
use holdfast_domain::kernel::resource::{Page, RecordView, Resource, Shape, Values};
use holdfast_domain::resource_of;
use holdfast_server::rehearsal::Response;
use serde_json::{Value, json};
use uuid::Uuid;

const SUPPLIERS: &str = "/api/v1/procurement/suppliers";
const CUSTOMERS: &str = "/api/v1/sales/customers";
const SITES: &str = "/api/v1/identity/sites";

/// The declared examples as one record, at the company's first site; what must be unique, and what it names, is told apart by `mark`.
pub fn example(resource: &Resource, mark: &str) -> Values {
    let value = |field: &holdfast_domain::kernel::resource::Field| {
        if field.required && field.shape == Shape::Reference("identity.site") {
            return json!(FIRST_SITE);
        }
        if let (true, Shape::Reference(kind)) = (field.required, field.shape) {
            return json!(named(kind, mark));
        }
        let value: Value = serde_json::from_str(field.example).unwrap();
        match value.as_str().filter(|_| field.unique) {
            Some(_) if field.shape == Shape::Gtin => json!(numbered(mark)),
            Some(text) => json!(format!("{mark}{text}")),
            None => value,
        }
    };
    resource.fields.iter().map(|field| (field.name.to_owned(), value(field))).collect()
}

/// The record of a kind that an example names.
fn named(kind: &str, mark: &str) -> Uuid {
    Uuid::from_u128(format!("{kind} {mark}").bytes().fold(0x4e, |sum: u128, byte| sum.wrapping_mul(1_000_003).wrapping_add(u128::from(byte))))
}

/// Makes the records that an example must name.
pub async fn make_named(owner: &Client, resource: &Resource, mark: &str) {
    for field in resource.fields.iter().filter(|field| field.required) {
        let Shape::Reference(kind) = field.shape else { continue };
        let Some(of) = resource_of(kind).filter(|of| of.kind != "identity.site") else { continue };
        let values = example(of, &format!("{mark}n"));
        let made = owner.post_json(of.path, &json!({ "id": named(kind, mark), "values": values })).await;
        assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    }
}

/// An article number that follows from a mark.
fn numbered(mark: &str) -> String {
    let digits = format!("2{:011}", mark.bytes().fold(7_u64, |sum, byte| (sum * 131 + u64::from(byte)) % 100_000_000_000));
    format!("{digits}{}", gtin::check_digit(&digits).unwrap())
}

fn resource(kind: &str) -> &'static Resource {
    resource_of(kind).unwrap()
}

async fn make(client: &Client, path: &str, values: Value) -> RecordView {
    let made = client.post_json(path, &json!({ "values": values })).await;
    assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    made.json()
}

async fn page(client: &Client, address: &str) -> Page {
    let page = client.get(address).await;
    assert_eq!(page.status.as_u16(), 200, "{address}: {}", String::from_utf8_lossy(&page.body));
    page.json()
}

async fn names(client: &Client, address: &str) -> Vec<String> {
    page(client, address).await.records.iter().map(|record| record.values["name"].as_str().unwrap().to_owned()).collect()
}

/// The address that a record has of which nothing but the city is known.
fn in_city(city: &str) -> Value {
    json!({ "line1": null, "line2": null, "postal_code": null, "city": city, "region": null, "country": null })
}

fn refused(response: &Response) -> (u16, String) {
    (response.status.as_u16(), response.code())
}

/// The fields that a refusal names, each with what is wrong.
fn errors(response: &Response) -> Vec<(String, String)> {
    let said: Value = response.json();
    let one = |error: &Value| (error["field"].as_str().unwrap().to_owned(), error["wrong"].as_str().unwrap().to_owned());
    said["errors"].as_array().unwrap().iter().map(one).collect()
}

fn at(path: &str, id: Uuid) -> String {
    format!("{path}/{id}")
}

async fn company() -> (Company, Client) {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    (company, owner)
}
