//! Sync: what was done here goes up, what happened elsewhere comes down. One tab does it for all.
//!
//! A round: sign what is not signed · push it, in the order of the chain · renew what runs out (session, grant, receipt numbers) · pull until nothing is
//! left. Photos go beside the rounds (`engine/blobs`), once no fact waits. A round follows each act, each word of the server that its feed moved, and else a heartbeat. Whether there is a network is judged by whether the server answers; what
//! the browser believes of it is ignored.

pub mod backoff;
mod lead;
mod live;
mod offers;
pub mod pages;
mod push;
pub mod renewal;
pub mod rounds;
pub mod wake;

use super::blobs;
use super::core::{Core, Told, log};
use super::protocol::{EngineRefusal, QueueState};
use super::queue::{self, Queue};
use crate::device::crypto::CryptoFault;
use crate::device::http::HttpError;
use crate::device::store::{StoreError, prune_accepted, prune_tried, prune_witnessed, rebuild_fallen, resume};
use crate::device::{clock, ids};
use holdfast_domain::KINDS;
use live::Live;
use std::rc::Rc;
use wake::Nudge;
use wasm_bindgen_futures::spawn_local;

/// The longest silence: a till that lost its network notices within this time.
const HEARTBEAT_MS: u32 = 20_000;
/// How often accepted changes are looked through for those to forget.
const PRUNE_EVERY_MS: i64 = 6 * 3_600 * 1_000;

/// Why a round ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The server.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key.
    #[error(transparent)]
    Crypto(#[from] CryptoFault),
    /// What the server sent is not what it should be.
    #[error("the server sent {0}")]
    Nonsense(&'static str),
    /// A refusal of our own, such as a key that cannot be read.
    #[error("{}", .0.code)]
    Refused(EngineRefusal),
}

impl From<EngineRefusal> for RoundError {
    fn from(refusal: EngineRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Sends and receives for ever.
pub async fn run(core: Rc<Core>) {
    lead::lead().await;
    // Beside the rounds, and roused by them: no fact waits for a photo.
    spawn_local(blobs::upload::run(Rc::clone(&core)));
    let mut live = Live::default();
    let mut failures = 0_u32;
    let mut pruned_at = clock::now();
    if let Some(store) = core.store() {
        match rebuild_fallen(&store, &KINDS).await {
            Ok(false) => {}
            Ok(true) => core.tell(Told::Settled),
            Err(error) => log(&error),
        }
    }
    loop {
        let now = clock::now();
        if !(0..PRUNE_EVERY_MS).contains(&now.0.saturating_sub(pruned_at.0)) {
            pruned_at = now;
            prune(&core).await;
        }
        let (pause, least) = match rounds::round(&core).await {
            Ok(rounds::Rest::Nothing) => {
                failures = 0;
                live.keep(&core);
                (HEARTBEAT_MS, Nudge::Moved)
            }
            Ok(rounds::Rest::TryAgain) => {
                failures += 1;
                let pause = backoff::wait_ms(failures, u32::from_le_bytes(ids::random()));
                put_off(&core, pause).await;
                (pause, Nudge::Moved)
            }
            // Nobody has signed in, or the session is over: only somebody can change that.
            Ok(rounds::Rest::Nobody) => {
                failures = 0;
                live.stop();
                (HEARTBEAT_MS, Nudge::Now)
            }
            Err(error) => {
                failures += 1;
                live.stop();
                let pause = backoff::wait_ms(failures, u32::from_le_bytes(ids::random()));
                note(&core, (&error, pause)).await;
                (pause, Nudge::Now)
            }
        };
        core.wake.sleep(pause, least).await;
    }
}

/// A till that runs for weeks forgets what it no longer needs, too.
async fn prune(core: &Core) {
    let Some(store) = core.store() else { return };
    // A till that never starts anew asks now and then about what waits at the server.
    for pruned in
        [prune_accepted(&store, clock::now()).await, prune_witnessed(&store, clock::now()).await, prune_tried(&store).await, resume(&store).await]
    {
        pruned.unwrap_or_else(|error| log(&error));
    }
    // What a restored server could not say yet, it is asked once more.
    core.offers_from.set(0);
}

/// The server was reached and asked to be tried later.
async fn put_off(core: &Core, pause_ms: u32) {
    match core.put_off(pause_ms).await {
        Ok(()) => core.telling.of_sync(),
        Err(error) => log(&error),
    }
}

/// Somebody wants it tried at once: what the server keeps is asked about, too, which else happens at the start and every few hours.
pub async fn try_now(core: &Core) -> Result<(), EngineRefusal> {
    if let Some(store) = core.store() {
        let keeps = |queue: &Queue| queue.documents().iter().any(|waits| waits.state >= QueueState::AtServer);
        if queue::look(core, (&store, &[]), async |_, queue| Ok(keeps(queue))).await? {
            resume(&store).await?;
        }
    }
    core.wake.nudge(Nudge::Now);
    core.blob_wake.nudge(Nudge::Now);
    core.tell(Told::TryNow);
    Ok(())
}

/// What a failed round says about the network and the session.
async fn note(core: &Core, (error, pause_ms): (&RoundError, u32)) {
    let noted = match error {
        RoundError::Http(HttpError::Unreachable(_)) => core.missed(pause_ms).await,
        RoundError::Http(HttpError::Refused(code)) => core.refused_until(code, pause_ms).await,
        RoundError::Http(HttpError::Failed(_)) => core.refused_until("server_failed", pause_ms).await,
        // Sign-in is asked for elsewhere.
        RoundError::Http(HttpError::SessionLost) => core.reached().await,
        RoundError::Store(_) | RoundError::Crypto(_) | RoundError::Nonsense(_) | RoundError::Refused(_) => {
            log(error);
            Ok(())
        }
    };
    if let Err(error) = noted {
        log(&error);
    }
    super::events::settled(core);
}
