//! The SQL of the audit.

use super::asked::{Asked, Wanted, invalid_query};
use super::{Actor, By};
use crate::failure::{Failure, Fault};
use crate::tenancy::{Sites, TenantTx, from_stored, to_stored, to_stored_day};
use holdfast_domain::audit::{Action, Outcome};
use holdfast_domain::kernel::resource::{HIDDEN, Values};
use holdfast_domain::kernel::{AccountId, Day, DeviceId, SiteId, Timestamp};
use holdfast_domain::resource_of;
use serde_json::{Value, json};
use sqlx::postgres::{PgRow, Postgres};
use sqlx::{PgConnection, QueryBuilder, Row as _};
use std::borrow::Cow;
use time::OffsetDateTime;
use uuid::Uuid;

/// What was done.
pub(crate) struct Entry<'a> {
    pub id: Uuid,
    pub action: Action,
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

/// An entry as it is kept.
pub(super) struct KeptRow {
    pub id: Uuid,
    pub at: Timestamp,
    pub ordinal: i64,
    pub action: String,
    pub kind: String,
    pub record: Uuid,
    pub title: String,
    pub site: Option<SiteId>,
    pub account: Option<AccountId>,
    pub roles: Vec<String>,
    pub device: Option<DeviceId>,
    pub session: Option<Vec<u8>>,
    pub request: Option<Uuid>,
    pub traceparent: Option<String>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub before: Option<Values>,
    pub after: Option<Values>,
    pub changed: Vec<String>,
    pub reason: Option<String>,
}

pub(super) async fn make_months(connection: &mut PgConnection, now: Timestamp) -> Result<(), Fault> {
    sqlx::query!("select audit_months($1::date)", to_stored(now).date()).fetch_one(connection).await?;
    Ok(())
}

/// Writes entries of one actor, in the transaction of their acts.
pub(crate) async fn write(tx: &mut TenantTx, actor: &Actor, entries: &[Entry<'_>]) -> Result<(), Fault> {
    insert(tx, Some(&actor.by()), entries).await
}

/// Writes an entry of somebody who is not signed in, or only now.
pub(crate) async fn write_as(tx: &mut TenantTx, by: &By<'_>, entry: &Entry<'_>) -> Result<(), Fault> {
    insert(tx, Some(by), std::slice::from_ref(entry)).await
}

/// Writes an entry of what the server did by itself, in the transaction of its act.
pub(crate) async fn write_own(tx: &mut TenantTx, entry: &Entry<'_>) -> Result<(), Fault> {
    insert(tx, None, std::slice::from_ref(entry)).await
}

async fn insert(tx: &mut TenantTx, by: Option<&By<'_>>, entries: &[Entry<'_>]) -> Result<(), Fault> {
    let roles: Vec<String> = by.into_iter().flat_map(|by| by.roles).cloned().collect();
    let cause = tx.scope().cause.clone();
    let session = by.and_then(|by| by.session);
    let entries: Value = entries.iter().map(row).collect();
    sqlx::query!(
        "insert into audit_entries (tid, at, account, roles, device, session, request, traceparent, address, user_agent,
            id, action, kind, record, title, at_site, before, after, changed, reason)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, e.id, e.action, e.kind, e.record, e.title, e.at_site, nullif(e.before, 'null'), nullif(e.after, 'null'), e.changed, e.reason
         from jsonb_to_recordset($11) as e (id uuid, action text, kind text, record uuid, title text, at_site uuid, before jsonb, after jsonb, changed text[], reason text)",
        tx.tenant().0,
        to_stored(tx.now()),
        by.and_then(|by| by.account).map(|account| account.0),
        &roles,
        by.and_then(|by| by.device).map(|device| device.0),
        session.as_ref().map(<[u8; 16]>::as_slice),
        cause.request,
        cause.traceparent,
        by.map(|by| by.origin.address.to_string()),
        by.and_then(|by| by.origin.user_agent.as_deref()),
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
    let (before, after) = (entry.before.map(|values| without_secrets(kind, values)), entry.after.map(|values| without_secrets(kind, values)));
    json!({
        "id": entry.id, "action": entry.action.name(), "kind": kind, "record": record, "title": title, "at_site": entry.site,
        "before": before, "after": after, "changed": changed, "reason": entry.reason,
    })
}

/// The values as the audit keeps them: of what is kept encrypted, that there was something.
fn without_secrets<'a>(kind: &str, values: &'a Values) -> Cow<'a, Values> {
    let sealed = resource_of(kind).into_iter().flat_map(|resource| resource.fields).filter(|field| field.is_sealed());
    sealed.fold(Cow::Borrowed(values), |values, field| match values.get(field.name) {
        None | Some(Value::Null) => values,
        Some(_) => {
            let mut values = values.into_owned();
            values.insert(field.name.to_owned(), json!(HIDDEN));
            Cow::Owned(values)
        }
    })
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

/// When a day begins on the clocks of a time zone.
pub(super) async fn beginning_of(tx: &mut TenantTx, day: Day, zone: &str) -> Result<Timestamp, Failure> {
    const UNKNOWN_ZONE: &str = "22023";
    let began = sqlx::query_scalar!(r#"select ($1::date)::timestamp at time zone $2 as "began!""#, to_stored_day(day), zone);
    match began.fetch_one(tx.connection()).await {
        Ok(began) => Ok(from_stored(began)),
        Err(error) if error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == UNKNOWN_ZONE) => {
            Err(invalid_query("There is no such time zone.").into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The newest behind a place. What is of the sites and what is one's own are asked for one after the other: each has an index that has it in order.
pub(super) async fn kept(tx: &mut TenantTx, wanted: &Wanted, after: Option<(Timestamp, i64)>, limit: u32) -> Result<Vec<KeptRow>, Fault> {
    let mut found = Vec::new();
    for of in std::iter::once(Of::Sites(&wanted.sites)).chain(wanted.own.map(Of::Own)) {
        let mut query = statement(tx, (wanted, &of), after, limit);
        // Planned for what is asked, each time: a plan for anything would read every month.
        let rows = query.build().persistent(false).fetch_all(tx.connection()).await?;
        found.extend(rows.iter().map(kept_row).collect::<Result<Vec<_>, _>>()?);
    }
    found.sort_by_key(|row| std::cmp::Reverse((row.at, row.ordinal)));
    found.truncate(limit as usize);
    Ok(found)
}

/// Whose entries are asked for.
enum Of<'w> {
    /// Those at these sites; of all, also those at none.
    Sites(&'w Sites),
    /// What the account did that is at no site.
    Own(AccountId),
}

fn statement(tx: &TenantTx, (wanted, of): (&Wanted, &Of<'_>), after: Option<(Timestamp, i64)>, limit: u32) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(
        "select id, at, ordinal, action, kind, record, title, at_site, account, roles, device, session, request, traceparent, address, user_agent,
            before, after, changed, reason from audit_entries where tid = ",
    );
    query.push_bind(tx.tenant().0);
    if let Some(actor) = wanted.actor {
        query.push(" and account = ").push_bind(actor.0);
    }
    if let Some(Asked::Kept(action)) = wanted.action {
        query.push(" and action = ").push_bind(action.name());
    }
    match wanted.result {
        Some(Outcome::Failed) => query.push(" and action = ").push_bind(Action::SignInFailed.name()),
        Some(Outcome::Done) => query.push(" and action <> ").push_bind(Action::SignInFailed.name()),
        _ => &mut query,
    };
    if let Some(kind) = &wanted.kind {
        query.push(" and kind = ").push_bind(kind.clone());
    }
    if let Some(record) = wanted.record {
        query.push(" and record = ").push_bind(record);
    }
    if let Some(device) = wanted.device {
        query.push(" and device = ").push_bind(device.0);
    }
    match of {
        Of::Sites(Sites::All) => {}
        // Of one site an index has them in order.
        Of::Sites(Sites::Only(sites)) if sites.len() == 1 => {
            query.push(" and at_site = ").push_bind(sites[0].0);
        }
        Of::Sites(Sites::Only(sites)) => {
            query.push(" and at_site = any (").push_bind(sites.iter().map(|site| site.0).collect::<Vec<_>>()).push(")");
        }
        Of::Own(account) => {
            query.push(" and at_site is null and account = ").push_bind(account.0);
        }
    }
    if let Some(since) = wanted.since {
        query.push(" and at >= ").push_bind(to_stored(since));
    }
    if let Some(until) = wanted.until {
        query.push(" and at < ").push_bind(to_stored(until));
    }
    if let Some((at, ordinal)) = after {
        // Said twice: the first spares the months behind the place.
        query.push(" and at <= ").push_bind(to_stored(at));
        query.push(" and (at, ordinal) < (").push_bind(to_stored(at)).push(", ").push_bind(ordinal).push(")");
    }
    query.push(" order by at desc, ordinal desc limit ").push_bind(i64::from(limit));
    query
}

fn kept_row(row: &PgRow) -> Result<KeptRow, sqlx::Error> {
    let values = |column: &str| {
        let values: Option<Value> = row.try_get(column)?;
        Ok::<_, sqlx::Error>(values.and_then(|values| if let Value::Object(values) = values { Some(values) } else { None }))
    };
    Ok(KeptRow {
        id: row.try_get("id")?,
        at: from_stored(row.try_get::<OffsetDateTime, _>("at")?),
        ordinal: row.try_get("ordinal")?,
        action: row.try_get("action")?,
        kind: row.try_get("kind")?,
        record: row.try_get("record")?,
        title: row.try_get("title")?,
        site: row.try_get::<Option<Uuid>, _>("at_site")?.map(SiteId),
        account: row.try_get::<Option<Uuid>, _>("account")?.map(AccountId),
        roles: row.try_get("roles")?,
        device: row.try_get::<Option<Uuid>, _>("device")?.map(DeviceId),
        session: row.try_get("session")?,
        request: row.try_get("request")?,
        traceparent: row.try_get("traceparent")?,
        address: row.try_get("address")?,
        user_agent: row.try_get("user_agent")?,
        before: values("before")?,
        after: values("after")?,
        changed: row.try_get("changed")?,
        reason: row.try_get("reason")?,
    })
}
