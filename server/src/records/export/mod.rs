//! A list as a file: CSV (RFC 4180), in UTF-8 with a byte order mark, which spreadsheets ask for; or a workbook (Office Open XML, ECMA-376), in which numbers,
//! amounts and days are such.

mod sheet;

use super::cell::write;
use super::list::{self, Asked};
use super::refusal::invalid_query;
use super::sealed;
use crate::audit::{self, Actor};
use crate::failure::{Failure, Fault};
use crate::http::App;
use crate::identity::Fields;
use crate::tenancy::TenantTx;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use holdfast_domain::audit::Action;
use holdfast_domain::kernel::resource::{Field, RecordView, Resource, of_leaf};
use serde_json::{Value, json};
use sheet::Sheet;
use uuid::Uuid;

/// The most records of one file; whoever has more narrows the list.
const MOST: u64 = 100_000;
/// Records read at once.
const STEP: u32 = 1_000;
/// The word of the query that says what kind of file it is to be. No field of Rust's is called so.
pub(super) const AS: &str = "as";
/// The media type of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file that is being written.
enum File {
    Csv(Box<csv::Writer<Vec<u8>>>),
    Xlsx(Box<Sheet>),
}

/// The file.
pub(super) async fn export(resource: &'static Resource, app: &App, actor: &Actor, query: &[(String, String)]) -> Result<Response, Failure> {
    let scope = actor.signed_in.scope_for(&resource.rights.export)?;
    actor.signed_in.rights.require_somewhere(&resource.rights.read)?;
    // As much as they may read, and take out.
    let fields = actor.signed_in.rights.fields(resource, &resource.rights.read).and(&resource.rights.export);
    let (kinds, narrowing): (Vec<_>, Vec<_>) = query.iter().cloned().partition(|(name, _)| name == AS);
    let asked = Asked::read(resource, &narrowing)?;
    asked.refuse_hidden(resource, &fields)?;
    if asked.is_a_part() {
        return Err(invalid_query("A file holds the whole list: leave q, after and limit out.").into());
    }
    // Where a record is at a site, or only some may be read, more may be told of one than of another.
    let shown = |field: &&Field| resource.site.is_some() || !fields.reached().is_empty() || fields.of_all(field.whole()).shows();
    let columns: Vec<&Field> = resource.leaves().filter(shown).collect();
    let mut file = File::begin((resource, &columns), app, &kinds)?;
    let mut tx = app.database.tenant(scope).await?;
    if list::count(&mut tx, &fields, &asked, MOST).await? > MOST {
        return Err(invalid_query(format!("A file holds at most {MOST} records: narrow the list.")).into());
    }
    let told = write_all(&mut tx, (&fields, &columns), asked, &mut file).await?;
    note(&mut tx, resource, (app, actor), (query, told)).await?;
    tx.commit().await?;
    file.finish(resource).await
}

async fn write_all(tx: &mut TenantTx, (fields, columns): (&Fields<'_>, &[&Field]), mut asked: Asked, file: &mut File) -> Result<u64, Failure> {
    let mut told = 0;
    loop {
        let (mut records, next) = list::step(tx, fields, &asked, STEP).await?;
        // A file goes where nobody asks for rights any more.
        sealed::hide(fields.resource(), &mut records);
        for record in &mut records {
            fields.show(record);
            file.line(columns, record)?;
        }
        told += records.len() as u64;
        match next {
            Some(place) => asked.go_on(place),
            None => return Ok(told),
        }
    }
}

impl File {
    fn begin((resource, columns): (&Resource, &[&Field]), app: &App, kinds: &[(String, String)]) -> Result<Self, Failure> {
        let head = || ["id", "archived"].into_iter().chain(columns.iter().map(|field| field.name));
        match kinds {
            [] => Self::csv(head()),
            [(_, kind)] if kind == "csv" => Self::csv(head()),
            [(_, kind)] if kind == "xlsx" => Ok(Self::Xlsx(Box::new(Sheet::begin(resource, head(), app.environment.now())?))),
            _ => Err(invalid_query("A file is as=csv or as=xlsx.").into()),
        }
    }

    fn csv(head: impl Iterator<Item = &'static str>) -> Result<Self, Failure> {
        let mut file = csv::Writer::from_writer(vec![0xef, 0xbb, 0xbf]);
        file.write_record(head).map_err(unwritten)?;
        Ok(Self::Csv(Box::new(file)))
    }

    fn line(&mut self, columns: &[&Field], record: &RecordView) -> Result<(), Failure> {
        let values = columns.iter().map(|field| (*field, of_leaf(&record.values, field).unwrap_or(&Value::Null)));
        match self {
            Self::Csv(file) => {
                let first = [record.id.to_string(), record.archived_at.is_some().to_string()];
                file.write_record(first.into_iter().chain(values.map(|(field, value)| write(field, value)))).map_err(unwritten)?;
            }
            Self::Xlsx(sheet) => sheet.line((record.id, record.archived_at.is_some()), values)?,
        }
        Ok(())
    }

    async fn finish(self, resource: &Resource) -> Result<Response, Failure> {
        let (kind, end, bytes) = match self {
            Self::Csv(file) => {
                let bytes = file.into_inner().map_err(|error| Fault::because(format!("a file was not written: {error}")))?;
                ("text/csv; charset=utf-8", "csv", bytes)
            }
            Self::Xlsx(sheet) => (XLSX, "xlsx", sheet.finish().await?),
        };
        let name = format!("attachment; filename=\"{}.{end}\"", resource.plural);
        Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
    }
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
