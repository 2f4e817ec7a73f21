//! What becomes of a device's rows that the server has not settled: signed, sent, answered, offered again. Pure, like all of the replica.

use crate::bytes::{Bytes, Digest32};
use crate::envelope::Envelope;
use crate::replica::{Clocks, OutboxRow, OutboxState};
use crate::time::Timestamp;
use crate::wire::{Answer, DEVICE_UNKNOWN, MAX_GRANTS, MAX_PUSH, MAX_PUSH_BYTES, PushRequest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An answer that speaks of what an envelope rests on: what explains it is in the feed by then, for whoever follows the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resting {
    /// The answer.
    pub answer: Answer,
    /// When it was given first, by the server's clock.
    pub told_at: Timestamp,
}

/// The row with its signature; an answer that came meanwhile stays.
pub fn signed(row: OutboxRow, signature: Vec<u8>) -> OutboxRow {
    OutboxRow { signature: Some(Bytes(signature)), ..row }
}

/// What to push next, from the outbox in the order of the chain: the rows that are signed and have no final answer, as many as fit into one push, and
/// not more than `most`. What fell goes last: what was done since does not rest on it, and would be held if a restored server took that first.
pub fn next_push(outbox: &[OutboxRow], most: usize) -> Option<PushRequest> {
    let ready = |fallen: bool| outbox.iter().filter(move |row| is_ready(row) && row.fallen.is_some() == fallen);
    pack(ready(false), (most, MAX_PUSH_BYTES)).or_else(|| pack(ready(true), (most, MAX_PUSH_BYTES)))
}

/// Whether the row is to be sent, once it is signed.
pub fn is_ready(row: &OutboxRow) -> bool {
    matches!(row.state, OutboxState::Saved | OutboxState::Sent)
}

/// Whether the server has not decided it, as far as the device knows.
pub fn is_undecided(row: &OutboxRow) -> bool {
    matches!(row.state, OutboxState::Saved | OutboxState::Sent | OutboxState::Waiting)
}

/// The most bytes of headers, changes and signatures of a line of an outbox file: a line is sent whole, also where there is hardly a network.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// All that the server has not decided, from the outbox in the order of the chain, in pushes: for a file that somebody else carries. Whether what waits
/// at the server is still there nobody on the device knows, so it goes along.
pub fn undecided(outbox: &[OutboxRow]) -> Vec<PushRequest> {
    let rows: Vec<&OutboxRow> = outbox.iter().filter(|row| is_undecided(row)).collect();
    let (mut pushes, mut packed) = (Vec::new(), 0);
    while let Some(push) = pack(rows[packed..].iter().copied(), (MAX_PUSH, MAX_LINE_BYTES)) {
        packed += push.envelopes.len();
        pushes.push(push);
    }
    pushes
}

/// The first of the rows that fit into one push; none that comes after one that is not signed.
fn pack<'a>(rows: impl Iterator<Item = &'a OutboxRow>, (most, most_bytes): (usize, usize)) -> Option<PushRequest> {
    let mut grants = BTreeSet::new();
    let mut envelopes = Vec::new();
    let mut bytes = 0;
    for row in rows.take(most.min(MAX_PUSH)) {
        let Some(signature) = row.signature.clone() else { break };
        bytes += row.header.0.len() + row.change.0.len() + signature.0.len();
        // One that is larger than the bound goes alone.
        let full = bytes > most_bytes && !envelopes.is_empty();
        if full || (grants.len() == MAX_GRANTS && !grants.contains(&row.grant)) {
            break;
        }
        grants.insert(row.grant.clone());
        envelopes.push(Envelope { header: row.header.clone(), change: row.change.clone(), signature });
    }
    (!envelopes.is_empty()).then(|| PushRequest { grants: grants.into_iter().collect(), envelopes })
}

/// The row after an answer to its envelope; what is final stays final, whatever a late or doubled answer says.
pub fn answered(row: OutboxRow, answer: &Answer, now: Clocks) -> OutboxRow {
    if matches!(row.state, OutboxState::Accepted { .. }) {
        return row;
    }
    if row.replaced {
        return replaced(row, answer);
    }
    let state = match answer {
        Answer::Duplicate { first } => return answered(row, first, now),
        // It was held, and has been rejected since: a late answer from before does not bring the question back.
        Answer::Held { .. } if matches!(row.state, OutboxState::Attention(Answer::Refused { .. })) => row.state.clone(),
        // What fell and was released stands again: should the server forget it, it is judged like any other.
        Answer::Accepted { .. } => return OutboxRow { state: OutboxState::Accepted { at: now.device }, fallen: None, resting: None, ..row },
        // It was on its way when the feed told more.
        _ if row.told_at.is_some_and(|told_at| is_before(now.server, told_at)) => row.state.clone(),
        Answer::Refused { code } if code == DEVICE_UNKNOWN => return answered(row, &Answer::Retry, now),
        // Nothing has been said of this intent. It is asked about until what it rests on has fallen here, and it is replayed.
        resting if resting.rests_on_another() && row.fallen.is_none() => {
            let told_at = row.resting.as_ref().map_or(now.server, |before| before.told_at.min(now.server));
            return OutboxRow { state: OutboxState::Sent, resting: Some(Resting { answer: resting.clone(), told_at }), ..row };
        }
        // An earlier envelope's answer comes late: the intent's own stands.
        resting if resting.rests_on_another() && matches!(row.state, OutboxState::Attention(_)) => row.state.clone(),
        Answer::Held { .. } | Answer::Refused { .. } => OutboxState::Attention(answer.clone()),
        // Of what fell and what it rests on, too: the server may never hear of that, as after a restore.
        Answer::Waiting { .. } if !matches!(row.state, OutboxState::Attention(_)) => OutboxState::Waiting,
        Answer::Retry if row.state == OutboxState::Saved => OutboxState::Sent,
        Answer::Waiting { .. } | Answer::Retry => row.state.clone(),
    };
    OutboxRow { state, ..row }
}

/// A row that another one stands for: the server has its envelope now, whatever it says of it, or does not yet.
fn replaced(row: OutboxRow, answer: &Answer) -> OutboxRow {
    let state = match answer {
        Answer::Retry => OutboxState::Sent,
        Answer::Refused { code } if code == DEVICE_UNKNOWN => OutboxState::Sent,
        any => OutboxState::Attention(any.clone()),
    };
    OutboxRow { state, ..row }
}

/// The row after what the feed tells of its intent. It does not say of which envelope it speaks: that may be one which this has taken the place of, and
/// of this the server may not know yet. What rests on it would wait for it for ever if it were not sent. So the row asks for itself, but for what the
/// server has answered already. Where the feed speaks of what an envelope rested on, it decides nothing at all.
pub fn heard(row: OutboxRow, answer: &Answer, now: Clocks) -> OutboxRow {
    match &row.state {
        _ if row.replaced => row,
        OutboxState::Waiting if answer.rests_on_another() => OutboxRow { state: OutboxState::Sent, ..row },
        OutboxState::Waiting => told(OutboxRow { state: OutboxState::Sent, ..row }, now),
        OutboxState::Saved | OutboxState::Sent if row.resting.is_none() && !answer.rests_on_another() => told(row, now),
        // What fell and rests on something held: the office may have decided about that meanwhile.
        OutboxState::Attention(held @ Answer::Held { .. }) if answer.rests_on_another() && held.rests_on_another() => {
            OutboxRow { state: OutboxState::Sent, ..row }
        }
        _ if answer.rests_on_another() => row,
        _ => answered(row, answer, now),
    }
}

fn told(row: OutboxRow, now: Clocks) -> OutboxRow {
    OutboxRow { told_at: row.told_at.max(Some(now.server)), ..row }
}

/// The row after the feed brought a change of its intent, which is in the books. Where that is the row's own, all is said; another one says nothing of
/// the row's, which asks for itself.
pub fn booked(row: OutboxRow, change: Option<Digest32>, now: Clocks) -> OutboxRow {
    let accepted = Answer::Accepted { position: 0 };
    let own = || change.is_some() && row.change_hash() == change;
    match &row.state {
        _ if row.replaced => row,
        OutboxState::Waiting if !own() => OutboxRow { state: OutboxState::Sent, ..row },
        OutboxState::Saved | OutboxState::Sent if !own() => row,
        _ => answered(row, &accepted, now),
    }
}

/// The row after the server came back from a backup: what was in the books may not be there any more, nor what it refused or held, which others rest on. What
/// it had said of other changes, or told so far, was said in another life.
pub fn offered_anew(row: OutboxRow) -> OutboxRow {
    let state = if matches!(row.state, OutboxState::Accepted { .. } | OutboxState::Attention(_)) { OutboxState::Sent } else { row.state };
    OutboxRow { state, resting: None, told_at: None, ..row }
}

/// Nothing is on its way for so long: an answer that seems to be older is by a clock that was set back since.
const LONGEST_ON_ITS_WAY_MS: i64 = 3_600_000;

/// Whether what the server said at `said_at` is from before `told_at`, by its own clock.
pub(crate) fn is_before(said_at: Timestamp, told_at: Timestamp) -> bool {
    (1..LONGEST_ON_ITS_WAY_MS).contains(&told_at.0.saturating_sub(said_at.0))
}

/// The row as it is sent once more, because the device may have missed what came of it: the server answers what it knows as it did before.
/// What is final here stays final. An answer from before, still on its way, would be the last word of what has been told since: it does not count.
pub fn offered_again(row: OutboxRow, now: Clocks) -> OutboxRow {
    match row.state {
        OutboxState::Waiting | OutboxState::Attention(Answer::Held { .. }) => told(OutboxRow { state: OutboxState::Sent, ..row }, now),
        OutboxState::Saved | OutboxState::Sent => told(row, now),
        _ => row,
    }
}

/// The row as a device that starts finds it: what waited at the server is asked about once more. A `waiting` that arrives late, after an audience
/// began anew, would otherwise be the last word: what came of it has been told before.
pub fn resumed(row: OutboxRow) -> OutboxRow {
    if row.state == OutboxState::Waiting { OutboxRow { state: OutboxState::Sent, ..row } } else { row }
}
