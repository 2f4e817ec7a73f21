//! What lanes leave, and how it is filed: with the feed's counter, last.

use super::LaneFailure;
use super::queries::{self, DocumentRow, EnvelopeRow, Filing};
use crate::events::{self, NewEvent};
use crate::sync::feed::{self, FeedBody, FeedEntry, To};
use crate::sync::replaced;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DocumentId, IntentId, Timestamp};
use holdfast_sync::hub::{Closed, Outcome, OutcomeResult};
use holdfast_sync::wire::Answer;
use std::collections::{BTreeMap, BTreeSet};

/// What a lane leaves to be written.
pub(in crate::sync) struct Leaves<'k> {
    pub document: DocumentId,
    /// The document's kind.
    pub kind: &'k str,
    pub closed: Closed,
    pub events: Vec<NewEvent>,
    /// Intents that had been answered `waiting`, or `held`: their device is told what came of them.
    pub waited: BTreeSet<IntentId>,
    /// Intents that were held, and are decided by a person now.
    pub reopened: BTreeSet<IntentId>,
    /// What whoever enters the document's audience now must read first.
    pub earlier: Vec<FeedEntry>,
}

/// The answers to a lane's envelopes, one per intent.
pub(in crate::sync) type Answers = BTreeMap<IntentId, Answer>;

/// The places of one lane among those that are taken.
struct Places {
    /// Of what is told of each intent.
    of: BTreeMap<IntentId, i64>,
    /// The last: of the document and of the events.
    last: i64,
}

/// Files the envelopes, the documents and the events, and appends to the feed, lane by lane.
pub(in crate::sync) async fn store(tx: &mut TenantTx, lanes: &[Leaves<'_>]) -> Result<Vec<Answers>, LaneFailure> {
    for lane in lanes {
        replaced::keep(tx, lane.document, &lane.closed.buried).await?;
    }
    let mut filing = Filing::default();
    let places: Vec<_> = lanes.iter().map(|lane| place(lane, &mut filing, tx.now())).collect();
    let wanted = filing.envelopes.len() as u64;
    if filing.positions == 0 && wanted == 0 {
        return Ok(answers(lanes, &places, 0));
    }
    // From here on the tenant's feed is locked: only what needs a position comes after.
    let filed = queries::file(tx, filing).await?;
    // The same intent was decided in another document's lane since this one looked: nothing may be merged twice.
    if filed.envelopes != wanted {
        return Err(LaneFailure::Overtaken);
    }
    let at = |place: &Places| filed.before + place.last.unsigned_abs();
    let events: Vec<_> = lanes.iter().zip(&places).map(|(lane, place)| (at(place), lane.events.as_slice())).collect();
    events::publish(tx, &events).await?;
    Ok(answers(lanes, &places, filed.before))
}

/// Adds what a lane leaves to what is filed.
fn place<'a>(lane: &'a Leaves<'_>, filing: &mut Filing<'a>, arrival: Timestamp) -> Places {
    let told = feed_entries(&lane.closed, &lane.waited);
    let before = filing.positions as i64;
    let of: BTreeMap<_, _> = (before + lane.earlier.len() as i64 + 1..).zip(&told).map(|(offset, (intent, _))| (*intent, offset)).collect();
    let all = lane.earlier.iter().chain(told.iter().map(|(_, entry)| entry)).map(feed::row);
    filing.feed.extend((before + 1..).zip(all));
    let entries = lane.earlier.len() + told.len();
    // With no entry but events, one position is taken for them.
    filing.positions += if lane.events.is_empty() { entries as u64 } else { entries.max(1) as u64 };
    let last = filing.positions as i64;
    filing.envelopes.extend(lane.closed.outcomes.iter().filter_map(|outcome| envelope_row(outcome, &of, arrival)));
    filing.reopened.extend(lane.reopened.iter().map(|intent| intent.0));
    filing.documents.extend(lane.closed.saved.as_deref().map(|saved| DocumentRow {
        id: lane.document,
        kind: lane.kind,
        saved,
        facts: lane.closed.facts.len(),
        audiences: &lane.closed.audiences,
        offset: last,
    }));
    let merged = lane.closed.outcomes.iter().filter(|outcome| matches!(outcome.result, OutcomeResult::Accepted { .. }));
    filing.actors.extend(merged.map(|outcome| (outcome.header.actor.0.clone(), outcome.header.device.0)));
    Places { of, last }
}

fn answers(lanes: &[Leaves<'_>], places: &[Places], before: u64) -> Vec<Answers> {
    lanes.iter().zip(places).map(|(lane, place)| lane_answers(&lane.closed.outcomes, before, &place.of)).collect()
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
fn lane_answers(outcomes: &[Outcome], before: u64, offsets: &BTreeMap<IntentId, i64>) -> Answers {
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
