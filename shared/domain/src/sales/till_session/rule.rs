//! What the server finds out about a till session after merging it.

use super::{TillSession, TillSessionFact, TillSessionRefusal};
use crate::identity::Permission;
use crate::kernel::{DocumentId, Intent, IntentId, Money, SYSTEM, SiteId, Timestamp, is_system};
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The server rules on the till session: an intent of `system:sales` alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// One or more, found in one settlement.
    pub rulings: Vec<TillSessionRuling>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TillSessionRuling {
    /// The till had another session open.
    OpenedTwice {
        /// The other.
        other: DocumentId,
    },
    /// Two tabs closed it at once.
    ClosedTwice,
    /// The tickets that arrived come to another expectation than the device's.
    ExpectedDiffers {
        /// What the server reckons.
        expected: Money,
        /// The tickets it knows.
        tickets: u32,
    },
    /// No such till at that site.
    TillUnknown,
    /// The device's clock said a time that cannot be; the effective time is another.
    TimeClamped {
        /// Whose time.
        intent: IntentId,
        /// The effective time.
        effective: Timestamp,
    },
    /// The grant had expired.
    GrantExpired {
        /// Whose act.
        intent: IntentId,
    },
}

impl TillSessionRuling {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OpenedTwice { .. } => "till_session_opened_twice",
            Self::ClosedTwice => "till_session_closed_twice",
            Self::ExpectedDiffers { .. } => "expected_differs",
            Self::TillUnknown => "till_unknown",
            Self::TimeClamped { .. } => "time_clamped",
            Self::GrantExpired { .. } => "grant_expired",
        }
    }

    /// What was found, and of what; not what it is compared with, which may be another one when the same is found again.
    pub fn finding(&self) -> (&'static str, Option<Uuid>) {
        let of = match self {
            Self::OpenedTwice { other } => Some(other.0),
            Self::TimeClamped { intent, .. } | Self::GrantExpired { intent } => Some(intent.0),
            Self::ClosedTwice | Self::ExpectedDiffers { .. } | Self::TillUnknown => None,
        };
        (self.code(), of)
    }

    /// Of the message that says what it means and what to do.
    pub fn message_key(&self) -> String {
        format!("ruling.{}", self.code())
    }

    /// Whether someone in the office must look.
    pub fn opens_exception(&self) -> bool {
        !matches!(self, Self::TimeClamped { .. } | Self::GrantExpired { .. })
    }
}

impl Intent for Rule {
    const NAME: &'static str = "sales.till_session.rule";
    const VERSION: u16 = 1;
    type Document = TillSession;
    type Refusal = TillSessionRefusal;

    fn permission(&self, _: &TillSession) -> &'static Permission {
        &SYSTEM
    }

    fn site(&self, session: &TillSession) -> Option<SiteId> {
        session.site()
    }

    fn apply(&self, session: &TillSession, act: &Act) -> Result<Vec<TillSessionFact>, TillSessionRefusal> {
        if !is_system(&act.by) {
            return Err(TillSessionRefusal::NotTheServer);
        }
        if session.opened.is_none() {
            return Err(TillSessionRefusal::NotOpened);
        }
        Ok(self.rulings.iter().cloned().map(TillSessionFact::Ruled).collect())
    }
}
