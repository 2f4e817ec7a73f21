//! Instants. The core never reads a clock: time comes in as a parameter.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant `ms` milliseconds later (or earlier, where negative), clamped to the range.
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

crate::schema_of!(Timestamp, {
    "type": "integer",
    "format": "int64",
    "examples": [1_795_165_200_000_i64],
});
