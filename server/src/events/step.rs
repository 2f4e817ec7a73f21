//! A step of a consumer through a tenant's events: what it does, what it sets aside, and its cursor, all in one transaction.

use super::event::Event;
use super::set_aside::{self, Standing};
use super::{Consumer, Effect, queries};
use crate::failure::{Fault, Transient};
use crate::tenancy::{Done, TenantTx};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// So many events were worked through or set aside; there may be more.
    Done(u32, Effect),
    /// Nothing is to be done now.
    Rest(Standing),
    /// Another server is at it.
    Elsewhere,
}

/// Why a step was not done.
pub(super) enum Stumble {
    /// The consumer fails on that event.
    At(Box<Stone>),
    /// It is no event's fault.
    Fault(Fault),
}

/// The event that a consumer fails on.
pub(super) struct Stone {
    /// How many of the step came before it.
    pub before: u32,
    pub event: Event,
    pub fault: Fault,
}

impl From<Fault> for Stumble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Transient for Stumble {
    fn is_transient(&self) -> bool {
        match self {
            Self::At(stone) => stone.fault.is_transient(),
            Self::Fault(fault) => fault.is_transient(),
        }
    }
}

/// The event that it is time to try again, or the next ones in order. Where it stumbles, the cursor is free again when this ends.
pub(super) async fn step(mut tx: TenantTx, consumer: &dyn Consumer, limit: u32) -> Result<Done<Step>, Stumble> {
    match go(&mut tx, consumer, limit).await {
        Ok(step) => Ok(tx.done(step)),
        Err(stumble) => {
            tx.undo().await;
            Err(stumble)
        }
    }
}

async fn go(tx: &mut TenantTx, consumer: &dyn Consumer, limit: u32) -> Result<Step, Stumble> {
    let Some(cursor) = queries::lock_cursor(tx, consumer.name()).await? else { return Ok(Step::Elsewhere) };
    if let Some(place) = set_aside::next_due(tx, consumer.name()).await? {
        let event = queries::event_at(tx, place).await?;
        set_aside::leave(tx, consumer.name(), place).await?;
        let effect = hear(tx, consumer, &event).await.map_err(|fault| stumbled(0, &event, fault))?;
        return Ok(Step::Done(1, effect));
    }
    let events = queries::events_after(tx, cursor, Some(&kinds(consumer)), limit).await?;
    let Some(last) = events.last().map(|event| event.place) else {
        return Ok(Step::Rest(set_aside::standing(tx, consumer.name()).await?));
    };
    queries::move_cursor(tx, consumer.name(), last).await?;
    let lanes: Vec<String> = events.iter().map(|event| consumer.lane(event).to_owned()).collect();
    let taken = set_aside::taken_lanes(tx, consumer.name(), &lanes).await?;
    let behind: Vec<_> = events.iter().map(|event| (event, consumer.lane(event))).filter(|(_, lane)| taken.contains(*lane)).collect();
    if !behind.is_empty() {
        set_aside::hold_back(tx, consumer.name(), &behind).await?;
    }
    let mut effect = Effect::Unseen;
    for (before, event) in (0_u32..).zip(&events) {
        if !taken.contains(consumer.lane(event)) {
            effect = effect.max(hear(tx, consumer, event).await.map_err(|fault| stumbled(before, event, fault))?);
        }
    }
    Ok(Step::Done(u32::try_from(events.len()).unwrap_or(u32::MAX), effect))
}

/// Its effect, unless it has happened. A consumer that panics has failed.
pub(super) async fn hear(tx: &mut TenantTx, consumer: &dyn Consumer, event: &Event) -> Result<Effect, Fault> {
    if !queries::insert_effect(tx, consumer.name(), event.id).await? {
        return Ok(Effect::Unseen);
    }
    tx.set_cause(event.cause.clone());
    let handled = AssertUnwindSafe(consumer.handle(tx, event)).catch_unwind().await;
    handled.unwrap_or_else(|_| Err(Fault::because(format!("{} panicked at the event {} {}", consumer.name(), event.kind, event.id))))
}

pub(super) fn kinds(consumer: &dyn Consumer) -> Vec<String> {
    consumer.kinds().iter().map(|kind| (*kind).to_owned()).collect()
}

fn stumbled(before: u32, event: &Event, fault: Fault) -> Stumble {
    Stumble::At(Box::new(Stone { before, event: event.clone(), fault }))
}
