//! How often a document's changes were sent without coming into the books, when last, and why. Written, relaxed, where a try failed and nowhere else: what
//! goes through the first time costs nothing, and a count that is lost harms nobody.

use super::records::Records;
use super::transaction::{Access, Transaction};
use super::{Store, StoreError};
use crate::device::http::HttpError;
use futures::future::try_join_all;
use holdfast_sync::ids::DocumentId;
use holdfast_sync::replica::{OutboxRow, is_undecided};
use holdfast_sync::time::Timestamp;
use holdfast_sync::wire::Answer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// They lie among the single records, by document.
const PREFIX: &str = "tried/";
/// How many are looked through at a time.
const STRIDE: usize = 50;

/// Tries of what a document has that is not in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The last of its changes that were sent then. What came later is another matter.
    pub up_to: u64,
    /// How often.
    pub times: u32,
    /// When last, by the device's clock.
    pub last: Timestamp,
    /// What was in the way.
    pub why: Hindrance,
}

/// What kept a change out of the books for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// The server was not reached.
    Unreachable,
    /// Nobody was signed in with the server.
    SessionLost,
    /// The server failed.
    Failed,
    /// The server took nothing of what was sent.
    Refused {
        /// Its code.
        code: String,
    },
    /// The server asked to be tried again.
    Retry,
    /// The server keeps it until what it rests on has come.
    Waiting,
    /// It rests on something that was held or refused.
    Resting {
        /// The answer's code.
        code: String,
    },
}

impl From<&HttpError> for Hindrance {
    fn from(error: &HttpError) -> Self {
        match error {
            HttpError::Unreachable(_) => Self::Unreachable,
            HttpError::SessionLost => Self::SessionLost,
            HttpError::Refused(code) => Self::Refused { code: code.clone() },
            HttpError::Failed(_) => Self::Failed,
        }
    }
}

impl Hindrance {
    /// What is in the way of a row after this answer; none where it is decided, or nobody waits for it.
    pub(super) fn left_by(answer: &Answer, row: &OutboxRow) -> Option<Self> {
        if !is_undecided(row) || row.fallen.is_some() || row.replaced {
            return None;
        }
        match answer {
            Answer::Retry => Some(Self::Retry),
            Answer::Waiting { .. } => Some(Self::Waiting),
            Answer::Held { code } | Answer::Refused { code } if answer.rests_on_another() => Some(Self::Resting { code: code.clone() }),
            Answer::Held { code } | Answer::Refused { code } => Some(Self::Refused { code: code.clone() }),
            Answer::Duplicate { first } => Self::left_by(first, row),
            Answer::Accepted { .. } => None,
        }
    }
}

/// A push did not get through: its rows, by number and document.
pub async fn not_sent(store: &Store, rows: &[(u64, DocumentId)], why: Hindrance, at: Timestamp) -> Result<(), StoreError> {
    let failed: Vec<_> = rows.iter().map(|(seq, document)| (*seq, *document, why.clone())).collect();
    store.transact(&[Records::Meta], Access::Relaxed, async |transaction| note(transaction, &failed, at).await).await
}

/// Counts one more try of each of these documents. The rows come in the order of the chain: what is in the way of a document is in the way of its first.
pub(super) async fn note(transaction: &Transaction, failed: &[(u64, DocumentId, Hindrance)], at: Timestamp) -> Result<(), StoreError> {
    let mut documents = BTreeMap::new();
    for (seq, document, why) in failed {
        documents.entry(*document).or_insert((*seq, *seq, why)).1 = *seq;
    }
    let keys: Vec<String> = documents.keys().copied().map(key).collect();
    let known = try_join_all(keys.iter().map(|key| transaction.get::<Tried>(Records::Meta, key.as_str()))).await?;
    for ((key, known), (first, up_to, why)) in keys.iter().zip(known).zip(documents.into_values()) {
        // What is decided meanwhile is not among its tries.
        let before = known.filter(|known| known.is_of(first)).map_or(0, |known| known.times);
        let tried = Tried { up_to, times: before.saturating_add(1), last: at, why: why.clone() };
        transaction.put(Records::Meta, key.as_str(), &tried)?;
    }
    Ok(())
}

/// How often these documents were tried, each with the number of its oldest change that waits.
pub async fn tried_of(transaction: &Transaction, documents: &[(DocumentId, u64)]) -> Result<Vec<Option<Tried>>, StoreError> {
    let read = async |(document, first): &(DocumentId, u64)| -> Result<_, StoreError> {
        let tried: Option<Tried> = transaction.get(Records::Meta, key(*document).as_str()).await?;
        Ok(tried.filter(|tried| tried.is_of(*first)))
    };
    try_join_all(documents.iter().map(read)).await
}

/// Forgets the tries of what is decided, some at a time.
pub async fn prune_tried(store: &Store) -> Result<(), StoreError> {
    let keys = store.transact(&[Records::Meta], Access::Read, async |transaction| transaction.keys(Records::Meta).await).await?;
    let tried: Vec<&String> = keys.iter().filter(|key| key.starts_with(PREFIX)).collect();
    for some in tried.chunks(STRIDE) {
        let stride = async |transaction: &Transaction| -> Result<(), StoreError> {
            for key in some {
                let Some(tried) = transaction.get::<Tried>(Records::Meta, key.as_str()).await? else { continue };
                let document = key.strip_prefix(PREFIX).unwrap_or_default();
                let rows: Vec<OutboxRow> = transaction.find_all(Records::Outbox, "document", document).await?;
                if !rows.iter().any(|row| is_undecided(row) && tried.is_of(row.seq)) {
                    transaction.delete(Records::Meta, key.as_str())?;
                }
            }
            Ok(())
        };
        store.transact(&[Records::Meta, Records::Outbox], Access::Relaxed, stride).await?;
    }
    Ok(())
}

impl Tried {
    /// Whether it speaks of a document whose oldest open change has that number.
    fn is_of(&self, first: u64) -> bool {
        first <= self.up_to
    }
}

fn key(document: DocumentId) -> String {
    format!("{PREFIX}{document}")
}
