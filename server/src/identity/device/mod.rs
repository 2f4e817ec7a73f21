//! `POST /api/v1/identity/devices`: a browser profile presents its key, and gets its first grant.

pub(super) mod list;
mod noted;
pub(crate) mod queries;
pub(crate) mod taken_up;

use super::device_key::DeviceKey;
use super::grant;
use super::queries::feed_life;
use super::signed_in::SignedIn;
use crate::audit::Actor;
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, JsonBody};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use holdfast_domain::identity::{DeviceEnrolled, DeviceEnrolment};
use holdfast_domain::kernel::{ChainId, DeviceId, TillId, Timestamp};
use queries::StoredDevice;

/// A device never needs this many databases; a program that draws chains in a loop does.
const MOST_CHAINS: i64 = 1_000;
const LONGEST_NAME: usize = 200;

/// What is known of a device.
pub struct EnrolledDevice {
    /// What it signs with.
    pub key: DeviceKey,
    /// The till it works at.
    pub till: Option<TillId>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Whether it is known from a grant alone, since the server was restored from a backup.
    pub taken_up: bool,
}

pub(super) async fn enrol(
    State(app): State<App>,
    actor: Actor,
    JsonBody(enrolment): JsonBody<DeviceEnrolment>,
) -> Result<(StatusCode, Json<DeviceEnrolled>), Failure> {
    check(&enrolment, &actor.signed_in)?;
    app.database
        .in_tenant(&actor.signed_in.scope(), async |mut tx| {
            let before = noted::look(&mut tx, enrolment.device).await?;
            let is_new = store(&mut tx, &enrolment).await?;
            noted::note(&app, &mut tx, &actor, (before, &enrolment)).await?;
            let grant = grant::make(&app, &mut tx, &actor, enrolment.device).await?;
            let epoch = feed_life(&mut tx).await?.epoch;
            let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
            let sealing_key = Some(app.identity.sealing_keys().public().clone());
            let enrolled = DeviceEnrolled { grant, server_time_ms: tx.now(), epoch, sealing_key };
            Ok(tx.done((status, Json(enrolled))))
        })
        .await
}

/// The device, its key ready to check signatures; none where it never enrolled with this tenant.
pub async fn device_key(tx: &mut TenantTx, device: DeviceId) -> Result<Option<EnrolledDevice>, Fault> {
    let Some(stored) = queries::device(tx, device).await? else { return Ok(None) };
    let key = DeviceKey::read(stored.algorithm, &stored.public_key).map_err(|_| Fault::stored("devices", "public_key", device))?;
    Ok(Some(EnrolledDevice { key, till: stored.till, revoked_at: stored.revoked_at, taken_up: stored.taken_up }))
}

/// Keeps the device; whether it was new.
async fn store(tx: &mut TenantTx, enrolment: &DeviceEnrolment) -> Result<bool, Failure> {
    if let Some(till) = enrolment.till {
        may_become(tx, enrolment.device, till).await?;
    }
    let is_new = queries::insert_device(tx, enrolment).await?;
    if !is_new {
        let known = queries::lock_device(tx, enrolment.device).await?;
        check_same(&known, enrolment)?;
        queries::update_device(tx, enrolment).await?;
    }
    store_chain(tx, enrolment.device, enrolment.chain).await?;
    Ok(is_new)
}

/// A till that was put away goes on with the devices that it has, and gets no more.
async fn may_become(tx: &mut TenantTx, device: DeviceId, till: TillId) -> Result<(), Failure> {
    let is_archived = queries::is_archived_till(tx, till).await?;
    let is_archived =
        is_archived.ok_or_else(|| Refusal::new(404, "till_unknown", "There is no such till", "Choose one of the tills of your sites."))?;
    if is_archived && queries::device(tx, device).await?.and_then(|known| known.till) != Some(till) {
        let detail = "Choose another till, or ask somebody in the office to bring it back.";
        return Err(Refusal::new(409, "till_archived", "This till was put away", detail).into());
    }
    Ok(())
}

async fn store_chain(tx: &mut TenantTx, device: DeviceId, chain: ChainId) -> Result<(), Failure> {
    if queries::count_chains(tx, device).await? >= MOST_CHAINS {
        let detail = "Its storage was created anew too often. Reset the browser profile and enrol it as a new device.";
        return Err(Refusal::new(409, "too_many_chains", "The device cannot be enrolled again", detail).into());
    }
    Ok(queries::insert_chain(tx, device, chain).await?)
}

fn check(enrolment: &DeviceEnrolment, signed_in: &SignedIn) -> Result<(), Refusal> {
    let invalid = |code, detail: &str| Err(Refusal::new(422, code, "The device cannot be enrolled like this", detail));
    if enrolment.device == DeviceId::SERVER {
        return invalid("device_reserved", "This device id stands for the server itself. Choose another.");
    }
    let name = enrolment.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return invalid("device_name_invalid", "Give the device a name of 1 to 200 characters.");
    }
    let Ok(key) = DeviceKey::read(enrolment.algorithm, enrolment.public_key.as_ref()) else {
        return invalid("device_key_invalid", "The public key is not one of its algorithm.");
    };
    if !key.verify(&enrolment.to_sign(&signed_in.csrf()), enrolment.proof.as_ref()) {
        return Err(proof_wrong("The device cannot be enrolled like this"));
    }
    Ok(())
}

fn check_same(known: &StoredDevice, enrolment: &DeviceEnrolment) -> Result<(), Refusal> {
    if known.algorithm != enrolment.algorithm || known.public_key != enrolment.public_key.0 {
        let detail = "A device of this id enrolled with another key. Reset the browser profile and enrol it as a new device.";
        return Err(Refusal::new(409, "device_key_differs", "The device is known by another key", detail));
    }
    if known.revoked_at.is_some() {
        return Err(revoked());
    }
    Ok(())
}

/// What asked in a device's name was not signed by its key for this session.
pub(super) fn proof_wrong(title: &'static str) -> Refusal {
    Refusal::new(422, "device_proof_wrong", title, "It did not show that it has the device's key. Reload the page, sign in and try again.")
}

pub(crate) fn revoked() -> Refusal {
    let detail =
        "Someone in the office locked it out. Ask them. What waits on it can still be sent; to work again, sign in and enrol it as a new device.";
    Refusal::new(403, "device_revoked", "This device was revoked", detail)
}
