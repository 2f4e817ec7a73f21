//! A document's lane in Postgres: one transaction that locks the document, judges, merges, settles, projects, and takes its feed positions last.

use super::admission::{self, Proven};
use super::feed::{self, FeedBody, FeedEntry, To};
use super::history;
use super::queries::{self, DocumentRow, EnvelopeRow};
use super::replaced;
use super::settlement::{Merged, MergedChange};
use crate::SETTLEMENTS;
use crate::events::NewEvent;
use crate::failure::{Fault, Transient, violated_constraint};
use crate::http::App;
use crate::metrics::Stages;
use crate::tenancy::TenantTx;
use holdfast_domain::KINDS;
use holdfast_domain::kernel::{DocumentId, IntentId, Timestamp};
use holdfast_sync::envelope::{Basis, BasisSource, Envelope, Header, Principal};
use holdfast_sync::hub::{Closed, Lane, MAX_WAITING, Outcome, OutcomeResult, ServerAct};
use holdfast_sync::kind::{Audience, Kind};
use holdfast_sync::verify::Known;
use holdfast_sync::wire::Answer;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Envelopes of one document whose signatures are right, in the order in which they came.
pub(super) struct LaneRequest {
    pub document: DocumentId,
    pub envelopes: Vec<(Envelope, Header)>,
    /// Grants that the push proves by their tokens.
    pub proven: Arc<Proven>,
}

/// Why a lane did not commit.
#[derive(Debug)]
pub(super) enum LaneFailure {
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
pub(super) async fn run(app: &App, tx: &mut TenantTx, request: &LaneRequest) -> Result<BTreeMap<IntentId, Answer>, LaneFailure> {
    let mut stages = Stages::start(&app.environment);
    let stored = queries::lock_document(tx, request.document).await?;
    let kind_name = stored.as_ref().map_or(request.envelopes[0].1.kind.as_str(), |document| document.kind.as_str());
    let Some(kind) = KINDS.get(kind_name) else { return wait_for_kind(tx, request).await };
    let (waiting, waiting_strangers): (Vec<_>, Vec<_>) =
        queries::waiting_envelopes(tx, request.document).await?.into_iter().partition(|(_, header, _)| header.kind == kind.name());
    let known = known(tx, request, &waiting).await?;
    let first_answers: BTreeMap<_, _> = known.answers.iter().map(|(intent, first)| (*intent, first.answer.clone())).collect();
    let waited: BTreeSet<_> = waiting.iter().chain(&waiting_strangers).map(|(_, header, _)| header.intent_id).collect();
    let sent: BTreeSet<_> = request.envelopes.iter().map(|(_, header)| header.intent_id).collect();
    let waiting_strangers =
        waiting_strangers.into_iter().map(|(envelope, header, _)| (envelope, header)).filter(|(_, header)| !sent.contains(&header.intent_id));
    let (ours, strangers): (Vec<_>, Vec<_>) = request.envelopes.iter().cloned().partition(|(_, header)| header.kind == kind.name());
    let offers = admission::offers(tx, &request.proven, ours.into_iter().map(|(envelope, header)| (envelope, header, None)).collect()).await?;
    let waiting =
        admission::offers(tx, &request.proven, waiting.into_iter().map(|(envelope, header, at)| (envelope, header, Some(at))).collect()).await?;
    stages.end("load");

    let mut lane = Lane::open(request.document, kind, stored.as_ref().map(|document| document.saved.as_slice()), known).map_err(unreadable)?;
    lane.offer(offers, waiting).map_err(unreadable)?;
    stages.end("judge");
    settle(app, tx, &mut lane, (kind, request.document)).await?;
    stages.end("settle");
    let mut closed = lane.close();
    stages.end("judge");
    closed.outcomes.extend(waiting_strangers.chain(strangers).map(|(envelope, header)| refuse(envelope, header, &first_answers)));
    let events = project(tx, (kind, request.document), &closed).await?;
    stages.end("project");
    let was = stored.map(|stored| stored.audiences).unwrap_or_default();
    let earlier = earlier_for_newcomers(tx, request.document, (&was, &closed.audiences)).await?;
    let answers = store(tx, (kind, request.document), Leaves { closed, events, waited, reopened: BTreeSet::new(), earlier }).await?;
    stages.end("store");
    Ok(answers)
}

fn unreadable(bad: holdfast_sync::document::BadDocument) -> LaneFailure {
    LaneFailure::Fault(Fault::new("read a stored document", bad))
}

/// An envelope that speaks of a document of one kind as if it were another.
fn refuse(envelope: Envelope, header: Header, first_answers: &BTreeMap<IntentId, Answer>) -> Outcome {
    let result = match first_answers.get(&header.intent_id) {
        Some(first) if !matches!(first, Answer::Waiting { .. }) => OutcomeResult::Duplicate(first.clone()),
        _ => OutcomeResult::Refused("kind_differs"),
    };
    Outcome { envelope, header, result }
}

/// What the tables remember that concerns the offered envelopes.
pub(super) async fn known(tx: &mut TenantTx, request: &LaneRequest, waiting: &[(Envelope, Header, Timestamp)]) -> Result<Known, Fault> {
    let headers: Vec<&Header> = request.envelopes.iter().map(|(_, header)| header).chain(waiting.iter().map(|(_, header, _)| header)).collect();
    let intents: Vec<_> = headers.iter().map(|header| header.intent_id.0).collect();
    let actors: Vec<_> = headers.iter().map(|header| header.actor.0.clone()).collect();
    let numbers: BTreeSet<_> = headers
        .iter()
        .filter_map(|header| Some((header.device, header.chain?, header.device_seq)))
        .flat_map(|(device, chain, seq)| [(device, chain, seq), (device, chain, seq.saturating_sub(1))])
        .collect();
    Ok(Known {
        entries: queries::known_entries(tx, request.document).await?,
        answers: queries::first_answers(tx, &intents).await?,
        actors: queries::actor_owners(tx, &actors).await?,
        headers: queries::chain_headers(tx, &numbers.into_iter().collect::<Vec<_>>()).await?,
    })
}

/// Lets the module say what the merged document means, and writes its rulings into it.
pub(super) async fn settle(
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
pub(super) async fn settle_merged(app: &App, tx: &mut TenantTx, kind: &'static dyn Kind, (lane, merged): (&mut Lane, &Merged)) -> Result<(), Fault> {
    let Some(settlement) = SETTLEMENTS.of(kind.name()) else { return Ok(()) };
    let keys: BTreeSet<_> = settlement.lock_keys(merged).into_iter().collect();
    queries::lock_keys(tx, &keys.into_iter().collect::<Vec<_>>()).await?;
    let rulings = settlement.settle(tx, merged).await?;
    if rulings.is_empty() {
        return Ok(());
    }
    let basis = Basis { source: BasisSource::Server, epoch: queries::epoch(tx).await?.into(), position: queries::feed_head(tx).await? };
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
fn merged(kind: &dyn Kind, document: DocumentId, facts: &holdfast_sync::kind::Facts, outcomes: &[Outcome]) -> Option<Merged> {
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
pub(super) async fn project(
    tx: &mut TenantTx,
    (kind, document): (&'static dyn Kind, DocumentId),
    closed: &Closed,
) -> Result<Vec<NewEvent>, LaneFailure> {
    match (SETTLEMENTS.of(kind.name()), merged(kind, document, &closed.facts, &closed.outcomes)) {
        (Some(settlement), Some(merged)) => Ok(settlement.project(tx, &merged).await?.events),
        _ => Ok(Vec::new()),
    }
}

/// What a lane leaves to be written.
pub(super) struct Leaves {
    pub closed: Closed,
    pub events: Vec<NewEvent>,
    /// Intents that had been answered `waiting`, or `held`: their device is told what came of them.
    pub waited: BTreeSet<IntentId>,
    /// Intents that were held, and are decided by a person now.
    pub reopened: BTreeSet<IntentId>,
    /// What whoever enters the document's audience now must read first.
    pub earlier: Vec<FeedEntry>,
}

/// The changes merged before, for audiences that the document enters now: what they get next rests on them. Empty where nobody enters.
pub(super) async fn earlier_for_newcomers(
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

/// Files the envelopes, the document and the events, and appends to the feed.
pub(super) async fn store(
    tx: &mut TenantTx,
    (kind, document): (&'static dyn Kind, DocumentId),
    Leaves { closed, events, waited, reopened, earlier }: Leaves,
) -> Result<BTreeMap<IntentId, Answer>, LaneFailure> {
    if closed.saved.is_some() {
        queries::own_actors(tx, owners(&closed.outcomes)).await?;
    }
    replaced::keep(tx, document, &closed.buried).await?;
    let entries = feed_entries(&closed, &waited);
    let all: Vec<_> = earlier.iter().chain(entries.iter().map(|(_, entry)| entry)).cloned().collect();
    // From here on the tenant's feed is locked: only what needs a position comes after.
    let before = feed::append(tx, &all, events).await? + earlier.len() as u64;
    let offsets: BTreeMap<IntentId, i64> = (1..).zip(&entries).map(|(offset, (intent, _))| (*intent, offset)).collect();
    let rows: Vec<_> = closed.outcomes.iter().filter_map(|outcome| envelope_row(outcome, &offsets, tx.now())).collect();
    if !rows.is_empty() {
        let filed = queries::file_envelopes(tx, before, (&rows, &reopened)).await?;
        // The same intent was decided in another document's lane since this one looked: nothing may be merged twice.
        if filed != rows.len() as u64 {
            return Err(LaneFailure::Overtaken);
        }
    }
    if let Some(saved) = &closed.saved {
        let row = DocumentRow { id: document, kind: kind.name(), saved, facts: closed.facts.len(), audiences: &closed.audiences };
        queries::store_document(tx, row, before + entries.len() as u64).await?;
    }
    Ok(answers(&closed.outcomes, before, &offsets))
}

/// The actors that came with what was merged, and whose they are.
fn owners(outcomes: &[Outcome]) -> Vec<(Vec<u8>, uuid::Uuid)> {
    let merged = outcomes.iter().filter(|outcome| matches!(outcome.result, OutcomeResult::Accepted { .. }));
    let owners: BTreeMap<_, _> = merged.map(|outcome| (outcome.header.actor.0.clone(), outcome.header.device.0)).collect();
    owners.into_iter().collect()
}

/// What the feed tells: every merged change to its audiences; to a device, what became of its envelopes that had waited.
fn feed_entries(closed: &Closed, waited: &BTreeSet<IntentId>) -> Vec<(IntentId, FeedEntry)> {
    let answer = |outcome: &Outcome, answer| {
        let intent_id = outcome.header.intent_id;
        waited.contains(&intent_id).then_some(FeedEntry { to: To::Device(outcome.header.device), body: FeedBody::Answer { intent_id, answer } })
    };
    closed
        .outcomes
        .iter()
        .filter_map(|outcome| {
            let entry = match &outcome.result {
                OutcomeResult::Accepted { .. } => Some(FeedEntry {
                    to: match waited.contains(&outcome.header.intent_id) {
                        true => To::AudiencesAnd(closed.audiences.clone(), outcome.header.device),
                        false => To::Audiences(closed.audiences.clone()),
                    },
                    body: FeedBody::Change {
                        document: outcome.header.document,
                        kind: outcome.header.kind.clone(),
                        change: outcome.envelope.change.clone(),
                        intent_id: outcome.header.intent_id,
                    },
                }),
                OutcomeResult::Held(code) => answer(outcome, Answer::Held { code: (*code).to_owned() }),
                OutcomeResult::Refused(code) => answer(outcome, Answer::Refused { code: (*code).to_owned() }),
                OutcomeResult::Waiting(_) | OutcomeResult::Duplicate(_) => None,
            };
            Some((outcome.header.intent_id, entry?))
        })
        .collect()
}

fn envelope_row<'a>(outcome: &'a Outcome, offsets: &BTreeMap<IntentId, i64>, arrival: Timestamp) -> Option<EnvelopeRow<'a>> {
    let unjudged = |standing, code| EnvelopeRow {
        envelope: &outcome.envelope,
        header: &outcome.header,
        standing,
        code,
        offset: None,
        effective_at: outcome.header.wall_time_ms.min(arrival),
        clock_clamped: false,
        after_expiry: false,
    };
    match &outcome.result {
        OutcomeResult::Accepted { effective_time, clamped, late } => Some(EnvelopeRow {
            offset: offsets.get(&outcome.header.intent_id).copied(),
            effective_at: *effective_time,
            clock_clamped: *clamped,
            after_expiry: *late,
            ..unjudged("accepted", None)
        }),
        OutcomeResult::Held(code) => Some(unjudged("held", Some(*code))),
        OutcomeResult::Refused(code) => Some(unjudged("refused", Some(*code))),
        OutcomeResult::Waiting(_) => Some(unjudged("waiting", None)),
        OutcomeResult::Duplicate(_) => None,
    }
}

/// One answer per intent. A repeat within the lane gets what its first got.
fn answers(outcomes: &[Outcome], before: u64, offsets: &BTreeMap<IntentId, i64>) -> BTreeMap<IntentId, Answer> {
    let mut answers = BTreeMap::new();
    for outcome in outcomes {
        let intent = outcome.header.intent_id;
        let answer = match &outcome.result {
            OutcomeResult::Accepted { .. } => {
                Answer::Accepted { position: before + offsets.get(&intent).copied().unwrap_or_default().unsigned_abs() }
            }
            OutcomeResult::Held(code) => Answer::Held { code: (*code).to_owned() },
            OutcomeResult::Refused(code) => Answer::Refused { code: (*code).to_owned() },
            OutcomeResult::Waiting(missing) => Answer::Waiting { missing: missing.clone() },
            OutcomeResult::Duplicate(first) => Answer::Duplicate { first: Box::new(first.clone()) },
        };
        match &outcome.result {
            OutcomeResult::Duplicate(_) => answers.entry(intent).or_insert(answer),
            _ => answers.entry(intent).insert_entry(answer).into_mut(),
        };
    }
    answers
}

/// A newer app speaks of a kind that this server does not know yet: kept, and judged once it does.
async fn wait_for_kind(tx: &mut TenantTx, request: &LaneRequest) -> Result<BTreeMap<IntentId, Answer>, LaneFailure> {
    let room = MAX_WAITING.saturating_sub(queries::waiting_envelopes(tx, request.document).await?.len());
    let waiting = |(place, (envelope, header)): (usize, &(Envelope, Header))| Outcome {
        envelope: envelope.clone(),
        header: header.clone(),
        result: if place < room { OutcomeResult::Waiting(Vec::new()) } else { OutcomeResult::Held("too_many_waiting") },
    };
    let outcomes: Vec<_> = request.envelopes.iter().enumerate().map(waiting).collect();
    let now = tx.now();
    let rows: Vec<_> = outcomes.iter().filter_map(|outcome| envelope_row(outcome, &BTreeMap::new(), now)).collect();
    queries::file_envelopes(tx, 0, (&rows, &BTreeSet::new())).await?;
    Ok(answers(&outcomes, 0, &BTreeMap::new()))
}
