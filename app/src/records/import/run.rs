//! Sending a file, and hearing how far it has come.

use crate::device::json;
use crate::records::query::encoded;
use crate::shell::api::{self, ApiFailure};
use holdfast_domain::kernel::resource::{ImportLine, ImportProgress, ImportReport, Resource};

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All lines were looked at.
    Whole(ImportReport),
    /// It broke off, or the line to the server did: what is told was done, perhaps more.
    Broken(String, ImportReport),
    /// The file was not taken at all.
    Refused(String),
}

/// What is to be done with a file.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// It.
    pub bytes: &'a [u8],
    /// What its columns are; an empty one is left out.
    pub columns: &'a [String],
    /// Nothing is written.
    pub dry_run: bool,
    /// The session's token.
    pub csrf: Option<&'a str>,
}

/// Sends a file and tells how far it has come.
pub async fn send(resource: &Resource, sent: Sent<'_>, told: impl Fn(ImportProgress)) -> Ended {
    let path = format!("{}/import?dry_run={}&columns={}", resource.path, sent.dry_run, encoded(&sent.columns.join(",")));
    let mut last = None;
    let heard = |line: &str| match json::read::<ImportLine>(line) {
        Ok(ImportLine::Progress(progress)) => told(progress),
        Ok(ImportLine::Columns(_)) => {}
        Ok(ending) => last = Some(ending),
        Err(error) => leptos::logging::error!("a line of the server's answer cannot be read: {error}"),
    };
    let answer = api::post_file(&path, ("text/csv", sent.bytes), sent.csrf, heard).await;
    match (answer, last) {
        (_, Some(ImportLine::Report(report))) => Ended::Whole(report),
        (_, Some(ImportLine::Broken(broken))) => Ended::Broken(broken.code, broken.report),
        (Err(ApiFailure::Problem(problem)), _) => Ended::Refused(problem.code),
        (Ok(()) | Err(ApiFailure::Unreachable), _) => Ended::Broken("unreachable".to_owned(), ImportReport::default()),
    }
}
