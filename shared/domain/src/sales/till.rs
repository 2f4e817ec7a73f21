//! The till as a reference row.

use crate::kernel::{Reference, SiteId};
use serde::{Deserialize, Serialize};

/// A till of a site; the row's id is the till's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Till {
    /// Where it stands.
    pub site: SiteId,
    /// Such as `Till 1`.
    pub name: String,
}

impl Reference for Till {
    const KIND: &'static str = "sales.till";
}
