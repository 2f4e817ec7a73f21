//! A document's lane in Postgres: one transaction that locks the document, judges, merges, settles, projects, and takes its feed positions last.

mod queries;
mod store;

use super::admission::{self, Proven};
use super::feed::{FeedEntry, To};
use super::history;
use super::settlement::{Merged, MergedChange};
use crate::events::NewEvent;
use crate::failure::{Fault, Transient, violated_constraint};
use crate::http::App;
use crate::metrics::Stages;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DocumentId, IntentId};
use holdfast_sync::envelope::{Basis, BasisSource, Envelope, Header, Principal};
use holdfast_sync::hub::{Buried, Closed, Lane, MAX_WAITING, Outcome, OutcomeResult, ServerAct};
use holdfast_sync::kind::{Audience, Facts, Kind};
use holdfast_sync::verify::{FirstAnswer, GrantState, Known};
use holdfast_sync::wire::Answer;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) use queries::{OnRecord, PositionTimes, known, lock_and_read};
pub(super) use store::{Leaves, store};

/// Envelopes of one document whose signatures are right, in the order in which they came.
pub(in crate::sync) struct LaneRequest {
    pub document: DocumentId,
    pub envelopes: Vec<(Envelope, Header)>,
    /// Grants that the push proves by their tokens.
    pub proven: Arc<Proven>,
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

/// Runs a lane within `tx` and answers each envelope.
pub(in crate::sync) async fn run(app: &App, tx: &mut TenantTx, request: &LaneRequest) -> Result<BTreeMap<IntentId, Answer>, LaneFailure> {
    let mut stages = Stages::start(&app.environment);
    let OnRecord { stored, entries, waiting } = lock_and_read(tx, request.document).await?;
    let first = request.envelopes.iter().map(|(_, header)| header).chain(waiting.iter().map(|(_, header, _)| header)).next();
    let kind_name = stored.as_ref().map(|document| &document.kind).or_else(|| first.map(|header| &header.kind));
    let Some(kind) = kind_name.and_then(|name| app.modules.kinds.get(name)) else {
        // Looked at again, and still of no kind that is known here; or there is nothing left to look at.
        return if request.envelopes.is_empty() { Ok(BTreeMap::new()) } else { wait_for_kind(tx, request, waiting.len()).await };
    };
    let (waiting, waiting_strangers): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, header, _)| header.kind == kind.name());
    let headers: Vec<_> = request.envelopes.iter().map(|(_, header)| header).chain(waiting.iter().map(|(_, header, _)| header)).collect();
    let (known, times) = known(tx, entries, &headers).await?;
    let vouched = admission::vouched(tx, &request.proven, (&headers, times)).await?;
    let first_answers: BTreeMap<_, _> = known.answers.iter().map(|(intent, first)| (*intent, first.answer.clone())).collect();
    let waited: BTreeSet<_> = waiting.iter().chain(&waiting_strangers).map(|(_, header, _)| header.intent_id).collect();
    let sent: BTreeSet<_> = request.envelopes.iter().map(|(_, header)| header.intent_id).collect();
    let waiting_strangers =
        waiting_strangers.into_iter().map(|(envelope, header, _)| (envelope, header)).filter(|(_, header)| !sent.contains(&header.intent_id));
    let (ours, strangers): (Vec<_>, Vec<_>) = request.envelopes.iter().cloned().partition(|(_, header)| header.kind == kind.name());
    let offers = ours.into_iter().map(|(envelope, header)| vouched.offer(envelope, header, None)).collect();
    let waiting = waiting.into_iter().map(|(envelope, header, at)| vouched.offer(envelope, header, Some(at)));
    // Its grant was proven by a token when it came, and nothing here knows it, as after a restore: it waits for its device to bring the token again.
    let waiting = waiting.filter(|offer| !matches!(offer.grant, GrantState::Unknown)).collect();
    stages.end("load");

    let mut lane = Lane::open(request.document, kind, stored.as_ref().map(|document| document.saved.as_slice()), known).map_err(unreadable)?;
    lane.offer(offers, waiting).map_err(unreadable)?;
    stages.end("judge");
    settle(app, tx, &mut lane, (kind, request.document)).await?;
    stages.end("settle");
    let mut closed = lane.close();
    stages.end("judge");
    let decided = closed.outcomes.iter().filter(|outcome| !matches!(outcome.result, OutcomeResult::Duplicate(_)));
    let mut decided: BTreeSet<_> = decided.map(|outcome| outcome.header.intent_id).collect();
    closed.outcomes.extend(waiting_strangers.chain(strangers).map(|(envelope, header)| refuse(envelope, header, (&first_answers, &mut decided))));
    // What waits on as before is on file as it is.
    closed.outcomes.retain(|Outcome { header, result, .. }| {
        !matches!(result, OutcomeResult::Waiting(_)) || sent.contains(&header.intent_id) || !waited.contains(&header.intent_id)
    });
    let events = project(app, tx, (kind, request.document), &closed).await?;
    stages.end("project");
    let earlier = match stored {
        Some(stored) => earlier_for_newcomers(tx, request.document, (&stored.audiences, &closed.audiences)).await?,
        // Nothing was merged before.
        None => Vec::new(),
    };
    let answers = store(tx, (kind.name(), request.document), Leaves { closed, events, waited, reopened: BTreeSet::new(), earlier }).await?;
    stages.end("store");
    Ok(answers)
}

fn unreadable(bad: holdfast_sync::document::BadDocument) -> LaneFailure {
    LaneFailure::Fault(Fault::new("read a stored document", bad))
}

/// An envelope that speaks of a document of one kind as if it were another.
fn refuse(envelope: Envelope, header: Header, (first_answers, decided): (&BTreeMap<IntentId, Answer>, &mut BTreeSet<IntentId>)) -> Outcome {
    const KIND_DIFFERS: &str = "kind_differs";
    let result = match first_answers.get(&header.intent_id) {
        Some(first) if !matches!(first, Answer::Waiting { .. }) => OutcomeResult::Duplicate(first.clone()),
        _ if decided.insert(header.intent_id) => OutcomeResult::Refused(KIND_DIFFERS),
        // Sent twice in one push, or as both kinds.
        _ => OutcomeResult::Duplicate(Answer::Refused { code: KIND_DIFFERS.to_owned() }),
    };
    Outcome { envelope, header, result }
}

/// Lets the module say what the merged document means, and writes its rulings into it.
pub(in crate::sync) async fn settle(
    app: &App,
    tx: &mut TenantTx,
    lane: &mut Lane,
    (kind, document): (&'static dyn Kind, DocumentId),
) -> Result<(), LaneFailure> {
    match merged(kind, document, lane.facts(), lane.outcomes()) {
        Some(merged) => Ok(settle_merged(app, tx, kind, (lane, &merged)).await?),
        None => Ok(()),
    }
}

/// The same for a document whose changes are known.
pub(in crate::sync) async fn settle_merged(
    app: &App,
    tx: &mut TenantTx,
    kind: &'static dyn Kind,
    (lane, merged): (&mut Lane, &Merged),
) -> Result<(), Fault> {
    let Some(settlement) = app.modules.settlements.of(kind.name()) else { return Ok(()) };
    let keys: BTreeSet<_> = settlement.lock_keys(merged).into_iter().collect();
    super::queries::lock_keys(tx, &keys.into_iter().collect::<Vec<_>>()).await?;
    let rulings = settlement.settle(tx, merged).await?;
    if rulings.is_empty() {
        return Ok(());
    }
    let basis = Basis { source: BasisSource::Server, epoch: super::queries::epoch(tx).await?.into(), position: super::queries::feed_head(tx).await? };
    let actor: [u8; 16] = app.environment.bytes();
    for call in rulings {
        let module = kind.name().split('.').next().unwrap_or_default();
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
    Ok(())
}

/// The document as merged, where something was merged.
fn merged(kind: &dyn Kind, document: DocumentId, facts: &Facts, outcomes: &[Outcome]) -> Option<Merged> {
    let changes: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| match outcome.result {
            OutcomeResult::Accepted { effective_time, clamped, late } => {
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
    match (app.modules.settlements.of(kind.name()), merged(kind, document, &closed.facts, &closed.outcomes)) {
        (Some(settlement), Some(merged)) => Ok(settlement.project(tx, &merged).await?.events),
        _ => Ok(Vec::new()),
    }
}

/// The changes merged before, for audiences that the document enters now: what they get next rests on them. Empty where nobody enters.
pub(in crate::sync) async fn earlier_for_newcomers(
    tx: &mut TenantTx,
    document: DocumentId,
    (was, is): (&[String], &[Audience]),
) -> Result<Vec<FeedEntry>, Fault> {
    let newcomers: Vec<_> = is.iter().filter(|audience| !was.contains(&audience.to_string())).cloned().collect();
    if newcomers.is_empty() {
        return Ok(Vec::new());
    }
    let merged = history::merged_changes(tx, document).await?;
    Ok(merged.into_iter().map(|body| FeedEntry { to: To::Audiences(newcomers.clone()), body }).collect())
}

/// A newer app speaks of a kind that this server does not know yet: kept, and judged once it does. An intent keeps its first answer here, too: neither
/// another device nor another envelope takes its place, but for a later one of the same chain.
async fn wait_for_kind(tx: &mut TenantTx, request: &LaneRequest, waiting: usize) -> Result<BTreeMap<IntentId, Answer>, LaneFailure> {
    let headers: Vec<_> = request.envelopes.iter().map(|(_, header)| header).collect();
    let (Known { mut answers, .. }, _) = known(tx, Vec::new(), &headers).await?;
    let mut room = MAX_WAITING.saturating_sub(waiting);
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut buried = Vec::new();
    for (envelope, header) in &request.envelopes {
        let first = answers.get(&header.intent_id);
        let result = match first {
            Some(first) if first.is_followed_by(header) && matches!(first.answer, Answer::Waiting { .. }) => {
                let here = outcomes.iter().position(|outcome| outcome.header.intent_id == header.intent_id).map(|place| outcomes.remove(place));
                let old = here.map(|outcome| Buried::Offered(Box::new((outcome.header, outcome.envelope))));
                buried.push(old.unwrap_or(Buried::Filed(header.intent_id)));
                OutcomeResult::Waiting(Vec::new())
            }
            Some(first) => OutcomeResult::Duplicate(first.answer.clone()),
            None if room > 0 => {
                room -= 1;
                OutcomeResult::Waiting(Vec::new())
            }
            None => OutcomeResult::Held("too_many_waiting"),
        };
        let answer = match &result {
            OutcomeResult::Waiting(_) => Some(Answer::Waiting { missing: Vec::new() }),
            OutcomeResult::Held(code) => Some(Answer::Held { code: (*code).to_owned() }),
            _ => None,
        };
        answers.extend(answer.map(|answer| (header.intent_id, FirstAnswer::to(header, answer))));
        outcomes.push(Outcome { envelope: envelope.clone(), header: header.clone(), result });
    }
    let closed = Closed { outcomes, buried, saved: None, facts: Facts::default(), audiences: Vec::new() };
    let unjudged = Leaves { closed, events: Vec::new(), waited: BTreeSet::new(), reopened: BTreeSet::new(), earlier: Vec::new() };
    // A server that looks again at what waits brings nothing new.
    let kind = headers.first().map_or("", |header| header.kind.as_str());
    store(tx, (kind, request.document), unjudged).await
}
