//! Entries as they are told, with what their ids are called.

use super::queries::KeptRow;
use super::read::Found;
use crate::failure::Fault;
use crate::identity::{self, Rights, Subject};
use crate::records;
use crate::sync::{Act, Standing};
use crate::tenancy::TenantTx;
use holdfast_domain::audit::{Action, EntryView, Outcome};
use holdfast_domain::kernel::AccountId;
use holdfast_domain::kernel::resource::{Changes, RecordView, Values, changes_of_parts, is_masked};
use holdfast_domain::resource_of;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What ids are called.
pub(super) type Names = BTreeMap<Uuid, String>;

/// All of them.
pub(super) async fn all(tx: &mut TenantTx, rights: &Rights, found: Vec<Found>) -> Result<(Vec<EntryView>, Names), Fault> {
    let mut entries: Vec<EntryView> = found.into_iter().map(entry).collect();
    let of_records = entries.iter().filter_map(|entry| Some((resource_of(&entry.kind)?, entry.record?)));
    let records = records::as_they_are(tx, rights, of_records.collect::<Vec<_>>()).await?;
    for entry in &mut entries {
        show(rights, &records, entry);
    }
    let names = names(tx, &entries).await?;
    for entry in &mut entries {
        let known = entry.account.and_then(|account| names.get(&account.0).cloned());
        entry.name = known.or_else(|| entry.name.take());
    }
    Ok((entries, names))
}

/// Who may look at entries may not for that look at every record, nor at every field of one. Where they read some records only, the record decides as it is now.
fn show(rights: &Rights, records: &BTreeMap<Uuid, RecordView>, entry: &mut EntryView) {
    let Some(resource) = resource_of(&entry.kind) else { return };
    let nothing = Values::new();
    let record = entry.record.and_then(|id| records.get(&id));
    let subject =
        Subject { site: entry.site, maker: record.and_then(|record| record.created_by), values: record.map_or(&nothing, |record| &record.values) };
    let may_read = match (entry.site, entry.record) {
        // What is done to many is of none of them.
        (_, Some(_)) if rights.is_conditional(&resource.rights.read) => record.is_some() && rights.reaches(resource, &resource.rights.read, &subject),
        (Some(site), _) => rights.may(&resource.rights.read, Some(site)),
        (None, _) => rights.anywhere().contains(&resource.rights.read),
    };
    if may_read {
        let shown = rights.fields(resource, &resource.rights.read).show_changes(std::mem::take(&mut entry.changes), &subject);
        entry.changes = changes_of_parts(resource, shown);
    } else {
        entry.changes.clear();
        entry.title.clear();
    }
}

fn entry(found: Found) -> EntryView {
    match found {
        Found::Kept(row) => of_row(*row),
        Found::Act(act) => of_act(act),
    }
}

fn of_row(row: KeptRow) -> EntryView {
    let changes = changes(&row);
    let result = if row.action == Action::SignInFailed.name() { Outcome::Failed } else { Outcome::Done };
    EntryView {
        id: row.id,
        at: row.at,
        done_at: None,
        action: row.action,
        result,
        code: None,
        kind: row.kind,
        // What is of no one record is kept under the nil id.
        record: Some(row.record).filter(|record| !record.is_nil()),
        title: row.title,
        site: row.site,
        account: row.account,
        name: None,
        roles: row.roles,
        device: row.device,
        session: row.session.map(hex::encode),
        request: row.request,
        trace: row.traceparent.and_then(|trace| trace.split('-').nth(1).map(str::to_owned)),
        address: row.address,
        user_agent: row.user_agent,
        reason: row.reason,
        changes,
    }
}

fn changes(row: &KeptRow) -> Vec<Changes> {
    let value = |of: &Option<Values>, field: &str| of.as_ref().and_then(|values| values.get(field)).cloned().unwrap_or(Value::Null);
    let one = |field: &String| Changes { before: value(&row.before, field), after: value(&row.after, field), field: field.clone() };
    row.changed.iter().map(one).filter(says_something).collect()
}

/// Whether a field changed. Of one that is kept encrypted the entry tells nothing, and that it changed is all there is to tell.
pub(crate) fn says_something(change: &Changes) -> bool {
    change.before != change.after || is_masked(&change.before)
}

fn of_act(act: Act) -> EntryView {
    let account = act.author.parse::<AccountId>().ok();
    let changes = act.said.into_iter().map(|said| Changes { field: said.name, before: Value::Null, after: Value::String(said.value) });
    EntryView {
        id: act.intent.0,
        at: act.arrived_at,
        done_at: Some(act.done_at),
        action: act.name,
        result: match act.standing {
            Standing::Accepted => Outcome::Done,
            Standing::Held => Outcome::Held,
            Standing::Refused => Outcome::Refused,
        },
        code: act.code,
        kind: act.kind,
        record: Some(act.document.0),
        title: String::new(),
        site: act.site,
        account,
        name: account.is_none().then_some(act.author),
        roles: Vec::new(),
        device: Some(act.device),
        session: None,
        request: None,
        trace: None,
        address: None,
        user_agent: None,
        reason: None,
        changes: changes.collect(),
    }
}

/// What accounts, devices, sites and tills are called that the entries name anywhere.
async fn names(tx: &mut TenantTx, entries: &[EntryView]) -> Result<Names, Fault> {
    let mut ids = BTreeSet::new();
    for entry in entries {
        ids.extend(entry.account.map(|account| account.0));
        ids.extend(entry.device.map(|device| device.0));
        ids.extend(entry.site.map(|site| site.0));
        for change in &entry.changes {
            collect(&change.before, &mut ids);
            collect(&change.after, &mut ids);
        }
    }
    let asked: Vec<Uuid> = ids.iter().copied().collect();
    let mut names: Names = identity::account_names(tx, &asked).await?.into_iter().map(|(id, name)| (id.0, name)).collect();
    names.extend(identity::device_names(tx, &asked).await?.into_iter().map(|(id, name)| (id.0, name)));
    for site in identity::sites(tx).await? {
        names.extend(site.tills.into_iter().filter(|till| ids.contains(&till.id.0)).map(|till| (till.id.0, till.name)));
        if ids.contains(&site.id.0) {
            names.insert(site.id.0, site.name);
        }
    }
    Ok(names)
}

fn collect(value: &Value, ids: &mut BTreeSet<Uuid>) {
    match value {
        Value::String(text) => ids.extend(text.parse::<Uuid>().ok()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        _ => {}
    }
}
