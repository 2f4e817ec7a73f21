//! Views of lists that somebody keeps under a name: what is searched, narrowed and sorted, and which columns are shown.
//!
//! - `GET /api/v1/views` → [`SavedViews`]: one's own and the company's, of the kinds that one may read.
//! - `POST /api/v1/views` with [`NewView`] → [`SavedView`], 201.
//! - `PUT /api/v1/views/<id>` with [`ViewChange`] → [`SavedView`]; `DELETE` takes it away.
//! - `PUT /api/v1/views/<id>/default` makes it what one's own list of that kind begins with; `DELETE` ends that.
//!
//! To share one with the company, and to change or take away what is shared, takes the kind's right `bulk_edit`.
//!
//! A view that narrows or sorts by a field which somebody does not read is not told to them, nor kept for them.
//!
//! Problems: `view_unknown` (404); `view_exists`, `too_many_views` (409); `view_malformed` (422); `permission_missing`, `field_forbidden` (403).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most characters of a view's name.
pub const LONGEST_VIEW_NAME: usize = 80;

/// A view of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SavedView {
    /// Its id.
    pub id: Uuid,
    /// Of which kind's list.
    #[cfg_attr(feature = "schema", schemars(example = "procurement.supplier"))]
    pub kind: String,
    /// What it is called.
    #[cfg_attr(feature = "schema", schemars(example = "In London"))]
    pub name: String,
    /// Whether all who may read the kind have it.
    pub shared: bool,
    /// Whether it is one's own.
    pub mine: bool,
    /// Whether one's own list of the kind begins with it.
    pub is_default: bool,
    /// As behind `?` in the list's address: `q`, `sort`, `archived` and filters.
    #[cfg_attr(feature = "schema", schemars(example = "address.city=London&sort=-name"))]
    pub query: String,
    /// The names of the columns; none for those that are declared.
    #[cfg_attr(feature = "schema", schemars(example = ["name", "address.city"]))]
    pub columns: Option<Vec<String>>,
}

/// All that somebody has, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SavedViews {
    /// The views.
    pub views: Vec<SavedView>,
}

/// The body of `POST /api/v1/views`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// Chosen by the sender: sent again, the view is made once, and one that was taken away comes back as it was.
    pub id: Uuid,
    /// Of which kind's list.
    #[cfg_attr(feature = "schema", schemars(example = "procurement.supplier"))]
    pub kind: String,
    /// What it is called.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = LONGEST_VIEW_NAME), example = "In London"))]
    pub name: String,
    /// Whether all who may read the kind have it.
    pub shared: bool,
    /// As behind `?` in the list's address.
    #[cfg_attr(feature = "schema", schemars(length(max = super::bulk::LONGEST_QUERY), example = "address.city=London&sort=-name"))]
    pub query: String,
    /// The names of the columns; none for those that are declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(example = ["name", "address.city"]))]
    pub columns: Option<Vec<String>>,
}

/// The body of `PUT /api/v1/views/<id>`: the view as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewChange {
    /// What it is called.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = LONGEST_VIEW_NAME), example = "In London"))]
    pub name: String,
    /// Whether all who may read the kind have it.
    pub shared: bool,
    /// As behind `?` in the list's address.
    #[cfg_attr(feature = "schema", schemars(length(max = super::bulk::LONGEST_QUERY), example = "address.city=London&sort=-name"))]
    pub query: String,
    /// The names of the columns; none for those that are declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(example = ["name", "address.city"]))]
    pub columns: Option<Vec<String>>,
}
