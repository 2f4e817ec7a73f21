//! The routes of roles of a company's own.

use super::row::Row;
use crate::support::Client;
use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const PATH: &str = "/api/v1/identity/role-terms";

/// The first is there to be changed; the next are there to be archived, restored.
fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x7100_0000_0000 + n)
}

fn terms() -> Value {
    json!({ "permissions": ["sales.customer.read"], "fields": { "sales.customer": { "email": "masked" } } })
}

/// Makes the roles that the rows speak of.
pub async fn make(owner: &Client) {
    for n in 0..3 {
        let made = owner.post_json(PATH, &json!({ "id": id(n), "name": format!("Helper {n}"), "terms": terms() })).await;
        assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    }
    let archived = owner.post_json(&format!("{PATH}/{}/archive", id(2)), &json!({ "reason": "gone" })).await;
    assert_eq!(archived.status.as_u16(), 200);
}

pub fn rows() -> Vec<Row> {
    let known = |row: Row| row.foreign(404, "role_unknown").unknown("role_unknown");
    let new = json!({ "id": id(9), "name": "Helper 9", "terms": terms() });
    let change = json!({ "name": "Renamed", "terms": terms() });
    let put =
        |n, template: &'static str, verb: &str| known(Row::post(template, json!({ "reason": "so it is" })).at(format!("{PATH}/{}/{verb}", id(n))));
    vec![
        Row::get(PATH).sees_nothing(),
        Row::post(PATH, new).twice(201, 409),
        known(Row { method: Method::PATCH, ..Row::post("/api/v1/identity/role-terms/{role}", change) }.at(format!("{PATH}/{}", id(0))))
            .versioned()
            .twice(200, 412),
        put(1, "/api/v1/identity/role-terms/{role}/archive", "archive"),
        put(2, "/api/v1/identity/role-terms/{role}/restore", "restore"),
    ]
}
