//! What lanes leave, and how it is filed: with the feed's counter, last.

use super::LaneFailure;
use super::queries::{self, DepartureRow, DocumentRow, EnvelopeRow, Filing};
use crate::events::{self, NewEvent};
use crate::sync::feed::{self, FeedBody, FeedEntry, To};
use crate::sync::replaced;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DocumentId, IntentId, Timestamp};
use holdfast_sync::hub::{Closed, Outcome, OutcomeResult};
use holdfast_sync::kind::Audience;
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
    /// What was merged before, where somebody gets the document in this lane, who must read it first.
    pub earlier: Vec<FeedBody>,
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
    let departures: Vec<_> = lanes.iter().zip(&places).flat_map(|(lane, place)| departures(lane, (place, filed.before))).collect();
    queries::depart(tx, departures).await?;
    let at = |place: &Places| filed.before + place.last.unsigned_abs();
    let events: Vec<_> = lanes.iter().zip(&places).map(|(lane, place)| (at(place), lane.events.as_slice())).collect();
    events::publish(tx, &events).await?;
    Ok(answers(lanes, &places, filed.before))
}

/// Adds what a lane leaves to what is filed.
fn place<'a>(lane: &'a Leaves<'_>, filing: &mut Filing<'a>, arrival: Timestamp) -> Places {
    let told = feed_entries(lane);
    let before = filing.positions as i64;
    let of: BTreeMap<_, _> = (before + 1..).zip(&told).filter_map(|(offset, (intent, _))| Some(((*intent)?, offset))).collect();
    filing.feed.extend((before + 1..).zip(told.iter().map(|(_, entry)| feed::row(entry))));
    let entries = told.len();
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

/// What the feed tells, each with the intent whose place it takes: every merged change to its audiences, and before it what was merged until then to those who get the document by
/// it; to a device, what became of its envelopes that had waited.
fn feed_entries(Leaves { closed, waited, earlier, .. }: &Leaves<'_>) -> Vec<(Option<IntentId>, FeedEntry)> {
    let mut merged = earlier.clone();
    let mut entries = Vec::new();
    let answer = |outcome: &Outcome, answer| {
        let intent_id = outcome.header.intent_id;
        waited.contains(&intent_id).then_some(FeedEntry { to: To::Device(outcome.header.device), body: FeedBody::Answer { intent_id, answer } })
    };
    for outcome in &closed.outcomes {
        let entry = match &outcome.result {
            OutcomeResult::Accepted { told, .. } => {
                let again = |body: &FeedBody| FeedEntry { to: To::Audiences(told.newcomers.clone()), body: body.clone().had_by(told.now.clone()) };
                entries.extend(merged.iter().filter(|_| !told.newcomers.is_empty()).map(|body| (None, again(body))));
                let body = FeedBody::Change {
                    document: outcome.header.document,
                    kind: outcome.header.kind.clone(),
                    change: outcome.envelope.change.clone(),
                    intent_id: outcome.header.intent_id,
                    audiences: told.now.clone(),
                };
                if closed.has_newcomers() {
                    merged.push(body.clone());
                }
                let to = match waited.contains(&outcome.header.intent_id) {
                    true => To::AudiencesAnd(told.to.clone(), outcome.header.device),
                    false => To::Audiences(told.to.clone()),
                };
                Some(FeedEntry { to, body })
            }
            OutcomeResult::Held(code) => answer(outcome, Answer::Held { code: (*code).to_owned() }),
            OutcomeResult::Refused(code) => answer(outcome, Answer::Refused { code: (*code).to_owned() }),
            OutcomeResult::Waiting(_) | OutcomeResult::Duplicate(_) => None,
        };
        entries.extend(entry.map(|entry| (Some(outcome.header.intent_id), entry)));
    }
    entries
}

/// Who does not have the lane's document any more, and who has it again.
fn departures(lane: &Leaves<'_>, (places, before): (&Places, u64)) -> Vec<DepartureRow> {
    let mut rows: BTreeMap<String, DepartureRow> = BTreeMap::new();
    let mut left = lane.closed.departures.iter().peekable();
    for outcome in &lane.closed.outcomes {
        let OutcomeResult::Accepted { told, .. } = &outcome.result else { continue };
        let row = |audience: &Audience, left| (audience.to_string(), DepartureRow { document: lane.document, audience: audience.to_string(), left });
        rows.extend(told.newcomers.iter().map(|audience| row(audience, None)));
        if let Some(departure) = left.next_if(|departure| departure.intent_id == outcome.header.intent_id) {
            let position = before + places.of.get(&departure.intent_id).copied().unwrap_or_default().unsigned_abs();
            rows.extend(departure.from.iter().map(|audience| row(audience, Some(position))));
        }
    }
    rows.into_values().collect()
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
        OutcomeResult::Accepted { effective_time, clamped, late, .. } => Some(EnvelopeRow {
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
