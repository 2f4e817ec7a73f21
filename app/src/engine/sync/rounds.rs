//! One round of sync.

use super::push::Ready;
use super::wake::Nudge;
use super::{RoundError, offers, pages, push, renewal};
use crate::device::crypto::DeviceKey;
use crate::device::http::{self, HttpError};
use crate::device::store::{self, Access, CHAIN, Kept, Records, STRIDE, Store, StoreError, Transaction};
use crate::device::{clock, report};
use crate::engine::core::{Core, Told, log};
use crate::engine::protocol::{APP_TOO_OLD, EnrolledTill};
use crate::engine::records::{DeviceRecord, PersonRecord, SessionRecord, name};
use crate::engine::{blobs, carried, events, queue};
use futures::future::{join, join3, try_join_all};
use holdfast_domain::KINDS;
use holdfast_domain::kernel::AccountId;
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{ChainHead, OutboxRow};
use holdfast_sync::wire::{APP_VERSION, MAX_PULL, PullRequest, PullResponse, ReferenceRow};
use std::collections::BTreeMap;

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

/// How a pull ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pulled {
    /// There is nothing more.
    All,
    /// There is, for newer apps.
    TooOld,
}

/// Who speaks to the server, and for which device.
struct Line {
    device: DeviceRecord,
    csrf: String,
    /// Whose session it is. Who works here may be somebody else, until they sign in.
    account: AccountId,
    /// Whether their grant is to be looked at.
    grant_is_due: bool,
}

/// Signs, pushes, renews, pulls.
pub async fn round(core: &Core) -> Result<Rest, RoundError> {
    let Some(store) = core.store() else { return Ok(Rest::Nobody) };
    // Side by side: each waits for the database, and none for another.
    let (first, line, undecided) = join3(push::first(core, &store), line(core, &store), undecided(core, &store)).await;
    let ended = match line? {
        Some(line) => speak(core, &store, &line, (first?, undecided?)).await,
        None => Ok(Rest::Nobody),
    };
    // What is sent is signed on its way. What is not is signed now, all of it, so that it can be handed over as it is.
    if !matches!(ended, Ok(Rest::Nothing | Rest::TryAgain)) {
        sign(core, &store).await.unwrap_or_else(|error| log(&error));
    }
    if matches!(ended, Err(RoundError::Http(HttpError::SessionLost))) {
        renewal::session_lost(core, &store).await?;
        events::settled(core);
        return Ok(Rest::Nobody);
    }
    ended
}

async fn speak(core: &Core, store: &Store, line: &Line, (first, undecided): (Option<Ready>, usize)) -> Result<Rest, RoundError> {
    let (mut refused, mut too_old) = (None, false);
    let rest = match first {
        // What is recorded from here on rouses the sender for another round.
        None => Rest::Nothing,
        Some(first) => or_later(push::push_behind(core, store, (&line.csrf, first)).await, &mut refused)?.unwrap_or(Rest::TryAgain),
    };
    if line.device.till.is_some() {
        if line.grant_is_due {
            or_later(renewal::grant(core, store).await, &mut refused)?;
        }
        // Counted anew only where it may be another count by now.
        let waiting = if undecided == 0 { 0 } else { self::undecided(core, store).await? };
        too_old = or_later(pull(core, store, (line, waiting)).await, &mut refused)?.is_some_and(|pulled| pulled == Pulled::TooOld);
        or_later(renewal::numbers(store, (&line.device, &line.csrf), renewal::NUMBERS_FOR_WEEKS).await, &mut refused)?;
    }
    // Last, and one line at a time: what somebody else could not send keeps nothing of ours waiting. A refusal of another step does not stop it: this device may
    // be the only one that can prove it.
    if or_later(hand_on(core, store, &line.csrf).await, &mut refused)?.unwrap_or(false) && rest == Rest::Nothing {
        core.wake.nudge(Nudge::Work);
    }
    core.blob_wake.nudge(Nudge::Work);
    match refused {
        Some(error) => Err(error),
        None => {
            match too_old {
                true => core.refused(APP_TOO_OLD).await?,
                false => core.reached().await?,
            }
            core.telling.of_till_and_sync();
            Ok(rest)
        }
    }
}

/// Sends some of what others made; whether there is more.
async fn hand_on(core: &Core, store: &Store, csrf: &str) -> Result<bool, RoundError> {
    Ok(offers::send_next(core, store, csrf).await? || carried::send_next(core, store, csrf).await?)
}

/// What the server refuses stops one step of a round and not the others: who gets no numbers still gets prices. The first refusal is told in the end.
fn or_later<T>(step: Result<T, RoundError>, refused: &mut Option<RoundError>) -> Result<Option<T>, RoundError> {
    match step {
        Ok(done) => Ok(Some(done)),
        Err(error @ RoundError::Http(HttpError::Refused(_) | HttpError::Failed(_))) => {
            refused.get_or_insert(error);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Signs and pushes once; for whoever must know that nothing is left.
pub async fn send(core: &Core, store: &Store) -> Result<(), RoundError> {
    sign(core, store).await?;
    if let Some(line) = line(core, store).await? {
        push::push(core, store, &line.csrf).await?;
    }
    Ok(())
}

/// Enters the audiences and loads all there is, for a device that has just become a till.
pub async fn first_load(core: &Core, store: &Store) -> Result<(), RoundError> {
    let Some(line) = line(core, store).await? else { return Err(HttpError::SessionLost.into()) };
    renewal::numbers(store, (&line.device, &line.csrf), renewal::NUMBERS_TO_BEGIN).await?;
    match pull(core, store, (&line, undecided(core, store).await?)).await? {
        Pulled::All => Ok(()),
        Pulled::TooOld => Err(RoundError::Http(HttpError::Refused(APP_TOO_OLD.to_owned()))),
    }
}

/// The session to speak with; none where nobody is signed in or it is over.
async fn line(core: &Core, store: &Store) -> Result<Option<Line>, RoundError> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let device: Option<DeviceRecord> = transaction.get(Records::Meta, name::DEVICE).await?;
        let account: Option<AccountId> = transaction.get(Records::Meta, name::SIGNED_IN).await?;
        let session: Option<SessionRecord> = transaction.get(Records::Meta, name::SESSION).await?;
        let grant_is_due = match &session {
            Some(session) => renewal::grant_is_due(transaction, session.view.account).await?,
            None => true,
        };
        Ok((device, account, session, grant_is_due))
    };
    let (device, account, session, grant_is_due) = store.transact(&[Records::Meta, Records::People], Access::Read, read).await?;
    let (Some(device), Some(_)) = (device, account) else { return Ok(None) };
    let session = match session {
        Some(session) if session.lost => return Ok(None),
        Some(session) => session,
        // Somebody switched to a person whose session was never heard of here: the browser may have its cookie.
        None => match renewal::session(core, store).await {
            // One who left this device speaks for nobody here, though the server may not have heard of it yet.
            Ok(session) if !works_here(store, session.view.account).await? => return Ok(None),
            Ok(session) => session,
            Err(RoundError::Http(HttpError::SessionLost)) => return Ok(None),
            Err(error) => return Err(error),
        },
    };
    Ok(Some(Line { device, csrf: session.view.csrf, account: session.view.account, grant_is_due }))
}

async fn works_here(store: &Store, account: AccountId) -> Result<bool, StoreError> {
    let key = account.to_string();
    let read = async |transaction: &Transaction| transaction.get::<PersonRecord>(Records::People, key.as_str()).await;
    Ok(store.transact(&[Records::People], Access::Read, read).await?.is_some())
}

/// Signs what is not signed. Outside any transaction: the browser would end it.
pub async fn sign(core: &Core, store: &Store) -> Result<(), RoundError> {
    let mut after = 0;
    loop {
        let (rows, key) = join(store::unsigned(store, after), core.key(store)).await;
        let rows = rows?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seq;
        let signatures = signatures(key?.as_ref(), rows.iter()).await?;
        store::sign(store, signatures.into_iter().collect()).await?;
        if rows.len() < STRIDE as usize {
            return Ok(());
        }
    }
}

/// The device's signatures of rows, by their numbers.
pub(super) async fn signatures(key: Option<&DeviceKey>, rows: impl Iterator<Item = &OutboxRow>) -> Result<BTreeMap<u64, Vec<u8>>, RoundError> {
    let sign = async |row: &OutboxRow| {
        let key = key.ok_or(RoundError::Nonsense("no key, though something was recorded"))?;
        Ok::<_, RoundError>((row.seq, key.sign(&row.header.0).await?))
    };
    Ok(try_join_all(rows.map(sign)).await?.into_iter().collect())
}

/// How many changes the server has not decided.
async fn undecided(core: &Core, store: &Store) -> Result<usize, RoundError> {
    Ok(queue::look(core, (store, &[]), async |_, queue| Ok(queue.undecided)).await?)
}

/// Pulls until nothing is left.
async fn pull(core: &Core, store: &Store, (line, waiting): (&Line, usize)) -> Result<Pulled, RoundError> {
    let address = report::pull_address(waiting);
    loop {
        let read = async |transaction: &Transaction| transaction.get::<ChainHead>(Records::Meta, CHAIN).await;
        let own = core.own(store, line.account);
        let (chain, followed) = join(store.transact(&[Records::Meta], Access::Read, read), own.followed()).await;
        let Some(chain) = chain? else { return Ok(Pulled::All) };
        let known = chain.feed.epoch;
        let cursors = store::cursors(&chain.feed, followed?);
        let request = request((chain, cursors), line.device.till.as_ref());
        core.wake.hears_the_feed();
        let page: PullResponse = match http::post_cbor(&address, &line.csrf, &request).await {
            // Whoever is signed in does not work at the till's site any more: without the till, the feed says what to leave.
            Err(HttpError::Refused(code)) if code == "till_of_another_site" && request.till.is_some() => {
                http::post_cbor(&address, &line.csrf, &PullRequest { till: None, ..request }).await?
            }
            page => page?,
        };
        // Before the new epoch is stored: should this tab die here, it is done again. The first page may be of another epoch than what was sent before it.
        if known != Some(page.epoch) {
            blobs::offer_again(store).await?;
        }
        if page.asks_for_newer_than(APP_VERSION) {
            return Ok(Pulled::TooOld);
        }
        // Taken now: the pages below may take minutes, and the page's time is compared with it.
        let received_at = clock::now();
        let manifests = pages::manifests(&page);
        if !manifests.is_empty() {
            pages::fetch(core, store, &manifests).await?;
        }
        // The device may have been erased while the page was on its way.
        if store.is_retired() {
            return Err(StoreError::Lost.into());
        }
        let (taken, kept) = own.receive(store, (&KINDS, &page), received_at).await?;
        // An empty page at the feed's head may be what something falls by. Stored is stored, whatever becomes of what follows.
        let is_news = !page.entries.is_empty() || taken.rebuilt || taken.left;
        if kept != Kept::Nothing {
            events::device_moved(core).await;
        }
        if is_news {
            core.tell(Told::Settled);
        }
        if taken.epoch_changed {
            core.offers_from.set(0);
            core.wake.nudge(Nudge::Work);
            pages::drop_others(store, &manifests).await?;
            pages::load_anew(core, store).await?;
        }
        for (document, cause) in &taken.received.unreadable {
            web_sys::console::warn_1(&format!("document {document} cannot be read here: {cause}").into());
        }
        if taken.left {
            pages::load_anew(core, store).await?;
            core.tell(Told::Catalogue);
        }
        take(core, &taken.received.rows, !manifests.is_empty()).await;
        if taken.rebuilt {
            core.wake.nudge(Nudge::Work);
        }
        if is_news {
            events::settled(core);
        }
        if !page.more {
            return Ok(Pulled::All);
        }
    }
}

/// Where the device stands in the feed. The till is asked for at first, and for as long as its site is followed.
fn request((chain, cursors): (ChainHead, BTreeMap<Audience, u64>), till: Option<&EnrolledTill>) -> PullRequest {
    let epoch = chain.feed.epoch;
    let till = till.filter(|till| epoch.is_none() || cursors.contains_key(&Audience::Site(till.site.0)));
    PullRequest { epoch, till: till.map(|till| till.till.0), cursors, device: Some(chain.device), limit: MAX_PULL }
}

/// New rows go into the catalogue in memory, here and in the other tabs.
async fn take(core: &Core, rows: &[(ReferenceRow, Option<Audience>)], pages: bool) {
    if rows.is_empty() && !pages {
        return;
    }
    let mut catalogue = core.catalogue.lock().await;
    rows.iter().for_each(|(row, _)| catalogue.put(row));
    drop(catalogue);
    core.tell(Told::Catalogue);
    core.emit(crate::engine::protocol::Event::CatalogueMoved);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_one_step_is_told_in_the_end_and_the_first_one_counts() {
        let refusal = |code: &str| Err::<(), _>(RoundError::Http(HttpError::Refused(code.to_owned())));
        let mut refused = None;
        assert!(or_later(Ok(()), &mut refused).is_ok_and(|done| done.is_some()));
        assert!(or_later(refusal("device_revoked"), &mut refused).is_ok_and(|done| done.is_none()));
        assert!(or_later(refusal("later"), &mut refused).is_ok());
        assert!(matches!(refused, Some(RoundError::Http(HttpError::Refused(code))) if code == "device_revoked"));
        assert!(or_later(Err::<(), _>(RoundError::Http(HttpError::SessionLost)), &mut None).is_err());
    }
}
