//! Records that are probably the same one: finding them, and merging two.

mod merge;
mod queries;

use crate::failure::Failure;
use crate::identity::Rights;
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
    if record.archived_at.is_some() {
        if let Some((id, name)) = queries::stands_for(tx, resource, record.id).await? {
            record.merged_into = Some(id);
            record.names.insert(id, name);
        }
        return Ok(());
    }
    let fields = rights.fields(resource, &resource.rights.read);
    let site = resource.site_of(record.id, &record.values);
    let told = |field: &Field| fields.access(field.name, site).reads();
    record.alike = of(tx, resource, &[(record.id, &record.values)], told).await?.remove(&record.id).unwrap_or_default();
    Ok(())
}

/// For each record the others in use that say the same in one of these fields, the ones with the most in common first.
pub(super) async fn of(
    tx: &mut TenantTx,
    resource: &'static Resource,
    records: &[(Uuid, &Values)],
    told: impl Fn(&Field) -> bool,
) -> Result<BTreeMap<Uuid, Vec<Alike>>, Failure> {
    let mut found: BTreeMap<Uuid, BTreeMap<Uuid, Alike>> = BTreeMap::new();
    for field in resource.fields.iter().filter(|field| told(field)) {
        let Some(likeness) = field.alike else { continue };
        let wanted = |(own, values): &(Uuid, &Values)| Some(Wanted { own: *own, key: likeness.key_of(values, field.name)? });
        let wanted: Vec<Wanted> = records.iter().filter_map(wanted).collect();
        if wanted.is_empty() {
            continue;
        }
        for other in queries::alike(tx, (resource, field), &wanted, MOST).await? {
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
