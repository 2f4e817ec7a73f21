//! What was done to a record.

use super::{queries, refusal};
use crate::audit::{self, EntryRow};
use crate::failure::Failure;
use crate::http::App;
use crate::identity::{SignedIn, Subject};
use holdfast_domain::kernel::Timestamp;
use holdfast_domain::kernel::resource::{Change, Changes, Resource, Timeline, changes_of_parts};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

const PAGE: usize = 50;
/// What an entry says of a record that this one was merged with.
const MERGED: [&str; 2] = ["merged_from", "merged_into"];

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TimelineQuery {
    /// What `next` of the page before said.
    after: Option<String>,
}

/// A page of it, newest first.
pub(super) async fn timeline(
    resource: &'static Resource,
    app: &App,
    signed_in: &SignedIn,
    (id, query): (Uuid, &TimelineQuery),
) -> Result<Timeline, Failure> {
    let after = query.after.as_deref().map(|text| read_place(text).ok_or_else(refusal::bad_cursor)).transpose()?;
    let mut tx = app.database.tenant(signed_in.scope_for(&resource.rights.read)?).await?;
    let fields = signed_in.rights.fields(resource, &resource.rights.read);
    let record = queries::reached(&mut tx, &fields, id).await?.ok_or_else(|| refusal::unknown(resource))?;
    let mut entries = audit::entries_of(&mut tx, (resource.kind, id), after, PAGE as i64 + 1).await?;
    let merged = entries.iter().filter_map(|entry| entry.after.as_ref());
    let merged: Vec<Uuid> = merged.flat_map(|after| MERGED.iter().filter_map(|field| after.get(field)?.as_str()?.parse().ok())).collect();
    let names = if merged.is_empty() { Vec::new() } else { queries::titles(&mut tx, &fields, &merged).await? };
    tx.commit().await?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = entries.last().filter(|_| more).map(|last| format!("{}.{}", last.at.0, last.ordinal));
    let subject = Subject::of(resource, &record);
    let shown = |change: Change| Change { changes: changes_of_parts(resource, fields.show_changes(change.changes, &subject)), ..change };
    Ok(Timeline { changes: entries.into_iter().map(change).map(shown).collect(), next, names: names.into_iter().collect() })
}

fn read_place(text: &str) -> Option<(Timestamp, i64)> {
    let (at, ordinal) = text.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), ordinal.parse().ok()?))
}

fn change(entry: EntryRow) -> Change {
    let EntryRow { id, at, ordinal: _, account, name, action, reason, changed, before, after } = entry;
    let value = |of: &Option<Value>, field: &str| of.as_ref().and_then(|values| values.get(field)).cloned().unwrap_or(Value::Null);
    let changes = changed.into_iter().map(|field| Changes { before: value(&before, &field), after: value(&after, &field), field });
    Change { id, at, account, name, action, reason, changes: changes.filter(audit::says_something).collect() }
}
