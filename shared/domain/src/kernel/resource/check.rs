//! Whether values are what a resource takes: asked by a form as somebody types, and by the server once more.

use super::field::Field;
use super::list::Values;
use super::mask::is_masked;
use super::parts::make_whole;
use super::record::Resource;
use super::rows::{tidy_rows, wrong_rows};
use super::shape::Shape;
use crate::kernel::{Country, Currency, Day, Money, Quantity, Rate, StoredFile, gtin, iban};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most that a decimal, a whole number and an amount come to.
const MOST_MINOR: i64 = 1_000_000_000_000;

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// There must be one.
    Missing,
    /// Not of the field's type.
    WrongType,
    /// More characters or tags than there may be.
    TooLong,
    /// Characters that cannot be printed.
    Unprintable,
    /// Of the right type and not what the field takes: no e-mail address, no such day, none of the choices.
    NotValid,
    /// Beyond the bounds.
    OutOfRange,
    /// The resource has no such field.
    UnknownField,
    /// It was chosen when the record was made.
    Fixed,
    /// Another record has it.
    Taken,
    /// There is no such record.
    UnknownRecord,
    /// Nobody who names it has uploaded such a file.
    UnknownFile,
    /// The account may not write it.
    Forbidden,
    /// Each record has its own: it is not changed in many at once.
    OneByOne,
    /// Of a file: it can be read in two ways, such as 03/04/2026 or 1,234.
    Ambiguous,
    /// Of a file: more than one record is called that.
    SeveralRecords,
    /// Of a file: a line before says it of another record, or of the same one. Of a list: a row before says it.
    Twice,
    /// Of a file: the record is archived.
    Archived,
    /// Of a file: the line has more cells than the head, or cannot be read.
    Unreadable,
}

/// A field that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldProblem {
    /// The field.
    pub field: String,
    /// What is wrong.
    pub wrong: Wrong,
}

impl FieldProblem {
    /// That, of this field.
    pub fn new(field: &str, wrong: Wrong) -> Self {
        Self { field: field.to_owned(), wrong }
    }
}

/// Brings values into the one form in which they are kept: no space around texts, addresses in lower case, article numbers without gaps, tags once, empty texts as
/// none.
pub fn tidy(resource: &Resource, values: &mut Values) {
    for (name, value) in values.iter_mut() {
        if let Some(field) = resource.named(name) {
            tidy_one(field, value);
        }
    }
}

/// The same of one value.
pub fn tidy_one(field: &Field, value: &mut Value) {
    match value {
        Value::String(text) => {
            let trimmed = text.trim();
            let tidied = match field.shape.opened() {
                Shape::Email => trimmed.to_lowercase(),
                Shape::Country => trimmed.to_ascii_uppercase(),
                Shape::Gtin => gtin::written(trimmed),
                Shape::Iban => iban::written(trimmed),
                _ => trimmed.to_owned(),
            };
            *value = if tidied.is_empty() { Value::Null } else { Value::String(tidied) };
        }
        // A longer one is refused, and looked through by nobody.
        Value::Array(tags) if field.shape == Shape::Tags && tags.len() <= usize::from(field.longest) => {
            let mut kept: Vec<Value> = Vec::new();
            for tag in tags.drain(..) {
                let tag = tag.as_str().map_or(tag.clone(), |text| Value::String(text.trim().to_owned()));
                if !kept.contains(&tag) {
                    kept.push(tag);
                }
            }
            *value = Value::Array(kept);
        }
        Value::Null if field.shape.is_list() => *value = Value::Array(Vec::new()),
        Value::Array(rows) if rows.len() <= usize::from(field.longest) => field.rows().into_iter().for_each(|shape| tidy_rows(shape, rows)),
        Value::Object(parts) => {
            for part in field.parts {
                parts.get_mut(part.key()).into_iter().for_each(|value| tidy_one(part, value));
            }
        }
        _ => {}
    }
}

/// Gives each field that is not named what it is where nothing is said of it.
pub fn complete(resource: &Resource, values: &mut Values) {
    for field in resource.fields {
        values.entry(field.name).or_insert_with(|| field.unsaid());
    }
    make_whole(resource, None, values);
}

/// All that is wrong with these values, [tidied](tidy); a field that is not named is not looked at.
pub fn check(resource: &Resource, values: &Values) -> Vec<FieldProblem> {
    let wrong = |(name, value): (&String, &Value)| match (resource.field(name), value) {
        (None, _) => vec![FieldProblem::new(name, Wrong::UnknownField)],
        (Some(field), Value::Object(parts)) if field.shape == Shape::Address => wrong_parts(field, parts),
        (Some(field), Value::Array(rows)) if let Some(shape) = field.rows() => wrong_rows(field, shape, rows),
        (Some(field), value) => wrong_of(field, value).map(|wrong| FieldProblem::new(name, wrong)).into_iter().collect(),
    };
    values.iter().flat_map(wrong).collect()
}

/// What is wrong with each part of an address.
fn wrong_parts(field: &Field, parts: &Values) -> Vec<FieldProblem> {
    let known = |key: &str| field.parts.iter().find(|part| part.key() == key);
    let wrong = |(key, value): (&String, &Value)| {
        let wrong = known(key).map_or(Some(Wrong::UnknownField), |part| wrong_of(part, value));
        // However long somebody made the name of what there is not.
        let key: String = key.chars().take(40).collect();
        wrong.map(|wrong| FieldProblem::new(&format!("{}.{key}", field.name), wrong))
    };
    parts.iter().filter_map(wrong).collect()
}

/// What is wrong with one value, tidied; with an address or a list, what is wrong with the first part or row of it that is.
pub fn wrong_of(field: &Field, value: &Value) -> Option<Wrong> {
    // What is told of a value instead of it is never the value.
    if field.is_sealed() && is_masked(value) {
        return Some(Wrong::NotValid);
    }
    let field = &field.opened();
    match (field.shape, value) {
        (_, Value::Null) => field.required.then_some(Wrong::Missing),
        (Shape::Boolean, Value::Bool(_)) => None,
        (Shape::Whole, Value::Number(number)) => match number.as_u64() {
            Some(whole) if whole <= u64::from(field.most) => None,
            _ => Some(Wrong::OutOfRange),
        },
        (Shape::Instant, Value::Number(number)) => match number.as_i64() {
            // The years 1970 to 9999.
            Some(0..=253_402_300_799_999) => None,
            _ => Some(Wrong::OutOfRange),
        },
        (Shape::Money, Value::Object(_)) => wrong_money(value),
        (Shape::Tags, Value::Array(tags)) => wrong_tags(field, tags),
        (Shape::Address, Value::Object(parts)) => wrong_parts(field, parts).first().map(|problem| problem.wrong),
        (Shape::Rows(shape), Value::Array(rows)) => wrong_rows(field, shape, rows).first().map(|problem| problem.wrong),
        (Shape::Image | Shape::File, Value::Object(_)) => wrong_file(field, value),
        (
            Shape::Boolean
            | Shape::Whole
            | Shape::Instant
            | Shape::Money
            | Shape::Tags
            | Shape::Address
            | Shape::Rows(_)
            | Shape::Image
            | Shape::File,
            _,
        ) => Some(Wrong::WrongType),
        (_, Value::String(text)) => wrong_text(field, text),
        _ => Some(Wrong::WrongType),
    }
}

fn wrong_money(value: &Value) -> Option<Wrong> {
    match Money::deserialize(value) {
        Ok(money) if (0..=MOST_MINOR).contains(&money.minor) => None,
        Ok(_) => Some(Wrong::OutOfRange),
        Err(_) => Some(Wrong::NotValid),
    }
}

/// Whether there are such bytes, the server knows alone.
fn wrong_file(field: &Field, value: &Value) -> Option<Wrong> {
    match StoredFile::deserialize(value) {
        Ok(file) if !file.is_sound() || !field.accepts.contains(&file.media_type) => Some(Wrong::NotValid),
        Ok(file) => (file.bytes > field.most).then_some(Wrong::OutOfRange),
        Err(_) => Some(Wrong::NotValid),
    }
}

/// The most characters of a tag.
pub const LONGEST_TAG: usize = 40;

fn wrong_tags(field: &Field, tags: &[Value]) -> Option<Wrong> {
    if tags.len() > usize::from(field.longest) {
        return Some(Wrong::TooLong);
    }
    tags.iter().find_map(|tag| match tag.as_str() {
        None => Some(Wrong::WrongType),
        Some("") => Some(Wrong::NotValid),
        Some(text) if text.chars().count() > LONGEST_TAG => Some(Wrong::TooLong),
        Some(text) => text.chars().any(char::is_control).then_some(Wrong::Unprintable),
    })
}

fn wrong_text(field: &Field, text: &str) -> Option<Wrong> {
    if text.chars().count() > usize::from(field.longest) {
        return Some(Wrong::TooLong);
    }
    let lines = field.shape == Shape::LongText;
    if text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\t'))) {
        return Some(Wrong::Unprintable);
    }
    let valid = match field.shape {
        Shape::Email => is_email(text),
        Shape::Phone => is_phone(text),
        Shape::TimeZone => is_zone_name(text),
        Shape::Gtin => gtin::is_valid(text),
        Shape::Iban => iban::is_valid(text),
        Shape::Currency => text.parse::<Currency>().is_ok(),
        Shape::Country => text.parse::<Country>().is_ok(),
        Shape::Decimal => Quantity::deserialize(&Value::String(text.to_owned())).is_ok(),
        Shape::Rate => Rate::deserialize(&Value::String(text.to_owned())).is_ok(),
        Shape::Date => text.parse::<Day>().is_ok(),
        Shape::Enumeration(names) => names.contains(&text),
        // As it is written everywhere: in lower case, with hyphens.
        Shape::Reference(_) => text.parse::<uuid::Uuid>().is_ok_and(|id| id.to_string() == text),
        _ => true,
    };
    (!valid).then_some(Wrong::NotValid)
}

/// Something before one `@`, and something with a dot inside behind it; whether it exists, only a letter tells.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let sound =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || matches!(c, '@' | '<' | '>' | '"' | ',' | ';' | '(' | ')'));
    sound(local) && sound(domain) && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..")
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (3..=20).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '/' | '.' | '(' | ')'))
}

/// The form of a name; the server asks its table whether there is such a zone.
fn is_zone_name(text: &str) -> bool {
    text.split('/').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-')))
}
