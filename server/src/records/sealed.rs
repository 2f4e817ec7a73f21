//! Fields that are kept encrypted: sealed on their way into the table and opened on their way out, in [`queries`](super::queries) alone. Whatever else tells values asks here first.

use crate::field_keys::Place;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::resource::{Field, HIDDEN, RecordView, Resource, Values, masked};
use serde_json::Value;
use std::borrow::Cow;
use uuid::Uuid;

fn sealed_fields(resource: &Resource) -> impl Iterator<Item = &'static Field> + use<> {
    resource.fields.iter().filter(|field| field.is_sealed())
}

fn place<'a>(tx: &TenantTx, resource: &'a Resource, (record, field): (Uuid, &'a Field)) -> Place<'a> {
    Place { tenant: tx.tenant(), kind: resource.kind, record, field: field.name }
}

/// The values as their table keeps them.
pub(super) fn seal<'a>(tx: &TenantTx, resource: &Resource, (id, values): (Uuid, &'a Values)) -> Cow<'a, Values> {
    sealed_fields(resource).fold(Cow::Borrowed(values), |values, field| match values.get(field.name).and_then(Value::as_str) {
        // What was told of a value that could not be opened: an import writes all of a record, and leaves such a one as it is.
        None | Some(HIDDEN) => values,
        Some(text) => {
            let sealed = tx.field_keys().seal(&place(tx, resource, (id, field)), text);
            let mut values = values.into_owned();
            values.insert(field.name.to_owned(), Value::String(sealed));
            Cow::Owned(values)
        }
    })
}

/// The way back. What cannot be opened is somebody's to look at here, and no reason to withhold the rest of the record.
pub(super) fn open(tx: &TenantTx, resource: &Resource, record: &mut RecordView) {
    for field in sealed_fields(resource) {
        let Some(Value::String(value)) = record.values.get_mut(field.name) else { continue };
        *value = tx.field_keys().open(&place(tx, resource, (record.id, field)), value).unwrap_or_else(|unopened| {
            tracing::error!(error = %unopened, table = resource.plural, record.id = %record.id, field = field.name, "an encrypted value does not open");
            HIDDEN.to_owned()
        });
    }
}

/// Leaves of each record what tells two of one's own apart: where many are told at once, nobody reads what they did not ask for.
pub(super) fn hide(resource: &Resource, records: &mut [RecordView]) {
    for field in sealed_fields(resource) {
        for value in records.iter_mut().filter_map(|record| record.values.get_mut(field.name)) {
            *value = masked(field, value);
        }
    }
}
