//! `/api/v1/events/parked`: what consumers gave up on, for a person to have tried again or to give up for good.

use super::super::event::Event;
use super::super::{Consumer, Effect, queries as of_events, step};
use super::queries::{self, Parked};
use crate::audit::{self, Actor};
use crate::failure::{Failure, Fault, Refusal, Transient};
use crate::http::{App, Cursor, JsonBody, PathOf, QueryOf};
use crate::identity::SignedIn;
use crate::tenancy::{TenantScope, TenantTx};
use axum::Json;
use axum::extract::State;
use holdfast_domain::audit::Action;
use holdfast_domain::events::{Dismiss, ParkedId, ParkedPage, READ, REPLAY, Replay, Unparked};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The most events of one page.
const MOST: u32 = 200;
/// Where no limit is given.
const USUAL: u32 = 50;
const LONGEST_REASON: usize = 500;
/// What the audit says an entry is about; its record is the event's id.
const AUDITED: &str = "events.event";

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParkedQuery {
    /// What `next` of the page before said.
    after: Option<String>,
    /// The most of them on one page.
    #[schemars(range(min = 1, max = MOST))]
    limit: Option<u32>,
}

/// A page.
pub(crate) async fn list(State(app): State<App>, signed_in: SignedIn, QueryOf(query): QueryOf<ParkedQuery>) -> Result<Json<ParkedPage>, Failure> {
    signed_in.require(&READ, None)?;
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", format!("Ask for 1 to {MOST} events at once.")).into());
    }
    let after = query.after.as_deref().map(Cursor::read).transpose()?;
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    // One more than asked for tells whether there are more.
    let mut parked = queries::all_parked(&mut tx, after, limit + 1).await?;
    tx.commit().await?;
    let more = parked.len() > limit as usize;
    parked.truncate(limit as usize);
    let next = parked.last().filter(|_| more).map(|last| Cursor { at: last.parked_at, id: last.id.0 }.write());
    Ok(Json(ParkedPage { parked, next }))
}

/// Why a replay came to nothing.
enum Unplayed {
    /// Said to whoever asked, or ours to see to.
    Failure(Failure),
    /// The consumer failed on it once more.
    Failed(Fault),
}

impl Transient for Unplayed {
    fn is_transient(&self) -> bool {
        match self {
            Self::Failure(failure) => failure.is_transient(),
            Self::Failed(fault) => fault.is_transient(),
        }
    }
}

impl From<Fault> for Unplayed {
    fn from(fault: Fault) -> Self {
        Self::Failure(fault.into())
    }
}

impl From<Refusal> for Unplayed {
    fn from(refusal: Refusal) -> Self {
        Self::Failure(refusal.into())
    }
}

/// Has it tried once more.
pub(crate) async fn replay(
    State(app): State<App>,
    actor: Actor,
    PathOf(id): PathOf<ParkedId>,
    JsonBody(Replay {}): JsonBody<Replay>,
) -> Result<Json<Unparked>, Failure> {
    actor.signed_in.require(&REPLAY, None)?;
    let consumers = crate::consumers(&app);
    let played = app
        .database
        .in_tenant(&scope(&actor), async |mut tx| {
            let (parked, event) = locked(&mut tx, id).await?;
            let consumer = consumer(&consumers, &parked)?;
            note(&mut tx, (&app, &actor), (&parked, &event), Noted::Replayed).await?;
            queries::leave(&mut tx, &parked.consumer, parked.place).await?;
            // Last: it may take the feed's counter.
            let effect = step::hear(&mut tx, consumer.as_ref(), &event).await.map_err(Unplayed::Failed)?;
            Ok::<_, Unplayed>(tx.done(effect))
        })
        .await;
    match played {
        Ok(Effect::Seen | Effect::Unseen) => {}
        Err(Unplayed::Failure(failure)) => return Err(failure),
        Err(Unplayed::Failed(fault)) => return Err(failed_again(&app, &actor, id, &fault).await?.into()),
    }
    told(&app, &actor, id, "replayed")
}

/// Gives it up.
pub(crate) async fn dismiss(
    State(app): State<App>,
    actor: Actor,
    PathOf(id): PathOf<ParkedId>,
    JsonBody(dismiss): JsonBody<Dismiss>,
) -> Result<Json<Unparked>, Failure> {
    actor.signed_in.require(&REPLAY, None)?;
    let reason = dismiss.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.chars().any(|c| c.is_control() && c != '\n') {
        let detail = "Say in 1 to 500 characters why: someone will look at it later.";
        return Err(Refusal::new(422, "reason_missing", "It takes a reason", detail).into());
    }
    app.database
        .in_tenant(&scope(&actor), async |mut tx| {
            let (parked, event) = locked(&mut tx, id).await?;
            note(&mut tx, (&app, &actor), (&parked, &event), Noted::Dismissed { reason }).await?;
            queries::leave(&mut tx, &parked.consumer, parked.place).await?;
            Ok::<_, Failure>(tx.done(()))
        })
        .await?;
    told(&app, &actor, id, "dismissed")
}

/// As the server itself, like the runner; who asked for it is in the audit.
fn scope(actor: &Actor) -> TenantScope {
    TenantScope::system(actor.signed_in.tenant).caused_by(actor.signed_in.cause.clone())
}

/// The parked event, which nobody else touches until the transaction ends.
async fn locked(tx: &mut TenantTx, id: ParkedId) -> Result<(Parked, Event), Failure> {
    let unknown = || Refusal::new(404, "parked_unknown", "Nothing of this id is parked", "Look at the list: somebody may have seen to it.");
    let parked = queries::parked(tx, id).await?.ok_or_else(unknown)?;
    of_events::wait_for_cursor(tx, &parked.consumer).await?;
    let parked = queries::parked(tx, id).await?.ok_or_else(unknown)?;
    let event = of_events::event_at(tx, parked.place).await?;
    Ok((parked, event))
}

impl From<Failure> for Unplayed {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

fn consumer<'c>(consumers: &'c [Arc<dyn Consumer>], parked: &Parked) -> Result<&'c Arc<dyn Consumer>, Refusal> {
    consumers.iter().find(|consumer| consumer.name() == parked.consumer).ok_or_else(|| {
        let detail = format!("No part of this server is called {:?} any more. Dismiss the event.", parked.consumer);
        Refusal::new(409, "consumer_unknown", "Nobody hears of it any more", detail)
    })
}

/// Keeps the new error, and says it.
async fn failed_again(app: &App, actor: &Actor, id: ParkedId, fault: &Fault) -> Result<Refusal, Failure> {
    let error = fault.to_string();
    let consumers = crate::consumers(app);
    app.database
        .in_tenant(&scope(actor), async |mut tx| {
            let (parked, event) = locked(&mut tx, id).await?;
            super::put_failure(&mut tx, consumer(&consumers, &parked)?.as_ref(), &event, (parked.tries + 1, &error)).await?;
            note(&mut tx, (app, actor), (&parked, &event), Noted::Failed).await?;
            Ok::<_, Failure>(tx.done(()))
        })
        .await?;
    app.movements.moved(actor.signed_in.tenant);
    tracing::error!(parked.id = %id, error = %fault, "a parked event failed once more");
    let detail = format!("It was tried and failed once more; it stays parked. {error}");
    Ok(Refusal::new(409, "replay_failed", "It failed once more", detail))
}

/// What a person did with a parked event.
#[derive(Clone, Copy)]
enum Noted<'a> {
    Replayed,
    Failed,
    Dismissed { reason: &'a str },
}

async fn note(tx: &mut TenantTx, (app, actor): (&App, &Actor), (parked, event): (&Parked, &Event), noted: Noted<'_>) -> Result<(), Fault> {
    let (action, outcome, reason) = match noted {
        Noted::Replayed => (Action::Replay, "done", None),
        Noted::Failed => (Action::Replay, "failed", None),
        Noted::Dismissed { reason } => (Action::Dismiss, "given_up", Some(reason)),
    };
    let after = audit::fields([("consumer", json!(parked.consumer)), ("tries", json!(parked.tries)), ("outcome", json!(outcome))]);
    let entry = audit::Entry {
        id: app.environment.new_id(),
        action,
        record: (AUDITED, event.id, &event.kind),
        site: event.site,
        before: None,
        after: Some(&after),
        reason,
    };
    audit::write(tx, actor, std::slice::from_ref(&entry)).await
}

fn told(app: &App, actor: &Actor, id: ParkedId, what: &'static str) -> Result<Json<Unparked>, Failure> {
    // The runner goes on with what waited behind it.
    app.movements.moved(actor.signed_in.tenant);
    tracing::info!(parked.id = %id, account.id = %actor.signed_in.account, "a parked event was {what}");
    Ok(Json(Unparked { id }))
}
