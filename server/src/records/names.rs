//! What the records are called that a record's fields name.

use super::queries;
use crate::failure::Failure;
use crate::identity::Rights;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::resource::{RecordView, Resource, Shape};
use holdfast_domain::resource_of;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Adds the names to each record, as far as the reader may look at what is named.
pub(super) async fn add(tx: &mut TenantTx, resource: &Resource, rights: &Rights, records: &mut [RecordView]) -> Result<(), Failure> {
    let mut wanted: BTreeMap<&'static str, BTreeSet<Uuid>> = BTreeMap::new();
    for field in resource.fields {
        let Shape::Reference(kind) = field.shape else { continue };
        let ids = records.iter().filter_map(|record| record.values.get(field.name)?.as_str()?.parse::<Uuid>().ok());
        wanted.entry(kind).or_default().extend(ids);
    }
    let mut names: BTreeMap<Uuid, String> = BTreeMap::new();
    for (kind, ids) in wanted {
        let Some(named) = resource_of(kind).filter(|named| rights.require_somewhere(&named.rights.read).is_ok()) else { continue };
        names.extend(queries::titles(tx, &rights.fields(named, &named.rights.read), &ids.into_iter().collect::<Vec<_>>()).await?);
    }
    for record in records {
        let ids = record.values.values().filter_map(|value| value.as_str()?.parse::<Uuid>().ok());
        record.names.extend(ids.filter_map(|id| Some((id, names.get(&id)?.clone()))).collect::<Vec<_>>());
    }
    Ok(())
}
