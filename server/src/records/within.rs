//! The records that somebody may do something to, as SQL: what is said of the row `t`, from declared names alone, with every value in one parameter, a JSON list of texts.
//! [`Rights::reaches`](crate::identity::Rights) says the same of one record in memory; a test compares the two.

use super::statement::{equals, quoted, sort_key};
use crate::identity::{Fields, Reached};
use holdfast_domain::identity::{Condition, Operator};
use holdfast_domain::kernel::Rate;
use holdfast_domain::kernel::resource::{Field, Resource, Shape};
use serde::Deserialize as _;
use serde_json::Value;

/// A condition on `t`, with what is bound for it.
pub(super) struct Within {
    /// Begins with ` and `. Names the parameter also where there is nothing to say, which Postgres finds out before it plans.
    pub said: String,
    /// For the parameter.
    pub bound: Value,
}

/// Texts that are bound, and how each is named.
struct Bound<'a> {
    parameter: &'a str,
    texts: Vec<Value>,
}

impl Bound<'_> {
    fn name(&mut self, text: String) -> String {
        self.texts.push(Value::String(text));
        format!("({}::jsonb->>{})", self.parameter, self.texts.len() - 1)
    }
}

/// The records that these reach; `parameter` such as `$3`.
pub(super) fn within(fields: &Fields<'_>, parameter: &str) -> Within {
    let mut bound = Bound { parameter, texts: Vec::new() };
    let resource = fields.resource();
    let each: Vec<String> = fields.reached().iter().map(|any| any_of(resource, any, &mut bound)).collect();
    let said: String = each.iter().map(|said| format!(" and {said}")).collect();
    let said = if bound.texts.is_empty() { format!("{said} and ({parameter}::jsonb is null or true)") } else { said };
    Within { said, bound: Value::Array(bound.texts) }
}

fn any_of(resource: &Resource, any: &[Reached<'_>], bound: &mut Bound<'_>) -> String {
    let said: Vec<String> = any.iter().map(|reached| all_of(resource, reached, bound)).collect();
    if said.is_empty() { "false".to_owned() } else { format!("({})", said.join(" or ")) }
}

fn all_of(resource: &Resource, reached: &Reached<'_>, bound: &mut Bound<'_>) -> String {
    let Reached { site, makers, when } = reached;
    let mut said = Vec::new();
    if let (Some(site), Some(column)) = (site, resource.site) {
        let site = bound.name(site.to_string());
        said.push(format!("t.{} = {site}::uuid", quoted(column)));
    }
    if let Some(makers) = makers {
        let ids: Vec<String> = makers.iter().map(ToString::to_string).collect();
        let ids = bound.name(format!("{{{}}}", ids.join(",")));
        said.push(format!("t.created_by = any ({ids}::uuid[])"));
    }
    said.extend(when.iter().map(|condition| of_condition(resource, condition, bound).unwrap_or_else(|| "false".to_owned())));
    if said.is_empty() { "true".to_owned() } else { format!("({})", said.join(" and ")) }
}

/// None where there is nothing of which it could be so.
fn of_condition(resource: &Resource, condition: &Condition, bound: &mut Bound<'_>) -> Option<String> {
    let field = resource.leaf(&condition.field)?;
    if !condition.is_sound(resource) {
        return None;
    }
    let compared = match condition.operator {
        Operator::Is | Operator::IsNot => "=",
        Operator::AtLeast => ">=",
        Operator::AtMost => "<=",
    };
    let said = of_value(field, compared, &condition.value, bound)?;
    // What is nothing is not that.
    Some(if condition.operator == Operator::IsNot { format!("not coalesce({said}, false)") } else { said })
}

fn of_value(field: &Field, compared: &str, value: &Value, bound: &mut Bound<'_>) -> Option<String> {
    let (key, sql_type) = sort_key(field);
    match field.shape {
        Shape::Money => {
            let (minor, currency) = (bound.name(value["minor"].as_i64()?.to_string()), bound.name(value["currency"].as_str()?.to_owned()));
            let column = quoted(&format!("{}_currency", field.name));
            Some(format!("({key} {compared} {minor}::{sql_type} and t.{column} = {currency})"))
        }
        Shape::Rate => {
            let rate = bound.name(Rate::deserialize(value).ok()?.millionths().to_string());
            Some(format!("{key} {compared} {rate}::{sql_type}"))
        }
        // As it was stored.
        Shape::Instant => {
            let ms = bound.name(value.as_i64()?.to_string());
            Some(format!("{key} {compared} to_timestamp({ms}::bigint / 1000.0)"))
        }
        Shape::Decimal | Shape::Date | Shape::Whole => {
            let text = bound.name(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            Some(format!("{key} {compared} {text}::{sql_type}"))
        }
        _ => {
            let text = bound.name(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            equals(field, &text)
        }
    }
}
