//! What is so of a record in memory is so of it as SQL, whatever its field holds.

use super::{at, company, define, give, make, text};
use crate::records::{example, make_named};
use crate::support::Client;
use holdfast_domain::identity::{Operator, RoleView};
use holdfast_domain::kernel::resource::{Page, RecordView, Resource, Shape, of_leaf};
use holdfast_domain::resource_of;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Records of a kind that differ in each field that conditions are about.
fn records() -> Vec<(&'static str, Vec<Value>)> {
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    vec![
        (
            "sales.customer",
            vec![
                json!({ "name": "A", "address": { "line1": "Kai 1", "city": "Brest" }, "email": "a@b.example", "tags": ["vip", "x"] }),
                json!({ "name": "B", "address": { "city": "brest" }, "phone": "030-1", "tags": ["x"] }),
                json!({ "name": "'; drop table customers; --", "address": { "line1": "' or true --", "city": "L'Haÿ-les-Roses", "country": "FR" } }),
                json!({ "name": "D" }),
            ],
        ),
        (
            "procurement.supplier",
            vec![
                json!({ "name": "A", "payment_days": 9, "currency": "EUR" }),
                json!({ "name": "B", "payment_days": 10, "currency": "USD" }),
                json!({ "name": "C", "payment_days": 100 }),
                json!({ "name": "D" }),
            ],
        ),
        ("catalog.product", vec![json!({ "name": "A", "price": euro(999) }), json!({ "name": "B", "price": euro(1000) }), json!({ "name": "D" })]),
        (
            "catalog.price_list",
            vec![json!({ "name": "A", "valid_from": "2026-06-01" }), json!({ "name": "B", "valid_from": "2026-06-02", "valid_until": "2026-08-31" })],
        ),
        ("catalog.price_list_line", vec![json!({ "from_quantity": "0" }), json!({ "from_quantity": "1.5" }), json!({ "from_quantity": "12" })]),
        ("catalog.tax_rate", vec![json!({ "name": "A", "rate": "5.5" }), json!({ "name": "B", "rate": "20" }), json!({ "name": "C", "rate": "0" })]),
    ]
}

fn operators(resource: &Resource, field: &str) -> &'static [Operator] {
    resource.leaf(field).map_or(&[], |field| Operator::of(field.shape))
}

async fn listed(client: &Client, resource: &Resource) -> BTreeSet<Uuid> {
    let page = client.get(&format!("{}?limit=200&count=true", resource.path)).await;
    assert_eq!(page.status.as_u16(), 200, "{}", text(&page));
    let page: Page = page.json();
    assert_eq!(page.total, Some(page.records.len() as u64));
    page.records.into_iter().map(|record| record.id).collect()
}

#[tokio::test]
async fn a_list_and_each_record_agree_on_what_is_so() {
    let (_company, owner, (clerk, session)) = company().await;
    for (kind, all) in records() {
        let resource = resource_of(kind).unwrap();
        let mut made: Vec<RecordView> = Vec::new();
        for (n, mut values) in all.into_iter().enumerate() {
            make_named(&owner, resource, &n.to_string()).await;
            let examples = example(resource, &n.to_string());
            let must = resource.fields.iter().filter(|field| field.required && field.otherwise.is_none() && field.shape != Shape::Boolean);
            for field in must.filter(|field| field.shape != Shape::Tags) {
                values.as_object_mut().unwrap().entry(field.name).or_insert(examples[field.name].clone());
            }
            made.push(make(&owner, resource.path, values).await);
        }
        let read = [format!("{kind}.read")];
        let terms = |within: Value| json!({ "permissions": read, "fields": {}, "within": { kind: within } });
        let mut role: RoleView = define(&owner, kind, &terms(json!({ "scope": "own" }))).await;
        give(&owner, (&session, &role), None).await;
        let values: BTreeSet<(String, String)> = made
            .iter()
            .flat_map(|record| resource.leaves().filter_map(|leaf| Some((leaf.name.to_owned(), of_leaf(&record.values, leaf)?))))
            .filter(|(_, value)| !value.is_null())
            .map(|(field, value)| (field, value.to_string()))
            .collect();
        // No product has a price in another currency, which a condition may be about all the same.
        let foreign = (kind == "catalog.product").then(|| ("price".to_owned(), json!({ "minor": 1000, "currency": "USD" }).to_string()));
        let values: BTreeSet<(String, String)> = values.into_iter().chain(foreign).collect();
        let mut asked = 0;
        for (field, value) in values {
            let value: Value = serde_json::from_str(&value).unwrap();
            let said = value.as_array().map_or(Some(value.clone()), |tags| tags.first().cloned());
            for operator in operators(resource, &field) {
                let Some(said) = &said else { continue };
                let within = json!({ "scope": "all", "when": [{ "field": field, "operator": operator, "value": said }] });
                let path = format!("/api/v1/identity/role-terms/{}", role.id.unwrap());
                let changed = owner.if_match(role.version).patch_json(&path, &json!({ "name": kind, "terms": terms(within.clone()) })).await;
                assert_eq!(changed.status.as_u16(), 200, "{within}: {}", text(&changed));
                role = changed.json();
                let listed = listed(&clerk, resource).await;
                for record in &made {
                    let one = clerk.get(&at(resource.path, record.id, "")).await.status.as_u16() == 200;
                    assert_eq!(one, listed.contains(&record.id), "{kind} {within}: {}", record.values[resource.title]);
                }
                asked += 1;
            }
        }
        assert!(asked >= 6, "{kind}: {asked}");
    }
}
