//! The SQL of the audit.

use super::Actor;
use crate::failure::Fault;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::kernel::resource::Values;
use holdfast_domain::kernel::{AccountId, SiteId, Timestamp};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

/// What was done.
pub(crate) struct Entry<'a> {
    pub id: Uuid,
    /// `create`, `update`, `archive`, `restore` …
    pub action: &'static str,
    /// Of what kind, which, and what it is called.
    pub record: (&'static str, Uuid, &'a str),
    pub site: Option<SiteId>,
    /// The fields that changed, as they were.
    pub before: Option<&'a Values>,
    /// And as they are.
    pub after: Option<&'a Values>,
    pub reason: Option<&'a str>,
}

/// An entry as it is read.
pub(crate) struct EntryRow {
    pub id: Uuid,
    pub at: Timestamp,
    pub ordinal: i64,
    pub account: Option<AccountId>,
    /// Their name.
    pub name: Option<String>,
    pub action: String,
    pub reason: Option<String>,
    pub changed: Vec<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

pub(super) async fn make_months(connection: &mut PgConnection, now: Timestamp) -> Result<(), Fault> {
    sqlx::query!("select audit_months($1::date)", to_stored(now).date()).fetch_one(connection).await?;
    Ok(())
}

/// Writes entries of one actor, in the transaction of their acts.
pub(crate) async fn write(tx: &mut TenantTx, actor: &Actor, entries: &[Entry<'_>]) -> Result<(), Fault> {
    let signed_in = &actor.signed_in;
    let roles: Vec<String> = signed_in.roles.iter().map(|role| role.name().to_owned()).collect();
    let entries: Value = entries.iter().map(row).collect();
    sqlx::query!(
        "insert into audit_entries (tid, at, account, roles, device, session, request, traceparent, address, user_agent,
            id, action, kind, record, title, at_site, before, after, changed, reason)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, e.id, e.action, e.kind, e.record, e.title, e.at_site, nullif(e.before, 'null'), nullif(e.after, 'null'), e.changed, e.reason
         from jsonb_to_recordset($11) as e (id uuid, action text, kind text, record uuid, title text, at_site uuid, before jsonb, after jsonb, changed text[], reason text)",
        tx.tenant().0,
        to_stored(tx.now()),
        signed_in.account.0,
        &roles,
        signed_in.device.map(|device| device.0),
        &signed_in.session_mark()[..],
        signed_in.cause.request,
        signed_in.cause.traceparent,
        actor.address.to_string(),
        actor.user_agent,
        entries
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

fn row(entry: &Entry<'_>) -> Value {
    let mut changed: Vec<&String> = [entry.before, entry.after].into_iter().flatten().flat_map(Values::keys).collect();
    changed.sort();
    changed.dedup();
    let (kind, record, title) = entry.record;
    json!({
        "id": entry.id, "action": entry.action, "kind": kind, "record": record, "title": title, "at_site": entry.site,
        "before": entry.before, "after": entry.after, "changed": changed, "reason": entry.reason,
    })
}

/// Writes an entry of what the server did by itself, in the transaction of its act.
pub(crate) async fn write_own(tx: &mut TenantTx, entry: &Entry<'_>) -> Result<(), Fault> {
    let (kind, record, title) = entry.record;
    let changed: Vec<String> = entry.after.into_iter().flat_map(|values| values.keys().cloned()).collect();
    sqlx::query!(
        "insert into audit_entries (tid, at, id, action, kind, record, title, at_site, roles, after, changed, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, '{}', $9, $10, $11)",
        tx.tenant().0,
        to_stored(tx.now()),
        entry.id,
        entry.action,
        kind,
        record,
        title,
        entry.site.map(|site| site.0),
        entry.after.map(|values| Value::Object(values.clone())),
        &changed,
        entry.reason
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What was done to a record, newest first, before a place.
pub(crate) async fn entries_of(
    tx: &mut TenantTx,
    (kind, record): (&str, Uuid),
    before: Option<(Timestamp, i64)>,
    limit: i64,
) -> Result<Vec<EntryRow>, Fault> {
    let tid = tx.tenant().0;
    let (at, ordinal) = before.map_or((None, None), |(at, ordinal)| (Some(to_stored(at)), Some(ordinal)));
    let rows = sqlx::query!(
        r#"select e.id, e.at, e.ordinal, e.account, a.name as "name?", e.action, e.reason, e.changed, e.before, e.after
           from audit_entries e left join accounts a on a.tid = e.tid and a.id = e.account
           where e.tid = $1 and e.kind = $2 and e.record = $3 and ($4::timestamptz is null or (e.at, e.ordinal) < ($4, $5::bigint))
           order by e.at desc, e.ordinal desc limit $6"#,
        tid,
        kind,
        record,
        at,
        ordinal,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    let entry = rows.into_iter().map(|row| EntryRow {
        id: row.id,
        at: from_stored(row.at),
        ordinal: row.ordinal,
        account: row.account.map(AccountId),
        name: row.name,
        action: row.action,
        reason: row.reason,
        changed: row.changed,
        before: row.before,
        after: row.after,
    });
    Ok(entry.collect())
}
