//! Many records out of a file: `POST <path>/import`, a body of `text/csv`.
//!
//! The query may say `dry_run=true` (nothing is written), `match=<field>` (how a line finds the record that is there already: `id`, a field that no two
//! records share, or one that mostly belongs to one alone; without it the first of these that is a column, but for a telephone, which a household shares), `columns=<field>,,<field>` (what the file's columns are, in their order; an empty one is left out) and `currency=EUR` (of amounts that say none).
//! The answer is `application/x-ndjson`: an [`ImportLine`] per line, [`ImportLine::Columns`] first, [`ImportLine::Report`] or [`ImportLine::Broken`] last.

use super::alike::Alike;
use super::check::FieldProblem;
use serde::{Deserialize, Serialize};

/// The most lines of a file.
pub const MOST_IMPORTED: u64 = 100_000;
/// The most refused lines that are told one by one; more are counted.
pub const MOST_REFUSED_TOLD: usize = 1_000;

/// The most lines that are told one by one because their records are probably there already; more are counted.
pub const MOST_ALIKE_TOLD: usize = 200;

/// A line of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportLine {
    /// What each of the file's columns was taken for, in their order; `null` where it was left out.
    Columns(Vec<Option<String>>),
    /// How far it is.
    Progress(ImportProgress),
    /// All of it was looked at.
    Report(ImportReport),
    /// It broke off: what the report counts so far is done, the rest is not. The same file can be sent again.
    Broken(BrokenImport),
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportProgress {
    /// Lines done.
    pub done: u64,
    /// Lines in all.
    pub of: u64,
}

/// What became of the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportReport {
    /// Lines in all, without the head.
    pub lines: u64,
    /// Records that were made, or would be.
    pub created: u64,
    /// Records that were changed, or would be.
    pub changed: u64,
    /// Lines that say what is there already.
    pub unchanged: u64,
    /// Lines that were not taken. All others were.
    pub refused: u64,
    /// The first [`MOST_REFUSED_TOLD`] of them, in their order.
    pub problems: Vec<RefusedLine>,
    /// Lines that were taken, though another record or an earlier line is probably the same one.
    #[serde(default)]
    pub alike: u64,
    /// The first [`MOST_ALIKE_TOLD`] of them, in their order.
    #[serde(default)]
    pub alikes: Vec<AlikeLine>,
}

/// A line whose record is probably there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlikeLine {
    /// Where it begins in the file, counted from 1, the head included.
    pub line: u64,
    /// The records that are probably the same one.
    pub records: Vec<Alike>,
    /// The earlier lines that are.
    pub lines: Vec<u64>,
}

/// A line that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedLine {
    /// Where it begins in the file, counted from 1, the head included: as an editor counts.
    pub line: u64,
    /// Each field that is wrong; `""` where it is the line as a whole.
    pub problems: Vec<FieldProblem>,
}

/// Why an import broke off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrokenImport {
    /// The stable code of a problem.
    pub code: String,
    /// What was done before.
    pub report: ImportReport,
}
