//! The routes of resources, from their declarations.

use super::row::Row;
use crate::records::{example, make_named};
use crate::support::Client;
use axum::http::Method;
use holdfast_domain::kernel::resource::Resource;
use serde_json::json;
use uuid::Uuid;

const LISTED: &[(&str, &str)] = &[
    ("limit=0", "limit_out_of_range"),
    ("limit=201", "limit_out_of_range"),
    ("limit=x", "invalid_query"),
    ("limit=5&limit=5", "invalid_query"),
    ("after=1", "cursor_malformed"),
    ("sort=nothing", "invalid_query"),
    ("sort=tid", "invalid_query"),
    ("count=perhaps", "invalid_query"),
    ("archived=", "invalid_query"),
    ("q=%00", "invalid_query"),
    ("tid=1", "invalid_query"),
    ("id=1", "invalid_query"),
];

/// The first is there to be read; the next are there to be changed, archived, restored, changed with others, merged.
fn id(resource: &Resource, n: u128) -> Uuid {
    let place = holdfast_domain::RESOURCES.iter().position(|known| known.kind == resource.kind).expect("it is declared");
    Uuid::from_u128(0x7000_0000_0000 + (place as u128) * 0x100 + n)
}

/// The record of a kind that is there to be read.
pub fn first(kind: &str) -> Uuid {
    id(holdfast_domain::RESOURCES.iter().find(|known| known.kind == kind).expect("it is declared"), 0)
}

/// Makes the records that the rows speak of.
pub async fn make(owner: &Client, resource: &Resource) {
    for n in 0..7 {
        make_named(owner, resource, &format!("{n}")).await;
        let body = json!({ "id": id(resource, n), "values": example(resource, &format!("{n}")) });
        let made = owner.post_json(resource.path, &body).await;
        assert_eq!(made.status.as_u16(), 201, "{}: {}", resource.kind, String::from_utf8_lossy(&made.body));
    }
    // What the row that makes one names.
    make_named(owner, resource, "9").await;
}

pub fn rows(resource: &'static Resource) -> Vec<Row> {
    let template = |rest: &str| -> &'static str { format!("{}/{{id}}{rest}", resource.path).leak() };
    let at = |n, rest: &str| format!("{}/{}{rest}", resource.path, id(resource, n));
    let known = |row: Row| row.foreign(404, "record_unknown").unknown("record_unknown");
    let new = json!({ "id": id(resource, 9), "values": example(resource, "9") });
    let change = json!({ "values": { resource.title: "Renamed" }, "reason": "as they asked" });
    let many = json!({
        "which": { "records": [{ "id": id(resource, 4), "version": 1 }] }, "act": { "change": { "values": { resource.title: "Renamed together" } } }, "reason": "as they asked",
        "dry_run": false,
    });
    let merge = json!({ "from": id(resource, 6), "from_version": 1, "take": [], "reason": "entered twice" });
    let merge = known(Row::post(template("/merge"), merge)).at(at(5, "/merge")).versioned().twice(200, 412);
    let mut rows = vec![
        Row::get(resource.path).query("", LISTED).sees_nothing(),
        Row::get(format!("{}/export", resource.path).leak())
            .query(
                "",
                &[
                    ("limit=5", "invalid_query"),
                    ("q=x", "invalid_query"),
                    ("sort=tid", "invalid_query"),
                    ("tid=1", "invalid_query"),
                    ("as=pdf", "invalid_query"),
                ],
            )
            .sees_nothing(),
        // What is no file goes nowhere; what a sound one does is told in `records::importing`.
        Row { method: Method::POST, ..Row::get(format!("{}/import", resource.path).leak()) }.twice(415, 415),
        // What another company's ids are told, and what is sent again, is told record by record.
        Row::post(format!("{}/bulk", resource.path).leak(), many).sees_nothing(),
        known(Row::get(template("")).at(at(0, ""))),
        known(Row::get(template("/timeline")).at(at(0, "/timeline"))),
        known(Row::get(template("/live")).at(at(0, "/live"))),
        // Nobody's line asked: what somebody's is told, is in `records::presence`.
        Row::post(template("/here"), json!({ "line": id(resource, 8), "editing": true }))
            .at(at(0, "/here"))
            .foreign(404, "line_unknown")
            .unknown("line_unknown")
            .twice(404, 404),
        Row::post(resource.path, new).twice(201, 409),
        known(Row { method: Method::PATCH, ..Row::post(template(""), change) }.at(at(1, ""))).versioned().twice(200, 412),
        known(Row::post(template("/archive"), json!({ "reason": "gone" })).at(at(2, "/archive"))).versioned().twice(200, 412),
        known(Row::post(template("/restore"), json!({ "reason": "back" })).at(at(3, "/restore"))).versioned().twice(200, 200),
    ];
    rows.extend(Some(merge).filter(|_| resource.merges()));
    for field in resource.fields.iter().filter(|field| field.shape.is_file()) {
        // What is no file goes nowhere, and an example has none; both are told in `records::files`.
        rows.push(Row { method: Method::POST, ..Row::get(format!("{}/files/{}", resource.path, field.name).leak()) }.twice(415, 415));
        let read = format!("/files/{}", field.name);
        rows.push(known(Row::get(template(&read)).at(at(0, &read))));
    }
    rows
}
