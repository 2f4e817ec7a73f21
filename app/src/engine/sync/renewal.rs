//! What runs out and is renewed while the server can be reached: the session's token, the grant, the receipt numbers.

use super::RoundError;
use crate::device::clock;
use crate::device::http::{self, HttpError};
use crate::device::store::{Access, CHAIN, Records, Store, StoreError, Transaction};
use crate::engine::core::Core;
use crate::engine::enrol::enrol_again;
use crate::engine::people::numbers_left;
use crate::engine::records::{DeviceRecord, GrantRecord, NumberBlock, PersonRecord, SessionRecord, name};
use crate::engine::{events, own};
use holdfast_domain::identity::{GrantIssued, GrantRequest, SessionView};
use holdfast_domain::kernel::{AccountId, SiteId};
use holdfast_domain::sales::{BlockRequest, ReceiptBlock};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::outbox_file::Point;
use holdfast_sync::replica::ChainHead;
use holdfast_sync::wire::DEVICE_UNKNOWN;

/// A grant older than this is renewed.
const GRANT_AGE_MS: i64 = 24 * 3_600 * 1_000;
/// Enough numbers to begin with.
pub const NUMBERS_TO_BEGIN: u64 = 500;
/// Fewer numbers than this, and another block is reserved: weeks of a busy till without a network, and still below what the server gives one device.
pub const NUMBERS_FOR_WEEKS: u64 = 9_000;
/// The most blocks asked for at a time.
const MAX_BLOCKS: u32 = 20;

/// Looks whether the server still knows the session, and takes its token.
pub async fn session(core: &Core, store: &Store) -> Result<SessionRecord, RoundError> {
    let view: SessionView = http::get_json("/api/v1/identity/session").await?;
    let record = SessionRecord { view: own::without(view), lost: false };
    store.transact(&[Records::Meta], Access::Relaxed, async |transaction| transaction.put(Records::Meta, name::SESSION, &record)).await?;
    events::device_moved(core).await;
    Ok(record)
}

/// The server does not know the session any more: what waits goes on waiting until somebody signs in.
pub async fn session_lost(core: &Core, store: &Store) -> Result<(), StoreError> {
    let turned = store
        .transact(&[Records::Meta], Access::Relaxed, async |transaction| {
            let session: Option<SessionRecord> = transaction.get(Records::Meta, name::SESSION).await?;
            let Some(session) = session.filter(|session| !session.lost) else { return Ok(false) };
            transaction.put(Records::Meta, name::SESSION, &SessionRecord { lost: true, ..session })?;
            Ok::<_, StoreError>(true)
        })
        .await?;
    if turned {
        events::device_moved(core).await;
    }
    Ok(())
}

/// Whether the account's grant on this device is missing or a day old, or no sealing key was heard of.
pub async fn grant_is_due(transaction: &Transaction, account: AccountId) -> Result<bool, StoreError> {
    // One that came later than now came under a clock that ran ahead: its age is unknown.
    let fresh = |grant: &GrantRecord| (0..GRANT_AGE_MS).contains(&clock::now().0.saturating_sub(grant.received_at.0));
    let person: Option<PersonRecord> = transaction.get(Records::People, account.to_string().as_str()).await?;
    let asked = transaction.get::<Option<Point>>(Records::Meta, name::SEALING).await?.is_some();
    Ok(!asked || !person.and_then(|person| person.grant).as_ref().is_some_and(fresh))
}

/// Renews the grant of the session's account, where the device is enrolled and it [is due](grant_is_due).
pub async fn grant(core: &Core, store: &Store) -> Result<(), RoundError> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let device: Option<DeviceRecord> = transaction.get(Records::Meta, name::DEVICE).await?;
        let session: Option<SessionRecord> = transaction.get(Records::Meta, name::SESSION).await?;
        let Some(session) = session.filter(|session| !session.lost) else { return Ok(None) };
        let account = session.view.account;
        let is_due = grant_is_due(transaction, account).await?;
        let known = transaction.get::<PersonRecord>(Records::People, account.to_string().as_str()).await?.is_some();
        let till = device.and_then(|device| Some((device.device, device.till?.site)));
        Ok(till.filter(|_| is_due && known).map(|till| (till, session)))
    };
    let Some(((device, site), session)) = store.transact(&[Records::Meta, Records::People], Access::Read, read).await? else {
        return Ok(());
    };
    let Some(key) = core.key(store).await? else { return Ok(()) };
    let proof = Bytes(key.sign(&GrantRequest::to_sign(device, &session.view.csrf)).await?);
    let request = GrantRequest { device, proof };
    let issued: GrantIssued = match http::post_json("/api/v1/identity/grants", &session.view.csrf, &request).await {
        Err(HttpError::Refused(code)) if code == DEVICE_UNKNOWN => return enrol_again(core, store).await,
        issued => issued?,
    };
    keep_grant(store, (session.view.account, site), (issued.grant, issued.sealing_key)).await?;
    events::device_moved(core).await;
    Ok(())
}

/// Stores a grant with its person, and what outbox files are sealed to from now on. A server that was restored from a backup may know nothing of the till's
/// `site`, and grant all but that: the grant that the person has still speaks for what is done there.
pub async fn keep_grant(store: &Store, (account, site): (AccountId, SiteId), (jwt, sealing): (String, Option<Point>)) -> Result<(), RoundError> {
    let grant = GrantRecord::read(jwt, clock::now()).map_err(|_| RoundError::Nonsense("a grant that cannot be read"))?;
    if grant.claims.sub != account {
        return Err(RoundError::Nonsense("somebody else's grant"));
    }
    store
        .transact(&[Records::Meta, Records::People], Access::Strict, async |transaction| {
            transaction.put(Records::Meta, name::SEALING, &sealing)?;
            let key = account.to_string();
            if let Some(person) = transaction.get::<PersonRecord>(Records::People, key.as_str()).await? {
                let speaks = |grant: &GrantRecord| grant.claims.whid.contains(&site);
                let grant = match person.grant.clone().filter(|former| speaks(former) && !speaks(&grant)) {
                    Some(former) => GrantRecord { received_at: grant.received_at, ..former },
                    None => grant,
                };
                transaction.put(Records::People, key.as_str(), &PersonRecord { grant: Some(grant), ..person })?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

/// Reserves receipt numbers until there are `enough`.
pub async fn numbers(store: &Store, (device, csrf): (&DeviceRecord, &str), enough: u64) -> Result<(), RoundError> {
    let Some(till) = &device.till else { return Ok(()) };
    let read = async |transaction: &Transaction| transaction.get::<ChainHead>(Records::Meta, CHAIN).await;
    let Some(chain) = store.transact(&[Records::Meta], Access::Read, read).await? else { return Ok(()) };
    for _ in 0..MAX_BLOCKS {
        if numbers_left(store).await? >= enough {
            return Ok(());
        }
        let request = BlockRequest { device: chain.device, chain: chain.chain, till: till.till };
        let block: ReceiptBlock = http::post_json("/api/v1/sales/number-blocks", csrf, &request).await?;
        if (block.device, block.chain) != (chain.device, chain.chain) || block.first > block.last {
            return Err(RoundError::Http(HttpError::Refused("number_block_invalid".to_owned())));
        }
        store
            .transact(&[Records::Numbers], Access::Strict, async |transaction| {
                let key = block.block.to_string();
                // A block that is known keeps its place: numbers that were taken stay taken.
                if transaction.get::<NumberBlock>(Records::Numbers, key.as_str()).await?.is_none() {
                    transaction.put(Records::Numbers, key.as_str(), &NumberBlock::fresh(block))?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    Ok(())
}
