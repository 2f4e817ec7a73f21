//! Many records out of a file. Lines are taken in by five hundred, each batch in one transaction with its audit and its events; what is wrong with a line
//! concerns that line alone. Sent again, a file changes nothing that it did not have to.

mod batch;
mod file;
mod judge;
mod plan;
mod write;

use super::{Hand, queries};
use crate::audit::{self, Actor};
use crate::failure::{Failure, Fault, Refusal};
use crate::http::App;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use batch::Outcome;
use file::File;
use holdfast_domain::kernel::resource::{BrokenImport, ImportLine, ImportProgress, ImportReport, MOST_REFUSED_TOLD, Resource};
use plan::Plan;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

/// The most bytes of a file.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Lines of one transaction.
const STEP: usize = 500;
/// So many records more may change how a list is best read.
const WORTH_COUNTING: u64 = 1_000;

/// So many imports at once on a server: each holds a whole file, for as long as its answer is read.
static PLACES: Semaphore = Semaphore::const_new(4);

/// An import under way.
struct Import {
    _place: SemaphorePermit<'static>,
    app: App,
    actor: Actor,
    plan: Arc<Plan>,
    file: File,
    done: usize,
    report: ImportReport,
    next: Next,
}

/// What is told next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Columns,
    Batch,
    Report,
    Nothing,
}

/// Takes a file in. What is wrong with it as a whole is refused before anything is written; then the answer grows as the work does.
pub(super) async fn import(
    resource: &'static Resource,
    (app, actor): (App, Actor),
    (query, headers, body): (&[(String, String)], &HeaderMap, Bytes),
) -> Result<Response, Failure> {
    let rights = &actor.signed_in.rights;
    for permission in [&resource.rights.bulk_edit, &resource.rights.create, &resource.rights.update] {
        rights.require_somewhere(permission)?;
    }
    check_content_type(headers)?;
    let place = PLACES.try_acquire().map_err(|_| {
        let refusal = Refusal::new(503, "imports_busy", "Other files are being taken in", "Try again in a moment.");
        Refusal { retry_after_s: Some(5), ..refusal }
    })?;
    let asked = plan::Asked::read(query)?;
    let file = File::read(resource, &body, asked.columns.as_deref())?;
    let plan = Arc::new(Plan::make(resource, &app, &asked, &file).await?);
    let report = ImportReport { lines: file.lines.len() as u64, ..ImportReport::default() };
    let import = Import { _place: place, app, actor, plan, file, done: 0, report, next: Next::Columns };
    let lines = futures::stream::unfold(import, |mut import| async move {
        let line = import.line().await?;
        let mut written = serde_json::to_vec(&line).expect("a line of an answer is JSON");
        written.push(b'\n');
        Some((Ok::<_, Infallible>(written), import))
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")], Body::from_stream(lines)).into_response())
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_csv = given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv");
    if is_csv { Ok(()) } else { Err(Refusal::new(415, "unsupported_content_type", "This content type is not taken here", "Send text/csv.")) }
}

impl Import {
    async fn line(&mut self) -> Option<ImportLine> {
        match self.next {
            Next::Columns => {
                self.next = if self.file.lines.is_empty() { Next::Report } else { Next::Batch };
                Some(ImportLine::Columns(self.file.all.iter().map(|column| column.name()).collect()))
            }
            Next::Batch => Some(match self.batch().await {
                Ok(()) => {
                    self.next = if self.done < self.file.lines.len() { Next::Batch } else { Next::Report };
                    ImportLine::Progress(ImportProgress { done: self.done as u64, of: self.report.lines })
                }
                Err(failure) => self.broken(failure),
            }),
            Next::Report => Some(match self.note().await {
                Ok(()) => {
                    self.next = Next::Nothing;
                    ImportLine::Report(std::mem::take(&mut self.report))
                }
                Err(failure) => self.broken(failure),
            }),
            Next::Nothing => None,
        }
    }

    async fn batch(&mut self) -> Result<(), Failure> {
        let until = (self.done + STEP).min(self.file.lines.len());
        let hand = Hand { resource: self.plan.resource, app: &self.app, actor: &self.actor };
        let outcome = batch::take_in(&hand, &self.plan, &self.file.columns, &self.file.lines[self.done..until]).await?;
        self.done = until;
        self.count(outcome);
        Ok(())
    }

    fn count(&mut self, outcome: Outcome) {
        self.plan.note(outcome.said);
        self.report.created += outcome.created;
        self.report.changed += outcome.changed;
        self.report.unchanged += outcome.unchanged;
        self.report.refused += outcome.refused.len() as u64;
        let room = MOST_REFUSED_TOLD - self.report.problems.len();
        self.report.problems.extend(outcome.refused.into_iter().take(room));
        if !self.plan.dry_run && outcome.created + outcome.changed > 0 {
            self.app.movements.moved(self.actor.signed_in.tenant);
        }
    }

    fn broken(&mut self, failure: Failure) -> ImportLine {
        self.next = Next::Nothing;
        let code = match failure {
            Failure::Refusal(refusal) => refusal.code,
            Failure::Fault(fault) => {
                tracing::error!(error = %fault, resource = self.plan.resource.kind, "an import broke off");
                "internal"
            }
        };
        ImportLine::Broken(BrokenImport { code: code.to_owned(), report: std::mem::take(&mut self.report) })
    }

    /// Who brought in what is kept; of each record, its own timeline tells.
    async fn note(&self) -> Result<(), Failure> {
        if self.plan.dry_run {
            return Ok(());
        }
        let mut tx = self.app.database.tenant(self.actor.signed_in.scope()).await?;
        let ImportReport { lines, created, changed, refused, .. } = &self.report;
        let after = json!({ "lines": lines, "created": created, "changed": changed, "refused": refused }).as_object().cloned();
        let entry = audit::Entry {
            id: self.app.environment.new_id(),
            action: "import",
            // Of no one record, as an export.
            record: (self.plan.resource.kind, Uuid::nil(), self.plan.resource.plural),
            site: None,
            before: None,
            after: after.as_ref(),
            reason: None,
        };
        audit::write(&mut tx, &self.actor, std::slice::from_ref(&entry)).await?;
        tx.commit().await?;
        if created + changed >= WORTH_COUNTING
            && let Err(fault) = self.count_table().await
        {
            // Postgres counts by itself within minutes.
            tracing::warn!(error = %fault, resource = self.plan.resource.kind, "a table that has grown was not counted");
        }
        Ok(())
    }

    async fn count_table(&self) -> Result<(), Fault> {
        let mut tx = self.app.database.tenant(self.actor.signed_in.scope()).await?;
        queries::count_resource(&mut tx, self.plan.resource).await?;
        tx.commit().await
    }
}
