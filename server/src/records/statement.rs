//! SQL of a resource. Names come from its declaration, which is compiled in; values are parameters, always.

use holdfast_domain::kernel::resource::{Field, HIDDEN, Resource, Shape, Values};
use holdfast_domain::kernel::{Rate, Timestamp};
use serde::Deserialize as _;
use serde_json::{Value, json};

/// A field's column, or one of its two.
pub(super) struct Column {
    pub name: String,
    /// How it travels within the JSON of a write.
    pub sql_type: &'static str,
    /// From `r`, the record of that JSON.
    value: String,
    /// Whether it holds what is kept encrypted.
    sealed: bool,
}

impl Column {
    /// What `t`, a record that is there, has in it from now on. What could not be opened stays sealed as it is.
    fn set(&self) -> String {
        let (name, value) = (quoted(&self.name), &self.value);
        if self.sealed { format!("{name} = case when {value} = '{HIDDEN}' then t.{name} else {value} end") } else { format!("{name} = {value}") }
    }
}

/// A declared name as SQL spells it. None has a quote: a test looks.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// The column that holds a field's value as values are compared, where two that say the same are probably one.
pub(super) fn alike_column(field: &Field) -> String {
    format!("{}_alike", field.name)
}

/// A field's column as SQL spells it; a part of an address has one of its own where lists are sorted or narrowed by it.
pub(super) fn column_of(field: &Field, suffix: &str) -> String {
    quoted(&format!("{}{suffix}", field.name.replace('.', "_")))
}

/// The columns of a field.
pub(super) fn columns(field: &Field) -> Vec<Column> {
    let mut columns = own_columns(field);
    columns.extend(field.alike.map(|_| {
        let name = alike_column(field);
        Column { value: format!("r.{}", quoted(&name)), name, sql_type: "text", sealed: false }
    }));
    columns
}

fn own_columns(field: &Field) -> Vec<Column> {
    let one = |name: String, sql_type| vec![Column { value: format!("r.{}", quoted(&name)), name, sql_type, sealed: field.is_sealed() }];
    let name = field.name.replace('.', "_");
    match field.shape {
        Shape::Address | Shape::Image | Shape::File | Shape::Rows(_) => one(name, "jsonb"),
        Shape::Money => [one(format!("{name}_minor"), "bigint"), one(format!("{name}_currency"), "text")].into_iter().flatten().collect(),
        Shape::Rate => one(format!("{name}_millionths"), "integer"),
        Shape::Instant => vec![Column { value: format!("to_timestamp(r.{} / 1000.0)", quoted(&name)), name, sql_type: "bigint", sealed: false }],
        Shape::Decimal => one(name, "numeric"),
        Shape::Date => one(name, "date"),
        Shape::Boolean => one(name, "boolean"),
        Shape::Whole => one(name, "integer"),
        Shape::Reference(_) => one(name, "uuid"),
        Shape::Tags => one(name, "text[]"),
        // As `queries` sealed it.
        Shape::Sealed(_) => one(format!("{name}_sealed"), "text"),
        Shape::Text
        | Shape::LongText
        | Shape::Email
        | Shape::Phone
        | Shape::TimeZone
        | Shape::Gtin
        | Shape::Iban
        | Shape::Currency
        | Shape::Country
        | Shape::Enumeration(_) => one(name, "text"),
    }
}

/// What the columns of these values are set to, as one JSON object, for [`from_json`].
pub(super) fn to_columns(resource: &Resource, values: &Values) -> Value {
    let mut row = Values::new();
    for (name, value) in values {
        let Some(field) = resource.field(name) else { continue };
        if let Some(likeness) = field.alike {
            row.insert(alike_column(field), json!(likeness.key_of(values, name)));
        }
        match field.shape {
            Shape::Money => {
                row.insert(format!("{name}_minor"), value["minor"].clone());
                row.insert(format!("{name}_currency"), value["currency"].clone());
            }
            Shape::Rate => {
                let rate = Rate::deserialize(value).ok();
                row.insert(format!("{name}_millionths"), rate.map_or(Value::Null, |rate| json!(rate.millionths())));
            }
            Shape::Sealed(_) => {
                row.insert(format!("{name}_sealed"), value.clone());
            }
            _ => {
                row.insert(name.clone(), value.clone());
            }
        }
    }
    Value::Object(row)
}

/// The fields among these names, in the order of the declaration.
fn named<'a>(resource: &'a Resource, values: &'a Values) -> impl Iterator<Item = Column> + 'a {
    resource.fields.iter().filter(|field| values.contains_key(field.name)).flat_map(columns)
}

/// `jsonb_to_record(…) as r (…)` for the fields among these values.
fn from_json(resource: &Resource, values: &Values, parameter: &str) -> String {
    let typed: Vec<String> = named(resource, values).map(|column| format!("{} {}", quoted(&column.name), column.sql_type)).collect();
    format!("jsonb_to_record({parameter}) as r ({})", typed.join(", "))
}

/// `$1` the tenant, `$2` the id, `$3` the columns.
pub(super) fn insert(resource: &Resource, values: &Values) -> String {
    let names: Vec<String> = named(resource, values).map(|column| quoted(&column.name)).collect();
    let read: Vec<String> = named(resource, values).map(|column| column.value).collect();
    format!(
        "insert into {} (tid, id, {}) select $1, $2, {} from {}",
        quoted(resource.plural),
        names.join(", "),
        read.join(", "),
        from_json(resource, values, "$3")
    )
}

/// `$1` the tenant, `$2` the id, `$3` the columns that change.
pub(super) fn update(resource: &Resource, values: &Values) -> String {
    let set: Vec<String> = named(resource, values).map(|column| column.set()).collect();
    format!(
        "update {} as t set {} from {} where t.tid = $1 and t.id = $2",
        quoted(resource.plural),
        set.join(", "),
        from_json(resource, values, "$3")
    )
}

/// Many whole records at once: `$1` the tenant, `$2` an array of their columns, each with its `id`.
fn from_rows(resource: &Resource) -> (Vec<Column>, String) {
    let columns: Vec<Column> = resource.fields.iter().flat_map(columns).collect();
    let typed: String = columns.iter().map(|column| format!(", {} {}", quoted(&column.name), column.sql_type)).collect();
    (columns, format!("jsonb_to_recordset($2) as r (id uuid{typed})"))
}

/// Makes many; answers the ids of those that were made, since one that is in the way of a record that is there is left out.
pub(super) fn insert_many(resource: &Resource) -> String {
    let (columns, rows) = from_rows(resource);
    let names: String = columns.iter().map(|column| format!(", {}", quoted(&column.name))).collect();
    let read: String = columns.iter().map(|column| format!(", {}", column.value)).collect();
    format!("insert into {} (tid, id{names}) select $1, r.id{read} from {rows} on conflict do nothing returning id", quoted(resource.plural))
}

/// Sets all columns of many.
pub(super) fn update_many(resource: &Resource) -> String {
    let (columns, rows) = from_rows(resource);
    let set: Vec<String> = columns.iter().map(Column::set).collect();
    format!("update {} as t set {} from {rows} where t.tid = $1 and t.id = r.id", quoted(resource.plural), set.join(", "))
}

/// `$1` the tenant, `$2` the ids, `$3` since when, or null.
pub(super) fn archive(resource: &Resource) -> String {
    // What is taken back into use is merged into nothing any more.
    let merged = if resource.merges() { ", merged_into = null" } else { "" };
    format!("update {} set archived_at = $3{merged} where tid = $1 and id = any ($2)", quoted(resource.plural))
}

/// A record's row `t` as JSON.
pub(super) fn selected(resource: &Resource) -> String {
    let pairs: Vec<String> = resource.fields.iter().map(|field| format!("'{}', {}", field.name, as_json(field))).collect();
    format!(
        "t.id, t.version, t.archived_at, t.created_at, t.created_by, t.modified_at, t.modified_by, jsonb_build_object({}) as values",
        pairs.join(", ")
    )
}

fn as_json(field: &Field) -> String {
    let column = format!("t.{}", quoted(field.name));
    match field.shape {
        Shape::Money => {
            let (minor, currency) =
                (format!("t.{}", quoted(&format!("{}_minor", field.name))), format!("t.{}", quoted(&format!("{}_currency", field.name))));
            format!("case when {minor} is not null then jsonb_build_object('minor', {minor}, 'currency', {currency}) end")
        }
        Shape::Rate => format!("trim_scale(t.{}::numeric / 10000)::text", quoted(&format!("{}_millionths", field.name))),
        Shape::Decimal => format!("trim_scale({column})::text"),
        Shape::Sealed(_) => format!("t.{}", column_of(field, "_sealed")),
        Shape::Instant => format!("(extract(epoch from {column}) * 1000)::bigint"),
        _ => column,
    }
}

/// The column that a list is sorted by, and the type that its parameter is cast to.
pub(super) fn sort_key(field: &Field) -> (String, &'static str) {
    let key = |suffix: &str| format!("t.{}", column_of(field, suffix));
    match field.shape {
        Shape::Money => (key("_minor"), "bigint"),
        Shape::Rate => (key("_millionths"), "integer"),
        Shape::Decimal => (key(""), "numeric"),
        Shape::Date => (key(""), "date"),
        Shape::Instant => (key(""), "timestamptz"),
        Shape::Boolean => (key(""), "boolean"),
        Shape::Whole => (key(""), "integer"),
        Shape::Reference(_) => (key(""), "uuid"),
        // Nobody sorts by tags, by rows, by all of an address, by files, or by what is kept encrypted.
        Shape::Tags
        | Shape::Rows(_)
        | Shape::Address
        | Shape::Image
        | Shape::File
        | Shape::Sealed(_)
        | Shape::Text
        | Shape::LongText
        | Shape::Email
        | Shape::Phone
        | Shape::TimeZone
        | Shape::Gtin
        | Shape::Iban
        | Shape::Currency
        | Shape::Country
        | Shape::Enumeration(_) => (key("_key"), "text"),
    }
}

/// A field as the search reads it.
pub(super) fn as_words(field: &Field) -> String {
    let column = format!("t.{}", quoted(field.name));
    match field.shape {
        Shape::Tags => format!("array_to_string({column}, ' ')"),
        Shape::Address => format!("address_words({column})"),
        Shape::Rows(_) => format!("row_words({column})"),
        _ => column,
    }
}

/// Where a field's value is; a part of an address that no list is sorted or narrowed by has no column of its own.
fn value_of(field: &Field) -> String {
    match field.part_of {
        Some(whole) if !(field.sorted || field.filtered) => format!("(t.{} ->> '{}')", quoted(whole), field.key()),
        _ => format!("t.{}", column_of(field, "")),
    }
}

/// A condition that a field has the value of the parameter; none for a field that nothing is compared with.
pub(super) fn equals(field: &Field, parameter: &str) -> Option<String> {
    let column = value_of(field);
    Some(match field.shape {
        Shape::Tags => format!("{parameter}::text = any ({column})"),
        Shape::Boolean => format!("{column} = {parameter}::boolean"),
        Shape::Whole => format!("{column} = {parameter}::integer"),
        Shape::Date => format!("{column} = {parameter}::date"),
        Shape::Decimal => format!("{column} = {parameter}::numeric"),
        Shape::Reference(_) => format!("{column} = {parameter}::uuid"),
        Shape::Money
        | Shape::Rate
        | Shape::Instant
        | Shape::LongText
        | Shape::Address
        | Shape::Image
        | Shape::File
        | Shape::Rows(_)
        | Shape::Sealed(_) => return None,
        Shape::Text
        | Shape::Email
        | Shape::Phone
        | Shape::TimeZone
        | Shape::Gtin
        | Shape::Iban
        | Shape::Currency
        | Shape::Country
        | Shape::Enumeration(_) => {
            format!("{column} = {parameter}::text")
        }
    })
}

/// A field's value as it stands in a query, as JSON; none where it cannot be one.
pub(super) fn from_query(field: &Field, text: &str) -> Option<Value> {
    match field.shape {
        Shape::Boolean => text.parse().ok().map(Value::Bool),
        Shape::Whole => text.parse::<u32>().ok().map(|whole| json!(whole)),
        Shape::Instant => text.parse::<i64>().ok().map(|ms| json!(Timestamp(ms))),
        Shape::Tags => Some(json!([text])),
        _ => Some(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::{RESOURCES, resource_of};

    #[test]
    fn a_declared_name_is_a_plain_word() {
        let plain = |name: &str| !name.is_empty() && name.len() <= 50 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        for resource in RESOURCES {
            assert!(plain(resource.plural) && resource.fields.iter().all(|field| plain(field.name)), "{}", resource.kind);
            assert!(resource.fields.len() <= 50, "{}: an object is built of at most fifty fields", resource.kind);
        }
    }

    #[test]
    fn a_change_names_only_what_changes() {
        let supplier = resource_of("procurement.supplier").unwrap();
        let values = json!({ "payment_days": 14, "address": { "city": "Iași" } }).as_object().unwrap().clone();
        assert_eq!(
            update(supplier, &values),
            r#"update "suppliers" as t set "address" = r."address", "payment_days" = r."payment_days" from jsonb_to_record($3) as r ("address" jsonb, "payment_days" integer) where t.tid = $1 and t.id = $2"#
        );
    }
}
