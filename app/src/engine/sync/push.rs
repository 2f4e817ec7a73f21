//! Pushing. While one push is under way the next is made ready, and the answers to the one before are stored: after weeks without a network neither the device nor
//! the server waits for the other.

use super::{RoundError, rounds};
use crate::device::clock;
use crate::device::http::{self, HttpError};
use crate::device::store::{self, Hindrance, Store};
use crate::engine::core::{Core, Told, log};
use crate::engine::{enrol, events};
use futures::future::{join, join3};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::DocumentId;
use holdfast_sync::replica::{self, Clocks, OutboxRow};
use holdfast_sync::time::Timestamp;
use holdfast_sync::wire::{Answer, DEVICE_UNKNOWN, MAX_PUSH, PushRequest, PushResponse};
use rounds::Rest;
use std::collections::BTreeMap;

/// A push is never smaller than this many changes: they are some ten kilobytes, which any line carries in its time.
const LEAST_PUSH: usize = 8;
/// What fails sooner was not on its way yet.
const NO_LINE_MS: i64 = 500;

/// A push that can be sent, and the numbers and documents of its rows.
pub(super) struct Ready {
    rows: Vec<(u64, DocumentId)>,
    /// Of rows that are not stored with one yet.
    signatures: BTreeMap<u64, Vec<u8>>,
    request: PushRequest,
}

/// The answers to a push, row by row.
struct Answered {
    answers: Vec<(u64, Answer)>,
    server: Timestamp,
}

/// Pushes until nothing is left that the server has not answered.
pub(super) async fn push(core: &Core, store: &Store, csrf: &str) -> Result<Rest, RoundError> {
    match first(core, store).await? {
        Some(first) => push_behind(core, store, (csrf, first)).await,
        None => Ok(Rest::Nothing),
    }
}

/// The push that goes first.
pub(super) async fn first(core: &Core, store: &Store) -> Result<Option<Ready>, RoundError> {
    ready(core, store, 0).await
}

/// Pushes, this one first, until nothing is left that the server has not answered.
pub(super) async fn push_behind(core: &Core, store: &Store, (csrf, first): (&str, Ready)) -> Result<Rest, RoundError> {
    let mut next = Some(first);
    while let Some(first) = next {
        if let Some(rest) = push_from(core, store, (csrf, first)).await? {
            return Ok(rest);
        }
        next = self::first(core, store).await?;
    }
    Ok(Rest::Nothing)
}

/// Sends a push and those behind it, for as long as nothing comes back that must be looked at first.
async fn push_from(core: &Core, store: &Store, (csrf, first): (&str, Ready)) -> Result<Option<Rest>, RoundError> {
    let mut under_way = first;
    let (mut sent, mut next) = join(send(core, store, (csrf, &under_way)), ready(core, store, under_way.last())).await;
    loop {
        let answered = Answered::of(&under_way, sent?)?;
        let following = match next {
            Ok(following) => following.filter(|_| answered.lets_the_next_go()),
            Err(error) => {
                take(core, store, answered).await?;
                return Err(error);
            }
        };
        let Some(following) = following else { return take(core, store, answered).await };
        let last = following.last();
        let ahead = join3(send(core, store, (csrf, &following)), take(core, store, answered), ready(core, store, last)).await;
        let taken;
        (sent, taken, next) = ahead;
        taken?;
        under_way = following;
    }
}

/// What the next push brings, of the rows after that number. What is not signed yet is signed for it, outside any transaction: the browser would end that.
async fn ready(core: &Core, store: &Store, after: u64) -> Result<Option<Ready>, RoundError> {
    let (rows, key) = join(store::next_to_push(store, after), core.key(store)).await;
    let (mut rows, key) = (rows?, key?);
    rows.truncate(core.push_size.get());
    let signatures = rounds::signatures(key.as_ref(), rows.iter().filter(|row| row.signature.is_none())).await?;
    let signed = |row: OutboxRow| match signatures.get(&row.seq) {
        Some(signature) => replica::signed(row, signature.clone()),
        None => row,
    };
    let rows: Vec<_> = rows.into_iter().map(signed).collect();
    let Some(request) = replica::next_push(&rows, core.push_size.get()) else { return Ok(None) };
    let rows = rows.iter().map(|row| (row.seq, row.document)).take(request.envelopes.len()).collect();
    Ok(Some(Ready { rows, signatures, request }))
}

async fn send(core: &Core, store: &Store, (csrf, push): (&str, &Ready)) -> Result<PushResponse, RoundError> {
    // Only where there is a network: offline nothing is sent, and nothing says so.
    if core.contact.borrow().online {
        store::mark_sent(store, &push.seqs().collect::<Vec<_>>(), &push.signatures).await?;
    } else if !push.signatures.is_empty() {
        store::sign(store, push.signatures.clone().into_iter().collect()).await?;
    }
    let began = clock::now();
    let sent = http::post_cbor("/api/v1/sync/push", csrf, &push.request).await;
    let took_ms = clock::now().0.saturating_sub(began.0);
    core.push_size.set(after_push(core.push_size.get(), (sent.as_ref().err(), took_ms)));
    if let Err(error) = &sent {
        let noted = store::not_sent(store, &push.rows, Hindrance::from(error), clock::now()).await;
        noted.unwrap_or_else(|error| log(&error));
    }
    Ok(sent?)
}

/// Stores answers and tells of them. Says where pushing rests, if it does.
async fn take(core: &Core, store: &Store, answered: Answered) -> Result<Option<Rest>, RoundError> {
    let (rest, is_unknown) = (answered.rest(), answered.is_unknown());
    let now = Clocks { device: clock::now(), server: answered.server };
    let replayed = store::answer(store, &KINDS, answered.answers, now).await?;
    // Stored is stored, whatever becomes of what follows.
    core.tell(Told::Settled);
    if replayed {
        rounds::sign(core, store).await?;
    }
    if is_unknown {
        enrol::enrol_again(core, store).await?;
    }
    events::settled(core);
    Ok(rest)
}

impl Ready {
    fn seqs(&self) -> impl Iterator<Item = u64> {
        self.rows.iter().map(|(seq, _)| *seq)
    }

    fn last(&self) -> u64 {
        self.seqs().last().unwrap_or_default()
    }
}

impl Answered {
    fn of(push: &Ready, response: PushResponse) -> Result<Self, RoundError> {
        if response.answers.len() != push.rows.len() {
            return Err(RoundError::Nonsense("fewer answers than were asked for"));
        }
        Ok(Self { answers: push.seqs().zip(response.answers).collect(), server: response.server_time_ms })
    }

    fn all(&self) -> impl Iterator<Item = &Answer> {
        self.answers.iter().map(|(_, answer)| answer)
    }

    /// Nothing fell, which would make what follows another, and nothing is to be asked again first.
    fn lets_the_next_go(&self) -> bool {
        self.all().all(|answer| !answer.is_adverse() && !is_open(answer))
    }

    fn is_unknown(&self) -> bool {
        self.all().any(|answer| matches!(answer, Answer::Refused { code } if code == DEVICE_UNKNOWN))
    }

    fn rest(&self) -> Option<Rest> {
        // A server that does not know the device would say so again at once: it is asked later, as after a passing fault, and knows it by then.
        let again = self.is_unknown() || self.all().any(|answer| matches!(answer, Answer::Retry));
        if again { Some(Rest::TryAgain) } else { self.all().all(is_open).then_some(Rest::Nothing) }
    }
}

/// Whether the server has not decided it.
fn is_open(answer: &Answer) -> bool {
    matches!(answer, Answer::Retry | Answer::Waiting { .. }) || answer.rests_on_another()
}

/// How many changes the next push may bring: half where the last did not get through, which on a slow line is a matter of its size; twice as many
/// where it did. Where there is no line at all, that shows at once, and says nothing of sizes.
fn after_push(size: usize, (failed, took_ms): (Option<&HttpError>, i64)) -> usize {
    match failed {
        None => size.saturating_mul(2).min(MAX_PUSH),
        Some(HttpError::Unreachable(_)) if took_ms < NO_LINE_MS => size,
        Some(HttpError::Unreachable(_) | HttpError::Refused(_)) => (size / 2).max(LEAST_PUSH),
        Some(HttpError::SessionLost | HttpError::Failed(_)) => size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_get_through_is_tried_in_smaller_pieces_and_grows_again() {
        let slow = HttpError::Unreachable("it did not answer in time".to_owned());
        let sizes = std::iter::successors(Some(MAX_PUSH), |size| Some(after_push(*size, (Some(&slow), 30_000))));
        assert_eq!(sizes.take(8).collect::<Vec<_>>(), [500, 250, 125, 62, 31, 15, 8, 8]);
        assert_eq!(after_push(8, (None, 20)), 16);
        assert_eq!(after_push(400, (None, 20)), MAX_PUSH);
        assert_eq!(after_push(400, (Some(&slow), 20)), 400, "there is no network");
    }

    #[test]
    fn the_next_push_goes_only_where_nothing_fell_and_nothing_is_open() {
        let accepted = || Answer::Accepted { position: 1 };
        let answered = |answer| Answered { answers: vec![(1, accepted()), (2, answer)], server: Timestamp(0) };
        let rows = [
            (accepted(), true, None),
            (Answer::Duplicate { first: Box::new(accepted()) }, true, None),
            (Answer::Retry, false, Some(Rest::TryAgain)),
            (Answer::Waiting { missing: Vec::new() }, false, None),
            (Answer::Held { code: "grant_revoked".to_owned() }, false, None),
            (Answer::Refused { code: "not_permitted".to_owned() }, false, None),
            (Answer::Refused { code: DEVICE_UNKNOWN.to_owned() }, false, Some(Rest::TryAgain)),
        ];
        for (answer, goes, rests) in rows {
            let answered = answered(answer);
            assert_eq!((answered.lets_the_next_go(), answered.rest()), (goes, rests), "{:?}", answered.answers);
        }
    }
}
