//! One round of sync.

use super::{RoundError, pages, renewal};
use crate::device::clock;
use crate::device::http::{self, HttpError};
use crate::device::store::{self, Access, CHAIN, Records, Store, StoreError, Transaction};
use crate::engine::core::{Core, Told};
use crate::engine::events;
use crate::engine::records::{DeviceRecord, SessionRecord, name};
use futures::future::try_join_all;
use holdfast_domain::KINDS;
use holdfast_domain::kernel::AccountId;
use holdfast_sync::replica::{self, ChainHead};
use holdfast_sync::wire::{Answer, MAX_PULL, PullRequest, PullResponse, PushResponse};

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// All is up and down.
    Nothing,
    /// The server asked to be tried again.
    TryAgain,
    /// Nobody is signed in: nothing can be sent.
    Nobody,
}

/// Who speaks to the server, and for which device.
struct Line {
    device: DeviceRecord,
    csrf: String,
}

/// Signs, pushes, renews, pulls.
pub async fn round(core: &Core) -> Result<Rest, RoundError> {
    let Some(store) = core.store() else { return Ok(Rest::Nobody) };
    sign(core, &store).await?;
    let Some(line) = line(core, &store).await? else { return Ok(Rest::Nobody) };
    let ended = speak(core, &store, &line).await;
    if matches!(ended, Err(RoundError::Http(HttpError::SessionLost))) {
        renewal::session_lost(core, &store).await?;
        events::settled(core).await;
        return Ok(Rest::Nobody);
    }
    ended
}

async fn speak(core: &Core, store: &Store, line: &Line) -> Result<Rest, RoundError> {
    let rest = push(core, store, line).await?;
    if line.device.till.is_some() {
        renewal::grant(core, store).await?;
        renewal::numbers(store, (&line.device, &line.csrf)).await?;
        pull(core, store, line).await?;
    }
    core.reached().await?;
    events::settled(core).await;
    Ok(rest)
}

/// Signs and pushes once; for whoever must know that nothing is left.
pub async fn send(core: &Core, store: &Store) -> Result<(), RoundError> {
    sign(core, store).await?;
    if let Some(line) = line(core, store).await? {
        push(core, store, &line).await?;
    }
    Ok(())
}

/// Enters the audiences and loads all there is, for a device that has just become a till.
pub async fn first_load(core: &Core, store: &Store) -> Result<(), RoundError> {
    let Some(line) = line(core, store).await? else { return Err(HttpError::SessionLost.into()) };
    renewal::numbers(store, (&line.device, &line.csrf)).await?;
    pull(core, store, &line).await
}

/// The session to speak with; none where nobody is signed in or it is over.
async fn line(core: &Core, store: &Store) -> Result<Option<Line>, RoundError> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let device: Option<DeviceRecord> = transaction.get(Records::Meta, name::DEVICE).await?;
        let account: Option<AccountId> = transaction.get(Records::Meta, name::SIGNED_IN).await?;
        let session: Option<SessionRecord> = transaction.get(Records::Meta, name::SESSION).await?;
        Ok((device, account, session))
    };
    let (device, account, session) = store.transact(&[Records::Meta], Access::Read, read).await?;
    let (Some(device), Some(_)) = (device, account) else { return Ok(None) };
    let session = match session {
        Some(session) if session.lost => return Ok(None),
        Some(session) => session,
        // Somebody switched to a person whose session was never heard of here: the browser may have its cookie.
        None => match renewal::session(core, store).await {
            Ok(session) => session,
            Err(RoundError::Http(HttpError::SessionLost)) => return Ok(None),
            Err(error) => return Err(error),
        },
    };
    Ok(Some(Line { device, csrf: session.view.csrf }))
}

/// Signs what is not signed. Outside any transaction: the browser would end it.
async fn sign(core: &Core, store: &Store) -> Result<(), RoundError> {
    loop {
        let rows = store::unsigned(store).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let key = core.key(store).await?.ok_or(RoundError::Nonsense("no key, though something was recorded"))?;
        let signatures = try_join_all(rows.iter().map(async |row| Ok::<_, RoundError>((row.seq, key.sign(&row.header.0).await?)))).await?;
        store::sign(store, signatures).await?;
    }
}

/// Pushes until nothing is left that the server has not answered.
async fn push(core: &Core, store: &Store, line: &Line) -> Result<Rest, RoundError> {
    loop {
        let rows = store::next_to_push(store).await?;
        let Some(request) = replica::next_push(&rows) else { return Ok(Rest::Nothing) };
        let seqs: Vec<u64> = rows.iter().map(|row| row.seq).take(request.envelopes.len()).collect();
        // Only where there is a network: offline nothing is sent, and nothing says so.
        if core.contact.borrow().online {
            store::mark_sent(store, &seqs).await?;
        }
        let response: PushResponse = http::post_cbor("/api/v1/sync/push", &line.csrf, &request).await?;
        if response.answers.len() != seqs.len() {
            return Err(RoundError::Nonsense("fewer answers than were asked for"));
        }
        let settled = response.answers.iter().filter(|answer| !matches!(answer, Answer::Retry | Answer::Waiting { .. })).count();
        let again = response.answers.iter().any(|answer| matches!(answer, Answer::Retry));
        store::answer(store, seqs.into_iter().zip(response.answers).collect(), clock::now()).await?;
        core.forget_takings();
        events::settled(core).await;
        core.tell(Told::Settled);
        if again {
            return Ok(Rest::TryAgain);
        }
        if settled == 0 {
            return Ok(Rest::Nothing);
        }
    }
}

/// Pulls until nothing is left.
async fn pull(core: &Core, store: &Store, line: &Line) -> Result<(), RoundError> {
    loop {
        let read = async |transaction: &Transaction| transaction.get::<ChainHead>(Records::Meta, CHAIN).await;
        let Some(chain) = store.transact(&[Records::Meta], Access::Read, read).await? else { return Ok(()) };
        let request = PullRequest {
            epoch: chain.feed.epoch,
            cursors: chain.feed.cursors,
            device: Some(chain.device),
            till: line.device.till.as_ref().map(|till| till.till.0),
            limit: MAX_PULL,
        };
        let page: PullResponse = http::post_cbor("/api/v1/sync/pull", &line.csrf, &request).await?;
        let manifests = pages::manifests(&page);
        if !manifests.is_empty() {
            pages::fetch(core, store, &manifests).await?;
        }
        let taken = store::receive(store, &KINDS, &page, clock::now()).await?;
        if taken.epoch_changed {
            pages::drop_others(store, &manifests).await?;
        }
        for (document, cause) in &taken.received.unreadable {
            web_sys::console::warn_1(&format!("document {document} cannot be read here: {cause}").into());
        }
        take(core, &taken.received.rows, !manifests.is_empty()).await;
        if !page.entries.is_empty() {
            core.forget_takings();
            core.tell(Told::Settled);
            events::settled(core).await;
        }
        if !page.more {
            return Ok(());
        }
    }
}

/// New rows go into the catalogue in memory, here and in the other tabs.
async fn take(core: &Core, rows: &[holdfast_sync::wire::ReferenceRow], pages: bool) {
    if rows.is_empty() && !pages {
        return;
    }
    let mut catalogue = core.catalogue.lock().await;
    rows.iter().for_each(|row| catalogue.put(row));
    drop(catalogue);
    core.tell(Told::Catalogue);
    core.emit(crate::engine::protocol::Event::CatalogueMoved);
}
