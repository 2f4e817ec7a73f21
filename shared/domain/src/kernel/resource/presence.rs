//! Who has a record open, as it travels: told on the record's live line, and answered to it.

use crate::kernel::AccountId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Somebody else who has the record open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Present {
    /// Whose account it is.
    pub account: AccountId,
    /// What they are called.
    pub name: String,
    /// Whether they have typed something that is not saved yet.
    pub editing: bool,
}

/// The body of `POST <path>/<id>/here`: the answer to the event `asked` of `GET <path>/<id>/live`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StillHere {
    /// The line that asked.
    pub line: Uuid,
    /// Whether something is typed that is not saved yet.
    pub editing: bool,
}
