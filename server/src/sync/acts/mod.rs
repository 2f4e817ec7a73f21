//! What people did on documents, across all of them, newest first: from the envelopes as they were filed, which nothing copies.
//!
//! An envelope says no site; the document it went into does. So what is asked for is looked for among the newest envelopes in turn, a bounded number of them: where
//! little of it is there, the answer is short and says from where to look on. What it costs depends on what is asked for, not on how much there is.

mod queries;

use super::held::said;
use crate::failure::Fault;
use crate::tenancy::{Sites, TenantTx};
use holdfast_domain::held::Said;
use holdfast_domain::kernel::{AccountId, DeviceId, DocumentId, IntentId, SiteId, Timestamp};

/// Envelopes looked at in one stride, and strides of one look.
const STRIDE: u32 = 1_000;
const MOST_STRIDES: usize = 5;

/// Which of them.
#[derive(Clone)]
pub(crate) struct WantedActs {
    pub account: Option<AccountId>,
    /// The intent's name.
    pub name: Option<String>,
    pub kind: Option<String>,
    pub document: Option<DocumentId>,
    pub device: Option<DeviceId>,
    pub standing: Option<Standing>,
    pub sites: Sites,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// What became of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Accepted,
    Held,
    Refused,
}

/// Where to look on: behind what arrived at this instant, or at it and behind this intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ActPlace {
    pub at: Timestamp,
    /// None where all that arrived then is still to come.
    pub intent: Option<IntentId>,
}

/// An intent that came.
pub(crate) struct Act {
    pub intent: IntentId,
    pub name: String,
    pub kind: String,
    pub document: DocumentId,
    /// Where the document is; none where it is nowhere yet.
    pub site: Option<SiteId>,
    /// An account's id, or who else may act on documents.
    pub author: String,
    pub device: DeviceId,
    pub arrived_at: Timestamp,
    pub done_at: Timestamp,
    pub standing: Standing,
    /// Why it was held or refused.
    pub code: Option<String>,
    /// What was meant.
    pub said: Vec<Said>,
}

/// What was found.
pub(crate) struct Acts {
    pub acts: Vec<Act>,
    /// How far was looked, where there may be more behind it and fewer than asked for were found.
    pub looked_to: Option<(Timestamp, IntentId)>,
}

/// So many of them behind a place.
pub(crate) async fn acts(tx: &mut TenantTx, wanted: &WantedActs, after: Option<ActPlace>, limit: u32) -> Result<Acts, Fault> {
    let (mut found, mut place) = (Vec::new(), after);
    for _ in 0..MOST_STRIDES {
        let stride = queries::stride(tx, wanted, place, (STRIDE, limit - found.len() as u32)).await?;
        found.extend(stride.acts);
        match stride.last {
            // All that was looked at is told, and more may be behind it.
            Some((at, intent)) if found.len() < limit as usize => place = Some(ActPlace { at, intent: Some(intent) }),
            _ => return Ok(Acts { acts: found, looked_to: None }),
        }
    }
    let looked_to = place.and_then(|place| Some((place.at, place.intent?)));
    Ok(Acts { acts: found, looked_to })
}

impl Standing {
    const fn stored(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::Refused => "refused",
        }
    }

    fn read(stored: &str) -> Option<Self> {
        [Self::Accepted, Self::Held, Self::Refused].into_iter().find(|standing| standing.stored() == stored)
    }
}
