//! The routes of saved views.

use super::row::Row;
use crate::support::Client;
use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// The first is there to be changed, the second to be taken away, the third and fourth to be begun with and not to be.
fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x7100_0000_0000 + n)
}

fn view(n: u128) -> Value {
    json!({ "id": id(n), "kind": "procurement.supplier", "name": "In London", "shared": false, "query": "address.city=London&sort=-name", "columns": ["name", "address.city"] })
}

/// Makes the views that the rows speak of.
pub async fn make(owner: &Client) {
    for n in 0..4 {
        let made = owner.post_json("/api/v1/views", &view(n)).await;
        assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    }
    let begun = owner.send(Method::PUT, &format!("/api/v1/views/{}/default", id(3)), (None, Vec::new())).await;
    assert_eq!(begun.status.as_u16(), 204);
}

pub fn rows() -> Vec<Row> {
    const ONE: &str = "/api/v1/views/{view}";
    const DEFAULT: &str = "/api/v1/views/{view}/default";
    let change = json!({ "name": "In Paris", "shared": true, "query": "address.city=Paris", "columns": null });
    let known = |row: Row| row.foreign(404, "view_unknown").unknown("view_unknown");
    let at = |n, rest: &str| format!("/api/v1/views/{}{rest}", id(n));
    let bare = |method, template| Row { method, ..Row::get(template) };
    vec![
        Row::get("/api/v1/views").sees_nothing(),
        Row::post("/api/v1/views", view(9)).sees_nothing().twice(201, 409),
        known(Row { method: Method::PUT, ..Row::post(ONE, change) }.at(at(0, ""))).twice(200, 200),
        known(bare(Method::DELETE, ONE).at(at(1, ""))).twice(204, 404),
        known(bare(Method::PUT, DEFAULT).at(at(2, "/default"))).twice(204, 204),
        known(bare(Method::DELETE, DEFAULT).at(at(3, "/default"))).twice(204, 204),
    ]
}
