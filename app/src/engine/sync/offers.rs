//! After the server was restored from a backup: what this device has of others, and can prove, is offered, once its own is up.

use super::RoundError;
use super::wake::Nudge;
use crate::device::http;
use crate::device::store::{self, Store};
use crate::engine::core::{Core, Told};
use holdfast_domain::KINDS;
use holdfast_sync::replica::{self, OutboxState};
use holdfast_sync::wire::{Answer, PushResponse};

/// Sends some of it; whether there may be more.
pub async fn send_next(core: &Core, store: &Store, csrf: &str) -> Result<bool, RoundError> {
    let kept = store::next_to_offer(store, core.offers_from.get()).await?;
    let Some(request) = replica::next_offer(&kept, core.push_size.get()) else { return Ok(false) };
    // Its own goes first, but for what has been sent and rests on something: that may be among these.
    if store::next_to_push(store, 0).await?.iter().any(|row| row.state == OutboxState::Saved) {
        return Ok(true);
    }
    let response: PushResponse = http::post_cbor("/api/v1/sync/push", csrf, &request).await?;
    if response.answers.len() != request.envelopes.len() {
        return Err(RoundError::Nonsense("fewer answers than were asked for"));
    }
    let numbers: Vec<u64> = kept.iter().map(|kept| kept.number).take(request.envelopes.len()).collect();
    let passing = response.answers.iter().any(|answer| matches!(answer, Answer::Retry));
    let asked = numbers.last().map_or(0, |number| number + 1);
    if store::offer_answered(store, &KINDS, numbers.into_iter().zip(response.answers).collect()).await? {
        core.forget_takings();
        core.tell(Told::Settled);
        core.wake.nudge(Nudge::Work);
    }
    // A passing fault: the same is asked again in the next round, and not at once.
    if !passing {
        core.offers_from.set(asked);
    }
    Ok(!passing)
}
