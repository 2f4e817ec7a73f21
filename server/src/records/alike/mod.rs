//! Records that are probably the same one: finding them, and merging two.

mod merge;
mod queries;

use crate::failure::Failure;
use crate::identity::{Fields, Rights, Subject};
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::resource::{Alike, Field, RecordView, Resource, Values};
use queries::Wanted;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) use merge::merge;

/// As many are told of for each field.
const MOST: i64 = 5;

/// Says of a record, as it is kept, which others are probably the same one, and for which it was merged. Who does not read a field whole is told nothing that rests on it.
pub(super) async fn add(tx: &mut TenantTx, resource: &'static Resource, rights: &Rights, record: &mut RecordView) -> Result<(), Failure> {
    if !resource.merges() {
        return Ok(());
    }
    let fields = rights.fields(resource, &resource.rights.read);
    if record.archived_at.is_some() {
        let stands_for = queries::stands_for(tx, resource, record.id).await?;
        // One that is not for them to see is as if it were not there.
        for (id, name) in crate::records::queries::titles(tx, &fields, &stands_for.into_iter().collect::<Vec<_>>()).await? {
            record.merged_into = Some(id);
            record.names.insert(id, name);
        }
        return Ok(());
    }
    let access = fields.of(&Subject::of(resource, record));
    let told = |field: &Field| access(field.name).reads();
    record.alike = of(tx, &fields, &[(record.id, &record.values)], told).await?.remove(&record.id).unwrap_or_default();
    Ok(())
}

/// For each record the others in use within reach that say the same in one of these fields, the ones with the most in common first.
pub(super) async fn of(
    tx: &mut TenantTx,
    fields: &Fields<'_>,
    records: &[(Uuid, &Values)],
    told: impl Fn(&Field) -> bool,
) -> Result<BTreeMap<Uuid, Vec<Alike>>, Failure> {
    let mut found: BTreeMap<Uuid, BTreeMap<Uuid, Alike>> = BTreeMap::new();
    for field in fields.resource().fields.iter().filter(|field| told(field)) {
        let Some(likeness) = field.alike else { continue };
        let wanted = |(own, values): &(Uuid, &Values)| Some(Wanted { own: *own, key: likeness.key_of(values, field.name)? });
        let wanted: Vec<Wanted> = records.iter().filter_map(wanted).collect();
        if wanted.is_empty() {
            continue;
        }
        for other in queries::alike(tx, (fields, field), &wanted, MOST).await? {
            let Some(Wanted { own, .. }) = wanted.get(other.n) else { continue };
            let same = found.entry(*own).or_default().entry(other.id);
            same.or_insert_with(|| Alike { id: other.id, name: other.name, fields: Vec::new() }).fields.push(field.name.to_owned());
        }
    }
    let in_order = |same: BTreeMap<Uuid, Alike>| {
        let mut same: Vec<Alike> = same.into_values().collect();
        same.sort_by_key(|other| std::cmp::Reverse(other.fields.len()));
        same
    };
    Ok(found.into_iter().map(|(own, same)| (own, in_order(same))).collect())
}
