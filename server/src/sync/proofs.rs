//! What proves the changes of a page: their headers and signatures, and the grants that these name.
//!
//! Devices keep it for as long as their own accepted changes. Should this server be restored from a backup, any of them can bring back what all of
//! them have seen, in the words of whoever made it. A device keeps its own changes itself, so they come without.

use super::queries::{self, StoredProof};
use crate::failure::Fault;
use crate::http::App;
use crate::identity;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DeviceId, DocumentId, GrantId, IntentId, Timestamp};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::replica::{KEEP_ACCEPTED_MS, MAX_WITNESSED};
use holdfast_sync::wire::{Entry, NamedGrant, Proof, PullResponse, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// Adds to the page what proves the changes in it that are young enough to be kept. Rights have been looked at: who is told of a change may see who made it.
pub(super) async fn prove(app: &App, tx: &mut TenantTx, (page, asking): (&mut PullResponse, Option<DeviceId>)) -> Result<(), Fault> {
    let since = tx.now().plus_ms(-KEEP_ACCEPTED_MS);
    let mut named = prove_told(tx, page, (asking, since)).await?;
    named.extend(prove_entered(tx, page, since).await?);
    let issued = identity::issue_again(app, tx, named).await?;
    page.grants = issued.into_iter().map(|(id, token)| NamedGrant { id, token }).collect();
    Ok(())
}

/// What proves the changes that are told one by one; answers the grants that they name.
async fn prove_told(tx: &mut TenantTx, page: &mut PullResponse, (asking, since): (Option<DeviceId>, Timestamp)) -> Result<BTreeSet<GrantId>, Fault> {
    let told: Vec<IntentId> =
        page.entries.iter().filter_map(|entry| if let Entry::Change { intent_id, .. } = entry { Some(*intent_id) } else { None }).collect();
    let mut named = BTreeSet::new();
    if told.is_empty() {
        return Ok(named);
    }
    let stored = queries::proofs(tx, &told, (asking, since)).await?;
    let proofs: BTreeMap<_, _> = stored.into_iter().map(|StoredProof { intent, proof }| (intent, proof)).collect();
    for entry in &mut page.entries {
        let Entry::Change { intent_id, proof, .. } = entry else { continue };
        // Told twice where it was told again.
        let Some(found) = proofs.get(intent_id).cloned() else { continue };
        named.extend(grant_of(*intent_id, &found)?);
        *proof = Some(found);
    }
    Ok(named)
}

/// What proves the changes that lie in documents as they stand, those of the asking device too: whoever enters may have lost its own. No more than a device
/// keeps, the newest. Answers the grants that they name.
async fn prove_entered(tx: &mut TenantTx, page: &mut PullResponse, since: Timestamp) -> Result<BTreeSet<GrantId>, Fault> {
    let mut entered: BTreeMap<DocumentId, &mut Snapshot> = BTreeMap::new();
    for entry in &mut page.entries {
        if let Entry::Enter { documents, .. } = entry {
            entered.extend(documents.iter_mut().map(|snapshot| (snapshot.document, snapshot)));
        }
    }
    let mut named = BTreeSet::new();
    if entered.is_empty() {
        return Ok(named);
    }
    let documents: Vec<_> = entered.keys().copied().collect();
    for (document, StoredProof { intent, proof }) in queries::proofs_in(tx, &documents, (since, MAX_WITNESSED)).await? {
        named.extend(grant_of(intent, &proof)?);
        if let Some(snapshot) = entered.get_mut(&document) {
            snapshot.proofs.push(proof);
        }
    }
    Ok(named)
}

/// The grant that the header names; none of the server's own.
fn grant_of(intent: IntentId, proof: &Proof) -> Result<Option<GrantId>, Fault> {
    let envelope = Envelope { header: proof.header.clone(), change: Bytes(Vec::new()), signature: proof.signature.clone() };
    let header = envelope.read_header().map_err(|_| Fault::stored("envelopes", "header", intent))?;
    Ok(header.author.grant)
}
