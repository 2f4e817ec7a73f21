//! Becoming a till: a key, the server's word, and all that is needed to sell without it.

use super::core::{Core, Told};
use super::people::device_view;
use super::protocol::{DeviceView, EngineRefusal, EnrolledTill};
use super::records::{DeviceRecord, name};
use super::storage;
use super::sync::wake::Nudge;
use super::sync::{RoundError, renewal, rounds};
use super::till::newest_session;
use crate::device::crypto::{CryptoFault, DeviceKey};
use crate::device::http::{self, HttpError};
use crate::device::store::{Access, CHAIN, Records, Store, StoreError, Transaction};
use holdfast_domain::identity::{DeviceEnrolled, DeviceEnrolment, SessionView};
use holdfast_domain::kernel::{ChainId, DeviceId, SiteId, TillId};
use holdfast_domain::sales::till_session::TillSessionStatus;
use holdfast_sync::bytes::Bytes;
use holdfast_sync::replica::ChainHead;

/// Makes this device the till. It is one once the server has enrolled its key; what is loaded afterwards goes on loading by itself where it breaks off.
pub async fn become_till(core: &Core, (site, till): (SiteId, TillId)) -> Result<DeviceView, EngineRefusal> {
    let store = core.need_store()?;
    let session = core.session(&store).await?.filter(|session| !session.lost).ok_or_else(|| EngineRefusal::new("session_lost"))?;
    let enrolled = named(&session.view, (site, till))?;
    refuse_while_open(&store, till).await?;
    let key = key(core, &store).await?;
    let (device, chain) = identity(&store).await?;
    let granted = present(&session.view.csrf, &key, enrolment((device.device, chain.chain), &key, &enrolled).await?).await.map_err(refusal)?;
    renewal::keep_grant(&store, (session.view.account, site), (granted.grant, granted.sealing_key)).await.map_err(refusal)?;
    keep(&store, &device, enrolled).await?;
    core.reached().await?;
    storage::mark().await;
    core.evicted.set(false);
    rounds::first_load(core, &store).await.map_err(refusal)?;
    core.tell(Told::Device);
    core.wake.nudge(Nudge::Now);
    device_view(core).await
}

/// A server that was restored from a backup may be older than this device: it enrols once more, as what it is, and what it made is taken. It may be older
/// than the till, too, or than the right to work there: then it enrols as no till.
pub(super) async fn enrol_again(core: &Core, store: &Store) -> Result<(), RoundError> {
    let (key, (device, chain)) = (key(core, store).await?, identity(store).await?);
    let Some(session) = core.session(store).await?.filter(|session| !session.lost) else { return Ok(()) };
    let Some(till) = &device.till else { return Ok(()) };
    let enrolment = enrolment((device.device, chain.chain), &key, till).await?;
    let csrf = &session.view.csrf;
    let granted = match present(csrf, &key, enrolment.clone()).await {
        Err(RoundError::Http(HttpError::Refused(code))) if code == "till_unknown" || code == "not_at_this_till" => {
            present(csrf, &key, DeviceEnrolment { till: None, ..enrolment }).await?
        }
        granted => granted?,
    };
    renewal::keep_grant(store, (session.view.account, till.site), (granted.grant, granted.sealing_key)).await
}

async fn enrolment((device, chain): (DeviceId, ChainId), key: &DeviceKey, till: &EnrolledTill) -> Result<DeviceEnrolment, CryptoFault> {
    let name = format!("{}, {}", till.till_name, till.site_name);
    let (algorithm, public_key) = (key.algorithm(), Bytes(key.public().await?));
    Ok(DeviceEnrolment { device, chain, name, algorithm, public_key, till: Some(till.till), proof: Bytes(Vec::new()) })
}

/// Enrols with the proof that this device has its key, made for the session that asks.
async fn present(csrf: &str, key: &DeviceKey, enrolment: DeviceEnrolment) -> Result<DeviceEnrolled, RoundError> {
    let proof = Bytes(key.sign(&enrolment.to_sign(csrf)).await?);
    Ok(http::post_json("/api/v1/identity/devices", csrf, &DeviceEnrolment { proof, ..enrolment }).await?)
}

/// Why the person cannot go on, where a request failed.
pub(super) fn refusal(error: RoundError) -> EngineRefusal {
    match error {
        RoundError::Http(HttpError::Unreachable(_)) => EngineRefusal::new("offline"),
        RoundError::Http(HttpError::SessionLost) => EngineRefusal::new("session_lost"),
        RoundError::Http(HttpError::Refused(code)) => EngineRefusal::new(&code),
        RoundError::Store(error) => error.into(),
        RoundError::Crypto(fault) => fault.into(),
        RoundError::Refused(refusal) => refusal,
        RoundError::Http(HttpError::Failed(_)) | RoundError::Nonsense(_) => {
            super::core::log(&error);
            EngineRefusal::new("server_failed")
        }
    }
}

/// The till as it is named, if it is one of the account's.
fn named(session: &SessionView, (site, till): (SiteId, TillId)) -> Result<EnrolledTill, EngineRefusal> {
    let site = session.sites.iter().find(|known| known.id == site).ok_or_else(|| EngineRefusal::new("site_unknown"))?;
    let till = site.tills.iter().find(|known| known.id == till).ok_or_else(|| EngineRefusal::new("till_unknown"))?;
    Ok(EnrolledTill {
        till: till.id,
        till_name: till.name.clone(),
        site: site.id,
        site_name: site.name.clone(),
        tenant_name: session.tenant_name.clone(),
        currency: session.currency.clone(),
        time_zone: site.time_zone.clone(),
    })
}

/// A device does not become another till with its drawer uncounted.
async fn refuse_while_open(store: &Store, till: TillId) -> Result<(), EngineRefusal> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let device: Option<DeviceRecord> = transaction.get(Records::Meta, name::DEVICE).await?;
        match device.and_then(|device| device.till).filter(|before| before.till != till) {
            Some(before) => Ok(newest_session(transaction, before.till).await?.map(|session| session.status)),
            None => Ok(None),
        }
    };
    match store.transact(&[Records::Meta, Records::Views], Access::Read, read).await? {
        Some(TillSessionStatus::Open) => Err(EngineRefusal::new("till_session_open")),
        Some(TillSessionStatus::Closed) | None => Ok(()),
    }
}

/// The device's key; made before it is stored, because the browser makes it outside transactions.
async fn key(core: &Core, store: &Store) -> Result<DeviceKey, EngineRefusal> {
    if let Some(key) = core.key(store).await? {
        return Ok(key);
    }
    let fresh = DeviceKey::generate().await?;
    store
        .transact(&[Records::Keys], Access::Strict, async |transaction| {
            // Another tab may have been first.
            match transaction.get_value(Records::Keys, name::KEY).await? {
                Some(stored) => Ok(DeviceKey::from_stored(stored)?),
                None => {
                    transaction.put_value(Records::Keys, name::KEY, fresh.stored())?;
                    Ok(fresh)
                }
            }
        })
        .await
}

async fn identity(store: &Store) -> Result<(DeviceRecord, ChainHead), EngineRefusal> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let device: Option<DeviceRecord> = transaction.get(Records::Meta, name::DEVICE).await?;
        let chain: Option<ChainHead> = transaction.get(Records::Meta, CHAIN).await?;
        Ok(device.zip(chain))
    };
    store.transact(&[Records::Meta], Access::Read, read).await?.ok_or_else(|| EngineRefusal::new("not_signed_in"))
}

/// From now on the device is that till.
async fn keep(store: &Store, device: &DeviceRecord, till: EnrolledTill) -> Result<(), StoreError> {
    let record = DeviceRecord { till: Some(till), ..device.clone() };
    store.transact(&[Records::Meta], Access::Strict, async |transaction| transaction.put(Records::Meta, name::DEVICE, &record)).await
}
