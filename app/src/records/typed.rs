//! What somebody types, and the value that it is: what cannot be read stays as it was typed, and the check says so.

use crate::design::field::minor_of_text;
use crate::language::{decimal_fixed, money_plain};
use holdfast_domain::kernel::resource::Shape;
use holdfast_domain::kernel::{Currency, Money, iban};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

/// The value of a text; `currency` is what amounts are in.
pub fn read(shape: Shape, text: &str, currency: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Null;
    }
    let as_typed = || Value::String(text.to_owned());
    match shape {
        Shape::Currency => Value::String(text.to_uppercase()),
        Shape::Decimal | Shape::Rate => Value::String(decimal_of(text)),
        Shape::Whole => digits_of(text).parse::<u64>().map_or_else(|_| as_typed(), Value::from),
        Shape::Money => {
            let digits = currency.parse::<Currency>().map_or(2, |currency| currency.decimals() as usize);
            minor_of_text(text, digits).map_or_else(as_typed, |minor| json!({ "minor": minor, "currency": currency }))
        }
        Shape::Instant => millis_of(text).map_or_else(as_typed, Value::from),
        _ => as_typed(),
    }
}

/// The text of a value.
pub fn written(shape: Shape, value: &Value) -> String {
    match (shape, value) {
        (_, Value::Null) => String::new(),
        (Shape::Decimal | Shape::Rate, Value::String(text)) => localised(text),
        (Shape::Iban, Value::String(number)) if iban::is_valid(number) => iban::printed(number),
        (Shape::Instant, Value::Number(millis)) => millis.as_i64().map_or_else(String::new, local_time),
        (Shape::Money, Value::Object(_)) => {
            Money::deserialize(value).map_or_else(|_| String::new(), |money| money_plain(money.minor, money.currency.code()))
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// With a point before the decimals, as it travels: the last point or comma is taken for it, unless it stands there more than once.
fn decimal_of(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’')).collect();
    let Some(at) = text.rfind(['.', ',']) else { return text };
    let (whole, fraction) = (&text[..at], &text[at + 1..]);
    let separator = &text[at..=at];
    if whole.contains(separator) {
        return text.replace(separator, "");
    }
    let whole = whole.replace(['.', ','], "");
    format!("{}.{fraction}", if whole.is_empty() { "0" } else { &whole })
}

fn digits_of(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | ',' | '\'' | '’')).collect()
}

/// With the person's own sign before the decimals.
fn localised(text: &str) -> String {
    if text.parse::<Decimal>().is_err() {
        return text.to_owned();
    }
    let half = decimal_fixed(Decimal::new(5, 1), 1);
    let sign = half.chars().find(|c| matches!(c, '.' | ',' | '٫')).unwrap_or('.');
    text.replace('.', &sign.to_string())
}

/// Of what the browser's own control for day and time says, in the browser's time zone.
fn millis_of(text: &str) -> Option<i64> {
    let millis = js_sys::Date::parse(text);
    #[expect(clippy::cast_possible_truncation, reason = "a browser's instants are whole milliseconds below 2^53")]
    millis.is_finite().then_some(millis as i64)
}

fn local_time(millis: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay below 2^53, which a JavaScript date holds exactly")]
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(millis as f64));
    let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}", date.get_hours(), date.get_minutes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_as_people_of_any_country_write_it() {
        for (text, expected) in [
            ("0.25", "0.25"),
            ("0,25", "0.25"),
            (",5", "0.5"),
            ("1 284,5", "1284.5"),
            ("1.284,5", "1284.5"),
            ("1,284.5", "1284.5"),
            ("1.284.500", "1284500"),
            ("-3", "-3"),
            ("x", "x"),
        ] {
            assert_eq!(read(Shape::Decimal, text, "EUR"), json!(expected), "{text:?}");
        }
    }

    #[test]
    fn an_amount_is_in_the_companys_currency_with_its_decimals() {
        assert_eq!(read(Shape::Money, "12,50", "EUR"), json!({"minor": 1250, "currency": "EUR"}));
        assert_eq!(read(Shape::Money, "1,250", "JPY"), json!({"minor": 1250, "currency": "JPY"}));
        assert_eq!(read(Shape::Money, "a lot", "EUR"), json!("a lot"));
    }

    #[test]
    fn nothing_typed_is_no_value_and_what_is_no_number_stays_as_typed() {
        assert_eq!(read(Shape::Text, "  ", "EUR"), Value::Null);
        assert_eq!(read(Shape::Whole, "1 000", "EUR"), json!(1000));
        assert_eq!(read(Shape::Whole, "ten", "EUR"), json!("ten"));
        assert_eq!(read(Shape::Currency, "gbp", "EUR"), json!("GBP"));
        assert_eq!(read(Shape::Text, "a ", "EUR"), json!("a "));
    }
}
