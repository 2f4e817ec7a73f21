//! What is of a kind that this server does not know.

use super::LaneRequest;
use super::store::Leaves;
use holdfast_domain::kernel::IntentId;
use holdfast_sync::hub::{Buried, Closed, MAX_WAITING, Outcome, OutcomeResult};
use holdfast_sync::kind::Facts;
use holdfast_sync::verify::FirstAnswer;
use holdfast_sync::wire::Answer;
use std::collections::{BTreeMap, BTreeSet};

/// A newer app speaks of it: it is kept, and judged once the server knows. An intent keeps its first answer here, too: neither another device nor another
/// envelope takes its place, but for a later one of the same chain. `waiting` envelopes of the document are on file.
pub(super) fn leave<'r>(request: &'r LaneRequest, (answered, waiting): (&BTreeMap<IntentId, FirstAnswer>, usize)) -> Leaves<'r> {
    let mut answers: BTreeMap<IntentId, FirstAnswer> =
        request.envelopes.iter().filter_map(|(_, header)| Some((header.intent_id, answered.get(&header.intent_id)?.clone()))).collect();
    let mut room = MAX_WAITING.saturating_sub(waiting);
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut buried = Vec::new();
    for (envelope, header) in &request.envelopes {
        let first = answers.get(&header.intent_id);
        let result = match first {
            Some(first) if first.is_followed_by(header) && matches!(first.answer, Answer::Waiting { .. }) => {
                let filed =
                    |outcome: &Outcome| outcome.header.intent_id == header.intent_id && !matches!(outcome.result, OutcomeResult::Duplicate(_));
                let here = outcomes.iter().position(filed).map(|place| outcomes.remove(place));
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
    let closed = Closed { outcomes, buried, saved: None, facts: Facts::default(), audiences: Vec::new(), departures: Vec::new() };
    // A server that looks again at what waits brings nothing new.
    let kind = request.envelopes.first().map_or("", |(_, header)| header.kind.as_str());
    Leaves { document: request.document, kind, closed, events: Vec::new(), waited: BTreeSet::new(), reopened: BTreeSet::new(), earlier: Vec::new() }
}
