//! The feed: one order of everything that devices and the office must learn.
//!
//! [`append`] takes the tenant's counter row and is the last thing a transaction does before it commits, so the order of positions is
//! the order of commits and a reader that has seen position n will never see a smaller one appear.

use super::queries::{self, FeedRow};
use crate::events::{self, NewEvent};
use crate::failure::Fault;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DeviceId, DocumentId, IntentId};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::kind::Audience;
use holdfast_sync::wire::{Answer, Entry, ReferenceRow};
use serde::{Deserialize, Serialize};

/// What is appended.
#[derive(Debug, Clone)]
pub struct FeedEntry {
    /// Who gets it.
    pub to: To,
    /// What they get.
    pub body: FeedBody,
}

/// Who gets an entry.
#[derive(Debug, Clone)]
pub enum To {
    /// Whoever is in one of these audiences.
    Audiences(Vec<Audience>),
    /// The one device that acted.
    Device(DeviceId),
    /// Whoever is in one of these audiences, and the device whose change had waited: where it follows none of them, it hears of the outcome alone, for it
    /// may not hold what the change rests on.
    AudiencesAnd(Vec<Audience>, DeviceId),
}

/// What an entry says, without its position, which is known only when it is written. Stored as CBOR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedBody {
    /// A merged change.
    Change {
        /// The document.
        document: DocumentId,
        /// Its kind.
        kind: String,
        /// The Automerge change.
        change: Bytes,
        /// The intent behind it.
        intent_id: IntentId,
        /// Who has the document from here on, where the change says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audiences: Option<Vec<Audience>>,
    },
    /// A reference row in its newest version.
    Row(ReferenceRow),
    /// What became of an envelope.
    Answer {
        /// The intent.
        intent_id: IntentId,
        /// What became of it.
        answer: Answer,
    },
}

impl FeedBody {
    /// The same change, told to whoever has the document only now.
    #[must_use]
    pub fn had_by(self, now: Option<Vec<Audience>>) -> Self {
        match self {
            Self::Change { document, kind, change, intent_id, .. } => Self::Change { document, kind, change, intent_id, audiences: now },
            other => other,
        }
    }

    /// Whether, by this change, its document went to others than the reader, who follows these.
    pub fn departs_from(&self, followed: impl Fn(&Audience) -> bool) -> Option<DocumentId> {
        match self {
            Self::Change { document, audiences: Some(now), .. } if !now.iter().any(followed) => Some(*document),
            _ => None,
        }
    }

    /// The same, with as much of who has the document as the reader follows.
    #[must_use]
    pub fn as_followed(self, followed: impl Fn(&Audience) -> bool) -> Self {
        match self {
            Self::Change { document, kind, change, intent_id, audiences: Some(now) } => {
                let audiences = Some(now.into_iter().filter(followed).collect());
                Self::Change { document, kind, change, intent_id, audiences }
            }
            other => other,
        }
    }

    /// As it goes to a device that is in none of the entry's audiences and waits to hear what became of its change.
    pub fn outcome_at(self, position: u64) -> Entry {
        match self {
            Self::Change { intent_id, .. } => Entry::Answer { position, intent_id, answer: Answer::Accepted { position } },
            other => other.at(position),
        }
    }

    /// As it goes to whoever follows one of its audiences: a row says whose it is, so that it goes with them.
    pub fn in_audience(self, position: u64, audiences: &[Audience]) -> Entry {
        match (self, audiences) {
            (Self::Row(row), [audience]) if *audience != Audience::Tenant => Entry::Row { position, row, audience: Some(audience.clone()) },
            (other, _) => other.at(position),
        }
    }

    /// As it goes over the wire.
    pub fn at(self, position: u64) -> Entry {
        match self {
            Self::Change { document, kind, change, intent_id, audiences } => {
                Entry::Change { position, document, kind, change, intent_id, audiences, proof: None }
            }
            Self::Row(row) => Entry::Row { position, row, audience: None },
            Self::Answer { intent_id, answer } => Entry::Answer { position, intent_id, answer },
        }
    }
}

/// Appends entries, and publishes events at the position of the last of them. Call it last: from here to the commit the tenant's feed is locked.
/// Answers the position before the first entry. With no entry but events, one position is taken for them.
pub async fn append(tx: &mut TenantTx, entries: &[FeedEntry], new_events: Vec<NewEvent>) -> Result<u64, Fault> {
    if entries.is_empty() && new_events.is_empty() {
        return queries::feed_head(tx).await;
    }
    let count = entries.len().max(1) as u64;
    let rows: Vec<_> = entries.iter().map(row).collect();
    let head = queries::take_positions(tx, count).await?;
    let before = head - count;
    if !rows.is_empty() {
        queries::insert_feed(tx, before, rows).await?;
    }
    events::publish(tx, &[(head, &new_events)]).await?;
    Ok(before)
}

/// An entry as it is written.
pub(super) fn row(entry: &FeedEntry) -> FeedRow {
    let body = cbor::encode(&entry.body);
    match &entry.to {
        To::Audiences(audiences) => (names(audiences), None, body),
        To::Device(device) => (String::new(), Some(device.0), body),
        To::AudiencesAnd(audiences, device) => (names(audiences), Some(device.0), body),
    }
}

fn names(audiences: &[Audience]) -> String {
    audiences.iter().map(Audience::to_string).collect::<Vec<_>>().join(" ")
}
