//! What proves the changes of a page: their headers and signatures, and the grants that these name.
//!
//! Devices keep it for as long as their own accepted changes. Should this server be restored from a backup, any of them can bring back what all of
//! them have seen, in the words of whoever made it. A device keeps its own changes itself, so they come without.

use super::queries::{self, StoredProof};
use crate::failure::Fault;
use crate::http::App;
use crate::identity;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DeviceId, IntentId};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::replica::KEEP_ACCEPTED_MS;
use holdfast_sync::wire::{Entry, NamedGrant, Proof, PullResponse};
use std::collections::{BTreeMap, BTreeSet};

/// Adds to the page what proves the changes in it that are young enough to be kept. Rights have been looked at: who is told of a change may see who made it.
pub(super) async fn prove(app: &App, tx: &mut TenantTx, (page, asking): (&mut PullResponse, Option<DeviceId>)) -> Result<(), Fault> {
    let told: Vec<IntentId> =
        page.entries.iter().filter_map(|entry| if let Entry::Change { intent_id, .. } = entry { Some(*intent_id) } else { None }).collect();
    if told.is_empty() {
        return Ok(());
    }
    let since = tx.now().plus_ms(-KEEP_ACCEPTED_MS);
    let stored = queries::proofs(tx, &told, (asking, since)).await?;
    let mut proofs: BTreeMap<_, _> = stored.into_iter().map(|StoredProof { intent, proof }| (intent, proof)).collect();
    let mut named = BTreeSet::new();
    for entry in &mut page.entries {
        let Entry::Change { intent_id, change, proof, .. } = entry else { continue };
        let Some(found) = proofs.remove(intent_id) else { continue };
        named.extend(grant_of(*intent_id, &found, change)?);
        *proof = Some(found);
    }
    let issued = identity::issue_again(app, tx, named).await?;
    page.grants = issued.into_iter().map(|(id, token)| NamedGrant { id, token }).collect();
    Ok(())
}

/// The grant that the header names; none of the server's own.
fn grant_of(intent: IntentId, proof: &Proof, change: &Bytes) -> Result<Option<holdfast_domain::kernel::GrantId>, Fault> {
    let envelope = Envelope { header: proof.header.clone(), change: change.clone(), signature: proof.signature.clone() };
    let header = envelope.read_header().map_err(|_| Fault::stored("envelopes", "header", intent))?;
    Ok(header.author.grant)
}
