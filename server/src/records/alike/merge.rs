//! Merging two records that are the same one: `POST <path>/<id>/merge`. One stays, with the values that were chosen; the other is archived and says where it went, so that whatever
//! names it still finds it. Both timelines tell.

use super::queries as own;
use crate::audit;
use crate::events::{NewEvent, event_id};
use crate::failure::{Failure, Refusal};
use crate::identity::Subject;
use crate::records::effect::{self, Written};
use crate::records::read::{show_one, told};
use crate::records::write::{
    Hand, Meant, proposed, publishable, read_reason, refuse, refuse_invalid, refuse_proposed, require_known, require_stays, title, with_rows,
};
use crate::records::{queries, refusal};
use crate::reference;
use crate::tenancy::{Done, TenantTx};
use axum::response::Response;
use holdfast_domain::audit::Action;
use holdfast_domain::kernel::resource::{FieldProblem, MergeRecords, RecordView, Resource, Values, Wrong};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Fields of an entry of the audit: what was merged into the record, and what it was merged into.
const MERGED_FROM: &str = "merged_from";
const MERGED_INTO: &str = "merged_into";

/// More fields has no resource.
const MOST_TAKEN: usize = 50;

/// The two records.
struct Both {
    kept: RecordView,
    other: RecordView,
}

/// What of the record that stays changes.
struct Taken {
    before: Values,
    after: Values,
}

/// Merges the other record into the one that is meant.
pub(in crate::records) async fn merge(hand: &Hand<'_>, meant: Meant, asked: MergeRecords) -> Result<Response, Failure> {
    let Hand { resource, app, actor } = *hand;
    let signed_in = &actor.signed_in;
    signed_in.scope_for(&resource.rights.delete)?;
    let scope = signed_in.scope_for(&resource.rights.update)?;
    if asked.from == meant.0 {
        return Err(Refusal::new(422, "merge_with_itself", "A record is not merged with itself", "Name the other one in `from`.").into());
    }
    let reason = read_reason(asked.reason.as_deref())?;
    refuse_invalid(not_to_be_taken(resource, &asked.take))?;
    let record = app
        .database
        .in_tenant::<_, Failure, _>(&scope, async |mut tx| {
            let both = both(&mut tx, hand, meant, &asked).await?;
            let taken = take(&mut tx, hand, &both, &asked.take).await?;
            own::merge(&mut tx, resource, (both.other.id, both.kept.id)).await?;
            finish(tx, hand, (both, taken), reason).await
        })
        .await?;
    app.movements.moved(signed_in.tenant);
    Ok(told(record))
}

fn not_to_be_taken(resource: &Resource, take: &[String]) -> Vec<FieldProblem> {
    if take.len() > MOST_TAKEN {
        return vec![FieldProblem::new("take", Wrong::TooLong)];
    }
    let wrong = |name: &String| match resource.field(name) {
        None => Some(FieldProblem::new(name, Wrong::UnknownField)),
        Some(field) => field.fixed.then(|| FieldProblem::new(name, Wrong::Fixed)),
    };
    take.iter().collect::<BTreeSet<_>>().into_iter().filter_map(wrong).collect()
}

/// Both, locked in the order of their ids as everywhere, in use, and at the versions that were looked at.
async fn both(tx: &mut TenantTx, hand: &Hand<'_>, (id, version): Meant, asked: &MergeRecords) -> Result<Both, Failure> {
    let resource = hand.resource;
    let mut ids = [id, asked.from];
    ids.sort();
    let mut found = Vec::new();
    for id in ids {
        found.push(queries::record(tx, resource, id, true).await?.ok_or_else(|| refusal::unknown(resource))?);
    }
    let (kept, other): (Vec<_>, Vec<_>) = found.into_iter().partition(|record| record.id == id);
    let (Some(kept), Some(other)) = (kept.into_iter().next(), other.into_iter().next()) else { return Err(refusal::unknown(resource).into()) };
    require_known(hand, &[&resource.rights.update], &kept, version.0)?;
    require_known(hand, &[&resource.rights.delete], &other, asked.from_version)?;
    for record in [&kept, &other] {
        if record.archived_at.is_none() {
            continue;
        }
        let merged = own::stands_for(tx, resource, record.id).await?.is_some();
        return Err(if merged { already_merged(record.id) } else { refusal::archived() }.into());
    }
    Ok(Both { kept, other })
}

fn already_merged(id: Uuid) -> Refusal {
    let detail = format!("{id} was merged into another record, which `merged_into` names when it is read. Merge with that one, or restore it first.");
    Refusal::new(409, "record_merged", "It was merged before", detail)
}

/// Sets what is taken from the other record.
async fn take(tx: &mut TenantTx, hand: &Hand<'_>, both: &Both, take: &[String]) -> Result<Taken, Failure> {
    let Hand { resource, actor, .. } = *hand;
    let Both { kept, other } = both;
    let fields = actor.signed_in.rights.fields(resource, &resource.rights.update);
    fields.require_write(take.iter().map(String::as_str), &Subject::of(resource, kept))?;
    let value = |of: &RecordView, name: &String| of.values.get(name).cloned().unwrap_or(Value::Null);
    let after: Values = take.iter().map(|name| (name.clone(), value(other, name))).filter(|(name, theirs)| value(kept, name) != *theirs).collect();
    let before: Values = after.keys().map(|name| (name.clone(), value(kept, name))).collect();
    if !after.is_empty() {
        require_stays(hand, fields.takes(), (kept, &after))?;
        refuse_proposed(tx, resource, (kept.id, &proposed(kept, &after))).await?;
        queries::update_record(tx, resource, kept.id, &after).await.map_err(|error| refuse(resource, &after, error))?;
    }
    Ok(Taken { before, after })
}

/// The audit's entry on each of them, what the module does beside, the event, and the feed, which comes last.
async fn finish(mut tx: TenantTx, hand: &Hand<'_>, (both, taken): (Both, Taken), reason: Option<&str>) -> Result<Done<RecordView>, Failure> {
    let Hand { resource, app, actor } = *hand;
    let mut now = Vec::new();
    for id in [both.kept.id, both.other.id] {
        now.push(queries::record(&mut tx, resource, id, false).await?.ok_or_else(|| refusal::unknown(resource))?);
    }
    let [kept, other] = <[RecordView; 2]>::try_from(now).expect("two were read");
    let pointing = |field: &str, to: Uuid| (field.to_owned(), json!(to));
    let mut after = taken.after.clone();
    after.extend([pointing(MERGED_FROM, other.id)]);
    let gone: Values = [pointing(MERGED_INTO, kept.id)].into_iter().collect();
    let entry = |record: &'_ RecordView| (resource.kind, record.id, title(resource, &record.values).to_owned());
    let (of_kept, of_other) = (entry(&kept), entry(&other));
    let entries =
        [(&of_kept, &kept, Some(&taken.before), &after), (&of_other, &other, None, &gone)].map(|((kind, id, title), record, before, after)| {
            audit::Entry {
                id: app.environment.new_id(),
                action: Action::Merge,
                record: (*kind, *id, title.as_str()),
                site: resource.site_of(*id, &record.values),
                before,
                after: Some(after),
                reason,
            }
        });
    audit::write(&mut tx, actor, &entries).await?;
    let written = [&kept, &other].map(|record| Written {
        resource,
        id: record.id,
        values: &record.values,
        before: None,
        archived: record.archived_at.is_some(),
    });
    let rows = effect::written(&mut tx, resource, &written).await?;
    let event = event(resource, (&kept, &other), &taken, &tx);
    let mut kept = kept;
    show_one(&mut tx, resource, &actor.signed_in.rights, &mut kept).await?;
    reference::write_with(&mut tx, rows, vec![event]).await?;
    Ok(tx.done(kept))
}

fn event(resource: &Resource, (kept, other): (&RecordView, &RecordView), Taken { before, after }: &Taken, tx: &TenantTx) -> NewEvent {
    // Whatever is merged is archived by it, at a version that it has once.
    let cause = event_id(&format!("{}:merged:{}", resource.kind, other.version), other.id);
    let changed: Vec<&String> = after.keys().collect();
    NewEvent {
        id: event_id(resource.merged, cause),
        kind: resource.merged,
        subject: kept.id.to_string(),
        site: resource.site_of(kept.id, &kept.values),
        occurred_at: tx.now(),
        data: with_rows(
            json!({
                "id": kept.id,
                "version": kept.version,
                "merged": other.id,
                "merged_version": other.version,
                "changed": changed,
                "values": publishable(resource, after),
            }),
            resource,
            (Some(before), Some(after)),
        ),
    }
}
