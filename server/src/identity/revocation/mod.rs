//! `POST …/devices/{device}/revocation` and `POST …/grants/{grant}/revocation`: takes them back.
//!
//! What was made under them and has not arrived is held when it does; the feed and the live line are closed to the device at once. A second
//! revocation changes nothing and answers with what the first one left.

mod queries;

use super::device::{self, list};
use super::signed_in::SignedIn;
use crate::audit::{self, Actor};
use crate::events::{NewEvent, event_id};
use crate::failure::{Failure, Refusal};
use crate::http::{App, JsonBody, PathOf};
use crate::sync;
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use holdfast_domain::audit::Action;
use holdfast_domain::identity::{DeviceRevoked, DeviceStanding, GrantRevoked, REVOKE, Revoke};
use holdfast_domain::kernel::{DeviceId, GrantId};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

const LONGEST_REASON: usize = 500;

/// Takes a device back, with every grant on it.
pub(super) async fn revoke_device(
    State(app): State<App>,
    actor: Actor,
    PathOf(device): PathOf<DeviceId>,
    JsonBody(revoke): JsonBody<Revoke>,
) -> Result<Json<DeviceStanding>, Failure> {
    let signed_in = &actor.signed_in;
    signed_in.require(&REVOKE, None)?;
    let reason = reason(revoke)?;
    let standing = app
        .database
        .in_tenant(&signed_in.scope(), async |mut tx| {
            let known = list::one(&mut tx, device).await?.ok_or_else(device_unknown)?;
            let new = queries::revoke_device(&mut tx, device, (signed_in.account, &reason)).await?;
            if new {
                queries::revoke_grants(&mut tx, device, (None, signed_in.account, &reason)).await?;
                queries::end_sessions_that_left(&mut tx, device).await?;
                note(&app, &mut tx, &actor, (("identity.device", device.0, &known.name), &reason)).await?;
                let (name, till, by) = (known.name, known.till, signed_in.account);
                let body = DeviceRevoked { device, name, till, by, reason: reason.clone() };
                publish(&mut tx, (DeviceRevoked::KIND, device.0), &body).await?;
            }
            let standing = list::one(&mut tx, device).await?.ok_or_else(device_unknown)?;
            Ok::<_, Failure>(tx.done(standing))
        })
        .await?;
    tell(&app, signed_in);
    tracing::info!(device.id = %device, account.id = %signed_in.account, "a device was revoked");
    Ok(Json(standing))
}

/// Takes a grant back, and every other of its holder on the device; the holder's sessions on it end.
pub(super) async fn revoke_grant(
    State(app): State<App>,
    actor: Actor,
    PathOf(grant): PathOf<GrantId>,
    JsonBody(revoke): JsonBody<Revoke>,
) -> Result<Json<DeviceStanding>, Failure> {
    let signed_in = &actor.signed_in;
    signed_in.require(&REVOKE, None)?;
    let reason = reason(revoke)?;
    let standing = app
        .database
        .in_tenant(&signed_in.scope(), async |mut tx| {
            let stored = device::queries::grant(&mut tx, grant).await?.ok_or_else(grant_unknown)?;
            let (account, device) = (stored.account, stored.device);
            let new = queries::revoke_grants(&mut tx, device, (Some(account), signed_in.account, &reason)).await?;
            if new {
                queries::end_sessions(&mut tx, account, device).await?;
                let holder = super::queries::account(&mut tx, account).await?.map_or_else(String::new, |holder| holder.name);
                note(&app, &mut tx, &actor, (("identity.grant", grant.0, &holder), &reason)).await?;
                let body = GrantRevoked { grant, account, device, by: signed_in.account, reason: reason.clone() };
                publish(&mut tx, (GrantRevoked::KIND, grant.0), &body).await?;
            }
            let standing = list::one(&mut tx, device).await?.ok_or_else(device_unknown)?;
            Ok::<_, Failure>(tx.done(standing))
        })
        .await?;
    tell(&app, signed_in);
    tracing::info!(grant.id = %grant, account.id = %signed_in.account, "a grant was revoked");
    Ok(Json(standing))
}

async fn note(app: &App, tx: &mut TenantTx, actor: &Actor, (record, reason): ((&'static str, Uuid, &str), &str)) -> Result<(), Failure> {
    let (before, after) = (audit::fields([("revoked", json!(false))]), audit::fields([("revoked", json!(true))]));
    let entry = audit::Entry {
        id: app.environment.new_id(),
        action: Action::Revoke,
        record,
        site: None,
        before: Some(&before),
        after: Some(&after),
        reason: Some(reason),
    };
    Ok(audit::write(tx, actor, std::slice::from_ref(&entry)).await?)
}

pub(super) async fn publish(tx: &mut TenantTx, (kind, cause): (&'static str, Uuid), body: &impl Serialize) -> Result<(), Failure> {
    let event = NewEvent {
        id: event_id(kind, cause),
        kind,
        subject: cause.to_string(),
        site: None,
        occurred_at: tx.now(),
        data: serde_json::to_value(body).expect("an event's body has no map whose keys are not text"),
    };
    sync::append(tx, &[], vec![event]).await?;
    Ok(())
}

/// Whoever holds a line open looks again whether it may.
fn tell(app: &App, signed_in: &SignedIn) {
    app.movements.rights_changed(signed_in.tenant);
    app.movements.moved(signed_in.tenant);
}

pub(super) fn reason(revoke: Revoke) -> Result<String, Refusal> {
    let reason = revoke.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
        return Err(Refusal::new(422, "reason_missing", "It takes a reason", "Say in 1 to 500 characters why: someone will look at it later."));
    }
    Ok(reason.to_owned())
}

fn device_unknown() -> Refusal {
    Refusal::new(404, "device_unknown", "There is no such device", "Look at the list of devices.")
}

fn grant_unknown() -> Refusal {
    Refusal::new(404, "grant_unknown", "There is no such grant", "Look at the list of devices and who may act on them.")
}
