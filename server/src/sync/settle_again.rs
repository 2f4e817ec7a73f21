//! Documents to which nothing came: settled again because something that they had been waiting for came elsewhere, or read to be projected again.

use super::lane::{self, LaneFailure, Leaves};
use super::queries;
use super::settlement::Merged;
use crate::failure::Fault;
use crate::http::App;
use crate::tenancy::TenantTx;
use holdfast_domain::KINDS;
use holdfast_domain::kernel::DocumentId;
use holdfast_sync::hub::{Closed, Lane};
use holdfast_sync::kind::{Kind, Kinds};
use holdfast_sync::verify::Known;
use std::collections::BTreeSet;

/// Lets the module look at the document again, within `tx`, and writes what it rules; whether it ruled anything. Call it last: it takes the feed's
/// counter.
pub(crate) async fn settle_again(app: &App, tx: &mut TenantTx, document: DocumentId) -> Result<bool, Fault> {
    let Some((kind, mut lane)) = open_quietly(app.modules.kinds, tx, document).await? else { return Ok(false) };
    let merged = as_it_is(kind, document, &lane);
    lane::lock_keys(app, tx, std::iter::once((kind, &merged))).await?;
    lane::settle_merged(app, tx, kind, (&mut [&mut lane], &[merged])).await?;
    if lane.outcomes().is_empty() {
        return Ok(false);
    }
    match write(app, tx, (kind, document), lane.close()).await {
        Ok(()) => Ok(true),
        Err(LaneFailure::Fault(fault)) => Err(fault),
        Err(LaneFailure::Overtaken) => Err(Fault::because("a ruling, which is of no chain, ran into one")),
    }
}

async fn write(app: &App, tx: &mut TenantTx, of: (&'static dyn Kind, DocumentId), closed: Closed) -> Result<(), LaneFailure> {
    let events = lane::project(app, tx, of, &closed).await?;
    let earlier = lane::earlier_for_newcomers(tx, of.1, &closed).await?;
    let leaves = Leaves { document: of.1, kind: of.0.name(), closed, events, waited: BTreeSet::new(), reopened: BTreeSet::new(), earlier };
    lane::store(tx, &[leaves]).await?;
    Ok(())
}

/// The same for several documents. All are locked before the first takes the feed's counter, in the order in which everybody locks.
pub(crate) async fn settle_all_again(app: &App, tx: &mut TenantTx, documents: &BTreeSet<DocumentId>) -> Result<bool, Fault> {
    queries::lock_for_lanes(tx, documents).await?;
    let mut ruled = false;
    for document in documents {
        ruled |= settle_again(app, tx, *document).await?;
    }
    Ok(ruled)
}

/// The document as it is, locked until the transaction ends.
pub(crate) async fn read_document(tx: &mut TenantTx, document: DocumentId) -> Result<Option<Merged>, Fault> {
    Ok(open_quietly(&KINDS, tx, document).await?.map(|(kind, lane)| as_it_is(kind, document, &lane)))
}

/// The document's lane.
async fn open_quietly(kinds: &Kinds, tx: &mut TenantTx, document: DocumentId) -> Result<Option<(&'static dyn Kind, Lane)>, Fault> {
    let Some(stored) = queries::lock_document(tx, document).await? else { return Ok(None) };
    let Some(kind) = kinds.get(&stored.kind) else { return Ok(None) };
    let lane = Lane::open(document, kind, Some(&stored.saved), Known::default()).map_err(|bad| Fault::new("read a stored document", bad))?;
    Ok(Some((kind, lane.told_so_far(stored.audiences))))
}

fn as_it_is(kind: &dyn Kind, document: DocumentId, lane: &Lane) -> Merged {
    let facts = lane.facts().clone();
    Merged { document, audiences: kind.audiences(document, &facts), facts, changes: Vec::new() }
}
