//! The lanes of documents in Postgres: one transaction that locks them, judges, merges, settles, projects, and takes their feed positions last.
//!
//! What documents have in common is asked and filed at once, so that a thousand tickets after a week without a network cost little more than their lines. Each is
//! judged by itself, and where one of them cannot be written, whoever asked runs them one by one.

mod judged;
mod queries;
mod store;
mod unread;

use super::admission::{self, Proven};
use super::feed::FeedBody;
use super::history;
use super::settlement::{Merged, MergedChange};
use crate::events::NewEvent;
use crate::failure::{Fault, Transient, violated_constraint};
use crate::http::App;
use crate::metrics::Stages;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::DocumentId;
use holdfast_sync::envelope::{Basis, BasisSource, Envelope, Header, Principal};
use holdfast_sync::hub::{Closed, Lane, Outcome, OutcomeResult, ServerAct};
use holdfast_sync::kind::{Facts, Kind};
use judged::Judged;
use std::collections::BTreeSet;

pub(super) use queries::{OnRecord, PositionTimes, known, lock_and_read};
pub(super) use store::{Answers, Leaves, store};

/// Envelopes of one document whose signatures are right, in the order in which they came.
pub(in crate::sync) struct LaneRequest {
    pub document: DocumentId,
    pub envelopes: Vec<(Envelope, Header)>,
}

/// Why a lane did not commit.
#[derive(Debug)]
pub(in crate::sync) enum LaneFailure {
    /// We must act.
    Fault(Fault),
    /// Another lane took a number of the same chain meanwhile; done again, this one sees it.
    Overtaken,
}

impl std::fmt::Display for LaneFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Overtaken => f.write_str("lanes of one chain kept overtaking one another"),
        }
    }
}

impl Transient for LaneFailure {
    fn is_transient(&self) -> bool {
        match self {
            Self::Fault(fault) => fault.is_transient(),
            Self::Overtaken => true,
        }
    }
}

impl From<Fault> for LaneFailure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<sqlx::Error> for LaneFailure {
    fn from(error: sqlx::Error) -> Self {
        if violated_constraint(&error) == Some("envelopes_chain") { Self::Overtaken } else { Self::Fault(error.into()) }
    }
}

/// Runs the lanes of different documents within `tx` and answers each envelope, lane by lane. `proven` are the grants that the push proves by their tokens.
/// What one lane finds out of chains and actors counts for those after it; an intent may be in one of them only.
pub(in crate::sync) async fn run(app: &App, tx: &mut TenantTx, proven: &Proven, requests: &[LaneRequest]) -> Result<Vec<Answers>, LaneFailure> {
    let mut stages = Stages::start(&app.environment);
    let mut on_record = lock_and_read(tx, &requests.iter().map(|request| request.document).collect()).await?;
    let records: Vec<_> = requests.iter().map(|request| on_record.remove(&request.document).unwrap_or_default()).collect();
    let of_lane = |(request, record): (&'_ LaneRequest, &'_ OnRecord)| -> Vec<Header> { judged::headers(request, record).cloned().collect() };
    let headers: Vec<_> = requests.iter().zip(&records).flat_map(of_lane).collect();
    let headers: Vec<_> = headers.iter().collect();
    let (mut known, times) = known(tx, &headers).await?;
    let vouched = admission::vouched(tx, proven, (&headers, times)).await?;
    stages.end("load");
    let judge = |(request, record)| Judged::of(app.modules.kinds, (request, record), (&mut known, &vouched));
    let lanes = requests.iter().zip(records).map(judge).collect::<Result<Vec<_>, _>>()?;
    stages.end("judge");
    lock_keys(app, tx, lanes.iter().filter_map(Judged::merged)).await?;
    let mut leaves = Vec::with_capacity(lanes.len());
    for of_one_kind in judged::of_one_kind(app.modules.settlements, lanes) {
        leaves.extend(judged::leave(app, tx, of_one_kind, &mut stages).await?);
    }
    let answers = store(tx, &leaves).await?;
    stages.end("store");
    Ok(answers)
}

fn unreadable(bad: holdfast_sync::document::BadDocument) -> LaneFailure {
    LaneFailure::Fault(Fault::new("read a stored document", bad))
}

/// What documents must wait for beside themselves. All of it is locked before the first of them is settled, in the order in which everybody locks.
pub(in crate::sync) async fn lock_keys(
    app: &App,
    tx: &mut TenantTx,
    merged: impl Iterator<Item = (&'static dyn Kind, &Merged)>,
) -> Result<(), Fault> {
    let keys = merged.filter_map(|(kind, merged)| Some(app.modules.settlements.of(kind.name())?.lock_keys(merged)));
    let keys: BTreeSet<_> = keys.flatten().collect();
    super::queries::lock_keys(tx, &keys.into_iter().collect::<Vec<_>>()).await
}

/// Lets the module say what the merged document means, and writes its rulings into it.
pub(in crate::sync) async fn settle(
    app: &App,
    tx: &mut TenantTx,
    lane: &mut Lane,
    (kind, document): (&'static dyn Kind, DocumentId),
) -> Result<(), LaneFailure> {
    let Some(merged) = merged(kind, document, lane.facts(), lane.outcomes()) else { return Ok(()) };
    lock_keys(app, tx, std::iter::once((kind, &merged))).await?;
    Ok(settle_merged(app, tx, kind, (&mut [lane], &[merged])).await?)
}

/// The same for documents of one kind whose changes are known and whose keys are locked.
pub(in crate::sync) async fn settle_merged(
    app: &App,
    tx: &mut TenantTx,
    kind: &'static dyn Kind,
    (lanes, merged): (&mut [&mut Lane], &[Merged]),
) -> Result<(), Fault> {
    let Some(settlement) = app.modules.settlements.of(kind.name()) else { return Ok(()) };
    let rulings = settlement.settle(tx, merged).await?;
    if rulings.iter().all(Vec::is_empty) {
        return Ok(());
    }
    let basis = Basis { source: BasisSource::Server, epoch: super::queries::epoch(tx).await?.into(), position: super::queries::feed_head(tx).await? };
    let module = kind.name().split('.').next().unwrap_or_default();
    for (lane, rulings) in lanes.iter_mut().zip(rulings) {
        let actor: [u8; 16] = app.environment.bytes();
        for call in rulings {
            let act = ServerAct {
                tenant: tx.tenant(),
                by: Principal::System(module.to_owned()),
                actor: actor.to_vec(),
                intent_id: app.environment.new_id(),
                call,
                now: tx.now(),
                basis: basis.clone(),
            };
            lane.rule(act, |bytes| app.identity.keys().current().sign(bytes).0).map_err(|error| Fault::new("write a ruling", error))?;
        }
    }
    Ok(())
}

/// The document as merged, where something was merged.
fn merged(kind: &dyn Kind, document: DocumentId, facts: &Facts, outcomes: &[Outcome]) -> Option<Merged> {
    let changes: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| match outcome.result {
            OutcomeResult::Accepted { effective_time, clamped, late, .. } => {
                Some(MergedChange { header: outcome.header.clone(), effective_at: effective_time, clock_clamped: clamped, after_expiry: late })
            }
            _ => None,
        })
        .collect();
    let audiences = kind.audiences(document, facts);
    (!changes.is_empty()).then(|| Merged { document, facts: facts.clone(), audiences, changes })
}

/// Lets the module write its tables. Answers what is to be published.
pub(in crate::sync) async fn project(
    app: &App,
    tx: &mut TenantTx,
    (kind, document): (&'static dyn Kind, DocumentId),
    closed: &Closed,
) -> Result<Vec<NewEvent>, LaneFailure> {
    let merged: Vec<_> = merged(kind, document, &closed.facts, &closed.outcomes).into_iter().collect();
    Ok(project_merged(app, tx, kind, &merged).await?.into_iter().flatten().collect())
}

/// The same for documents of one kind whose changes are known: document by document.
async fn project_merged(app: &App, tx: &mut TenantTx, kind: &'static dyn Kind, merged: &[Merged]) -> Result<Vec<Vec<NewEvent>>, Fault> {
    match app.modules.settlements.of(kind.name()) {
        Some(settlement) if !merged.is_empty() => Ok(settlement.project(tx, merged).await?.into_iter().map(|projected| projected.events).collect()),
        _ => Ok(merged.iter().map(|_| Vec::new()).collect()),
    }
}

/// The changes merged before the lane, for audiences that the document enters in it: what they get next rests on them. Empty where nobody enters.
pub(in crate::sync) async fn earlier_for_newcomers(tx: &mut TenantTx, document: DocumentId, closed: &Closed) -> Result<Vec<FeedBody>, Fault> {
    if closed.has_newcomers() { history::merged_changes(tx, document).await } else { Ok(Vec::new()) }
}
