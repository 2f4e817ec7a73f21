//! Many records changed at once: `POST <path>/bulk` with [`BulkEdit`] → [`BulkReport`].
//!
//! Each record is judged alone, by the rules of a change of it by itself: one that is refused stays as it is, the others are changed. With `dry_run` nothing is written, and the answer says what
//! would come of it. It takes the right `bulk_edit` beside the one that the same takes of a single record. All of it is one transaction, and one correlation id.

use super::check::FieldProblem;
use super::list::Values;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most records of one request.
pub const MOST_BULK: usize = 1_000;

/// The body of `POST <path>/bulk`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkEdit {
    /// To which records.
    pub which: Which,
    /// What is done to each.
    pub act: BulkAct,
    /// Why, for the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub reason: Option<String>,
    /// Nothing is written: the answer says what would come of it.
    #[serde(default)]
    pub dry_run: bool,
}

/// Which records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// These, each once.
    Records(#[cfg_attr(feature = "schema", schemars(length(max = MOST_BULK)))] Vec<Seen>),
    /// All that the list has that is asked for like this, as behind `?` in its address: `q`, `archived` and filters. More than [`MOST_BULK`] are refused.
    Found(#[cfg_attr(feature = "schema", schemars(length(max = LONGEST_QUERY)))] String),
}

/// The most bytes of what stands behind `?` in a list's address, where it is sent or kept.
pub const LONGEST_QUERY: usize = 2_000;

/// A record as somebody saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Which.
    pub id: Uuid,
    /// At which version: one that is at another by now is refused.
    pub version: u64,
}

/// What is done to each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkAct {
    /// Fields are changed.
    Change(BulkChange),
    /// They are put away.
    Archive,
    /// They are taken back into use.
    Restore,
}

/// Fields of many records. One that is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkChange {
    /// What they are from then on.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub values: Values,
    /// Tags that are added, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub add_tags: BTreeMap<String, Vec<String>>,
    /// Tags that are taken away, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub remove_tags: BTreeMap<String, Vec<String>>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BulkReport {
    /// Nothing was written.
    pub dry_run: bool,
    /// Records that were changed, or would be.
    pub done: u64,
    /// Records that are so already.
    pub unchanged: u64,
    /// Records that stay as they are, since something is against it.
    pub refused: u64,
    /// Each, in the order in which they were sent or found.
    pub records: Vec<BulkRecord>,
}

/// What came of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BulkRecord {
    /// Which.
    pub id: Uuid,
    /// What it is called, as far as the reader may know.
    pub name: String,
    /// The version that it has now; none where there is no such record.
    pub version: Option<u64>,
    /// What came of it.
    pub outcome: BulkOutcome,
}

/// What came of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    /// It was changed, or would be.
    Done,
    /// It is so already.
    Unchanged,
    /// It stays as it is.
    Refused(BulkRefusal),
}

/// Why a record stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BulkRefusal {
    /// The stable code that a change of it by itself would be refused with.
    pub code: String,
    /// Each field that is wrong, where fields are the matter.
    pub errors: Vec<FieldProblem>,
}
