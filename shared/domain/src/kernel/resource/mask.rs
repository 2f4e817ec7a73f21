//! What is told of a value that is not to be read.

use super::field::Field;
use super::shape::Shape;
use serde_json::Value;

/// What stands for what is not told.
pub const HIDDEN: &str = "•••";

/// As much of a value as tells two of one's own apart: a text, whatever the field's shape; nothing where there is none.
pub fn masked(field: &Field, value: &Value) -> Value {
    // What could not be opened is told no further.
    if field.is_sealed() && is_masked(value) {
        return value.clone();
    }
    let field = &field.opened();
    match (field.shape, value) {
        (_, Value::Null) => Value::Null,
        (Shape::Tags | Shape::Rows(_), Value::Array(all)) if all.is_empty() => Value::Null,
        (Shape::Email, Value::String(text)) => {
            let first: String = text.chars().take(1).collect();
            Value::String(format!("{first}{HIDDEN}@{HIDDEN}"))
        }
        (Shape::Phone, Value::String(text)) => Value::String(ending(&text.chars().filter(char::is_ascii_digit).collect::<String>())),
        // Which city it is in says as little as which street would say much.
        (Shape::Address, Value::Object(parts)) => {
            let city = ["city", "country"].iter().filter_map(|part| parts.get(*part)?.as_str()).collect::<Vec<_>>().join(", ");
            Value::String(format!("{HIDDEN} {city}").trim_end().to_owned())
        }
        // As on receipts and statements.
        (Shape::Iban, Value::String(text)) => Value::String(ending_in(text, 4)),
        // A number of some office, such as a tax number; words are nobody's to guess at.
        (Shape::Text, Value::String(text)) if !text.contains(char::is_whitespace) && text.contains(|c: char| c.is_ascii_digit()) => {
            Value::String(ending(text))
        }
        _ => Value::String(HIDDEN.to_owned()),
    }
}

/// Whether it is what is told of a value instead of it.
pub fn is_masked(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with(HIDDEN))
}

/// The last two characters of a text that is long enough to leave the rest unknown.
fn ending(text: &str) -> String {
    ending_in(text, 2)
}

fn ending_in(text: &str, shown: usize) -> String {
    let length = text.chars().count();
    let end: String = text.chars().skip(if length < shown + 5 { length } else { length - shown }).collect();
    format!("{HIDDEN}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::resource::{Email, Iban, LongText, Phone, Sealed, Tags};
    use crate::kernel::{Address, Money};
    use serde_json::json;

    #[test]
    fn a_mask_tells_values_apart_and_no_value() {
        let email = Field::of::<Option<Email>>("email");
        let phone = Field::of::<Option<Phone>>("phone");
        let text = Field::of::<Option<String>>("tax_number");
        for (field, value, told) in [
            (email, json!("maria.anders@alfreds.example"), json!("m•••@•••")),
            (phone, json!("030-0074321"), json!("•••21")),
            (phone, json!("112"), json!("•••")),
            (text, json!("DE136695976"), json!("•••76")),
            (text, json!("DE1366"), json!("•••")),
            (text, json!("Obere Str. 57"), json!("•••")),
            (text, json!("Charlotte"), json!("•••")),
            (Field::of::<Option<LongText>>("notes"), json!("pays late"), json!("•••")),
            (Field::of::<Tags>("tags"), json!(["vip"]), json!("•••")),
            (Field::of::<Tags>("tags"), json!([]), Value::Null),
            (Field::of::<Money>("price"), json!({ "minor": 120, "currency": "EUR" }), json!("•••")),
            (
                Field::of::<Option<Address>>("address"),
                json!({ "line1": "Obere Str. 57", "postal_code": "12209", "city": "Berlin", "country": "DE" }),
                json!("••• Berlin, DE"),
            ),
            (Field::of::<Option<Address>>("address"), json!({ "line1": "Obere Str. 57" }), json!("•••")),
            (Field::of::<Option<Sealed<Iban>>>("iban"), json!("DE89370400440532013000"), json!("•••3000")),
            (Field::of::<Option<Sealed<LongText>>>("emergency"), json!("Call Ana: 0721"), json!("•••")),
            (Field::of::<Option<Sealed<Iban>>>("iban"), json!("•••"), json!("•••")),
            (Field::of::<bool>("blocked"), json!(false), json!("•••")),
            (email, Value::Null, Value::Null),
        ] {
            assert_eq!(masked(&field, &value), told, "{value}");
        }
    }
}
