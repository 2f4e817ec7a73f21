//! What a lane leaves, and how it is filed: with the feed's counter, last.

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
pub(in crate::sync) struct Leaves {
    pub closed: Closed,
    pub events: Vec<NewEvent>,
    /// Intents that had been answered `waiting`, or `held`: their device is told what came of them.
    pub waited: BTreeSet<IntentId>,
    /// Intents that were held, and are decided by a person now.
    pub reopened: BTreeSet<IntentId>,
    /// What whoever enters the document's audience now must read first.
    pub earlier: Vec<FeedEntry>,
}

/// Files the envelopes, the document and the events, and appends to the feed.
pub(in crate::sync) async fn store(
    tx: &mut TenantTx,
    (kind, document): (&str, DocumentId),
    Leaves { closed, events, waited, reopened, earlier }: Leaves,
) -> Result<BTreeMap<IntentId, Answer>, LaneFailure> {
    replaced::keep(tx, document, &closed.buried).await?;
    let entries = feed_entries(&closed, &waited);
    let all = earlier.iter().chain(entries.iter().map(|(_, entry)| entry));
    let first = earlier.len() as i64 + 1;
    let offsets: BTreeMap<IntentId, i64> = (first..).zip(&entries).map(|(offset, (intent, _))| (*intent, offset)).collect();
    let feed: Vec<_> = all.map(feed::row).collect();
    let filing = Filing {
        positions: if events.is_empty() { feed.len() as u64 } else { feed.len().max(1) as u64 },
        feed,
        envelopes: closed.outcomes.iter().filter_map(|outcome| envelope_row(outcome, &offsets, tx.now())).collect(),
        reopened: &reopened,
        document: closed.saved.as_deref().map(|saved| {
            let row = DocumentRow { kind, saved, facts: closed.facts.len(), audiences: &closed.audiences, actors: owners(&closed.outcomes) };
            (document, row)
        }),
    };
    let (positions, wanted) = (filing.positions, filing.envelopes.len() as u64);
    if positions == 0 && wanted == 0 {
        return Ok(answers(&closed.outcomes, 0, &offsets));
    }
    // From here on the tenant's feed is locked: only what needs a position comes after.
    let filed = queries::file(tx, filing).await?;
    // The same intent was decided in another document's lane since this one looked: nothing may be merged twice.
    if filed.envelopes != wanted {
        return Err(LaneFailure::Overtaken);
    }
    events::publish(tx, filed.before + positions, &events).await?;
    Ok(answers(&closed.outcomes, filed.before, &offsets))
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
