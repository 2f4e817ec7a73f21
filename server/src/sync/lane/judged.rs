//! A lane between its judgement and what it leaves.

use super::queries::OnRecord;
use super::store::Leaves;
use super::{LaneFailure, LaneRequest, Stages, earlier_for_newcomers, merged as merge, project_merged, settle_merged, unread, unreadable};
use crate::http::App;
use crate::sync::admission::Vouched;
use crate::sync::settlement::{Merged, Settlements};
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DocumentId, IntentId};
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::hub::{Closed, Lane, Outcome, OutcomeResult};
use holdfast_sync::kind::{Kind, Kinds};
use holdfast_sync::verify::{GrantState, Known, KnownEntry};
use holdfast_sync::wire::Answer;
use std::collections::{BTreeMap, BTreeSet};

/// What was found of a lane's envelopes.
pub(super) enum Judged<'r> {
    /// Its document is of a kind that this server knows.
    Read(Box<Read>),
    /// It is not: what is left as it came.
    Unread(Box<Leaves<'r>>),
}

/// A lane whose envelopes were judged.
pub(super) struct Read {
    kind: &'static dyn Kind,
    document: DocumentId,
    lane: Lane,
    /// What was merged, where something was.
    merged: Option<Merged>,
    /// The intents that waited before, and those that came.
    waited: BTreeSet<IntentId>,
    sent: BTreeSet<IntentId>,
    /// Those that speak of the document as if it were of another kind.
    strangers: Vec<(Envelope, Header)>,
    /// What the lane's intents had been answered before.
    answered: BTreeMap<IntentId, Answer>,
}

/// The headers of all that a lane judges: what came, and what waited.
pub(super) fn headers<'a>(request: &'a LaneRequest, record: &'a OnRecord) -> impl Iterator<Item = &'a Header> {
    request.envelopes.iter().map(|(_, header)| header).chain(record.waiting.iter().map(|(_, header, _)| header))
}

impl<'r> Judged<'r> {
    /// Judges. `known` is what is known of the headers of all lanes of the transaction, and learns from this one.
    pub(super) fn of(
        kinds: &Kinds,
        (request, record): (&'r LaneRequest, OnRecord),
        (known, vouched): (&mut Known, &Vouched),
    ) -> Result<Self, LaneFailure> {
        let kind_name = record.stored.as_ref().map(|stored| &stored.kind).or_else(|| headers(request, &record).next().map(|header| &header.kind));
        let Some(kind) = kind_name.and_then(|name| kinds.get(name)) else {
            // Looked at again, and still of no kind that is known here; or there is nothing left to look at.
            return Ok(Self::Unread(Box::new(unread::leave(request, (&known.answers, record.waiting.len())))));
        };
        let of_lane = about(known, &record.entries, headers(request, &record));
        let answered = of_lane.answers.iter().map(|(intent, first)| (*intent, first.answer.clone())).collect();
        let waited = record.waiting.iter().map(|(_, header, _)| header.intent_id).collect();
        let sent: BTreeSet<_> = request.envelopes.iter().map(|(_, header)| header.intent_id).collect();
        let (waiting, waiting_strangers): (Vec<_>, Vec<_>) = record.waiting.into_iter().partition(|(_, header, _)| header.kind == kind.name());
        let (ours, strangers): (Vec<_>, Vec<_>) = request.envelopes.iter().cloned().partition(|(_, header)| header.kind == kind.name());
        let waiting_strangers =
            waiting_strangers.into_iter().map(|(envelope, header, _)| (envelope, header)).filter(|(_, header)| !sent.contains(&header.intent_id));
        let strangers = waiting_strangers.chain(strangers).collect();
        let offers = ours.into_iter().map(|(envelope, header)| vouched.offer(envelope, header, None)).collect();
        let waiting = waiting.into_iter().map(|(envelope, header, at)| vouched.offer(envelope, header, Some(at)));
        // Its grant was proven by a token when it came, and nothing here knows it, as after a restore: it waits for its device to bring the token again.
        let waiting = waiting.filter(|offer| !matches!(offer.grant, GrantState::Unknown)).collect();
        let (document, stored) = (request.document, record.stored);
        let mut lane = Lane::open(document, kind, stored.as_ref().map(|stored| stored.saved.as_slice()), of_lane).map_err(unreadable)?;
        if let Some(stored) = stored {
            lane = lane.told_so_far(stored.audiences);
        }
        lane.offer(offers, waiting).map_err(unreadable)?;
        learn(known, lane.outcomes());
        let merged = merge(kind, document, lane.facts(), lane.outcomes());
        Ok(Self::Read(Box::new(Read { kind, document, lane, merged, waited, sent, strangers, answered })))
    }

    /// The document as merged, where something was.
    pub(super) fn merged(&self) -> Option<(&'static dyn Kind, &Merged)> {
        match self {
            Self::Read(read) => Some((read.kind, read.merged.as_ref()?)),
            Self::Unread(_) => None,
        }
    }

    /// None where nobody here can read it, whatever its envelopes say it is.
    fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Read(read) => Some(read.kind.name()),
            Self::Unread(_) => None,
        }
    }
}

/// Lanes in the order in which they came, those together that may be settled together.
pub(super) fn of_one_kind<'r>(settlements: &Settlements, lanes: Vec<Judged<'r>>) -> Vec<Vec<Judged<'r>>> {
    let mut groups: Vec<Vec<Judged<'r>>> = Vec::new();
    for lane in lanes {
        let settlement = lane.kind().and_then(|kind| settlements.of(kind));
        let together = settlement.is_some_and(|settlement| settlement.settles_together());
        match groups.last_mut() {
            Some(group) if together && group.iter().all(|other| other.kind() == lane.kind()) => group.push(lane),
            _ => groups.push(vec![lane]),
        }
    }
    groups
}

/// Lets the module settle and project documents of one kind. What they wait for is locked.
pub(super) async fn leave<'r>(app: &App, tx: &mut TenantTx, lanes: Vec<Judged<'r>>, stages: &mut Stages<'_>) -> Result<Vec<Leaves<'r>>, LaneFailure> {
    let (mut read, mut all) = (Vec::new(), Vec::new());
    for lane in lanes {
        match lane {
            Judged::Read(lane) => read.push(*lane),
            Judged::Unread(leaves) => all.push(*leaves),
        }
    }
    let Some(kind) = read.first().map(|lane| lane.kind) else { return Ok(all) };
    let merged: Vec<_> = read.iter_mut().filter_map(|lane| lane.merged.take()).collect();
    let mut lanes: Vec<_> =
        read.iter_mut().filter(|lane| merged.iter().any(|merged| merged.document == lane.document)).map(|lane| &mut lane.lane).collect();
    if !merged.is_empty() {
        settle_merged(app, tx, kind, (&mut lanes, &merged)).await?;
    }
    stages.end("settle");
    let closed: Vec<_> = read.into_iter().map(Read::close).collect();
    stages.end("judge");
    let of = |closed: &(Closing, Closed)| merge(kind, closed.0.document, &closed.1.facts, &closed.1.outcomes);
    let merged: Vec<_> = closed.iter().filter_map(of).collect();
    let mut events: BTreeMap<_, _> = merged.iter().map(|merged| merged.document).zip(project_merged(app, tx, kind, &merged).await?).collect();
    stages.end("project");
    for (Closing { document, waited }, closed) in closed {
        let earlier = earlier_for_newcomers(tx, document, &closed).await?;
        let events = events.remove(&document).unwrap_or_default();
        all.push(Leaves { document, kind: kind.name(), closed, events, waited, reopened: BTreeSet::new(), earlier });
    }
    Ok(all)
}

/// What is kept of a lane that is closed.
struct Closing {
    document: DocumentId,
    waited: BTreeSet<IntentId>,
}

impl Read {
    fn close(self) -> (Closing, Closed) {
        let Self { document, lane, waited, sent, strangers, answered, .. } = self;
        let mut closed = lane.close();
        let decided = closed.outcomes.iter().filter(|outcome| !matches!(outcome.result, OutcomeResult::Duplicate(_)));
        let mut decided: BTreeSet<_> = decided.map(|outcome| outcome.header.intent_id).collect();
        closed.outcomes.extend(strangers.into_iter().map(|(envelope, header)| refuse(envelope, header, (&answered, &mut decided))));
        // What waits on as before is on file as it is.
        closed.outcomes.retain(|Outcome { header, result, .. }| {
            !matches!(result, OutcomeResult::Waiting(_)) || sent.contains(&header.intent_id) || !waited.contains(&header.intent_id)
        });
        (Closing { document, waited }, closed)
    }
}

/// What is known that concerns a lane.
fn about<'h>(known: &Known, entries: &[KnownEntry], headers: impl Iterator<Item = &'h Header>) -> Known {
    let mut about = Known { entries: entries.to_vec(), ..Known::default() };
    for header in headers {
        about.answers.extend(known.answers.get(&header.intent_id).map(|first| (header.intent_id, first.clone())));
        about.actors.extend(known.actors.get_key_value(&header.actor.0).map(|(actor, device)| (actor.clone(), *device)));
        for seq in [header.device_seq.saturating_sub(1), header.device_seq] {
            let place = header.chain.map(|chain| (header.device, chain, seq));
            about.headers.extend(place.and_then(|place| known.headers.get_key_value(&place)).map(|(place, hash)| (*place, *hash)));
        }
    }
    about
}

/// What a lane merged counts for those after it, as if it were on file.
fn learn(known: &mut Known, outcomes: &[Outcome]) {
    for Outcome { envelope, header, result } in outcomes {
        if let OutcomeResult::Accepted { .. } = result {
            known.actors.entry(header.actor.0.clone()).or_insert(header.device);
            if let Some(chain) = header.chain {
                known.headers.entry((header.device, chain, header.device_seq)).or_insert_with(|| envelope.header_hash());
            }
        }
    }
}

/// An envelope that speaks of a document of one kind as if it were another.
fn refuse(envelope: Envelope, header: Header, (answered, decided): (&BTreeMap<IntentId, Answer>, &mut BTreeSet<IntentId>)) -> Outcome {
    const KIND_DIFFERS: &str = "kind_differs";
    let result = match answered.get(&header.intent_id) {
        Some(first) if !matches!(first, Answer::Waiting { .. }) => OutcomeResult::Duplicate(first.clone()),
        _ if decided.insert(header.intent_id) => OutcomeResult::Refused(KIND_DIFFERS),
        // Sent twice in one push, or as both kinds.
        _ => OutcomeResult::Duplicate(Answer::Refused { code: KIND_DIFFERS.to_owned() }),
    };
    Outcome { envelope, header, result }
}
