//! What was done to a record.

use super::{queries, refusal};
use crate::audit::{self, EntryRow};
use crate::failure::{Failure, Refusal};
use crate::http::{App, Cursor};
use crate::identity::SignedIn;
use holdfast_domain::kernel::resource::{Change, Changes, Resource, Timeline};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

const PAGE: usize = 50;

/// The query string.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimelineQuery {
    after: Option<String>,
}

/// A page of it, newest first.
pub(super) async fn timeline(
    resource: &'static Resource,
    app: &App,
    signed_in: &SignedIn,
    id: Uuid,
    query: &TimelineQuery,
) -> Result<Timeline, Failure> {
    let after: Option<Cursor> = query.after.as_deref().map(Cursor::read).transpose().map_err(|refusal: Refusal| refusal)?;
    let mut tx = app.database.tenant(signed_in.scope_for(&resource.rights.read)?).await?;
    queries::record(&mut tx, resource, id, false).await?.ok_or_else(|| refusal::unknown(resource))?;
    let mut entries = audit::entries_of(&mut tx, (resource.kind, id), after.map(|after| (after.at, after.id)), PAGE as i64 + 1).await?;
    tx.commit().await?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = entries.last().filter(|_| more).map(|last| Cursor { at: last.at, id: last.id }.write());
    Ok(Timeline { changes: entries.into_iter().map(change).collect(), next })
}

fn change(entry: EntryRow) -> Change {
    let EntryRow { id, at, account, name, action, reason, changed, before, after } = entry;
    let value = |of: &Option<Value>, field: &str| of.as_ref().and_then(|values| values.get(field)).cloned().unwrap_or(Value::Null);
    let changes = changed.into_iter().map(|field| Changes { before: value(&before, &field), after: value(&after, &field), field });
    Change { id, at, account, name, action, reason, changes: changes.filter(|change| change.before != change.after).collect() }
}
