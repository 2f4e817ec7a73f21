//! A cell of a spreadsheet as a field's value. What a spreadsheet does to values is undone where that is certain, and refused where it is not.

use super::{country, number, plain, rows};
use holdfast_domain::kernel::resource::{Field, Shape, Wrong, is_masked};
use holdfast_domain::kernel::{Currency, Day, Money, Quantity, Rate, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, Month, OffsetDateTime};

const YES: [&str; 14] = ["true", "yes", "y", "1", "x", "oui", "vrai", "ja", "wahr", "sì", "vero", "da", "adevărat", "evet"];
const NO: [&str; 13] = ["false", "no", "n", "0", "-", "non", "faux", "nein", "falsch", "falso", "nu", "fals", "hayır"];

/// The value of a cell; null where it is empty. A reference comes back as it stands there, an id or a name, to be looked up. `currency` is that of amounts that say none.
pub(in crate::records) fn read(field: &Field, cell: &str, currency: Option<Currency>) -> Result<Value, Wrong> {
    bare(field, &plain(cell), currency)
}

/// The same of a text that nothing keeps apart from a formula.
fn bare(field: &Field, text: &str, currency: Option<Currency>) -> Result<Value, Wrong> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        return Ok(match field.shape {
            Shape::Tags | Shape::Rows(_) => json!([]),
            Shape::Boolean => json!(false),
            _ => Value::Null,
        });
    }
    match field.shape.opened() {
        Shape::Boolean => boolean(text),
        Shape::Whole => number::read(text).and_then(|number| whole(number).map(|whole| json!(whole))),
        Shape::Decimal => decimal(text),
        Shape::Rate => rate(text),
        Shape::Money => money(text, currency),
        Shape::Date => date(text).map(|day| json!(day.to_string())),
        Shape::Instant => instant(text),
        Shape::Tags => Ok(tags(text)),
        // What a file tells instead of a list is none.
        Shape::Rows(_) if is_masked(&json!(text)) => Err(Wrong::NotValid),
        Shape::Rows(shape) => rows::read(shape, text, |field, cell| bare(field, cell, currency)),
        Shape::Currency => Ok(json!(text.to_uppercase())),
        Shape::Country => country::read(text).map(|country| json!(country)).ok_or(Wrong::NotValid),
        // A file of records has a column for each of its parts, and none for another file.
        Shape::Address | Shape::Image | Shape::File => Err(Wrong::WrongType),
        Shape::Enumeration(choices) => Ok(json!(choice(text, choices))),
        Shape::Reference(_) => Ok(json!(text)),
        Shape::Text | Shape::LongText | Shape::Email | Shape::Phone | Shape::TimeZone | Shape::Gtin | Shape::Iban | Shape::Sealed(_) => {
            Ok(json!(text))
        }
    }
}

fn boolean(text: &str) -> Result<Value, Wrong> {
    let text = text.to_lowercase();
    match (YES.contains(&text.as_str()), NO.contains(&text.as_str())) {
        (true, _) => Ok(json!(true)),
        (_, true) => Ok(json!(false)),
        _ => Err(Wrong::NotValid),
    }
}

fn whole(number: Decimal) -> Result<u32, Wrong> {
    if number.is_integer() { number.to_u32().ok_or(Wrong::OutOfRange) } else { Err(Wrong::NotValid) }
}

fn decimal(text: &str) -> Result<Value, Wrong> {
    let number = number::read(text)?;
    number.to_string().parse::<Quantity>().map(|quantity| json!(quantity)).map_err(|_| Wrong::OutOfRange)
}

fn rate(text: &str) -> Result<Value, Wrong> {
    let number = number::read(text.trim_end_matches('%'))?;
    let said = json!(number.to_string());
    if serde_json::from_value::<Rate>(said.clone()).is_ok() { Ok(said) } else { Err(Wrong::OutOfRange) }
}

/// `12,50 EUR`, `EUR 12.50`, `€ 12,50`, or `12.50` where the currency is known.
fn money(text: &str, currency: Option<Currency>) -> Result<Value, Wrong> {
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '−' | '\'' | '’') || c.is_whitespace();
    let said: String = text.chars().filter(|c| !is_of_number(*c)).collect();
    let amount: String = text.chars().filter(|c| is_of_number(*c)).collect();
    let currency = match said.to_uppercase().as_str() {
        "" => currency.ok_or(Wrong::Ambiguous)?,
        // Signs that are one currency's alone.
        "€" => "EUR".parse().map_err(|_| Wrong::NotValid)?,
        "£" => "GBP".parse().map_err(|_| Wrong::NotValid)?,
        "₺" | "TL" => "TRY".parse().map_err(|_| Wrong::NotValid)?,
        "LEI" | "LEU" => "RON".parse().map_err(|_| Wrong::NotValid)?,
        "ZŁ" => "PLN".parse().map_err(|_| Wrong::NotValid)?,
        code => code.parse().map_err(|_| Wrong::NotValid)?,
    };
    let mut minor = number::read(&amount)?;
    // More places than the currency has are no amount of it.
    for _ in 0..currency.decimals() {
        minor = minor.checked_mul(Decimal::TEN).ok_or(Wrong::OutOfRange)?;
    }
    let minor = if minor.is_integer() { minor.to_i64().ok_or(Wrong::OutOfRange)? } else { return Err(Wrong::NotValid) };
    Ok(json!(Money { minor, currency }))
}

/// `2026-12-31`, `31.12.2026`, `2026/12/31`, `12/31/2026` or `31/12/2026` where only one of both is a day, and the number that a spreadsheet keeps instead.
fn date(text: &str) -> Result<Day, Wrong> {
    let day = |year: i32, month: u32, day: u32| {
        let month = u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok()).ok_or(Wrong::NotValid)?;
        let date = u8::try_from(day).ok().and_then(|day| Date::from_calendar_date(year, month, day).ok()).ok_or(Wrong::NotValid)?;
        date.to_string().parse::<Day>().map_err(|_| Wrong::NotValid)
    };
    // Somebody's midnight behind a day says nothing more.
    let text = ["T00:00:00", " 00:00:00", " 0:00:00", " 00:00"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    if let Ok(serial) = text.parse::<u32>()
        && (20_000..80_000).contains(&serial)
    {
        // Day 0 of spreadsheets, which take 1900 for a leap year.
        let date = Date::from_calendar_date(1899, Month::December, 30).ok().and_then(|first| first.checked_add(Duration::days(i64::from(serial))));
        return date.and_then(|date| date.to_string().parse().ok()).ok_or(Wrong::NotValid);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).map(str::trim).collect();
    let [a, b, c] = parts[..] else { return Err(Wrong::NotValid) };
    let number = |text: &str| text.parse::<u32>().map_err(|_| Wrong::NotValid);
    let year = |text: &str| if text.len() == 4 { text.parse::<i32>().map_err(|_| Wrong::NotValid) } else { Err(Wrong::NotValid) };
    if a.len() == 4 {
        return day(year(a)?, number(b)?, number(c)?);
    }
    let (first, second, year) = (number(a)?, number(b)?, year(c)?);
    match text.contains('/') && first <= 12 && second <= 12 && first != second {
        true => Err(Wrong::Ambiguous),
        false if text.contains('/') && second > 12 => day(year, first, second),
        false => day(year, second, first),
    }
}

/// Milliseconds since 1970, or RFC 3339 with its offset: a time without one is nobody's instant.
fn instant(text: &str) -> Result<Value, Wrong> {
    if let Ok(ms) = text.parse::<i64>() {
        return Ok(json!(Timestamp(ms)));
    }
    let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| Wrong::NotValid)?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).map(|ms| json!(Timestamp(ms))).map_err(|_| Wrong::OutOfRange)
}

fn tags(text: &str) -> Value {
    let separator = ['|', ';', ','].into_iter().find(|separator| text.contains(*separator)).unwrap_or('|');
    json!(text.split(separator).map(str::trim).filter(|tag| !tag.is_empty()).collect::<Vec<_>>())
}

/// The choice as it is declared, however it is written; what is none stays, and is refused by the check.
fn choice(text: &str, choices: &[&str]) -> String {
    let folded = text.to_lowercase().replace([' ', '-'], "_");
    choices.iter().find(|choice| **choice == folded).map_or_else(|| text.to_owned(), |choice| (*choice).to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;
    use holdfast_domain::RESOURCES;
    use holdfast_domain::kernel::resource::{Values, of_leaf};

    fn field(shape: Shape) -> Field {
        Field { shape, ..Field::of::<String>("it") }
    }

    /// A file has no ids of rows.
    fn without_id(row: &Value) -> Value {
        row.as_object().into_iter().flatten().filter(|(name, _)| *name != "id").map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    #[test]
    fn a_file_that_was_taken_out_is_read_as_it_was() {
        for resource in RESOURCES {
            let example = |leaf: &Field| {
                let whole = resource.field(leaf.whole()).unwrap();
                let example = Values::from_iter([(whole.name.to_owned(), serde_json::from_str(whole.example).unwrap())]);
                of_leaf(&example, leaf).cloned().unwrap_or(Value::Null)
            };
            for field in resource.leaves() {
                let value = example(field);
                let expected = match (&value, field.shape) {
                    (Value::Array(rows), Shape::Rows(_)) => rows.iter().map(without_id).collect(),
                    (Value::Null, Shape::Tags) => json!([]),
                    (Value::Null, Shape::Boolean) => json!(false),
                    _ => value.clone(),
                };
                assert_eq!(read(field, &write(field, &value), None), Ok(expected), "{}.{}", resource.kind, field.name);
            }
        }
        let tags = field(Shape::Tags);
        for value in [json!(["bar, bistro"]), json!(["a;b"]), json!(["a,b", "c"]), json!(["a"]), json!([])] {
            assert_eq!(read(&tags, &write(&tags, &value), None), Ok(value));
        }
        for text in ["=1+1", "+40 721", "'=1", "''+2", "a;=b", "a\u{a0}b"] {
            assert_eq!(read(&field(Shape::Text), &write(&field(Shape::Text), &json!(text)), None), Ok(json!(text)));
        }
    }

    #[test]
    fn what_spreadsheets_make_of_values_is_undone() {
        let euro: Currency = "EUR".parse().unwrap();
        let cent = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
        for (shape, cell, value) in [
            (Shape::Text, "  Acme\u{a0}", json!("Acme")),
            (Shape::LongText, "a\r\nb", json!("a\nb")),
            (Shape::Whole, "14.0", json!(14)),
            (Shape::Whole, "1.234.567", json!(1_234_567)),
            (Shape::Decimal, "0,250", json!("0.25")),
            (Shape::Rate, "5,50 %", json!("5.5")),
            (Shape::Money, "12,50 EUR", cent(1250)),
            (Shape::Money, "€ 1.234,50", cent(123_450)),
            (Shape::Money, "12.5", cent(1250)),
            (Shape::Date, "31.12.2026", json!("2026-12-31")),
            (Shape::Date, "2026/12/31", json!("2026-12-31")),
            (Shape::Date, "12/31/2026", json!("2026-12-31")),
            (Shape::Date, "31/12/2026", json!("2026-12-31")),
            (Shape::Date, "4/4/2026", json!("2026-04-04")),
            (Shape::Date, "2026-12-31 00:00:00", json!("2026-12-31")),
            (Shape::Date, "46387", json!("2026-12-31")),
            (Shape::Boolean, "Oui", json!(true)),
            (Shape::Boolean, "", json!(false)),
            (Shape::Instant, "2026-12-31T12:00:00+02:00", json!(1_798_711_200_000_i64)),
            (Shape::Tags, "a | b", json!(["a", "b"])),
            (Shape::Tags, "a; b;", json!(["a", "b"])),
            (Shape::Currency, "eur", json!("EUR")),
            (Shape::Country, "Germania", json!("DE")),
            (Shape::Enumeration(&["in_use", "gone"]), "In use", json!("in_use")),
            (Shape::Text, "", Value::Null),
        ] {
            assert_eq!(read(&field(shape), cell, Some(euro)), Ok(value), "{shape:?} {cell:?}");
        }
    }

    #[test]
    fn what_could_be_two_things_or_is_none_is_refused() {
        for (shape, cell, wrong) in [
            (Shape::Date, "03/04/2026", Wrong::Ambiguous),
            (Shape::Date, "31.02.2026", Wrong::NotValid),
            (Shape::Date, "3.4.26", Wrong::NotValid),
            (Shape::Date, "tomorrow", Wrong::NotValid),
            (Shape::Whole, "1,234", Wrong::Ambiguous),
            (Shape::Whole, "2.5", Wrong::NotValid),
            (Shape::Whole, "-1", Wrong::OutOfRange),
            (Shape::Decimal, "5.9E+12", Wrong::NotValid),
            (Shape::Decimal, "0.0000001", Wrong::OutOfRange),
            (Shape::Rate, "1000", Wrong::OutOfRange),
            (Shape::Money, "12.50", Wrong::Ambiguous),
            (Shape::Money, "$ 12", Wrong::NotValid),
            (Shape::Money, "12.505 EUR", Wrong::NotValid),
            (Shape::Money, "99999999999999999999 EUR", Wrong::OutOfRange),
            (Shape::Boolean, "perhaps", Wrong::NotValid),
            (Shape::Country, "Narnia", Wrong::NotValid),
            (Shape::Instant, "2026-12-31 12:00", Wrong::NotValid),
        ] {
            assert_eq!(read(&field(shape), cell, None), Err(wrong), "{shape:?} {cell:?}");
        }
    }
}
