//! A value as it is read: in a cell, in the timeline, on the page where two versions are compared.

use super::messages::t;
use super::words;
use crate::language::{country_name, day_and_time, day_in_words, decimal, money, whole};
use holdfast_domain::kernel::resource::{Field, Resource, Shape, is_masked};
use holdfast_domain::kernel::{Address, Day, Money, Timestamp, iban};
use leptos::prelude::*;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What the records are called that fields name.
pub type Names = BTreeMap<Uuid, String>;

/// In words; empty where there is no value.
pub fn text(resource: &Resource, field: &Field, value: &Value, names: &Names) -> String {
    match (field.shape.opened(), value) {
        (_, Value::Null) => String::new(),
        (Shape::Iban, Value::String(number)) if !is_masked(value) => iban::printed(number),
        // Masked: what is told of it is a text.
        (Shape::Money | Shape::Reference(_), Value::String(text)) if text.parse::<Uuid>().is_err() => text.clone(),
        (Shape::Boolean, Value::Bool(yes)) => if *yes { t().yes } else { t().no }.to_owned(),
        (Shape::Enumeration(_), Value::String(value)) => words::value(resource, field, value),
        (Shape::Money, _) => Money::deserialize(value).map_or_else(|_| value.to_string(), |amount| money(amount.minor, amount.currency.code())),
        (Shape::Decimal, Value::String(text)) => text.parse::<Decimal>().map_or_else(|_| text.clone(), decimal),
        (Shape::Rate, Value::String(text)) => text.parse::<Decimal>().map_or_else(|_| text.clone(), |rate| format!("{}\u{a0}%", decimal(rate))),
        (Shape::Date, Value::String(text)) => text.parse::<Day>().map_or_else(|_| text.clone(), day_in_words),
        (Shape::Instant, Value::Number(millis)) => millis.as_i64().map_or_else(String::new, |at| day_and_time(Timestamp(at), "")),
        (Shape::Whole, Value::Number(number)) => number.as_u64().map_or_else(|| number.to_string(), whole),
        (Shape::Reference(_), Value::String(id)) => {
            id.parse().ok().and_then(|id: Uuid| names.get(&id).cloned()).unwrap_or_else(|| t().another_record.to_owned())
        }
        (Shape::Country, Value::String(code)) => country_name(code),
        (Shape::Address, Value::Object(_)) => {
            Address::deserialize(value).map_or_else(|_| value.to_string(), |address| address.line(|country| country_name(country.code())))
        }
        (Shape::Rows(shape), Value::Array(rows)) => {
            rows.iter().map(|row| row_text(resource, shape.fields, row, names)).collect::<Vec<_>>().join("\n")
        }
        (Shape::Image | Shape::File, Value::Object(file)) => file.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        (Shape::Tags, Value::Array(tags)) => tags.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// All that a row says, in one line.
fn row_text(resource: &Resource, fields: &[Field], row: &Value, names: &Names) -> String {
    let said = |field: &Field| Some(text(resource, field, row.get(field.name)?, names)).filter(|said| !said.is_empty());
    fields.iter().filter_map(said).collect::<Vec<_>>().join(" · ")
}

/// The same, with a dash where there is none.
pub fn text_or_dash(resource: &Resource, field: &Field, value: &Value, names: &Names) -> String {
    let text = text(resource, field, value, names);
    if text.is_empty() { "–".to_owned() } else { text }
}

/// Whether values of the field are figures, which line up.
pub const fn is_figure(shape: Shape) -> bool {
    matches!(shape, Shape::Money | Shape::Decimal | Shape::Rate | Shape::Whole)
}

/// In a table's cell.
pub fn cell(resource: &'static Resource, field: &'static Field, value: &Value, names: &Names) -> AnyView {
    match (field.shape, value) {
        (Shape::Tags, Value::Array(tags)) => {
            let tag = |tag: &Value| tag.as_str().map(|tag| view! { <span class="tag">{tag.to_owned()}</span> });
            view! { <span class="tags">{tags.iter().map(tag).collect_view()}</span> }.into_any()
        }
        // In a line there is room for what each is called.
        (Shape::Rows(shape), Value::Array(rows)) => {
            rows.iter().map(|row| row_text(resource, &shape.fields[..1], row, names)).collect::<Vec<_>>().join(", ").into_any()
        }
        _ => text(resource, field, value, names).into_any(),
    }
}
