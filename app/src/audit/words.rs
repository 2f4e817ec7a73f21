//! What the audit's actions, kinds and fields are called: sections of the languages' files, asked for by name.

use super::entries::Names;
use super::messages::t;
use crate::identity::role_name;
use crate::language::{day_and_time, find, whole};
use crate::oversight::intent_in_words;
use crate::records;
use holdfast_domain::audit::{Action, EntryView, Outcome};
use holdfast_domain::kernel::Timestamp;
use holdfast_domain::resource_of;
use serde_json::Value;
use uuid::Uuid;

const ACTIONS: &str = "audit.actions";
const KINDS: &str = "audit.kinds";
const RESULTS: &str = "audit.results";
const FIELDS: &str = "audit.fields";
/// Kinds that are no resource, and are narrowed by.
pub const OTHER_KINDS: [&str; 11] = [
    "sales.ticket",
    "sales.till_session",
    "sales.exception",
    "sync.held",
    "identity.account",
    "identity.device",
    "identity.grant",
    "identity.role",
    "events.event",
    "audit.entry",
    "records.view",
];

/// The intents that people act on documents with.
pub const INTENTS: [&str; 9] = [
    "sales.ticket.open",
    "sales.ticket.add_line",
    "sales.ticket.add_line_with_breaks",
    "sales.ticket.change_quantity",
    "sales.ticket.remove_line",
    "sales.ticket.pay_cash",
    "sales.ticket.abandon",
    "sales.till_session.open",
    "sales.till_session.close",
];

/// What was done.
pub fn action(name: &str) -> String {
    match Action::from_name(name) {
        Some(action) => find(ACTIONS, action.name()).unwrap_or(action.name()).to_owned(),
        None => intent_in_words(name),
    }
}

/// What became of it.
pub fn result(outcome: Outcome) -> &'static str {
    find(RESULTS, outcome.name()).unwrap_or(outcome.name())
}

/// What a kind is called; its name, where nobody here knows it.
pub fn kind(kind: &str) -> String {
    match resource_of(kind) {
        Some(resource) => records::record_name(resource).to_owned(),
        None => find(KINDS, kind).unwrap_or(kind).to_owned(),
    }
}

/// What it was done to.
pub fn record(entry: &EntryView) -> String {
    let kind = kind(&entry.kind);
    match (entry.title.as_str(), entry.record) {
        ("", _) | (_, None) => kind,
        (title, Some(_)) if entry.kind == "sync.held" => format!("{kind}: {}", intent_in_words(title)),
        (title, Some(_)) => format!("{kind}: {title}"),
    }
}

/// Who did it.
pub fn who(entry: &EntryView) -> String {
    match (&entry.name, entry.result) {
        (Some(name), _) => name.clone(),
        (None, Outcome::Failed) => t().somebody.to_owned(),
        (None, _) => t().the_server.to_owned(),
    }
}

/// A field, and whether it is called by its bare name.
pub fn field(entry: &EntryView, name: &str) -> (String, bool) {
    let of_record = resource_of(&entry.kind).and_then(|resource| Some(records::field_name(resource, resource.named(name)?)));
    match of_record.or_else(|| find(FIELDS, name)) {
        Some(known) => (known.to_owned(), false),
        None => (name.to_owned(), true),
    }
}

/// A field's value; a dash where there is none.
pub fn value(entry: &EntryView, name: &str, value: &Value, (names, zone): (&Names, &str)) -> String {
    if let Some((resource, field)) = resource_of(&entry.kind).and_then(|resource| Some((resource, resource.named(name)?))) {
        return records::text_or_dash(resource, field, value, names);
    }
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(true) => t().yes.to_owned(),
        Value::Bool(false) => t().no.to_owned(),
        Value::Number(number) if name.ends_with("_at") => number.as_i64().map_or_else(|| number.to_string(), |at| day_and_time(Timestamp(at), zone)),
        Value::Number(number) => number.as_u64().map_or_else(|| number.to_string(), whole),
        Value::String(role) if name == "role" => role_name(role),
        Value::String(text) => text.parse::<Uuid>().ok().and_then(|id| names.get(&id).cloned()).unwrap_or_else(|| text.clone()),
        Value::Array(values) => {
            let each = values.iter().map(|one| self::value(entry, name, one, (names, zone))).collect::<Vec<_>>();
            if each.is_empty() { "–".to_owned() } else { each.join(", ") }
        }
        Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::proof::prove_section;
    use std::collections::BTreeSet;

    fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        names.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn every_action_kind_and_result_has_its_name_in_every_language() {
        prove_section(ACTIONS, &names(Action::ALL.iter().map(|action| action.name())), &BTreeSet::new());
        prove_section(KINDS, &names(OTHER_KINDS), &BTreeSet::new());
        prove_section(RESULTS, &names(Outcome::ALL.iter().map(|outcome| outcome.name())), &BTreeSet::new());
    }

    #[test]
    fn every_field_that_the_server_writes_of_what_is_no_record_has_its_name_in_every_language() {
        let written = "name till chain account device sites site expires_at revoked standing code waived document owner resolved role part parts \
            exported_at accepted waiting held refused known narrowed records lines created changed merged_from merged_into grant consumer tries outcome from until done permissions fields within shared";
        prove_section(FIELDS, &names(written.split_whitespace()), &BTreeSet::new());
    }
}
