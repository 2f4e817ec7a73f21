//! Many records out of a file. Lines are taken in by five hundred, each batch in one transaction with its audit and its events; what is wrong with a line
//! concerns that line alone. Sent again, a file changes nothing that it did not have to.

mod alike;
mod batch;
mod file;
mod judge;
mod plan;
mod write;

use super::{Hand, queries};
use crate::audit::{self, Actor};
use crate::failure::{Failure, Refusal};
use crate::http::App;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use batch::Outcome;
use file::File;
use futures::SinkExt as _;
use futures::channel::mpsc;
use holdfast_domain::audit::Action;
use holdfast_domain::kernel::resource::{
    BrokenImport, Field, ImportLine, ImportProgress, ImportReport, MOST_ALIKE_TOLD, MOST_REFUSED_TOLD, Resource,
};
use plan::Plan;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tracing::Instrument as _;
use uuid::Uuid;

/// The most bytes of a file.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// How long a reader may stand still: each import holds one of few places.
const PATIENCE: Duration = Duration::from_secs(60);
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
    /// How many records it had written when their table was counted last.
    counted: u64,
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
    let fields = rights.fields(resource, &resource.rights.bulk_edit).and(&resource.rights.create).and(&resource.rights.update);
    fields.require_write_of_all(file.columns.iter().filter_map(|column| column.field()).map(Field::whole))?;
    let plan = Arc::new(Plan::make(resource, &app, &asked, &file).await?);
    let report = ImportReport { lines: file.lines.len() as u64, ..ImportReport::default() };
    let import = Import { _place: place, app, actor, plan, file, done: 0, counted: 0, report, next: Next::Columns };
    // A task of its own: who leaves takes the answer along, and not the entry that says how far it came.
    let (told, lines) = mpsc::channel(0);
    tokio::spawn(import.run(told).in_current_span());
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")], Body::from_stream(lines)).into_response())
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_csv = given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv");
    if is_csv { Ok(()) } else { Err(Refusal::new(415, "unsupported_content_type", "This content type is not taken here", "Send text/csv.")) }
}

impl Import {
    /// Takes all lines in, or as many as somebody waits for; the batch that is under way is finished.
    async fn run(mut self, mut told: mpsc::Sender<Result<Vec<u8>, Infallible>>) {
        while let Some(line) = self.line().await {
            let mut written = serde_json::to_vec(&line).expect("a line of an answer is JSON");
            written.push(b'\n');
            let heard = timeout(PATIENCE, told.send(Ok(written))).await;
            if !matches!(heard, Ok(Ok(()))) {
                return self.left().await;
            }
        }
    }

    /// The rest is not taken in.
    async fn left(&self) {
        if matches!(self.next, Next::Batch | Next::Report)
            && let Err(failure) = self.note().await
        {
            tracing::error!(error = ?failure, resource = self.plan.resource.kind, "an import that ended early was not noted");
        }
    }

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
                Err(failure) => {
                    // What was written stands, and so does who wrote it.
                    self.left().await;
                    self.broken(failure)
                }
            }),
            Next::Report => Some(match self.note().await {
                Ok(()) => {
                    if self.written() >= WORTH_COUNTING && self.written() > self.counted {
                        self.count_table().await;
                    }
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
        if self.written() >= WORTH_COUNTING.max(self.counted * 4) {
            self.count_table().await;
        }
        Ok(())
    }

    /// How many records it has written.
    fn written(&self) -> u64 {
        if self.plan.dry_run { 0 } else { self.report.created + self.report.changed }
    }

    fn count(&mut self, outcome: Outcome) {
        let before = self.written();
        self.plan.note(outcome.said, outcome.told);
        self.report.created += outcome.created;
        self.report.changed += outcome.changed;
        self.report.unchanged += outcome.unchanged;
        self.report.refused += outcome.refused.len() as u64;
        let room = MOST_REFUSED_TOLD - self.report.problems.len();
        self.report.problems.extend(outcome.refused.into_iter().take(room));
        self.report.alike += outcome.alike.len() as u64;
        let room = MOST_ALIKE_TOLD - self.report.alikes.len();
        self.report.alikes.extend(outcome.alike.into_iter().take(room));
        if self.written() > before {
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

    /// Who brought in what is kept, and how far it came; of each record, its own timeline tells.
    async fn note(&self) -> Result<(), Failure> {
        if self.plan.dry_run {
            return Ok(());
        }
        let mut tx = self.app.database.tenant(self.actor.signed_in.scope()).await?;
        let ImportReport { lines, created, changed, refused, .. } = &self.report;
        let after = json!({ "lines": lines, "done": self.done, "created": created, "changed": changed, "refused": refused }).as_object().cloned();
        let entry = audit::Entry {
            id: self.app.environment.new_id(),
            action: Action::Import,
            // Of no one record, as an export.
            record: (self.plan.resource.kind, Uuid::nil(), self.plan.resource.plural),
            site: None,
            before: None,
            after: after.as_ref(),
            reason: None,
        };
        audit::write(&mut tx, &self.actor, std::slice::from_ref(&entry)).await?;
        Ok(tx.commit().await?)
    }

    /// Has the table counted: what a batch looks up is planned by that, and so are lists.
    async fn count_table(&mut self) {
        self.counted = self.written();
        let counted = async {
            let mut tx = self.app.database.tenant(self.actor.signed_in.scope()).await?;
            queries::count_resource(&mut tx, self.plan.resource).await?;
            tx.commit().await
        };
        if let Err(fault) = counted.await {
            // Postgres counts by itself within minutes.
            tracing::warn!(error = %fault, resource = self.plan.resource.kind, "a table that has grown was not counted");
        }
    }
}
