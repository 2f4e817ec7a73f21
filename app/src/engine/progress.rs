//! How far what was done here has come: from the outbox, and from what the server ruled.

use super::protocol::Progress;
use holdfast_domain::kernel::DocumentId;
use holdfast_sync::replica::{OutboxRow, OutboxState};
use std::collections::BTreeMap;

/// The unsettled changes of each document.
#[derive(Debug, Default)]
pub struct Unsettled {
    documents: BTreeMap<DocumentId, Progress>,
}

impl Unsettled {
    /// From rows of the outbox.
    pub fn of(outbox: &[OutboxRow]) -> Self {
        let mut unsettled = Self::default();
        outbox.iter().for_each(|row| unsettled.take(row));
        unsettled
    }

    /// And one more.
    pub fn take(&mut self, row: &OutboxRow) {
        if !row.replaced {
            let worst = self.documents.entry(row.document).or_insert(Progress::Accepted);
            *worst = worse(*worst, of_state(&row.state));
        }
    }

    /// How far the document is; `ruled_against` when the server found something a person must look at.
    pub fn progress(&self, document: DocumentId, ruled_against: bool) -> Progress {
        let unsettled = self.documents.get(&document).copied().unwrap_or(Progress::Accepted);
        if ruled_against { Progress::NeedsAttention } else { unsettled }
    }

    /// Whether something of the document has not been confirmed.
    pub fn waits(&self, document: DocumentId) -> bool {
        self.documents.get(&document).is_some_and(|progress| *progress != Progress::Accepted)
    }
}

fn of_state(state: &OutboxState) -> Progress {
    match state {
        OutboxState::Saved => Progress::SavedHere,
        OutboxState::Sent | OutboxState::Waiting => Progress::Sent,
        OutboxState::Attention(_) => Progress::NeedsAttention,
        OutboxState::Accepted { .. } => Progress::Accepted,
    }
}

/// A document is as far as its last change, unless one of them needs a person.
fn worse(a: Progress, b: Progress) -> Progress {
    let rank = |progress: Progress| match progress {
        Progress::Accepted => 0,
        Progress::Sent => 1,
        Progress::SavedHere => 2,
        Progress::NeedsAttention => 3,
    };
    if rank(a) >= rank(b) { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::{IntentId, Timestamp};
    use holdfast_sync::bytes::Bytes;
    use holdfast_sync::wire::Answer;

    fn row(document: u8, seq: u64, state: OutboxState) -> OutboxRow {
        OutboxRow {
            seq,
            document: DocumentId::from_bytes([document; 16]),
            kind: "sales.ticket".to_owned(),
            intent_id: IntentId::from_bytes([0; 16]),
            intent: "sales.ticket.open".to_owned(),
            at: Timestamp(0),
            header: Bytes::default(),
            change: Bytes::default(),
            signature: None,
            grant: String::new(),
            state,
            fallen: None,
            resting: None,
            told_at: None,
            replaced: false,
        }
    }

    #[test]
    fn a_document_is_as_far_as_its_least_settled_change() {
        let held = OutboxState::Attention(Answer::Held { code: "grant_revoked".to_owned() });
        let unsettled = Unsettled::of(&[
            row(1, 1, OutboxState::Sent),
            row(1, 2, OutboxState::Saved),
            row(2, 3, OutboxState::Sent),
            row(3, 4, held),
            row(3, 5, OutboxState::Saved),
        ]);
        let progress = |document: u8| unsettled.progress(DocumentId::from_bytes([document; 16]), false);
        assert_eq!(
            [progress(1), progress(2), progress(3), progress(4)],
            [Progress::SavedHere, Progress::Sent, Progress::NeedsAttention, Progress::Accepted]
        );
    }

    #[test]
    fn what_the_server_ruled_against_needs_attention_though_it_was_accepted() {
        assert_eq!(Unsettled::default().progress(DocumentId::from_bytes([1; 16]), true), Progress::NeedsAttention);
    }
}
