//! Permissions are constants beside what they protect; this is their type.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What someone may do, such as `sales.ticket.sell`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permission(pub Cow<'static, str>);

impl Permission {
    /// A permission's constant.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

holdfast_sync::schema_of!(Permission, { "type": "string", "examples": ["sales.ticket.read"] });
