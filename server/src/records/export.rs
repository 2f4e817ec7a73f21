//! A list as a file: CSV (RFC 4180), in UTF-8 with a byte order mark, which spreadsheets ask for.

use super::cell::write;
use super::list::{self, Asked};
use super::refusal::invalid_query;
use crate::audit::{self, Actor};
use crate::failure::{Failure, Fault};
use crate::http::App;
use crate::identity::Fields;
use crate::tenancy::TenantTx;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use holdfast_domain::audit::Action;
use holdfast_domain::kernel::resource::{Field, RecordView, Resource};
use serde_json::{Value, json};
use uuid::Uuid;

/// The most records of one file; whoever has more narrows the list.
const MOST: u64 = 100_000;
/// Records read at once.
const STEP: u32 = 1_000;

/// The file.
pub(super) async fn export(resource: &'static Resource, app: &App, actor: &Actor, query: &[(String, String)]) -> Result<Response, Failure> {
    let scope = actor.signed_in.scope_for(&resource.rights.export)?;
    actor.signed_in.rights.require_somewhere(&resource.rights.read)?;
    // As much as they may read, and take out.
    let fields = actor.signed_in.rights.fields(resource, &resource.rights.read).and(&resource.rights.export);
    let asked = Asked::read(resource, query)?;
    asked.refuse_hidden(resource, &fields)?;
    if asked.is_a_part() {
        return Err(invalid_query("A file holds the whole list: leave q, after and limit out.").into());
    }
    let mut tx = app.database.tenant(scope).await?;
    if list::count(&mut tx, resource, &asked, MOST).await? > MOST {
        return Err(invalid_query(format!("A file holds at most {MOST} records: narrow the list.")).into());
    }
    let mut file = csv::Writer::from_writer(vec![0xef, 0xbb, 0xbf]);
    // Where a record is at a site, more may be told of one than of another.
    let shown = |field: &&Field| resource.site.is_some() || fields.of_all(field.name).shows();
    let columns: Vec<&Field> = resource.fields.iter().filter(shown).collect();
    let head = ["id", "archived"].into_iter().chain(columns.iter().map(|field| field.name));
    file.write_record(head).map_err(unwritten)?;
    let told = write_all(&mut tx, (resource, &fields, &columns), asked, &mut file).await?;
    note(&mut tx, resource, (app, actor), (query, told)).await?;
    tx.commit().await?;
    let bytes = file.into_inner().map_err(|error| Fault::because(format!("a file was not written: {error}")))?;
    let name = format!("attachment; filename=\"{}.csv\"", resource.plural);
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

async fn write_all(
    tx: &mut TenantTx,
    (resource, fields, columns): (&'static Resource, &Fields<'_>, &[&Field]),
    mut asked: Asked,
    file: &mut csv::Writer<Vec<u8>>,
) -> Result<u64, Failure> {
    let mut told = 0;
    loop {
        let (mut records, next) = list::step(tx, resource, &asked, STEP).await?;
        for record in &mut records {
            fields.show(record);
            file.write_record(line(columns, record)).map_err(unwritten)?;
        }
        told += records.len() as u64;
        match next {
            Some(place) => asked.go_on(place),
            None => return Ok(told),
        }
    }
}

fn line(columns: &[&Field], record: &RecordView) -> Vec<String> {
    let fields = columns.iter().map(|field| write(field, record.values.get(field.name).unwrap_or(&Value::Null)));
    [record.id.to_string(), record.archived_at.is_some().to_string()].into_iter().chain(fields).collect()
}

/// Who took what out is kept: a file goes where nobody asks for rights any more.
async fn note(
    tx: &mut TenantTx,
    resource: &Resource,
    (app, actor): (&App, &Actor),
    (query, told): (&[(String, String)], u64),
) -> Result<(), Failure> {
    let narrowed: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let after = json!({ "records": told, "narrowed": narrowed }).as_object().cloned();
    let entry = audit::Entry {
        id: app.environment.new_id(),
        action: Action::Export,
        // Of no one record: nobody's timeline tells it, and the nil id is nobody's.
        record: (resource.kind, Uuid::nil(), resource.plural),
        site: None,
        before: None,
        after: after.as_ref(),
        reason: None,
    };
    Ok(audit::write(tx, actor, std::slice::from_ref(&entry)).await?)
}

fn unwritten(error: csv::Error) -> Fault {
    Fault::new("write a file of records", error)
}
