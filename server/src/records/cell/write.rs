//! A field's value as a cell of a spreadsheet.

use super::{harmless, rows};
use holdfast_domain::kernel::Money;
use holdfast_domain::kernel::resource::{Field, Shape};
use rust_decimal::Decimal;
use serde::Deserialize as _;
use serde_json::Value;

/// The value as text. A text that a spreadsheet would run begins with an apostrophe, which spreadsheets show nothing of.
pub(in crate::records) fn write(field: &Field, value: &Value) -> String {
    let text = bare(field, value);
    match (field.shape, value) {
        // Of digits, points and hyphens alone, as their checks say.
        (Shape::Decimal | Shape::Rate | Shape::Date | Shape::Reference(_) | Shape::Money, _) => text,
        // Of a file, the name that somebody gave it.
        (_, Value::String(_) | Value::Array(_) | Value::Object(_)) => harmless(&text),
        _ => text,
    }
}

/// The value as text, whatever a spreadsheet makes of it.
fn bare(field: &Field, value: &Value) -> String {
    match (field.shape, value) {
        (_, Value::Null) => String::new(),
        (Shape::Money, money) => Money::deserialize(money).map(|money| amount(&money)).unwrap_or_default(),
        (Shape::Tags, Value::Array(tags)) => joined(tags),
        (Shape::Rows(shape), Value::Array(rows)) => rows::write(rows, |row| shape.fields.iter().map(|field| bare(field, &row[field.name])).collect()),
        (Shape::Image | Shape::File, Value::Object(file)) => file.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// Tags side by side. A lone one that could be taken for several has the bar behind it.
fn joined(tags: &[Value]) -> String {
    let tags: Vec<&str> = tags.iter().filter_map(Value::as_str).collect();
    match tags[..] {
        [tag] if tag.contains([',', ';']) => format!("{tag} |"),
        _ => tags.join(" | "),
    }
}

fn amount(money: &Money) -> String {
    format!("{} {}", Decimal::new(money.minor, money.currency.decimals()), money.currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_text_of_a_cell_is_a_formula() {
        let name = Field::of::<String>("name");
        for text in ["=1+1", "+40 721", "-2", "@SUM(A1)"] {
            assert_eq!(write(&name, &json!(text)), format!("'{text}"));
        }
        for (text, written) in [
            ("Acme;=1+1", "Acme;'=1+1"),
            ("a\n=1", "a\n'=1"),
            ("a; @b", "a; '@b"),
            ("＝1", "'＝1"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            (" =1", " '=1"),
        ] {
            assert_eq!(write(&name, &json!(text)), written);
        }
        assert_eq!(write(&name, &json!("Café = bar, 4-6")), "Café = bar, 4-6");
        let picture = Field::of::<Option<holdfast_domain::kernel::Image>>("image");
        assert_eq!(write(&picture, &json!({ "name": "=1.png", "bytes": 1 })), "'=1.png", "a file is called what somebody calls it");
    }

    #[test]
    fn numbers_stay_numbers() {
        assert_eq!(write(&Field::of::<holdfast_domain::kernel::Quantity>("q"), &json!("-0.25")), "-0.25");
        assert_eq!(write(&Field::of::<Money>("price"), &json!({ "minor": 1250, "currency": "EUR" })), "12.50 EUR");
        assert_eq!(write(&Field::of::<Money>("price"), &json!({ "minor": 1250, "currency": "JPY" })), "1250 JPY");
        assert_eq!(write(&Field::of::<Option<u32>>("days"), &json!(null)), "");
        assert_eq!(write(&Field::of::<bool>("on"), &json!(true)), "true");
    }
}
