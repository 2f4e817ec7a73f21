//! Documents and their envelopes, looked at and not touched: for the office, and for whoever goes through all of them.

mod queries;

use crate::failure::Fault;
use crate::tenancy::TenantTx;
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{DocumentId, IntentId, Timestamp};
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::kind::{Facts, Kinds};
use holdfast_sync::wire::Snapshot;

pub(super) use queries::{EnteredDocument, audience_documents, departed_documents, documents_after, merged_changes};
pub(crate) use queries::{arrived, documents, held, history};

/// An envelope that was decided.
pub(crate) struct Filed {
    pub intent: IntentId,
    /// The intent's name.
    pub name: String,
    /// An account's id, or `system:<module>`.
    pub author: String,
    pub device: holdfast_domain::kernel::DeviceId,
    pub device_seq: u64,
    pub effective_at: Timestamp,
    pub arrived_at: Timestamp,
    pub outcome: FiledOutcome,
}

/// What became of it.
pub(crate) enum FiledOutcome {
    Accepted { position: u64 },
    Held { code: String },
    Refused { code: String },
}

impl EnteredDocument {
    /// As a device gets it; what proves it is added later.
    pub(super) fn snapshot(self, kinds: &Kinds) -> Snapshot {
        let moves = kinds.get(&self.kind).is_some_and(|kind| kind.moves());
        Snapshot {
            document: self.id,
            kind: self.kind,
            saved: self.saved.into(),
            intents: self.intents,
            position: moves.then_some(self.position),
            proofs: Vec::new(),
        }
    }
}

/// The facts of a document as it stands; none where there is no such document, or its kind is not known here.
pub(crate) async fn facts(tx: &mut TenantTx, document: DocumentId) -> Result<Option<Facts>, Fault> {
    let Some(stored) = queries::document(tx, document).await? else { return Ok(None) };
    let Some(kind) = KINDS.get(&stored.kind) else { return Ok(None) };
    let loaded = LoadedDocument::load(document, kind, &stored.saved).map_err(|bad| Fault::new("read a stored document", bad))?;
    Ok(Some(loaded.facts().clone()))
}
