//! What travels: records, pages of them, what was done to one.

use super::alike::Alike;
use crate::kernel::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A record's fields by name; each there is, `null` where it has no value.
pub type Values = serde_json::Map<String, serde_json::Value>;

/// A record, as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordView {
    /// Its id.
    pub id: Uuid,
    /// Its version, from 1; `ETag` says the same, and `If-Match` asks for it.
    pub version: u64,
    /// When it was put away, where it was.
    pub archived_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it; none where the server did itself.
    #[serde(default)]
    pub created_by: Option<AccountId>,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Who did; none where the server did itself.
    pub modified_by: Option<AccountId>,
    /// The fields.
    pub values: Values,
    /// What the records are called that its fields name, by id; those that the reader may not look at are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<Uuid, String>,
    /// The record that it was merged into, where it was: the one that stands for it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<Uuid>,
    /// Records in use that are probably the same one; told where one record is read or written, and never a reason to refuse it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alike: Vec<Alike>,
}

/// More records of a list are not counted.
pub const MOST_COUNTED: u64 = 10_000;

/// A page of a list: `GET <path>?q=&sort=-name&archived=true&<field>=<value>&after=<cursor>&limit=50`. It has the records in use; with
/// `archived=true` those that are archived, and only them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page {
    /// In the order asked for.
    pub records: Vec<RecordView>,
    /// For `after`, where there are more.
    pub next: Option<String>,
    /// How many there are in all, narrowed as asked, told where `count=true` asks for it. One more than [`MOST_COUNTED`] says that there are more than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// The body of `POST <path>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRecord {
    /// Its id, where the sender chose one: sent again, the record is made once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The fields; one that is left out has no value.
    pub values: Values,
}

/// The body of `PATCH <path>/<id>`, with the version in `If-Match`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordChange {
    /// The fields that change.
    pub values: Values,
    /// Why, for the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub reason: Option<String>,
}

/// The body of `POST <path>/<id>/archive` and `/restore`, with the version in `If-Match`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why, for the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub reason: Option<String>,
}

/// What a search over everything found: `GET /api/v1/search?q=…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FoundPage {
    /// The nearest first.
    pub found: Vec<Found>,
}

/// A record that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Found {
    /// Of what kind, such as `procurement.supplier`.
    pub kind: String,
    /// Which.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
}

/// What was done to a record, newest first: `GET <path>/<id>/timeline?after=…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Timeline {
    /// Newest first.
    pub changes: Vec<Change>,
    /// For `after`, where there are more.
    pub next: Option<String>,
    /// What the records are called that it was merged with, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<Uuid, String>,
}

/// One act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// The audit's entry.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who; none for the server itself.
    pub account: Option<AccountId>,
    /// Their name.
    pub name: Option<String>,
    /// `create`, `update`, `archive`, `restore`, `merge`.
    pub action: String,
    /// Why, where they said.
    pub reason: Option<String>,
    /// Each field that changed.
    pub changes: Vec<Changes>,
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// The field.
    pub field: String,
    /// What it was.
    pub before: serde_json::Value,
    /// What it is.
    pub after: serde_json::Value,
}
